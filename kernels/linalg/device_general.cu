#include <halfulp/kernels/linalg/device_general.cuh>

#include <algorithm>
#include <array>

#include <halfulp/kernels/core/host_rows.cuh>
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

/// Powers of two for which rows and columns have about the same sums of magnitudes, one index after the other.
__device__ void balance_matrix(const team& t, complex_number* a, int* scale, int n) {
  constexpr int most_sweeps = 10, most_exponent = 300;
  bool changed = true;
  for (int sweep = 0; changed && sweep < most_sweeps; ++sweep) {
    changed = false;
    for (int i = 0; i < n; ++i) {
      const auto at = [&](int row, int column) -> complex_number& { return a[std::int64_t{column} * n + row]; };
      const two_sums s = t.template total<two_sums>(n, [&](int j) {
        return j == i ? two_sums{0, 0} : two_sums{magnitude(at(j, i)), magnitude(at(i, j))};
      });
      if (!(s.column > 0 && s.row > 0)) continue;
      const int e = static_cast<int>(rint(log2(s.row / s.column) / 2));
      const double f = ldexp(1.0, e), g = ldexp(1.0, -e);
      if (e == 0 || abs(scale[i] + e) > most_exponent || !(s.column * f + s.row * g < 0.95 * (s.column + s.row))) continue;
      t.each(n, [&](int j) {
        if (j == i) return;
        at(j, i) = {at(j, i).re * f, at(j, i).im * f};
        at(i, j) = {at(i, j).re * g, at(i, j).im * g};
      });
      t.meet();
      if (t.is_first_thread()) scale[i] += e;
      changed = true;
    }
    t.meet();
  }
}

__global__ void __launch_bounds__(1024) balance_kernel(general_batch b) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < b.count; m += gridDim.x)
    if (b.state[m] == at_work) balance_matrix(t, b.a + m * b.size(), b.scale + m * b.n, b.n);
}

/// What ?geev gives for a real matrix: pairs as two columns, the real and the imaginary part of the vector of +im.
struct expand_vectors {
  const double *values, *vectors;  // n real parts, n imaginary ones; n x n
  complex_number *to_values, *x;
  int n;

  __device__ void operator()(std::int64_t k) const {
    const std::int64_t j = k / n;
    const double im = values[n + j];
    const bool second = im < 0;  // +im comes first
    if (k % n == 0) to_values[j] = {values[j], im};
    if (im == 0)
      x[k] = {vectors[k], 0};
    else
      x[k] = {vectors[second ? k - n : k], second ? -vectors[k] : vectors[k + n]};
  }
};

struct take_real_parts {
  const complex_number* from;
  double* to;
  __device__ void operator()(std::int64_t k) const { to[k] = from[k].re; }
};

struct set_identity {
  complex_number* to;
  int n;
  __device__ void operator()(std::int64_t k) const { to[k] = {k / n == k % n ? 1.0 : 0.0, 0}; }
};

/// cuSOLVER's Xgeev of one matrix; whether it went well.
class library_vectors {
 public:
  library_vectors(const dense_libraries& by, int n, cudaDataType type, const cuda_queue& queue)
      : by_(by), n_(n), type_(type), queue_(queue) {
    check(cusolverDnCreateParams(&parameters_), "cusolverDnCreateParams");
  }
  ~library_vectors() { (void)cusolverDnDestroyParams(parameters_); }
  library_vectors(const library_vectors&) = delete;
  library_vectors& operator=(const library_vectors&) = delete;

  bool find(void* a, void* values, void* vectors) {
    constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR, all = CUSOLVER_EIG_MODE_VECTOR;
    std::size_t on_device = 0, on_host = 0;
    check(cusolverDnXgeev_bufferSize(by_.solver(), parameters_, none, all, n_, type_, a, n_, type_, values, type_, nullptr, n_,
                                     type_, vectors, n_, type_, &on_device, &on_host),
          "cusolverDnXgeev_bufferSize");
    constexpr std::size_t place = 256;  // of the workspace, behind the outcome
    const workspace memory(queue_, place + on_device);
    host_.resize(on_host);
    int* const info = memory.at<int>();
    check(cusolverDnXgeev(by_.solver(), parameters_, none, all, n_, type_, a, n_, type_, values, type_, nullptr, n_, type_,
                          vectors, n_, type_, memory.at<void>(place), on_device, host_.data(), on_host, info),
          "cusolverDnXgeev");
    return read_info(info);
  }

