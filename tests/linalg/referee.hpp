#pragma once

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::tests {

/// The eigenvalues of a Hermitian matrix as balls of Arb, ascending by their midpoints, from `bits` bits of precision;
/// empty where Arb proves nothing at that precision.
std::vector<enclosure> arb_eigenvalues(const linalg::hermitian_matrix& a, long bits);

/// Whether a ball of Arb's lies inside each enclosure, Arb's precision raised until it does. An enclosure of one point
/// has to lie in a ball that is narrower than 2^-200 of the largest of all.
enum class referee_verdict { agrees, disagrees, gave_up };
referee_verdict compare_with_arb(const linalg::hermitian_matrix& a, const std::vector<enclosure>& ours);

}  // namespace halfulp::tests
