#pragma once

#include <halfulp/oracle/linalg/triangular.hpp>

#include "referee.hpp"

namespace halfulp::tests {

/// Whether Arb's balls around the solution of L L^H X = b lie inside the enclosures of its components, Arb's
/// precision raised until they do; see compare_with_arb.
referee_verdict compare_with_arb(const linalg::triangular_factor& l, const linalg::column_vector& b,
                                 const linalg::enclosures& ours);

}  // namespace halfulp::tests
