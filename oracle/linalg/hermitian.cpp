#include <halfulp/oracle/linalg/hermitian.hpp>

#include <algorithm>
#include <cmath>

namespace halfulp::linalg {

int exponent_of_largest(const hermitian_matrix& a) {
  double largest = 0;
  for (const double x : a.real) largest = std::max(largest, std::abs(x));
  for (const double x : a.imaginary) largest = std::max(largest, std::abs(x));
  return largest == 0 ? 0 : std::ilogb(largest);
}

hermitian_matrix scaled(const hermitian_matrix& a, int shift) {
  hermitian_matrix b = a;
  // in two steps, since 2^-shift itself may overflow
  const double first = std::ldexp(1.0, -(shift / 2));
  const double second = std::ldexp(1.0, -(shift - shift / 2));
  for (double& x : b.real) x = x * first * second;
  for (double& x : b.imaginary) x = x * first * second;
  return b;
}

}  // namespace halfulp::linalg
