#include <halfulp/oracle/linalg/characteristic.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <flint/fmpq.h>
#include <flint/fmpz_mat.h>
#include <flint/fmpz_poly.h>
#include <flint/fmpz_poly_factor.h>

namespace halfulp::linalg {
namespace {

/// An integer polynomial of FLINT.
class polynomial {
 public:
  polynomial() { fmpz_poly_init(p_); }
  polynomial(const polynomial& other) : polynomial() { fmpz_poly_set(p_, other.p_); }
  polynomial& operator=(const polynomial& other) {
    fmpz_poly_set(p_, other.p_);
    return *this;
  }
  ~polynomial() { fmpz_poly_clear(p_); }

  fmpz_poly_struct* get() { return p_; }
  const fmpz_poly_struct* get() const { return p_; }
  int degree() const { return static_cast<int>(fmpz_poly_degree(p_)); }

  /// p / gcd(p, p'), for a monic p.
  polynomial square_free() const {
    polynomial derivative, common, q;
    fmpz_poly_derivative(derivative.get(), p_);
    fmpz_poly_gcd(common.get(), p_, derivative.get());
    fmpz_poly_div(q.get(), p_, common.get());
    if (fmpz_sgn(fmpz_poly_lead(q.get())) < 0) fmpz_poly_neg(q.get(), q.get());
    return q;
  }
  /// The sign at x.
  int sign_at(const real& x, long exponent) const {
    fmpq_t at, value;
    fmpq_init(at);
    fmpq_init(value);
    integer k;
    const long e = mpfr_zero_p(raw(x)) != 0 ? 0 : mpfr_get_z_2exp(raw(k), raw(x)) - exponent;
    fmpz_set_mpz(fmpq_numref(at), raw(k));
    if (e >= 0) {
      fmpz_mul_2exp(fmpq_numref(at), fmpq_numref(at), static_cast<flint_bitcnt_t>(e));
    } else {
      fmpz_mul_2exp(fmpq_denref(at), fmpq_denref(at), static_cast<flint_bitcnt_t>(-e));
      fmpq_canonicalise(at);
    }
    fmpz_poly_evaluate_fmpq(value, p_, at);
    const int sign = fmpq_sgn(value);
    fmpq_clear(at);
    fmpq_clear(value);
    return sign;
  }

 private:
  fmpz_poly_t p_;
};

/// The matrix over the integers, [[Re, -Im], [Im, Re]] for a complex one: its eigenvalues are the same, each twice.
class embedded_matrix {
 public:
  explicit embedded_matrix(const integer_matrix& a) : n_(a.is_complex() ? 2 * a.n : a.n) {
    fmpz_mat_init(m_, n_, n_);
    for (int j = 0; j < a.n; ++j)
      for (int i = 0; i < a.n; ++i) {
        const std::size_t at = a.at(i, j);
        fmpz_set_mpz(fmpz_mat_entry(m_, i, j), raw(a.real[at]));
        if (!a.is_complex()) continue;
        fmpz_set_mpz(fmpz_mat_entry(m_, i + a.n, j + a.n), raw(a.real[at]));
        fmpz_set_mpz(fmpz_mat_entry(m_, i + a.n, j), raw(a.imaginary[at]));
        fmpz_neg(fmpz_mat_entry(m_, i, j + a.n), fmpz_mat_entry(m_, i + a.n, j));
      }
  }
  ~embedded_matrix() { fmpz_mat_clear(m_); }
  embedded_matrix(const embedded_matrix&) = delete;
  embedded_matrix& operator=(const embedded_matrix&) = delete;

  polynomial characteristic() const {
    polynomial p;
    fmpz_mat_charpoly(p.get(), m_);
    return p;
  }

 private:
  slong n_;
  fmpz_mat_t m_;
};

double steps_of(const integer_matrix& a) {
  std::size_t bits = 1;
  for (const auto* part : {&a.real, &a.imaginary})
    for (const integer& x : *part) bits = std::max(bits, mpz_sizeinbase(raw(x), 2));
  return std::pow(a.is_complex() ? 2.0 * a.n : a.n, 4) * static_cast<double>(bits);
}

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
  if (steps_of(a) > static_cast<double>(most_steps)) return std::nullopt;
  auto p = std::make_shared<polynomials>();
  p->exponent = a.exponent;
  p->q = embedded_matrix(a).characteristic().square_free();
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
