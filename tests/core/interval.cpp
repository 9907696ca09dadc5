#include <halfulp/oracle/real/interval.hpp>

#include <utility>

#include <catch2/catch.hpp>

namespace halfulp::tests {
namespace {

std::pair<double, double> ends(const enclosure& e) {
  return {mpfr_get_d(raw(e.lo), MPFR_RNDN), mpfr_get_d(raw(e.hi), MPFR_RNDN)};
}
using pair = std::pair<double, double>;

enclosure between(double lo, double hi) {
  return {to_real(lo), to_real(hi)};
}

}  // namespace

// On numbers of 4 bits 49 lies between 48 and 52, 1/3 between 5/16 and 11/32.
TEST_CASE("interval arithmetic: both ends of a product are rounded outward, whatever the signs") {
  interval_arithmetic a(4);
  const auto product = [&](double factor, const enclosure& v, bool minus) {
    enclosure s = a.zero();
    a.add_product(s, to_real(factor), v, minus);
    enclosure t = a.zero();
    a.add_product(t, between(factor, factor), v, minus);
    CHECK(ends(s) == ends(t));
    return ends(s);
  };
  CHECK(product(7, between(7, 7), false) == pair{48, 52});
  CHECK(product(7, between(7, 7), true) == pair{-52, -48});
  CHECK(product(-7, between(7, 7), false) == pair{-52, -48});
  CHECK(product(-7, between(-7, 7), true) == pair{-52, 52});
  CHECK(product(0, between(-7, 7), true) == pair{0, 0});
  enclosure s = a.zero();
  a.add_product(s, between(-7, 3), between(-5, 7), false);
  CHECK(ends(s) == pair{-52, 36});
}

TEST_CASE("interval arithmetic: sums and quotients are rounded outward") {
  interval_arithmetic a(4);
  enclosure s = a.of(49);
  CHECK(ends(s) == pair{48, 52});
  a.add(s, between(1, 1));
  CHECK(ends(s) == pair{48, 56});
  const auto quotient = [&](double x, double y) {
    enclosure q = a.of(x);
    a.divide(q, to_real(y));
    return ends(q);
  };
  CHECK(quotient(1, 3) == pair{0.3125, 0.34375});
  CHECK(quotient(1, -3) == pair{-0.34375, -0.3125});
  enclosure v = between(-1, 1);
  a.divide_by_positive(v, between(2, 4));
  CHECK(ends(v) == pair{-0.5, 0.5});
  v = between(1, 2);
  a.divide_by_positive(v, between(2, 4));
  CHECK(ends(v) == pair{0.25, 1});
  v = between(-2, -1);
  a.divide_by_positive(v, between(2, 4));
  CHECK(ends(v) == pair{-1, -0.25});
}

}  // namespace halfulp::tests
