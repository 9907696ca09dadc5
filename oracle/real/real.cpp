#include <halfulp/oracle/real/real.hpp>

#include <memory>

namespace halfulp {

real make_real(mpfr_prec_t bits) {
  real r;
  mpfr_set_prec(raw(r), bits);
  mpfr_set_zero(raw(r), 1);
  return r;
}

binary_real leading_bits(const real& r) {
  real top = make_real(64);
  const int inexact = mpfr_set(raw(top), raw(r), MPFR_RNDZ);
  real magnitude = make_real(64);
  const mpfr_exp_t exponent = mpfr_get_exp(raw(top));  // 2^(exponent - 1) <= |top| < 2^exponent
  mpfr_abs(raw(magnitude), raw(top), MPFR_RNDN);
  mpfr_set_exp(raw(magnitude), 64);
  const std::uint64_t significand = mpfr_get_uj(raw(magnitude), MPFR_RNDZ);
  return {mpfr_signbit(raw(r)) != 0, significand, static_cast<long>(exponent) - 64, inexact != 0};
}

long exponent_of(const real& r) {
  return static_cast<long>(mpfr_get_exp(raw(r))) - 1;
}

real ulp(const format& f, const real& r) {
  const long exponent = mpfr_zero_p(raw(r)) ? ulp_exponent_of_zero(f) : ulp_exponent(f, exponent_of(r));
  real u = make_real(MPFR_PREC_MIN + 1);
  mpfr_set_ui_2exp(raw(u), 1, exponent, MPFR_RNDN);
  return u;
}

std::string to_hex(const real& r) {
  char* text = nullptr;
  if (mpfr_asprintf(&text, "%Ra", raw(r)) < 0) throw std::bad_alloc();
  const std::unique_ptr<char, void (*)(char*)> keep(text, mpfr_free_str);
  return text;
}

}  // namespace halfulp
