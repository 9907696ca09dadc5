#include <halfulp/oracle/linalg/gradient_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/underflow.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// Eigenvalues k, ascending, as intervals of long double, and what follows from them.
class spectrum_bounds {
 public:
  spectrum_bounds(const hermitian_matrix& a, double loss) : n_(a.n), loss_(loss) {
    for (const auto& v : eigenvalues<double>(a, question::rounding)) {
      low_.push_back(mpfr_get_ld(raw(v.range.lo), MPFR_RNDD));
      high_.push_back(mpfr_get_ld(raw(v.range.hi), MPFR_RNDU));
    }
    norm_ = std::max(std::abs(low_.front()), std::abs(high_.back()));
    if (low_.front() > 0) condition_ = scaled_condition(a);
  }

  /// How much of w_k - w_l may come through as the perturbation turns v_k and v_l into each other: at most all of it.
  double turn(int k, int l, bool scaled) const {
    const long double gap = low_[size(std::max(k, l))] - high_[size(std::min(k, l))];
    long double pushed = norm_;
    if (scaled && std::isfinite(condition_))
      pushed = std::min(pushed, condition_ * std::sqrt(high_[size(k)]) * std::sqrt(high_[size(l)]));
    return gap > 0 ? static_cast<double>(std::min(1.0L, loss_ * pushed / gap)) : 1;
  }
  /// Whether a perturbation of that size may mix v_k and v_l at will.
  bool are_mixed(int k, int l) const { return turn(k, l, false) == 1; }

 private:
  int n_;
  double loss_;
  std::vector<long double> low_, high_;
  long double norm_ = 0;
  double condition_ = infinite;
};

/// |v_ik|, column after column; for eigenvalues that mix, the norm of row i over all of them, which no mixing changes.
std::vector<double> magnitudes(const hermitian_matrix& a, const spectrum_bounds& s) {
  const approx_eigensystem found = approx_eigensystem_of(scaled(a, exponent_of_largest(a)));
  std::vector<double> v(size(a.n) * size(a.n), 1);
  if (!found.converged) return v;
  const auto square = [&](std::size_t at) {
    const double im = found.imaginary.empty() ? 0 : found.imaginary[at];
    return found.real[at] * found.real[at] + im * im;
  };
  for (int first = 0; first < a.n;) {
    int end = first + 1;
    while (end < a.n && s.are_mixed(end - 1, end)) ++end;
    for (int i = 0; i < a.n; ++i) {
      double sum = 0;
      for (int k = first; k < end; ++k) sum += square(a.at(i, k));
      for (int k = first; k < end; ++k) v[a.at(i, k)] = std::sqrt(sum);
    }
    first = end;
  }
  return v;
}

/// V T V^T for T = loss |diag(w)| + (turn(k, l) |w_k - w_l|), entry by entry.
std::vector<double> componentwise(const hermitian_matrix& a, std::span<const double> w, const spectrum_bounds& s,
                                  double loss) {
  const auto v = magnitudes(a, s);
  std::vector<double> tv(v.size()), sum(v.size());
  for (int k = 0; k < a.n; ++k)
    for (int l = 0; l < a.n; ++l) {
      const double t = k == l ? loss * std::abs(w[size(k)]) : s.turn(k, l, true) * std::abs(w[size(k)] - w[size(l)]);
      for (int j = 0; t != 0 && j < a.n; ++j) tv[a.at(j, k)] += t * v[a.at(j, l)];
    }
  for (int k = 0; k < a.n; ++k)
    for (int j = 0; j < a.n; ++j)
      for (int i = 0; i < a.n; ++i) sum[a.at(i, j)] += v[a.at(i, k)] * tv[a.at(j, k)];
  return sum;
}

/// loss max|w| + the largest turn(k, l) |w_k - w_l|
double normwise(std::span<const double> w, const spectrum_bounds& s, double loss) {
  double largest = 0, turned = 0;
  for (int k = 0; k < static_cast<int>(w.size()); ++k) {
    largest = std::max(largest, std::abs(w[size(k)]));
    for (int l = 0; l < k; ++l) turned = std::max(turned, s.turn(k, l, false) * std::abs(w[size(k)] - w[size(l)]));
  }
  return loss * largest + turned;
}

}  // namespace

std::vector<ulp_bounds> gradient_bounds(const format& f, const hermitian_matrix& a, std::span<const double> w,
                                        const std::vector<enclosure>& components) {
  std::vector<ulp_bounds> bounds(components.size(), {infinite, infinite});
  if (a.n == 0) return bounds;
  const double loss = unit_of_loss(f, a.n);
  const spectrum_bounds s(a, loss);
  const double rounding = 1 + 8.0 * a.n * std::numeric_limits<double>::epsilon();
  const double underflow = underflow_of(f, a.n);
  const double everywhere = normwise(w, s, loss) * rounding + underflow;
  const auto each = componentwise(a, w, s, loss);
  const std::size_t parts = a.is_complex() ? 2 : 1;
  for (std::size_t k = 0; k < components.size(); ++k) {
    const double here = std::min(each[k / parts] * rounding + underflow, everywhere);
    bounds[k] = {in_ulps(f, everywhere, components[k]), in_ulps(f, here, components[k])};
  }
  return bounds;
}

}  // namespace halfulp::linalg
