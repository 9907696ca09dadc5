#include <algorithm>
#include <numeric>

#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

#include "arb_balls.hpp"
#include "general_referee.hpp"

namespace halfulp::tests {
namespace {

/// The rounding of every number in the ball; 0 where it holds that, NaN where two roundings are possible.
template <class P>
P rounding_of(const arb_struct* x, long bits) {
  if (arb_contains_zero(x)) return 0;
  const enclosure e = ends_of(x, bits + 64);
  const auto d = decide<P>(e);
  return d.decided() ? d.value() : canonical_nan<P>();
}

/// Where eigvals puts each eigenvalue; empty where two have the same rounding, or one is not known.
template <class P>
std::vector<int> places(const std::vector<std::complex<P>>& rounded) {
  std::vector<int> order(rounded.size()), place(rounded.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int k) { return rounded[static_cast<std::size_t>(k)]; };
  for (const auto& v : rounded)
    if (is_nan(v.real()) || is_nan(v.imag())) return {};
  std::sort(order.begin(), order.end(), [&](int x, int y) { return op::eigvals::precedes(value(x), value(y)); });
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k > 0 && value(order[k]) == value(order[k - 1])) return {};
    place[static_cast<std::size_t>(order[k])] = static_cast<int>(k);
  }
  return place;
}

}  // namespace

template <class P>
std::vector<enclosure> arb_general_gradient(const linalg::square_matrix& a, std::span<const std::complex<double>> w,
                                            long bits) {
  arb_matrix m(a.n), left(a.n), right(a.n);
  arb_vector values(a.n);
  if (!certified_eigenvectors(a, bits, values, left, right)) return {};
  std::vector<std::complex<P>> rounded;
  for (int k = 0; k < a.n; ++k)
    rounded.emplace_back(rounding_of<P>(acb_realref(values.get() + k), bits),
                         rounding_of<P>(acb_imagref(values.get() + k), bits));
  const auto place = places(rounded);
  if (place.empty()) return {};
  for (int k = 0; k < a.n; ++k)
    for (int i = 0; i < a.n; ++i) {
      const auto weight = w[static_cast<std::size_t>(place[static_cast<std::size_t>(k)])];
      acb_t conjugate;
      acb_init(conjugate);
      acb_set_d_d(conjugate, weight.real(), -weight.imag());
      acb_mul(right.entry(i, k), right.entry(i, k), conjugate, bits);
      acb_clear(conjugate);
    }
  acb_mat_mul(m.get(), right.get(), left.get(), bits);
  std::vector<enclosure> balls;
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j) {
      balls.push_back(ends_of(acb_realref(m.entry(j, i)), bits + 64));
      arb_neg(acb_imagref(m.entry(j, i)), acb_imagref(m.entry(j, i)));
      if (a.is_complex()) balls.push_back(ends_of(acb_imagref(m.entry(j, i)), bits + 64));
    }
  return balls;
}

template <class P>
referee_verdict compare_general_gradient_with_arb(const linalg::square_matrix& a,
                                                  std::span<const std::complex<double>> w,
                                                  const std::vector<enclosure>& ours) {
  return compare(ours, [&](long bits) { return arb_general_gradient<P>(a, w, bits); });
}

template referee_verdict compare_general_gradient_with_arb<float>(const linalg::square_matrix&,
                                                                  std::span<const std::complex<double>>,
                                                                  const std::vector<enclosure>&);
template referee_verdict compare_general_gradient_with_arb<double>(const linalg::square_matrix&,
                                                                   std::span<const std::complex<double>>,
                                                                   const std::vector<enclosure>&);

}  // namespace halfulp::tests
