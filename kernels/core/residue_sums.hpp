// Lines of numbers as integers of one scale, and sums of products joined from their residues, with what is known of
// their error. Plain C++, tested on the host.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/residues.hpp>
#include <halfulp/kernels/core/unroll.hpp>
#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::cuda {

/// The lines of an operand, rows or columns, as integers: every number over 2^exponent.
struct residue_line {
  std::int64_t out;  // where its sums go
  int exponent;
  float lost;     // how many numbers were rounded; NaN: not all are finite, or they are too large or small for `cut`
  float largest;  // at least the largest magnitude over 2^exponent
  float total;    // at least the sum of magnitudes over 2^exponent, and that of the integers
};

/// The least e with |x| < 2^e, or -1022.
HALFULP_HOST_DEVICE inline int exponent_above(double x) {
  const auto field = static_cast<int>(std::bit_cast<std::uint64_t>(x) >> 52 & 0x7ff);
  return field == 0 ? -1022 : field - 1022;
}
/// Adding up fewer than 2^17 magnitudes in any order loses less than 2^-35 of their sum: `total` is that sum times
/// this.
inline constexpr double total_excess = 1 + 0x1p-30;

/// For a line whose largest magnitude is that and whose magnitudes add up to less than `total` / total_excess: integers
/// are at most 2^integer_bits, and the sum of the products of two such lines at most 2^most_sum_bits, since it is at
/// most the product of their norms, and the square of a norm at most largest * total. The largest integer is at least
/// 2^(integer_bits - 6): that others are rounded up adds less to `total` than its excess.
HALFULP_HOST_DEVICE inline int line_exponent(double largest, double total) {
  const int above = exponent_above(largest), squares = above + exponent_above(total) - most_sum_bits;
  const int by_norm = (squares + 4096 + 1) / 2 - 2048;  // rounded up
  return above - integer_bits > by_norm ? above - integer_bits : by_norm;
}

/// high + low + a rest whose magnitude is at most `rest`.
struct joined_sum {
  double high, low, rest;
};

/// What the numbers of `line` that were rounded, each by at most 1 / 2, make of products with those of `other`.
HALFULP_HOST_DEVICE inline double lost_by(const residue_line& line, const residue_line& other) {
  const double by_count = static_cast<double>(line.lost) * static_cast<double>(other.largest);  // exact; NaN stays NaN
  return .5 * (static_cast<double>(other.total) < by_count ? static_cast<double>(other.total) : by_count);
}
/// What a sum of products of two lines differs by from high + low, over 2^(both exponents), since
/// a b - a' b' = (a - a') b + a' (b - b'). 0: it is the exact sum.
HALFULP_HOST_DEVICE inline double residue_bound(const residue_line& row, const residue_line& column, double rest) {
  const double lost = lost_by(row, column) + lost_by(column, row);
  return lost + rest == 0 ? 0 : up(up(lost) + rest);
}

/// The integer x, |x| <= 2^most_sum_bits, with x = sum of residue[i] M / p[i] modulo M; residues are bytes.
template <class Residue>
HALFULP_HOST_DEVICE joined_sum join_residues(const residue_table& t, Residue residue) {
  std::uint64_t sum[wide_words] = {};
  HALFULP_UNROLL for (int g = 0; g < modulus_groups; ++g) {
    std::uint32_t y = 0;
    HALFULP_UNROLL for (int i = g * group_moduli; i < (g + 1) * group_moduli && i < moduli; ++i) y +=
        residue(i) * t.of[i].in_group;
    HALFULP_UNROLL for (int w = 0; w < wide_words; ++w) sum[w] += std::uint64_t{y} * t.without[g][w];
  }
  HALFULP_UNROLL for (int w = 1; w < wide_words; ++w) sum[w] += sum[w - 1] >> 32;
  const std::uint64_t top = sum[4] << 32 | (sum[3] & 0xffffffff);
  const auto times = static_cast<std::int64_t>(std::rint(static_cast<double>(top) * t.inverse));
  std::int64_t word[wide_words], carry = 0;
  HALFULP_UNROLL for (int w = 0; w < wide_words; ++w) {
    carry += static_cast<std::int64_t>(sum[w] & 0xffffffff) - times * static_cast<std::int64_t>(t.all[w]);
    word[w] = carry & 0xffffffff;
    carry >>= 32;
  }
  // Within 2^most_sum_bits, so that the sign is that of the last word; four parts, each of at most 53 bits.
  const std::int64_t upper = static_cast<std::int64_t>(static_cast<std::int32_t>(word[4])) << 32 | word[3];
  const auto lower = static_cast<std::uint64_t>(word[1]) << 32 | static_cast<std::uint64_t>(word[0]);
  const double first = static_cast<double>(upper >> 11) * 0x1p107,
               second = static_cast<double>((upper & 0x7ff) << 32 | word[2]) * 0x1p64,
               third = static_cast<double>(lower >> 11 << 11), fourth = static_cast<double>(lower & 0x7ff);
  const double_double a = two_sum(first, second), b = two_sum(a.lo, third), c = two_sum(a.hi, b.hi),
                      d = two_sum(b.lo, fourth), e = two_sum(c.lo, d.hi);
  return {c.hi, e.hi, std::abs(e.lo) + std::abs(d.lo)};
}

}  // namespace halfulp::kernels::cuda
