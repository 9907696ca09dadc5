#include <halfulp/oracle/linalg/eigenvalue_discs.hpp>

#include <algorithm>
#include <cmath>
#include <complex>

#include <cblas.h>

#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/linalg/norm_bound.hpp>
#include <halfulp/oracle/linalg/twofold_product.hpp>

namespace halfulp::linalg {
namespace {

using complex = std::complex<double>;
constexpr double u = unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// c = a b for n x n matrices.
std::vector<complex> product(int n, const std::vector<complex>& a, const std::vector<complex>& b) {
  std::vector<complex> c(a.size());
  const complex one = 1, zero = 0;
  cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, &one, a.data(), n, b.data(), n, &zero, c.data(), n);
  return c;
}

double square(complex z) {
  return z.real() * z.real() + z.imag() * z.imag();
}

/// At least the 2-norms of columns, or of rows.
std::vector<double> norms(int n, const std::vector<complex>& a, bool of_columns) {
  std::vector<double> sums(size(n), 0);
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) sums[size(of_columns ? j : i)] += square(a[size(j) * size(n) + size(i)]);
  for (double& s : sums) s = at_least(std::sqrt(s), 2.0 * n);
  return sums;
}

/// X^-1 B X = L + E: the computed E, and a bound of what each entry lacks, row_k column_l summed over the pairs.
class transformed {
 public:
  transformed(const square_matrix& b, const approx_general_eigensystem& s) : n_(s.n), s_(s) {
    const auto [r, lost] = residual(b);
    const std::vector<complex> y = s.inverse;
    e_ = product(n_, y, r);
    std::vector<complex> f = product(n_, y, s.vectors);
    for (int k = 0; k < n_; ++k) f[size(k) * size(n_ + 1)] -= 1;
    const std::vector<double> y_rows = norms(n_, y, false), r_columns = norms(n_, r, true);
    const double x_norm = norm(norms(n_, s.vectors, true));
    // each part of a product is off by gamma_2n+2 of the norms; the subtraction of 1 by u of what it leaves and of 1
    const double g = up(1.5 * gamma(2 * n_ + 4, u));
    std::vector<double> f_rows = norms(n_, f, false), e_columns = norms(n_, e_, true);
    for (int k = 0; k < n_; ++k) f_rows[size(k)] = at_least(f_rows[size(k)] + g * (y_rows[size(k)] * x_norm + 2), 8);
    const double f_norm = norm(f_rows), y_norm = norm(y_rows);
    proved_ = f_norm < 0.5;
    for (int k = 0; k < n_; ++k) {
      const double column = at_least(g * r_columns[size(k)] + lost[size(k)], 8);  // times y_rows
      from_product_.push_back(column);
      from_inverse_.push_back(at_least((e_columns[size(k)] + y_norm * column) * (1 + 2 * f_norm), 8));
    }
    y_rows_ = y_rows;
    f_rows_ = std::move(f_rows);
  }

  bool proved() const { return proved_; }
  complex e(int i, int j) const { return e_[size(j) * size(n_) + size(i)]; }
  /// At least what e(i, j) lacks.
  double lost(int i, int j) const {
    return at_least(y_rows_[size(i)] * from_product_[size(j)] + f_rows_[size(i)] * from_inverse_[size(j)], 8);
  }

 private:
  static double norm(const std::vector<double>& x) { return norm_bound(x); }

  struct bounded_residual {
    std::vector<complex> r;
    std::vector<double> lost;  // at least the 2-norm of what each column of r lacks
  };
  /// B X - X L: B X in double-double, minus products of two numbers exactly, rounded once.
  bounded_residual residual(const square_matrix& b) const {
    std::vector<double> re(s_.vectors.size()), im(s_.vectors.size());
    for (std::size_t k = 0; k < re.size(); ++k) {
      re[k] = s_.vectors[k].real();
      im[k] = s_.vectors[k].imag();
    }
    twofold_product pr(n_), pi(n_);
    pr.add(b.real, re, 1);
    pi.add(b.real, im, 1);
    if (b.is_complex()) {
      pr.add(b.imaginary, im, -1);
      pi.add(b.imaginary, re, 1);
    }
    bounded_residual got{std::vector<complex>(re.size()), column_losses(b, re, im)};
    for (int j = 0; j < n_; ++j) subtract_multiple(j, pr.value(), pi.value(), got);
    return got;
  }

  /// Column j of `products` minus the value times the vector.
  void subtract_multiple(int j, const std::vector<double_double>& pr, const std::vector<double_double>& pi,
                         bounded_residual& got) const {
    const complex l = s_.values[size(j)];
    double rounded = 0, norm_of_x = 0;
    for (int i = 0; i < n_; ++i) {
      const std::size_t k = size(j) * size(n_) + size(i);
      const complex x = s_.vectors[k];
      const double_double re = add(add(pr[k], two_product(-l.real(), x.real())), two_product(l.imag(), x.imag()));
      const double_double im = add(add(pi[k], two_product(-l.real(), x.imag())), two_product(-l.imag(), x.real()));
      got.r[k] = {re.hi, im.hi};
      rounded += square(got.r[k]);
      norm_of_x += square(x);
    }
    // an addition loses 3 u^2 (1 + 4 u) of its result, of which the first is within 2 |l| |x| of the last
    const double lost = 16 * u * u * std::abs(l) * std::sqrt(norm_of_x) + u * std::sqrt(rounded);
    got.lost[size(j)] = at_least(got.lost[size(j)] + lost, 2.0 * n_ + 8);
  }

