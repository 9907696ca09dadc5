#pragma once

#include <cstdint>
#include <exception>
#include <optional>

#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels {

/// run(worker, task) for each task from 0 to count - 1, by the threads that OpenMP gives, each with a Worker of its own
/// made of `arguments`. The sum of what they return. Throws what a task throws.
template <class Worker, class Run, class... Arguments>
tier_counts run_tasks(std::int64_t count, Run run, const Arguments&... arguments) {
  tier_counts decided;
  std::exception_ptr failure;
#pragma omp parallel if (count > 1)
  {
    const fp_environment environment;
    tier_counts mine;
    std::optional<Worker> worker;  // made in the loop, which no exception may leave
#pragma omp for schedule(dynamic) nowait
    for (std::int64_t task = 0; task < count; ++task) {
      try {
        if (!worker) worker.emplace(arguments...);
        mine += run(*worker, task);
      } catch (...) {
#pragma omp critical(halfulp_tasks)
        failure = std::current_exception();
      }
    }
#pragma omp critical(halfulp_tasks)
    decided += mine;
  }
  if (failure) std::rethrow_exception(failure);
  return decided;
}

}  // namespace halfulp::kernels
