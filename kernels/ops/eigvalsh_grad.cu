#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include <halfulp/kernels/linalg/gradient_outcome.cuh>
#include <halfulp/kernels/linalg/hermitian_vectors.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// Component (i, j) and its mirror image.
template <class T>
struct take_hermitian {
  gradient_outcome<component_t<T>, parts_of_element<T>> g;
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

/// The matrices of a call, some at a time.
template <class T>
class hermitian_gradients {
 public:
  using E = number_for<T>;
  using R = component_t<T>;
  static constexpr std::int64_t matrices = 7, bytes_of_entry = matrices * sizeof(E);  // n x n, of each matrix

  hermitian_gradients(const op::eigvalsh_grad::args<T>& a, void* dx, const cuda_queue& queue)
      : a_(a), dx_(static_cast<R*>(dx)), queue_(queue), n_(a.shape.forward.n) {}

  void settle(std::int64_t first, std::int64_t count) const {
    const std::int64_t square = count * n_ * n_, row = count * n_;
    const auto bytes = [](std::int64_t number, std::size_t each) { return static_cast<std::size_t>(number) * each; };
    const std::size_t doubles = bytes(matrices * square + 2 * row, sizeof(E)),
                      ints = doubles + bytes(4 * row + count, sizeof(double));
    const workspace memory(queue_, ints + bytes(4 * count, sizeof(int)));
    E* const e = memory.at<E>();
    double* const d = memory.at<double>(doubles);
    int *const state = memory.at<int>(ints), *const failed = state + count, *const shift = failed + count,
               *const info = shift + count;
    E *const b = e, *const values = e + matrices * square, *const weights = values + row;
    double* const solved = d + 3 * row;
    const function_batch<E> f{.b = b,
                              .values = values,
                              .x = e + square,
                              .y = e + 2 * square,
                              .weights = weights,
                              .discs = nullptr,
                              .r = e + 3 * square,
                              .s = e + 4 * square,
                              .t = e + 5 * square,
                              .w = e + 6 * square,
                              .x_rows = d,
                              .y_columns = d + row,
                              .z_rows = d + 2 * row,
                              .bound = d + 4 * row,
                              .state = state,
                              .n = static_cast<int>(n_),
                              .count = count};
    check(cudaMemsetAsync(failed, 0, bytes(count, sizeof(int)), stream_of(queue_)), "cudaMemsetAsync");
    // R and S, which cuBLAS multiplies, of matrices that are not at work, too
    check(cudaMemsetAsync(f.r, 0, bytes(2 * square, sizeof(E)), stream_of(queue_)), "cudaMemsetAsync");
    launch(queue_, static_cast<unsigned>(std::min(count, most_blocks)), threads_per_block,
           threads_per_block * team::room_bytes, for_each_matrix_kernel<load_hermitian<T>>, count,
           load_hermitian<T>{a_.forward, a_.dw.data(), first, b, f.x, weights, state, shift});
    const dense_libraries by(queue_);
    find_vectors<T>(by, f.n, count, f.x, solved, info, queue_);
    for_each_index(queue_, square, take_vectors<E>{f.x, f.y, values, solved, info, state, f.n});
    const gradient_outcome<R, parts> g{dx_ + first * n_ * n_ * parts, shift, state, failed, f.n, count};
    finish_gradients<op::eigvalsh_grad, T>(
        a_, first, by, f, g, take_hermitian<T>{g}, true, is_complex<T> ? n_ : 0, queue_,
        [&](std::span<const R> dw, std::span<const T> x, std::int64_t left) {
          run m(op::eigvalsh_grad::name);
          const std::int64_t shape_of_x[3] = {left, n_, n_}, shape_of_dw[2] = {left, n_};
          const auto uplo = a_.forward.lower ? op::eigvalsh::triangle::lower : op::eigvalsh::triangle::upper;
          const auto shape_left = op::eigvalsh_grad::geometry<run>::of(m, shape<run>::of(m, "dw", shape_of_dw, 2),
                                                                       shape<run>::of(m, "x", shape_of_x, 3), uplo);
          return op::eigvalsh_grad::args<T>{dw, {x, a_.forward.lower, shape_left.forward}, shape_left};
        });
  }

 private:
  static constexpr int parts = parts_of_element<T>;

  const op::eigvalsh_grad::args<T>& a_;
  R* dx_;
  const cuda_queue& queue_;
  std::int64_t n_;
};

template <class T>
void settle(const op::eigvalsh_grad::args<T>& a, void* dx, const cuda_queue& queue) {
  settle_gradients<hermitian_gradients<T>>(a, dx, queue);
}

}  // namespace
}  // namespace cuda

HALFULP_MATRIX_OP(eigvalsh_grad)

}  // namespace halfulp::kernels
