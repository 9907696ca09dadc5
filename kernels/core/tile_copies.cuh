// Copies of a few bytes to shared memory, asynchronous, and short numbers on their way there through registers.
#pragma once

#include <cstdint>

namespace halfulp::kernels::cuda {

/// Copies 4 bytes to shared memory, or 0 where not `reads`; asynchronously, one group of copies after the other.
__device__ inline void copy_or_zero(std::uint32_t to, const void* from, bool reads) {
  asm volatile("{\n .reg .pred p;\n setp.eq.u32 p, %2, 0;\n cp.async.ca.shared.global [%0], [%1], 4, p;\n}" ::"r"(to),
               "l"(from), "r"(static_cast<unsigned>(reads)));
}
/// The same of 16 bytes, both addresses multiples of 16.
__device__ inline void copy_quad_or_zero(std::uint32_t to, const void* from, bool reads) {
  asm volatile("{\n .reg .pred p;\n setp.eq.u32 p, %2, 0;\n cp.async.cg.shared.global [%0], [%1], 16, p;\n}" ::"r"(to),
               "l"(from), "r"(static_cast<unsigned>(reads)));
}
/// 8 bytes, both addresses multiples of 8.
__device__ inline void copy_pair_or_zero(std::uint32_t to, const void* from, bool reads) {
  asm volatile("{\n .reg .pred p;\n setp.eq.u32 p, %2, 0;\n cp.async.ca.shared.global [%0], [%1], 8, p;\n}" ::"r"(to),
               "l"(from), "r"(static_cast<unsigned>(reads)));
}
/// 16 bytes.
__device__ inline void copy_quad(std::uint32_t to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
}
__device__ inline void end_group() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Waits for the copies of this thread but for those of its last `Pending` groups.
template <int Pending>
__device__ void wait_for_groups() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

/// The bits of 16, or 0 where not `reads`. In its place among other instructions: as early as it is written.
__device__ inline std::uint16_t read_or_zero(const void* from, bool reads) {
  std::uint16_t bits;
  asm volatile("{\n .reg .pred p;\n setp.ne.u32 p, %2, 0;\n mov.b16 %0, 0;\n @p ld.global.b16 %0, [%1];\n}"
               : "=h"(bits)
               : "l"(from), "r"(static_cast<unsigned>(reads)));
  return bits;
}

}  // namespace halfulp::kernels::cuda
