#pragma once

#include <omp.h>
#include <catch2/catch.hpp>

#include "instruction_sets.hpp"

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
  for_each_instruction_set(check);
}

}  // namespace halfulp::tests
