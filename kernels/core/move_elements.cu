#include <halfulp/kernels/core/transposed_tiles.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

struct moved {
  template <class Bits>
  __device__ Bits operator()(const Bits (&x)[1]) const {
    return x[0];
  }
};

template <class Bits>
void move_bits(const void* x, const strided_map<1>& m, void* y, const cuda_queue& queue) {
  const operands<Bits, 1> o{{static_cast<const Bits*>(x)}, m.collapsed()};
  if (product(o.map.shape) == 0) return;
  if (const int row = transposed_dimension(o); row >= 0) return queue_transposed(o, row, static_cast<Bits*>(y), queue);
  queue_elements<moved>(o, y, queue);
}

}  // namespace
}  // namespace cuda

void move_elements(const void* x, const strided_map<1>& m, void* y, std::size_t bytes, const cuda_queue& queue) {
  switch (bytes) {
    case 1:
      return cuda::move_bits<std::uint8_t>(x, m, y, queue);
    case 2:
      return cuda::move_bits<std::uint16_t>(x, m, y, queue);
    case 4:
      return cuda::move_bits<std::uint32_t>(x, m, y, queue);
    case 8:
      return cuda::move_bits<std::uint64_t>(x, m, y, queue);
    default:
      return cuda::move_bits<cuda::wide_bits>(x, m, y, queue);
  }
}

}  // namespace halfulp::kernels
