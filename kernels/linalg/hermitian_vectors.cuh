// Approximate eigenvectors of the Hermitian matrices of a batch, by cuSOLVER.
#pragma once

#include <algorithm>
#include <vector>

#include <halfulp/kernels/linalg/dense_libraries.cuh>
#include <halfulp/kernels/linalg/device_general.cuh>
#include <halfulp/kernels/linalg/hermitian_batch.cuh>
#include <halfulp/kernels/linalg/solver_workspace.cuh>

namespace halfulp::kernels::cuda {

template <class T>
inline constexpr int parts_of_element = is_complex<T> ? 2 : 1;
template <class T>
using number_for = typename number_of_parts<parts_of_element<T>>::type;

__device__ inline void assign(double& to, double re, double) {
  to = re;
}
__device__ inline void assign(complex_number& to, double re, double im) {
  to = {re, im};
}

/// Matrices of a call, scaled to a largest part in [1, 2), and what cuSOLVER is to make vectors of; their weights likewise.
/// Zeros instead of what is not to be worked on.
template <class T>
struct load_hermitian {
  using E = number_for<T>;
  op::eigvalsh::args<T> a;
  const component_t<T>* dw;
  std::int64_t first;
  E *b, *x, *weights;
  int *state, *shift;

  __device__ static double finite(double x) {
    const double most = fabs(x);
    return most < INFINITY ? most : INFINITY;  // a NaN, too
  }
  __device__ void operator()(const team& t, std::int64_t m) const {
    const int n = static_cast<int>(a.shape.n);
    const auto entry = [&](int k) { return entry_of(a, first + m, max(k / n, k % n), min(k / n, k % n)); };
    const double largest = t.template total<largest_number>(n * n, [&](int k) {
                              return fmax(finite(entry(k).real), finite(entry(k).imaginary));
                            }).value;
    const auto weight = [&](int k) { return widen(dw[(first + m) * n + k]); };
    const double heaviest = t.template total<largest_number>(n, [&](int k) { return finite(weight(k)); }).value;
    const bool defined = largest < INFINITY && heaviest < INFINITY;
    const power_scale scale(defined ? largest : 0);
    bool lost = false;
    for (int k = static_cast<int>(threadIdx.x); k < n * n; k += static_cast<int>(blockDim.x)) {
      const int row = k % n, column = k / n;
      entry_parts z = defined ? entry(k) : entry_parts{};
      lost = lost || !scale.is_exact(z.real) || !scale.is_exact(z.imaginary);
      if (row < column) z.imaginary = -z.imaginary;
      assign(b[m * n * n + k], scale(z.real), scale(z.imaginary));
      x[m * n * n + k] = b[m * n * n + k];
    }
    const int exponent = defined && heaviest > 0 ? ilogb(heaviest) : 0;
    for (int k = static_cast<int>(threadIdx.x); k < n; k += static_cast<int>(blockDim.x))
      assign(weights[m * n + k], defined ? ldexp(weight(k), -exponent) : 0, 0);
    const bool usable = __syncthreads_or(lost) == 0 && largest > 0 && heaviest > 0;
    if (!t.is_first_thread()) return;
    state[m] = !defined ? undefined_matrix : usable ? at_work : unsettled_matrix;
    shift[m] = exponent;
  }
};
template <class F>
__global__ void __launch_bounds__(threads_per_block)
    for_each_matrix_kernel(std::int64_t count, const __grid_constant__ F f) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < count; m += gridDim.x) {
    f(t, m);
    __syncthreads();
  }
}

/// Y = X^H, and the eigenvalues as numbers of E; a matrix is left where they do not ascend or cuSOLVER gave up.
template <class E>
struct take_vectors {
  const E* x;
  E *y, *values;
  const double* solved;
  const int* info;
  int* state;
  int n;
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t m = k / n / n;
    const int row = static_cast<int>(k % n), column = static_cast<int>(k / n % n);
    y[k] = conjugate(x[m * n * n + std::int64_t{row} * n + column]);
    if (column != 0) return;
    const double l = solved[m * n + row];
    assign(values[m * n + row], l, 0);
    const bool ascends = row == 0 || solved[m * n + row - 1] < l;
    if ((info[m] != 0 || !ascends) && state[m] == at_work) state[m] = unsettled_matrix;
  }
};

/// cuSOLVER's eigenvectors of `count` Hermitian matrices in binary64, which replace them.
template <class T>
void find_vectors(const dense_libraries& by, int n, std::int64_t count, void* x, double* values, int* info,
                  const cuda_queue& queue) {
  constexpr cudaDataType type = is_complex<T> ? CUDA_C_64F : CUDA_R_64F;
  constexpr auto vectors = CUSOLVER_EIG_MODE_VECTOR;
  constexpr auto lower = CUBLAS_FILL_MODE_LOWER;
  const solver_parameters parameters;
  std::size_t on_device = 0, on_host = 0;
  const bool one_by_one = count <= 2;
  if (one_by_one)
    check(cusolverDnXsyevd_bufferSize(by.solver(), parameters.get(), vectors, lower, n, type, x, n, CUDA_R_64F, values,
                                      type, &on_device, &on_host),
          "cusolverDnXsyevd_bufferSize");
  else
    check(cusolverDnXsyevBatched_bufferSize(by.solver(), parameters.get(), vectors, lower, n, type, x, n, CUDA_R_64F,
                                            values, type, &on_device, &on_host, count),
          "cusolverDnXsyevBatched_bufferSize");
  const solver_workspace memory(queue, on_device);
  std::vector<std::byte> host(on_host);
  for (std::int64_t m = 0; one_by_one && m < count; ++m)
    check(cusolverDnXsyevd(by.solver(), parameters.get(), vectors, lower, n, type,
                           static_cast<number_for<T>*>(x) + m * n * n, n, CUDA_R_64F, values + m * n, type,
                           memory.at<void>(), on_device, host.data(), on_host, info + m),
          "cusolverDnXsyevd");
  if (!one_by_one)
    check(cusolverDnXsyevBatched(by.solver(), parameters.get(), vectors, lower, n, type, x, n, CUDA_R_64F, values, type,
                                 memory.at<void>(), on_device, host.data(), on_host, info, count),
          "cusolverDnXsyevBatched");
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");  // before host memory is given back
}

}  // namespace halfulp::kernels::cuda
