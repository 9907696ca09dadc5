#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {

/// One sum of terms and products of any format, in any number, with a bound on its error: terms are gathered and added
/// by SIMD in compensated arithmetic, each lane for itself, at a third of the cost of double-double additions one by
/// one.
class compensated_sum {
 public:
  template <class T>
  void add(T a) {
    push(widen(a), 1);
  }
  template <class T>
  void add_product(T a, T b) {
    push(widen(a), widen(b));
  }

  /// Adds up what is gathered and joins the lanes. Nothing may be added after.
  void finish() {
    while (gathered_ % lane_sums::count != 0) push_zero();
    flush();
    for (std::int64_t l = 0; l < lane_sums::count; ++l) {
      const double_double joined = two_sum(high_, lanes_.high[l]);
      high_ = joined.hi;
      low_ += joined.lo + lanes_.low[l];
      magnitude_ += lanes_.magnitude[l];
    }
  }
  /// Whether every term is a zero.
  bool is_zero() const { return magnitude_ == 0; }
  double_double value() const { return normalised(high_, low_); }
  /// |value - exact| <= radius: the bound of a compensated sum of as many terms as there are terms and roundings of
  /// joining [ogita05]; the sum of magnitudes is itself known to gamma_(n + lanes)(u), and to n 2^-1075 where products
  /// underflow.
  double radius() const {
    const std::int64_t n = terms_ + 4 * lane_sums::count;
    const double magnitude = up(magnitude_ * (1 + 4 * gamma(n, unit_roundoff))) + underflow_bound(n);
    return up(up(compensated_bound(n) * magnitude) + underflow_bound(n));
  }

 private:
  static constexpr std::int64_t room = 256;

  void push(double a, double b) {
    if (gathered_ == room) flush();
    a_[gathered_] = a;
    b_[gathered_++] = b;
    ++terms_;
  }
  void push_zero() {
    a_[gathered_] = 0;
    b_[gathered_++] = 0;
  }
  void flush() {
    add_products(a_, b_, gathered_, lanes_);
    gathered_ = 0;
  }

  alignas(panel_alignment) double a_[room];
  alignas(panel_alignment) double b_[room];
  lane_sums lanes_;
  std::int64_t gathered_ = 0, terms_ = 0;
  double high_ = 0, low_ = 0, magnitude_ = 0;
};

}  // namespace halfulp::kernels
