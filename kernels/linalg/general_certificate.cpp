#include <halfulp/kernels/linalg/general_certificate.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/oracle/linalg/twofold_product.hpp>

namespace halfulp::kernels::linalg {
namespace {

using complex = std::complex<double>;
using halfulp::linalg::twofold_product;
constexpr double u = unit_roundoff;

/// At least the 2-norms of columns.
template <class E>
std::vector<double> column_norms(std::size_t n, const std::vector<E>& a) {
  const auto all = parts(a);
  const std::size_t length = all.size() / n;
  std::vector<double> norms(n);
  for (std::size_t j = 0; j < n; ++j) norms[j] = norm_bound(all.subspan(j * length, length));
  return norms;
}

double square(double x) {
  return x * x;
}
double square(complex z) {
  return z.real() * z.real() + z.imag() * z.imag();
}

/// At least the 2-norms of rows.
template <class E>
std::vector<double> row_norms(std::size_t n, const std::vector<E>& a) {
  std::vector<double> norms(n, 0);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < n; ++i) norms[i] += square(a[j * n + i]);
  for (double& x : norms) x = rounded_up(std::sqrt(rounded_up(x, 2.0 * static_cast<double>(n))), 1);
  return norms;
}

template <class E>
std::vector<E> product(std::size_t n, const std::vector<E>& a, const std::vector<E>& b) {
  std::vector<E> c(a.size());
  const int size = static_cast<int>(n);
  blas<E>::multiply(size, size, a.data(), b.data(), 0, c.data());
  return c;
}

double real_part(double x) {
  return x;
}
double real_part(complex z) {
  return z.real();
}
double imaginary_part(complex z) {
  return z.imag();
}

/// The part of x that `take` takes of each number.
template <class E, class F>
std::vector<double> part_of(const std::vector<E>& x, F take) {
  std::vector<double> p(x.size());
  std::transform(x.begin(), x.end(), p.begin(), take);
  return p;
}

/// A X in double-double: real parts, and of complex matrices imaginary parts.
struct accurate_product {
  std::vector<double_double> re, im;
  std::vector<double> lost;  // at least the 2-norm of the error of each column
};

accurate_product accurately(std::size_t n, const std::vector<double>& a, const std::vector<double>& x) {
  const int size = static_cast<int>(n);
  twofold_product p(size);
  p.add(a, x, 1);
  const double factor = twofold_product::error_factor(size) * norm_bound(halfulp::linalg::row_scales(size, a));
  std::vector<double> lost = halfulp::linalg::column_scales(size, x);
  for (double& l : lost) l = rounded_up(factor * l, 2);
  return {p.value(), {}, lost};
}

accurate_product accurately(std::size_t n, const std::vector<complex>& a, const std::vector<complex>& x) {
  const int size = static_cast<int>(n);
  const auto re = [](complex z) { return z.real(); };
  const auto ar = part_of(a, re), ai = part_of(a, imaginary_part), xr = part_of(x, re), xi = part_of(x, imaginary_part);
  twofold_product pr(size), pi(size);
  pr.add(ar, xr, 1);
  pr.add(ai, xi, -1);
  pi.add(ar, xi, 1);
  pi.add(ai, xr, 1);
  const double rows =
      norm_bound(halfulp::linalg::row_scales(size, ar)) + norm_bound(halfulp::linalg::row_scales(size, ai));
  std::vector<double> lost = halfulp::linalg::column_scales(size, xr);
  const std::vector<double> other = halfulp::linalg::column_scales(size, xi);
  // a sum of two products is twice as large as one
  for (std::size_t j = 0; j < n; ++j)
    lost[j] = rounded_up(2 * twofold_product::error_factor(size) * rows * (lost[j] + other[j]), 8);
  return {pr.value(), pi.value(), lost};
}

double difference(const double_double& x, const double_double& y) {
  return (x.hi - y.hi) + (x.lo - y.lo);
}

/// At most the distance of two centres, the second one mirrored at the real axis where sign is -1; `slack` makes up for
/// low parts that cancel.
double distance(const certified_eigenvalue& x, const certified_eigenvalue& y, double sign, double slack) {
  const double re = difference(x.re, y.re), im = difference(x.im, {sign * y.im.hi, sign * y.im.lo});
  return std::max(0.0, std::sqrt(re * re + im * im) * (1 - 0x1p-44) - slack);
}

}  // namespace

