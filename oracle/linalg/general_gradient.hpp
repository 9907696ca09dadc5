#pragma once

#include <complex>
#include <span>
#include <vector>

#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/linalg/gradient.hpp>

namespace halfulp::linalg {

/// How far the ladder may climb. Beyond it a component is reported undecided; nothing aborts.
struct general_gradient_budget {
  general_budget eigenvalues;
  long vector_bits = 1L << 13;   ///< of bases, where that is known to decide
  long hopeful_bits = 1L << 10;  ///< of bases, where it is not: two numbers that agree so far are looked at no further
  std::int64_t polynomial_steps = std::int64_t{1} << 34;  ///< inner steps of the characteristic polynomial
};

/// The gradient of Re sum over k of conj(w_k) l_k(A), l_k the eigenvalues of A in the order of eigvals:
///   G = (sum over distinct rounded eigenvalues of conj(m) P)^H, m the mean of the w_k that belong to it
/// and P the spectral projector of all eigenvalues that are rounded to it. For a real A its real part. Components
/// row-major, real before imaginary parts where A is complex; an exact zero is +0. R is the format of components, P that
/// of eigenvalues; w has A.n finite numbers.
///
/// Ladder: LAPACK's vectors in binary64, taken exactly; bases of 128, 256, ... bits, orthonormal where eigenvalues have the
/// same rounding (linalg::enclose_function). What is 0 by the graph of A is known to be; a component that may lie on a
/// rounding boundary does so if it is closer than another algebraic number can be (linalg::function_separation).
template <class R, class P>
std::vector<gradient_component<R>> general_gradient(const square_matrix& a, std::span<const std::complex<double>> w,
                                                    question what, const general_gradient_budget& limit = {});

}  // namespace halfulp::linalg
