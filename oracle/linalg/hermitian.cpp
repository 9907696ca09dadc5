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

scalar_and_rest without_scalar(const hermitian_matrix& a) {
  constexpr int smaller = 8;
  if (a.n == 0) return {0, a};
  scalar_and_rest s{a.real[0], a};
  for (int k = 0; k < a.n; ++k) s.rest.real[a.at(k, k)] -= s.scalar;
  // where the rest is small, A's largest entry is on the diagonal, of which all entries lie within a factor 2 of the
  // scalar: then each difference is exact  [sterbenz74]
  if (exponent_of_largest(s.rest) <= exponent_of_largest(a) - smaller) return s;
  return {0, a};
}

}  // namespace halfulp::linalg
