#pragma once

#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/linalg/pencil.hpp>

namespace halfulp::linalg {

/// Vectors of about twice the accuracy of those in p, as integers times 2^-bits: one step of Ogita and Aishima's
/// iteration [ogita18, algorithm 1], and in clusters, where it has no gap to divide by, the eigenvectors that LAPACK
/// finds of the cluster's own block, shifted to 0 and scaled to 1, made orthogonal to all bits  [ogita19].
/// An approximation, without error bounds: only the speed of the ladder depends on it.
integer_matrix approx_refined(const pencil& p, long bits);

/// LAPACK's n vectors as integers times 2^-62.
integer_matrix first_vectors(const approx_eigensystem& s, int n);

}  // namespace halfulp::linalg
