#include <halfulp/oracle/linalg/spectral_sum.hpp>

namespace halfulp::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// At least |factor s_ij - g_ij|^2 for one entry of the upper triangles.
upper_bound squared_difference(const pencil& p, const real& factor, std::size_t at) {
  const auto part = [&](const integer& g, const integer& s) {
    real r = make_real(64);
    mpfr_fms(raw(r), raw(factor), raw(to_real(s, p.s().exponent)), raw(to_real(g, p.g().exponent)), MPFR_RNDA);
    const auto b = upper_bound::of(r);
    return b * b;
  };
  upper_bound sum = part(p.g().real[at], p.s().real[at]);
  if (p.g().is_complex()) sum = sum + part(p.g().imaginary[at], p.s().imaginary[at]);
  return sum;
}

/// ||C e_j||^2 for every column j of C = G - S T.
std::vector<upper_bound> residuals(const pencil& p) {
  std::vector<upper_bound> squares(size(p.n()));
  for (int j = 0; j < p.n(); ++j)
    for (int i = 0; i < p.n(); ++i)
      squares[size(j)] =
          squares[size(j)] + squared_difference(p, p.quotient(j), p.g().at(std::min(i, j), std::max(i, j)));
  return squares;
}

/// At most the distance of two eigenvalues of different groups; infinite where there is one group. Not positive where
/// brackets of different groups meet.
real gap(const std::vector<enclosure>& values, const grouped_weights& w) {
  real least = make_real(64);
  mpfr_set_inf(raw(least), 1);
  for (std::size_t k = 1; k < values.size(); ++k) {
    if (w.group[k] == w.group[k - 1]) continue;
    real d = make_real(64);
    mpfr_sub(raw(d), raw(values[k].lo), raw(values[k - 1].hi), MPFR_RNDD);
    mpfr_min(raw(least), raw(least), raw(d), MPFR_RNDD);
  }
  return least;
}

/// The weights as integers times 2^exponent, of which the largest has about `bits` bits; each within a unit.
struct fixed_point_weights {
  std::vector<integer> units;
  long exponent = 0;

  upper_bound magnitude(int group) const { return upper_bound::of(to_real(units[size(group)], exponent)); }
};

fixed_point_weights fixed_point_of(const grouped_weights& w, long bits) {
  fixed_point_weights f;
  std::vector<enclosure> exact;
  upper_bound largest;
  for (const mean& m : w.means) {
    exact.push_back(enclosure_of(m, w.exponent, bits + 32));
    if (const auto b = upper_bound::of(exact.back().hi); largest < b) largest = b;
  }
  if (mpfr_zero_p(raw(largest.value())) == 0) f.exponent = exponent_of(largest.value()) - bits;
  for (const enclosure& e : exact) f.units.push_back(fixed_point(e.lo, -f.exponent));
  return f;
}

/// X M X^H, its upper triangle.
integer_matrix weighted_gram(const integer_matrix& x, const grouped_weights& w, const fixed_point_weights& f) {
  integer_matrix xm = x;
  xm.exponent += f.exponent;
  for (int k = 0; k < x.n; ++k) {
    const integer& unit = f.units[size(w.group[size(k)])];
    for (int i = 0; i < x.n; ++i) {
      xm.real[x.at(i, k)] *= unit;
      if (x.is_complex()) xm.imaginary[x.at(i, k)] *= unit;
    }
  }
  return adjoint_product(adjoint(xm), adjoint(x), true);
}

}  // namespace

upper_bound orthogonality(const pencil& p) {
  upper_bound sum;
  const integer_matrix& s = p.s();
  for (int j = 0; j < p.n(); ++j) {
    for (int i = 0; i <= j; ++i) {
      real re = to_real(s.real[s.at(i, j)], s.exponent);
      if (i == j) mpfr_sub_ui(raw(re), raw(re), 1, MPFR_RNDA);
      const auto b = upper_bound::of(re);
      upper_bound square = b * b;
      if (s.is_complex()) {
        const auto c = upper_bound::of(to_real(s.imaginary[s.at(i, j)], s.exponent));
        square = square + c * c;
      }
      sum = sum + (i == j ? square : square + square);
    }
  }
  return root(sum);
}

std::optional<spectral_sum> enclose_sum(const pencil& p, const std::vector<enclosure>& values,
                                        const grouped_weights& w) {
  const upper_bound f = orthogonality(p);
  const real d = gap(values, w);
  if (!(f < upper_bound(0.5)) || mpfr_sgn(raw(d)) <= 0) return std::nullopt;
  for (int k = 0; k < p.n(); ++k)
    if (!values[size(k)].contains(p.quotient(k))) return std::nullopt;
  // the bound is that of the rounded weights; another unit makes up for the rounding
  const fixed_point_weights m = fixed_point_of(w, -p.vectors().exponent + 32);
  upper_bound largest, c, cm;
  const auto columns = residuals(p);
  for (int k = 0; k < p.n(); ++k) {
    const upper_bound weight = m.magnitude(w.group[size(k)]);
    if (largest < weight) largest = weight;
    c = c + columns[size(k)];
    cm = cm + columns[size(k)] * weight * weight;
  }
  const upper_bound slack = upper_bound(1) + f + f;
  real unit = make_real(2);
  mpfr_set_ui_2exp(raw(unit), 1, m.exponent, MPFR_RNDU);
  const upper_bound radius =
      largest * f + upper_bound(2) * slack * (root(cm) / d + largest * c / d / d) + upper_bound::of(unit);
  return spectral_sum{weighted_gram(p.vectors(), w, m), radius.value()};
}

}  // namespace halfulp::linalg
