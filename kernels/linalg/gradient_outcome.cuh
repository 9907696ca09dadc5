// The gradient of eigenvalues on a GPU: where it is written, what was decided, and what is left to the CPU.
#pragma once

#include <vector>

#include <halfulp/kernels/core/host_rows.cuh>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/device_function.cuh>

namespace halfulp::kernels::cuda {

/// Of the matrices that a function_batch holds: dx of each as n x n x Parts numbers of R, row after row.
template <class R, int Parts>
struct gradient_outcome {
  R* dx;
  const int* shift;  ///< of each matrix: its weights are divided by 2^shift
  int *state, *failed;
  int n;
  std::int64_t count;

  __device__ R& component(std::int64_t m, int row, int column, int part) const {
    return dx[((m * n + row) * n + column) * Parts + part];
  }
  /// A component that is `value`, times 2^exponent, within `radius`.
  __device__ void take(std::int64_t m, int row, int column, int part, double_double value, double radius,
                       int exponent) const {
    if (!linalg::decide_scaled<R>(value, radius, exponent, component(m, row, column, part))) failed[m] = 1;
  }
};

/// After rounding: NaN where a matrix or its weights are not finite; what is whole is settled. `exact`: components of each matrix
/// that need no tier.
template <class R, int Parts>
struct settle_gradient {
  gradient_outcome<R, Parts> g;
  std::int64_t exact;
  tier_counts* decided;

  __device__ void count(tier t, std::int64_t number) const {
    if (decided != nullptr && number > 0)
      atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
                static_cast<unsigned long long>(number));
  }
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t each = std::int64_t{g.n} * g.n * Parts, m = k / each;
    const bool undefined = g.state[m] == undefined_matrix, whole = g.state[m] == at_work && g.failed[m] == 0;
    if (undefined) g.dx[k] = canonical_nan<R>();
    if (k % each != 0) return;
    if (undefined) count(tier::exact, each);
    if (!whole) return;
    count(tier::double_double, each - exact);
    count(tier::exact, exact);
  }
};

/// Which of the matrices are left to the CPU. Waits for the stream.
template <class R, int Parts>
std::vector<std::int64_t> left_of(const gradient_outcome<R, Parts>& g, const cuda_queue& queue) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(g.count)), left;
  std::vector<int> state(all.size()), failed(all.size());
  const auto fetch = [&](std::vector<int>& to, const int* from) {
    check(cudaMemcpyAsync(to.data(), from, to.size() * sizeof(int), cudaMemcpyDeviceToHost, stream_of(queue)),
          "cudaMemcpyAsync");
  };
  fetch(state, g.state);
  fetch(failed, g.failed);
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
  for (std::size_t m = 0; m < all.size(); ++m)
    if (state[m] == unsettled_matrix || (state[m] == at_work && failed[m] != 0))
      left.push_back(static_cast<std::int64_t>(m));
  return left;
}

/// Those matrices by the CPU's kernel: make(dw, x, count) are its arguments for `count` matrices in host memory.
template <class Op, class T, class Weight, class Make>
void settle_gradients_on_host(const std::vector<std::int64_t>& left, const Weight* dw, const T* x, T* dx,
                              std::int64_t n, const cuda_queue& queue, Make make) {
  const auto count = static_cast<std::int64_t>(left.size());
  const auto host_dw = rows_to_host(queue, dw, n, left);
  const auto host_x = rows_to_host(queue, x, n * n, left);
  const tensor result(dtype_of<T>, extents{count, n, n});
  const tensor_view view = result.view();
  note_by_host(queue, compute<Op, T>(make(host_dw, host_x, count), {&view, 1}));
  rows_to_device(queue, result.elements<T>().data(), dx, n * n, left);
}

}  // namespace halfulp::kernels::cuda
