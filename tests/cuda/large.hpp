// Tensors of more than 2^31 elements for the tests on a GPU.
#pragma once

#include <cstring>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

/// Random bytes over and over, of a prime length: what is read or written 2^31 or 2^32 away has other ones.
class repeated_bytes {
 public:
  explicit repeated_bytes(random_source& r) : bytes_(period) {
    for (unsigned char& b : bytes_) b = static_cast<unsigned char>(r.between(0, 255));
  }
  unsigned char operator[](std::int64_t i) const { return bytes_[static_cast<std::size_t>(i % period)]; }
  void fill(std::span<std::byte> to) const {
    for (std::size_t at = 0; at < to.size(); at += period)
      std::memcpy(to.data() + at, bytes_.data(), std::min(to.size() - at, bytes_.size()));
  }

 private:
  static constexpr std::size_t period = 1000003;
  std::vector<unsigned char> bytes_;
};

inline tensor large_tensor(const repeated_bytes& bytes, dtype type, const extents& shape) {
  tensor t(type, shape);
  bytes.fill(t.bytes());
  return t;
}

/// What the GPU makes of a call, in memory of the host.
template <class Op, class T>
tensor computed(const call& c, const std::vector<std::int64_t>& shape) {
  const auto a = Op::template bind<T>(c);
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out(Op::outputs(a));
  const device_queue queue;
  kernels::compute_on_cuda<Op, T>(device, out.view, queue.get());
  extents e;
  for (const std::int64_t n : shape) e.push_back(n);
  tensor host(dtype_of<T>, e);
  CHECK(queue.finish()[tier::exact] == host.numel());
  out.memory[0]->read_to(reinterpret_cast<unsigned char*>(host.bytes().data()));
  return host;
}

/// Two shapes of more than 2^31 elements, the first with rows that are a whole number of packed elements or not.
inline constexpr std::int64_t rows = 32769, even = 65536, odd = 65537, narrow_rows = 65537, narrow_width = 32769;

}  // namespace halfulp::tests
