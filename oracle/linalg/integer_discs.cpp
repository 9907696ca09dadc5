#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/linalg/arb_midpoints.hpp>
#include <halfulp/oracle/linalg/eigenvalue_discs.hpp>

namespace halfulp::linalg {
namespace {

using magnitude = long double;  // its exponents reach 2^-16382, below what 2^12 bits of vectors can leave

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// X and Y near X^-1, up to powers of two by which columns of X and rows of Y are multiplied. Without error bounds.
struct vector_pair {
  integer_matrix x, y;
  bool found = false;
};

vector_pair approx_vectors(const integer_matrix& b, long bits) {
  arb_midpoints a(b), right(b.n), inverse(b.n);
  const auto values = _acb_vec_init(b.n);
  vector_pair p;
  acb_mat_approx_eig_qr(values, nullptr, right.get(), a.get(), nullptr, 0, bits);
  _acb_vec_clear(values, b.n);
  p.x = right.scaled_integers(bits, true);
  arb_midpoints exact(p.x);
  p.found = acb_mat_approx_inv(inverse.get(), exact.get(), 2 * bits + 64) != 0;
  if (p.found) p.y = inverse.scaled_integers(bits, false);
  return p;
}

/// At least |re| + |im|, and so |re + i im|.
magnitude at_most(const integer& re, const integer& im, long exponent) {
  const auto part = [&](const integer& k) {
    long e = 0;
    const double d = mpz_get_d_2exp(&e, raw(k));
    return std::ldexp(std::abs(static_cast<magnitude>(d)) * (1 + 0x1p-50L), static_cast<int>(e + exponent));
  };
  return (part(re) + part(im)) * (1 + 0x1p-60L) + std::numeric_limits<magnitude>::min();
}

struct complex_real {
  real re, im;
};

/// The pencil Y (B - l I) X as rows for `isolation`.
class integer_rows {
 public:
  integer_rows(const integer_matrix& b, const vector_pair& p, long bits)
      : n_(b.n),
        bits_(2 * bits + 64),
        s_(adjoint_product(adjoint(p.y), p.x, false)),
        g_(adjoint_product(adjoint(p.y), adjoint_product(adjoint(as_complex(b)), p.x, false), false)) {
    rows_.n = n_;
    for (auto* list : {&rows_.coupling, &rows_.overlap, &rows_.distance}) list->resize(size(n_) * size(n_));
    proved_ = true;
    for (int i = 0; i < n_ && proved_; ++i) add_row(i);
    if (!proved_) return;
    if (!b.is_complex()) pair_up();
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j < n_; ++j)
        if (i != j) rows_.distance[rows_.at(i, j)] = distance(centres_[size(i)], centres_[size(j)]);
  }

  bool proved() const { return proved_; }
  const gershgorin_rows<magnitude>& rows() const { return rows_; }
  const complex_real& centre(int k) const { return centres_[size(k)]; }
  mpfr_prec_t bits() const { return bits_; }

 private:
  static constexpr magnitude unit = 1 + 0x1p-56L;

  void add_row(int i) {
    const std::size_t ii = s_.at(i, i);
    integer square = s_.real[ii] * s_.real[ii] + s_.imaginary[ii] * s_.imaginary[ii];
    if (square == 0) {
      proved_ = false;
      return;
    }
    // g / s = g conj(s) / |s|^2, each part rounded once
    const integer re = g_.real[ii] * s_.real[ii] + g_.imaginary[ii] * s_.imaginary[ii];
    const integer im = g_.imaginary[ii] * s_.real[ii] - g_.real[ii] * s_.imaginary[ii];
    const auto quotient = [&](const integer& numerator) {
      real q = make_real(bits_);
      mpfr_div(raw(q), raw(to_real(numerator, g_.exponent - s_.exponent)), raw(to_real(square, 0)), MPFR_RNDN);
      return q;
    };
    centres_.push_back({quotient(re), quotient(im)});
    const magnitude value = size_of(centres_.back());
    rows_.spread.push_back(std::ldexp(value, -static_cast<int>(bits_)) * 2 + std::numeric_limits<magnitude>::min());
    magnitude diagonal = 0;  // at most |s_ii|
    {
      real root = make_real(64);
      mpfr_sqrt(raw(root), raw(to_real(square, 2 * s_.exponent)), MPFR_RNDD);
      diagonal = mpfr_get_ld(raw(root), MPFR_RNDD);
    }
    for (int j = 0; j < n_; ++j) {
      if (i == j) continue;
      const std::size_t ij = s_.at(i, j);
      const magnitude s = at_most(s_.real[ij], s_.imaginary[ij], s_.exponent) / diagonal * unit;
      const magnitude g = at_most(g_.real[ij], g_.imaginary[ij], g_.exponent) / diagonal * unit;
      rows_.overlap[rows_.at(i, j)] = s;
      rows_.coupling[rows_.at(i, j)] = (g + value * s) * unit;
    }
  }

