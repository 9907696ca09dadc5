#include <halfulp/oracle/linalg/characteristic.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <flint/fmpz_poly_factor.h>

#include <halfulp/oracle/linalg/integer_polynomial.hpp>

namespace halfulp::linalg {
namespace {

/// At least log2 of a factor that is at most x and at least 1, with more to spare than binary64 loses.
double bits_of(const real& x) {
  return mpfr_zero_p(raw(x)) != 0 ? 0 : std::max(0.0, static_cast<double>(exponent_of(x)) + 1);
}

}  // namespace

struct characteristic_roots::polynomials {
  long exponent;  // of the matrix
  polynomial q;
  std::vector<polynomial> factors;
};

std::optional<characteristic_roots> characteristic_roots::of(const integer_matrix& a, std::int64_t most_steps) {
  if (characteristic_steps(a) > static_cast<double>(most_steps)) return std::nullopt;
  auto p = std::make_shared<polynomials>();
  p->exponent = a.exponent;
  p->q = characteristic_polynomial(a).square_free();
  fmpz_poly_factor_t factors;
  fmpz_poly_factor_init(factors);
  fmpz_poly_factor(factors, p->q.get());
  for (slong k = 0; k < factors->num; ++k) {
    p->factors.emplace_back();
    fmpz_poly_set(p->factors.back().get(), factors->p + k);
  }
  fmpz_poly_factor_clear(factors);
  return characteristic_roots(std::move(p));
}

int characteristic_roots::count() const {
  return p_->q.degree();
}

int characteristic_roots::distinct(const std::vector<characteristic_roots>& blocks) {
  polynomial all;
  fmpz_poly_one(all.get());
  for (const characteristic_roots& b : blocks) fmpz_poly_mul(all.get(), all.get(), b.p_->q.get());
  return all.square_free().degree();
}

/// log2 of the number of ways to give the roots of each factor the weights that they have.
double characteristic_roots::conjugates_bits(const std::vector<enclosure>& roots,
                                             const std::vector<int>& groups) const {
  double bits = 0;
  for (const polynomial& f : p_->factors) {
    std::map<int, int> holders;
    for (std::size_t k = 0; k < roots.size(); ++k)
      if (f.sign_at(roots[k].lo, p_->exponent) * f.sign_at(roots[k].hi, p_->exponent) <= 0) ++holders[groups[k]];
    double ways = std::lgamma(f.degree() + 1.0);
    for (const auto& [group, count] : holders) ways -= std::lgamma(count + 1.0);
    bits += std::max(0.0, ways) / std::log(2.0);
  }
  return bits;
}

double characteristic_roots::separation_bits(const std::vector<enclosure>& values, const grouped_weights& w,
                                             const real& c) const {
  std::vector<enclosure> roots;
  std::vector<int> groups;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!roots.empty() && mpfr_lessequal_p(raw(values[k].lo), raw(roots.back().hi)) != 0) {
      if (mpfr_less_p(raw(roots.back().hi), raw(values[k].hi)) != 0) roots.back().hi = values[k].hi;
      continue;
    }
    roots.push_back(values[k]);
    groups.push_back(w.group[k]);
  }
  if (static_cast<int>(roots.size()) != count()) return std::numeric_limits<double>::infinity();
  double discriminant = 0;  // log2, of the product of all squared differences in units of the matrix
  for (std::size_t k = 0; k < roots.size(); ++k)
    for (std::size_t l = 0; l < k; ++l) {
      real d = make_real(64);
      mpfr_sub(raw(d), raw(roots[k].hi), raw(roots[l].lo), MPFR_RNDU);
      mpfr_mul_2si(raw(d), raw(d), -p_->exponent, MPFR_RNDU);
      discriminant += 2 * bits_of(d);
    }
  integer common = 1;
  real largest = make_real(64);
  for (const mean& m : w.means) {
    mpz_lcm_ui(raw(common), raw(common), static_cast<unsigned long>(m.count));
    const enclosure e = enclosure_of(m, 0);
    for (const real* end : {&e.lo, &e.hi})
      if (mpfr_cmpabs(raw(*end), raw(largest)) > 0) mpfr_abs(raw(largest), raw(*end), MPFR_RNDU);
  }
  real point = c;
  mpfr_mul_2si(raw(point), raw(point), -w.exponent, MPFR_RNDN);
  integer digits;
  const long lowest = mpfr_zero_p(raw(c)) != 0 ? 0 : mpfr_get_z_2exp(raw(digits), raw(point));
  mpfr_abs(raw(point), raw(point), MPFR_RNDU);
  const double factor = 1 + bits_of(to_real(common, 0)) + static_cast<double>(std::max(0L, -lowest)) + discriminant;
  const double largest_conjugate = factor + std::max(bits_of(largest), bits_of(point)) + 1;
  const double others = std::exp2(std::min(conjugates_bits(roots, groups), 64.0)) - 1;
  return factor - static_cast<double>(w.exponent) + (others + 0x1p-20) * largest_conjugate * (1 + 0x1p-20) + 2;
}

}  // namespace halfulp::linalg
