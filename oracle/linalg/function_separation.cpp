#include <halfulp/oracle/linalg/function_separation.hpp>

#include <cmath>
#include <limits>
#include <map>

namespace halfulp::linalg {
namespace {

struct point {
  real re, im;
};

real middle(const enclosure& e) {
  real m = make_real(mpfr_get_prec(raw(e.lo)) + 64);
  mpfr_add(raw(m), raw(e.lo), raw(e.hi), MPFR_RNDN);
  mpfr_div_2ui(raw(m), raw(m), 1, MPFR_RNDN);
  return m;
}

/// A disc around the box.
eigenvalue_disc disc_around(const eigenvalue_box& box) {
  eigenvalue_disc d{middle(box.re), middle(box.im), make_real(64), box.count, {}, {}, false};
  real re = make_real(64), im = make_real(64);
  mpfr_sub(raw(re), raw(box.re.hi), raw(box.re.lo), MPFR_RNDU);
  mpfr_sub(raw(im), raw(box.im.hi), raw(box.im.lo), MPFR_RNDU);
  mpfr_hypot(raw(d.radius), raw(re), raw(im), MPFR_RNDU);
  return d;
}

/// x rounded to a multiple of 2^exponent.
integer units_of(const real& x, long exponent) {
  return fixed_point(x, -exponent);
}

/// A root that is a Gaussian integer times 2^exponent; none where the nearest one to the middle of the box is no root.
struct gaussian_root {
  integer re, im;
};
std::optional<gaussian_root> gaussian_root_in(const eigenvalue_box& box, const distinct_roots& roots, long exponent) {
  gaussian_root g{units_of(middle(box.re), exponent), units_of(middle(box.im), exponent)};
  const real re = to_real(g.re, exponent), im = to_real(g.im, exponent);
  if (!box.re.contains(re) || !box.im.contains(im)) return std::nullopt;
  const auto near = roots.near(re, im, 64);
  if (!near || mpfr_zero_p(raw(near->radius)) == 0) return std::nullopt;
  return g;
}

/// At least log2 |x_s - x_t| in units of 2^exponent.
double log2_distance(const eigenvalue_box& s, const eigenvalue_box& t, long exponent) {
  const auto part = [](const enclosure& x, const enclosure& y) {
    real a = make_real(64), b = make_real(64);
    mpfr_sub(raw(a), raw(x.hi), raw(y.lo), MPFR_RNDA);
    mpfr_sub(raw(b), raw(y.hi), raw(x.lo), MPFR_RNDA);
    mpfr_max(raw(a), raw(a), raw(b), MPFR_RNDU);
    return a;
  };
  real d = make_real(64);
  mpfr_hypot(raw(d), raw(part(s.re, t.re)), raw(part(s.im, t.im)), MPFR_RNDU);
  return static_cast<double>(exponent_of(d) + 1 - exponent);
}

/// log2 of the least common multiple of the norms of all D_s.
double log2_common_norm(const std::vector<gaussian_root>& x, const std::vector<eigenvalue_box>& boxes) {
  integer common = 1;
  for (std::size_t s = 0; s < x.size(); ++s) {
    integer norm = 1;
    for (std::size_t t = 0; t < x.size(); ++t) {
      if (s == t) continue;
      const integer re = x[s].re - x[t].re, im = x[s].im - x[t].im;
      integer power;
      mpz_pow_ui(raw(power), raw(im == 0 ? integer(abs(re)) : integer(re * re + im * im)),
                 static_cast<unsigned long>(boxes[s].count + boxes[t].count - 1));
      norm *= power;
    }
    mpz_lcm(raw(common), raw(common), raw(norm));
  }
  return static_cast<double>(mpz_sizeinbase(raw(common), 2));
}

/// At least log2 of the number of ways to give their weights to the boxes `moving`, each multiplicity for itself.
double log2_assignments(const std::vector<eigenvalue_box>& moving) {
  std::map<int, std::map<int, int>> by_count;  // multiplicity, weight, how often
  for (const eigenvalue_box& b : moving) ++by_count[b.count][b.weight];
  double ways = 0;
  for (const auto& [count, weights] : by_count) {
    int all = 0;
    for (const auto& [weight, times] : weights) {
      all += times;
      ways -= std::lgamma(times + 1.0);
    }
    ways += std::lgamma(all + 1.0);
  }
  return ways / std::log(2.0) * (1 + 0x1p-30);
}

}  // namespace

std::optional<function_separation> function_separation::of(const integer_matrix& b, const weighted_spectrum& spectrum,
                                                           const distinct_roots& roots) {
  std::vector<eigenvalue_disc> discs;
  for (const eigenvalue_box& box : spectrum.boxes) discs.push_back(disc_around(box));
  if (!each_holds_one(discs, roots)) return std::nullopt;
  std::vector<gaussian_root> fixed;
  std::vector<eigenvalue_box> moving;
  for (const eigenvalue_box& box : spectrum.boxes) {
    if (auto g = gaussian_root_in(box, roots, b.exponent))
      fixed.push_back(*g);
    else
      moving.push_back(box);
  }
  function_separation f;
  f.exponent_ = spectrum.exponent;
  f.log2_conjugates_ = log2_assignments(moving) * (b.is_complex() ? 2 : 1);
  integer counts = 1;
  for (const complex_mean& m : spectrum.weights)
    mpz_lcm_ui(raw(counts), raw(counts), static_cast<unsigned long>(m.count));
  f.log2_multiple_ = 1 + static_cast<double>(mpz_sizeinbase(raw(counts), 2));
  if (moving.empty()) {
    f.log2_multiple_ += log2_common_norm(fixed, spectrum.boxes);
    return f;
  }
  for (std::size_t s = 0; s < spectrum.boxes.size(); ++s)
    for (std::size_t t = 0; t < s; ++t) {
      const eigenvalue_box &x = spectrum.boxes[s], &y = spectrum.boxes[t];
      f.log2_multiple_ += 2.0 * (x.count + y.count - 1) * std::max(0.0, log2_distance(x, y, b.exponent));
    }
  return f;
}

double function_separation::bits(const real& c, double log2_size) const {
  long exponent = exponent_;
  double size = log2_size;
  if (mpfr_zero_p(raw(c)) == 0) {
    integer k;
    const long e = mpfr_get_z_2exp(raw(k), raw(c));
    exponent = std::min(exponent, e + static_cast<long>(mpz_scan1(raw(k), 0)));
    size = std::max(size, static_cast<double>(exponent_of(c) + 1)) + 1;
  }
  const double multiple = log2_multiple_ - static_cast<double>(exponent);
  if (log2_conjugates_ == 0) return multiple + 1;
  if (log2_conjugates_ > 30) return std::numeric_limits<double>::infinity();
  return multiple + (std::exp2(log2_conjugates_) - 1) * std::max(0.0, multiple + size) * (1 + 0x1p-20) + 1;
}

}  // namespace halfulp::linalg
