#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp {

enclosure enclosure::around(const real& middle, const real& radius, mpfr_prec_t bits) {
  enclosure e{make_real(bits), make_real(bits)};
  mpfr_sub(raw(e.lo), raw(middle), raw(radius), MPFR_RNDD);
  mpfr_add(raw(e.hi), raw(middle), raw(radius), MPFR_RNDU);
  return e;
}

}  // namespace halfulp
