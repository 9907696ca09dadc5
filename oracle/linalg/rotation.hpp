#pragma once

#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>

namespace halfulp::linalg {

/// LAPACK's n vectors of length n, every part rounded to a multiple of 2^-bits.
integer_matrix fixed_point(const approx_eigensystem& s, int n, long bits);

/// The same, made orthogonal to about `bits` bits by the iteration of Newton and Schulz, Q (3 I - Q^H Q) / 2, which
/// doubles the bits that binary64 gives each time. An approximation, without error bounds.
integer_matrix approx_orthogonal(const approx_eigensystem& s, int n, long bits);

/// The same for columns that are orthogonal to about `accuracy` bits already.
integer_matrix approx_orthogonal(integer_matrix q, long bits, long accuracy);

/// Replaces columns first .. first + q.n - 1 of x by their product with q, every part rounded to a multiple of 2^-bits.
void multiply_columns(integer_matrix& x, int first, const integer_matrix& q, long bits);

}  // namespace halfulp::linalg
