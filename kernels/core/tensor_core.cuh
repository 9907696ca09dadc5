// Products of small binary64 matrices on tensor cores, of compute capability 9.0 or above.
#pragma once

#include <cstdint>

namespace halfulp::kernels::cuda {

/// sum += image * factor for a 16 x 8 matrix by an 8 x 8 one, shared by a warp. With g = lane / 4 and t = lane % 4 a lane
/// holds image elements (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), factor elements (t, g), (t + 4, g), and of the sum
/// (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1).
/// Every product-sum is that of a fused multiply-add to nearest, subnormal numbers kept, in whatever order they are added.
/// [ptx, mma: .f64 has the precision of fma]
__device__ inline void multiply_add(double (&sum)[4], const double (&image)[4], const double (&factor)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+d"(sum[0]), "+d"(sum[1]), "+d"(sum[2]), "+d"(sum[3])
      : "d"(image[0]), "d"(image[1]), "d"(image[2]), "d"(image[3]), "d"(factor[0]), "d"(factor[1]));
}

/// multiply_add, in the order in which it is called: of which other registers are free depends on that.
__device__ inline void multiply_add_in_order(double (&sum)[4], const double (&image)[4], const double (&factor)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+d"(sum[0]), "+d"(sum[1]), "+d"(sum[2]), "+d"(sum[3])
      : "d"(image[0]), "d"(image[1]), "d"(image[2]), "d"(image[3]), "d"(factor[0]), "d"(factor[1]));
}

/// The same of 16 x 16 by 16 x 8: terms t + 4 i are the i-th pair of image elements and the i-th factor element of a lane.
__device__ inline void multiply_add(double (&sum)[4], const double (&image)[8], const double (&factor)[4]) {
  asm volatile(  // in order: else operands of many are held at a time
      "mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7, %8, %9, %10, %11}, "
      "{%12, %13, %14, %15}, {%0, %1, %2, %3};"
      : "+d"(sum[0]), "+d"(sum[1]), "+d"(sum[2]), "+d"(sum[3])
      : "d"(image[0]), "d"(image[1]), "d"(image[2]), "d"(image[3]), "d"(image[4]), "d"(image[5]), "d"(image[6]),
        "d"(image[7]), "d"(factor[0]), "d"(factor[1]), "d"(factor[2]), "d"(factor[3]));
}

/// 2^-896 x for a finite x, exactly, in three instructions: the bits of a binary32 number, its exponent kept as it is
/// (subnormal numbers become subnormal ones). Infinities and NaNs become finite numbers.
__device__ inline double lowered(std::uint32_t bits) {
  const auto high = static_cast<int>((static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 3)) & 0x8fffffffu);
  return __hiloint2double(high, static_cast<int>(bits << 29));
}
inline constexpr double raising = 0x1p896;

}  // namespace halfulp::kernels::cuda
