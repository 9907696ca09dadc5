#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/oracle/core/decide.hpp>

namespace halfulp {

/// gamma_n = n u / (1 - n u), rounded up; infinite for n u >= 1.  [higham02, lemma 3.1]
HALFULP_HOST_DEVICE inline double gamma(std::int64_t n, double u) {
  const double nu = up(static_cast<double>(n) * u);
  return nu < 1 ? up(nu / (1 - up(nu))) : INFINITY;
}

/// A sum of terms and products in binary64 with a running bound on its error. Products of numbers of at most 24 bits
/// are exact there, so that every term costs one rounding.
class binary64_sum {
 public:
  binary64_sum() = default;
  /// What other code has added up: n terms in any order, and their magnitudes.
  HALFULP_HOST_DEVICE binary64_sum(double sum, double magnitude, std::int64_t terms)
      : sum_(sum), magnitude_(magnitude), terms_(terms) {}

  HALFULP_HOST_DEVICE void add(double a) { add_term(a); }
  HALFULP_HOST_DEVICE void add_product(double a, double b) { add_term(a * b); }

  HALFULP_HOST_DEVICE double_double value() const { return {sum_, 0}; }
  /// |value - exact| <= radius, for terms that are exact: recursive summation of n terms loses at most
  /// gamma_(n-1) times the sum of their magnitudes, itself known to gamma_(n-1).  [higham02, 4.2]
  HALFULP_HOST_DEVICE double radius() const {
    const double g = gamma(terms_, unit_roundoff);
    return terms_ == 1 ? 0 : up(up(g * magnitude_) * (1 + up(2 * g)));
  }

 private:
  HALFULP_HOST_DEVICE void add_term(double t) {
    sum_ = terms_++ == 0 ? t : sum_ + t;
    magnitude_ += std::abs(t);
  }

  double sum_ = 0;
  double magnitude_ = 0;
  std::int64_t terms_ = 0;
};

/// A sum of terms and products in double-double with a bound on its error.
class double_double_sum {
 public:
  HALFULP_HOST_DEVICE void add(double a) { add_term({a, 0}); }
  HALFULP_HOST_DEVICE void add_product(double a, double b) { add_term(two_product(a, b)); }

  HALFULP_HOST_DEVICE double_double value() const { return sum_; }
  /// |value - exact| <= radius. Each addition of double-words has relative error at most 3 u^2 / (1 - 4u) < 4 u^2, so n
  /// of them lose at most gamma_n(4 u^2) times the sum of magnitudes [joldes17]; each product may lose 2^-1074 more to
  /// underflow, and the sum of magnitudes is itself known to gamma_n(u).
  HALFULP_HOST_DEVICE double radius() const {
    const double g = gamma(terms_, 4 * unit_roundoff * unit_roundoff);
    const double magnitude = up(magnitude_ * (1 + up(2 * gamma(terms_, unit_roundoff))));
    return up(up(g * magnitude) + static_cast<double>(terms_) * 0x1p-1073);
  }

 private:
  HALFULP_HOST_DEVICE void add_term(double_double t) {
    sum_ = halfulp::add(sum_, t);
    magnitude_ += std::abs(t.hi);
    ++terms_;
  }

  double_double sum_;
  double magnitude_ = 0;
  std::int64_t terms_ = 0;
};

/// What a bound on a sum of products needs: n, sum |a b|, sum a^2 and sum b^2, each rounded up.
class magnitude_sum {
 public:
  HALFULP_HOST_DEVICE void add(double a) { add_product(a, 1); }
  HALFULP_HOST_DEVICE void add_product(double a, double b) {
    ++terms_;
    products_ = up(products_ + up(std::abs(a * b)));
    squares_[0] = up(squares_[0] + up(a * a));
    squares_[1] = up(squares_[1] + up(b * b));
  }

  /// For the mean of n: every magnitude over n, and one rounding more.
  HALFULP_HOST_DEVICE void scale_down(double n) {
    ++terms_;
    products_ = up(products_ / n);
    squares_[0] = up(squares_[0] / n);
    squares_[1] = up(squares_[1] / n);
  }

  HALFULP_HOST_DEVICE std::int64_t terms() const { return terms_; }
  HALFULP_HOST_DEVICE double products() const { return products_; }
  /// ||a|| ||b||, at least sum |a b|
  HALFULP_HOST_DEVICE double norms() const { return up(up(std::sqrt(squares_[0])) * up(std::sqrt(squares_[1]))); }

 private:
  std::int64_t terms_ = 0;
  double products_ = 0;
  double squares_[2] = {0, 0};
};

/// Feeds a sum that works in binary64 with terms of any format.
template <class Sum>
struct widened {
  Sum sum;
  template <class T>
  void add(T a) {
    sum.add(widen(a));
  }
  template <class T>
  void add_product(T a, T b) {
    sum.add_product(widen(a), widen(b));
  }
};

}  // namespace halfulp
