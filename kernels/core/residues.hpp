// Sums of products of binary64 numbers by their residues: exact products of integers, modulo numbers of eight bits that
// have no common divisor, which tensor cores multiply. Plain C++, tested on the host.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp::kernels::cuda {

inline constexpr int moduli = 20;
inline constexpr std::array<std::uint32_t, moduli> modulus{256, 255, 253, 251, 247, 241, 239, 233, 229, 227,
                                                           223, 217, 211, 199, 197, 193, 191, 181, 179, 173};

/// An integer of 160 bits, the lowest word first.
inline constexpr int wide_words = 5;
using wide_integer = std::array<std::uint32_t, wide_words>;

constexpr wide_integer multiply(const wide_integer& x, std::uint32_t by) {
  wide_integer product{};
  std::uint64_t carry = 0;
  for (int w = 0; w < wide_words; ++w) {
    carry += std::uint64_t{x[w]} * by;
    product[w] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  return product;
}
/// The product M of all moduli; of all but [first, end).
constexpr wide_integer product_of_moduli(int first = 0, int end = 0) {
  wide_integer product{1};
  for (int i = 0; i < moduli; ++i)
    if (i < first || i >= end) product = multiply(product, modulus[i]);
  return product;
}
constexpr int bit_width(const wide_integer& x) {
  for (int w = wide_words - 1; w >= 0; --w)
    if (x[w] != 0) return 32 * w + std::bit_width(x[w]);
  return 0;
}
constexpr std::uint32_t remainder(const wide_integer& x, std::uint32_t by) {
  std::uint64_t r = 0;
  for (int w = wide_words - 1; w >= 0; --w) r = (r << 32 | x[w]) % by;
  return static_cast<std::uint32_t>(r);
}
constexpr bool have_no_common_divisor() {
  for (int i = 0; i < moduli; ++i)
    for (int j = 0; j < i; ++j)
      if (std::gcd(modulus[i], modulus[j]) != 1) return false;
  return true;
}
static_assert(have_no_common_divisor());

/// Sums of at most 2^most_sum_bits <= M / 4 in magnitude are known from their residues, and by a multiple of M that
/// needs few bits to be told.
inline constexpr int most_sum_bits = bit_width(product_of_moduli()) - 2;
/// Numbers become integers of at most 2^integer_bits in magnitude, in two parts: multiples of 2^part_bits, and what is
/// left, at most half of that.
inline constexpr int integer_bits = 72, part_bits = 42;
/// So many products of residues are within 2^30.
inline constexpr std::int64_t most_residue_terms = std::int64_t{1} << 16;

/// What is done with one modulus p.
struct byte_weights {
  std::uint32_t of[3];  // of the bytes of cut_number::word modulo p, four in a word
  std::uint32_t begin;  // what their sum begins at
};
struct residue_steps {
  byte_weights image, factor;   // of the factor times the inverse of M / p
  float inverse;                // 1 / p
  std::uint32_t p, reciprocal;  // floor(2^39 / p)
  std::uint32_t in_group;       // the product of the other moduli of its group
};
/// Moduli by threes: y M / p is y in_group M / (the product of the group).
inline constexpr int group_moduli = 3, modulus_groups = (moduli + group_moduli - 1) / group_moduli;
struct residue_table {
  residue_steps of[moduli];
  wide_integer without[modulus_groups];  // M / (the product of a group)
  wide_integer all;                      // M
  double inverse;                        // 2^96 / M
};

constexpr std::uint32_t power_of_two(int exponent, std::uint32_t p) {
  std::uint32_t power = 1 % p;
  for (int k = 0; k < exponent; ++k) power = power * 2 % p;
  return power;
}
/// For numbers times `by`.
constexpr byte_weights make_weights(std::uint32_t p, std::uint32_t by) {
  byte_weights weights{};
  constexpr int from[3] = {0, 32, part_bits};
  for (int w = 0; w < 3; ++w)
    for (int k = 0; k < 4; ++k) weights.of[w] |= power_of_two(from[w] + 8 * k, p) * by % p << 8 * k;
  // Words are of the number + 2^integer_bits + 2^part_bits; and 2^23 is what `begin` itself is as a binary32 number.
  const std::uint32_t more = (power_of_two(integer_bits, p) + power_of_two(part_bits, p)) * by + power_of_two(23, p);
  weights.begin = 0x4b000000 + (p - more % p) % p;
  return weights;
}

constexpr residue_table make_residue_table() {
  residue_table table{};
  table.all = product_of_moduli();
  double most = 0;
  for (int w = wide_words - 1; w >= 0; --w) most = most * 0x1p32 + table.all[w];
  table.inverse = 0x1p96 / most;
  for (int i = 0; i < moduli; ++i) {
    residue_steps& s = table.of[i];
    s.p = modulus[i];
    const int first = i / group_moduli * group_moduli;
    s.in_group = 1;
    for (int j = first; j < first + group_moduli && j < moduli; ++j)
      if (j != i) s.in_group *= modulus[j];
    table.without[i / group_moduli] = product_of_moduli(first, first + group_moduli);
    s.inverse = 1 / static_cast<float>(s.p);
    s.reciprocal = static_cast<std::uint32_t>((std::uint64_t{1} << 39) / s.p);
    const std::uint32_t others = remainder(product_of_moduli(i, i + 1), s.p);
    std::uint32_t inverse = 1;
    while (inverse * others % s.p != 1) ++inverse;
    s.image = make_weights(s.p, 1);
    s.factor = make_weights(s.p, inverse);
  }
  return table;
}

/// The integer x / 2^exponent, rounded to nearest: word[2] 2^part_bits + word[1] 2^32 + word[0] less 2^integer_bits and
/// 2^part_bits, which make the parts positive.
struct cut_number {
  std::uint32_t word[3];
  bool is_whole;  // nothing was rounded
};
/// |x| <= 2^(exponent + integer_bits), finite; scale = 2^-exponent, no subnormal number.
HALFULP_HOST_DEVICE inline cut_number cut(double x, double scale) {
  constexpr double upper =
                       0x1p52 * (std::uint64_t{1} << part_bits) + 0x1p72,  // sums with it are multiples of 2^part_bits
      lower = 0x1p52 + (std::uint64_t{1} << part_bits);                    // of 1
  static_assert(integer_bits == 72);
  const double y = x * scale;  // exact, but where it is far below 1
  const double high = y + upper, rest = y - (high - upper), low = rest + lower;
  const auto high_bits = std::bit_cast<std::uint64_t>(high), low_bits = std::bit_cast<std::uint64_t>(low);
  return {{static_cast<std::uint32_t>(low_bits), static_cast<std::uint32_t>(low_bits >> 32 & 0xfffff),
           static_cast<std::uint32_t>(high_bits)},
          low - lower == rest && (y != 0 || x == 0)};
}

/// A number from -128 to 127 that is congruent to the integer, times the inverse for a factor; in the lowest byte.
HALFULP_HOST_DEVICE inline std::uint32_t residue_of(const cut_number& c, const byte_weights& weights,
                                                    const residue_steps& s) {
  // A binary32 number from 2^23 on whose lowest bits are an integer below 2^20: the sum, of 12 bytes times weights.
#if defined(__CUDA_ARCH__)
  const std::uint32_t sum = __dp4a(c.word[2], weights.of[2],
                                   __dp4a(c.word[1], weights.of[1], __dp4a(c.word[0], weights.of[0], weights.begin)));
#else
  std::uint32_t sum = weights.begin;
  for (int w = 0; w < 3; ++w)
    for (int k = 0; k < 4; ++k) sum += (c.word[w] >> 8 * k & 255) * (weights.of[w] >> 8 * k & 255);
#endif
  constexpr float shift = 0x1.8p23f;  // a sum with it is rounded to an integer, in its lowest bits
  const float quotient = std::fma(std::bit_cast<float>(sum), s.inverse, shift);
  return sum - s.p * std::bit_cast<std::uint32_t>(quotient);
}

/// A number from 0 to p that a sum of at most 2^16 products of residues is congruent to.
HALFULP_HOST_DEVICE inline std::uint32_t reduced(std::int32_t sum, std::uint32_t offset, std::uint32_t p,
                                                 std::uint32_t reciprocal) {
  const std::uint32_t x = static_cast<std::uint32_t>(sum) + offset;
#if defined(__CUDA_ARCH__)
  const std::uint32_t quotient = __umulhi(x, reciprocal) >> 7;
#else
  const auto quotient = static_cast<std::uint32_t>(std::uint64_t{x} * reciprocal >> 39);
#endif
  return x - quotient * p;
}
/// A multiple of p that makes such a sum positive, and no more than 2^31.
HALFULP_HOST_DEVICE inline std::uint32_t offset_of(std::uint32_t p) {
  return ((1u << 30) + p - 1) / p * p;
}

}  // namespace halfulp::kernels::cuda
