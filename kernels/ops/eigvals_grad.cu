#include <halfulp/oracle/ops/eigvals_grad.hpp>

#include <algorithm>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/linalg/device_discs.cuh>
#include <halfulp/kernels/linalg/gradient_outcome.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// conj(dw) of the eigenvalue beside the k-th vector, which stands in the order of the spec among the rounded ones. A matrix with
/// equal roundings, whose weights are shared, fails.
template <class P>
struct order_weights {
  general_batch b;
  disc_bounds d;
  const P* rounded;
  const std::complex<P>* dw;
  complex_number* weights;

  __device__ void operator()(std::int64_t k, int lane) const {
    const std::int64_t m = k / b.n;
    if (b.state[m] != at_work || d.failed[m] != 0) return;
    const auto mine = static_cast<int>(k % b.n);
    const std::complex<P> z = value(m, mine);
    int before = 0;
    bool equal = false;
    for (int j = lane; j < b.n; j += lanes_of_warp) {
      const std::complex<P> w = value(m, j);
      if (op::eigvals::precedes<P>(w, z)) ++before;
      equal = equal || (j != mine && w.real() == z.real() && w.imag() == z.imag());
    }
    before = __reduce_add_sync(all_lanes, before);
    equal = __any_sync(all_lanes, equal) != 0;
    if (lane != 0) return;
    if (equal) {
      d.failed[m] = 1;
      return;
    }
    const std::complex<P> w = dw[m * b.n + before];
    weights[k] = {widen(w.real()), -widen(w.imag())};
  }
  __device__ std::complex<P> value(std::int64_t m, int k) const {
    return {rounded[2 * (m * b.n + k)], rounded[2 * (m * b.n + k) + 1]};
  }
};

/// Weights are divided by a power of two; matrices are left or undefined where they, or these, ask for it.
template <class P>
struct scale_weights {
  general_batch b;
  disc_bounds d;
  const std::complex<P>* dw;
  complex_number* weights;
  int* exponents;

  __device__ void operator()(std::int64_t m) const {
    double heaviest = 0;
    for (int k = 0; k < b.n; ++k) {
      const std::complex<P> w = dw[m * b.n + k];
      for (const P part : {w.real(), w.imag()}) {
        const double most = fabs(widen(part));
        heaviest = fmax(heaviest, most < INFINITY ? most : INFINITY);
      }
    }
    if (!(heaviest < INFINITY)) b.state[m] = undefined_matrix;
    if (b.state[m] == at_work && (d.failed[m] != 0 || heaviest == 0)) b.state[m] = unsettled_matrix;
    if (b.state[m] != at_work) return;
    const int e = exponents[m] = ilogb(heaviest);
    for (int k = 0; k < b.n; ++k) {
      complex_number& w = weights[m * b.n + k];
      w = {ldexp(w.re, -e), ldexp(w.im, -e)};
    }
  }
};

/// f(A)_ij = 2^(scale_i - scale_j) f(B)_ij, and dx is the conjugate transpose of that, its real part for real matrices.
template <class T>
struct take_general {
  static constexpr int parts = is_complex<T> ? 2 : 1;
  gradient_outcome<component_t<T>, parts> g;
  const int* scale;
  __device__ void operator()(std::int64_t m, int i, int j, int part, double_double value, double radius) const {
    if (part >= parts) return;
    const double sign = part == 1 ? -1 : 1;
    g.take(m, j, i, part, {sign * value.hi, sign * value.lo}, radius,
           g.shift[m] + scale[m * g.n + i] - scale[m * g.n + j]);
  }
};

/// The matrices of a call, as many at a time as memory is meant to hold.
template <class T>
class general_gradients {
 public:
  using P = op::eigvals::part_t<T>;
  using R = component_t<T>;

  general_gradients(const op::eigvals_grad::args<T>& a, T* dx, const cuda_queue& queue)
      : a_(a), dx_(dx), queue_(queue), n_(a.shape.forward.n) {}

  void settle() const {
    constexpr std::int64_t most_bytes = std::int64_t{1} << 30, most_matrices = 65535;
    const std::int64_t all = a_.shape.forward.matrices,
                       most = std::clamp<std::int64_t>(most_bytes / (matrices * n_ * n_ * 16), 1,
                                                       std::min(all, most_matrices));
    for (std::int64_t first = 0; first < all; first += most) settle_some(first, std::min(most, all - first));
  }

 private:
  static constexpr std::int64_t matrices = 7;  // n x n, of each matrix
  static constexpr int parts = is_complex<T> ? 2 : 1;

