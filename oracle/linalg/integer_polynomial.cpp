#include <halfulp/oracle/linalg/integer_polynomial.hpp>

#include <algorithm>
#include <cmath>

#include <flint/fmpq.h>
#include <flint/fmpz_mat.h>

namespace halfulp::linalg {
namespace {

/// The matrix over the integers, [[Re, -Im], [Im, Re]] for a complex one: its eigenvalues are those of A and of its
/// conjugate.
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

}  // namespace

polynomial polynomial::square_free() const {
  polynomial derivative, common, q;
  fmpz_poly_derivative(derivative.get(), p_);
  fmpz_poly_gcd(common.get(), p_, derivative.get());
  fmpz_poly_div(q.get(), p_, common.get());
  if (fmpz_sgn(fmpz_poly_lead(q.get())) < 0) fmpz_poly_neg(q.get(), q.get());
  return q;
}

int polynomial::sign_at(const real& x, long exponent) const {
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

polynomial characteristic_polynomial(const integer_matrix& a) {
  return embedded_matrix(a).characteristic();
}

double characteristic_steps(const integer_matrix& a) {
  std::size_t bits = 1;
  for (const auto* part : {&a.real, &a.imaginary})
    for (const integer& x : *part) bits = std::max(bits, mpz_sizeinbase(raw(x), 2));
  return std::pow(a.is_complex() ? 2.0 * a.n : a.n, 4) * static_cast<double>(bits);
}

}  // namespace halfulp::linalg
