#pragma once

#include <acb_mat.h>

#include <halfulp/oracle/real/enclosure.hpp>

#include "referee.hpp"

namespace halfulp::tests {

/// A square matrix of Arb's complex balls.
class arb_matrix {
 public:
  explicit arb_matrix(int n) { acb_mat_init(m_, n, n); }
  ~arb_matrix() { acb_mat_clear(m_); }
  arb_matrix(const arb_matrix&) = delete;
  arb_matrix& operator=(const arb_matrix&) = delete;
  acb_mat_struct* get() { return m_; }
  acb_ptr entry(int i, int j) { return acb_mat_entry(m_, i, j); }

 private:
  acb_mat_t m_;
};

/// A vector of Arb's complex balls.
class arb_vector {
 public:
  explicit arb_vector(int n) : n_(n), v_(_acb_vec_init(n)) {}
  ~arb_vector() { _acb_vec_clear(v_, n_); }
  arb_vector(const arb_vector&) = delete;
  arb_vector& operator=(const arb_vector&) = delete;
  acb_ptr get() { return v_; }

 private:
  slong n_;
  acb_ptr v_;
};

/// Puts the entries of a matrix of ours into one of Arb's, exactly.
template <class Matrix>
void set_entries(arb_matrix& m, const Matrix& a) {
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j)
      acb_set_d_d(m.entry(i, j), a.real[a.at(i, j)], a.is_complex() ? a.imaginary[a.at(i, j)] : 0);
}

/// Arb's balls around all eigenvalues, in any order; false where it proves nothing at `bits` bits.
template <class Matrix>
bool certified_eigenvalues(const Matrix& a, long bits, arb_certificate which, arb_vector& values) {
  arb_matrix m(a.n), right(a.n);
  set_entries(m, a);
  arb_vector approximate(a.n);
  acb_mat_approx_eig_qr(approximate.get(), nullptr, right.get(), m.get(), nullptr, 0, bits);
  const int found =
      which == arb_certificate::simple
          ? acb_mat_eig_simple(values.get(), nullptr, nullptr, m.get(), approximate.get(), right.get(), bits)
          : acb_mat_eig_multiple(values.get(), m.get(), approximate.get(), right.get(), bits);
  return found != 0;
}

inline enclosure ends_of(const arb_struct* ball, mpfr_prec_t bits) {
  enclosure e{make_real(bits), make_real(bits)};
  arb_get_interval_mpfr(raw(e.lo), raw(e.hi), ball);
  return e;
}

/// Whether `outer` holds all of `inner`, or, where it is a point, lies in it.
inline bool fits(const enclosure& inner, const enclosure& outer) {
  return outer.is_point() ? inner.contains(outer) : outer.contains(inner);
}

/// Whether the two have no point in common: then one of them is wrong.
inline bool apart(const enclosure& a, const enclosure& b) {
  return mpfr_less_p(raw(a.hi), raw(b.lo)) != 0 || mpfr_less_p(raw(b.hi), raw(a.lo)) != 0;
}

/// Arb's balls around all eigenvalues, the inverse of their vectors and the vectors; false where it proves nothing, as of
/// multiple ones.
template <class Matrix>
bool certified_eigenvectors(const Matrix& a, long bits, arb_vector& values, arb_matrix& left, arb_matrix& right) {
  arb_matrix m(a.n), approximate_right(a.n);
  set_entries(m, a);
  arb_vector approximate(a.n);
  acb_mat_approx_eig_qr(approximate.get(), nullptr, approximate_right.get(), m.get(), nullptr, 0, bits);
  return acb_mat_eig_simple(values.get(), left.get(), right.get(), m.get(), approximate.get(), approximate_right.get(),
                            bits) != 0;
}

/// Raises the precision of balls(bits), until each lies inside our enclosure.
template <class F>
referee_verdict compare(const std::vector<enclosure>& ours, F balls_of) {
  constexpr long most_bits = 4096;
  for (long bits = 128; bits <= most_bits; bits *= 2) {
    const std::vector<enclosure> balls = balls_of(bits);
    if (balls.size() != ours.size()) continue;
    bool all = true;
    for (std::size_t k = 0; k < balls.size(); ++k) {
      if (apart(balls[k], ours[k])) return referee_verdict::disagrees;
      all = all && fits(balls[k], ours[k]);
    }
    if (all) return referee_verdict::agrees;
  }
  return referee_verdict::gave_up;
}

}  // namespace halfulp::tests
