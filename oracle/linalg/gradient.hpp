#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <halfulp/oracle/linalg/eigenvalues.hpp>

namespace halfulp::linalg {

/// How far the ladder of gradients may climb.
struct gradient_budget {
  long vector_bits = 1L << 14;  ///< of eigenvectors, where that is known to decide
  long hopeful_bits =
      1L << 11;  ///< of eigenvectors, where it is not: two numbers that agree so far are taken for equal
                 ///< by no one, but looked at no further
  std::int64_t polynomial_steps = std::int64_t{1} << 34;  ///< inner steps of one characteristic polynomial
};

/// One real component of a gradient: an interval that certainly holds it, and RN of it to R where `decided` (else the
/// canonical NaN).
template <class R>
struct gradient_component {
  enclosure range;
  R rounded;
  tier reached = tier::exact;
  bool decided = false;
};

/// The gradient of sum over k of w_k l_k(A), l_0 <= l_1 <= ... the eigenvalues of A:
///   G = sum over distinct eigenvalues l of (the mean of w_k over the k with l_k = l) P_l, P_l the projector on its
///   eigenspace
/// Components row-major, real before imaginary parts where A is complex; an exact zero is +0.
///
/// Ladder: A is taken apart into its direct summands, whose entries between each other are exactly 0; each is enclosed
/// from vectors of 62, 126, ... bits (linalg::enclose_sum), where brackets tell the eigenvalues apart and, where they do not, the
/// number of distinct eigenvalues, which is known exactly, says that they are equal. A component that may lie on a
/// rounding boundary does so if it is closer than linalg::characteristic_roots allows another number to be.
/// Defined for the four real storage types. w has A.n finite numbers.
template <class R>
std::vector<gradient_component<R>> gradient(const hermitian_matrix& a, std::span<const double> w, question what,
                                            const gradient_budget& limit = {});

}  // namespace halfulp::linalg
