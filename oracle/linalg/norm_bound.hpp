#pragma once

#include <cmath>
#include <span>
#include <vector>

#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::linalg {

/// At least the exact value of an expression of nonnegative terms that came out as `got`, where no term went through
/// more than `roundings` roundings; 2^-500 makes up for what numbers near 1 lose to underflow.  [higham02, 3.1]
inline double at_least(double got, double roundings) {
  return got * (1 + 2 * (roundings + 4) * unit_roundoff) + 0x1p-500;
}

/// At least the 2-norm of the numbers in both lists, entries of a vector or (Frobenius) of a matrix.
inline double norm_bound(std::span<const double> re, std::span<const double> im = {}) {
  double sum = 0;
  for (const auto part : {re, im})
    for (const double x : part) sum += x * x;
  return at_least(std::sqrt(sum), static_cast<double>(re.size() + im.size()));
}

}  // namespace halfulp::linalg
