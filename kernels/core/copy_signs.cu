#include <halfulp/kernels/core/strided_queue.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

struct sign_bit_copied {
  template <class Bits>
  __device__ Bits operator()(const Bits (&x)[2]) const {
    constexpr auto sign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
    return static_cast<Bits>((x[0] & static_cast<Bits>(~sign)) | (x[1] & sign));
  }
};
struct complement_copied {
  template <class Bits>
  __device__ Bits operator()(const Bits (&x)[2]) const {
    const int top = 8 * static_cast<int>(sizeof(Bits)) - 1;
    return (x[0] >> top) == (x[1] >> top) ? x[0] : static_cast<Bits>(Bits{0} - x[0]);
  }
};

template <class F, class Bits>
void copy_sign_bits(const void* x, const void* y, const strided_map<2>& m, void* z, const cuda_queue& queue) {
  queue_elements<F>(operands<Bits, 2>{{static_cast<const Bits*>(x), static_cast<const Bits*>(y)}, m.collapsed()}, z,
                    queue);
}

}  // namespace
}  // namespace cuda

void copy_sign_elements(sign_form form, const void* x, const void* y, const strided_map<2>& m, void* z,
                        std::size_t bytes, const cuda_queue& queue) {
  using cuda::complement_copied, cuda::copy_sign_bits, cuda::sign_bit_copied;
  const bool bit = form == sign_form::bit;
  switch (bytes) {
    case 1:
      return copy_sign_bits<complement_copied, std::uint8_t>(x, y, m, z, queue);
    case 2:
      return bit ? copy_sign_bits<sign_bit_copied, std::uint16_t>(x, y, m, z, queue)
                 : copy_sign_bits<complement_copied, std::uint16_t>(x, y, m, z, queue);
    case 4:
      return bit ? copy_sign_bits<sign_bit_copied, std::uint32_t>(x, y, m, z, queue)
                 : copy_sign_bits<complement_copied, std::uint32_t>(x, y, m, z, queue);
    default:
      return bit ? copy_sign_bits<sign_bit_copied, std::uint64_t>(x, y, m, z, queue)
                 : copy_sign_bits<complement_copied, std::uint64_t>(x, y, m, z, queue);
  }
}

}  // namespace halfulp::kernels
