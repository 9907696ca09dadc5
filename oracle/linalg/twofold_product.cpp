#include <halfulp/oracle/linalg/twofold_product.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include <cblas.h>

#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::linalg {
namespace {

constexpr double u = unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// Bits of a slice: sums of n products of two slices are exact.
int slice_bits(int n) {
  return (53 - static_cast<int>(std::bit_width(static_cast<unsigned>(n)))) / 2;
}

double scale_above(double largest) {
  return largest > 0x1p-200 ? std::ldexp(1.0, std::ilogb(largest) + 1) : 0x1p-200;
}

/// A matrix as the sum of three.
struct slices {
  std::vector<double> high, middle, rest, leading;  // leading = high + middle
};

/// Scales are those of row i, or of column j where `by_column`.
slices sliced(int n, const std::vector<double>& a, const std::vector<double>& scales, bool by_column) {
  const int bits = slice_bits(n);
  slices s{a, a, a, a};
  const double first = std::ldexp(1.5, 52 - bits), second = std::ldexp(1.5, 52 - 2 * bits);
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) {
      const std::size_t k = size(j) * size(n) + size(i);
      const double scale = scales[size(by_column ? j : i)];
      const double high = (a[k] + first * scale) - first * scale;  // a multiple of 2^-bits scale
      const double left = a[k] - high;                             // exact
      s.high[k] = high;
      s.middle[k] = (left + second * scale) - second * scale;
      s.rest[k] = left - s.middle[k];
      s.leading[k] = high + s.middle[k];
    }
  return s;
}

void multiply(int n, const std::vector<double>& a, const std::vector<double>& x, double beta, std::vector<double>& c) {
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, x.data(), n, beta, c.data(), n);
}

}  // namespace

std::vector<double> row_scales(int n, const std::vector<double>& a) {
  std::vector<double> largest(size(n), 0);
  for (std::size_t k = 0; k < a.size(); ++k) largest[k % size(n)] = std::max(largest[k % size(n)], std::abs(a[k]));
  for (double& x : largest) x = scale_above(x);
  return largest;
}

std::vector<double> column_scales(int n, const std::vector<double>& a) {
  std::vector<double> largest(size(n), 0);
  for (std::size_t k = 0; k < a.size(); ++k) largest[k / size(n)] = std::max(largest[k / size(n)], std::abs(a[k]));
  for (double& x : largest) x = scale_above(x);
  return largest;
}

twofold_product::twofold_product(int n) : n_(n), value_(size(n) * size(n)) {}

void twofold_product::add(const std::vector<double>& a, const std::vector<double>& x, double sign) {
  const slices p = sliced(n_, a, row_scales(n_, a), false), q = sliced(n_, x, column_scales(n_, x), true);
  std::vector<double> product(value_.size());
  const auto take = [&] {
    for (std::size_t k = 0; k < product.size(); ++k) value_[k] = halfulp::add(value_[k], sign * product[k]);
  };
  for (const auto* left : {&p.high, &p.middle})
    for (const auto* right : {&q.high, &q.middle}) {
      multiply(n_, *left, *right, 0, product);
      take();
    }
  multiply(n_, p.leading, q.rest, 0, product);
  multiply(n_, p.rest, x, 1, product);
  take();
}

/// Rests are at most 2^(-2 bits - 1) of the scales; 2 n products are summed. Each of five additions loses 2 u^2 of at
/// most 2 n of the scales' product.
double twofold_product::error_factor(int n) {
  const double cut = std::ldexp(1.01 * n, -2 * slice_bits(n));
  return up(up(gamma(2 * n + 2, u) * cut) + 24.0 * n * u * u + 0x1p-600);
}

}  // namespace halfulp::linalg
