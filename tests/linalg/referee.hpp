#pragma once

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::tests {

/// The eigenvalues of a Hermitian matrix as balls of Arb, ascending by their midpoints, from `bits` bits of precision;
/// empty where Arb proves nothing at that precision.
std::vector<enclosure> arb_eigenvalues(const linalg::hermitian_matrix& a, long bits);

/// Whether Arb's balls lie inside the enclosures, Arb's precision raised until they do; an enclosure of one point, an exact
/// eigenvalue, has to lie in its ball instead. Disagreement is a ball that has no point in common with its enclosure.
enum class referee_verdict { agrees, disagrees, gave_up };
referee_verdict compare_with_arb(const linalg::hermitian_matrix& a, const std::vector<enclosure>& ours);

}  // namespace halfulp::tests
