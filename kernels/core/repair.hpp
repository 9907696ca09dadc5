#pragma once

#include <cstdint>

#include <halfulp/kernels/core/compensated_sum.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/op.hpp>

namespace halfulp::kernels {

/// Whether a sum rounded to T is decided in compensated arithmetic. feed(sum) adds every term, a number or a product of
/// numbers.
template <class T, class Feed>
bool decide_compensated(Feed feed, T& rounded) {
  compensated_sum longer;
  feed(longer);
  longer.finish();
  return decide<T>(longer.value(), longer.radius(), rounded);
}

/// A sum of terms of at most 24 bits, or of products of such, one by one in binary64.
class plain_sum {
 public:
  template <class T>
  void add(T a) {
    add_term(widen(a));
  }
  template <class T>
  void add_product(T a, T b) {
    add_term(widen(a) * widen(b));
  }
  void add_term(double term) {
    const double_double s = two_sum(sum_, term);
    sum_ = s.hi;
    rounded_ = rounded_ || s.lo != 0;
  }
  double value() const { return sum_; }
  /// Whether the value is the sum, none of whose additions was rounded, and not 0, whose sign would need its terms.
  bool is_exact() const { return !rounded_ && sum_ != 0; }

 private:
  double sum_ = 0;
  bool rounded_ = false;
};

/// A sum of numbers, or of products of numbers, of format Term rounded once to T.
template <class T, class Term, class Feed>
T round_exactly(Feed feed) {
  exact_sum<Term> exact;
  feed(exact);
  return exact.template round<T>();
}

/// A sum rounded once to T, whatever its terms: in compensated arithmetic where that decides, else exactly. Returns the
/// tier that decided.
template <class T, class Term, class Feed>
tier repair_sum(Feed feed, T& rounded) {
  if (decide_compensated(feed, rounded)) return tier::double_double;
  rounded = round_exactly<T, Term>(feed);
  return tier::exact;
}

/// Sees whether every term of a sum is -0.
class negative_zeros {
 public:
  template <class T>
  void add(T a) {
    take(is_zero(a), is_negative(a));
  }
  template <class T>
  void add_product(T a, T b) {
    take(is_zero(a) || is_zero(b), is_negative(a) != is_negative(b));
  }
  bool all() const { return terms_ && all_; }

 private:
  void take(bool zero, bool negative) {
    terms_ = true;
    all_ = all_ && zero && negative;
  }
  bool terms_ = false, all_ = true;
};

/// A sum that is exactly 0, with its sign.
template <class T, class Feed>
T round_zero(Feed feed) {
  negative_zeros terms;
  feed(terms);
  return zero_of<T>(terms.all());
}

/// Output element i of a sum of terms, rounded once.
template <class Op, class T>
requires sum_op<Op, T> tier repair(const args_of<Op, T>& a, std::int64_t i, T& rounded) {
  return repair_sum<T, T>([&](auto& sum) { Op::accumulate(a, i, sum); }, rounded);
}

}  // namespace halfulp::kernels
