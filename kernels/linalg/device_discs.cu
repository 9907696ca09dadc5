#include <halfulp/kernels/linalg/device_discs.cuh>

#include <algorithm>

namespace halfulp::kernels::cuda {
namespace {

using linalg::product_error;
using linalg::rounded_up;
constexpr double u = unit_roundoff;

/// At least the 2-norm of n numbers z(j), `lost` more than what is computed of each: by a warp.
template <class F>
__device__ double norm_bound(int n, int lane, F z) {
  plain_sum s{};
  for (int j = lane; j < n; j += lanes_of_warp) s.value += square(z(j));
  return rounded_up(sqrt(rounded_up(merged_lanes(s).value, 2.0 * n)), 1);
}
/// At least the 2-norm of n numbers, whose squares are computed by a warp.
__device__ double norm_bound(const double* x, int n, int lane) {
  return norm_bound(n, lane, [&](int j) { return complex_number{x[j], 0}; });
}

/// Norms of columns of B and X and of rows of Y and of F, which is in work[1] as Y X.
struct find_norms {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n, at = m * b.size();
    if (b.state[m] != at_work) return;
    const int j = static_cast<int>(k % b.n), n = b.n;
    const auto column = [&](const complex_number* a) {
      return norm_bound(n, lane, [&](int i) { return a[at + std::int64_t{j} * n + i]; });
    };
    const double a = column(b.a), x = column(b.x);
    const double y = norm_bound(n, lane, [&](int i) { return b.y[at + std::int64_t{i} * n + j]; });
    const double f = norm_bound(n, lane, [&](int i) {
      const complex_number z = b.work[1][at + std::int64_t{i} * n + j];
      return complex_number{i == j ? z.re - 1 : z.re, z.im};
    });
    if (lane != 0) return;
    d.a_columns[k] = a;
    d.x_columns[k] = x;
    d.y_rows[k] = y;
    d.f_rows[k] = f;
  }
};

struct find_totals {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t m, int lane) const {
    if (b.state[m] != at_work) return;
    const double* const norms[] = {d.a_columns, d.x_columns, d.y_rows};
    for (int t = 0; t < 3; ++t) {
      const double norm = norm_bound(norms[t] + m * b.n, b.n, lane);
      if (lane == 0) d.totals[3 * m + t] = norm;
    }
  }
};

/// |computed - F|_ij <= product_error ||y_i|| ||x_j||, and u of the difference.
struct finish_rows_of_f {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t k) const {
    if (b.state[k / b.n] != at_work) return;
    const double lost = product_error<std::complex<double>>(b.n) * d.totals[3 * (k / b.n) + 1];
    d.f_rows[k] = rounded_up(d.f_rows[k] * (1 + 4 * u) + lost * d.y_rows[k], 8);
  }
};

/// R in work[0], which holds B X, or what binary64 keeps of R in double-double; and what its product with Y lacks.
struct finish_residual {
  general_batch b;
  disc_bounds d;
  bool accurate;
  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    if (b.state[m] != at_work) return;
    const complex_number l = b.values[k];
    complex_number* const r = b.work[0] + k * b.n;
    const complex_number* const x = b.x + k * b.n;
    if (!accurate)
      for (int i = lane; i < b.n; i += lanes_of_warp)
        r[i] = {r[i].re - (l.re * x[i].re - l.im * x[i].im), r[i].im - (l.re * x[i].im + l.im * x[i].re)};
    __syncwarp();
    const double norm = norm_bound(b.n, lane, [&](int i) { return r[i]; });
    if (lane != 0) return;
    const double size = (d.totals[3 * m] + 2 * sqrt(square(l))) * d.x_columns[k], g = gamma(6 * (b.n + 8), u);
    const double product = product_error<std::complex<double>>(b.n);
    const double lost =
        accurate ? rounded_up(2 * u * norm + 2 * g * g * size, 8) : rounded_up((product + 8 * u) * size, 8);
    d.from_product[k] = rounded_up(lost + product * norm, 4);
  }
};