  std::vector<double> column_losses(const square_matrix& b, const std::vector<double>& re,
                                    const std::vector<double>& im) const {
    const double factor = twofold_product::error_factor(n_);
    const double rows = norm(row_scales(n_, b.real)) + (b.is_complex() ? norm(row_scales(n_, b.imaginary)) : 0);
    const auto cr = column_scales(n_, re), ci = column_scales(n_, im);
    std::vector<double> lost;
    for (int j = 0; j < n_; ++j) lost.push_back(at_least(2 * factor * rows * (cr[size(j)] + ci[size(j)]), 8));
    return lost;
  }

  int n_;
  const approx_general_eigensystem& s_;
  std::vector<complex> e_;
  std::vector<double> y_rows_, f_rows_, from_product_, from_inverse_;
  bool proved_ = false;
};

/// A centre as an unevaluated sum.
struct centre {
  double_double re, im;
};

double difference(const double_double& x, const double_double& y) {
  return (x.hi - y.hi) + (x.lo - y.lo);
}

/// The rows of L + E, with centres on the real axis or in exact pairs for a real matrix.
struct placed_rows {
  gershgorin_rows<double> rows;
  std::vector<centre> centres;
};

void set_centres(const transformed& t, const approx_general_eigensystem& s, bool is_real, placed_rows& p) {
  for (int k = 0; k < s.n; ++k) {
    const complex l = s.values[size(k)], e = t.e(k, k);
    p.centres.push_back({two_sum(l.real(), e.real()), two_sum(l.imag(), e.imag())});
    p.rows.spread.push_back(t.lost(k, k));
  }
  for (int k = 0; k < s.n && is_real; ++k) {
    const complex l = s.values[size(k)];
    if (l.imag() == 0) {
      p.rows.spread[size(k)] = at_least(p.rows.spread[size(k)] + std::abs(p.centres[size(k)].im.hi), 4);
      p.centres[size(k)].im = {};
    } else if (l.imag() > 0 && k + 1 < s.n) {  // ?geev gives the pair one after the other
      const centre mirror{p.centres[size(k)].re, {-p.centres[size(k)].im.hi, -p.centres[size(k)].im.lo}};
      centre& other = p.centres[size(k + 1)];
      const double moved = std::abs(difference(other.re, mirror.re)) + std::abs(difference(other.im, mirror.im)) +
                           0x1p-100 * (std::abs(l) + 1);
      p.rows.spread[size(k + 1)] = at_least(p.rows.spread[size(k + 1)] + moved, 8);
      other = mirror;
    }
  }
}

placed_rows placed(const transformed& t, const approx_general_eigensystem& s, bool is_real) {
  const int n = s.n;
  placed_rows p{{n, std::vector<double>(size(n) * size(n)), {}, {}, std::vector<double>(size(n) * size(n))}, {}};
  set_centres(t, s, is_real, p);
  double largest = 0;
  for (const centre& c : p.centres) largest = std::max({largest, std::abs(c.re.hi), std::abs(c.im.hi)});
  p.rows.slack = 0x1p-98 * largest + 0x1p-900;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) {
      if (i == j) continue;
      p.rows.coupling[p.rows.at(i, j)] = at_least(std::sqrt(square(t.e(i, j))) + t.lost(i, j), 8);
      const double re = difference(p.centres[size(i)].re, p.centres[size(j)].re);
      const double im = difference(p.centres[size(i)].im, p.centres[size(j)].im);
      p.rows.distance[p.rows.at(i, j)] = std::max(0.0, std::sqrt(re * re + im * im) * (1 - 0x1p-44) - p.rows.slack);
    }
  return p;
}

real exactly(const double_double& x) {
  real r = make_real(2200);  // holds any sum of two numbers of binary64 exactly
  mpfr_set_d(raw(r), x.hi, MPFR_RNDN);
  mpfr_add_d(raw(r), raw(r), x.lo, MPFR_RNDN);
  mpfr_prec_round(raw(r), std::max<mpfr_prec_t>(mpfr_min_prec(raw(r)), 2), MPFR_RNDN);
  return r;
}

eigenvalue_disc disc_of(const isolated_cluster<double>& c, const std::vector<centre>& centres, bool is_real) {
  const centre& at = centres[size(c.centre)];
  eigenvalue_disc d{exactly(at.re),          exactly(at.im), make_real(64), static_cast<int>(c.members.size()), {}, {},
                    is_real && at.im.hi == 0};
  mpfr_set_d(raw(d.radius), c.radius, MPFR_RNDU);
  double re = 0, im = 0;
  for (const int m : c.members) {
    re += centres[size(m)].re.hi;
    im += centres[size(m)].im.hi;
  }
  d.mean_re = d.count == 1 ? d.re : halfulp::to_real(re / d.count);
  d.mean_im = d.count == 1 ? d.im : halfulp::to_real(im / d.count);
  return d;
}

}  // namespace

std::vector<eigenvalue_disc> discs_in_binary64(const balanced_matrix& b) {
  if (!b.exact) return {};
  const approx_general_eigensystem s = approx_general_eigensystem_of(b.matrix);
  if (!s.converged) return {};
  const transformed t(b.matrix, s);
  if (!t.proved()) return {};
  const bool is_real = !b.matrix.is_complex();
  const placed_rows p = placed(t, s, is_real);
  std::vector<eigenvalue_disc> discs;
  for (const auto& c : isolation(p.rows).clusters()) discs.push_back(disc_of(c, p.centres, is_real));
  return discs;
}

}  // namespace halfulp::linalg
