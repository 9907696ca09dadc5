// Approximate eigenvectors of small matrices, a block of threads a matrix: from the Schur form by substitution.
#include <halfulp/kernels/linalg/device_schur.cuh>

#include <algorithm>

#include <halfulp/kernels/linalg/dense_libraries.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// Columns of `vectors` are eigenvectors of T, of length 1, and `inverse` is the inverse of that matrix; both are upper
/// triangular, column after column; a warp takes a column.
class triangular_vectors {
 public:
  __device__ triangular_vectors(const schur_form& f, int n, complex_number* vectors, complex_number* inverse)
      : f_(f), n_(n), lane_(static_cast<int>(threadIdx.x) % lanes_of_warp), vectors_(vectors), inverse_(inverse) {}

  __device__ void find() {
    const int warp = static_cast<int>(threadIdx.x) / lanes_of_warp, warps = schur_threads / lanes_of_warp;
    for (int k = warp; k < n_; k += warps) substitute(k);
    __syncthreads();
    for (int k = warp; k < n_; k += warps) invert(k);
  }

 private:
  __device__ void substitute(int k) {
    complex_number* const x = vectors_ + k * n_;
    for (int i = k + lane_; i < n_; i += lanes_of_warp) x[i] = {i == k ? 1.0 : 0.0, 0};
    double squares = 1;
    for (int i = k - 1; i >= 0; --i) {
      __syncwarp();
      dot s{};
      for (int j = i + 1 + lane_; j <= k; j += lanes_of_warp) s.value = multiply_add(f_.t(i, j), x[j], s.value);
      complex_number apart = difference(f_.t(k, k), f_.t(i, i));
      if (magnitude(apart) < unit_roundoff) apart = {unit_roundoff, 0};  // entries are near 1
      const complex_number v = product(merged_lanes(s).value, reciprocal(apart));
      squares += square(v);
      if (lane_ == 0) x[i] = v;
    }
    __syncwarp();
    const double length = 1 / sqrt(squares);
    for (int i = lane_; i <= k; i += lanes_of_warp) x[i] = times(length, x[i]);
  }

  __device__ void invert(int k) {
    complex_number* const z = inverse_ + k * n_;
    for (int i = lane_; i < n_; i += lanes_of_warp) z[i] = {i == k ? 1.0 : 0.0, 0};
    for (int i = k; i >= 0; --i) {
      __syncwarp();
      const complex_number v = product(z[i], reciprocal(vectors_[i * n_ + i]));
      __syncwarp();
      if (lane_ == 0) z[i] = v;
      for (int r = lane_; r < i; r += lanes_of_warp) z[r] = multiply_add(negated(vectors_[i * n_ + r]), v, z[r]);
    }
  }

  const schur_form& f_;
  int n_, lane_;
  complex_number *vectors_, *inverse_;
};

/// Q to work[0], the vectors of T to work[1], their inverse to work[2]. T and Q lie in shared memory, or in b.x and b.y.
__global__ void __launch_bounds__(schur_threads) schur_kernel(general_batch b, bool in_shared) {
  extern __shared__ __align__(16) unsigned char shared[];
  const int n = b.n, stride = in_shared ? n | 1 : n;
  auto* const t = reinterpret_cast<complex_number*>(shared + schur_form::room_bytes);
  for (std::int64_t m = blockIdx.x; m < b.count; m += gridDim.x) {
    if (b.state[m] != at_work) continue;
    const std::int64_t at = m * b.size();
    schur_form f(in_shared ? t : b.x + at, in_shared ? t + n * stride : b.y + at, n, stride, shared);
    f.load(b.a + at);
    f.reduce_to_hessenberg();
    if (f.iterate()) {
      triangular_vectors(f, n, b.work[1] + at, b.work[2] + at).find();
      for (int k = static_cast<int>(threadIdx.x); k < n * n; k += schur_threads) b.work[0][at + k] = f.q(k % n, k / n);
      for (int k = static_cast<int>(threadIdx.x); k < n; k += schur_threads) b.values[m * n + k] = f.t(k, k);
    } else if (threadIdx.x == 0) {
      b.state[m] = unsettled_matrix;
    }
    __syncthreads();
  }
}

}  // namespace

void find_vectors_by_blocks(const general_batch& b, const cuda_queue& queue) {
  const bool in_shared = b.n <= most_schur_n_in_shared;
  const auto forms = [](std::size_t n) { return 2 * n * (n | 1) * sizeof(complex_number); };
  static_assert(schur_form::room_bytes + forms(most_schur_n_in_shared) <= 227 << 10);
  const std::size_t bytes = schur_form::room_bytes + (in_shared ? forms(static_cast<std::size_t>(b.n)) : 0);
  check(cudaFuncSetAttribute(schur_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
        "cudaFuncSetAttribute");
  launch(queue, static_cast<unsigned>(std::min(b.count, most_blocks)), schur_threads, bytes, schur_kernel, b,
         in_shared);
  const dense_libraries by(queue);
  multiply_batch(by, b, b.work[0], b.work[1], false, b.x);
  multiply_batch(by, b, b.work[2], b.work[0], true, b.y);
}

}  // namespace halfulp::kernels::cuda
