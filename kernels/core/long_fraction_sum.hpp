// Exact sums of fractions without a library of multiple precision, in memory that the caller has.
#pragma once

#include <halfulp/kernels/core/factor_product.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>

namespace halfulp::kernels {

/// A bound on log2 of the least common multiple of the odd parts of divisors.
class common_multiple_bits {
 public:
  HALFULP_HOST_DEVICE void take(std::int64_t divisor) {
    for (int k = 0; k < known_; ++k)
      if (divisor_[k] == divisor) return;
    greatest_ = divisor > greatest_ ? divisor : greatest_;
    if (known_ == most_known) {
      more_ = true;
      return;
    }
    divisor_[known_++] = divisor;
    bits_ += 64 - leading_zeros(static_cast<std::uint64_t>(divisor));
  }
  /// Of a few divisors their product; of more that of all numbers up to the greatest, lcm(1 .. n) < 3^n [hanson72], or of
  /// as many different ones as share `terms` terms among them, each of 2^31 at most.
  HALFULP_HOST_DEVICE std::int64_t bits(std::int64_t terms) const {
    return more_ ? most_bits(greatest_, terms) : bits_;
  }
  /// Of numbers up to n that share so many terms.
  HALFULP_HOST_DEVICE static std::int64_t most_bits(std::int64_t n, std::int64_t terms) {
    std::int64_t different = 1;  // different (different + 1) / 2 <= 2 terms
    while (different * different < 4 * terms) different *= 2;
    const std::int64_t by_number = 2 * n, by_terms = 31 * different;
    const std::int64_t few = 32 * most_known, many = by_number < by_terms ? by_number : by_terms;
    return many < few ? few : many;
  }

 private:
  static constexpr int most_known = 16;
  std::int64_t divisor_[most_known] = {}, greatest_ = 1, bits_ = 0;
  int known_ = 0;
  bool more_ = false;
};

/// What a long sum has to hold: measured in a first pass over its terms.
class fraction_extent {
 public:
  HALFULP_HOST_DEVICE void begin() { lowest_ = highest_ = factors_ = 0; }
  HALFULP_HOST_DEVICE void multiply(double factor) {
    const factor_product::odd_number odd(factor);
    ++factors_;
    lowest_ += odd.exponent;
    highest_ += odd.exponent + 64 - leading_zeros(odd.part);
  }
  HALFULP_HOST_DEVICE void end(std::int64_t divisor) {
    if (terms_ == 0 || lowest_ - 31 < low) low = lowest_ - 31;  // a power of two in a divisor below 2^31
    if (terms_ == 0 || highest_ > high) high = highest_;
    if (factors_ > most_factors_) most_factors_ = factors_;
    ++terms_;
    if (divisor == 1) return;
    multiple_.take(divisor);
    divided_ = true;
  }
  HALFULP_HOST_DEVICE std::int64_t terms() const { return terms_; }
  HALFULP_HOST_DEVICE bool divided() const { return divided_; }
  /// Digits of a sum that loses less than a unit of its lowest digit's lowest bit a term. `updates`: the terms of all sums.
  /// Two different numbers of which one is a sum of these fractions and the other a boundary of a format lie further apart
  /// than 2^(low - 2 bits - 56): they are multiples of 2^low / L and of 2^-55 times the smaller of both, and a sum that is not
  /// 0 is at least 2^low / L.
  HALFULP_HOST_DEVICE std::int64_t lowest(std::int64_t updates) const {
    return divided_ ? low - 2 * multiple_.bits(updates) - 56 - guard_bits : low;
  }
  HALFULP_HOST_DEVICE std::int64_t words(std::int64_t updates) const { return (high + 40 - lowest(updates)) / 32 + 2; }
  /// Of 32 bits, for the product of a term.
  HALFULP_HOST_DEVICE std::int64_t product_words() const { return product_words_of(most_factors_); }
  HALFULP_HOST_DEVICE static std::int64_t product_words_of(std::int64_t factors) { return 2 * factors + 2; }
  /// 2^guard_bits units exceed four times the error of 2^31 terms.
  static constexpr int guard_bits = 64;

  std::int64_t low = 0, high = 0;

 private:
  common_multiple_bits multiple_;
  std::int64_t lowest_ = 0, highest_ = 0, terms_ = 0, factors_ = 0, most_factors_ = 0;
  bool divided_ = false;
};

/// The sum, in `words` digits of base 2^32 from 2^lowest on, and room for a product beside it.
class long_fraction_sum {
 public:
  HALFULP_HOST_DEVICE long_fraction_sum(std::int64_t* digit, std::uint32_t* product, std::int64_t words,
                                        std::int64_t lowest, bool divided)
      : digit_(digit), word_(product), words_(words), lowest_(lowest), divided_(divided) {
    for (std::int64_t k = 0; k < words; ++k) digit_[k] = 0;
  }

