#pragma once

#include <cstdint>
#include <optional>

#include <halfulp/oracle/linalg/integer_matrix.hpp>

namespace halfulp::linalg {

/// The dimension of the kernel of A - c I, exactly, for a Hermitian A and a finite c.
///
/// The rank modulo a prime is at most the rank, so that one prime at which A - c I is regular settles the common
/// case. Otherwise the rank is the largest seen once the product of the primes exceeds every minor (Hadamard's bound;
/// for Gaussian integers its square): a minor divisible by all of them is 0.  [gathen13, 5.5]
///
/// Without a value where that would take more than `most_steps` inner steps: n^3 / 3 a prime.
std::optional<int> nullity(const integer_matrix& a, const real& c, std::int64_t most_steps);

}  // namespace halfulp::linalg