template <class E>
general_certificate<E>::general_certificate(const std::vector<E>& b, const approx_eigenvectors<E>& s)
    : n_(static_cast<std::size_t>(s.n)),
      b_(b),
      s_(s),
      b_norm_(norm_bound(parts(b))),
      x_norm_(norm_bound(parts(s.x))),
      y_norm_(norm_bound(parts(s.y))),
      y_rows_(row_norms(n_, s.y)),
      unit_norms_(column_norms(n_, s.x)) {
  for (std::size_t k = 0; k < n_;) {
    const std::size_t width = std::is_same_v<E, double> && s.values[k].imag() != 0 ? 2 : 1;
    if (width == 2) unit_norms_[k] = unit_norms_[k + 1] = unit_norms_[k] + unit_norms_[k + 1];
    units_.push_back({k, width});
    k += width;
  }
  bound_inverse();
}

/// |computed - F|_ij <= product_error ||y_i|| ||x_j|| and u of the difference.
template <class E>
void general_certificate<E>::bound_inverse() {
  std::vector<E> f = product(n_, s_.y, s_.x);
  for (std::size_t k = 0; k < n_; ++k) f[k * (n_ + 1)] -= 1.0;
  f_rows_ = row_norms(n_, f);
  const double lost = product_error<E>(s_.n) * x_norm_;
  for (std::size_t i = 0; i < n_; ++i) f_rows_[i] = rounded_up(f_rows_[i] + lost * y_rows_[i], 8);
  f_norm_ = norm_bound(f_rows_);
}

template <class E>
std::vector<certified_eigenvalue> general_certificate<E>::in_binary64() {
  std::vector<E> r = product(n_, b_, s_.x);
  subtract_from_product(r);
  std::vector<double> lost(n_);
  // the subtractions lose at most 4 u of the magnitudes of their terms
  const double factor = product_error<E>(s_.n) + 8 * u;
  for (std::size_t j = 0; j < n_; ++j)
    lost[j] = rounded_up(factor * (b_norm_ + 2 * std::abs(s_.values[j])) * scale(j), 8);
  return discs(r, std::move(lost));
}

template <>
void general_certificate<double>::subtract_from_product(std::vector<double>& r) const {
  for (const unit& k : units_) {
    const double a = s_.values[k.first].real(), b = s_.values[k.first].imag();
    const double *x = &s_.x[k.first * n_], *y = x + (k.width - 1) * n_;
    double *p = &r[k.first * n_], *q = p + (k.width - 1) * n_;
    if (k.width == 1) {
      for (std::size_t i = 0; i < n_; ++i) p[i] -= a * x[i];
    } else {
      for (std::size_t i = 0; i < n_; ++i) p[i] -= a * x[i] - b * y[i];
      for (std::size_t i = 0; i < n_; ++i) q[i] -= a * y[i] + b * x[i];
    }
  }
}
template <>
void general_certificate<complex>::subtract_from_product(std::vector<complex>& r) const {
  for (std::size_t k = 0; k < r.size(); ++k) {
    const complex l = s_.values[k / n_], x = s_.x[k];
    r[k] -= complex(l.real() * x.real() - l.imag() * x.imag(), l.real() * x.imag() + l.imag() * x.real());
  }
}

