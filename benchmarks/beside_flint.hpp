#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <halfulp/oracle/core/dtype.hpp>

#include "stopwatch.hpp"

namespace halfulp::benchmarks {

/// Times oracle(a) and flint(a, bits) on each matrix, FLINT from each of three precisions on, and prints one line: medians,
/// FLINT's at the precision at which it ends soonest, and their ratio beside the one asked for. R is what is rounded to.
template <class R, class Matrix, class Oracle, class Flint>
void compare_with_flint(const std::vector<Matrix>& matrices, double asked, Oracle oracle, Flint flint) {
  constexpr long first_bits[] = {64, 96, 128};
  std::vector<double> ours, theirs[3];
  for (const Matrix& a : matrices) {
    ours.push_back(milliseconds([&] { oracle(a); }));
    for (int k = 0; k < 3; ++k) theirs[k].push_back(milliseconds([&] { flint(a, first_bits[k]); }));
  }
  const double cost[] = {median(theirs[0]), median(theirs[1]), median(theirs[2])};
  const auto best = std::min_element(cost, cost + 3) - cost;
  std::printf("%-8s n = %3d  oracle %9.3f ms  FLINT %10.3f ms (from %3ld bits)  1/%.0f, asked 1/%.0f\n",
              std::string(name_of(dtype_of<R>)).c_str(), matrices.front().n, median(ours), cost[best], first_bits[best],
              cost[best] / median(ours), asked);
  std::fflush(stdout);
}

}  // namespace halfulp::benchmarks
