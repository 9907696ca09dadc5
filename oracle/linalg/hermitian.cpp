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
  for (double& x : b.real) x = std::ldexp(x, -shift);
  for (double& x : b.imaginary) x = std::ldexp(x, -shift);
  return b;
}

}  // namespace halfulp::linalg
