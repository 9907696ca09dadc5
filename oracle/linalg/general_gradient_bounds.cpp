#include <halfulp/oracle/linalg/general_gradient_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/sensitivity.hpp>
#include <halfulp/oracle/real/underflow.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// Weights in the order of LAPACK's eigenvalues; none where two eigenvalues have one nearest approximation.
std::optional<std::vector<std::complex<double>>> in_order_of(const approx_general_eigensystem& s,
                                                             const square_matrix& a, int shift,
                                                             std::span<const std::complex<double>> w) {
  const auto values = general_eigenvalues<double>(a, question::rounding);
  std::vector<std::complex<double>> ordered(w.size());
  std::vector<bool> taken(w.size(), false);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t at = size(nearest(s, values[k].re.range, values[k].im.range, shift));
    if (taken[at]) return std::nullopt;
    taken[at] = true;
    ordered[at] = w[k];
  }
  return ordered;
}

/// |X| T |Y| entry by entry, column after column, where
///   t_kl = eps ||y_k|| ||x_l|| (|w_k| + |w_k - w_l| ||A|| / |l_k - l_l|)
/// and nothing where the first order is not all there is.
std::vector<long double> losses(const sensitivity& s, const std::vector<std::complex<double>>& w, double eps) {
  const auto n = static_cast<int>(w.size());
  std::vector<long double> xt(size(n) * size(n), 0), sum(size(n) * size(n), 0);
  const auto at = [&](int i, int j) { return size(j) * size(n) + size(i); };
  for (int k = 0; k < n; ++k) {
    if (!std::isfinite(s.loss(k, eps))) return {};
    for (int l = 0; l < n; ++l) {
      long double t = std::abs(w[size(k)]);
      if (k != l) t += std::abs(w[size(k)] - w[size(l)]) * s.norm() / s.distance(k, l);
      t *= eps * s.row(k) * s.column(l);
      for (int i = 0; i < n; ++i) xt[at(i, l)] += s.vector(i, k) * t;
    }
  }
  for (int l = 0; l < n; ++l)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) sum[at(i, j)] += xt[at(i, l)] * s.inverse(l, j);
  return sum;
}

}  // namespace

std::vector<ulp_bounds> approx_general_gradient_bounds(const format& f, const square_matrix& a,
                                                       std::span<const std::complex<double>> w,
                                                       const std::vector<enclosure>& components) {
  std::vector<ulp_bounds> bounds(components.size(), {infinite, infinite});
  if (a.n == 0) return bounds;
  const balanced_matrix b = balanced_in_blocks(a);
  const approx_general_eigensystem s = approx_general_eigensystem_of(b.matrix);
  if (!s.converged) return bounds;
  const auto ordered = in_order_of(s, a, b.shift, w);
  if (!ordered) return bounds;
  const double eps = unit_of_loss(f, a.n);
  const double underflow = underflow_of(f, a.n);
  const auto plain = losses(sensitivity(b, s, false), *ordered, eps);
  const auto scaled = losses(sensitivity(b, s, true), *ordered, eps);
  const std::size_t parts = a.is_complex() ? 2 : 1;
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j) {
      // dx_ij is the conjugate of f(A)_ji = 2^(d_j - d_i) f(B)_ji
      const double normwise = plain.empty() ? infinite : static_cast<double>(plain[a.at(j, i)]) + underflow;
      const double balanced =
          scaled.empty()
              ? infinite
              : static_cast<double>(std::ldexp(scaled[a.at(j, i)], b.exponents[size(j)] - b.exponents[size(i)])) +
                    underflow;
      for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t k = (size(i) * size(a.n) + size(j)) * parts + part;
        if (std::isfinite(normwise)) bounds[k].normwise = in_ulps(f, normwise, components[k]);
        if (std::isfinite(std::min(normwise, balanced)))
          bounds[k].componentwise = in_ulps(f, std::min(normwise, balanced), components[k]);
      }
    }
  return bounds;
}

}  // namespace halfulp::linalg
