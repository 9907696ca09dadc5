#include <halfulp/oracle/linalg/residual.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <cblas.h>

#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/linalg/norm_bound.hpp>
#include <halfulp/oracle/linalg/rayleigh_quotient.hpp>
#include <halfulp/oracle/real/sums.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double u = unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// c = alpha op(a) b + beta c for n x n matrices.
void multiply(int n, CBLAS_TRANSPOSE op, double alpha, const double* a, const double* b, double beta, double* c) {
  cblas_dgemm(CblasColMajor, op, CblasNoTrans, n, n, n, alpha, a, n, b, n, beta, c, n);
}

/// The parts of op(A) B, A and B complex or both real; op is nothing, or ^H.
hermitian_matrix product(const hermitian_matrix& a, CBLAS_TRANSPOSE op, const approx_eigensystem& b) {
  hermitian_matrix p{a.n, std::vector<double>(a.real.size()), std::vector<double>(a.imaginary.size())};
  multiply(a.n, op, 1, a.real.data(), b.real.data(), 0, p.real.data());
  if (!a.is_complex()) return p;
  const double sign = op == CblasTrans ? -1 : 1;
  multiply(a.n, op, -sign, a.imaginary.data(), b.imaginary.data(), 1, p.real.data());
  multiply(a.n, op, sign, a.imaginary.data(), b.real.data(), 0, p.imaginary.data());
  multiply(a.n, op, 1, a.real.data(), b.imaginary.data(), 1, p.imaginary.data());
  return p;
}

/// A computed inner product of two vectors of n numbers, by parts, is off by at most this much of the product of their
/// 2-norms: gamma_(n+1) for real ones; for complex ones each part has 2 n terms, and the two parts together a factor
/// sqrt(2).  [higham02, 3.5]
double product_error(const hermitian_matrix& a) {
  return a.is_complex() ? up(1.5 * gamma(2 * a.n + 2, u)) : gamma(a.n + 1, u);
}

/// At least ||X^H X - I||
double loss_of_orthogonality(const hermitian_matrix& x, const approx_eigensystem& s) {
  hermitian_matrix f = product(x, CblasTrans, s);
  for (int k = 0; k < f.n; ++k) f.real[f.at(k, k)] -= 1;
  const double x_norm = norm_bound(x.real, x.imaginary);
  // the subtraction of 1 loses u of at most ||x_k||^2 + 1
  const double lost = (product_error(x) + 2 * u) * x_norm * x_norm + 2 * u * x.n;
  return at_least(norm_bound(f.real, f.imaginary) + lost, 8);
}

/// At least ||A X - X L||: the product loses product_error |A| |X|, the rest 3 roundings.
double residual_norm(const hermitian_matrix& a, const approx_eigensystem& s, double a_norm, double x_norm) {
  hermitian_matrix r = product(a, CblasNoTrans, s);
  const double product_norm = norm_bound(r.real, r.imaginary);
  double largest = 0;
  for (int j = 0; j < a.n; ++j) {
    const double value = s.values[size(j)];
    largest = std::max(largest, std::abs(value));
    for (int i = 0; i < a.n; ++i) r.real[r.at(i, j)] -= s.real[r.at(i, j)] * value;
    for (int i = 0; i < a.n && a.is_complex(); ++i) r.imaginary[r.at(i, j)] -= s.imaginary[r.at(i, j)] * value;
  }
  const double lost = product_error(a) * a_norm * x_norm + 3 * u * (product_norm + largest * x_norm);
  return at_least(norm_bound(r.real, r.imaginary) + lost, 8);
}

}  // namespace

residual_certificate::residual_certificate(const hermitian_matrix& a, const approx_eigensystem& s, double lost)
    : a_(a),
      s_(s),
      lost_(at_least(lost * a.n * (a.is_complex() ? 2 : 1), 2)),
      norm_(norm_bound(a.real, a.imaginary)),
      radius_(infinite) {
  const hermitian_matrix x{a.n, s.real, s.imaginary};
  const double f = loss_of_orthogonality(x, s);
  if (!(f < 0.25)) return;
  const double largest = std::max(std::abs(s.values.front()), std::abs(s.values.back()));
  const double r = residual_norm(a, s, norm_, norm_bound(x.real, x.imaginary));
  // 1 / sqrt(1 - f) <= 1 + f and 2 f^2 / (1 - f) <= 3 f^2, for f <= 1/4
  radius_ = at_least(r * (1 + f) + 3 * f * f * largest + lost_, 8);
}

std::optional<enclosure> residual_certificate::normwise(int k) const {
  if (!(radius_ < infinite)) return std::nullopt;
  return enclosure_of({s_.values[size(k)], 0}, radius_);
}

namespace {

/// e, moved outward by `down` and `up`.
enclosure widened(enclosure e, double down, double up) {
  mpfr_sub_d(raw(e.lo), raw(e.lo), down, MPFR_RNDD);
  mpfr_add_d(raw(e.hi), raw(e.hi), up, MPFR_RNDU);
  return e;
}

}  // namespace

std::optional<enclosure> residual_certificate::separate(int k) const {
  if (!(radius_ < infinite)) return std::nullopt;
  const std::size_t first = size(k) * size(a_.n);
  const auto q = quotient_of(a_, norm_, &s_.real[first], a_.is_complex() ? &s_.imaginary[first] : nullptr);
  if (!q) return std::nullopt;
  // at least how far the quotient is from the eigenvalue `next`, on the side where that should be
  const auto distance = [&](const real& end, int next, double side) {
    const double t = mpfr_get_d(raw(end), MPFR_RNDN), v = s_.values[size(next)];
    return side * (v - t) - radius_ - 4 * u * (std::abs(t) + std::abs(v) + radius_);
  };
  const double above = k + 1 < a_.n ? distance(q->range.hi, k + 1, 1) : infinite;
  const double below = k > 0 ? distance(q->range.lo, k - 1, -1) : infinite;
  if (!(above > 0 && below > 0)) return std::nullopt;
  const double square = at_least(q->residual * q->residual, 1);
  return widened(q->range, at_least(square / above + lost_, 2), at_least(square / below + lost_, 2));
}

}  // namespace halfulp::linalg
