#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/oracle.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {

/// A random scatter to the elements of a vector, and what it must give, from its terms one element at a time: sums by
/// the exact accumulator, means and products by MPFR, exactly and rounded once, extremes by comparing binary64 numbers.
template <class T>
struct random_scatter {
  std::string op, how;  // how: of put_along_axis
  bool include_self = true;
  double alpha = 1;
  std::vector<T> x, values;
  std::vector<std::int64_t> index;

  /// Contents by turns: uniform; of any exponent; cancelling; small multiples of few powers of two, whose sums are often
  /// ties; any bits, NaNs and infinities among them.
  static T element(random_source& r, int content, T before) {
    const double u = r.uniform();
    switch (content) {
      case 0:
        return narrow<T>(u);
      case 1:
        return r.any_finite<T>();
      case 2:
        return r.bits() % 2 == 0 ? narrow<T>(u)
                                 : narrow<T>(-widen(before) * (1 + 0x1p-7 * static_cast<double>(r.between(0, 1))));
      case 3:
        return narrow<T>(static_cast<double>(r.between(-5, 5)) *
                         std::ldexp(1.0, -format_of<T>.precision * static_cast<int>(r.between(0, 2))));
      default:
        return r.any<T>();
    }
  }
  static random_scatter of(random_source& r, std::string op, std::string how, std::int64_t elements,
                           std::int64_t updates, int content) {
    random_scatter s{std::move(op), std::move(how), r.bits() % 2 == 0, 1, {}, {}, {}};
    T last{};
    for (std::int64_t k = 0; k < elements; ++k) s.x.push_back(last = element(r, content, last));
    for (std::int64_t k = 0; k < updates; ++k) {
      s.values.push_back(last = element(r, content, last));
      s.index.push_back(r.between(0, elements - 1));
    }
    if (s.op == "index_add" && r.bits() % 2 == 0) s.alpha = r.uniform() + static_cast<double>(r.between(-2, 2));
    if (s.op != "put_along_axis") s.include_self = true;
    return s;
  }

  std::vector<T> computed() const {
    const auto view = [](auto& v, dtype type) {
      const extents shape{static_cast<std::int64_t>(v.size())};
      return tensor_view{const_cast<void*>(static_cast<const void*>(v.data())), type, shape, row_major_strides(shape),
                         false};
    };
    const argument a{view(x, dtype_of<T>)}, i{view(index, dtype::int64)}, v{view(values, dtype_of<T>)},
        axis{std::int64_t{0}};
    argument::list given;
    if (op == "index_add") given = {a, i, axis, v, {alpha}};
    if (op == "index_put") given = {a, {argument::list{i}}, v, {true}};
    if (op == "put_along_axis") given = {a, i, v, axis, {how}, {include_self}};
    const auto y = kernels::compute(op, call(signature_named(op), given, {})).outputs.at(0);
    const auto e = y.template elements<T>();
    return {e.begin(), e.end()};
  }
  std::vector<T> expected() const {
    std::vector<std::size_t> order(index.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return index[a] < index[b]; });
    std::vector<T> y = x;
    std::vector<T> terms;
    for (std::size_t k = 0; k < order.size();) {
      const auto t = static_cast<std::size_t>(index[order[k]]);
      terms.clear();
      for (; k < order.size() && index[order[k]] == static_cast<std::int64_t>(t); ++k)
        terms.push_back(values[order[k]]);
      y[t] = reduced(x[t], terms);
    }
    return y;
  }
  /// How many elements of the kernel have other bits.
  long long wrong() const {
    const auto got = computed(), want = expected();
    long long n = 0;
    for (std::size_t k = 0; k < want.size(); ++k) n += to_bits(got[k]) != to_bits(want[k]);
    return n;
  }

 private:
  T reduced(T self, std::vector<T>& terms) const {
    if (op != "put_along_axis" || how == "add") return sum(self, terms);
    if (include_self) terms.push_back(self);
    if (how == "mean") return mean(terms);
    return how == "mul" ? product(terms) : extreme(terms);
  }
  T sum(T self, const std::vector<T>& terms) const {
    exact_sum<double> s;
    if (include_self) s.add(widen(self));
    for (const T t : terms) alpha == 1 ? s.add(widen(t)) : s.add_product(alpha, widen(t));
    return s.round<T>();
  }
  static T mean(const std::vector<T>& terms) {
    exact_sum<T> s;
    for (const T t : terms) s.add(t);
    const T rounded = s.template round<T>();
    if (s.is_nan_sum() || s.is_infinite_sum() || s.sign() == 0) return rounded;
    real q = make_real(400);
    const int inexact = mpfr_div_ui(raw(q), raw(to_real(s, rounded)), terms.size(), MPFR_RNDZ);
    binary_real r = leading_bits(q);
    r.sticky = r.sticky || inexact != 0;
    return round_to_nearest<T>(r);
  }
  static T product(const std::vector<T>& terms) {
    real p = make_real(static_cast<mpfr_prec_t>(terms.size()) * format_of<T>.precision + 2);
    mpfr_set_ui(raw(p), 1, MPFR_RNDN);
    for (const T t : terms) mpfr_mul(raw(p), raw(p), raw(to_real(t)), MPFR_RNDN);  // exact
    return round_to_nearest<T>(p);
  }
  T extreme(const std::vector<T>& terms) const {
    const double sign = how == "amin" ? 1 : -1;
    T best = terms[0];
    for (const T t : terms) {
      const double a = sign * widen(t), b = sign * widen(best);
      if (std::isnan(a) || std::isnan(b)) return canonical_nan<T>();
      if (a < b || (a == b && std::signbit(a) && !std::signbit(b))) best = t;
    }
    return best;
  }
};

struct reducing_op {
  const char *op, *how;
};
inline constexpr reducing_op reducing_ops[] = {
    {"index_add", ""},         {"index_put", ""},          {"put_along_axis", "add"}, {"put_along_axis", "mean"},
    {"put_along_axis", "mul"}, {"put_along_axis", "amin"}, {"put_along_axis", "amax"}};
inline constexpr int scatter_contents = 5;

}  // namespace halfulp::tests
