// Residuals of approximate eigenvectors in compensated arithmetic, by tiles.
#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::cuda {

/// A sum of products of which high + low is known; `low` is made small beside `high` after every `chunk` of them:
///
///   |high + low - exact| <= chunked_bound(terms, chunk) M,  M the sum of magnitudes, barring underflow
///
/// After a join |low| <= u M, each product adds at most 2 u M to it, and its two additions lose u of what they give: at most
/// (2 chunk + 3) u^2 M each time.
struct chunked_sum {
  double high = 0, low = 0;

  __device__ void add_product(double a, double b) {
    const double_double p = two_product(a, b);
    const double_double s = two_sum(high, p.hi);
    high = s.hi;
    low += s.lo + p.lo;
  }
  __device__ void join() {
    const double_double s = two_sum(high, low);
    high = s.hi;
    low = s.lo;
  }
};
HALFULP_HOST_DEVICE inline double chunked_bound(std::int64_t terms, int chunk) {
  return linalg::rounded_up(static_cast<double>(terms) * (2 * chunk + 4) * unit_roundoff * unit_roundoff, 2);
}

/// Hermitian A and vectors x_k of it, of n numbers with `parts` parts, column after column; `columns` holds the numbers of
/// the `count` vectors that are looked at, or is nullptr for the first `count`.
struct residual_work {
  int n;
  const double *a, *x, *values;
  const int* columns;
  const unsigned* count;
  double* sums;  ///< 3 for each vector: += ||r||^2, Re x^H r and ||x||^2 for r = A x - value x
};

/// 64 rows of 16 residuals, `depth` terms of them at a time.
struct residual_tile {
  static constexpr int rows = 64, columns = 16, depth = 16, threads = 256, each = 4;
};

/// What chunked_bound says of a component of such a residual; the two parts of a complex one lose sqrt(2) times as much.
template <int Parts>
HALFULP_HOST_DEVICE double residual_bound(int n) {
  const double bound = chunked_bound(Parts * n + 1, Parts * residual_tile::depth + 1);
  return Parts == 1 ? bound : 1.5 * bound;
}

template <int Parts>
class tiled_residual {
  using tile = residual_tile;

 public:
  struct memory {
    double a[tile::depth][tile::rows * Parts], x[tile::depth][tile::columns * Parts];
  };
  __device__ tiled_residual(const residual_work& w, memory& m)
      : w_(w),
        m_(m),
        row_(static_cast<int>(threadIdx.x) % tile::columns),
        column_(static_cast<int>(threadIdx.x) / tile::columns) {}

  __device__ void compute(int first_row, int first_column, int count) {
    const int l = first_column + column_;
    const bool wanted = l < count;
    const int k = wanted ? number(l) : 0;
    chunked_sum sum[tile::each][Parts];
    for (int first = 0; first < w_.n; first += tile::depth) {
      load(first_row, first_column, count, first);
      __syncthreads();
      multiply(sum);
      __syncthreads();
    }
    add_up(sum, first_row, k, wanted);
  }

 private:
  __device__ int number(int l) const { return w_.columns == nullptr ? l : w_.columns[l]; }
  __device__ static std::int64_t at(int n, int column, int row) {
    return (static_cast<std::int64_t>(column) * n + row) * Parts;
  }

  /// Rows of A and of the vectors, zeros beyond their ends.
  __device__ void load(int first_row, int first_column, int count, int first) {
    for (int t = static_cast<int>(threadIdx.x); t < tile::depth * tile::rows * Parts; t += tile::threads) {
      const int part = t % (tile::rows * Parts), j = first + t / (tile::rows * Parts);
      const bool inside = j < w_.n && first_row + part / Parts < w_.n;
      m_.a[j - first][part] = inside ? w_.a[at(w_.n, j, first_row) + part] : 0;
    }
    for (int t = static_cast<int>(threadIdx.x); t < tile::depth * tile::columns * Parts; t += tile::threads) {
      const int part = t % (tile::depth * Parts), l = t / (tile::depth * Parts);
      const bool inside = first_column + l < count && first + part / Parts < w_.n;
      m_.x[part / Parts][l * Parts + part % Parts] =
          inside ? w_.x[at(w_.n, number(first_column + l), first) + part] : 0;
    }
  }
  __device__ void multiply(chunked_sum (&sum)[tile::each][Parts]) const {
#pragma unroll 4
    for (int j = 0; j < tile::depth; ++j) {
      const double* x = &m_.x[j][column_ * Parts];
#pragma unroll
      for (int e = 0; e < tile::each; ++e) {
        const double* a = &m_.a[j][(row_ + e * tile::columns) * Parts];
        sum[e][0].add_product(a[0], x[0]);
        if constexpr (Parts == 2) {
          sum[e][0].add_product(-a[1], x[1]);
          sum[e][1].add_product(a[0], x[1]);
          sum[e][1].add_product(a[1], x[0]);
        }
      }
    }
#pragma unroll
    for (int e = 0; e < tile::each; ++e)
      for (int p = 0; p < Parts; ++p) sum[e][p].join();
  }
  /// Subtracts value x, and adds the sums of the 16 threads that share a column.
  __device__ void add_up(chunked_sum (&sum)[tile::each][Parts], int first_row, int k, bool wanted) const {
    double squares = 0, product = 0, x_squares = 0;
#pragma unroll
    for (int e = 0; e < tile::each; ++e) {
      const int row = first_row + row_ + e * tile::columns;
      if (!wanted || row >= w_.n) continue;
#pragma unroll
      for (int p = 0; p < Parts; ++p) {
        const double x = w_.x[at(w_.n, k, row) + p];
        sum[e][p].add_product(-w_.values[k], x);
        const double r = sum[e][p].high + sum[e][p].low;
        squares = fma(r, r, squares);
        product = fma(x, r, product);
        x_squares = fma(x, x, x_squares);
      }
    }
#pragma unroll
    for (int step = tile::columns / 2; step > 0; step /= 2) {
      squares += __shfl_xor_sync(0xffffffffu, squares, step);
      product += __shfl_xor_sync(0xffffffffu, product, step);
      x_squares += __shfl_xor_sync(0xffffffffu, x_squares, step);
    }
    if (row_ != 0 || !wanted) return;
    atomicAdd(&w_.sums[3 * k], squares);
    atomicAdd(&w_.sums[3 * k + 1], product);
    atomicAdd(&w_.sums[3 * k + 2], x_squares);
  }

  const residual_work& w_;
  memory& m_;
  const int row_, column_;
};

template <int Parts>
__global__ void __launch_bounds__(residual_tile::threads) compute_residuals(const __grid_constant__ residual_work w) {
  __shared__ typename tiled_residual<Parts>::memory memory;
  tiled_residual<Parts> tile(w, memory);
  const int count = static_cast<int>(*w.count);
  for (int first = static_cast<int>(blockIdx.y) * residual_tile::columns; first < count;
       first += static_cast<int>(gridDim.y) * residual_tile::columns)
    tile.compute(static_cast<int>(blockIdx.x) * residual_tile::rows, first, count);
}

}  // namespace halfulp::kernels::cuda