template <class E>
std::vector<certified_eigenvalue> general_certificate<E>::in_double_double() {
  std::vector<E> r(b_.size());
  std::vector<double> lost = subtract_in_double_double(r);
  const std::vector<double> norms = column_norms(n_, r);
  // an addition loses 3 u^2 (1 + 4 u) of its result, of which the first is within 2 |l| |x| of the last, rounded once
  for (std::size_t j = 0; j < n_; ++j)
    lost[j] = rounded_up(lost[j] + 16 * u * u * std::abs(s_.values[j]) * scale(j) + 2 * u * norms[j], 8);
  return discs(r, std::move(lost));
}

template <>
std::vector<double> general_certificate<double>::subtract_in_double_double(std::vector<double>& r) const {
  const accurate_product p = accurately(n_, b_, s_.x);
  for (const unit& k : units_) {
    const double a = s_.values[k.first].real(), b = s_.values[k.first].imag();
    for (std::size_t c = 0; c < k.width; ++c)
      for (std::size_t i = 0; i < n_; ++i) {
        const std::size_t at = (k.first + c) * n_ + i;
        double_double v = add(p.re[at], two_product(-a, s_.x[at]));
        if (k.width == 2) v = add(v, c == 0 ? two_product(b, s_.x[at + n_]) : two_product(-b, s_.x[at - n_]));
        r[at] = v.hi;
      }
  }
  return p.lost;
}
template <>
std::vector<double> general_certificate<complex>::subtract_in_double_double(std::vector<complex>& r) const {
  const accurate_product p = accurately(n_, b_, s_.x);
  for (std::size_t k = 0; k < r.size(); ++k) {
    const complex l = s_.values[k / n_], x = s_.x[k];
    const double_double re = add(add(p.re[k], two_product(-l.real(), x.real())), two_product(l.imag(), x.imag()));
    const double_double im = add(add(p.im[k], two_product(-l.real(), x.imag())), two_product(-l.imag(), x.real()));
    r[k] = {re.hi, im.hi};
  }
  return p.lost;
}

/// `lost`: at least the 2-norm of what each column of r lacks.
template <class E>
void general_certificate<E>::bound_losses(const std::vector<E>& r, std::vector<double> lost) {
  const std::vector<double> r_norms = column_norms(n_, r), e_norms = column_norms(n_, e_);
  from_product_ = std::move(lost);
  from_inverse_.resize(n_);
  for (std::size_t j = 0; j < n_; ++j) {
    from_product_[j] = rounded_up(from_product_[j] + product_error<E>(s_.n) * r_norms[j], 4);
    // 1 / (1 - ||F||) <= 1 + 2 ||F|| for ||F|| <= 1 / 2
    from_inverse_[j] = rounded_up((e_norms[j] + y_norm_ * from_product_[j]) * (1 + 2 * f_norm_), 8);
  }
}

template <class E>
double general_certificate<E>::lacking(const unit& i, const unit& j) const {
  const auto sum = [](const std::vector<double>& v, const unit& k) {
    return k.width == 1 ? v[k.first] : v[k.first] + v[k.first + 1];
  };
  const double widths = static_cast<double>(i.width * j.width);
  const double whole = sum(y_rows_, i) * sum(from_product_, j) + sum(f_rows_, i) * sum(from_inverse_, j);
  return rounded_up(whole / std::sqrt(widths), 12);
}

template <>
general_certificate<complex>::coupling general_certificate<complex>::coupling_of(const unit& i, const unit& j) const {
  return {rounded_up(magnitude(e_[j.first * n_ + i.first]) + lacking(i, j), 4), 0};
}
template <>
general_certificate<double>::coupling general_certificate<double>::coupling_of(const unit& i, const unit& j) const {
  const double* e = &e_[j.first * n_ + i.first];
  const double lost = lacking(i, j);
  if (i.width == 2 && j.width == 2) {  // [[p, q], [r, s]] in the basis of the two pairs
    const double p = e[0], q = e[n_], r = e[1], s = e[n_ + 1];
    return {rounded_up(magnitude(complex(p + s, q - r)) / 2 + lost, 8),
            rounded_up(magnitude(complex(p - s, q + r)) / 2 + lost, 8)};
  }
  if (i.width == 1 && j.width == 1) return {rounded_up(std::abs(e[0]) + lost, 4), 0};
  const double one = rounded_up(magnitude(complex(e[0], i.width == 2 ? e[1] : e[n_])) / std::sqrt(2.0) + lost, 8);
  return {one, j.width == 2 ? one : 0};
}

