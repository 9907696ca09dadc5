// Products of panels for sums over windows of three columns that lie side by side, two neighbouring windows by four
// products instead of six [winograd80]. The windows (d0, d1, d2) and (d1, d2, d3) times the weights (g0, g1, g2) are
//   even = m0 + m1 + m2,  odd = m1 - m2 + m3,  m_i = u_i v_i,
//   u = (g0, (g0 + g2 + g1) / 2, (g0 + g2 - g1) / 2, g2),  v = (d0 - d2, d1 + d2, d2 - d1, d3 - d1).
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::kernels {

/// How many products make two windows, and how many terms of a sum make one of theirs.
inline constexpr std::int64_t pair_products = 4, pair_taps = 3;

/// Rows times a panel, as product_chunk; each row's sum s is a part of two sums, and added to the one, added to the other
/// or subtracted from it. Either may be missing.
struct paired_chunk {
  const double* rows;
  std::int64_t row_stride, row_count;
  const double* panel;
  std::int64_t column_count;  ///< at most panel_width()
  std::int64_t depth;
  double *even, *odd;
  bool subtracts;
  std::int64_t sum_stride;
};
/// s is the sum of a chunk's products, added recursively from -0 in binary64 with fused or rounded products.
void multiply_paired(const paired_chunk&);

/// The four v_i of a matrix whose rows 4 k + s are d_s, as panels `panel_step` apart; column j is a pair. Adds the squares
/// of both windows to even_squares and odd_squares, as pack_panel does.
void pack_pairs(const panel_source&, double* panels, std::int64_t panel_step, double* even_squares,
                double* odd_squares);

/// The four u_i of a row of weights, of n terms each: term k of u_i at out[i * out_step + k], from the weights 3 k to
/// 3 k + 2, the last of them first where they are reversed.
void transform_weights(const double* weights, std::int64_t n, bool reversed, double* out, std::int64_t out_step);

/// Rows of pairs set side by side: element 2 k and 2 k + 1 of a row from `out` on are element k of even and of odd, for k
/// below `pairs`. Numbers behind them are overwritten, up to as many as two vectors hold, and less than a vector of them
/// read behind those of even and of odd.
struct rows_of_pairs {
  const double *even, *odd;
  std::int64_t pair_stride;
  double* out;
  std::int64_t out_stride, rows, pairs;
};
void interleave(const rows_of_pairs&);

}  // namespace halfulp::kernels
