#include <halfulp/oracle/linalg/inverse_bound.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// At least the nonnegative number that `terms` roundings made x of.
double raise(double x, std::size_t terms) {
  return x * (1 + 2 * static_cast<double>(terms + 4) * unit_roundoff) + 0x1p-1000;
}

std::complex<double> scaled_entry(const triangular_factor& l, std::size_t at, int scale) {
  return {std::ldexp(l.real[at], -scale), l.is_complex() ? std::ldexp(l.imaginary[at], -scale) : 0.0};
}

std::vector<double> scaled(std::vector<double> v, const std::vector<int>& scale, int sign) {
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::ldexp(v[i], sign * scale[i]);
  return v;
}

}  // namespace

inverse_bound::inverse_bound(const triangular_factor& l)
    : n_(l.n),
      // a complex product or quotient loses at most 2 sqrt(2) gamma_2 or gamma_4  [higham02, 3.6]
      gamma_(gamma(static_cast<std::int64_t>((l.is_complex() ? 8 : 1) * (l.n + 2)), unit_roundoff)),
      row_scale_(l.n),
      magnitude_(l.n * l.n),
      inverse_(l.n * l.n) {
  for (std::size_t i = 0; i < n_; ++i) {
    const double d = l.is_complex() ? std::max(std::abs(l.real[l.at(i, i)]), std::abs(l.imaginary[l.at(i, i)]))
                                    : std::abs(l.real[l.at(i, i)]);
    row_scale_[i] = std::ilogb(d);
    for (std::size_t j = 0; j <= i; ++j) {
      const double m = std::abs(scaled_entry(l, l.at(i, j), row_scale_[i]));
      magnitude_[l.at(i, j)] = m == 0 ? 0 : raise(m, 1);
    }
  }
  invert(l);
}

/// Row i of R from R L = I, in any order of summation.
void inverse_bound::invert(const triangular_factor& l) {
  std::vector<std::complex<double>> row(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    std::fill(row.begin(), row.end(), 0);
    row[i] = 1;
    for (std::size_t k = i + 1; k-- > 0;) {
      row[k] /= scaled_entry(l, l.at(k, k), row_scale_[k]);
      if (row[k] == 0.0) continue;
      for (std::size_t j = 0; j < k; ++j) row[j] -= row[k] * scaled_entry(l, l.at(k, j), row_scale_[k]);
    }
    for (std::size_t k = 0; k <= i; ++k) inverse_[l.at(i, k)] = raise(std::abs(row[k]), 1);
  }
}

std::vector<double> inverse_bound::product(const matrix& a, const std::vector<double>& v) const {
  std::vector<double> w(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = 0; j <= i; ++j) w[i] += a[i * n_ + j] * v[j];
    w[i] = raise(w[i], n_);
  }
  return w;
}

std::vector<double> inverse_bound::adjoint_product(const matrix& a, const std::vector<double>& v) const {
  std::vector<double> w(n_);
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j <= i; ++j) w[j] += a[i * n_ + j] * v[i];
  for (double& x : w) x = raise(x, n_);
  return w;
}

/// w / (1 - t), t the largest lost_i / w_i.
std::vector<double> inverse_bound::raised(std::vector<double> w, const std::vector<double>& lost) const {
  double t = 0;
  for (std::size_t i = 0; i < n_; ++i) t = std::max(t, raise(gamma_ * lost[i] / w[i], 4));
  for (double& x : w) x = t < 0.5 ? raise(x / (1 - t), 4) : infinite;
  return w;
}

std::vector<double> inverse_bound::multiply(const std::vector<double>& v) const {
  return scaled(product(magnitude_, v), row_scale_, 1);
}

std::vector<double> inverse_bound::adjoint_multiply(const std::vector<double>& v) const {
  return adjoint_product(magnitude_, scaled(v, row_scale_, 1));
}

std::vector<double> inverse_bound::solve(const std::vector<double>& given) const {
  const auto v = scaled(given, row_scale_, -1);
  auto w = product(inverse_, v);
  w = raised(w, product(inverse_, product(magnitude_, w)));
  std::vector<double> s(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = 0; j < i; ++j) s[i] += magnitude_[i * n_ + j] * s[j];
    s[i] = raise((s[i] + v[i]) / magnitude_[i * n_ + i], n_ + 4);
    if (s[i] < w[i]) w[i] = s[i];
  }
  return w;
}

std::vector<double> inverse_bound::adjoint_solve(const std::vector<double>& v) const {
  // |L^-H| v <= |R^H| (I - |E|^H)^-1 v
  auto w = adjoint_product(inverse_, v);
  auto start = raised(v, adjoint_product(magnitude_, w));
  w = adjoint_product(inverse_, start);
  std::vector<double> s = v;
  for (std::size_t i = n_; i-- > 0;) {
    s[i] = raise(raise(s[i], n_) / magnitude_[i * n_ + i], n_ + 4);
    if (s[i] < w[i]) w[i] = s[i];
    for (std::size_t j = 0; j < i; ++j) s[j] += magnitude_[i * n_ + j] * s[i];
  }
  return scaled(w, row_scale_, -1);
}

}  // namespace halfulp::linalg
