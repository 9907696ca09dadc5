#include <halfulp/kernels/linalg/householder.hpp>

#include <algorithm>
#include <cmath>

#include <halfulp/kernels/linalg/reflect.hpp>
#include <halfulp/kernels/linalg/rounding_bounds.hpp>

namespace halfulp::kernels::linalg {
namespace {

/// Whole vectors, and not a power of two of them: columns of one set of a cache would evict each other.
std::int64_t stride_of(int n) {
  const std::int64_t rows = (n + reflection_slack + 7) / 8 * 8;
  return rows % 64 == 0 ? rows + 8 : rows;
}

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

}  // namespace

leading_norms leading_norms_of(const std::vector<double>& d, const std::vector<double>& e) {
  leading_norms norms{std::vector<double>(d.size()), std::vector<double>(d.size())};
  double row = 0, squares = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    const double before = i > 0 ? std::abs(e[i - 1]) : 0;
    row = std::max(row, before + std::abs(d[i]) + std::abs(e[i]));
    squares += d[i] * d[i] + 2 * before * before;
    norms.rows[i] = rounded_up(row, 3);
    norms.frobenius[i] = rounded_up(std::sqrt(rounded_up(squares, 2 * static_cast<double>(i))), 1);
  }
  return norms;
}

double reduction_radius(const std::vector<double>& d, const std::vector<double>& e,
                        const std::vector<bool>& reflected) {
  const leading_norms norms = leading_norms_of(d, e);
  double radius = 0;
  for (std::size_t m = 1; m < d.size(); ++m) {
    const auto length = static_cast<std::int64_t>(m);
    const double whole = 2 * static_cast<double>(symmetric_product_depth(length)) + 2;
    const double largest = 8 * static_cast<double>(reflection_dot_depth(length)) + 59;
    // the steps after this one moved B by no more than 3/2 of what they add to the radius, in the Frobenius norm
    const double later = 1.5 * radius;
    if (reflected[m])
      radius += unit_roundoff * (whole * (norms.frobenius[m - 1] + later) + largest * (norms.rows[m - 1] + later));
    radius += 0x1p-198;  // a step left out, or what underflows in one
  }
  return rounded_up(radius * (1 + 0x1p-20), 8 * static_cast<double>(d.size()));  // 2^-20: terms of second order
}

householder_form::householder_form(int n, std::span<const double> a)
    : n_(n), stride_(stride_of(n)), d_(size(n)), e_(size(n)), tau_(size(n)) {
  aligned_array work;
  work.resize(stride_ * (n + 3));
  reflectors_.resize(stride_ * n);
  for (std::int64_t j = 0; j < n + 3; ++j) {
    const std::int64_t rows = j < n ? j + 1 : 0;
    std::copy_n(a.data() + j * n, rows, work.data() + j * stride_);
    std::fill(work.data() + j * stride_ + rows, work.data() + j * stride_ + (j < n ? (rows + 7) / 8 * 8 : stride_), 0);
  }
  reflect_to_tridiagonal({n, stride_, work.data(), reflectors_.data(), d_.data(), e_.data(), tau_.data()});
  std::vector<bool> reflected(size(n));
  for (std::size_t m = 0; m < size(n); ++m) reflected[m] = tau_[m] != 0;
  radius_ = reduction_radius(d_, e_, reflected);
}

void householder_form::approx_transform_back(std::span<double> z) const {
  std::vector<double> padded(static_cast<std::size_t>(stride_));
  std::copy(z.begin(), z.end(), padded.begin());
  for (int m = 2; m < n_; ++m)
    if (tau_[size(m)] != 0) apply_reflection(reflectors_.data() + m * stride_, tau_[size(m)], padded.data(), m);
  std::copy_n(padded.begin(), z.size(), z.begin());
}

}  // namespace halfulp::kernels::linalg
