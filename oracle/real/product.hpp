#pragma once

#include <cstdint>
#include <vector>

#include <halfulp/oracle/real/enclosure.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp {

/// The exact product of any number of binary64 numbers, and so of numbers of every format; the empty product is 1.
/// A NaN factor, or a zero beside an infinity, gives NaN; the sign of a zero and of an infinity is the product of signs.
/// Exponents are kept apart, so that no product of significands under- or overflows.
class exact_product {
 public:
  void multiply(double factor);

  /// RN of the product. Where the odd part fits in 64 bits it is known exactly; a longer one is neither a number of any
  /// format nor the midpoint of two, so that enclosures of rising precision come to an end.
  template <class T>
  T round() const {
    if (is_special()) return narrow<T>(special_value());
    if (odd_fits_) return round_to_nearest<T>({negative_, odd_, exponent_, false});
    for (mpfr_prec_t bits = 128;; bits *= 2) {
      const scaled s = significands(bits);
      const T low = round_to_nearest<T>(leading(s.lo)), high = round_to_nearest<T>(leading(s.hi));
      if (low == high) return low;
    }
  }

  /// The product in at least 160 bits; its end is at the limit of MPFR's exponents where it lies beyond.
  enclosure range() const;

 private:
  /// lo <= |product| 2^-exponent_ <= hi, with the odd parts of the factors multiplied in `bits` bits.
  struct scaled {
    real lo, hi;
  };
  scaled significands(mpfr_prec_t bits) const;
  binary_real leading(const real& magnitude) const;
  bool is_special() const { return nan_ || infinite_ || zero_; }
  double special_value() const;

  std::vector<std::uint64_t> odd_parts_;  // of the finite factors, 1 left out
  std::int64_t exponent_ = 0;             // |product| = 2^exponent_ times the product of odd_parts_
  std::uint64_t odd_ = 1;                 // the product of odd_parts_ while it fits
  bool odd_fits_ = true;
  bool negative_ = false, nan_ = false, infinite_ = false, zero_ = false;
};

/// A product with what a peer may lose on it.
class product_truth {
 public:
  void multiply(double factor);
  const exact_product& exact() const { return exact_; }

  /// k factors, each product rounded to f in any order: |y - r| <= gamma_(k-1) |r|  [higham02, lemma 3.1], where no
  /// product of some of the factors can leave the range of f; infinite where one can.
  ulp_bounds bounds(const format& f) const;

 private:
  exact_product exact_;
  std::int64_t factors_ = 0;
  std::int64_t below_ = 0, above_ = 0;  // every product of some factors lies in 2^below_ .. 2^above_
};

}  // namespace halfulp
