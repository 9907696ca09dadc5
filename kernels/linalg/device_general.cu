#include <halfulp/kernels/linalg/device_general.cuh>

#include <algorithm>

#include <halfulp/kernels/linalg/dense_libraries.cuh>

namespace halfulp::kernels::cuda {
namespace {

struct two_sums {
  double column, row;
  __device__ void merge(const two_sums& o) {
    column += o.column;
    row += o.row;
  }
};

/// The power of two that makes these sums alike, as an exponent; 0 where it would not reduce them by a twentieth.
__device__ int balancing_exponent(const two_sums& s, int before) {
  constexpr int most_exponent = 300;
  if (!(s.column > 0 && s.row > 0)) return 0;
  const int e = static_cast<int>(rint(log2(s.row / s.column) / 2));
  const bool better = s.column * ldexp(1.0, e) + s.row * ldexp(1.0, -e) < 0.95 * (s.column + s.row);
  return better && abs(before + e) <= most_exponent ? e : 0;
}

/// Balances one matrix, index after index, as long as one of them gains by it.
class balanced_matrix {
 public:
  __device__ balanced_matrix(const team& t, complex_number* a, int* scale, int n)
      : team_(t), a_(a), scale_(scale), n_(n) {}

  __device__ void balance() {
    constexpr int most_sweeps = 10;
    for (int sweep = 0; sweep < most_sweeps && any_gains(); ++sweep)
      for (int i = 0; i < n_; ++i) {
        const auto s = team_.template total<two_sums>(n_, [&](int j) { return terms(i, j); });
        if (const int e = balancing_exponent(s, scale_[i]); e != 0) scale(i, e);
      }
  }

 private:
  __device__ complex_number& at(int row, int column) { return a_[std::int64_t{column} * n_ + row]; }
  __device__ two_sums terms(int i, int j) {
    return j == i ? two_sums{0, 0} : two_sums{magnitude(at(j, i)), magnitude(at(i, j))};
  }
  __device__ bool any_gains() {
    const int threads = static_cast<int>(blockDim.x), lane = static_cast<int>(threadIdx.x) % lanes_of_warp;
    bool found = false;
    for (int i = static_cast<int>(threadIdx.x) / lanes_of_warp; i < n_; i += threads / lanes_of_warp) {
      two_sums s{};
      for (int j = lane; j < n_; j += lanes_of_warp) s.merge(terms(i, j));
      found = found || balancing_exponent(merged_lanes(s), scale_[i]) != 0;
    }
    return __syncthreads_or(found) != 0;
  }
  __device__ void scale(int i, int e) {
    const double f = ldexp(1.0, e), g = ldexp(1.0, -e);
    team_.each(n_, [&](int j) {
      if (j == i) return;
      at(j, i) = {at(j, i).re * f, at(j, i).im * f};
      at(i, j) = {at(i, j).re * g, at(i, j).im * g};
    });
    team_.meet();
    if (team_.is_first_thread()) scale_[i] += e;
    team_.meet();
  }

  const team& team_;
  complex_number* a_;
  int* scale_;
  int n_;
};

__global__ void __launch_bounds__(1024) balance_kernel(general_batch b) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < b.count; m += gridDim.x)
    if (b.state[m] == at_work) balanced_matrix(t, b.a + m * b.size(), b.scale + m * b.n, b.n).balance();
}

}  // namespace

void balance(const general_batch& b, const cuda_queue& queue) {
  const unsigned threads = b.n <= most_schur_n ? 128 : 1024;
  launch(queue, static_cast<unsigned>(std::min(b.count, most_blocks)), threads, threads * team::room_bytes,
         balance_kernel, b);
}

void multiply_batch(const dense_libraries& by, const general_batch& b, const complex_number* left,
                    const complex_number* right, bool adjoint, complex_number* to, bool adds) {
  const cuDoubleComplex one{1, 0}, before{adds ? 1.0 : 0.0, 0};
  const auto pointer = [](const complex_number* p) { return reinterpret_cast<const cuDoubleComplex*>(p); };
  check(cublasZgemmStridedBatched(by.blas(), CUBLAS_OP_N, adjoint ? CUBLAS_OP_C : CUBLAS_OP_N, b.n, b.n, b.n, &one,
                                  pointer(left), b.n, b.size(), pointer(right), b.n, b.size(), &before,
                                  reinterpret_cast<cuDoubleComplex*>(to), b.n, b.size(), static_cast<int>(b.count)),
        "cublasZgemmStridedBatched");
}

}  // namespace halfulp::kernels::cuda
