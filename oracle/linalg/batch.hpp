#pragma once

#include <cstdint>
#include <exception>
#include <vector>

#include <omp.h>

#include <halfulp/oracle/core/fp_environment.hpp>

namespace halfulp::linalg {

/// Sets OpenBLAS to one thread while it lives, and back: matrices are shared out over threads, not the work on one.
class single_threaded_blas {
 public:
  single_threaded_blas();
  ~single_threaded_blas();
  single_threaded_blas(const single_threaded_blas&) = delete;
  single_threaded_blas& operator=(const single_threaded_blas&) = delete;

 private:
  int threads_;
};

/// f(k) for k in [0, count), over OpenMP's threads, each in the environment that bounds are proved for; rethrows one of
/// the exceptions that were thrown.
template <class F>
void for_each_matrix(std::int64_t count, F f) {
  const single_threaded_blas guard;
  std::exception_ptr error;
#pragma omp parallel for schedule(dynamic, 1) if (count > 1)
  for (std::int64_t k = 0; k < count; ++k) {
    try {
      const fp_environment environment;
      f(k);
    } catch (...) {
#pragma omp critical(halfulp_for_each_matrix)
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

/// f(k, space) likewise, with a Space of its own for each thread.
template <class Space, class F>
void for_each_matrix_with(std::int64_t count, F f) {
  std::vector<Space> spaces(static_cast<std::size_t>(count > 1 ? omp_get_max_threads() : 1));
  for_each_matrix(count, [&](std::int64_t k) { f(k, spaces[static_cast<std::size_t>(omp_get_thread_num())]); });
}

}  // namespace halfulp::linalg
