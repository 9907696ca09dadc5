// Products of the matrices of a batch in compensated arithmetic, by tiles: one element a thread.
#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/linalg/threefold_sum.hpp>

namespace halfulp::kernels::cuda {

/// n x n matrices, one after the other: element (row, column) of each at row by_row + column by_column, one of which is 1.
template <class E>
struct strided_matrices {
  const E *at, *low;  ///< `low` is added to the elements; or nullptr
  std::int64_t by_row, by_column;
};

struct product_tile {
  static constexpr int size = 16, threads = size * size;
};
/// |element - exact| <= tiled_bound<E>(n) (|left| |right|), for an element of such a product and one product more that is added to it:
/// sums are joined after every tile; a complex number loses that in both its parts.
template <class E>
HALFULP_HOST_DEVICE double tiled_bound(std::int64_t n) {
  constexpr std::int64_t parts = parts_of_number<E>;
  return static_cast<double>(parts) * joined_bound(parts * (n + 1), parts * (product_tile::size + 1));
}
/// The same for threefold sums, beside the rounding of their value.
template <class E>
HALFULP_HOST_DEVICE double tiled_threefold_bound(std::int64_t n) {
  constexpr std::int64_t parts = parts_of_number<E>;
  return static_cast<double>(parts) * threefold_bound(parts * (n + 1));
}

/// What both kinds of sums do with a product, the right factor of which has no low part in a threefold one, and at the end of a tile,
/// and what they are in binary64.
template <class E>
__device__ void add_product(compensated_sum<E>& s, E left, E right, E low) {
  s.add(left, right, low);
}
template <class E>
__device__ void add_product(threefold_sum<E>& s, E left, E right, E) {
  s.add(left, right);
}
template <class E>
__device__ void end_tile(compensated_sum<E>& s) {
  s.join();
}
template <class E>
__device__ void end_tile(threefold_sum<E>&) {}
__device__ inline double value_of(const compensated_number& s) {
  return s.high + s.low;
}
__device__ inline double value_of(const threefold_number& s) {
  return s.value();
}

/// The product of two tiles, and where they are kept.
template <class E>
class tile_product {
 public:
  static constexpr int size = product_tile::size;
  struct memory {
    E left[size][size + 1], right[size][size + 1], low[size][size + 1];
  };
  __device__ tile_product(memory& m, int n) : m_(m), n_(n) {}

  __device__ static int row() { return static_cast<int>(threadIdx.x) % size; }
  __device__ static int column() { return static_cast<int>(threadIdx.x) / size; }

  /// Element (first_row + row(), first_column + column()) of left (right + low), `start` being where the matrices begin; for all
  /// threads of the block together.
  template <class Sum>
  __device__ Sum element(const strided_matrices<E>& left, const strided_matrices<E>& right, std::int64_t start,
                         int first_row, int first_column) const {
    Sum s{};
    for (int first = 0; first < n_; first += size) {
      load(left, start, first_row, first, [&](int r, int c, E value, E) { m_.left[c][r] = value; });
      load(right, start, first, first_column, [&](int r, int c, E value, E low) {
        m_.right[c][r] = value;
        m_.low[c][r] = low;
      });
      __syncthreads();
#pragma unroll 4
      for (int t = 0; t < size; ++t) add_product(s, m_.left[t][row()], m_.right[column()][t], m_.low[column()][t]);
      end_tile(s);
      __syncthreads();
    }
    return s;
  }

 private:
  /// put(r, c, value, low) for an element of the tile that begins there, zeros beyond the matrix; neighbours in memory by
  /// neighbouring threads.
  template <class Put>
  __device__ void load(const strided_matrices<E>& a, std::int64_t start, int first_row, int first_column,
                       Put put) const {
    const bool along = a.by_row == 1;
    const int r = along ? row() : column(), c = along ? column() : row();
    E value{}, low{};
    if (first_row + r < n_ && first_column + c < n_) {
      const std::int64_t at = start + (first_row + r) * a.by_row + (first_column + c) * a.by_column;
      value = a.at[at];
      if (a.low != nullptr) low = a.low[at];
    }
    put(r, c, value, low);
  }

  memory& m_;
  int n_;
};

/// finish(m, i, j, sum) for element (i, j) of the product of each matrix that is wanted(m); of the lower triangle only where
/// `lower`.
template <class Sum, class E, class Finish>
__global__ void __launch_bounds__(product_tile::threads)
    product_kernel(int n, std::int64_t count, strided_matrices<E> left, strided_matrices<E> right, bool lower,
                   const __grid_constant__ Finish finish) {
  __shared__ typename tile_product<E>::memory memory;
  constexpr int size = product_tile::size;
  const tile_product<E> tile(memory, n);
  const std::int64_t tiles = (n + size - 1) / size, each = tiles * tiles, matrix = std::int64_t{n} * n;
  for (std::int64_t work = blockIdx.x; work < count * each; work += gridDim.x) {
    const std::int64_t m = work / each;
    const int first_row = static_cast<int>(work % tiles) * size,
              first_column = static_cast<int>(work / tiles % tiles) * size;
    if (!finish.wanted(m) || (lower && first_row < first_column)) continue;
    const Sum s = tile.template element<Sum>(left, right, m * matrix, first_row, first_column);
    const int i = first_row + tile.row(), j = first_column + tile.column();
    if (i < n && j < n && (!lower || i >= j)) finish(m, i, j, s);
  }
}

template <template <class> class Sum = compensated_sum, class E, class Finish>
void multiply_compensated(const cuda_queue& queue, int n, std::int64_t count, const strided_matrices<E>& left,
                          const strided_matrices<E>& right, bool lower, const Finish& finish) {
  const std::int64_t tiles = (n + product_tile::size - 1) / product_tile::size, blocks = count * tiles * tiles;
  if (blocks > 0)
    launch(queue, static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), product_tile::threads, 0,
           product_kernel<Sum<E>, E, Finish>, n, count, left, right, lower, finish);
}

}  // namespace halfulp::kernels::cuda
