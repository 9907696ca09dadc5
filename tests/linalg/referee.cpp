#include "referee.hpp"

#include <algorithm>

#include "arb_balls.hpp"

namespace halfulp::tests {

std::vector<enclosure> arb_eigenvalues(const linalg::hermitian_matrix& a, long bits, arb_certificate which) {
  arb_vector values(a.n);
  if (!certified_eigenvalues(a, bits, which, values)) return {};
  std::vector<enclosure> balls;
  for (int k = 0; k < a.n; ++k) balls.push_back(ends_of(acb_realref(values.get() + k), bits + 64));
  std::sort(balls.begin(), balls.end(),
            [](const enclosure& x, const enclosure& y) { return mpfr_less_p(raw(x.lo), raw(y.lo)) != 0; });
  return balls;
}

referee_verdict compare_with_arb(const linalg::hermitian_matrix& a, const std::vector<enclosure>& ours) {
  return compare(ours, [&](long bits) { return arb_eigenvalues(a, bits); });
}

std::vector<enclosure> arb_gradient(const linalg::hermitian_matrix& a, std::span<const double> w, long bits) {
  arb_matrix m(a.n), left(a.n), right(a.n);
  arb_vector values(a.n);
  if (!certified_eigenvectors(a, bits, values, left, right)) return {};
  std::vector<int> order;
  for (int k = 0; k < a.n; ++k) order.push_back(k);
  std::sort(order.begin(), order.end(), [&](int x, int y) {
    return arf_cmp(arb_midref(acb_realref(values.get() + x)), arb_midref(acb_realref(values.get() + y))) < 0;
  });
  for (int k = 0; k < a.n; ++k)
    for (int i = 0; i < a.n; ++i) {
      acb_t weight;
      acb_init(weight);
      acb_set_d(weight, w[static_cast<std::size_t>(k)]);
      acb_ptr entry = right.entry(i, order[static_cast<std::size_t>(k)]);
      acb_mul(entry, entry, weight, bits);
      acb_clear(weight);
    }
  acb_mat_mul(m.get(), right.get(), left.get(), bits);
  std::vector<enclosure> balls;
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j) {
      balls.push_back(ends_of(acb_realref(m.entry(i, j)), bits + 64));
      if (a.is_complex()) balls.push_back(ends_of(acb_imagref(m.entry(i, j)), bits + 64));
    }
  return balls;
}

referee_verdict compare_gradient_with_arb(const linalg::hermitian_matrix& a, std::span<const double> w,
                                          const std::vector<enclosure>& ours) {
  return compare(ours, [&](long bits) { return arb_gradient(a, w, bits); });
}

}  // namespace halfulp::tests
