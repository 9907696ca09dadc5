// Products of numbers, rounded once, without a library of multiple precision.
#pragma once

#include <halfulp/kernels/core/scaled_product.hpp>

namespace halfulp::kernels {

/// What decides most products of binary64 numbers: special values, products whose odd part fits in 64 bits, and a
/// double-word with its bound. The special values are those of exact_product (oracle/real/product.hpp).
class factor_product {
 public:
  HALFULP_HOST_DEVICE void multiply(double factor) {
    negative_ = negative_ != is_negative(factor);
    nan_ = nan_ || is_nan(factor);
    infinite_ = infinite_ || is_infinite(factor);
    zero_ = zero_ || is_zero(factor);
    if (!is_finite(factor) || is_zero(factor)) return;
    const odd_number odd(factor);
    exponent_ += odd.exponent;
    const auto wide = static_cast<unsigned __int128>(odd_) * odd.part;
    odd_fits_ = odd_fits_ && (wide >> 64) == 0;
    odd_ = static_cast<std::uint64_t>(wide);
    quick_.multiply(factor);
  }

  /// RN_R of the product, if this is enough to know it. A number or midpoint of any format has an odd part of 64 bits.
  template <class R>
  HALFULP_HOST_DEVICE bool decide_to(R& rounded) const {
    if (nan_ || (infinite_ && zero_))
      rounded = canonical_nan<R>();
    else if (infinite_ || zero_)
      rounded = infinite_ ? infinity_of<R>(negative_) : zero_of<R>(negative_);
    else if (odd_fits_)
      rounded = round_to_nearest<R>({negative_, odd_, exponent_, false});
    else
      return quick_.decide_to(rounded);
    return true;
  }

  /// A finite number other than 0 as part * 2^exponent.
  struct odd_number {
    std::uint64_t part;
    long exponent;
    HALFULP_HOST_DEVICE explicit odd_number(double x) {
      const binary_real r = decompose(x);
      const int zeros = 63 - leading_zeros(r.significand & (0 - r.significand));
      part = r.significand >> zeros;
      exponent = r.exponent + zeros;
    }
  };

 private:
  scaled_product quick_;
  long exponent_ = 0;
  std::uint64_t odd_ = 1;
  bool odd_fits_ = true, negative_ = false, nan_ = false, infinite_ = false, zero_ = false;
};

/// The exact product of finite numbers other than 0, in memory with room for two words a factor and one more.
class long_product {
 public:
  HALFULP_HOST_DEVICE explicit long_product(std::uint32_t* word) : word_(word) { word_[0] = 1; }

  HALFULP_HOST_DEVICE void multiply(double factor) {
    negative_ = negative_ != is_negative(factor);
    const factor_product::odd_number odd(factor);
    exponent_ += odd.exponent;
    unsigned __int128 carry = 0;
    for (std::int64_t k = 0; k < words_; ++k, carry >>= 32) {
      carry += static_cast<unsigned __int128>(odd.part) * word_[k];
      word_[k] = static_cast<std::uint32_t>(carry);
    }
    for (; carry != 0; carry >>= 32) word_[words_++] = static_cast<std::uint32_t>(carry);
  }
  template <class R>
  HALFULP_HOST_DEVICE R round() const {
    const std::int64_t below = words_ > 3 ? words_ - 3 : 0;
    binary_real r{negative_, 0, exponent_ + 32 * below, false};
    unsigned __int128 bits = 0;
    for (std::int64_t k = words_ - 1; k >= below; --k) bits = bits << 32 | word_[k];
    for (std::int64_t k = 0; k < below; ++k) r.sticky = r.sticky || word_[k] != 0;
    const int over = 64 - leading_zeros(static_cast<std::uint64_t>(bits >> 64));
    r.sticky = r.sticky || (bits & ((static_cast<unsigned __int128>(1) << over) - 1)) != 0;
    r.significand = static_cast<std::uint64_t>(bits >> over);
    r.exponent += over;
    return round_to_nearest<R>(r);
  }

 private:
  std::uint32_t* word_;
  std::int64_t words_ = 1;
  long exponent_ = 0;
  bool negative_ = false;
};

}  // namespace halfulp::kernels
