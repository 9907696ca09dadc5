// Discs around the eigenvalues of matrices in device memory, and what they decide.
//
//   X^-1 B X = L + E,  |E - Y R|_ij <= ||F_i|| ||(Y R)_j|| / (1 - ||F||),  R = B X - X L,  F = I - Y X    [rump01, 5]
//
// and Gershgorin's discs of L + E under weights 1 for row k and d <= 1 for all others [gershgorin31]: as
// kernels/linalg/general_certificate.hpp has it, where all matrices are complex here, and each eigenvalue stands alone. A disc
// whose mirror image at the real axis meets none of the others holds, of a real matrix, an eigenvalue that is its own
// conjugate.
#pragma once

#include <halfulp/kernels/linalg/dense_libraries.cuh>
#include <halfulp/kernels/linalg/device_general.cuh>
#include <halfulp/kernels/linalg/scaled_decision.hpp>

namespace halfulp::kernels::cuda {

/// Numbers for each column or row of the matrices of a batch, and one for each matrix.
struct disc_bounds {
  double *a_columns, *x_columns, *y_rows,
      *f_rows;                          // at least the 2-norms; f_rows without what its product lost, at first
  double *from_product, *from_inverse;  // column j of E lacks y_rows_i from_product_j + f_rows_i from_inverse_j
  double* rows;                         // at least the sum of row i of |E| but for its diagonal
  double* totals;                       // 3 of each matrix: at least ||B||, ||X||, ||Y||
  int* failed;                          // of each matrix: its discs do not decide everything

  static std::size_t bytes(std::int64_t n, std::int64_t count) {
    return static_cast<std::size_t>(count * (7 * n + 3)) * sizeof(double) +
           static_cast<std::size_t>((count + 1) / 2 * 2) * sizeof(int);
  }
  disc_bounds(double* memory, std::int64_t n, std::int64_t count) {
    for (double** v : {&a_columns, &x_columns, &y_rows, &f_rows, &from_product, &from_inverse, &rows})
      *v = memory, memory += n * count;
    totals = memory;
    failed = reinterpret_cast<int*>(memory + 3 * count);
  }
};

/// Finds E, in work[1], and everything else that the discs of what is at work need: from R in binary64, or with `accurate` in
/// double-double. Column j of R lacks at most
///   (product_error + 8 u) (||B|| + 2 |l_j|) ||x_j||,  or  2 u ||r_j|| + 2 gamma_(6 (n + 8))^2 (||B|| + 2 |l_j|) ||x_j||
void find_discs(const dense_libraries& by, const general_batch& b, const disc_bounds& d, bool accurate,
                const cuda_queue& queue);

/// f(k, lane) for k in [0, n), by a warp.
template <class F>
__global__ void __launch_bounds__(threads_per_block) for_each_warp_kernel(std::int64_t n, const __grid_constant__ F f) {
  const std::int64_t warps = threads_per_block / lanes_of_warp;
  const auto lane = static_cast<int>(threadIdx.x) % lanes_of_warp;
  for (std::int64_t k = blockIdx.x * warps + threadIdx.x / lanes_of_warp; k < n; k += gridDim.x * warps) f(k, lane);
}
template <class F>
void for_each_warp(const cuda_queue& queue, std::int64_t n, const F& f) {
  constexpr std::int64_t warps = threads_per_block / lanes_of_warp;
  if (n > 0)
    launch(queue, static_cast<unsigned>(std::min((n + warps - 1) / warps, most_blocks)), threads_per_block, 0,
           for_each_warp_kernel<F>, n, f);
}

/// The eigenvalues of one matrix as the discs have them.
class disc_matrix {
 public:
  struct centre {
    double_double re, im;
    double radius;  // of what the diagonal lacks
  };

  __device__ disc_matrix(const general_batch& b, const disc_bounds& d, std::int64_t m)
      : e_(b.work[1] + m * b.size()), values_(b.values + m * b.n), d_(d), first_(m * b.n), n_(b.n) {}

  __device__ centre centre_of(int k) const {
    const complex_number l = values_[k], e = e_[std::int64_t{k} * n_ + k];
    return {two_sum(l.re, e.re), two_sum(l.im, e.im), linalg::rounded_up(lacking(k, k), 4)};
  }
  /// At least |E_ij|.
  __device__ double coupling(int i, int j) const {
    const complex_number e = e_[std::int64_t{j} * n_ + i];
    return linalg::rounded_up(sqrt(e.re * e.re + e.im * e.im) + lacking(i, j), 4);
  }
  __device__ double row(int i) const { return d_.rows[first_ + i]; }

  /// At most the distance of two centres, the second one mirrored at the real axis where sign is -1; `slack` makes up for low
  /// parts that cancel.
  __device__ static double distance(const centre& x, const centre& y, double sign, double slack) {
    const double re = (x.re.hi - y.re.hi) + (x.re.lo - y.re.lo);
    const double im = (x.im.hi - sign * y.im.hi) + (x.im.lo - sign * y.im.lo);
    return fmax(0.0, sqrt(re * re + im * im) * (1 - 0x1p-44) - slack);
  }

