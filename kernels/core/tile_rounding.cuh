// The certificate of a tile's sums, and their rounding.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/short_rounding.hpp>
#include <halfulp/kernels/core/tile.cuh>

namespace halfulp::kernels::cuda {

/// At least the norm of numbers whose squares were added up in binary32, a square taking part in n operations at most:
/// each is within 2^-24, or 2^-150.
__device__ inline double norm_above(double squares, double n) {
  return sqrt((squares + n * 0x1p-149) * (1 + n * 0x1p-22)) * (1 + 0x1p-40);
}

/// So many parts are added up one after the other; more are joined by error-free sums.
inline constexpr int most_joined = 4;

/// The longest sums for which norm_above holds: (1 + 2^-24)^n <= 1 + n 2^-22.
inline constexpr std::int64_t most_tile_terms = std::int64_t{1} << 21;

/// Every addition loses at most u of what it gives [higham02, 4.2]. In the g-th group of slabs that is the sum r_g with
/// which the group begins and a sum of some of its products, at most x_g w_g by Cauchy's inequality, where these are the
/// norms of what a column and a row hold in it; but for a factor 1 + n u. So m additions in each group lose at most
///   m u (1 + n u) (|r_1| + |r_2| + ... + x_1 w_1 + x_2 w_2 + ...) <= m u (1 + n u) (R + X W)
/// where X and W are the norms of column and row, and R, the reach, adds up bounds on |r_g|. Products below 2^-1022 in
/// units of the lowered image lose 2^-1075 each. Parts have their R, X^2 and W^2 added up; joining them loses at most
/// u X W for each of a few, and the start another u of itself and of X W.
///
/// Of patches (winograd_form.hpp), with X the norm of whole patches and c = 1 + root 2: the products of a sum have norms
/// that together are at most c X W, in place of X W above, and R adds up bounds on r_0 + (r_1 + r_2) / 2 or the like. Each
/// v_i is within u of itself and each u_i within u (|u_i| + |g0 + g2|), which moves the products by at most
///   u (2 c X W + (|v1| + |v2|) |g0 + g2| / 2) (1 + 3 u) <= u (2 c + root 2) (1 + 3 u) X W < 3 u c X W
/// and two additions join them, 2 u c X W. The image's transform rounds nothing below 2^-1022.
template <class T, class Tile>
class tile_rounding {
 public:
  __device__ tile_rounding(const window_product<T>& p, const typename Tile::plan& plan, const joined_rows& rows,
                           tile_margin<Tile>& margin)
      : p_(p),
        plan_(plan),
        rows_(rows),
        margin_(margin),
        thread_(static_cast<int>(threadIdx.x)),
        lines_are_whole_(p.out.horizontal_step == 1 && p.out.vertical_step == p.horizontal.columns) {}

  /// Threads note where the sums of a column go, and what those of a row start from.
  __device__ void begin(const tile_corner& at) {
    at_ = at;
    columns_left_ =
        static_cast<int>(min(tile_columns(p_, Tile::filter) - at.column, static_cast<std::int64_t>(Tile::columns)));
    rows_left_ = static_cast<int>(min(p_.rows - at.row, static_cast<std::int64_t>(Tile::rows)));
    out_ = p_.out.data + at.group * p_.out.group_step + (Tile::joined ? 0 : at.row * p_.out.row_step);
    if (thread_ < Tile::columns) {
      const auto of_tiles = static_cast<unsigned>(at.column + min(thread_, columns_left_ - 1));
      const unsigned j = plan_.product_column(of_tiles);
      if constexpr (Tile::has_patches) margin_.exists[thread_] = plan_.has_column(of_tiles);
      const auto across = static_cast<unsigned>(p_.horizontal.columns),
                 down = static_cast<unsigned>(p_.vertical.columns);
      const unsigned line = j / across, outer = line / down;
      margin_.out[thread_] = outer * p_.out.outer_step + (line - outer * down) * p_.out.vertical_step +
                             (j - line * across) * p_.out.horizontal_step;
      if constexpr (Tile::joined)
        margin_.column[thread_] = {static_cast<int>(line - outer * down), static_cast<int>(j - line * across)};
    }
    if (thread_ >= Tile::rows) return;
    const int r = at.row + min(thread_, rows_left_ - 1);
    std::int64_t start = at.group * p_.rows + r;
    if constexpr (Tile::joined) {
      margin_.row[thread_] = rows_.at(r);
      start = at.group * rows_.rows + margin_.row[thread_].row;
    }
    margin_.start[thread_] = p_.start == nullptr ? 0 : widen(p_.start[start]);
  }

