// The certificate of a tile's sums, and their rounding.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/tile.cuh>

namespace halfulp::kernels::cuda {

/// At least the norm of n numbers whose squares, multiplied by their weights, were added up in binary32: each operation is
/// within 2^-24, or 2^-150.
__device__ inline double norm_above(double squares, double n) {
  return sqrt((squares + n * 0x1p-149) * (1 + n * 0x1p-22)) * (1 + 0x1p-40);
}

/// The longest sums for which norm_above holds: (1 + 2^-24)^n <= 1 + n 2^-22.
inline constexpr std::int64_t most_tile_terms = std::int64_t{1} << 21;

/// Let X_s and W_s be the norms of what a column and a row hold in slabs 1 to s of a part of a sum. A partial sum of slab s
/// is a sum of some of their products, at most X_s W_s, and each addition loses at most u of what it gives. So a part
/// of S slabs of 16 terms loses at most
///   16 u (1 + n u) (X_1 W_1 + ... + X_S W_S) <= 16 u (1 + n u) X W,   X^2 = X_1^2 + ... + X_S^2,   W likewise;
/// the squares of slab s have weight S - s + 1 in X^2. Parts are joined without further loss but for u of their sum, X^2
/// and W^2 added up, and the start for another u.  [higham02, 4.2; cauchy]
template <class T, class Tile>
class tile_rounding {
 public:
  __device__ tile_rounding(const window_product<T>& p, tile_margin<Tile>& margin)
      : p_(p), margin_(margin), thread_(static_cast<int>(threadIdx.x)) {}

  /// Every thread notes where the sums of a column go, and what those of a row start from.
  __device__ void begin(const tile_corner& at) {
    at_ = at;
    columns_left_ = static_cast<int>(min(p_.columns() - at.column, static_cast<std::int64_t>(Tile::columns)));
    const window_index c = column_at(p_, min(static_cast<std::int64_t>(at.column) + thread_, p_.columns() - 1));
    margin_.out[thread_] =
        c.outer * p_.out.outer_step + c.vertical * p_.out.vertical_step + c.horizontal * p_.out.horizontal_step;
    if (thread_ >= Tile::rows) return;
    const bool has = p_.start != nullptr && at.row + thread_ < p_.rows;
    margin_.start[thread_] = has ? widen(p_.start[at.group * p_.rows + at.row + thread_]) : 0;
  }

  /// This thread's column and row: X and W above.
  __device__ void set_norms(double column_squares, double row_squares) const {
    const auto n = static_cast<double>(p_.depth() + 2 * Tile::terms);
    margin_.column_norm[thread_] = norm_above(column_squares, n);
    if (thread_ < Tile::rows) margin_.row_norm[thread_] = norm_above(row_squares, n);
  }

  /// What the sums of a row have in common.
  struct row_sums {
    bool exists;
    double start, norm, least;
    T* line;
  };
  __device__ row_sums row(int r) const {
    constexpr double each = (Tile::terms + 3) * unit_roundoff * (1 + 0x1p-20), of_start = 2 * unit_roundoff;
    const double start = margin_.start[r];
    return {at_.row + r < p_.rows, start, margin_.row_norm[r] * each,
            fma(fabs(start), of_start, static_cast<double>(p_.depth()) * 0x1p-177),
            p_.out.data + at_.group * p_.out.group_step + (at_.row + r) * p_.out.row_step};
  }

  /// Rounds one sum of a row, as tensor cores leave it; true where its bits are not known.
  __device__ bool round(const row_sums& row, int column, double lowered_sum) const {
    if (!row.exists || column >= columns_left_) return false;
    const double radius = fma(row.norm, margin_.column_norm[column], row.least);
    T rounded;
    const bool known = decide_near(fma(lowered_sum, raising, row.start), radius, rounded);
    row.line[margin_.out[column]] = rounded;
    return !known;
  }
  /// Leaves the sums of this thread, from its k-th on, whose bits are set.
  __device__ void leave(std::uint64_t sums, int k, const left_sums& left) const {
    for (; sums != 0; sums &= sums - 1) {
      const sum_place<Tile> s(thread_, k + __ffsll(static_cast<long long>(sums)) - 1);
      left.add((at_.group * p_.rows + at_.row + s.row) * p_.columns() + at_.column + s.column);
    }
  }

 private:
  const window_product<T>& p_;
  tile_margin<Tile>& margin_;
  int thread_, columns_left_ = 0;
  tile_corner at_{};
};

}  // namespace halfulp::kernels::cuda
