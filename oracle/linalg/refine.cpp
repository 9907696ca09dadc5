#include <halfulp/oracle/linalg/refine.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <halfulp/oracle/linalg/rotation.hpp>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// Entry (i, j) of a Hermitian matrix of which the upper triangle is stored, and its row and column there.
struct upper_entry {
  std::size_t at;
  bool conjugate;
};
upper_entry upper(const integer_matrix& m, int i, int j) {
  return i <= j ? upper_entry{m.at(i, j), false} : upper_entry{m.at(j, i), true};
}

/// A complex number at the precision of the refinement.
struct complex_real {
  real re, im;
};

/// One step of refinement of the vectors of a pencil.
class refinement {
 public:
  refinement(const pencil& p, long bits) : p_(p), bits_(bits), working_(static_cast<mpfr_prec_t>(bits) + 64) {
    find_clusters();
  }

  integer_matrix vectors() const {
    integer_matrix x = adjoint_product(adjoint(p_.vectors()), correction(), false);
    x = rounded_to_bits(x, bits_);
    for (int first = 0; first < p_.n();) {
      int last = first + 1;
      while (last < p_.n() && cluster_[size(last)] == cluster_[size(first)]) ++last;
      if (last - first > 1) rotate(x, first, last);
      first = last;
    }
    return x;
  }

 private:
  /// g_ij - c s_ij
  complex_real residual(int i, int j, const real& c) const {
    const auto [at, conjugate] = upper(p_.g(), i, j);
    const auto part = [&](const integer& g, const integer& s) {
      real r = make_real(working_);
      mpfr_fms(raw(r), raw(c), raw(to_real(s, p_.s().exponent)), raw(to_real(g, p_.g().exponent)), MPFR_RNDN);
      mpfr_neg(raw(r), raw(r), MPFR_RNDN);
      return r;
    };
    complex_real r{part(p_.g().real[at], p_.s().real[at]), make_real(2)};
    if (p_.g().is_complex()) r.im = part(p_.g().imaginary[at], p_.s().imaginary[at]);
    if (conjugate) mpfr_neg(raw(r.im), raw(r.im), MPFR_RNDN);
    return r;
  }

  real gap(int i, int j) const {
    real d = make_real(working_);
    mpfr_sub(raw(d), raw(p_.quotient(j)), raw(p_.quotient(i)), MPFR_RNDN);
    return d;
  }

  /// Quotients are sorted, so that a cluster is a run of columns: i and j belong to one where their coupling is not
  /// small beside their gap, and then so does all between.
  void find_clusters() {
    constexpr long separation = 20;
    cluster_.resize(size(p_.n()));
    std::iota(cluster_.begin(), cluster_.end(), 0);
    for (int j = 1; j < p_.n(); ++j) {
      for (int i = 0; i < j; ++i) {
        if (cluster_[size(j)] <= cluster_[size(i)]) break;
        const complex_real r = residual(i, j, p_.quotient(j));
        const real d = gap(i, j);
        const auto coupled = [&](const real& part) {
          return mpfr_zero_p(raw(part)) == 0 &&
                 (mpfr_zero_p(raw(d)) != 0 || exponent_of(part) + separation > exponent_of(d));
        };
        if (coupled(r.re) || coupled(r.im))
          std::fill(cluster_.begin() + i, cluster_.begin() + j + 1, cluster_[size(i)]);
      }
    }
  }

  /// I + E with e_ij = (g_ij - l_j s_ij) / (l_j - l_i), or -s_ij / 2 inside a cluster, e_jj = (1 - s_jj) / 2.
  integer_matrix correction() const {
    integer_matrix w = identity(p_.n(), bits_, p_.g().is_complex());
    for (int j = 0; j < p_.n(); ++j) {
      for (int i = 0; i < p_.n(); ++i) {
        if (cluster_[size(i)] != cluster_[size(j)]) {
          const complex_real r = residual(i, j, p_.quotient(j));
          const real d = gap(i, j);
          add(w, i, j, r, d);
        } else {
          add_overlap(w, i, j);
        }
      }
    }
    return w;
  }

  void add(integer_matrix& w, int i, int j, complex_real e, const real& divisor) const {
    const auto quotient = [&](real& part) {
      mpfr_div(raw(part), raw(part), raw(divisor), MPFR_RNDN);
      return fixed_point(part, bits_);
    };
    w.real[w.at(i, j)] += quotient(e.re);
    if (w.is_complex()) w.imaginary[w.at(i, j)] += quotient(e.im);
  }

  void add_overlap(integer_matrix& w, int i, int j) const {
    const auto [at, conjugate] = upper(p_.s(), i, j);
    const auto half = [&](const integer& s) {  // s / 2 at the scale of w
      real r = to_real(s, p_.s().exponent - 1);
      return fixed_point(r, bits_);
    };
    integer& re = w.real[w.at(i, j)];
    re -= half(p_.s().real[at]);
    if (i == j) mpz_add(raw(re), raw(re), raw(half_of_one()));
    if (!w.is_complex()) return;
    const integer im = half(p_.s().imaginary[at]);
    w.imaginary[w.at(i, j)] -= conjugate ? -im : im;
  }
  integer half_of_one() const {
    integer h;
    mpz_setbit(raw(h), static_cast<mp_bitcnt_t>(bits_ - 1));
    return h;
  }

  /// The block of columns first .. last - 1 of G - c S, scaled to 1, for LAPACK.
  hermitian_matrix block(int first, int last) const {
    const int m = last - first;
    const bool is_complex = p_.g().is_complex();
    std::vector<complex_real> entries;
    long largest = std::numeric_limits<long>::min();
    for (int j = first; j < last; ++j) {
      for (int i = first; i < last; ++i) {
        entries.push_back(residual(i, j, p_.quotient(first + m / 2)));
        for (const real* part : {&entries.back().re, &entries.back().im})
          if (mpfr_zero_p(raw(*part)) == 0) largest = std::max(largest, exponent_of(*part));
      }
    }
    hermitian_matrix b{m, std::vector<double>(entries.size()), std::vector<double>(is_complex ? entries.size() : 0)};
    const auto scaled_part = [&](real x) {
      if (mpfr_zero_p(raw(x)) == 0) mpfr_mul_2si(raw(x), raw(x), -largest, MPFR_RNDN);
      return mpfr_get_d(raw(x), MPFR_RNDN);
    };
    for (std::size_t k = 0; k < entries.size(); ++k) {
      b.real[k] = scaled_part(entries[k].re);
      if (is_complex) b.imaginary[k] = scaled_part(entries[k].im);
    }
    return b;
  }

  /// Columns first .. last - 1 of x times the eigenvectors of the cluster's block.
  void rotate(integer_matrix& x, int first, int last) const {
    const approx_eigensystem s = approx_eigensystem_of(block(first, last));
    if (s.converged) multiply_columns(x, first, approx_orthogonal(s, last - first, bits_), bits_);
  }

  const pencil& p_;
  long bits_;
  mpfr_prec_t working_;
  std::vector<int> cluster_;
};

}  // namespace

integer_matrix approx_refined(const pencil& p, long bits) {
  return refinement(p, bits).vectors();
}

integer_matrix first_vectors(const approx_eigensystem& s, int n) {
  constexpr long bits = 62;  // an entry, at most 1, then takes one machine word
  return fixed_point(s, n, bits);
}

}  // namespace halfulp::linalg
