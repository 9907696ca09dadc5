// The certificate of a tile's sums, and their rounding.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/tile.cuh>

namespace halfulp::kernels::cuda {

/// At least the norm of numbers whose weighted squares were added up in binary32, a square taking part in n operations at
/// most: each is within 2^-24, or 2^-150, and multiplies what came before by n at most.
__device__ inline double norm_above(double squares, double n) {
  return sqrt((squares + n * n * 0x1p-149) * (1 + n * 0x1p-22)) * (1 + 0x1p-40);
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
      : p_(p),
        margin_(margin),
        thread_(static_cast<int>(threadIdx.x)),
        lines_are_whole_(p.out.horizontal_step == 1 && p.out.vertical_step == p.horizontal.columns) {}

  /// Threads note where the sums of a column go, and what those of a row start from.
  __device__ void begin(const tile_corner& at) {
    at_ = at;
    columns_left_ = static_cast<int>(min(p_.columns() - at.column, static_cast<std::int64_t>(Tile::columns)));
    rows_left_ = static_cast<int>(min(p_.rows - at.row, static_cast<std::int64_t>(Tile::rows)));
    out_ = p_.out.data + at.group * p_.out.group_step + at.row * p_.out.row_step;
    if (thread_ < Tile::columns) {
      const auto j = static_cast<unsigned>(at.column + min(thread_, columns_left_ - 1));
      const auto across = static_cast<unsigned>(p_.horizontal.columns), down = static_cast<unsigned>(p_.vertical.columns);
      const unsigned line = j / across, outer = line / down;
      margin_.out[thread_] = outer * p_.out.outer_step + (line - outer * down) * p_.out.vertical_step +
                             (j - line * across) * p_.out.horizontal_step;
    }
    if (thread_ >= Tile::rows) return;
    const bool has = p_.start != nullptr && thread_ < rows_left_;
    margin_.start[thread_] = has ? widen(p_.start[at.group * p_.rows + at.row + thread_]) : 0;
  }

  /// This thread's column and row: X and W above.
  __device__ void set_norms(double column_squares, double row_squares) const {
    const auto n = static_cast<double>(p_.depth() + 4 * Tile::terms);
    if (thread_ < Tile::columns) margin_.column_norm[thread_] = norm_above(column_squares, n);
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
    return {r < rows_left_, start, margin_.row_norm[r] * each,
            fma(fabs(start), of_start, static_cast<double>(p_.depth()) * 0x1p-177), out_ + r * p_.out.row_step};
  }

  /// Rounds two sums of a row in neighbouring columns, as tensor cores leave them; returns a bit for each whose rounding
  /// is not known.
  __device__ unsigned round(const row_sums& row, int column, double first, double second) const {
    T rounded[2];
    const bool known[2] = {decide_one(row, column, first, rounded[0]), decide_one(row, column + 1, second, rounded[1])};
    const int left = row.exists ? columns_left_ - column : 0;
    store(row.line, column, left, rounded);
    return (!known[0] && left > 0 ? 1u : 0u) | (!known[1] && left > 1 ? 2u : 0u);
  }
  /// Leaves the sums of this thread whose bits are set, from its k-th on.
  __device__ void leave(std::uint64_t sums, int k, const left_sums& left) const {
    for (; sums != 0; sums &= sums - 1) {
      const sum_place<Tile> s(thread_, k + __ffsll(static_cast<long long>(sums)) - 1);
      left.add((at_.group * p_.rows + at_.row + s.row) * p_.columns() + at_.column + s.column);
    }
  }

 private:
  __device__ bool decide_one(const row_sums& row, int column, double lowered_sum, T& rounded) const {
    const double radius = fma(row.norm, margin_.column_norm[column], row.least);
    return decide_near(fma(lowered_sum, raising, row.start), radius, rounded);
  }
  __device__ void store(T* line, int column, int left, const T (&rounded)[2]) const {
    struct alignas(2 * sizeof(T)) pair {
      T value[2];
    };
    T *first = line + margin_.out[column], *second = line + margin_.out[column + 1];
    const bool together = lines_are_whole_ & (second - first == 1) & (left > 1) &
                          (reinterpret_cast<std::uintptr_t>(first) % sizeof(pair) == 0);
    if (together) {
      *reinterpret_cast<pair*>(first) = {{rounded[0], rounded[1]}};
    } else {
      if (left > 0) *first = rounded[0];
      if (left > 1) *second = rounded[1];
    }
  }

  const window_product<T>& p_;
  tile_margin<Tile>& margin_;
  int thread_, columns_left_ = 0, rows_left_ = 0;
  bool lines_are_whole_;
  T* out_ = nullptr;
  tile_corner at_{};
};

}  // namespace halfulp::kernels::cuda
