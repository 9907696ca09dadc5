#pragma once

#include <vector>

#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// One real component of an eigenvalue: an interval that certainly holds it, and RN of it to R where `decided` (else the
/// canonical NaN). An exact zero is +0.
template <class R>
using eigenvalue_part = eigenvalue<R>;

/// One eigenvalue of a matrix that need not be Hermitian.
template <class R>
struct complex_eigenvalue {
  eigenvalue_part<R> re, im;

  bool decided() const { return re.decided && im.decided; }
};

/// How far the ladder may climb. Beyond it an eigenvalue is reported undecided; nothing aborts.
struct general_budget {
  long vector_bits = 1L << 12;                            ///< of the most accurate eigenvectors
  std::int64_t polynomial_steps = std::int64_t{1} << 36;  ///< about n^4 times the bits of an entry, for det(l I - A)
  long root_bits = 1L << 14;                              ///< of the most accurate root of that polynomial
};

/// The n eigenvalues of A, each as often as it is a root of det(l I - A), every part rounded once to R, in the order of
/// op::eigvals::precedes. A is any square matrix, its entries finite; for a real one nonreal
/// eigenvalues come in exact conjugate pairs, and real ones have the imaginary part +0 by proof.
///
/// The ladder: docs/ops/eigvals.md. Defined for float and double.
template <class R>
std::vector<complex_eigenvalue<R>> general_eigenvalues(const square_matrix& a, question what,
                                                       const general_budget& limit = {});

}  // namespace halfulp::linalg
