#include <halfulp/kernels/linalg/settle_eigenvalues.hpp>

#include <algorithm>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/linalg/block_eigenvalues.cuh>
#include <halfulp/kernels/linalg/dense_eigenvalues.cuh>
#include <halfulp/kernels/linalg/solver_workspace.cuh>

namespace halfulp::kernels::cuda {
namespace {

int shared_memory_limit() {
  int device = 0, bytes = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), "cudaDeviceGetAttribute");
  return bytes - 1024;  // room for what the kernel has besides
}

/// As many blocks as run at once, each of which takes its share of the matrices.
template <class T, int Threads, int Blocks, int Most>
void launch_blocks(const hermitian_batch<T>& b, const cuda_queue& queue) {
  const auto values = static_cast<int>(b.a.shape.n);
  block_memory memory{values * dense_work<T>::parts, values, true, nullptr};
  const int most = shared_memory_limit();
  memory.a_in_shared = memory.shared_bytes(Threads) <= static_cast<std::size_t>(most);
  const std::size_t bytes = memory.shared_bytes(Threads);
  check(
      cudaFuncSetAttribute(settle_blocks<T, Threads, Blocks, Most>, cudaFuncAttributeMaxDynamicSharedMemorySize, most),
      "cudaFuncSetAttribute");
  int each = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, settle_blocks<T, Threads, Blocks, Most>, Threads, bytes),
        "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
  const auto blocks = std::min<std::int64_t>(b.a.shape.matrices, std::max(each, 1) * multiprocessors());
  const workspace global(queue, static_cast<std::size_t>(blocks) * memory.global_doubles() * sizeof(double));
  memory.global = global.at<double>();
  launch(queue, static_cast<unsigned>(blocks), Threads, bytes, settle_blocks<T, Threads, Blocks, Most>, b, memory);
}

template <class T>
constexpr cudaDataType solver_type = is_complex<T> ? CUDA_C_64F : CUDA_R_64F;

