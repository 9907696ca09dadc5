// The gradient of eigenvalues on a GPU: where it is written, what was decided, and what is left to the CPU.
#pragma once

#include <vector>

#include <halfulp/kernels/linalg/device_function.cuh>
#include <halfulp/kernels/linalg/matrix_op.cuh>

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

/// The gradient of Op for matrices first, first + 1, ... of a call, whose vectors f holds: found, rounded by `take`, of which the
/// `upper` components alone are handed over, counted, and what is left by the CPU's kernel, make(dw, x, count) being its arguments
/// for `count` matrices in host memory.
template <class Op, class T, class E, class R, int Parts, class Take, class Make>
void finish_gradients(const typename Op::template args<T>& a, std::int64_t first, const dense_libraries& by,
                      const function_batch<E>& f, const gradient_outcome<R, Parts>& g, const Take& take, bool upper,
                      std::int64_t exact, const cuda_queue& queue, Make make) {
  const std::int64_t n = g.n;
  find_function(by, f, format_of<R>.precision > 24, queue);
  round_function(f, upper, take, queue);
  for_each_index(queue, g.count * n * n * Parts, settle_gradient<R, Parts>{g, exact, queue.decided});
  const std::vector<std::int64_t> left = left_of(g, queue);
  if (left.empty()) return;
  const auto count = static_cast<std::int64_t>(left.size());
  const auto dw = rows_to_host(queue, a.dw.data() + first * n, n, left);
  const auto x = rows_to_host(queue, a.forward.x.data() + first * n * n, n * n, left);
  compute_rows_on_host<Op, T>(make(dw, x, count), {count, n, n}, reinterpret_cast<T*>(g.dx), left, queue);
}

/// Every matrix of a call by Gradients<T>(a, dx, queue), which settles some of them at a time.
template <class Gradients, class Args>
void settle_gradients(const Args& a, void* dx, const cuda_queue& queue) {
  constexpr std::int64_t most_matrices = 65535;
  const std::int64_t n = a.shape.forward.n, all = a.shape.forward.matrices;
  if (n == 0 || all == 0) return;
  const Gradients gradients(a, dx, queue);
  for_each_batch(all, Gradients::bytes_of_entry * n * n, most_matrices,
                 [&](std::int64_t first, std::int64_t count) { gradients.settle(first, count); });
}

}  // namespace halfulp::kernels::cuda
