// A call on the GPU and on the CPU, bit for bit.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/kernels/kernel.hpp>

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
    std::vector<unsigned char> host(bytes_ + 2 * margin);
    check_cuda(cudaMemcpy(host.data(), data_, host.size(), cudaMemcpyDefault));
    for (std::size_t k = 0; k < margin; ++k)
      if (host[k] != poison || host[host.size() - 1 - k] != poison) FAIL("a byte outside the output was written");
    return {host.begin() + margin, host.end() - margin};
  }

 private:
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
  if constexpr (requires { a.x; }) copy_to_device(a.x, keep);
  if constexpr (requires { a.y; }) copy_to_device(a.y, keep);
  if constexpr (requires { a.dy; }) copy_to_device(a.dy, keep);
  if constexpr (requires { a.weight; }) copy_to_device(a.weight, keep);
  if constexpr (requires { a.bias; }) copy_to_device(a.bias, keep);
  if constexpr (requires { a.index; }) {
    if (!a.index.narrow.empty()) copy_to_device(a.index.narrow, keep);
    if (!a.index.wide.empty()) copy_to_device(a.index.wide, keep);
  }
  return a;
}

/// What has been compared.
struct comparison {
  std::int64_t outputs = 0, wrong = 0;
  tier_counts decided;
  std::string first_wrong;
  comparison& operator+=(const comparison& o) {
    if (wrong == 0) first_wrong = o.first_wrong;
    outputs += o.outputs;
    wrong += o.wrong;
    decided += o.decided;
    return *this;
  }
};

/// "conv2d [1, 2, 3, 4]: element 5 is 0x01 and not 0x02"
template <class Op, class T>
std::string text_of(const tensor& want, std::size_t element, const unsigned char* got) {
  const auto number = [](const void* bits) {
    std::string text = "0x";
    for (std::size_t k = sizeof(T); k-- > 0;) {
      const unsigned byte = static_cast<const unsigned char*>(bits)[k];
      text += "0123456789abcdef"[byte / 16];
      text += "0123456789abcdef"[byte % 16];
    }
    return text;
  };
  return std::string(Op::name) + " " + to_string(want.shape()) + ": element " + std::to_string(element) + " is " +
         number(got) + " and not " + number(want.bytes().data() + element * sizeof(T));
}

/// Computes on the GPU, into poisoned memory, in a stream of its own, and compares with `want`.
template <class Op, class T>
comparison compare_with(const args_of<Op, T>& a, const tensor& want) {
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_bytes out(want.bytes().size()), counts(sizeof(tier_counts));
  const tier_counts none;
  counts.fill(&none);
  tensor_view view{out.data(), want.type(), want.shape(), row_major_strides(want.shape()), true};
  cudaStream_t stream = nullptr;
  check_cuda(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  check_cuda(cudaDeviceSynchronize());
  kernels::compute_on_cuda<Op, T>(device, {&view, 1}, {stream, nullptr, static_cast<tier_counts*>(counts.data())});
  check_cuda(cudaStreamSynchronize(stream));
  check_cuda(cudaStreamDestroy(stream));
  comparison c;
  const auto bits = out.read();
  const std::size_t width = sizeof(T);
  for (std::size_t k = 0; k < bits.size(); k += width) {
    if (std::memcmp(bits.data() + k, want.bytes().data() + k, width) == 0) continue;
    if (c.wrong++ == 0) c.first_wrong = text_of<Op, T>(want, k / width, bits.data() + k);
  }
  c.outputs = want.numel();
  std::memcpy(&c.decided, counts.read().data(), sizeof(c.decided));
  return c;
}

/// The same, `want` being what the CPU kernel computes.
template <class Op, class T>
comparison compare(const call& c) {
  const auto a = Op::template bind<T>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, T>(a, std::vector{want.view()});
  return compare_with<Op, T>(a, want);
}

template <class Op>
call call_for(const argument::list& positional, const named_arguments& named = {}) {
  return {signature_of<Op>(), positional, named};
}

}  // namespace halfulp::tests