  /// X^2 of this thread's column, W^2 of its row, and R of its sums.
  __device__ void set_norms(double column_squares, double row_squares, double lowered_reach) {
    const auto n = static_cast<double>(operations_of_square * (p_.depth() + 4 * Tile::terms));
    reach_ = lowered_reach * raising * (additions * (1 + 0x1p-20));
    if (thread_ < Tile::columns) margin_.column_norm[thread_] = norm_above(column_squares, n);
    if (thread_ < Tile::rows) margin_.row_norm[thread_] = norm_above(row_squares, n);
  }

  /// What the sums of a row have in common.
  struct row_sums {
    bool exists;
    int vertical_columns, horizontal_columns;
    double start, norm, least;
    T* line;
  };
  __device__ row_sums row(int r) const {
    constexpr double each = (additions + (most_joined + 2 + of_filter) * unit_roundoff * (1 + 0x1p-20)) * of_norms;
    const double start = margin_.start[r];
    row_sums row{r < rows_left_,
                 0,
                 0,
                 start,
                 margin_.row_norm[r] * each,
                 fma(fabs(start), 2 * unit_roundoff, fma(static_cast<double>(p_.depth()), 0x1p-177, reach_)),
                 out_};
    if constexpr (Tile::joined) {
      row.vertical_columns = margin_.row[r].vertical_columns;
      row.horizontal_columns = margin_.row[r].horizontal_columns;
      row.line += margin_.row[r].out;
    } else {
      row.line += r * p_.out.row_step;
    }
    return row;
  }

  /// Rounds sums of a row, those of each two and mostly of each four in neighbouring columns, as tensor cores leave them; without a
  /// branch until they are stored, so that none waits for another. Returns a bit for each whose rounding is not known.
  template <int Sums>
  __device__ unsigned round(const row_sums& row, const int (&column)[Sums], const double (&sum)[Sums]) const {
    T rounded[Sums];
    bool known[Sums], exist[Sums];
    if constexpr (sizeof(T) == 2) {
      bool in_range = true;
#pragma unroll
      for (int i = 0; i < Sums; ++i)
        in_range = decide_in_range(row, column[i], sum[i], rounded[i], known[i]) & in_range;
      if (!in_range)
#pragma unroll
        for (int i = 0; i < Sums; ++i) known[i] = decide_one(row, column[i], sum[i], rounded[i]);
    } else {
#pragma unroll
      for (int i = 0; i < Sums; ++i) known[i] = decide_one(row, column[i], sum[i], rounded[i]);
    }
#pragma unroll
    for (int i = 0; i < Sums; ++i) exist[i] = exists(row, column[i]);
    constexpr int together = Sums < 4 ? Sums : 4;
#pragma unroll
    for (int i = 0; i < Sums; i += together) store<together>(row.line, column + i, exist + i, rounded + i);
    unsigned left = 0;
#pragma unroll
    for (int i = 0; i < Sums; ++i) left |= !known[i] && exist[i] ? 1u << i : 0u;
    return left;
  }
  /// Leaves the sums of this thread whose bits are set, from its k-th on.
  __device__ void leave(std::uint64_t sums, int k, const left_sums& left) const {
    for (; sums != 0; sums &= sums - 1) {
      const sum_place<Tile> s(thread_, k + __ffsll(static_cast<long long>(sums)) - 1);
      left.add(number_of(s));
    }
  }