  /// y = x^-1 by a factorisation of x, which is used up.
  bool invert(complex_number* x, complex_number* y) {
    const auto pointer = [](complex_number* z) { return reinterpret_cast<cuDoubleComplex*>(z); };
    int size = 0;
    check(cusolverDnZgetrf_bufferSize(by_.solver(), n_, n_, pointer(x), n_, &size), "cusolverDnZgetrf_bufferSize");
    const auto elements = static_cast<std::size_t>(size) * sizeof(complex_number);
    const workspace memory(queue_, elements + (static_cast<std::size_t>(n_) + 1) * sizeof(int));
    int* const pivots = memory.at<int>(elements);
    int* const info = pivots + n_;
    for_each_index(queue_, std::int64_t{n_} * n_, set_identity{y, n_});
    check(cusolverDnZgetrf(by_.solver(), n_, n_, pointer(x), n_, memory.at<cuDoubleComplex>(), pivots, info),
          "cusolverDnZgetrf");
    if (!read_info(info)) return false;
    check(cusolverDnZgetrs(by_.solver(), CUBLAS_OP_N, n_, n_, pointer(x), n_, pivots, pointer(y), n_, info),
          "cusolverDnZgetrs");
    return true;
  }

 private:
  bool read_info(const int* info) const { return rows_to_host(queue_, info, 1, std::array{std::int64_t{0}})[0] == 0; }

  const dense_libraries& by_;
  int n_;
  cudaDataType type_;
  const cuda_queue& queue_;
  cusolverDnParams_t parameters_ = nullptr;
  std::vector<std::byte> host_;
};

}  // namespace

void balance(const general_batch& b, const cuda_queue& queue) {
  const unsigned threads = b.n <= most_schur_n ? 128 : 1024;
  launch(queue, static_cast<unsigned>(std::min(b.count, most_blocks)), threads, threads * team::room_bytes, balance_kernel, b);
}

void find_vectors_by_library(const general_batch& b, bool real, const cuda_queue& queue) {
  const dense_libraries by(queue);
  library_vectors vectors(by, b.n, real ? CUDA_R_64F : CUDA_C_64F, queue);
  std::vector<std::int64_t> all(static_cast<std::size_t>(b.count));
  for (std::size_t m = 0; m < all.size(); ++m) all[m] = static_cast<std::int64_t>(m);
  const std::vector<int> states = rows_to_host(queue, b.state, 1, all);
  for (const std::int64_t m : all) {
    if (states[static_cast<std::size_t>(m)] != at_work) continue;
    const std::int64_t at = m * b.size();
    complex_number *x = b.x + at, *values = b.values + m * b.n, *used_up = b.work[0] + at;
    bool found = false;
    if (real) {
      auto* const some = reinterpret_cast<double*>(b.work[1] + at);
      auto* const pairs = reinterpret_cast<double*>(b.work[2] + at);
      for_each_index(queue, b.size(), take_real_parts{b.a + at, reinterpret_cast<double*>(used_up)});
      found = vectors.find(used_up, pairs, some);
      for_each_index(queue, b.size(), expand_vectors{pairs, some, values, x, b.n});
    } else {
      check(cudaMemcpyAsync(used_up, b.a + at, static_cast<std::size_t>(b.size()) * sizeof(complex_number),
                            cudaMemcpyDeviceToDevice, stream_of(queue)),
            "cudaMemcpyAsync");
      found = vectors.find(used_up, values, x);
    }
    check(cudaMemcpyAsync(used_up, x, static_cast<std::size_t>(b.size()) * sizeof(complex_number), cudaMemcpyDeviceToDevice,
                          stream_of(queue)),
          "cudaMemcpyAsync");
    if (found && vectors.invert(used_up, b.y + at)) continue;
    const int left = left_matrix;
    check(cudaMemcpyAsync(b.state + m, &left, sizeof(int), cudaMemcpyHostToDevice, stream_of(queue)), "cudaMemcpyAsync");
    check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
  }
}

void multiply_batch(const dense_libraries& by, const general_batch& b, const complex_number* left,
                    const complex_number* right, bool adjoint, complex_number* to) {
  const cuDoubleComplex one{1, 0}, zero{0, 0};
  const auto pointer = [](const complex_number* p) { return reinterpret_cast<const cuDoubleComplex*>(p); };
  check(cublasZgemmStridedBatched(by.blas(), CUBLAS_OP_N, adjoint ? CUBLAS_OP_C : CUBLAS_OP_N, b.n, b.n, b.n, &one,
                                  pointer(left), b.n, b.size(), pointer(right), b.n, b.size(), &zero,
                                  reinterpret_cast<cuDoubleComplex*>(to), b.n, b.size(), static_cast<int>(b.count)),
        "cublasZgemmStridedBatched");
}

}  // namespace halfulp::kernels::cuda