 private:
  __device__ double lacking(int i, int j) const {
    return linalg::rounded_up(
        d_.y_rows[first_ + i] * d_.from_product[first_ + j] + d_.f_rows[first_ + i] * d_.from_inverse[first_ + j], 12);
  }

  const complex_number *e_, *values_;
  const disc_bounds& d_;
  std::int64_t first_;
  int n_;
};

/// Eigenvalue k of a batch, rounded to R, in the order of the vectors; notes where that fails. By a warp.
template <class R>
struct decide_eigenvalue {
  general_batch b;
  disc_bounds d;
  bool real;                // the matrices are
  R* rounded;               // two parts of each
  double* reach = nullptr;  // at least the distance of the eigenvalue from the approximate one

  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    if (b.state[m] != at_work || d.failed[m] != 0) return;
    const auto mine = static_cast<int>(k % b.n);
    const disc_matrix discs(b, d, m);
    const auto centre = discs.centre_of(mine);
    const double radius = isolated_radius(discs, centre, mine, lane);
    R re{}, im{};
    bool decided = radius < INFINITY && linalg::decide_scaled<R>(centre.re, radius, b.shift[m], re);
    if (decided && is_real(discs, centre, radius, mine, lane))
      im = R(0);
    else
      decided = decided && linalg::decide_scaled<R>(centre.im, radius, b.shift[m], im);
    if (lane != 0) return;
    if (!decided) d.failed[m] = 1;
    if (reach != nullptr)
      reach[k] = linalg::rounded_up(radius + magnitude(b.work[1][m * b.size() + std::int64_t{mine} * (b.n + 1)]), 4);
    rounded[2 * k] = re;
    rounded[2 * k + 1] = im;
  }

 private:
  __device__ double slack(const disc_matrix& discs, int lane) const {
    double largest = 0;
    for (int j = lane; j < b.n; j += lanes_of_warp) {
      const auto c = discs.centre_of(j);
      largest = fmax(largest, fmax(fabs(c.re.hi), fabs(c.im.hi)));
    }
    return 0x1p-98 * merged_lanes(largest_number{largest}).value + 0x1p-900;
  }
  /// Disc j under the weight that is best for k.
  __device__ double other_radius(const disc_matrix& discs, const disc_matrix::centre& c, int j, int k,
                                 double weight) const {
    return linalg::rounded_up(discs.row(j) + c.radius + discs.coupling(j, k) / weight, 8);
  }
  __device__ double weight_for(const disc_matrix& discs, const disc_matrix::centre& c, int k, int lane,
                               double most) const {
    double weight = 0x1p-200;
    for (int j = lane; j < b.n; j += lanes_of_warp)
      if (j != k)
        weight = fmax(weight,
                      2 * discs.coupling(j, k) / fmax(disc_matrix::distance(c, discs.centre_of(j), 1, most), 0x1p-500));
    return merged_lanes(largest_number{weight}).value;
  }
  /// Of a disc that holds one eigenvalue and meets no other; infinite where there is none.
  __device__ double isolated_radius(const disc_matrix& discs, const disc_matrix::centre& c, int k, int lane) const {
    const double most = slack(discs, lane), weight = weight_for(discs, c, k, lane, most);
    if (!(weight <= 1)) return INFINITY;
    const double radius = linalg::rounded_up(weight * discs.row(k) + c.radius, 8);
    bool apart = radius < INFINITY;
    for (int j = lane; j < b.n; j += lanes_of_warp) {
      if (j == k) continue;
      const auto other = discs.centre_of(j);
      apart = apart && disc_matrix::distance(c, other, 1, most) >
                           linalg::rounded_up(radius + other_radius(discs, other, j, k, weight), 8);
    }
    return __all_sync(all_lanes, apart) ? radius : INFINITY;
  }
  /// Whether the eigenvalue in the disc is proved to be real: no other disc meets the mirror image of this one.
  __device__ bool is_real(const disc_matrix& discs, const disc_matrix::centre& c, double radius, int k,
                          int lane) const {
    if (!real || !(fabs(c.im.hi) <= 2 * radius)) return false;
    const double most = slack(discs, lane), weight = weight_for(discs, c, k, lane, most);
    bool apart = true;
    for (int j = lane; j < b.n; j += lanes_of_warp) {
      if (j == k) continue;
      const auto other = discs.centre_of(j);
      apart = apart && disc_matrix::distance(other, c, -1, most) >
                           linalg::rounded_up(radius + other_radius(discs, other, j, k, weight), 8);
    }
    return __all_sync(all_lanes, apart);
  }
};

}  // namespace halfulp::kernels::cuda
