#pragma once

#include <cstddef>
#include <vector>

namespace halfulp::analysis {

/// One column for each row of an n x n matrix of costs (row after row, none NaN or negative), all different: those whose
/// greatest cost is the least possible, and of these some with the least sum.  [burkard09, 6.2 and 4.4]
std::vector<std::size_t> best_assignment(std::size_t n, const std::vector<double>& cost);

}  // namespace halfulp::analysis
