// Cholesky factors in device memory, in binary64, and approximate inverses of them.
#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/linalg/device_number.hpp>
#include <halfulp/kernels/linalg/team.cuh>
#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>

namespace halfulp::kernels::cuda {

/// What a factor holds, as bits of its state; 0: it can be worked with.
enum factor_state : int {
  undefined_factor = 1,  ///< an element is NaN or infinite, or one of the diagonal is 0
  factor_out_of_range =
      2  ///< exponents so wide that products could overflow, or lose more to underflow than is made up for
};

/// `count` factors L of n x n and their approximate inverses R, row-major; only their lower triangles are ever read.
template <class E>
struct factor_batch {
  E *l, *r;
  int* state;
  int n;
  std::int64_t count;

  __device__ const E* factor(std::int64_t m) const { return l + m * n * n; }
  __device__ const E* inverse(std::int64_t m) const { return r + m * n * n; }
};

/// The roundings on the way of a term to an element of R: its warp's terms one after the other, the warps' sums, a block of
/// the diagonal, and the quotient (product with a reciprocal, 2 of a real number, 12 of a complex one).
inline std::int64_t inversion_depth(std::int64_t n) {
  return n / 8 + 8 + lanes_of_warp + 12;
}
/// R L = I + E, |E| <= inversion_bound |R| |L|, since every row of R comes from its elements to the right by substitution.
/// Barring underflow.  [higham02, 8.1]
inline double inversion_bound(std::int64_t n, int parts) {
  return gamma(parts * inversion_depth(n), unit_roundoff);
}

/// R from L for all factors whose state is 0. For double and complex_number.
template <class E>
void invert_factors(const factor_batch<E>& f, const cuda_queue& queue);

/// An element of L, `entry` its components in y; adds to the state.
template <class E, class R>
__device__ E read_element(const R* entry, bool conjugates, bool on_diagonal, int& state) {
  constexpr double largest = 0x1p200, smallest = 0x1p-200;
  E value{};
  double most = 0;
  for (int p = 0; p < parts_of_number<E>; ++p) {
    const double v = widen(entry[p]);
    if (!(fabs(v) < INFINITY)) state |= undefined_factor;
    most = fmax(most, fabs(v));
    set_part(value, p, v);
  }
  if (on_diagonal && most == 0) state |= undefined_factor;
  if (most > largest || (on_diagonal && most < smallest)) state |= factor_out_of_range;
  return conjugates ? conjugate(value) : value;
}

/// Reads the triangles of y; a warp takes a row of a tile of 32 x 32.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    load_factors_kernel(const component_t<T>* y, bool upper,
                        factor_batch<typename number_of_parts<is_complex<T> ? 2 : 1>::type> f) {
  using E = typename number_of_parts<is_complex<T> ? 2 : 1>::type;
  constexpr int width = lanes_of_warp, warps = threads_per_block / width;
  __shared__ E tile[width][width + 1];
  const int lane = static_cast<int>(threadIdx.x) % width, warp = static_cast<int>(threadIdx.x) / width, n = f.n;
  const std::int64_t tiles = (n + width - 1) / width;
  for (std::int64_t work = blockIdx.x; work < f.count * tiles; work += gridDim.x) {
    const std::int64_t m = work / tiles;
    const int first_row = static_cast<int>(work % tiles) * width;
    int state = 0;
    for (int first_column = 0; first_column <= first_row; first_column += width) {
      for (int k = warp; k < width; k += warps) {
        const int row = first_row + (upper ? lane : k), column = first_column + (upper ? k : lane);
        E value{};
        if (row < n && column <= row) {
          const std::int64_t at = m * n * n + (upper ? std::int64_t{column} * n + row : std::int64_t{row} * n + column);
          value = read_element<E>(y + at * parts_of_number<E>, upper, row == column, state);
        }
        tile[k][lane] = value;
      }
      __syncthreads();
      for (int k = warp; k < width; k += warps) {
        const int row = first_row + k, column = first_column + lane;
        if (row < n && column < n)
          f.l[m * n * n + std::int64_t{row} * n + column] = upper ? tile[lane][k] : tile[k][lane];
      }
      __syncthreads();
    }
    if (state != 0) atomicOr(&f.state[m], state);
  }
}

template <class T, class E>
void load_factors(const op::cholesky_solve::args<T>& a, const factor_batch<E>& f, const cuda_queue& queue) {
  check(cudaMemsetAsync(f.state, 0, static_cast<std::size_t>(f.count) * sizeof(int), stream_of(queue)),
        "cudaMemsetAsync");
  const std::int64_t tiles = f.count * ((f.n + lanes_of_warp - 1) / lanes_of_warp);
  launch(queue, static_cast<unsigned>(std::min(tiles, most_blocks)), threads_per_block, 0, load_factors_kernel<T>,
         reinterpret_cast<const component_t<T>*>(a.y.data()), a.shape.upper, f);
}

}  // namespace halfulp::kernels::cuda
