// Sums of products of numbers of 16 bits by their residues: exact products of integers modulo a few
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
  /// Integers of an image are multiples of 2^part_bits, and what is left.
  static constexpr int part_bits = 14;
  static_assert(ImageBits <= 2 * part_bits);
};

/// What is done with one modulus p.
struct narrow_steps {
  float weight;   // 2^part_bits modulo p, from -p / 2 to p / 2
  float inverse;  // 1 / p
  std::uint32_t p;
  double reciprocal;     // 1 / p
  std::uint32_t factor;  // by which the factor's residues are multiplied: (M / p)^-1 2^64 modulo p
  std::uint64_t share;   // (k 2^64 - 1) / p with the k below p for which that is an integer
};
template <class Form>
struct narrow_table {
  narrow_steps of[Form::moduli];
  double all;         // M, rounded
  double most_total;  // of magnitudes of a row's integers, before they are rounded
};

/// Magic numbers: a sum with one of them is rounded to an integer, in its lowest bits.
inline constexpr float to_integer = 0x1.8p23f;
inline constexpr std::uint32_t to_integer_bits = 0x4b400000;
static_assert(std::bit_cast<std::uint32_t>(to_integer) == to_integer_bits);

constexpr float centred(std::uint32_t x, std::uint32_t p) {
  const auto r = static_cast<std::int32_t>(x % p), whole = static_cast<std::int32_t>(p);
  return static_cast<float>(2 * r > whole ? r - whole : r);
}

/// (k 2^64 - 1) / p, an integer.
constexpr std::uint64_t share_of(std::uint32_t k, std::uint32_t p) {
  std::uint64_t quotient = 0;
  std::uint32_t rest = k - 1;  // of k 2^64 - 1, digit by digit
  for (int b = 0; b < 64; ++b) {
    rest = 2 * rest + 1;
    quotient = 2 * quotient + rest / p;
    rest %= p;
  }
  return quotient;
}

template <class Form>
constexpr narrow_table<Form> make_narrow_table() {
  narrow_table<Form> table{};
  const wide_integer all = product_of_moduli(Form::moduli, moduli);
  for (int w = wide_words - 1; w >= 0; --w) table.all = table.all * 0x1p32 + all[w];
  for (int i = 0; i < Form::moduli; ++i) {
    narrow_steps& s = table.of[i];
    s.p = modulus[i];
    s.weight = centred(power_of_two(Form::part_bits, s.p), s.p);
    s.inverse = 1 / static_cast<float>(s.p);
    s.reciprocal = 1 / static_cast<double>(s.p);
    std::uint32_t others = 1;
    for (int j = 0; j < Form::moduli; ++j)
      if (j != i) others = others * modulus[j] % s.p;
    const std::uint32_t shift = power_of_two(64, s.p);
    std::uint32_t k = 1, inverse = 1;
    if (shift != 0)
      while (k * shift % s.p != 1) ++k;
    while (inverse * others % s.p != 1) ++inverse;
    // Where p divides 2^64, its share is 2^64 / p.
    s.factor = shift == 0 ? inverse : inverse * shift % s.p;
    s.share = shift == 0 ? (~std::uint64_t{0}) / s.p + 1 : share_of(k, s.p);
  }
  double unit = 1;
  for (int k = 0; k < Form::image_bits; ++k) unit *= 2;
  table.most_total = table.all / (2 * unit) * (1 - 0x1p-10);
  return table;
}

/// The integer x / 2^exponent, rounded to nearest, by its parts: high 2^part_bits + low, low plus to_integer.
struct narrow_number {
  float high, low;
  bool is_whole;  // nothing was rounded
};
/// |x| <= 2^(exponent + image_bits); scale = 2^-exponent, a normal number.
template <class Form>
HALFULP_HOST_DEVICE inline narrow_number narrow_cut(float x, float scale) {
  constexpr float unit = 1 << Form::part_bits, inverse = 1 / unit;
  float rest = x * scale;  // exact, but where it is far below 1
  const bool vanishes = rest == 0 && x != 0;
  narrow_number n{};
  n.high = std::fma(rest, inverse, to_integer) - to_integer;
  rest = std::fma(n.high, -unit, rest);  // exact: a multiple of the last place of x, and no larger
  n.low = rest + to_integer;
  n.is_whole = n.low - to_integer == rest && !vanishes;
  return n;
}

