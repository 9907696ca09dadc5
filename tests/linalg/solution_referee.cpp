#include "solution_referee.hpp"

#include "arb_balls.hpp"

namespace halfulp::tests {
namespace {

/// L^-H L^-1 b in balls of `bits` bits; empty where Arb cannot tell an element of the diagonal from 0.
std::vector<enclosure> arb_solution(const linalg::triangular_factor& l, const linalg::column_vector& b, long bits) {
  const int n = static_cast<int>(l.n);
  arb_matrix lower(n), upper(n);
  acb_mat_t x;
  acb_mat_init(x, n, 1);
  for (int i = 0; i < n; ++i) {
    const auto row = static_cast<std::size_t>(i);
    acb_set_d_d(acb_mat_entry(x, i, 0), b.real[row], l.is_complex() ? b.imaginary[row] : 0);
    for (int j = 0; j <= i; ++j) {
      const std::size_t at = l.at(row, static_cast<std::size_t>(j));
      acb_set_d_d(lower.entry(i, j), l.real[at], l.is_complex() ? l.imaginary[at] : 0);
      acb_conj(upper.entry(j, i), lower.entry(i, j));
    }
  }
  acb_mat_solve_tril(x, lower.get(), x, 0, bits);
  acb_mat_solve_triu(x, upper.get(), x, 0, bits);
  std::vector<enclosure> balls;
  for (int i = 0; i < n; ++i) {
    balls.push_back(ends_of(acb_realref(acb_mat_entry(x, i, 0)), bits + 64));
    if (l.is_complex()) balls.push_back(ends_of(acb_imagref(acb_mat_entry(x, i, 0)), bits + 64));
  }
  acb_mat_clear(x);
  return balls;
}

}  // namespace

referee_verdict compare_with_arb(const linalg::triangular_factor& l, const linalg::column_vector& b,
                                 const linalg::enclosures& ours) {
  constexpr long most_bits = 1L << 15;
  for (long bits = 128; bits <= most_bits; bits *= 2) {
    const std::vector<enclosure> balls = arb_solution(l, b, bits);
    bool all = true;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      if (apart(balls[k], ours[k])) return referee_verdict::disagrees;
      all = all && fits(balls[k], ours[k]);
    }
    if (all) return referee_verdict::agrees;
  }
  return referee_verdict::gave_up;
}

}  // namespace halfulp::tests