template <class E>
certified_eigenvalue general_certificate<E>::centre_of(const unit& k) const {
  const complex l = s_.values[k.first];
  const E* e = &e_[k.first * n_ + k.first];
  double re = real_part(e[0]), im = 0, rounded = 0;
  if constexpr (std::is_same_v<E, complex>) {
    im = e[0].imag();
  } else if (k.width == 2) {
    re = (e[0] + e[n_ + 1]) / 2;
    im = (e[n_] - e[1]) / 2;
    rounded = u * (std::abs(re) + std::abs(im));
  }
  return {two_sum(l.real(), re), two_sum(l.imag(), im), rounded_up(lacking(k, k) + rounded, 4), k.width == 2};
}

template <class E>
std::vector<certified_eigenvalue> general_certificate<E>::discs(const std::vector<E>& r, std::vector<double> lost) {
  if (!(f_norm_ < 0.5)) return {};
  e_ = product(n_, s_.y, r);
  bound_losses(r, std::move(lost));
  std::vector<certified_eigenvalue> all;
  for (const unit& k : units_) all.push_back(centre_of(k));
  if (!isolate(all)) all.clear();
  return all;
}

/// The radii of `all` are those of the diagonal before, and of the discs after.
template <class E>
bool general_certificate<E>::isolate(std::vector<certified_eigenvalue>& all) const {
  const std::size_t m = units_.size();
  std::vector<coupling> c(m * m), apart(m * m);
  std::vector<double> rows(m, 0), radii(m);
  double largest = 0;
  for (const auto& v : all) largest = std::max({largest, std::abs(v.re.hi), std::abs(v.im.hi)});
  const double slack = 0x1p-98 * largest + 0x1p-900;
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i < m; ++i) {
      coupling& at = c[j * m + i];
      at = coupling_of(units_[i], units_[j]);
      if (i == j) at.same = 0;
      rows[i] += at.same + at.mirror;
      apart[j * m + i] = {distance(all[i], all[j], 1, slack), distance(all[i], all[j], -1, slack)};
    }
  const double terms = 4 * static_cast<double>(m);
  for (double& x : rows) x = rounded_up(x, terms);
  for (std::size_t k = 0; k < m; ++k) {
    double weight = 0x1p-200;
    // row j, and row j of the conjugate, whose coupling with eigenvalue k is that of j with the conjugate of k
    const auto each = [&](auto f) {
      for (std::size_t j = 0; j < m; ++j) {
        const coupling& e = c[k * m + j];
        if (j != k && !f(j, e.same, apart[k * m + j].same)) return false;
        const bool mirrored = all[j].in_pair && (all[k].in_pair || j != k);
        if (mirrored && !f(j, all[k].in_pair ? e.mirror : e.same, apart[k * m + j].mirror)) return false;
      }
      return true;
    };
    each([&](std::size_t, double e, double gap) {
      weight = std::max(weight, 2 * e / std::max(gap, 0x1p-500));
      return true;
    });
    if (!(weight <= 1)) return false;
    radii[k] = rounded_up(weight * rows[k] + all[k].radius, 8);
    if (!each([&](std::size_t j, double e, double gap) {
          return gap > rounded_up(radii[k] + rows[j] + all[j].radius + e / weight, 8);
        }))
      return false;
  }
  for (std::size_t k = 0; k < m; ++k) all[k].radius = radii[k];
  return true;
}

template class general_certificate<double>;
template class general_certificate<complex>;

}  // namespace halfulp::kernels::linalg
