#include "referee.hpp"

#include <algorithm>

#include "arb_balls.hpp"

namespace halfulp::tests {

std::vector<enclosure> arb_eigenvalues(const linalg::hermitian_matrix& a, long bits, arb_certificate which) {
  arb_matrix m(a.n), right(a.n);
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j)
      acb_set_d_d(m.entry(i, j), a.real[a.at(i, j)], a.is_complex() ? a.imaginary[a.at(i, j)] : 0);
  arb_vector approximate(a.n), values(a.n);
  acb_mat_approx_eig_qr(approximate.get(), nullptr, right.get(), m.get(), nullptr, 0, bits);
  const int found =
      which == arb_certificate::simple
          ? acb_mat_eig_simple(values.get(), nullptr, nullptr, m.get(), approximate.get(), right.get(), bits)
          : acb_mat_eig_multiple(values.get(), m.get(), approximate.get(), right.get(), bits);
  if (found == 0) return {};
  std::vector<enclosure> balls;
  for (int k = 0; k < a.n; ++k) balls.push_back(ends_of(acb_realref(values.get() + k), bits + 64));
  std::sort(balls.begin(), balls.end(),
            [](const enclosure& x, const enclosure& y) { return mpfr_less_p(raw(x.lo), raw(y.lo)) != 0; });
  return balls;
}

referee_verdict compare_with_arb(const linalg::hermitian_matrix& a, const std::vector<enclosure>& ours) {
  constexpr long most_bits = 4096;
  for (long bits = 128; bits <= most_bits; bits *= 2) {
    const std::vector<enclosure> balls = arb_eigenvalues(a, bits);
    if (balls.size() != ours.size()) continue;
    bool all = true;
    for (std::size_t k = 0; k < balls.size(); ++k) {
      if (apart(balls[k], ours[k])) return referee_verdict::disagrees;
      all = all && fits(balls[k], ours[k]);
    }
    if (all) return referee_verdict::agrees;
  }
  return referee_verdict::gave_up;
}

}  // namespace halfulp::tests