/// ||F|| < 1/2, and with 1 / (1 - ||F||) <= 1 + 2 ||F|| what E lacks beside.
struct finish_columns_of_e {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    if (b.state[m] != at_work) return;
    const double e = norm_bound(b.n, lane, [&](int i) { return b.work[1][k * b.n + i]; });
    const double f = norm_bound(d.f_rows + m * b.n, b.n, lane);
    if (lane != 0) return;
    if (!(f < 0.5)) d.failed[m] = 1;
    d.from_inverse[k] = rounded_up((e + d.totals[3 * m + 2] * d.from_product[k]) * (1 + 2 * f), 8);
  }
};

struct sum_rows_of_e {
  general_batch b;
  disc_bounds d;
  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    if (b.state[m] != at_work) return;
    const auto i = static_cast<int>(k % b.n);
    const disc_matrix discs(b, d, m);
    plain_sum s{};
    for (int j = lane; j < b.n; j += lanes_of_warp)
      if (j != i) s.value += discs.coupling(i, j);
    const double row = rounded_up(merged_lanes(s).value, 4.0 * b.n);
    if (lane == 0) d.rows[k] = row;
  }
};

/// R = B X - X L in double-double, to work[0] as far as binary64 holds it: one element a thread, tiles of 16 x 16.
constexpr int tile = 16;

__global__ void __launch_bounds__(tile* tile) accurate_residual(general_batch b) {
  __shared__ complex_number left[tile][tile + 1], right[tile][tile + 1];
  const std::int64_t tiles = (b.n + tile - 1) / tile;
  const int column = static_cast<int>(threadIdx.x) / tile, row = static_cast<int>(threadIdx.x) % tile, n = b.n;
  for (std::int64_t work = blockIdx.x; work < b.count * tiles * tiles; work += gridDim.x) {
    const std::int64_t m = work / (tiles * tiles), at = m * b.size();
    if (b.state[m] != at_work) continue;
    const int i = static_cast<int>(work % tiles) * tile + row,
              j = static_cast<int>(work / tiles % tiles) * tile + column;
    compensated_sum<complex_number> s{};
    for (int k = 0; k < n; k += tile) {
      left[column][row] = i < n && k + column < n ? b.a[at + std::int64_t{k + column} * n + i] : complex_number{};
      right[column][row] = j < n && k + row < n ? b.x[at + std::int64_t{j} * n + k + row] : complex_number{};
      __syncthreads();
      for (int t = 0; t < tile; ++t) s.add(left[t][row], right[column][t], complex_number{});
      __syncthreads();
    }
    if (i >= n || j >= n) continue;
    const std::int64_t place = at + std::int64_t{j} * n + i;
    s.add(negated(b.values[m * n + j]), b.x[place], complex_number{});
    b.work[0][place] = {s.part[0].high + s.part[0].low, s.part[1].high + s.part[1].low};
  }
}

}  // namespace

void find_discs(const dense_libraries& by, const general_batch& b, const disc_bounds& d, bool accurate,
                const cuda_queue& queue) {
  const std::int64_t n = b.n, rows = b.count * n;
  check(cudaMemsetAsync(d.failed, 0, static_cast<std::size_t>(b.count) * sizeof(int), stream_of(queue)),
        "cudaMemsetAsync");
  multiply_batch(by, b, b.y, b.x, false, b.work[1]);
  for_each_warp(queue, rows, find_norms{b, d});
  for_each_warp(queue, b.count, find_totals{b, d});
  for_each_index(queue, rows, finish_rows_of_f{b, d});
  if (accurate) {
    const std::int64_t tiles = (n + tile - 1) / tile;
    launch(queue, static_cast<unsigned>(std::min(b.count * tiles * tiles, most_blocks)), tile * tile, 0,
           accurate_residual, b);
  } else {
    multiply_batch(by, b, b.a, b.x, false, b.work[0]);
  }
  for_each_warp(queue, rows, finish_residual{b, d, accurate});
  multiply_batch(by, b, b.y, b.work[0], false, b.work[1]);
  for_each_warp(queue, rows, finish_columns_of_e{b, d});
  for_each_warp(queue, rows, sum_rows_of_e{b, d});
}

}  // namespace halfulp::kernels::cuda
