// A call on the GPU and on the CPU, bit for bit.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include <halfulp/kernels/core/spans.hpp>
#include <halfulp/kernels/cuda_found.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/bind.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {

inline void check_cuda(cudaError_t code) {
  INFO(cudaGetErrorString(code));
  REQUIRE(code == cudaSuccess);
}

/// Bytes in device memory between two margins that nothing may write to, all of them poisoned.
class device_bytes {
 public:
  explicit device_bytes(std::size_t bytes) : bytes_(bytes) {
    check_cuda(cudaMalloc(&data_, bytes + 2 * margin));
    check_cuda(cudaMemset(data_, poison, bytes + 2 * margin));
  }
  ~device_bytes() { (void)cudaFree(data_); }
  device_bytes(const device_bytes&) = delete;
  device_bytes& operator=(const device_bytes&) = delete;

  void* data() const { return static_cast<std::byte*>(data_) + margin; }
  void fill(const void* from) const { check_cuda(cudaMemcpy(data(), from, bytes_, cudaMemcpyDefault)); }
  std::vector<unsigned char> read() const {
    std::vector<unsigned char> host(bytes_);
    read_to(host.data());
    return host;
  }
  void read_to(unsigned char* host) const {
    check_margin(static_cast<const std::byte*>(data_));
    check_margin(static_cast<const std::byte*>(data_) + margin + bytes_);
    check_cuda(cudaMemcpy(host, data(), bytes_, cudaMemcpyDefault));
  }

 private:
  static void check_margin(const std::byte* at) {
    unsigned char host[margin];
    check_cuda(cudaMemcpy(host, at, margin, cudaMemcpyDefault));
    for (const unsigned char byte : host)
      if (byte != poison) FAIL("a byte outside the output was written");
  }
  static constexpr unsigned char poison = 0xa7;
  static constexpr std::size_t margin = 256;
  std::size_t bytes_;
  void* data_ = nullptr;
};

using device_copies = std::vector<std::unique_ptr<device_bytes>>;

template <class T>
void copy_to_device(std::span<const T>& s, device_copies& keep) {
  keep.push_back(std::make_unique<device_bytes>(s.size_bytes()));
  if (!s.empty()) keep.back()->fill(s.data());
  s = {static_cast<const T*>(keep.back()->data()), s.size()};
}

/// The same arguments, what they read in device memory.
template <class Args>
Args on_device(Args a, device_copies& keep) {
  auto copy = [&](auto& span) { copy_to_device(span, keep); };
  kernels::for_each_span(a, copy);
  return a;
}

/// What has been compared.
struct comparison {
  std::int64_t outputs = 0, wrong = 0;
  tier_counts decided;
  std::int64_t by_host = 0;
  std::string first_wrong;
  comparison& operator+=(const comparison& o) {
    if (wrong == 0) first_wrong = o.first_wrong;
    outputs += o.outputs;
    wrong += o.wrong;
    decided += o.decided;
    by_host += o.by_host;
    return *this;
  }
};

/// No bit differs from those of the CPU, and some tier decided each of the `parts` components of every output, once.
inline void check_bits(const comparison& c, int parts) {
  CHECK(c.wrong == 0);
  CHECK(std::accumulate(c.decided.count.begin(), c.decided.count.end(), std::int64_t{0}) == parts * c.outputs);
}

/// Compares the bits in device memory with those of a tensor. name: of the op, for the first that differs.
comparison compare_bits(const char* name, const device_bytes& got, const tensor& want);

/// Memory on the device for outputs of these types, poisoned, and where they lie.
struct device_outputs {
  explicit device_outputs(const std::vector<tensor_type>& types);
  device_copies memory;
  std::vector<tensor_view> view;
};

/// A stream of its own, and counts of tiers that begin at 0.
class device_queue {
 public:
  device_queue();
  ~device_queue();
  device_queue(const device_queue&) = delete;
  device_queue& operator=(const device_queue&) = delete;
  kernels::cuda_queue get() const;
  /// Waits for the stream.
  tier_counts finish() const;

 private:
  cudaStream_t stream_ = nullptr;
  device_bytes counts_{sizeof(tier_counts)};
};

/// Computes on the GPU, into poisoned memory, in a stream of its own, and compares with `want`.
template <class Op, class T>
comparison compare_with(const args_of<Op, T>& a, const tensor& want) {
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out({{want.type(), want.shape()}});
  const device_queue queue;
  std::int64_t by_host = 0;
  kernels::cuda_queue counted = queue.get();
  counted.by_host = &by_host;
  kernels::compute_on_cuda<Op, T>(device, out.view, counted);
  const tier_counts decided = queue.finish();
  comparison c = compare_bits(Op::name, *out.memory[0], want);
  c.decided = decided;
  c.by_host = by_host;
  return c;
}

/// The same, `want` being what the CPU kernel computes.
template <class Op, class T>
comparison compare_fixed(const args_of<Op, T>& a) {
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, T>(a, std::vector{want.view()});
  return compare_with<Op, T>(a, want);
}
/// The same for outputs whose shapes the elements tell: how many values there are, and each output.
template <class Op, class T>
comparison compare_found(const args_of<Op, T>& a) {
  const auto want = kernels::compute_found<Op, T>(a).outputs;
  device_copies keep;
  const auto device = on_device(a, keep);
  std::vector<tensor_type> types;
  for (const tensor& t : want) types.push_back({t.type(), t.shape()});
  const device_outputs out(types);
  const device_bytes found(sizeof(std::int64_t));
  const device_queue queue;
  kernels::compute_found_on_cuda<Op, T>(device, out.view, static_cast<std::int64_t*>(found.data()), queue.get());
  (void)queue.finish();
  tensor number(dtype::int64, {1});
  number.elements<std::int64_t>()[0] = want[0].shape()[std::max(0, a.shape.axis)];
  comparison all = compare_bits(Op::name, found, number);
  for (std::size_t k = 0; k < want.size(); ++k) all += compare_bits(Op::name, *out.memory[k], want[k]);
  return all;
}
template <class Op, class T>
comparison compare_args(const args_of<Op, T>& a) {
  if constexpr (fixed_outputs<Op, T>)
    return compare_fixed<Op, T>(a);
  else
    return compare_found<Op, T>(a);
}
template <class Op, class T>
comparison compare(const call& c) {
  return compare_args<Op, T>(Op::template bind<T>(c));
}

template <class Op>
call call_for(const argument::list& positional, const named_arguments& named = {}) {
  return {signature_of<Op>(), positional, named};
}

}  // namespace halfulp::tests
