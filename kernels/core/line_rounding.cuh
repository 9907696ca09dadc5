// The rounding of tiles of whole lines, and their certificate.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/binary32_rounding.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/line_tile.cuh>
#include <halfulp/kernels/core/tensor_core.cuh>

namespace halfulp::kernels::cuda {

/// Of a warp: so many rows of one line's 56 columns. With g = lane / 4 and t = lane % 4 a lane has of each 16 rows the sums of
/// rows g and g + 8, columns 14 t to 14 t + 13.
///
/// Every addition loses at most u of what it gives [higham02, 4.2]: with m = 72 of them between two looks,
///   m u (1 + n u) (R + X W) + 2 u (|start| + X W),
/// see tile_rounding; norms and R hold as there, and are in binary32 here, always rounded up, in units of 2^-52.
class line_rounding {
 public:
  static constexpr int slots = 7, blocks = line_tile::warp_rows / 16;
  using block_sums = double[slots][4];

  __device__ line_rounding(const window_product<float>& p, const line_plan& plan, const line_memory& memory,
                           const left_sums& left, int thread, int norm_stage)
      : p_(p), plan_(plan), memory_(memory), left_(left), thread_(thread), norm_stage_(norm_stage) {}

  __device__ static int line_of(int thread) { return thread / lanes % line_plan::lines; }
  __device__ static int first_row_of(int thread) { return thread / lanes / line_plan::lines * line_tile::warp_rows; }

  /// Rounds what is certain, and leaves the rest.
  __device__ void round(const line_plan::place& at, const block_sums (&sum)[blocks]) const {
    constexpr double each = line_tile::additions * 0x1p-1 * (1 + 0x1p-20);  // units of 2^-52, of which u is half
    const float of_all =
        __double2float_ru(fma(memory_.reach[thread_] * raising, each, static_cast<double>(p_.depth()) * 0x1p-125));
#pragma unroll
    for (int r = 0; r < blocks; ++r)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = first_row_of(thread_) + 16 * r + 8 * half + thread_ % lanes / 4;
        float rounded[of_row];
        const unsigned left = round_row(at, row, of_all, sum[r], half, rounded);
        const std::int64_t i = at.row_tile * line_plan::rows + row;
        const int down = at.line + line_of(thread_), exist = plan_.line_columns - first_column();
        if (i >= p_.rows || down >= plan_.down || exist <= 0) continue;
        store(p_.out.data + at.group * p_.out.group_step + i * p_.out.row_step + at.image * p_.out.outer_step +
                  down * p_.out.vertical_step + first_column(),
              exist, rounded);
        leave((at.group * p_.rows + i) * p_.columns() +
                  (at.image * p_.vertical.columns + down) * p_.horizontal.columns + first_column(),
              exist < of_row ? left & ((1u << exist) - 1) : left);
      }
  }

 private:
  static constexpr int of_row = 2 * slots;

  __device__ int first_column() const {
    return of_row * (thread_ % 4);
  }
  __device__ static double sum_at(const block_sums& sum, int half, int i) {
    return sum[i % slots][2 * half + i / slots];
  }

  /// A bit for each sum whose rounding is not known.
  __device__ unsigned round_row(const line_plan::place& at, int row, float of_all, const block_sums& sum, int half,
                                float (&rounded)[of_row]) const {
    constexpr float of_norms = (line_tile::additions + 2) * .5f * (1 + 0x1p-20f);
    const std::int64_t r = at.row_tile * line_plan::rows + row;
    const double start = p_.start == nullptr || r >= p_.rows ? 0. : widen(p_.start[at.group * p_.rows + r]);
    const float norm = __fmul_ru(memory_.row_norm[norm_stage_][row], of_norms),
                least = __fadd_ru(fabsf(__double2float_ru(fabs(start))), of_all);
    const float* const norms = memory_.column_norm[norm_stage_][line_of(thread_)] + first_column();
    unsigned left = 0;
    bool are_normal = true;
#pragma unroll
    for (int i = 0; i < of_row; ++i) {
      const nearly_rounded s(fma(sum_at(sum, half, i), raising, start));
      rounded[i] = s.rounded();
      left |= __fmaf_ru(norm, norms[i], least) < s.room() ? 0u : 1u << i;
      are_normal = are_normal & s.is_normal();
    }
    if (are_normal) return left;
    left = 0;
#pragma unroll
    for (int i = 0; i < of_row; ++i) {
      const double radius = static_cast<double>(__fmaf_ru(norm, norms[i], least)) * 0x1p-52;
      const double s = fma(sum_at(sum, half, i), raising, start);
      left |= decide_near(s, radius, rounded[i]) ? 0u : 1u << i;
    }
    return left;
  }
  __device__ void store(float* out, int exist, const float (&rounded)[of_row]) const {
    if (plan_.pairs) {
#pragma unroll
      for (int i = 0; i < of_row; i += 2)
        if (i < exist) *reinterpret_cast<float2*>(out + i) = {rounded[i], rounded[i + 1]};
    } else {
#pragma unroll
      for (int i = 0; i < of_row; ++i)
        if (i < exist) out[i] = rounded[i];
    }
  }
  __device__ void leave(std::int64_t first, unsigned left) const {
    for (; left != 0; left &= left - 1) left_.add(first + __ffs(static_cast<int>(left)) - 1);
  }

  const window_product<float>& p_;
  const line_plan& plan_;
  const line_memory& memory_;
  const left_sums& left_;
  int thread_, norm_stage_;
};

}  // namespace halfulp::kernels::cuda