  /// At least |z|.
  static magnitude size_of(const complex_real& z) {
    real r = make_real(64);
    mpfr_hypot(raw(r), raw(z.re), raw(z.im), MPFR_RNDU);
    return mpfr_get_ld(raw(r), MPFR_RNDU) * unit;
  }
  /// At most |x - y|, off by a relative 2^-50.
  static magnitude distance(const complex_real& x, const complex_real& y) {
    const auto part = [](const real& a, const real& b) {
      real d = make_real(64);
      mpfr_sub(raw(d), raw(a), raw(b), MPFR_RNDZ);
      return mpfr_get_ld(raw(d), MPFR_RNDZ);
    };
    return std::hypot(part(x.re, y.re), part(x.im, y.im)) * (1 - 0x1p-55L);
  }

  /// Moves the centres of a real matrix onto the real axis, or into conjugate pairs, where they nearly are.
  void pair_up() {
    const auto mirror = [](complex_real z) {
      mpfr_neg(raw(z.im), raw(z.im), MPFR_RNDN);
      return z;
    };
    const auto nearest = [&](int k) {
      int best = k;
      magnitude least = std::numeric_limits<magnitude>::infinity();
      for (int j = 0; j < n_; ++j) {
        const magnitude d = distance(mirror(centres_[size(k)]), centres_[size(j)]);
        if (d < least) {
          least = d;
          best = j;
        }
      }
      return best;
    };
    std::vector<int> partner;
    for (int k = 0; k < n_; ++k) partner.push_back(nearest(k));
    for (int k = 0; k < n_; ++k) {
      const int other = partner[size(k)];
      if (other < k || partner[size(other)] != k) continue;
      complex_real to = mirror(centres_[size(k)]);
      if (other == k) mpfr_set_zero(raw(to.im), 1);
      const magnitude moved = distance(centres_[size(other)], to) * (1 + 0x1p-40L);
      rows_.spread[size(other)] = (rows_.spread[size(other)] + moved) * unit;
      centres_[size(other)] = std::move(to);
    }
  }

  int n_;
  mpfr_prec_t bits_;
  integer_matrix s_, g_;
  gershgorin_rows<magnitude> rows_;
  std::vector<complex_real> centres_;
  bool proved_ = false;
};

eigenvalue_disc disc_of(const isolated_cluster<magnitude>& c, const integer_rows& p, bool is_real) {
  const complex_real& at = p.centre(c.centre);
  eigenvalue_disc d{at.re,
                    at.im,
                    make_real(64),
                    static_cast<int>(c.members.size()),
                    make_real(p.bits()),
                    make_real(p.bits()),
                    is_real && mpfr_zero_p(raw(at.im)) != 0};
  mpfr_set_ld(raw(d.radius), c.radius, MPFR_RNDU);
  for (const int m : c.members) {
    mpfr_add(raw(d.mean_re), raw(d.mean_re), raw(p.centre(m).re), MPFR_RNDN);
    mpfr_add(raw(d.mean_im), raw(d.mean_im), raw(p.centre(m).im), MPFR_RNDN);
  }
  mpfr_div_si(raw(d.mean_re), raw(d.mean_re), d.count, MPFR_RNDN);
  mpfr_div_si(raw(d.mean_im), raw(d.mean_im), d.count, MPFR_RNDN);
  return d;
}

std::vector<eigenvalue_disc> discs_by(const vector_pair& vectors, const integer_matrix& b, long bits) {
  if (!vectors.found) return {};
  const integer_rows p(b, vectors, bits);
  if (!p.proved()) return {};
  std::vector<eigenvalue_disc> discs;
  for (const auto& c : isolation(p.rows()).clusters()) discs.push_back(disc_of(c, p, !b.is_complex()));
  return discs;
}

/// Whether there are more discs, or as many and the largest is smaller.
bool tells_more(const std::vector<eigenvalue_disc>& one, const std::vector<eigenvalue_disc>& other) {
  if (one.size() != other.size() || one.empty()) return one.size() > other.size();
  const auto largest = [](const std::vector<eigenvalue_disc>& discs) {
    return std::max_element(discs.begin(), discs.end(), [](const eigenvalue_disc& x, const eigenvalue_disc& y) {
      return mpfr_less_p(raw(x.radius), raw(y.radius)) != 0;
    });
  };
  return mpfr_less_p(raw(largest(one)->radius), raw(largest(other)->radius)) != 0;
}

}  // namespace

std::vector<eigenvalue_disc> discs_in_integers(const integer_matrix& b, long bits) {
  auto discs = discs_by(approx_vectors(b, bits), b, bits);
  if (discs.size() == size(b.n)) return discs;
  auto others = discs_by(approx_vectors(disturbed(b, bits / 2), bits), b, bits);
  return tells_more(others, discs) ? others : discs;
}

}  // namespace halfulp::linalg
