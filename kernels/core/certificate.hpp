#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels {

/// The bounds that sums of products computed by panels carry (kernels/core/panel.hpp). A sum is
///   start + a_1 b_1 + ... + a_n b_n,   M = |start| + sum |a_k b_k| <= |start| + ||a|| ||b||.

/// Recursive sums of at most `chunk` products each, `joins` of them joined by two_sum: |high + low - exact| <= bound * M.
/// A chunk's sum loses at most gamma_chunk of its own M [higham02, 4.2], exact or fused products costing nothing.
/// Joining c of them is free of error but for adding up the c errors in `low`: these are at most
/// u (1 + gamma_c)(1 + gamma_chunk) M each, and adding them loses gamma_c of their sum: in all less than 2 gamma_c^2 M.
HALFULP_HOST_DEVICE inline double joined_bound(std::int64_t chunk, std::int64_t joins) {
  const double joining = gamma(joins, unit_roundoff);
  return up(gamma(chunk, unit_roundoff) + up(2 * joining * joining));
}
/// The same with the chunks' sums added up as they are and no `low`: a product goes through the additions of its chunk and
/// those of the chunks.  [higham02, 4.2]
HALFULP_HOST_DEVICE inline double added_bound(std::int64_t chunk, std::int64_t joins) {
  return gamma(chunk + joins - 1, unit_roundoff);
}
/// Paired sums (kernels/core/pair_panel.hpp) of chunks of at most `chunk` products, `joins` chunks of each of the three
/// products of a window: |sum - exact| <= bound * (|start| + ||row|| ||column||), the column that of the window alone.
/// docs/ops/conv2d.md proves it: sum |u_i v_i| <= kappa ||row|| ||column||, kappa = 1 + sqrt 2; a product goes through at
/// most chunk + 3 joins roundings, and the roundings of u and v cost less than three more.
inline constexpr double pair_growth = 0x1.3504f333f9de7p+1;  // kappa, rounded up
HALFULP_HOST_DEVICE inline double paired_bound(std::int64_t chunk, std::int64_t joins) {
  return up(pair_growth * gamma(chunk + 3 * joins + 3, unit_roundoff));
}
HALFULP_HOST_DEVICE inline double recursive_bound(std::int64_t terms, std::int64_t chunk) {
  return joined_bound(chunk, (terms + chunk - 1) / chunk);
}

/// Error-free transformations, their errors added up: |high + low - exact| <= bound * M + underflow_bound(terms).
/// The errors of products and of sums are together at most (terms + 1) u (1 + gamma_(terms+1)) M, and adding them loses
/// gamma_terms of that.  [ogita05, proposition 5.5]
HALFULP_HOST_DEVICE inline double compensated_bound(std::int64_t terms) {
  const double g = gamma(terms + 2, unit_roundoff);
  return up(g * g);
}

/// What a binary64 product below 2^-968 and its error may lose, for each term and one more: at most 2^-1074 with a
/// fused multiply-add, 2^-1072 without.
HALFULP_HOST_DEVICE inline double underflow_bound(std::int64_t terms) {
  return static_cast<double>(terms + 1) * 0x1p-1071;
}

/// At least the bound, and no subnormal number: arithmetic with those takes some processors a hundred cycles.
HALFULP_HOST_DEVICE inline double not_subnormal(double bound) {
  return bound > 0 && bound < 0x1p-1022 ? 0x1p-1022 : bound;
}

/// At least ||v||, from a sum of n squares of scale * v computed in binary64 in any order. Squares that underflow are
/// made up for; scale is a power of two.
HALFULP_HOST_DEVICE inline double squares_factor(std::int64_t n) {
  return 1 + 4 * gamma(n + 4, unit_roundoff);
}
HALFULP_HOST_DEVICE inline double squares_lost(std::int64_t n) {
  return static_cast<double>(n) * 0x1p-1022;
}
HALFULP_HOST_DEVICE inline double norm_from_squares(double squares, std::int64_t n, double scale) {
  return up(std::sqrt(up(squares * squares_factor(n) + squares_lost(n))) / scale);
}

/// A sum is exact, whatever the order of its terms, where every term is a multiple of 2^q and M <= 2^(q + 53): then every
/// partial sum is a binary64 number. A compensated one is where (terms + 2) M <= 2^(q + 106): the errors that it adds up
/// are multiples of 2^q, and their magnitudes together at most (terms + 2) u M. (Where q < -1074 products underflow, and
/// nothing is known.)
inline constexpr double exact_room = 0x1p53, compensated_exact_room = 0x1p106;
/// A paired one is where paired_exact_terms M <= 2^(q + 53): weights are multiples of half their lowest bit, and partial
/// sums at most kappa M.
inline constexpr double paired_exact_terms = 5;

/// The double-word number high + low. Where low is 0 the sign of a zero is that of high.
HALFULP_HOST_DEVICE inline double_double normalised(double high, double low) {
  return low == 0 ? double_double{high, 0} : two_sum(high, low);
}

}  // namespace halfulp::kernels