 private:
  static constexpr double additions = Tile::additions * unit_roundoff * (1 + 0x1p-20);
  /// What a patch adds: 3 u of its transforms and 2 u of joining its products; its squares are of four elements a term.
  static constexpr int of_filter = Tile::has_patches ? 5 : 0, operations_of_square = Tile::has_patches ? 4 : 1;
  static constexpr double of_norms = Tile::has_patches ? patch_norms : 1;

  __device__ bool exists(const row_sums& row, int column) const {
    bool does = row.exists & (column < columns_left_);
    if constexpr (Tile::joined)
      does = does & (margin_.column[column].x < row.vertical_columns) &
             (margin_.column[column].y < row.horizontal_columns);
    if constexpr (Tile::has_patches) does = does & margin_.exists[column];
    return does;
  }
  /// A sum by its number among those of the product, or of its phase after those of all phases before.
  __device__ std::int64_t number_of(const sum_place<Tile>& s) const {
    if constexpr (!Tile::joined)
      return (at_.group * p_.rows + at_.row + s.row) * p_.columns() +
             plan_.product_column(static_cast<unsigned>(at_.column + s.column));
    const joined_row row = margin_.row[s.row];
    const std::int64_t outer = (at_.column + s.column) / (p_.vertical.columns * p_.horizontal.columns);
    const int2 column = margin_.column[s.column];
    const std::int64_t line = (((at_.group * rows_.rows + row.row) * p_.outer_columns + outer) * row.vertical_columns);
    return row.phase * most_sums_of_phase(p_, rows_) + (line + column.x) * row.horizontal_columns + column.y;
  }
  __device__ bool decide_one(const row_sums& row, int column, double lowered_sum, T& rounded) const {
    const double radius = fma(row.norm, margin_.column_norm[column], row.least);
    return decide_near(fma(lowered_sum, raising, row.start), radius, rounded);
  }
  /// The same where the sum is in the range of normal numbers; returns whether it is. One conversion instead of two: conversions
  /// keep the units of binary64 for longer than anything else here. The exact sum and the one that is rounded lie strictly
  /// between sum - t and sum + t (decide_near).
  __device__ bool decide_in_range(const row_sums& row, int column, double lowered_sum, T& rounded, bool& known) const {
    const double radius = fma(row.norm, margin_.column_norm[column], row.least),
                 s = fma(lowered_sum, raising, row.start), t = fma(fabs(s), 0x1p-51, radius);
    constexpr std::uint32_t infinity = 0x7ff00000;
    known = are_between_midpoints<T>(s - t, s + t) & (upper_word(radius) - 1 < infinity - 1);
    rounded = from_bits<T>(static_cast<bits_t<T>>(rounded_bits(s, T{})));
    return is_in_range_of<T>(s);
  }
  template <int Sums>
  __device__ void store(T* line, const int* column, const bool* exist, const T* rounded) const {
    if constexpr (Sums == 1) {
      if (exist[0]) line[margin_.out[column[0]]] = rounded[0];
    } else {
      struct alignas(Sums * sizeof(T)) neighbours {
        T value[Sums];
      };
      T *first = line + margin_.out[column[0]], *last = line + margin_.out[column[Sums - 1]];
      bool together = lines_are_whole_ & (last - first == Sums - 1) &
                      (reinterpret_cast<std::uintptr_t>(first) % sizeof(neighbours) == 0);
#pragma unroll
      for (int i = 0; i < Sums; ++i) together = together & exist[i];
      if (together) {
        neighbours all;
#pragma unroll
        for (int i = 0; i < Sums; ++i) all.value[i] = rounded[i];
        *reinterpret_cast<neighbours*>(first) = all;
      } else {
        store<Sums / 2>(line, column, exist, rounded);
        store<Sums / 2>(line, column + Sums / 2, exist + Sums / 2, rounded + Sums / 2);
      }
    }
  }

  const window_product<T>& p_;
  const typename Tile::plan& plan_;
  const joined_rows& rows_;
  tile_margin<Tile>& margin_;
  int thread_, columns_left_ = 0, rows_left_ = 0;
  bool lines_are_whole_;
  double reach_ = 0;
  T* out_ = nullptr;
  tile_corner at_{};
};

}  // namespace halfulp::kernels::cuda
