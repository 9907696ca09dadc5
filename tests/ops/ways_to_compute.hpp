#pragma once

#include <set>
#include <string>

#include <hwy/targets.h>
#include <omp.h>
#include <catch2/catch.hpp>

#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::tests {

/// Calls `check` with 1, 2 and 5 threads, and with each instruction set that the processor has.
template <class Check>
void for_each_way_to_compute(Check check) {
  const int threads = omp_get_max_threads();
  for (const int n : {1, 2, 5}) {
    omp_set_num_threads(n);
    INFO(n << " threads");
    check();
  }
  omp_set_num_threads(threads);
  std::set<std::string> used;
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().DeInit();
    INFO(kernels::instruction_set());
    used.insert(kernels::instruction_set());
    check();
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
  CHECK(used.size() >= 2);  // the best one and the portable one
}

}  // namespace halfulp::tests
