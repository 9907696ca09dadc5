#include <halfulp/oracle/linalg/integer_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace halfulp::linalg {
namespace {

/// The exponent of the lowest bit of x != 0.
long lowest_bit(double x) {
  const binary_real r = decompose(x);
  return r.exponent + std::countr_zero(r.significand);
}

integer shifted(double x, long exponent) {  // x 2^-exponent, an integer
  integer k;
  if (x == 0) return k;
  const binary_real r = decompose(x);
  const long up = r.exponent - exponent;
  mpz_set_ui(raw(k), r.significand);
  if (up >= 0) {
    mpz_mul_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(up));
  } else {
    mpz_tdiv_q_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(-up));
  }
  if (r.negative) mpz_neg(raw(k), raw(k));
  return k;
}

/// sum += x^T y, or -= where `subtract` is set.
void add_dot(integer& sum, const integer* x, const integer* y, int n, bool subtract) {
  for (int k = 0; k < n; ++k) {
    if (subtract) {
      mpz_submul(raw(sum), raw(x[k]), raw(y[k]));
    } else {
      mpz_addmul(raw(sum), raw(x[k]), raw(y[k]));
    }
  }
}

}  // namespace

integer_matrix::integer_matrix(int size, long power, bool complex_entries) : n(size), exponent(power) {
  const auto entries = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  real.resize(entries);
  if (complex_entries) imaginary.resize(entries);
}

integer_matrix exact_integers(const square_matrix& a) {
  return exact_integers(a, std::vector<int>(static_cast<std::size_t>(a.n)), 0);
}

integer_matrix exact_integers(const square_matrix& a, const std::vector<int>& d, int shift) {
  const auto power = [&](std::size_t k) {  // of entry k
    const auto n = static_cast<std::size_t>(a.n);
    return static_cast<long>(d[k / n]) - d[k % n] - shift;
  };
  long lowest = std::numeric_limits<long>::max();
  for (const auto* part : {&a.real, &a.imaginary})
    for (std::size_t k = 0; k < part->size(); ++k)
      if ((*part)[k] != 0) lowest = std::min(lowest, lowest_bit((*part)[k]) + power(k));
  if (lowest == std::numeric_limits<long>::max()) lowest = 0;
  integer_matrix b(a.n, lowest, a.is_complex());
  for (std::size_t k = 0; k < a.real.size(); ++k) b.real[k] = shifted(a.real[k], lowest - power(k));
  for (std::size_t k = 0; k < a.imaginary.size(); ++k) b.imaginary[k] = shifted(a.imaginary[k], lowest - power(k));
  return b;
}

integer_matrix identity(int n, long bits, bool is_complex) {
  integer_matrix i(n, -bits, is_complex);
  for (int k = 0; k < n; ++k) mpz_setbit(raw(i.real[i.at(k, k)]), static_cast<mp_bitcnt_t>(bits));
  return i;
}

integer_matrix adjoint(const integer_matrix& x) {
  integer_matrix t(x.n, x.exponent, x.is_complex());
  for (int i = 0; i < x.n; ++i) {
    for (int j = 0; j < x.n; ++j) {
      t.real[t.at(i, j)] = x.real[x.at(j, i)];
      if (x.is_complex()) t.imaginary[t.at(i, j)] = -x.imaginary[x.at(j, i)];
    }
  }
  return t;
}

integer_matrix adjoint_product(const integer_matrix& x, const integer_matrix& y, bool upper) {
  integer_matrix p(x.n, x.exponent + y.exponent, x.is_complex());
#pragma omp parallel for schedule(dynamic, 4) if (x.n >= 24)
  for (int j = 0; j < x.n; ++j) {
    for (int i = 0; i < (upper ? j + 1 : x.n); ++i) {
      const integer* xr = &x.real[x.at(0, i)];
      const integer* yr = &y.real[y.at(0, j)];
      add_dot(p.real[p.at(i, j)], xr, yr, x.n, false);
      if (!x.is_complex()) continue;
      const integer* xi = &x.imaginary[x.at(0, i)];
      const integer* yi = &y.imaginary[y.at(0, j)];
      add_dot(p.real[p.at(i, j)], xi, yi, x.n, false);
      add_dot(p.imaginary[p.at(i, j)], xr, yi, x.n, false);
      add_dot(p.imaginary[p.at(i, j)], xi, yr, x.n, true);
    }
  }
  return p;
}

integer_matrix rounded_to_bits(const integer_matrix& x, long bits) {
  const auto drop = static_cast<mp_bitcnt_t>(-bits - x.exponent);
  integer_matrix r = x;
  r.exponent = -bits;
  if (-bits == x.exponent) return r;
  integer half;
  mpz_setbit(raw(half), drop - 1);
  for (auto* part : {&r.real, &r.imaginary}) {
    for (integer& k : *part) {
      mpz_add(raw(k), raw(k), raw(half));
      mpz_fdiv_q_2exp(raw(k), raw(k), drop);
    }
  }
  return r;
}

integer_matrix as_complex(integer_matrix a) {
  if (!a.is_complex()) a.imaginary.resize(a.real.size());
  return a;
}

integer_matrix disturbed(const integer_matrix& b, long bits) {
  integer_matrix c = b;
  c.exponent -= bits;
  std::uint64_t state = 1;
  for (std::size_t k = 0; k < c.real.size(); ++k)
    for (auto* part : {&c.real, &c.imaginary}) {
      if (part->empty()) continue;
      state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's generator
      mpz_mul_2exp(raw((*part)[k]), raw((*part)[k]), static_cast<mp_bitcnt_t>(bits));
      integer noise = static_cast<long>(state >> 40) - (1L << 23);
      if (c.exponent < -23 - bits)
        mpz_mul_2exp(raw(noise), raw(noise), static_cast<mp_bitcnt_t>(-c.exponent - bits - 23));
      (*part)[k] += noise;
    }
  return c;
}

real to_real(const integer& x, long exponent) {
  real r = make_real(std::max<mpfr_prec_t>(static_cast<mpfr_prec_t>(mpz_sizeinbase(raw(x), 2)), 2));
  mpfr_set_z_2exp(raw(r), raw(x), exponent, MPFR_RNDN);
  return r;
}

integer fixed_point(double x, long bits) {
  return fixed_point(halfulp::to_real(x), bits);
}

integer fixed_point(const real& x, long bits) {
  real scaled = x;
  mpfr_mul_2si(raw(scaled), raw(scaled), bits, MPFR_RNDN);
  integer k;
  mpfr_get_z(raw(k), raw(scaled), MPFR_RNDN);
  return k;
}

}  // namespace halfulp::linalg
