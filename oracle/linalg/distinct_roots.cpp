#include <halfulp/oracle/linalg/distinct_roots.hpp>

#include <algorithm>
#include <numeric>

#include <halfulp/oracle/linalg/upper_bound.hpp>

namespace halfulp::linalg {
namespace {

/// A Gaussian integer.
struct gaussian {
  integer re, im;

  bool is_zero() const { return re == 0 && im == 0; }
};

/// x y, y real where its imaginary part is 0
gaussian product(const gaussian& x, const gaussian& y) {
  if (y.im == 0) return {x.re * y.re, x.im * y.re};
  return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
}

/// The exponent of the lowest bit of a dyadic number; 0 for 0.
long lowest_bit(const real& x) {
  if (mpfr_zero_p(raw(x)) != 0) return 0;
  integer k;
  const long e = mpfr_get_z_2exp(raw(k), raw(x));
  return e + static_cast<long>(mpz_scan1(raw(k), 0));
}

/// x 2^-exponent, an integer.
integer integer_of(const real& x, long exponent) {
  integer k;
  if (mpfr_zero_p(raw(x)) != 0) return k;
  const long e = mpfr_get_z_2exp(raw(k), raw(x)) - exponent;
  if (e >= 0) {
    mpz_mul_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(e));
  } else {
    mpz_tdiv_q_2exp(raw(k), raw(k), static_cast<mp_bitcnt_t>(-e));
  }
  return k;
}

integer coefficient(const polynomial& p, int k) {
  fmpz_t c;
  fmpz_init(c);
  fmpz_poly_get_coeff_fmpz(c, p.get(), k);
  integer z;
  fmpz_get_mpz(raw(z), c);
  fmpz_clear(c);
  return z;
}

void set_coefficient(polynomial& p, int k, integer c) {
  fmpz_t z;
  fmpz_init(z);
  fmpz_set_mpz(z, raw(c));
  fmpz_poly_set_coeff_fmpz(p.get(), k, z);
  fmpz_clear(z);
}

/// p(z) / p'(z) = value / slope 2^exponent at a dyadic point of exponent `unit`, exactly.
struct newton_step {
  gaussian value, slope;
  long exponent;
};

/// At (re + i im) 2^-unit, by Horner's rule on Gaussian integers.
newton_step step_at(const polynomial& p, const real& re, const real& im, long unit) {
  const long lowest = std::min({lowest_bit(re), lowest_bit(im), unit});
  const gaussian point{integer_of(re, lowest), integer_of(im, lowest)};
  const auto up = static_cast<mp_bitcnt_t>(unit - lowest);
  gaussian value{coefficient(p, p.degree()), 0}, slope;
  for (int k = p.degree() - 1; k >= 0; --k) {
    slope = product(slope, point);
    slope.re += value.re;
    slope.im += value.im;
    value = product(value, point);
    integer c = coefficient(p, k);
    mpz_mul_2exp(raw(c), raw(c), up * static_cast<mp_bitcnt_t>(p.degree() - k));
    value.re += c;
  }
  return {std::move(value), std::move(slope), lowest};
}

/// At least degree |value / slope|.
real root_radius(const newton_step& s, int degree) {
  real top = make_real(64), bottom = make_real(64);
  mpfr_hypot(raw(top), raw(to_real(s.value.re, s.exponent)), raw(to_real(s.value.im, s.exponent)), MPFR_RNDU);
  mpfr_hypot(raw(bottom), raw(to_real(s.slope.re, 0)), raw(to_real(s.slope.im, 0)), MPFR_RNDD);
  mpfr_mul_si(raw(top), raw(top), degree, MPFR_RNDU);
  mpfr_div(raw(top), raw(top), raw(bottom), MPFR_RNDU);
  return top;
}

/// x - numerator / denominator 2^exponent to `bits` bits.
real moved(const real& x, const integer& numerator, const integer& denominator, long exponent, long bits) {
  real q = make_real(bits), next = make_real(bits);
  mpfr_div(raw(q), raw(to_real(numerator, exponent)), raw(to_real(denominator, 0)), MPFR_RNDN);
  mpfr_sub(raw(next), raw(x), raw(q), MPFR_RNDN);
  return next;
}

/// Multiplies the coefficients of y^k by the powers of i in the real and imaginary part of p(i^turns y).
void add_turned(const polynomial& p, int turns, int sign, polynomial& re, polynomial& im) {
  for (int k = 0; k <= p.degree(); ++k) {
    const int power = k * turns % 4;
    polynomial& to = power % 2 == 0 ? re : im;
    const integer c = coefficient(p, k);
    set_coefficient(to, k, coefficient(to, k) + (power < 2 ? sign : -sign) * c);
  }
}

polynomial shifted(const polynomial& p, const integer& by) {
  polynomial q;
  fmpz_t z;
  fmpz_init(z);
  fmpz_set_mpz(z, raw(by));
  fmpz_poly_taylor_shift(q.get(), p.get(), z);
  fmpz_clear(z);
  return q;
}

polynomial common_divisor(const polynomial& p, const polynomial& q) {
  polynomial d;
  fmpz_poly_gcd(d.get(), p.get(), q.get());
  return d;
}

/// The greatest common divisor of the parts of f(m + i y), for integers m.
polynomial vertical_line(const polynomial& f, const integer& m) {
  polynomial re, im;
  add_turned(shifted(f, m), 1, 1, re, im);
  return common_divisor(re, im);
}

/// That of the parts of f(y + i m): with f(i v) = a(v) + i b(v), those of a(m - i y) + i b(m - i y).
polynomial horizontal_line(const polynomial& f, const integer& m) {
  polynomial a, b, re, im;
  add_turned(f, 1, 1, a, b);
  add_turned(shifted(a, m), 3, 1, re, im);
  polynomial re_of_b, im_of_b;
  add_turned(shifted(b, m), 3, 1, re_of_b, im_of_b);
  fmpz_poly_sub(re.get(), re.get(), im_of_b.get());
  fmpz_poly_add(im.get(), im.get(), re_of_b.get());
  return common_divisor(re, im);
}

/// 2^(t d) f(u / 2^t)
polynomial stretched(const polynomial& f, long t) {
  polynomial g = f;
  for (int k = 0; k <= f.degree(); ++k) {
    integer c = coefficient(f, k);
    mpz_mul_2exp(raw(c), raw(c), static_cast<mp_bitcnt_t>(t * (f.degree() - k)));
    set_coefficient(g, k, c);
  }
  return g;
}

}  // namespace

