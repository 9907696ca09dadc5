#pragma once

#include <span>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::tests {

/// Which of Arb's certificates: for simple eigenvalues, or for eigenvalues that may be multiple.
enum class arb_certificate { simple, multiple };

/// The eigenvalues of a Hermitian matrix as balls of Arb, ascending by their lower ends, from `bits` bits of precision;
/// empty where Arb proves nothing at that precision.
std::vector<enclosure> arb_eigenvalues(const linalg::hermitian_matrix& a, long bits,
                                       arb_certificate which = arb_certificate::multiple);

/// Whether Arb's balls lie inside the enclosures, Arb's precision raised until they do; an enclosure of one point, an exact
/// eigenvalue, has to lie in its ball instead. Disagreement is a ball that has no point in common with its enclosure.
enum class referee_verdict { agrees, disagrees, gave_up };
referee_verdict compare_with_arb(const linalg::hermitian_matrix& a, const std::vector<enclosure>& ours);

/// The components of sum of w_k v_k v_k^H, row-major and real before imaginary parts, as balls of Arb from its own
/// eigenvectors and their inverse; empty where Arb proves nothing at `bits` bits, as of multiple eigenvalues.
std::vector<enclosure> arb_gradient(const linalg::hermitian_matrix& a, std::span<const double> w, long bits);

/// The same verdict on components.
referee_verdict compare_gradient_with_arb(const linalg::hermitian_matrix& a, std::span<const double> w,
                                          const std::vector<enclosure>& ours);

}  // namespace halfulp::tests
