#pragma once

#include <flint/fmpz_poly.h>

#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/real/real.hpp>

namespace halfulp::linalg {

/// A polynomial with integer coefficients, by FLINT.
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
  polynomial square_free() const;
  /// The sign at x 2^-exponent.
  int sign_at(const real& x, long exponent) const;

 private:
  fmpz_poly_t p_;
};

/// det(x I - A) for a real A; for a complex one that of [[Re, -Im], [Im, Re]], its product with its conjugate. The
/// exponent of A is left out: A counts as a matrix of integers.
polynomial characteristic_polynomial(const integer_matrix& a);

/// About how many inner steps that takes: n^4 times the bits of an entry.
double characteristic_steps(const integer_matrix& a);

}  // namespace halfulp::linalg
