#pragma once

#include <optional>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// The Rayleigh quotient t = x^H A x / x^H x of a vector, and how far the vector is from being an eigenvector.
struct rayleigh_quotient {
  enclosure range;  ///< of t
  double residual;  ///< at least ||A x - t x|| / ||x||
};

/// For a vector of n numbers, whose imaginary parts may be null (as must be those of a real A's); entries of A and x at
/// most 2 in magnitude, and `a_norm` at least the Frobenius norm of A. None where x may be 0.
///
/// A x, its product with x, and x^H x are summed in double-double, 4 u^2 of the terms lost an addition [joldes17], so
/// that the width of the range is about n 2^-101 ||A||.
std::optional<rayleigh_quotient> quotient_of(const hermitian_matrix& a, double a_norm, const double* re,
                                             const double* im);

}  // namespace halfulp::linalg
