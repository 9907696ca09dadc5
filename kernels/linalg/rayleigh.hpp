#pragma once

#include <span>

#include <halfulp/kernels/linalg/quotients.hpp>
#include <halfulp/kernels/linalg/tridiagonal.hpp>

namespace halfulp::kernels::linalg {

/// The eigenvalues `wanted` of a Hermitian matrix, each from a column of q and `known`, enclosures of all eigenvalues, that
/// keep the others away: rayleigh_quotients::temple_radius. Column j is meant for eigenvalue wanted[j].
template <class E>
certified_values temple_certificate(const rayleigh_quotients<E>& q, std::span<const int> wanted,
                                    const certified_values& known);

/// The eigenvalues `wanted` of a Hermitian matrix, counted from 0 in ascending order, from the quotients of n columns
/// that are meant for its eigenvalues in that order: each with a radius that is second order in the error of the vectors.
///
/// The proof is oracle/linalg/dominance.hpp's: counts of the eigenvalues below the two ends of each interval, from the
/// pencil X^H A X - s X^H X, whose off-diagonal is computed in binary64 and whose diagonal in double-double, with their
/// rounding errors added. A bad X costs radii, never the truth.
template <class E>
certified_values rayleigh_certificate(const rayleigh_quotients<E>& q, std::span<const int> wanted);

}  // namespace halfulp::kernels::linalg