/// cuSOLVER's divide and conquer: approximate eigenvectors replace v, by ascending eigenvalue.
template <class T>
class dense_solver {
 public:
  dense_solver(const dense_libraries& by, const dense_work<T>& w, const cuda_queue& queue) : by_(by), queue_(queue) {
    std::size_t on_host = 0;
    check(cusolverDnXsyevd_bufferSize(by.solver(), parameters_.get(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER,
                                      w.n, solver_type<T>, w.v, w.n, CUDA_R_64F, w.values, solver_type<T>, &bytes_,
                                      &on_host),
          "cusolverDnXsyevd_bufferSize");
    host_.resize(on_host);
  }

  void solve(const dense_work<T>& w) {
    const solver_workspace memory(queue_, bytes_);
    check(cusolverDnXsyevd(by_.solver(), parameters_.get(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, w.n,
                           solver_type<T>, w.v, w.n, CUDA_R_64F, w.values, solver_type<T>, memory.at<void>(), bytes_,
                           host_.data(), host_.size(), &w.state->info),
          "cusolverDnXsyevd");
  }

 private:
  const dense_libraries& by_;
  const cuda_queue& queue_;
  solver_parameters parameters_;
  std::size_t bytes_ = 0;
  std::vector<std::byte> host_;
};

/// c = op(a) b of n x n numbers.
template <class T>
void multiply(const dense_libraries& by, bool adjoint, int n, const double* a, const double* b, double* c) {
  using E = std::conditional_t<is_complex<T>, std::complex<double>, double>;
  const auto entries = [](const double* p) { return reinterpret_cast<const E*>(p); };
  multiply(by, adjoint, n, n, n, entries(a), n, entries(b), n, reinterpret_cast<E*>(c), n);
}

/// ||A||, ||V|| and ||V^H V - I||, and for formats of 24 bits ||A V|| and ||A V - V L||.
template <class T>
void measure(const dense_libraries& by, const dense_work<T>& w, const cuda_queue& queue) {
  constexpr int parts = dense_work<T>::parts;
  const std::int64_t numbers = std::int64_t{w.n} * w.n * parts;
  add_up(queue, numbers, square_of{w.a}, &w.state->a_squares);
  add_up(queue, numbers, square_of{w.v}, &w.state->v_squares);
  if constexpr (dense_work<T>::narrow_format) {
    multiply<T>(by, false, w.n, w.a, w.v, w.product);
    add_up(queue, numbers, square_of{w.product}, &w.state->product_squares);
    add_up(queue, numbers, residual_square<T>{w}, &w.state->r_squares);
  }
  multiply<T>(by, true, w.n, w.v, w.v, w.product);
  add_up(queue, numbers, orthogonality_square<parts>{w.product, w.n}, &w.state->f_squares);
}

template <class T>
void settle_listed(const dense_work<T>& w, const cuda_queue& queue) {
  check(cudaMemsetAsync(w.sums, 0, 3 * static_cast<std::size_t>(w.n) * sizeof(double), stream_of(queue)),
        "cudaMemsetAsync");
  const auto tiles = [&](int size) { return static_cast<unsigned>((w.n + size - 1) / size); };
  const residual_work r{w.n, w.a, w.v, w.values, w.columns, &w.state->listed, w.sums};
  launch(queue, dim3(tiles(residual_tile::rows), tiles(residual_tile::columns)), residual_tile::threads, 0,
         compute_residuals<dense_work<T>::parts>, r);
  if constexpr (!dense_work<T>::narrow_format) add_up(queue, w.n, sum_of_residuals{w.sums}, &w.state->r_squares);
  for_each_index(queue, w.n, decide_separate<T>{w});
}

template <class T>
void settle_dense(const dense_libraries& by, dense_solver<T>& solver, const dense_work<T>& w, const cuda_queue& queue) {
  check(cudaMemsetAsync(w.state, 0, sizeof(dense_state), stream_of(queue)), "cudaMemsetAsync");
  const std::int64_t entries = std::int64_t{w.n} * w.n;
  for_each_index(queue, entries, find_largest<T>{w});
  for_each_index(queue, entries, fill_dense<T>{w});
  solver.solve(w);
  for_each_index(queue, w.n, check_order<T>{w});
  measure(by, w, queue);
  if constexpr (dense_work<T>::narrow_format)
    for_each_index(queue, w.n, decide_normwise<T>{w});
  else
    for_each_index(queue, w.n, list_all{w.columns, &w.state->listed, w.n});
  settle_listed(w, queue);
  for_each_index(queue, w.n, report_dense<T>{w});
}

/// One matrix after the other, each by all of the device.
template <class T>
void launch_dense(const hermitian_batch<T>& b, const cuda_queue& queue) {
  const dense_libraries by(queue);
  const auto n = static_cast<std::size_t>(b.a.shape.n), square = n * n * dense_work<T>::parts;
  const workspace numbers(queue, (3 * square + 4 * n) * sizeof(double) + n * sizeof(int)),
      state(queue, sizeof(dense_state));
  double* const values = numbers.at<double>() + 3 * square;
  dense_work<T> w{b,
                  0,
                  static_cast<int>(n),
                  numbers.at<double>(),
                  numbers.at<double>() + square,
                  numbers.at<double>() + 2 * square,
                  values,
                  values + n,
                  reinterpret_cast<int*>(values + 4 * n),
                  state.at<dense_state>()};
  dense_solver<T> solver(by, w, queue);
  for (w.m = 0; w.m < b.a.shape.matrices; ++w.m) settle_dense(by, solver, w, queue);
  check(cudaStreamSynchronize(stream_of(queue)),
        "cudaStreamSynchronize");  // before host memory and handles are given back
}

/// Whether the whole device is the better way for each matrix of n x n real numbers; measured on an H200.
template <class T>
bool prefers_dense(std::int64_t n, std::int64_t matrices) {
  if (n > linalg::most_team_n) return true;
  if (n > 256) return matrices <= (dense_work<T>::narrow_format ? 4 : 24);
  return dense_work<T>::narrow_format ? n > 160 && matrices <= 2 : n > 96 && matrices <= (n > 160 ? 4 : 1);
}

template <class T>
void settle(const hermitian_batch<T>& b, const cuda_queue& queue) {
  const std::int64_t n = b.a.shape.n * (is_complex<T> ? 2 : 1);
  if (prefers_dense<T>(n, b.a.shape.matrices))
    launch_dense(b, queue);
  else if (n <= 32)
    launch_blocks<T, 64, 12, 32>(b, queue);
  else if (n <= 64)
    launch_blocks<T, 128, 4, 64>(b, queue);
  else if (n <= 256)
    launch_blocks<T, 512, 1, 256>(b, queue);
  else
    launch_blocks<T, 512, 1, linalg::most_team_n>(b, queue);
}

}  // namespace

template <class T>
std::vector<left_matrix> settle_eigenvalues(const op::eigvalsh::args<T>& a, component_t<T>* w,
                                            const cuda_queue& queue) {
  std::vector<left_matrix> all;
  if (a.shape.matrices == 0) return all;
  const workspace memory(queue, left_list_bytes(a.shape.matrices));
  const left_list left = empty_list(queue, memory.at<void>());
  settle(hermitian_batch<T>{a, w, left, queue.decided}, queue);
  for (const std::int64_t p : read(queue, left)) all.push_back(unpacked(p));
  return all;
}

#define HALFULP_SETTLE(T)                                                                             \
  template std::vector<left_matrix> settle_eigenvalues(const op::eigvalsh::args<T>&, component_t<T>*, \
                                                       const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_SETTLE)
HALFULP_SETTLE(std::complex<float>)
HALFULP_SETTLE(std::complex<double>)
#undef HALFULP_SETTLE

}  // namespace halfulp::kernels::cuda
