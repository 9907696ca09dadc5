// Approximate eigenvectors by cuSOLVER, and their refinement.
#include <halfulp/kernels/linalg/device_general.cuh>

#include <array>

#include <halfulp/kernels/core/host_rows.cuh>
#include <halfulp/kernels/linalg/solver_workspace.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// Entries in the precision R, their real parts alone where `real`.
template <class R>
struct convert_entries {
  const complex_number* from;
  R* to;
  bool real;
  __device__ void operator()(std::int64_t k) const {
    const complex_number z = from[k];
    to[real ? k : 2 * k] = static_cast<R>(z.re);
    if (!real) to[2 * k + 1] = static_cast<R>(z.im);
  }
};

/// What ?geev gives: of a complex matrix values and vectors; of a real one n real and n imaginary parts, and of a pair as two
/// columns the real and the imaginary part of the vector of +im, which comes first.
template <class R>
struct expand_vectors {
  const R *values, *vectors;
  complex_number *to_values, *x;
  bool real;
  int n;

  __device__ complex_number vector(std::int64_t k, double im) const {
    if (!real) return {vectors[2 * k], vectors[2 * k + 1]};
    if (im == 0) return {vectors[k], 0};
    return im > 0 ? complex_number{vectors[k], vectors[k + n]} : complex_number{vectors[k - n], -vectors[k]};
  }
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t j = k / n;
    const double im = values[real ? n + j : 2 * j + 1];
    if (k % n == 0) to_values[j] = {values[real ? j : 2 * j], im};
    x[k] = vector(k, im);
  }
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
      : by_(by), n_(n), type_(type), queue_(queue) {}

  bool find(void* a, void* values, void* vectors) {
    constexpr auto none = CUSOLVER_EIG_MODE_NOVECTOR, all = CUSOLVER_EIG_MODE_VECTOR;
    std::size_t on_device = 0, on_host = 0;
    check(cusolverDnXgeev_bufferSize(by_.solver(), parameters_.get(), none, all, n_, type_, a, n_, type_, values, type_,
                                     nullptr, n_, type_, vectors, n_, type_, &on_device, &on_host),
          "cusolverDnXgeev_bufferSize");
    constexpr std::size_t place = 256;  // of the workspace, behind the outcome
    const solver_workspace memory(queue_, place + on_device);
    host_.resize(on_host);
    int* const info = memory.at<int>();
    check(
        cusolverDnXgeev(by_.solver(), parameters_.get(), none, all, n_, type_, a, n_, type_, values, type_, nullptr, n_,
                        type_, vectors, n_, type_, memory.at<void>(place), on_device, host_.data(), on_host, info),
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
  solver_parameters parameters_;
  std::vector<std::byte> host_;
};

/// Values and vectors of matrix m, and the inverse of the vectors.
template <class R>
bool find_matrix(library_vectors& library, const general_batch& b, std::int64_t m, bool real, const cuda_queue& queue) {
  const std::int64_t at = m * b.size();
  complex_number* const x = b.x + at;
  R *const entries = reinterpret_cast<R*>(b.work[0] + at), *const vectors = reinterpret_cast<R*>(b.work[1] + at),
           *const values = reinterpret_cast<R*>(b.work[2] + at);
  for_each_index(queue, b.size(), convert_entries<R>{b.a + at, entries, real});
  if (!library.find(entries, values, vectors)) return false;
  for_each_index(queue, b.size(), expand_vectors<R>{values, vectors, b.values + m * b.n, x, real, b.n});
  check(cudaMemcpyAsync(b.work[0] + at, x, static_cast<std::size_t>(b.size()) * sizeof(complex_number),
                        cudaMemcpyDeviceToDevice, stream_of(queue)),
        "cudaMemcpyAsync");
  return library.invert(b.work[0] + at, b.y + at);
}

struct take_diagonal {
  general_batch b;
  __device__ void operator()(std::int64_t k) const {
    b.values[k] = b.work[1][k / b.n * b.size() + k % b.n * (b.n + 1)];
  }
};

/// F from G = Y B X in its place: f_ij = g_ij / (g_jj - g_ii), 0 on the diagonal and where that is no small number.
struct first_order {
  general_batch b;
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t m = k / b.size(), j = k % b.size() / b.n, i = k % b.n;
    const complex_number p = b.values[m * b.n + j], q = b.values[m * b.n + i], g = b.work[1][k];
    const complex_number apart{p.re - q.re, p.im - q.im};
    const complex_number f = multiply_add(g, reciprocal(apart), complex_number{});
    b.work[1][k] = i != j && magnitude(f) < 0.25 ? f : complex_number{};
  }
};

/// y += work[2] - work[0]
struct correct_inverse {
  general_batch b;
  __device__ void operator()(std::int64_t k) const {
    const complex_number y = b.y[k], once = b.work[0][k], twice = b.work[2][k];
    b.y[k] = {y.re - once.re + twice.re, y.im - once.im + twice.im};
  }
};

/// One step to first order, X (I + F) and (I - F + F^2) Y: the error of the vectors is about squared.
void refine_vectors(const dense_libraries& by, const general_batch& b, const cuda_queue& queue) {
  const std::int64_t size = b.count * b.size();
  complex_number *const w = b.work[0], *const f = b.work[1], *const f2 = b.work[2];
  multiply_batch(by, b, b.a, b.x, false, w);
  multiply_batch(by, b, b.y, w, false, f);
  for_each_index(queue, b.count * b.n, take_diagonal{b});
  for_each_index(queue, size, first_order{b});
  check(cudaMemcpyAsync(w, b.x, static_cast<std::size_t>(size) * sizeof(complex_number), cudaMemcpyDeviceToDevice,
                        stream_of(queue)),
        "cudaMemcpyAsync");
  multiply_batch(by, b, w, f, false, b.x, true);
  multiply_batch(by, b, f, b.y, false, w);
  multiply_batch(by, b, f, w, false, f2);
  for_each_index(queue, size, correct_inverse{b});
}

}  // namespace

void find_vectors_by_library(const general_batch& b, bool real, library_precision precision, const cuda_queue& queue) {
  constexpr int refinements = 3;
  const bool single = precision == library_precision::binary32_refined;
  const dense_libraries by(queue);
  library_vectors library(by, b.n, real ? (single ? CUDA_R_32F : CUDA_R_64F) : (single ? CUDA_C_32F : CUDA_C_64F),
                          queue);
  std::vector<std::int64_t> all(static_cast<std::size_t>(b.count));
  for (std::size_t m = 0; m < all.size(); ++m) all[m] = static_cast<std::int64_t>(m);
  std::vector<int> states = rows_to_host(queue, b.state, 1, all);
  for (const std::int64_t m : all) {
    int& state = states[static_cast<std::size_t>(m)];
    if (state != at_work) continue;
    const bool found =
        single ? find_matrix<float>(library, b, m, real, queue) : find_matrix<double>(library, b, m, real, queue);
    if (!found && !single) state = unsettled_matrix;
  }
  rows_to_device(queue, states.data(), b.state, 1, all);
  for (int k = 0; single && k < refinements; ++k) refine_vectors(by, b, queue);
}

}  // namespace halfulp::kernels::cuda
