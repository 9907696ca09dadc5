// What an element of dy gives to one term of its element: dy times the derivative of the reduction, rounded once.
#pragma once

#include <halfulp/kernels/core/digit_sum.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_gradients.hpp>
#include <halfulp/oracle/core/part.hpp>
#include <halfulp/oracle/core/scatter_grad.hpp>

namespace halfulp::kernels::cuda {

/// RN_R(a b / n), n >= 1; the special values are those of a product.
template <class R>
__device__ R rounded_share(double a, double b, std::int64_t n) {
  const bool zero = is_zero(a) || is_zero(b), infinite = is_infinite(a) || is_infinite(b);
  const bool negative = is_negative(a) != is_negative(b);
  digit_sum<6> s;  // of 106 bits
  s.special = special_of(is_nan(a) || is_nan(b) || (zero && infinite), infinite, zero, negative);
  if (s.special != 0) return s.template finish<R>(0, 1);
  const binary_real x = decompose(a), y = decompose(b);
  s.add(negative, static_cast<unsigned __int128>(x.significand) * y.significand, 0);
  return s.template finish<R>(x.exponent + y.exponent, n);
}

/// What is known of the elements: their updates' number, the last of them and 1, the extreme and how many terms are it;
/// as far as the reduction asks for it.
template <class R>
struct element_states {
  const unsigned* terms;
  const unsigned long long* last;
  const R* best;
  const unsigned* ties;
};

/// The gradient by one term, component by component: a share of dy.
template <class R>
struct share_of_term {
  scatter_places places;
  scatter_rule rule;
  const R *values, *self, *dy;
  int parts;
  element_states<R> known;

  /// Component c of element t, whose term is the element before.
  __device__ R of_self(std::int64_t t, std::int64_t c) const {
    const double dy_c = widen(dy[c]);
    if (known.terms[t] == 0) return rounded_share<R>(dy_c, 1, 1);
    if (!rule.include_self) return R{};
    switch (rule.how) {
      case reduction::add:
        return rounded_share<R>(dy_c, 1, 1);
      case reduction::mean:
        return rounded_share<R>(dy_c, 1, std::int64_t{known.terms[t]} + 1);
      default:
        return scatters::same_value(self[c], known.best[t]) ? rounded_share<R>(dy_c, 1, known.ties[t]) : R{};
    }
  }
  /// Component c of element t, whose term is update j.
  __device__ R of_update(std::int64_t j, std::int64_t t, std::int64_t c) const {
    const double dy_c = widen(dy[c]);
    switch (rule.how) {
      case reduction::assign:
        return known.last[t] == static_cast<unsigned long long>(j) + 1 ? rounded_share<R>(dy_c, 1, 1) : R{};
      case reduction::add:
        return rounded_share<R>(dy_c, rule.alpha, 1);
      case reduction::mean:
        return rounded_share<R>(dy_c, 1, std::int64_t{known.terms[t]} + (rule.include_self ? 1 : 0));
      default:
        return scatters::same_value(values[places.value_of(j)], known.best[t])
                   ? rounded_share<R>(dy_c, 1, known.ties[t])
                   : R{};
    }
  }
};

template <class R>
struct round_self_shares {
  share_of_term<R> share;
  R* dx;
  __device__ void operator()(std::int64_t c) const { dx[c] = share.of_self(c / share.parts, c); }
};
template <class R>
struct round_update_shares {
  share_of_term<R> share;
  R* dvalues;
  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = share.places.target[j], to = share.places.value_of(j) * share.parts;
    for (int p = 0; p < share.parts; ++p) dvalues[to + p] = share.of_update(j, t, t * share.parts + p);
  }
};

}  // namespace halfulp::kernels::cuda
