#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <arb.h>

#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "core/mpfr_rounding.hpp"

namespace halfulp::tests {

/// How many of the outputs `y` of conv2d are not the exact sum by the long accumulator, rounded once.
template <class T>
std::int64_t wrong_outputs(const op::conv2d::args<T>& a, std::span<const T> y) {
  std::int64_t wrong = 0;
#pragma omp parallel for schedule(dynamic, 64) reduction(+ : wrong)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(y.size()); ++i) {
    exact_sum<T> s;
    op::conv2d::accumulate(a, i, s);
    wrong += to_bits(s.template round<T>()) != to_bits(y[static_cast<std::size_t>(i)]);
  }
  return wrong;
}

/// The factors of an output's terms.
struct term_list {
  std::vector<double> a, b;
  template <class T>
  void add(T x) {
    a.push_back(widen(x));
    b.push_back(1);
  }
  template <class T>
  void add_product(T x, T w) {
    a.push_back(widen(x));
    b.push_back(widen(w));
  }
};

/// Products of binary64 numbers span 2^-2148 .. 2^2048: sums at this precision lose nothing.
inline constexpr slong referee_bits = 4600;

/// Output i, which must be finite, by MPFR intervals and by Arb's dot product, each rounded by MPFR. All three agree,
/// and with the kernel, or someone is wrong.
struct referee_values {
  double mpfr, arb_low, arb_high;
};
template <class Op, class T>
referee_values referees(const args_of<Op, T>& a, std::int64_t i) {
  interval_sum sum(referee_bits);
  Op::accumulate(a, i, sum);
  term_list terms;
  Op::accumulate(a, i, terms);
  const auto n = static_cast<slong>(terms.a.size());
  const arb_ptr x = _arb_vec_init(n), w = _arb_vec_init(n);
  for (slong t = 0; t < n; ++t) {
    arb_set_d(x + t, terms.a[static_cast<std::size_t>(t)]);
    arb_set_d(w + t, terms.b[static_cast<std::size_t>(t)]);
  }
  arb_t dot;
  arb_init(dot);
  arb_dot(dot, nullptr, 0, x, 1, w, 1, n, referee_bits);
  real low = make_real(referee_bits), high = make_real(referee_bits);
  arb_get_interval_mpfr(raw(low), raw(high), dot);
  arb_clear(dot);
  _arb_vec_clear(x, n);
  _arb_vec_clear(w, n);
  return {sum.value().is_point() ? mpfr_rounded<T>(sum.value().lo) : NAN, mpfr_rounded<T>(low), mpfr_rounded<T>(high)};
}

}  // namespace halfulp::tests
