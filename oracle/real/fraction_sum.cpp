#include <halfulp/oracle/real/fraction_sum.hpp>

#include <cmath>

#include <halfulp/oracle/real/sums.hpp>

namespace halfulp {

void exact_fraction_sum::add(std::span<const double> factors, std::int64_t divisor) {
  bool negative = false, nan = false, infinite = false, zero = false;
  scaled term{1, 0};
  double magnitude = up(1.0 / static_cast<double>(divisor));
  for (const double f : factors) {
    negative ^= is_negative(f);
    nan |= is_nan(f);
    infinite |= is_infinite(f);
    zero |= is_zero(f);
    magnitude = up(magnitude * std::abs(f));
    if (is_zero(f) || !is_finite(f)) continue;
    const binary_real r = decompose(f);
    term.number *= r.significand;
    term.exponent += r.exponent;
  }
  any_ = true;
  total_known_ = false;
  nan_ |= nan || (infinite && zero);
  if (infinite && !nan && !zero) infinity_[negative ? 1 : 0] = true;
  all_negative_zero_ &= zero && negative && !nan && !infinite;
  magnitude_.add(magnitude);
  for (std::size_t k = 0; k < factors.size(); ++k) magnitude_.add(0);
  if (nan || infinite || zero) return;
  scaled& sum = by_divisor_[divisor];
  if (sum.number == 0) sum.exponent = term.exponent;
  align(sum, term.exponent);
  align(term, sum.exponent);
  sum.number += negative ? integer(-term.number) : term.number;
}

/// The same number with an exponent that is not above the one given.
void exact_fraction_sum::align(scaled& s, std::int64_t exponent) {
  if (s.exponent <= exponent) return;
  s.number <<= static_cast<unsigned long>(s.exponent - exponent);
  s.exponent = exponent;
}

void exact_fraction_sum::set_total() const {
  if (total_known_) return;
  total_ = {};
  denominator_ = 1;
  for (const auto& [divisor, sum] : by_divisor_) denominator_ = lcm(denominator_, integer(divisor));
  for (const auto& [divisor, sum] : by_divisor_) {
    if (sum.number == 0) continue;
    scaled part{sum.number * (denominator_ / divisor), sum.exponent};
    if (total_.number == 0) total_.exponent = part.exponent;
    align(total_, part.exponent);
    align(part, total_.exponent);
    total_.number += part.number;
  }
  total_known_ = true;
}

bool exact_fraction_sum::is_special() const {
  set_total();
  return nan_ || infinity_[0] || infinity_[1] || total_.number == 0;
}

double exact_fraction_sum::special_value() const {
  if (nan_ || (infinity_[0] && infinity_[1])) return canonical_nan<double>();
  if (infinity_[0] || infinity_[1]) return infinity_of<double>(infinity_[1]);
  return zero_of<double>(any_ && all_negative_zero_);
}

exact_fraction_sum::rounded_down exact_fraction_sum::divide(unsigned bits) const {
  integer numerator = abs(total_.number), rest;
  const auto have = static_cast<std::int64_t>(msb(numerator)) - static_cast<std::int64_t>(msb(denominator_));
  const std::int64_t shift = std::max<std::int64_t>(bits + 1 - have, 0);
  numerator <<= static_cast<unsigned long>(shift);
  rounded_down r{0, total_.exponent - shift, false};
  divide_qr(numerator, denominator_, r.quotient, rest);
  r.more = rest != 0;
  return r;
}

binary_real exact_fraction_sum::leading() const {
  const rounded_down d = divide(66);
  const auto below = static_cast<long>(msb(d.quotient)) - 63;
  const integer top = d.quotient >> static_cast<unsigned long>(below);
  const bool cut = d.more || lsb(d.quotient) < static_cast<unsigned long>(below);
  return {total_.number < 0, top.convert_to<std::uint64_t>(), d.exponent + below, cut};
}

enclosure exact_fraction_sum::range() const {
  if (is_special()) return enclosure::point(to_real(special_value()));
  rounded_down d = divide(192);
  const auto bits = static_cast<mpfr_prec_t>(msb(d.quotient)) + 2;
  enclosure e{make_real(bits), make_real(bits)};
  mpfr_set_z_2exp(raw(e.lo), d.quotient.backend().data(), d.exponent, MPFR_RNDD);
  if (d.more) ++d.quotient;
  mpfr_set_z_2exp(raw(e.hi), d.quotient.backend().data(), d.exponent, MPFR_RNDU);
  if (total_.number > 0) return e;
  mpfr_neg(raw(e.lo), raw(e.lo), MPFR_RNDN);
  mpfr_neg(raw(e.hi), raw(e.hi), MPFR_RNDN);
  return {e.hi, e.lo};
}

ulp_bounds exact_fraction_sum::bounds_in(const format& f, const enclosure& range) const {
  if (!any_) return {};
  return bounds_of(f, magnitude_, range);
}

}  // namespace halfulp
