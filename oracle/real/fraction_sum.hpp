#pragma once

#include <cstdint>
#include <map>
#include <span>

#include <boost/multiprecision/gmp.hpp>

#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/real/enclosure.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp {

/// The exact sum of any number of fractions, each a product of binary64 numbers over an integer >= 1. Special values as
/// a sum of products has them: a NaN factor, 0 times infinity and both infinities give NaN; an exact zero is +0 unless
/// every term is -0; the sum of nothing is +0.
class exact_fraction_sum {
 public:
  void add(std::span<const double> factors, std::int64_t divisor);

  template <class T>
  T round() const {
    if (is_special()) return narrow<T>(special_value());
    return round_to_nearest<T>(leading());
  }
  /// In at least 160 bits, outward.
  enclosure range() const;
  /// What a peer may lose that rounds every product, quotient and sum to f: as a sum of products [higham02, 3.5], each
  /// factor one more operation.
  ulp_bounds bounds(const format& f) const { return bounds_in(f, range()); }

 private:
  using integer = boost::multiprecision::mpz_int;
  struct scaled {
    integer number;
    std::int64_t exponent = 0;
  };
  /// |sum| as quotient * 2^exponent, plus less than one unit more where `more`; at least `bits` bits.
  struct rounded_down {
    integer quotient;
    std::int64_t exponent;
    bool more;
  };
  static void align(scaled& s, std::int64_t exponent);
  void set_total() const;
  bool is_special() const;
  double special_value() const;
  rounded_down divide(unsigned bits) const;
  binary_real leading() const;
  ulp_bounds bounds_in(const format& f, const enclosure& range) const;

  std::map<std::int64_t, scaled> by_divisor_;
  magnitude_sum magnitude_;
  bool any_ = false, nan_ = false, infinity_[2] = {false, false}, all_negative_zero_ = true;
  mutable bool total_known_ = false;
  mutable scaled total_;  // times 1 / denominator_
  mutable integer denominator_ = 1;
};

}  // namespace halfulp
