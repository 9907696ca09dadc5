#include <halfulp/oracle/linalg/hermitian.hpp>

#include <algorithm>
#include <cmath>

#include <halfulp/oracle/core/expansion.hpp>

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
  const scalar_and_rest unchanged{0, a};
  if (a.n == 0) return unchanged;
  scalar_and_rest s{a.real[0], a};
  for (int k = 0; k < a.n; ++k) {
    double& x = s.rest.real[a.at(k, k)];
    const double_double difference = two_sum(x, -s.scalar);
    if (difference.lo != 0) return unchanged;
    x = difference.hi;
  }
  return exponent_of_largest(s.rest) <= exponent_of_largest(a) - smaller ? s : unchanged;
}

}  // namespace halfulp::linalg
