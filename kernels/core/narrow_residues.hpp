// Sums of products of binary32 numbers, or shorter ones, by their residues: exact products of integers modulo a few
// numbers of eight bits (residues.hpp), joined as fractions of the moduli's product M. Plain C++, tested on the host.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/residues.hpp>
#include <halfulp/kernels/core/unroll.hpp>

namespace halfulp::kernels::cuda {

/// Sums of residues' products are within 2^26, so that a sixteenth of them is within 2^22.
inline constexpr std::int64_t most_narrow_terms = 4096;

/// The first `Moduli` of the moduli; numbers of an image become integers of at most 2^ImageBits in magnitude.
template <int Moduli, int ImageBits>
struct narrow_form {
  static constexpr int moduli = Moduli, image_bits = ImageBits;
  /// Integers of an image are multiples of 2^part_bits, and what is left; with three parts of 2^(2 part_bits), too.
  static constexpr int part_bits = 14, parts = ImageBits <= 2 * part_bits ? 2 : 3;
  static_assert(ImageBits <= 3 * part_bits);
};

/// What is done with one modulus p.
struct narrow_steps {
  float weight[2];       // 2^part_bits, 2^(2 part_bits) modulo p, from -p / 2 to p / 2
  float inverse;         // 1 / p
  float inverse_of_16;   // 16 / p
  std::uint32_t p;
  double reciprocal;     // 1 / p
  std::uint32_t factor;  // the inverse of M / p modulo p, by which the factor's residues are multiplied
  std::uint64_t share;   // 2^64 / p, rounded
};
template <class Form>
struct narrow_table {
  narrow_steps of[Form::moduli];
  std::uint64_t begin;  // what makes shares of joined numbers' offsets 0
  double all;           // M, rounded
  double most_total;    // of magnitudes of a row's integers, before they are rounded
  double error;         // of a joined sum, in integers: at least what rounded shares make of it
};

/// Magic numbers: a sum with one of them is rounded to an integer, in its lowest bits.
inline constexpr float to_integer = 0x1.8p23f;
inline constexpr std::uint32_t to_integer_bits = 0x4b400000;
static_assert(std::bit_cast<std::uint32_t>(to_integer) == to_integer_bits);

constexpr float centred(std::uint32_t x, std::uint32_t p) {
  const auto r = static_cast<std::int32_t>(x % p), whole = static_cast<std::int32_t>(p);
  return static_cast<float>(2 * r > whole ? r - whole : r);
}

template <class Form>
constexpr narrow_table<Form> make_narrow_table() {
  narrow_table<Form> table{};
  const wide_integer all = product_of_moduli(Form::moduli, moduli);
  for (int w = wide_words - 1; w >= 0; --w) table.all = table.all * 0x1p32 + all[w];
  for (int i = 0; i < Form::moduli; ++i) {
    narrow_steps& s = table.of[i];
    s.p = modulus[i];
    s.weight[0] = centred(power_of_two(Form::part_bits, s.p), s.p);
    s.weight[1] = centred(power_of_two(2 * Form::part_bits, s.p), s.p);
    s.inverse = 1 / static_cast<float>(s.p);
    s.reciprocal = 1 / static_cast<double>(s.p);
    s.inverse_of_16 = 16 / static_cast<float>(s.p);
    std::uint32_t others = 1;
    for (int j = 0; j < Form::moduli; ++j)
      if (j != i) others = others * modulus[j] % s.p;
    s.factor = 1;
    while (s.factor * others % s.p != 1) ++s.factor;
    // 2^64 / p, of which 2^64 - 1 is the largest number at hand.
    s.share = (~std::uint64_t{0} - s.p / 2) / s.p + 1;
    // A reduced sum r comes as r + offset, offset = -p to_integer_bits modulo 2^32, which is no multiple of 2^32.
    const std::uint32_t offset = 0u - s.p * to_integer_bits;
    table.begin -= offset * s.share;
    // |r| <= p / 2 + 20, and a share is within 1 / 2.
    table.error += .5 * (.5 * s.p + 20);
  }
  table.error *= table.all * 0x1p-64 * (1 + 0x1p-20);
  double unit = 1;
  for (int k = 0; k < Form::image_bits; ++k) unit *= 2;
  table.most_total = table.all / (2 * unit) * (1 - 0x1p-10);
  return table;
}

/// The integer x / 2^exponent, rounded to nearest, by its parts: the lowest plus to_integer.
template <class Form>
struct narrow_number {
  float part[Form::parts];
  bool is_whole;  // nothing was rounded
};
/// |x| <= 2^(exponent + image_bits); scale = 2^-exponent, a normal number.
template <class Form>
HALFULP_HOST_DEVICE inline narrow_number<Form> narrow_cut(float x, float scale) {
  constexpr float unit = 1 << Form::part_bits, inverse = 1 / unit;
  float rest = x * scale;  // exact, but where it is far below 1
  const bool vanishes = rest == 0 && x != 0;
  narrow_number<Form> n{};
  if constexpr (Form::parts == 3) {
    n.part[2] = std::fma(rest, inverse * inverse, to_integer) - to_integer;
    rest = std::fma(n.part[2], -unit * unit, rest);  // exact: a multiple of the last place of x, and no larger
  }
  n.part[1] = std::fma(rest, inverse, to_integer) - to_integer;
  rest = std::fma(n.part[1], -unit, rest);
  n.part[0] = rest + to_integer;
  n.is_whole = n.part[0] - to_integer == rest && !vanishes;
  return n;
}

/// A number from -128 to 127 (128 modulo 256) that is congruent to the integer; in the lowest byte.
template <class Form>
HALFULP_HOST_DEVICE inline std::uint32_t narrow_residue(const narrow_number<Form>& n, const narrow_steps& s) {
  // Within 2^21 + 2^20 + 2^13, and so an integer in the lowest bits.
  float sum = std::fma(n.part[1], s.weight[0], n.part[0]);
  if constexpr (Form::parts == 3) sum = std::fma(n.part[2], s.weight[1], sum);
  const float quotient = std::fma(sum - to_integer, s.inverse, to_integer);
  return std::bit_cast<std::uint32_t>(sum) - s.p * std::bit_cast<std::uint32_t>(quotient);
}

/// The same of a row's integer times the inverse, as a number.
HALFULP_HOST_DEVICE inline int narrow_factor_residue(std::int64_t x, const narrow_steps& s) {
  const auto x_near = static_cast<double>(x), p = static_cast<double>(s.p);
  const int r = static_cast<int>(std::fma(-std::rint(x_near * s.reciprocal), p, x_near)) * static_cast<int>(s.factor);
  const int rest = r % static_cast<int>(s.p), positive = rest < 0 ? rest + static_cast<int>(s.p) : rest;
  return 2 * positive >= static_cast<int>(s.p) ? positive - static_cast<int>(s.p) : positive;
}

/// Adds what a sum of products of residues modulo p, |sum| <= 2^26, makes of x / M to `fraction`, modulo 2^64.
HALFULP_HOST_DEVICE inline void add_share(std::uint64_t& fraction, std::int32_t sum, const narrow_steps& s) {
  const float sixteenth =
      std::bit_cast<float>(static_cast<std::uint32_t>((sum >> 4) + static_cast<std::int32_t>(to_integer_bits)));
  const float quotient = std::fma(sixteenth - to_integer, s.inverse_of_16, to_integer);
  const std::uint32_t reduced = static_cast<std::uint32_t>(sum) - s.p * std::bit_cast<std::uint32_t>(quotient);
#if defined(__CUDA_ARCH__)
  // In this order, or the compiler keeps products of many sums, and registers run out.
  asm volatile(
      "{\n\t.reg .u32 low, high;\n\t"
      "mov.b64 {low, high}, %0;\n\t"
      "mad.lo.u32 high, %1, %3, high;\n\t"
      "mov.b64 %0, {low, high};\n\t"
      "mad.wide.u32 %0, %1, %2, %0;\n\t}"
      : "+l"(fraction)
      : "r"(reduced), "r"(static_cast<std::uint32_t>(s.share)), "r"(static_cast<std::uint32_t>(s.share >> 32)));
#else
  fraction += reduced * s.share;
#endif
}

/// What sums of a row's products have in common, over 2^(the row's exponent): products of its numbers with integers of
/// the image move by less than `lost`, since its own were rounded, and by less than `largest` for every rounded number of
/// the image, or `total` for all.
struct narrow_row {
  double scale;  // 2^exponent; NaN: it holds a NaN or an infinity
  double lost, largest, total;
};

/// For rows whose magnitudes add up to less than `total`: that of integers is at most most_total, and half a unit for
/// each, so that sums of products with an image's integers are within M / 2.
template <class Form>
HALFULP_HOST_DEVICE inline int narrow_exponent(const narrow_table<Form>& t, double total) {
  return static_cast<int>(std::bit_cast<std::uint64_t>(total / t.most_total) >> 52) - 1022;
}
/// `lost`: how many numbers were rounded; largest and total are magnitudes over 2^exponent.
template <class Form>
HALFULP_HOST_DEVICE inline narrow_row make_narrow_row(const narrow_table<Form>& t, double scale, int lost, double largest,
                                                      double total) {
  constexpr double half = .5 * (1 + 0x1p-30);  // and what the bounds' own rounding makes
  const double image = static_cast<double>(std::int64_t{1} << Form::image_bits);
  return {scale, half * lost * image + t.error, half * largest, half * total};
}
/// |joined - exact| of a sum, in integers, `lost` numbers of whose window were rounded, each by at most 1 / 2: with integers a', b' for a, b
///   a b - a' b' = (a - a') b + a' (b - b').
HALFULP_HOST_DEVICE inline double narrow_radius(const narrow_row& row, double lost) {
  const double by_count = lost * row.largest;
  return row.lost + (by_count < row.total ? by_count : row.total);
}

/// The least e with |x| < 2^e, x normal and finite; less than -125 otherwise.
HALFULP_HOST_DEVICE inline int exponent_above(std::uint32_t magnitude_bits) {
  return static_cast<int>(magnitude_bits >> 23) - 126;
}

}  // namespace halfulp::kernels::cuda
