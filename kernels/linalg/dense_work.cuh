// One large Hermitian matrix on a GPU, as it is read and scaled, and sums over it.
#pragma once

#include <halfulp/kernels/linalg/hermitian_batch.cuh>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels::cuda {

/// What is known of the matrix and its approximate eigensystem, in device memory; 0 at the start.
struct dense_state {
  unsigned long long largest;  // bits of the largest part: a NaN is larger than all
  int info, lost_bits, unordered;
  unsigned listed, left;
  double a_squares, v_squares, r_squares, product_squares, f_squares;
};

/// One matrix of a batch and what is worked on; matrices of n x n numbers, column after column, their parts side by side.
template <class T>
struct dense_work {
  static constexpr int parts = is_complex<T> ? 2 : 1;
  static constexpr bool narrow_format = format_of<component_t<T>>.precision <= 24;

  hermitian_batch<T> b;
  std::int64_t m;
  int n;
  double *a, *v, *product;  // A scaled, approximate eigenvectors, and A V or V^H V
  double *values, *sums;    // n and 3 n: compute_residuals
  int* columns;
  dense_state* state;

  __device__ power_scale scale() const {
    const double largest = std::bit_cast<double>(state->largest);
    return power_scale(largest < INFINITY ? largest : 0);
  }
  __device__ bool is_finite() const { return std::bit_cast<double>(state->largest) < INFINITY; }
  __device__ bool is_usable() const {
    return is_finite() && state->info == 0 && state->lost_bits == 0 && state->unordered == 0;
  }
};

template <class T>
struct find_largest {
  dense_work<T> w;
  __device__ void operator()(std::int64_t i) const {
    const int column = static_cast<int>(i / w.n), row = static_cast<int>(i % w.n);
    if (row < column) return;
    const entry_parts x = entry_of(w.b.a, w.m, row, column);
    const auto bits =
        max(std::bit_cast<unsigned long long>(fabs(x.real)), std::bit_cast<unsigned long long>(fabs(x.imaginary)));
    const unsigned active = __activemask();
    const auto high = __reduce_max_sync(active, static_cast<unsigned>(bits >> 32));
    const auto low = __reduce_max_sync(active, high == bits >> 32 ? static_cast<unsigned>(bits) : 0u);
    if (static_cast<int>(threadIdx.x % 32) == __ffs(static_cast<int>(active)) - 1)
      atomicMax(&w.state->largest, static_cast<unsigned long long>(high) << 32 | low);
  }
};

/// A and what becomes V; zeros where A is not finite.
template <class T>
struct fill_dense {
  dense_work<T> w;
  __device__ void operator()(std::int64_t i) const {
    const int column = static_cast<int>(i / w.n), row = static_cast<int>(i % w.n);
    const power_scale scale = w.scale();
    const entry_parts x = w.is_finite() ? entry_of(w.b.a, w.m, row, column) : entry_parts{};
    const double real = scale(x.real), imaginary = scale(x.imaginary);
    if constexpr (!dense_work<T>::narrow_format)
      if (!scale.is_exact(x.real) || !scale.is_exact(x.imaginary)) atomicExch(&w.state->lost_bits, 1);
    constexpr int parts = dense_work<T>::parts;
    w.a[parts * i] = w.v[parts * i] = real;
    if constexpr (parts == 2) w.a[parts * i + 1] = w.v[parts * i + 1] = imaginary;
  }
};

/// sum += the values of f, in any order.
template <class F>
__global__ void __launch_bounds__(threads_per_block)
    sum_kernel(std::int64_t n, const __grid_constant__ F f, double* sum) {
  double mine = 0;
  for_each_of_thread(n, [&](std::int64_t i) { mine += f(i); });
  for (int step = 16; step > 0; step /= 2) mine += __shfl_xor_sync(0xffffffffu, mine, step);
  if (threadIdx.x % 32 == 0 && mine != 0) atomicAdd(sum, mine);
}
template <class F>
void add_up(const cuda_queue& queue, std::int64_t n, const F& f, double* sum) {
  run m("launch");
  const auto g = make_grid(m, n);
  const auto blocks = min(g.blocks, std::int64_t{8} * multiprocessors());
  if (g.launch)
    launch(queue, static_cast<unsigned>(blocks), static_cast<unsigned>(g.threads), 0, sum_kernel<F>, n, f, sum);
}

}  // namespace halfulp::kernels::cuda