std::optional<distinct_roots::near_root> distinct_roots::near(const real& re, const real& im, long bits) const {
  const newton_step s = step_at(f_, re, im, exponent_);
  if (s.slope.is_zero()) return std::nullopt;
  const integer square = s.slope.re * s.slope.re + s.slope.im * s.slope.im;
  const integer along = s.value.re * s.slope.re + s.value.im * s.slope.im;
  const integer across = s.value.im * s.slope.re - s.value.re * s.slope.im;
  return near_root{re, im, root_radius(s, f_.degree()), moved(re, along, square, s.exponent, bits),
                   moved(im, across, square, s.exponent, bits)};
}

const polynomial& distinct_roots::line(component which, const real& c) {
  const std::string key = (which == component::real_part ? "re " : "im ") + to_hex(c);
  const auto known = lines_.find(key);
  if (known != lines_.end()) return known->second;
  const long t = std::max(0L, exponent_ - lowest_bit(c));
  const integer m = integer_of(c, exponent_ - t);
  const polynomial f = stretched(f_, t);
  return lines_[key] = which == component::real_part ? vertical_line(f, m) : horizontal_line(f, m);
}

std::optional<real> distinct_roots::on_line(component which, const real& c, const real& other,
                                            const eigenvalue_disc& disc) {
  const polynomial& h = line(which, c);
  if (h.degree() < 1) return std::nullopt;
  const long t = std::max(0L, exponent_ - lowest_bit(c));
  const newton_step s = step_at(h, other, make_real(2), exponent_ - t);
  if (s.slope.is_zero()) return std::nullopt;
  const real radius = root_radius(s, h.degree());
  const bool inside =
      which == component::real_part ? lies_inside(c, other, radius, disc) : lies_inside(other, c, radius, disc);
  return inside ? std::optional(radius) : std::nullopt;
}

bool lies_inside(const real& re, const real& im, const real& radius, const eigenvalue_disc& disc) {
  const auto apart = [](const real& x, const real& y) {
    real d = make_real(64);
    mpfr_sub(raw(d), raw(x), raw(y), MPFR_RNDA);
    return upper_bound::of(d);
  };
  const upper_bound x = apart(re, disc.re), y = apart(im, disc.im);
  const upper_bound reach = root(x * x + y * y) + upper_bound::of(radius);
  return mpfr_lessequal_p(raw(reach.value()), raw(disc.radius)) != 0;
}

bool each_holds_one(const std::vector<eigenvalue_disc>& discs, const distinct_roots& roots) {
  const std::size_t n = discs.size();
  std::vector<std::size_t> owner(2 * n);  // discs, and their mirror images
  std::iota(owner.begin(), owner.end(), std::size_t{0});
  std::size_t groups = 2 * n;
  const auto meets_mirror = [&](const eigenvalue_disc& x, const eigenvalue_disc& y) {
    real re = make_real(64), im = make_real(64), reach = make_real(64);
    mpfr_sub(raw(re), raw(x.re), raw(y.re), MPFR_RNDZ);
    mpfr_add(raw(im), raw(x.im), raw(y.im), MPFR_RNDZ);
    mpfr_hypot(raw(re), raw(re), raw(im), MPFR_RNDZ);
    mpfr_add(raw(reach), raw(x.radius), raw(y.radius), MPFR_RNDU);
    return mpfr_lessequal_p(raw(re), raw(reach)) != 0;
  };
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t l = 0; l < n; ++l) {
      const std::size_t a = owner[k], b = owner[n + l];
      if (a == b || !meets_mirror(discs[k], discs[l])) continue;
      std::replace(owner.begin(), owner.end(), b, a);
      --groups;
    }
  return groups == static_cast<std::size_t>(roots.count());
}

}  // namespace halfulp::linalg
