// Memory that cuSOLVER asks for.
#pragma once

#include <halfulp/kernels/linalg/dense_libraries.cuh>

namespace halfulp::kernels::cuda {

/// Zeros: some of cuSOLVER's kernels read what they have not written, and what they find must not depend on who had the memory before.
class solver_workspace : public workspace {
 public:
  solver_workspace(const cuda_queue& queue, std::size_t bytes) : workspace(queue, bytes) {
    if (bytes > 0) check(cudaMemsetAsync(at<void>(), 0, bytes, stream_of(queue)), "cudaMemsetAsync");
  }
};

}  // namespace halfulp::kernels::cuda