/// A number from -128 to 127 (128 modulo 256) that is congruent to the integer; in the lowest byte.
HALFULP_HOST_DEVICE inline std::uint32_t narrow_residue(const narrow_number& n, const narrow_steps& s) {
  // Within 2^21 + 2^13, and so an integer in the lowest bits; and so is the quotient, with the other sign.
  const float sum = std::fma(n.high, s.weight, n.low), quotient = std::fma(sum - to_integer, -s.inverse, to_integer);
  return std::bit_cast<std::uint32_t>(sum) + s.p * std::bit_cast<std::uint32_t>(quotient);
}

/// The same of a row's integer, |x| < 2^53, times the factor's; as a number.
HALFULP_HOST_DEVICE inline int narrow_factor_residue(double x, const narrow_steps& s) {
  const auto p = static_cast<float>(s.p), f = static_cast<float>(s.factor);
  const auto r = static_cast<float>(std::fma(-std::rint(x * s.reciprocal), static_cast<double>(s.p), x));
  const float y = r * f;  // below 2^16, as all of these
  return static_cast<int>(std::fma(-std::rint(y * s.inverse), p, y));
}

/// Of a fraction that many shares make, bits below this are not looked at when it is rounded.
inline constexpr double narrow_rounding_unit = 0x1p-52;

/// The share's parts, high 2^32 + low.
struct narrow_share {
  std::int32_t low;
  std::uint32_t high;
};
HALFULP_HOST_DEVICE inline narrow_share parts_of_share(std::uint64_t share) {
  const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(share));
  return {low, static_cast<std::uint32_t>(share >> 32) + (low < 0 ? 1 : 0)};
}
/// Adds what a sum of products of residues modulo p makes of x / M to `fraction`, modulo 2^64.
HALFULP_HOST_DEVICE inline void add_share(std::uint64_t& fraction, std::int32_t sum, const narrow_share& s) {
#if defined(__CUDA_ARCH__)
  asm("{\n\t.reg .b32 low, high;\n\tmov.b64 {low, high}, %0;\n\tmad.lo.cc.u32 low, %1, %2, low;\n\t"
      "madc.hi.s32 high, %1, %2, high;\n\tmad.lo.u32 high, %1, %3, high;\n\tmov.b64 %0, {low, high};\n}"
      : "+l"(fraction)
      : "r"(sum), "r"(s.low), "r"(s.high));
#else
  fraction += static_cast<std::uint64_t>(std::int64_t{sum} * s.low);
  fraction += std::uint64_t{static_cast<std::uint32_t>(sum) * s.high} << 32;
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
/// `lost`: how many numbers were rounded; largest and total are magnitudes over 2^exponent; `residues`: the sum of
/// magnitudes of the row's residues modulo all p.
///
/// For a sum S of their products with residues of an image, |S| <= p / 2 times those modulo p, S times the share is k S / p
/// 2^64 - S / p: modulo 2^64 what it is to be, but for half of the residues.
template <class Form>
HALFULP_HOST_DEVICE inline narrow_row make_narrow_row(const narrow_table<Form>& t, double scale, int lost,
                                                      double largest, double total, double residues) {
  constexpr double half = .5 * (1 + 0x1p-30);  // and what the bounds' own rounding makes
  const double image = static_cast<double>(std::int64_t{1} << Form::image_bits);
  return {scale, half * lost * image + half * residues * 0x1p-64 * t.all, half * largest, half * total};
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
