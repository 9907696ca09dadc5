#include <halfulp/kernels/core/short_rounding.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp::tests {
namespace {

using namespace kernels;

/// Every finite number of the format that is not below 0, ascending; and 2^(e_max + 1), which the largest rounds up to.
template <class T>
std::vector<double> numbers() {
  constexpr format f = format_of<T>;
  std::vector<double> all;
  for (std::uint32_t bits = 0; bits < 1u << 15; ++bits) {
    const double x = widen(from_bits<T>(static_cast<bits_t<T>>(bits)));
    if (x < std::ldexp(1, f.e_max + 1)) all.push_back(x);
  }
  all.push_back(std::ldexp(1, f.e_max + 1));
  return all;
}
double after(double x) {
  return std::nextafter(x, INFINITY);
}
double before(double x) {
  return std::nextafter(x, -INFINITY);
}

/// Either sign: numbers between the midpoints around x, those included, are found to be so where x is normal; and numbers on two
/// sides of a midpoint are not, whichever they are.
template <class T>
void check_midpoints() {
  const auto all = numbers<T>();
  const double least = std::ldexp(1, format_of<T>.e_min);
  for (std::size_t k = 1; k + 1 < all.size(); ++k) {
    const double x = all[k], low = (all[k - 1] + x) / 2, high = (x + all[k + 1]) / 2;
    const bool apart = are_between_midpoints<T>(before(high), high) || are_between_midpoints<T>(-high, -before(high)) ||
                       are_between_midpoints<T>(x, after(high)) || are_between_midpoints<T>(-after(high), -x);
    bool found = are_between_midpoints<T>(low, before(high)) && are_between_midpoints<T>(-before(high), -low) &&
                 are_between_midpoints<T>(x, after(x)) && is_in_range_of<T>(x) && is_in_range_of<T>(-before(high));
    if (x == least)
      found = are_between_midpoints<T>(x, before(high)) && is_in_range_of<T>(x);  // below it places are wider
    if (x < least) found = !is_in_range_of<T>(x) && !is_in_range_of<T>(-x);
    if ((x >= least && apart) || !found || narrow<T>(before(high)) != narrow<T>(x)) FAIL(x);
  }
  CHECK(!is_in_range_of<T>(before(least)));
  CHECK(!is_in_range_of<T>(all.back()));
  CHECK(!is_in_range_of<T>(INFINITY));
  CHECK(!is_in_range_of<T>(-NAN));
  CHECK(!is_in_range_of<T>(0));
  CHECK(!are_between_midpoints<T>(-least, least));
}

}  // namespace

TEST_CASE("short rounding: numbers between two midpoints of float16 are told from others") {
  check_midpoints<float16>();
}
TEST_CASE("short rounding: numbers between two midpoints of bfloat16 are told from others") {
  check_midpoints<bfloat16>();
}

}  // namespace halfulp::tests
