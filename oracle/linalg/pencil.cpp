#include <halfulp/oracle/linalg/pencil.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// An upper bound on the magnitude of the Gaussian integer re + i im, times 2^exponent.
long double magnitude_bound(const integer* re, const integer* im, long exponent) {
  real m = make_real(64);
  mpfr_set_z_2exp(raw(m), raw(*re), exponent, MPFR_RNDA);
  if (im != nullptr) {
    real other = make_real(64);
    mpfr_set_z_2exp(raw(other), raw(*im), exponent, MPFR_RNDA);
    mpfr_hypot(raw(m), raw(m), raw(other), MPFR_RNDU);
  }
  return mpfr_get_ld(raw(m), MPFR_RNDA) < 0 ? -mpfr_get_ld(raw(m), MPFR_RNDA) : mpfr_get_ld(raw(m), MPFR_RNDA);
}

/// The columns of m in the given order; of both rows and columns where `upper`, filled from the upper triangle.
integer_matrix reordered(const integer_matrix& m, const std::vector<int>& order, bool upper) {
  integer_matrix r(m.n, m.exponent, m.is_complex());
  for (int j = 0; j < m.n; ++j) {
    for (int i = 0; i < (upper ? j + 1 : m.n); ++i) {
      int row = upper ? order[size(i)] : i;
      int column = order[size(j)];
      const bool swapped = upper && row > column;
      if (swapped) std::swap(row, column);
      r.real[r.at(i, j)] = m.real[m.at(row, column)];
      if (!m.is_complex()) continue;
      integer& im = r.imaginary[r.at(i, j)];
      im = m.imaginary[m.at(row, column)];
      if (swapped) mpz_neg(raw(im), raw(im));
    }
  }
  return r;
}

}  // namespace

pencil::pencil(const integer_matrix& a, integer_matrix x)
    : x_(std::move(x)),
      g_(adjoint_product(x_, adjoint_product(a, x_, false), true)),
      s_(adjoint_product(x_, x_, true)),
      bits_(2 * static_cast<mpfr_prec_t>(-x_.exponent) + 64),
      bounds_(x_.n) {
  sort_columns();
  bound_off_diagonal();
}

void pencil::sort_columns() {
  for (int k = 0; k < n(); ++k) {
    diagonal_g_.push_back(to_real(g_.real[g_.at(k, k)], g_.exponent));
    diagonal_s_.push_back(to_real(s_.real[s_.at(k, k)], s_.exponent));
    quotients_.push_back(make_real(bits_));
    if (mpfr_zero_p(raw(diagonal_s_.back())) == 0)
      mpfr_div(raw(quotients_.back()), raw(diagonal_g_.back()), raw(diagonal_s_.back()), MPFR_RNDN);
  }
  std::vector<int> order(size(n()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int i, int j) { return mpfr_less_p(raw(quotients_[size(i)]), raw(quotients_[size(j)])) != 0; });
  if (std::is_sorted(order.begin(), order.end())) return;
  x_ = reordered(x_, order, false);
  g_ = reordered(g_, order, true);
  s_ = reordered(s_, order, true);
  for (auto* list : {&diagonal_g_, &diagonal_s_, &quotients_}) {
    const std::vector<real> old = *list;
    for (std::size_t k = 0; k < old.size(); ++k) (*list)[k] = old[size(order[k])];
  }
}

void pencil::bound_off_diagonal() {
  const auto bound = [](const integer_matrix& m, int i, int j) {
    return magnitude_bound(&m.real[m.at(i, j)], m.is_complex() ? &m.imaginary[m.at(i, j)] : nullptr, m.exponent);
  };
  for (int j = 0; j < n(); ++j) {
    for (int i = 0; i < j; ++i) {
      bounds_.g(i, j) = bounds_.g(j, i) = bound(g_, i, j);
      bounds_.s(i, j) = bounds_.s(j, i) = bound(s_, i, j);
    }
  }
  bounds_.sum_rows();
}

std::vector<long double> pencil::diagonal_at(const real& s, int& negative) const {
  std::vector<long double> lower(size(n()));
  negative = 0;
  real m = make_real(64);
  for (int i = 0; i < n(); ++i) {
    // s s_ii - g_ii, rounded once, toward zero: its sign is right and its magnitude no larger
    mpfr_fms(raw(m), raw(s), raw(diagonal_s_[size(i)]), raw(diagonal_g_[size(i)]), MPFR_RNDZ);
    negative += mpfr_sgn(raw(m)) > 0 ? 1 : 0;
    mpfr_abs(raw(m), raw(m), MPFR_RNDN);
    lower[size(i)] = mpfr_get_ld(raw(m), MPFR_RNDZ);
  }
  return lower;
}

namespace {

long double magnitude_of(const real& s) {
  real m = make_real(64);
  mpfr_abs(raw(m), raw(s), MPFR_RNDU);
  return mpfr_get_ld(raw(m), MPFR_RNDU);
}

real moved(const real& middle, long double by) {
  real s = make_real(mpfr_get_prec(raw(middle)));
  real step = make_real(64);
  mpfr_set_ld(raw(step), by, MPFR_RNDN);
  mpfr_add(raw(s), raw(middle), raw(step), by < 0 ? MPFR_RNDD : MPFR_RNDU);
  return s;
}

}  // namespace

bool pencil::count_below(const real& s, int& count) const {
  const std::vector<long double> lower = diagonal_at(s, count);
  return bounds_.holds(magnitude_of(s), lower);
}

std::optional<enclosure> pencil::enclose(int k) const {
  constexpr int attempts = 12;
  constexpr long double growth = 4;
  const real& middle = quotient(k);
  int negative = 0;
  const auto diagonal = diagonal_at(middle, negative);
  const long double s_kk = magnitude_of(diagonal_s_[size(k)]);
  // twice what the demand asks for, since the dominance must be strict, and not below the precision of the quotient
  long double radius = 2 * bounds_.approx_radius(k, magnitude_of(middle), diagonal) / s_kk;
  radius = std::max(radius, std::ldexp(magnitude_of(middle), -static_cast<int>(bits_) + 8));
  for (int attempt = 0; attempt < attempts && std::isfinite(radius); ++attempt, radius *= growth) {
    int below = 0, up_to = 0;
    const enclosure e{moved(middle, -radius), moved(middle, radius)};
    if (count_below(e.lo, below) && below <= k && count_below(e.hi, up_to) && up_to > k) return e;
  }
  return std::nullopt;
}

}  // namespace halfulp::linalg
