#pragma once

#include <array>
#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp {

/// What the special values among the terms of a sum make of it: a NaN term, infinities of both signs, or 0 * inf give
/// NaN; an exact zero sum is +0 unless every term is -0; a sum without terms is +0.
class special_terms {
 public:
  /// Notes what a term's class says; true if the term is finite and not zero.
  HALFULP_HOST_DEVICE bool take(bool nan, bool infinite, bool zero, bool negative) {
    ++terms_;
    nan_ |= nan;
    if (infinite && !nan) infinity_[negative ? 1 : 0] = true;
    all_negative_zero_ &= zero && negative;
    return !nan && !infinite && !zero;
  }
  template <class T>
  HALFULP_HOST_DEVICE bool take(T a) {
    return take(is_nan(a), is_infinite(a), is_zero(a), is_negative(a));
  }
  template <class T>
  HALFULP_HOST_DEVICE bool take_product(T a, T b) {
    const bool zero = is_zero(a) || is_zero(b);
    const bool infinite = is_infinite(a) || is_infinite(b);
    return take(is_nan(a) || is_nan(b) || (zero && infinite), infinite, zero, is_negative(a) != is_negative(b));
  }
  HALFULP_HOST_DEVICE void take(const special_terms& other) {
    terms_ += other.terms_;
    nan_ |= other.nan_;
    infinity_[0] |= other.infinity_[0];
    infinity_[1] |= other.infinity_[1];
    all_negative_zero_ &= other.all_negative_zero_;
  }

  HALFULP_HOST_DEVICE bool is_nan_sum() const { return nan_ || (infinity_[0] && infinity_[1]); }
  HALFULP_HOST_DEVICE bool is_infinite_sum() const { return !is_nan_sum() && (infinity_[0] || infinity_[1]); }
  /// The sign of an infinite sum.
  HALFULP_HOST_DEVICE bool is_negative_infinity() const { return infinity_[1]; }
  /// The sign of a sum that is exactly 0.
  HALFULP_HOST_DEVICE bool is_negative_zero() const { return terms_ > 0 && all_negative_zero_; }
  HALFULP_HOST_DEVICE bool any() const { return terms_ > 0; }
  HALFULP_HOST_DEVICE bool all_are_negative_zero() const { return all_negative_zero_; }

 private:
  std::int64_t terms_ = 0;
  bool nan_ = false;
  bool infinity_[2] = {false, false};  // +inf, -inf
  bool all_negative_zero_ = true;
};

/// Adds a part to a digit of a sum that one thread has to itself.
struct plain_addition {
  HALFULP_HOST_DEVICE void operator()(std::int64_t& digit, std::int64_t part) const { digit += part; }
};

/// The exact sum of any number (up to 2^60) of terms a or products a * b of numbers of format T, in fixed point:
/// a long accumulator of base 2^32 digits with delayed carries.  [kulisch81]
///
/// Special values are those of special_terms. Overflow is that of the exact sum alone.
template <class T>
class exact_sum {
 public:
  static constexpr format factor = format_of<T>;
  /// 2^lowest divides every term.
  static constexpr long lowest = 2L * (factor.e_min - factor.precision + 1);
  /// Every term is below 2^highest in magnitude; 64 bits more hold the sum of up to 2^60 of them and its sign.
  static constexpr long highest = 2L * (factor.e_max + 1);
  static constexpr int digits = static_cast<int>((highest - lowest + 64 + 31) / 32);

  /// Sums that one thread adds to begin empty; one in memory that threads share is begun by `clear`, by one of them.
  HALFULP_HOST_DEVICE void clear() { *this = exact_sum(); }

  HALFULP_HOST_DEVICE void add(T a) {
    if (++pending_ > most_pending) carry();
    add(a, special_, plain_addition());
  }
  HALFULP_HOST_DEVICE void add_product(T a, T b) {
    if (++pending_ > most_pending) carry();
    add_product(a, b, special_, plain_addition());
  }

