#include <halfulp/analysis/matched.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <halfulp/analysis/assignment.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::analysis {
namespace {

constexpr double most = 1e300;

template <class T>
std::array<long double, 2> parts_of(T x) {
  if constexpr (is_complex<T>)
    return {widen(x.real()), widen(x.imag())};
  else
    return {widen(x), 0};
}

bool is_finite(const std::array<long double, 2>& z) {
  return std::isfinite(z[0]) && std::isfinite(z[1]);
}

long double magnitude(const std::array<long double, 2>& z) {
  return std::hypot(z[0], z[1]);
}

/// The distance of two numbers over the magnitude of the one that is wanted, or over `least` where that is larger.
template <class T>
double cost_of(T want, T have, long double least) {
  if (std::bit_cast<std::array<component_t<T>, is_complex<T> ? 2 : 1>>(want) ==
      std::bit_cast<std::array<component_t<T>, is_complex<T> ? 2 : 1>>(have))
    return 0;
  const auto x = parts_of(want), y = parts_of(have);
  if (!is_finite(x) || !is_finite(y)) return std::isnan(x[0]) && std::isnan(y[0]) ? 0 : most;
  const long double scale = std::max(magnitude(x), least);
  const long double d = magnitude({x[0] - y[0], x[1] - y[1]}) / scale;
  return d < most ? static_cast<double>(d) : most;
}

/// Below it no algorithm tells numbers of `all` from 0: a unit roundoff of the largest finite one.
template <class T>
long double least_magnitude(std::span<const T> all) {
  long double largest = 0;
  for (const T& x : all)
    if (const auto z = parts_of(x); is_finite(z)) largest = std::max(largest, magnitude(z));
  return std::max(std::ldexp(largest, -format_of<component_t<T>>.precision), std::numeric_limits<long double>::min());
}

}  // namespace

tensor matched_to(const truth& t, const tensor& got) {
  tensor ordered(got.type(), got.shape());
  visit_dtype(got.type(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto from = got.elements<const T>();
    const auto to = ordered.elements<T>();
    std::copy(from.begin(), from.end(), to.begin());
    if constexpr (!std::is_integral_v<T>) {
      if (from.empty() || t.components.empty()) return;
      const auto rounded = t.rounded.elements<const T>();
      const auto n = static_cast<std::size_t>(got.shape()[got.shape().rank - 1]);
      for (std::size_t first = 0; first < from.size(); first += n) {
        const long double least = least_magnitude(rounded.subspan(first, n));
        std::vector<double> cost;
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t j = 0; j < n; ++j) cost.push_back(cost_of<T>(rounded[first + i], from[first + j], least));
        const auto column = best_assignment(n, cost);
        for (std::size_t i = 0; i < n; ++i) to[first + i] = from[first + column[i]];
      }
    }
  });
  return ordered;
}

}  // namespace halfulp::analysis
