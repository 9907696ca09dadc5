#pragma once

#include <cstdint>
#include <vector>

#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// How far the ladder may climb. Beyond it an eigenvalue is reported undecided; nothing aborts.
struct budget {
  long vector_bits = 1L << 14;                         ///< of the most accurate eigenvectors
  std::int64_t nullity_steps = std::int64_t{1} << 36;  ///< inner steps of one exact nullity
};

/// One eigenvalue: an interval that certainly holds it, inside unless it is a point, and RN of it to R where `decided`
/// (else the canonical NaN).
template <class R>
struct eigenvalue {
  enclosure range;
  R rounded;
  tier reached = tier::exact;
  bool decided = false;
};

/// What an answer is for.
enum class question {
  rounding,  ///< RN of each eigenvalue
  error,     ///< RN, and an enclosure no wider than 2^-10 ulp, to measure the errors of others with
};

/// The eigenvalues of A, ascending, each rounded once to R; an exact zero is +0.
///
/// The ladder: binary64 vectors with exact products (reported as tier double_double), vectors of 126, 254, ... bits
/// (multiprecision), and for an eigenvalue that lies on a rounding boundary c, or may be 0, the exact dimension of the
/// kernel of A - c I: where as many enclosures hold c as that dimension, those eigenvalues are c (exact).
/// Every enclosure is rigorous: linalg::pencil. Defined for the four real storage types.
template <class R>
std::vector<eigenvalue<R>> eigenvalues(const hermitian_matrix& a, question what, const budget& limit = {});

}  // namespace halfulp::linalg
