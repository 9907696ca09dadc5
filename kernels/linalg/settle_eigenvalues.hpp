// The eigenvalues of Hermitian matrices on a GPU, for compilers that know nothing of CUDA.
#pragma once

#include <vector>

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::kernels::cuda {

/// A matrix of a batch with eigenvalues that are left to the CPU, and how many.
struct left_matrix {
  std::int64_t matrix, left;
};

/// Rounds the eigenvalues of each matrix to w, on the device; what its tiers leave undecided is not written. Returns the
/// matrices that have such eigenvalues, ascending. Waits for the stream. Throws device_error.
template <class T>
std::vector<left_matrix> settle_eigenvalues(const op::eigvalsh::args<T>& a, component_t<T>* w, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
