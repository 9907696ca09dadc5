#include <halfulp/oracle/ops/eigvals_grad.hpp>

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

/// The matrices of a call, some at a time.
template <class T>
class general_gradients {
 public:
  using P = op::eigvals::part_t<T>;
  using R = component_t<T>;
  static constexpr std::int64_t matrices = 7,
                                bytes_of_entry = matrices * sizeof(complex_number);  // n x n, of each matrix

  general_gradients(const op::eigvals_grad::args<T>& a, void* dx, const cuda_queue& queue)
      : a_(a), dx_(static_cast<R*>(dx)), queue_(queue), n_(a.shape.forward.n) {}

  void settle(std::int64_t first, std::int64_t count) const {
    const std::int64_t square = count * n_ * n_, row = count * n_;
    const auto bytes = [](std::int64_t number, std::size_t each) { return static_cast<std::size_t>(number) * each; };
    const std::size_t numbers = bytes(matrices * square + 2 * row, sizeof(complex_number)),
                      rows = numbers + disc_bounds::bytes(n_, count),
                      rounded = rows + bytes(4 * row + count, sizeof(double)),
                      ints = rounded + bytes(2 * row, sizeof(P));
    const workspace memory(queue_, ints + bytes(4 * count + row, sizeof(int)));
    auto* const z = memory.at<complex_number>();
    auto* const d = memory.at<double>(rows);
    auto* const values = memory.at<P>(rounded);
    int *const state = memory.at<int>(ints), *const failed = state + count, *const exponents = failed + count;
    const general_batch b{.a = z,
                          .x = z + square,
                          .y = z + 2 * square,
                          .values = z + matrices * square,
                          .work = {z + 3 * square, z + 4 * square, z + 5 * square},
                          .state = state,
                          .shift = exponents + count,
                          .scale = exponents + 2 * count,
                          .n = static_cast<int>(n_),
                          .count = count};
    const disc_bounds discs(memory.at<double>(numbers), n_, count);
    complex_number* const weights = b.values + row;
    const function_batch<complex_number> f{.b = b.a,
                                           .values = b.values,
                                           .x = b.x,
                                           .y = b.y,
                                           .weights = weights,
                                           .discs = d + 3 * row,
                                           .r = b.work[0],
                                           .s = b.work[1],
                                           .t = b.work[2],
                                           .w = z + 6 * square,
                                           .x_rows = d,
                                           .y_columns = d + row,
                                           .z_rows = d + 2 * row,
                                           .bound = d + 4 * row,
                                           .state = b.state,
                                           .n = b.n,
                                           .count = b.count};
    check(cudaMemsetAsync(failed, 0, bytes(count, sizeof(int)), stream_of(queue_)), "cudaMemsetAsync");
    load_general<T>(a_.forward, first, b, queue_);
    find_vectors(b);
    const auto* const dw = a_.dw.data() + first * n_;
    const dense_libraries by(queue_);
    find_discs(by, b, discs, true, queue_);
    for_each_warp(queue_, row, decide_eigenvalue<P>{b, discs, !is_complex<T>, values, d + 3 * row});
    for_each_warp(queue_, row, order_weights<P>{b, discs, values, dw, weights});
    for_each_index(queue_, count, scale_weights<P>{b, discs, dw, weights, exponents});
    const gradient_outcome<R, parts> g{dx_ + first * n_ * n_ * parts, exponents, state, failed, b.n, count};
    finish_gradients<op::eigvals_grad, T>(
        a_, first, by, f, g, take_general<T>{g, b.scale}, false, 0, queue_,
        [&](std::span<const std::complex<P>> dw_left, std::span<const T> x, std::int64_t left) {
          run m(op::eigvals_grad::name);
          const std::int64_t shape_of_x[3] = {left, n_, n_}, shape_of_dw[2] = {left, n_};
          const auto shape_left = op::eigvals_grad::geometry<run>::of(m, shape<run>::of(m, "dw", shape_of_dw, 2),
                                                                      shape<run>::of(m, "x", shape_of_x, 3));
          return op::eigvals_grad::args<T>{dw_left, {x, shape_left.forward}, shape_left};
        });
  }

 private:
  static constexpr int parts = is_complex<T> ? 2 : 1;

  void find_vectors(const general_batch& b) const {
    constexpr std::int64_t few = 2;  // that the library takes sooner one after the other
    if (n_ <= most_schur_n && (n_ <= most_schur_n_in_shared || b.count > few))
      find_vectors_by_blocks(b, queue_);
    else
      find_vectors_by_library(b, !is_complex<T>, library_precision::binary64, queue_);
  }

  const op::eigvals_grad::args<T>& a_;
  R* dx_;
  const cuda_queue& queue_;
  std::int64_t n_;
};

template <class T>
void settle(const op::eigvals_grad::args<T>& a, void* dx, const cuda_queue& queue) {
  settle_gradients<general_gradients<T>>(a, dx, queue);
}

}  // namespace
}  // namespace cuda

HALFULP_MATRIX_OP(eigvals_grad)

}  // namespace halfulp::kernels
