// Products of bytes by groups of four warps, and what they wait for. Only for sm_90a.  [ptx]
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/workspace.hpp>

namespace halfulp::kernels::cuda {

/// Whether the current device is of the architecture that has these instructions, and no later one. Throws device_error.
inline bool has_wgmma() {
  int device = 0, major = 0, minor = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device), "cudaDeviceGetAttribute");
  return major == 9 && minor == 0;
}

__device__ inline std::uint32_t shared_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

__device__ inline void init_barrier(std::uint64_t* barrier, unsigned arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals));
}
/// Makes barriers that were just initialised known to copies.
__device__ inline void fence_barriers() {
  asm volatile("fence.mbarrier_init.release.cluster;\n\tfence.proxy.async;" ::: "memory");
}
__device__ inline void arrive_barrier(std::uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}
/// Arrives, and has the phase wait for so many bytes, too.
__device__ inline void expect_bytes(std::uint64_t* barrier, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes)
               : "memory");
}
/// Until the phase of this parity is over; before the first one, that of parity 1 is.
__device__ inline void wait_barrier(std::uint64_t* barrier, unsigned parity) {
  asm volatile(
      "{\n\t.reg .pred done;\n"
      "again:\n\t"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n\t"
      "@!done bra again;\n}" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
}
/// Of a multiple of 16 bytes; the barrier learns when they are there.
__device__ inline void copy_bytes(void* to, const void* from, unsigned bytes, std::uint64_t* barrier) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                   shared_address(to)),
               "l"(__cvta_generic_to_global(from)), "r"(bytes), "r"(shared_address(barrier))
               : "memory");
}

/// Lines of 16 bytes, eight of them in a row 128 bytes; the next 16 bytes of the same lines `step` bytes on.
__device__ inline std::uint64_t operand_descriptor(const void* first, int step) {
  return static_cast<std::uint64_t>((shared_address(first) & 0x3ffff) >> 4) |
         static_cast<std::uint64_t>(step >> 4) << 16 | static_cast<std::uint64_t>(128 >> 4) << 32;
}

__device__ inline void begin_products() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ inline void end_products() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Until no more than `Groups` of the groups that were ended are under way.
template <int Groups>
__device__ inline void wait_products() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Groups) : "memory");
}

// Operands of the instruction, by the number of sums of a thread: their places in its text, and the sums.
#define HALFULP_PLACES_48                                                            \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"             \
  ", %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31" \
  ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
#define HALFULP_PLACES_96                                                            \
  HALFULP_PLACES_48                                                                  \
  ", %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63" \
  ", %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79" \
  ", %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define HALFULP_PLACES_112 \
  HALFULP_PLACES_96        \
  ", %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111"
#define HALFULP_PLACES_128 \
  HALFULP_PLACES_112       \
  ", %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
#define HALFULP_4_SUMS(i) "+r"(sum[i]), "+r"(sum[i + 1]), "+r"(sum[i + 2]), "+r"(sum[i + 3])
#define HALFULP_16_SUMS(i) HALFULP_4_SUMS(i), HALFULP_4_SUMS(i + 4), HALFULP_4_SUMS(i + 8), HALFULP_4_SUMS(i + 12)
#define HALFULP_SUMS_48 HALFULP_16_SUMS(0), HALFULP_16_SUMS(16), HALFULP_16_SUMS(32)
#define HALFULP_SUMS_96 HALFULP_SUMS_48, HALFULP_16_SUMS(48), HALFULP_16_SUMS(64), HALFULP_16_SUMS(80)
#define HALFULP_SUMS_112 HALFULP_SUMS_96, HALFULP_16_SUMS(96)
#define HALFULP_SUMS_128 HALFULP_SUMS_112, HALFULP_16_SUMS(112)
#define HALFULP_BYTE_PRODUCTS(columns_of_tile, sums, rows_place, columns_place)                                   \
  __device__ inline void add_byte_products(std::int32_t(&sum)[sums], std::uint64_t rows, std::uint64_t columns) { \
    asm volatile(                                                                                                 \
        "{\n\t.reg .pred adds;\n\tsetp.ne.b32 adds, 1, 0;\n\t"                                                    \
        "wgmma.mma_async.sync.aligned.m64n" #columns_of_tile "k32.s32.s8.s8 {" HALFULP_PLACES_##sums              \
        "}, %" #rows_place ", %" #columns_place ", adds;\n\t}"                                                    \
        : HALFULP_SUMS_##sums                                                                                     \
        : "l"(rows), "l"(columns));                                                                               \
  }

/// sum += rows * columns, 64 rows and 192, 224 or 256 columns of 32 terms, by four warps. A thread has sums 4 w, ...,
/// 4 w + 3 of rows r and r + 8, columns 8 w + c and 8 w + c + 1, with r = 16 warp + lane / 4 and c = 2 (lane % 4).
HALFULP_BYTE_PRODUCTS(192, 96, 96, 97)
HALFULP_BYTE_PRODUCTS(224, 112, 112, 113)
HALFULP_BYTE_PRODUCTS(256, 128, 128, 129)

#undef HALFULP_BYTE_PRODUCTS

#define HALFULP_BYTE_PRODUCTS(columns_of_tile, sums, rows_place, columns_place, adds_place)                            \
  __device__ inline void multiply_bytes(std::int32_t(&sum)[sums], std::uint32_t rows, std::uint32_t columns,           \
                                        int adds) {                                                                    \
    asm volatile("{\n\t.reg .pred adds;\n\t.reg .b64 rows, columns;\n\tsetp.ne.b32 adds, %" #adds_place                \
                 ", 0;\n\tmov.b64 rows, {%" #rows_place ", 8};\n\tmov.b64 columns, {%" #columns_place                  \
                 ", 8};\n\twgmma.mma_async.sync.aligned.m64n" #columns_of_tile "k32.s32.s8.s8 {" HALFULP_PLACES_##sums \
                 "}, rows, columns, adds;\n\t}"                                                                        \
                 : HALFULP_SUMS_##sums                                                                                 \
                 : "r"(rows), "r"(columns), "r"(adds));                                                                \
  }

/// The same of 96 columns, without what was in `sum` where `adds` is 0; by the lower halves of descriptors.
HALFULP_BYTE_PRODUCTS(96, 48, 48, 49, 50)

#undef HALFULP_BYTE_PRODUCTS
#undef HALFULP_SUMS_128
#undef HALFULP_SUMS_112
#undef HALFULP_SUMS_96
#undef HALFULP_SUMS_48
#undef HALFULP_16_SUMS
#undef HALFULP_4_SUMS
#undef HALFULP_PLACES_128
#undef HALFULP_PLACES_112
#undef HALFULP_PLACES_96
#undef HALFULP_PLACES_48

}  // namespace halfulp::kernels::cuda
