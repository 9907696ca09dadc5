#pragma once

#include <array>
#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp {

/// The exact sum of any number (up to 2^60) of terms a or products a * b of numbers of format T, in fixed point:
/// a long accumulator of base 2^32 digits with delayed carries.  [kulisch81]
///
/// Special values as the field defines them: a NaN term, infinities of both signs, or 0 * inf give NaN; an exact zero
/// sum is +0 unless every term is -0; a sum without terms is +0. Overflow is that of the exact sum alone.
template <class T>
class exact_sum {
 public:
  static constexpr format factor = format_of<T>;
  /// 2^lowest divides every term.
  static constexpr long lowest = 2L * (factor.e_min - factor.precision + 1);
  /// Every term is below 2^highest in magnitude; 64 bits more hold the sum of up to 2^60 of them and its sign.
  static constexpr long highest = 2L * (factor.e_max + 1);
  static constexpr int digits = static_cast<int>((highest - lowest + 64 + 31) / 32);

  HALFULP_HOST_DEVICE void add(T a) {
    if (!take_special(is_nan(a), is_infinite(a), is_zero(a), is_negative(a))) return;
    const binary_real r = decompose(a);
    accumulate(r.negative, r.significand, r.exponent - lowest);
  }

  HALFULP_HOST_DEVICE void add_product(T a, T b) {
    const bool zero = is_zero(a) || is_zero(b);
    const bool infinite = is_infinite(a) || is_infinite(b);
    if (!take_special(is_nan(a) || is_nan(b) || (zero && infinite), infinite, zero,
                      is_negative(a) != is_negative(b)))
      return;
    const binary_real x = decompose(a);
    const binary_real y = decompose(b);
    const auto product = static_cast<unsigned __int128>(x.significand) * y.significand;
    accumulate(x.negative != y.negative, product, x.exponent + y.exponent - lowest);
  }

  HALFULP_HOST_DEVICE void subtract(T a) {
    add(from_bits<T>(static_cast<bits_t<T>>(to_bits(a) ^ encoding<T>::sign)));
  }

  /// Adds every term of another sum.
  HALFULP_HOST_DEVICE void add(const exact_sum& other) {
    carry();
    exact_sum carried = other;
    carried.carry();
    for (int k = 0; k < digits; ++k) digit_[k] += carried.digit_[k];
    pending_ = 1;
    terms_ += other.terms_;
    nan_ |= other.nan_;
    infinity_[0] |= other.infinity_[0];
    infinity_[1] |= other.infinity_[1];
    all_negative_zero_ &= other.all_negative_zero_;
  }

  HALFULP_HOST_DEVICE bool is_nan_sum() const { return nan_ || (infinity_[0] && infinity_[1]); }
  HALFULP_HOST_DEVICE bool is_infinite_sum() const { return !is_nan_sum() && (infinity_[0] || infinity_[1]); }

  /// -1, 0 or 1: the sign of the exact finite sum, or of the infinite one.
  HALFULP_HOST_DEVICE int sign() const {
    if (is_infinite_sum()) return infinity_[1] ? -1 : 1;
    exact_sum c = *this;
    c.carry();
    if (c.digit_[digits - 1] < 0) return -1;
    for (int k = 0; k < digits; ++k)
      if (c.digit_[k] != 0) return 1;
    return 0;
  }

  /// The sum rounded once to format Out.
  template <class Out>
  HALFULP_HOST_DEVICE Out round() const {
    if (is_nan_sum()) return canonical_nan<Out>();
    if (is_infinite_sum()) return infinity_of<Out>(infinity_[1]);
    exact_sum c = *this;
    const bool negative = c.take_magnitude();
    int top = digits - 1;
    while (top >= 0 && c.digit_[top] == 0) --top;
    if (top < 0) return zero_of<Out>(terms_ > 0 && all_negative_zero_);
    return round_to_nearest<Out>(c.leading(negative, top));
  }

  /// The digits of |sum|, least significant first, each in [0, 2^32): |sum| = 2^lowest * sum_k digit[k] 2^(32 k).
  HALFULP_HOST_DEVICE std::array<std::int64_t, digits> magnitude() const {
    exact_sum c = *this;
    c.take_magnitude();
    return c.digit_;
  }

 private:
  static constexpr std::int64_t base = std::int64_t{1} << 32;
  static constexpr std::int64_t most_pending = std::int64_t{1} << 30;  // |digit| < 2^62 between carries

  /// Notes what a term's class says; true if the term is finite and not zero.
  HALFULP_HOST_DEVICE bool take_special(bool nan, bool infinite, bool zero, bool negative) {
    ++terms_;
    nan_ |= nan;
    if (infinite && !nan) infinity_[negative ? 1 : 0] = true;
    all_negative_zero_ &= zero && negative;
    return !nan && !infinite && !zero;
  }

  HALFULP_HOST_DEVICE void accumulate(bool negative, unsigned __int128 significand, long offset) {
    if (++pending_ > most_pending) carry();
    const int shift = static_cast<int>(offset % 32);
    int k = static_cast<int>(offset / 32);
    std::uint32_t low = static_cast<std::uint32_t>(significand << shift);
    unsigned __int128 rest = significand >> (32 - shift);
    for (;; ++k, low = static_cast<std::uint32_t>(rest), rest >>= 32) {
      digit_[k] += negative ? -static_cast<std::int64_t>(low) : static_cast<std::int64_t>(low);
      if (rest == 0) return;
    }
  }

  /// Brings every digit but the last into [0, 2^32); the last keeps the sign.
  HALFULP_HOST_DEVICE void carry() {
    for (int k = 0; k + 1 < digits; ++k) {
      const std::int64_t up = digit_[k] >> 32;  // floor
      digit_[k] -= up * base;
      digit_[k + 1] += up;
    }
    pending_ = 1;
  }

  /// Replaces the sum by its magnitude; returns whether it was negative.
  HALFULP_HOST_DEVICE bool take_magnitude() {
    carry();
    const bool negative = digit_[digits - 1] < 0;
    if (negative) {
      for (auto& d : digit_) d = -d;
      carry();
    }
    return negative;
  }

  /// 64 leading bits of a magnitude whose highest nonzero digit is top, and whether anything lies below them.
  HALFULP_HOST_DEVICE binary_real leading(bool negative, int top) const {
    const auto digit = [this](int k) { return k < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(digit_[k]); };
    const int lead = std::countl_zero(digit(top)) - 32;  // digit(top) < 2^32
    const std::uint64_t next = digit(top - 2);
    std::uint64_t bits = (digit(top) << 32) | digit(top - 1);
    bits = lead == 0 ? bits : (bits << lead) | (next >> (32 - lead));
    bool sticky = static_cast<std::uint32_t>(next << lead) != 0;
    for (int k = top - 3; k >= 0 && !sticky; --k) sticky = digit_[k] != 0;
    return {negative, bits, lowest + 32L * (top - 1) - lead, sticky};
  }

  std::array<std::int64_t, digits> digit_{};
  std::int64_t pending_ = 1;
  std::int64_t terms_ = 0;
  bool nan_ = false;
  bool infinity_[2] = {false, false};  // +inf, -inf
  bool all_negative_zero_ = true;
};

}  // namespace halfulp