  void settle_some(std::int64_t first, std::int64_t count) const {
    const std::int64_t square = count * n_ * n_, row = count * n_;
    const auto bytes = [](std::int64_t number, std::size_t each) { return static_cast<std::size_t>(number) * each; };
    const std::size_t numbers = bytes(matrices * square + 2 * row, sizeof(complex_number)),
                      rows = numbers + disc_bounds::bytes(n_, count),
                      rounded = rows + bytes(4 * row + count, sizeof(double)),
                      ints = rounded + bytes(2 * row, sizeof(P));
    const workspace memory(queue_, ints + bytes(4 * count + row, sizeof(int)));
    auto* const z = memory.at<complex_number>();
    auto* const row_numbers = memory.at<double>(rows);
    auto* const values = memory.at<P>(rounded);
    int *const state = memory.at<int>(ints), *const failed = state + count, *const exponents = failed + count;
    const general_batch b{z,
                          z + square,
                          z + 2 * square,
                          z + matrices * square,
                          {z + 3 * square, z + 4 * square, z + 5 * square},
                          state,
                          exponents + count,
                          exponents + 2 * count,
                          static_cast<int>(n_),
                          count};
    const disc_bounds d(memory.at<double>(numbers), n_, count);
    complex_number* const weights = b.values + row;
    double* const discs = row_numbers + 3 * row;
    const function_batch<complex_number> f{b.a,
                                           b.values,
                                           b.x,
                                           b.y,
                                           weights,
                                           discs,
                                           b.work[0],
                                           b.work[1],
                                           b.work[2],
                                           z + 6 * square,
                                           row_numbers,
                                           row_numbers + row,
                                           row_numbers + 2 * row,
                                           row_numbers + 4 * row,
                                           b.state,
                                           b.n,
                                           b.count};
    check(cudaMemsetAsync(failed, 0, bytes(count, sizeof(int)), stream_of(queue_)), "cudaMemsetAsync");
    load_general<T>(a_.forward, first, b, queue_);
    find_vectors(b);
    const auto* const dw = a_.dw.data() + first * n_;
    const dense_libraries by(queue_);
    find_discs(by, b, d, true, queue_);
    for_each_warp(queue_, row, decide_eigenvalue<P>{b, d, !is_complex<T>, values, discs});
    for_each_warp(queue_, row, order_weights<P>{b, d, values, dw, weights});
    for_each_index(queue_, count, scale_weights<P>{b, d, dw, weights, exponents});
    find_function(by, f, format_of<R>.precision > 24, queue_);
    const gradient_outcome<R, parts> g{
        reinterpret_cast<R*>(dx_ + first * n_ * n_), exponents, state, failed, b.n, count};
    round_function(f, false, take_general<T>{g, b.scale}, queue_);
    for_each_index(queue_, square * parts, settle_gradient<R, parts>{g, 0, queue_.decided});
    if (const auto left = left_of(g, queue_); !left.empty()) settle_on_host(first, left);
  }

  void find_vectors(const general_batch& b) const {
    constexpr std::int64_t few = 2;  // that the library takes sooner one after the other
    if (n_ <= most_schur_n && (n_ <= most_schur_n_in_shared || b.count > few))
      find_vectors_by_blocks(b, queue_);
    else
      find_vectors_by_library(b, !is_complex<T>, library_precision::binary64, queue_);
  }

  void settle_on_host(std::int64_t first, const std::vector<std::int64_t>& left) const {
    settle_gradients_on_host<op::eigvals_grad, T>(
        left, a_.dw.data() + first * n_, a_.forward.x.data() + first * n_ * n_, dx_ + first * n_ * n_, n_, queue_,
        [&](std::span<const std::complex<P>> dw, std::span<const T> x, std::int64_t count) {
          run m(op::eigvals_grad::name);
          const std::int64_t shape_of_x[3] = {count, n_, n_}, shape_of_dw[2] = {count, n_};
          const auto g = op::eigvals_grad::geometry<run>::of(m, shape<run>::of(m, "dw", shape_of_dw, 2),
                                                             shape<run>::of(m, "x", shape_of_x, 3));
          return op::eigvals_grad::args<T>{dw, {x, g.forward}, g};
        });
  }

  const op::eigvals_grad::args<T>& a_;
  T* dx_;
  const cuda_queue& queue_;
  std::int64_t n_;
};

}  // namespace
}  // namespace cuda

#define HALFULP_COMPUTE(T)                                                                                        \
  template <>                                                                                                     \
  void compute_on_cuda<op::eigvals_grad, T>(const op::eigvals_grad::args<T>& a, std::span<const tensor_view> out, \
                                            const cuda_queue& q) {                                                \
    if (a.shape.forward.n == 0 || a.shape.forward.matrices == 0) return;                                          \
    cuda::general_gradients<T>(a, static_cast<T*>(out[0].data), q).settle();                                      \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
HALFULP_COMPUTE(std::complex<float>)
HALFULP_COMPUTE(std::complex<double>)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
