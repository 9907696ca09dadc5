#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include <algorithm>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/linalg/gradient_outcome.cuh>
#include <halfulp/kernels/linalg/hermitian_batch.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

template <class T>
inline constexpr int parts_of = is_complex<T> ? 2 : 1;
template <class T>
using number_for = typename number_of_parts<parts_of<T>>::type;

__device__ void assign(double& to, double re, double) {
  to = re;
}
__device__ void assign(complex_number& to, double re, double im) {
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

/// Component (i, j) and its mirror image.
template <class T>
struct take_hermitian {
  gradient_outcome<component_t<T>, parts_of<T>> g;
  __device__ void operator()(std::int64_t m, int i, int j, int part, double_double value, double radius) const {
    const int shift = g.shift[m];
    if (i == j && part == 1) {
      g.component(m, i, i, 1) = zero_of<component_t<T>>();
      return;
    }
    g.take(m, i, j, part, value, radius, shift);
    if (i == j) return;
    const double sign = part == 1 ? -1 : 1;
    g.take(m, j, i, part, {sign * value.hi, sign * value.lo}, radius, shift);
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
  const workspace memory(queue, on_device);
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

/// The matrices of a call, as many at a time as memory is meant to hold.
template <class T>
class hermitian_gradients {
 public:
  using E = number_for<T>;
  using R = component_t<T>;

  hermitian_gradients(const op::eigvalsh_grad::args<T>& a, T* dx, const cuda_queue& queue)
      : a_(a), dx_(dx), queue_(queue), n_(a.shape.forward.n) {}

  void settle() const {
    constexpr std::int64_t most_bytes = std::int64_t{1} << 30, most_matrices = 65535, whole = a_number * matrices;
    const std::int64_t all = a_.shape.forward.matrices,
                       most = std::clamp<std::int64_t>(most_bytes / (whole * n_ * n_), 1, std::min(all, most_matrices));
    for (std::int64_t first = 0; first < all; first += most) settle_some(first, std::min(most, all - first));
  }

 private:
  static constexpr std::int64_t matrices = 7, a_number = sizeof(E);  // n x n, of each matrix

  void settle_some(std::int64_t first, std::int64_t count) const {
    const std::int64_t square = count * n_ * n_, row = count * n_;
    const auto bytes = [](std::int64_t number, std::size_t each) { return static_cast<std::size_t>(number) * each; };
    const std::size_t doubles = bytes(matrices * square + 2 * row, sizeof(E)),
                      ints = doubles + bytes(4 * row + count, sizeof(double));
    const workspace memory(queue_, ints + bytes(4 * count, sizeof(int)));
    E* const e = memory.at<E>();
    double* const d = memory.at<double>(doubles);
    int *const state = memory.at<int>(ints), *const failed = state + count, *const shift = failed + count,
               *const info = shift + count;
    E *const b = e, *const x = e + square, *const y = e + 2 * square, *const values = e + matrices * square;
    const function_batch<E> f{b,
                              values,
                              x,
                              y,
                              values + row,
                              nullptr,
                              e + 3 * square,
                              e + 4 * square,
                              e + 5 * square,
                              e + 6 * square,
                              d,
                              d + row,
                              d + 2 * row,
                              d + 4 * row,
                              state,
                              static_cast<int>(n_),
                              count};
    double* const solved = d + 3 * row;
    check(cudaMemsetAsync(failed, 0, bytes(count, sizeof(int)), stream_of(queue_)), "cudaMemsetAsync");
    launch(queue_, static_cast<unsigned>(std::min(count, most_blocks)), threads_per_block,
           threads_per_block * team::room_bytes, for_each_matrix_kernel<load_hermitian<T>>, count,
           load_hermitian<T>{a_.forward, a_.dw.data(), first, b, x, values + row, state, shift});
    const dense_libraries by(queue_);
    find_vectors<T>(by, f.n, count, x, solved, info, queue_);
    for_each_index(queue_, square, take_vectors<E>{x, y, values, solved, info, state, f.n});
    find_function(by, f, format_of<R>.precision > 24, queue_);
    const gradient_outcome<R, parts_of<T>> g{
        reinterpret_cast<R*>(dx_ + first * n_ * n_), shift, state, failed, f.n, count};
    round_function(f, true, take_hermitian<T>{g}, queue_);
    for_each_index(queue_, square * parts_of<T>,
                   settle_gradient<R, parts_of<T>>{g, is_complex<T> ? n_ : 0, queue_.decided});
    if (const auto left = left_of(g, queue_); !left.empty()) settle_on_host(first, left);
  }

  void settle_on_host(std::int64_t first, const std::vector<std::int64_t>& left) const {
    settle_gradients_on_host<op::eigvalsh_grad, T>(
        left, a_.dw.data() + first * n_, a_.forward.x.data() + first * n_ * n_, dx_ + first * n_ * n_, n_, queue_,
        [&](std::span<const R> dw, std::span<const T> x, std::int64_t count) {
          run m(op::eigvalsh_grad::name);
          const std::int64_t shape_of_x[3] = {count, n_, n_}, shape_of_dw[2] = {count, n_};
          const auto uplo = a_.forward.lower ? op::eigvalsh::triangle::lower : op::eigvalsh::triangle::upper;
          const auto g = op::eigvalsh_grad::geometry<run>::of(m, shape<run>::of(m, "dw", shape_of_dw, 2),
                                                              shape<run>::of(m, "x", shape_of_x, 3), uplo);
          return op::eigvalsh_grad::args<T>{dw, {x, a_.forward.lower, g.forward}, g};
        });
  }

  const op::eigvalsh_grad::args<T>& a_;
  T* dx_;
  const cuda_queue& queue_;
  std::int64_t n_;
};

}  // namespace
}  // namespace cuda

#define HALFULP_COMPUTE(T)                                                                                          \
  template <>                                                                                                       \
  void compute_on_cuda<op::eigvalsh_grad, T>(const op::eigvalsh_grad::args<T>& a, std::span<const tensor_view> out, \
                                             const cuda_queue& q) {                                                 \
    if (a.shape.forward.n == 0 || a.shape.forward.matrices == 0) return;                                            \
    cuda::hermitian_gradients<T>(a, static_cast<T*>(out[0].data), q).settle();                                      \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
HALFULP_COMPUTE(std::complex<float>)
HALFULP_COMPUTE(std::complex<double>)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