  /// The same for many threads: each notes special values on its own, to be taken together, and add_to(digit, part) is
  /// atomic. After at most `most_pending` terms of all threads together one of them calls carry().
  template <class AddTo>
  HALFULP_HOST_DEVICE void add(T a, special_terms& special, AddTo add_to) {
    if (!special.take(a)) return;
    const binary_real r = decompose(a);
    accumulate(r.negative, r.significand, r.exponent - lowest, add_to);
  }
  template <class AddTo>
  HALFULP_HOST_DEVICE void add_product(T a, T b, special_terms& special, AddTo add_to) {
    if (!special.take_product(a, b)) return;
    const binary_real x = decompose(a);
    const binary_real y = decompose(b);
    const auto product = static_cast<unsigned __int128>(x.significand) * y.significand;
    accumulate(x.negative != y.negative, product, x.exponent + y.exponent - lowest, add_to);
  }
  HALFULP_HOST_DEVICE void take(const special_terms& special) { special_.take(special); }

  static constexpr std::int64_t most_pending = std::int64_t{1} << 30;  // |digit| < 2^62 between carries

  /// Brings every digit but the last into [0, 2^32); the last keeps the sign.
  HALFULP_HOST_DEVICE void carry() {
    for (int k = 0; k + 1 < digits; ++k) {
      const std::int64_t up = digit_[k] >> 32;  // floor
      digit_[k] -= up * base;
      digit_[k + 1] += up;
    }
    pending_ = 1;
  }

  HALFULP_HOST_DEVICE void subtract(T a) { add(from_bits<T>(static_cast<bits_t<T>>(to_bits(a) ^ encoding<T>::sign))); }

  /// Adds every term of another sum.
  HALFULP_HOST_DEVICE void add(const exact_sum& other) {
    carry();
    exact_sum carried = other;
    carried.carry();
    for (int k = 0; k < digits; ++k) digit_[k] += carried.digit_[k];
    pending_ = 1;
    special_.take(other.special_);
  }

  HALFULP_HOST_DEVICE bool is_nan_sum() const { return special_.is_nan_sum(); }
  HALFULP_HOST_DEVICE bool is_infinite_sum() const { return special_.is_infinite_sum(); }

  /// -1, 0 or 1: the sign of the exact finite sum, or of the infinite one.
  HALFULP_HOST_DEVICE int sign() const {
    if (is_infinite_sum()) return special_.is_negative_infinity() ? -1 : 1;
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
    exact_sum c = *this;
    return c.template finish<Out>();
  }
  /// The same, where the sum is needed no longer: no copy is made.
  template <class Out>
  HALFULP_HOST_DEVICE Out finish() {
    if (is_nan_sum()) return canonical_nan<Out>();
    if (is_infinite_sum()) return infinity_of<Out>(special_.is_negative_infinity());
    const bool negative = take_magnitude();
    int top = digits - 1;
    while (top >= 0 && digit_[top] == 0) --top;
    if (top < 0) return zero_of<Out>(special_.is_negative_zero());
    return round_to_nearest<Out>(leading(negative, top));
  }

  /// The digits of |sum|, least significant first, each in [0, 2^32): |sum| = 2^lowest * sum_k digit[k] 2^(32 k).
  HALFULP_HOST_DEVICE std::array<std::int64_t, digits> magnitude() const {
    exact_sum c = *this;
    c.take_magnitude();
    return c.digit_;
  }

 private:
  static constexpr std::int64_t base = std::int64_t{1} << 32;
  template <class AddTo>
  HALFULP_HOST_DEVICE void accumulate(bool negative, unsigned __int128 significand, long offset, AddTo add_to) {
    const int shift = static_cast<int>(offset % 32);
    int k = static_cast<int>(offset / 32);
    std::uint32_t low = static_cast<std::uint32_t>(significand << shift);
    unsigned __int128 rest = significand >> (32 - shift);
    for (;; ++k, low = static_cast<std::uint32_t>(rest), rest >>= 32) {
      add_to(digit_[k], negative ? -static_cast<std::int64_t>(low) : static_cast<std::int64_t>(low));
      if (rest == 0) return;
    }
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
    const int lead = leading_zeros(digit(top)) - 32;  // digit(top) < 2^32
    const std::uint64_t next = digit(top - 2);
    std::uint64_t bits = (digit(top) << 32) | digit(top - 1);
    bits = lead == 0 ? bits : (bits << lead) | (next >> (32 - lead));
    bool sticky = static_cast<std::uint32_t>(next << lead) != 0;
    for (int k = top - 3; k >= 0 && !sticky; --k) sticky = digit_[k] != 0;
    return {negative, bits, lowest + 32L * (top - 1) - lead, sticky};
  }

  std::array<std::int64_t, digits> digit_{};
  std::int64_t pending_ = 1;
  special_terms special_;
};

}  // namespace halfulp