  HALFULP_HOST_DEVICE void begin() {
    word_[0] = 1;
    used_ = 1;
    exponent_ = 0;
    negative_ = false;
  }
  /// A finite number other than 0.
  HALFULP_HOST_DEVICE void multiply(double factor) {
    negative_ = negative_ != is_negative(factor);
    const factor_product::odd_number odd(factor);
    exponent_ += odd.exponent;
    unsigned __int128 carry = 0;
    for (std::int64_t k = 0; k < used_; ++k, carry >>= 32) {
      carry += static_cast<unsigned __int128>(odd.part) * word_[k];
      word_[k] = static_cast<std::uint32_t>(carry);
    }
    for (; carry != 0; carry >>= 32) word_[used_++] = static_cast<std::uint32_t>(carry);
  }
  /// Adds the product over 1 <= divisor < 2^31, truncated to the lowest digit.
  HALFULP_HOST_DEVICE void end(std::int64_t divisor) {
    const std::int64_t offset = exponent_ - lowest_, place = offset / 32;
    const int shift = static_cast<int>(offset % 32);
    std::uint64_t rest = 0;
    for (std::int64_t k = used_ + place; k >= 0 && (k >= place || rest != 0); --k) {
      rest = rest << 32 | shifted(k - place, shift);
      const std::uint64_t q = divisor == 1 ? rest : rest / static_cast<std::uint64_t>(divisor);
      rest -= q * static_cast<std::uint64_t>(divisor);
      digit_[k] += negative_ ? -static_cast<std::int64_t>(q) : static_cast<std::int64_t>(q);
    }
  }

  /// RN_R of the sum of so many terms, and +0 where it is 0. With its error on top a sum that was divided lies above the
  /// exact one, by at most twice that: near a multiple of 2^guard_bits units it is that; elsewhere the lowest digits, which
  /// then are not 0, say that it lies between two.
  template <class R>
  HALFULP_HOST_DEVICE R round(std::int64_t terms) {
    if (divided_) {
      digit_[0] += terms;
      carry();
      if (digit_[1] == 0 && digit_[0] <= 2 * terms) digit_[0] = 0;
    }
    carry();
    const bool negative = digit_[words_ - 1] < 0;
    if (negative) {
      for (std::int64_t k = 0; k < words_; ++k) digit_[k] = -digit_[k];
      carry();
    }
    return rounded<R>(negative);
  }

 private:
  HALFULP_HOST_DEVICE std::uint32_t shifted(std::int64_t k, int shift) const {
    const std::uint64_t at = k >= 0 && k < used_ ? word_[k] : 0, below = k >= 1 && k <= used_ ? word_[k - 1] : 0;
    return static_cast<std::uint32_t>((at << 32 | below) >> (32 - shift));
  }
  HALFULP_HOST_DEVICE void carry() {
    for (std::int64_t k = 0; k + 1 < words_; ++k) {
      const std::int64_t up = digit_[k] >> 32;  // floor
      digit_[k] -= up * (std::int64_t{1} << 32);
      digit_[k + 1] += up;
    }
  }
  template <class R>
  HALFULP_HOST_DEVICE R rounded(bool negative) const {
    std::int64_t top = words_ - 1;
    while (top >= 0 && digit_[top] == 0) --top;
    if (top < 0) return R{};
    const std::int64_t below = top >= 2 ? top - 2 : 0;
    unsigned __int128 bits = 0;
    for (std::int64_t k = top; k >= below; --k) bits = bits << 32 | static_cast<std::uint64_t>(digit_[k]);
    binary_real r{negative, 0, static_cast<long>(lowest_ + 32 * below), false};
    for (std::int64_t k = 0; k < below && !r.sticky; ++k) r.sticky = digit_[k] != 0;
    const auto high = static_cast<std::uint64_t>(bits >> 64);
    const int over = high == 0 ? 0 : 64 - leading_zeros(high);
    r.sticky = r.sticky || (bits & ((static_cast<unsigned __int128>(1) << over) - 1)) != 0;
    r.significand = static_cast<std::uint64_t>(bits >> over);
    r.exponent += over;
    return round_to_nearest<R>(r);
  }

  std::int64_t* digit_;
  std::uint32_t* word_;
  std::int64_t words_, lowest_, used_ = 1, exponent_ = 0;
  bool divided_, negative_ = false;
};

}  // namespace halfulp::kernels
