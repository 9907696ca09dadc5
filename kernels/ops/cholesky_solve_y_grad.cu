#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include <halfulp/kernels/linalg/factor_gradient.cuh>
#include <halfulp/kernels/linalg/matrix_op.cuh>
#include <halfulp/kernels/linalg/solution_shape.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// Both solutions of every column, a block each.
template <class T, class E>
__global__ void __launch_bounds__(most_team_threads)
    find_pairs(op::cholesky_solve::geometry<run> shape, const component_t<T>* x, const component_t<T>* dout,
               factor_batch<E> f, solution_bounds bounds, solution_pairs<E> to, std::byte* vectors) {
  extern __shared__ __align__(16) unsigned char shared[];
  constexpr int parts = parts_of_number<E>;
  const team t(1, shared);
  const auto v = vectors_of_team<E>(vectors, blockIdx.x, shared, f.n);
  run m(op::cholesky_solve::name);
  for (std::int64_t work = blockIdx.x; work < shape.matrices * shape.k * 2; work += gridDim.x) {
    const int side = static_cast<int>(work % 2);
    const std::int64_t column = work / 2 % shape.k, matrix = work / 2 / shape.k;
    const auto from = shape.source(m, {matrix, {}});
    const inverted_factor<E> factor{f.factor(from.y.v), f.inverse(from.y.v), f.n, f.state[from.y.v]};
    const component_t<T>* const b =
        (side == 0 ? x + from.x.v * f.n * shape.k * parts : dout + matrix * f.n * shape.k * parts) + column * parts;
    paired_column<T>(t, factor, b, to, matrix, to.at(matrix, column, side)).settle(bounds, v);
    t.meet();
  }
}

/// One call.
template <class T>
class factor_gradients {
 public:
  using R = component_t<T>;
  static constexpr int parts = is_complex<T> ? 2 : 1;
  using E = typename number_of_parts<parts>::type;

  factor_gradients(const op::cholesky_solve_y_grad::args<T>& a, T* dy, const cuda_queue& queue)
      : a_(a), shape_(a.shape.forward), dy_(dy), queue_(queue), n_(shape_.n), factors_(shape_.y.numel / (n_ * n_)) {
    run m(op::cholesky_solve::name);
    std::vector<std::vector<std::int64_t>> all(static_cast<std::size_t>(factors_));
    for (std::int64_t k = 0; k < shape_.matrices; ++k)
      all[static_cast<std::size_t>(shape_.source(m, {k, {}}).y.v)].push_back(k);
    for (const auto& of_factor : all) {
      first_.push_back(static_cast<std::int64_t>(uses_.size()));
      uses_.insert(uses_.end(), of_factor.begin(), of_factor.end());
    }
    first_.push_back(static_cast<std::int64_t>(uses_.size()));
  }

  void settle() {
    const std::int64_t columns = shape_.matrices * shape_.k * 2, numbers = columns * n_;
    const team_shape teams = shape_of_teams<E>(n_, columns, 1);
    std::size_t bytes = 0;
    const auto place = [&](std::int64_t count, std::size_t each) {
      const std::size_t at = bytes;
      bytes += (static_cast<std::size_t>(count) * each + 15) / 16 * 16;
      return at;
    };
    const std::size_t solutions = place(4 * numbers, sizeof(E)), factors = place(2 * factors_ * n_ * n_, sizeof(E)),
                      vectors = place(teams.teams, teams.vector_bytes), radii = place(2 * numbers, sizeof(double)),
                      first = place(factors_ + 1, sizeof(std::int64_t)),
                      uses = place(shape_.matrices, sizeof(std::int64_t)),
                      flags = place(shape_.matrices + 2 * factors_, sizeof(int));
    const workspace memory(queue_, bytes);
    E* const s = memory.at<E>(solutions);
    double* const d = memory.at<double>(radii);
    int *const bad = memory.at<int>(flags), *const failed = bad + shape_.matrices, *const state = failed + factors_;
    check(cudaMemsetAsync(bad, 0, bytes - flags, stream_of(queue_)), "cudaMemsetAsync");
    copy_and_wait(memory.at<void>(first), first_.data(), first_.size() * sizeof(first_[0]), queue_);
    copy_and_wait(memory.at<void>(uses), uses_.data(), uses_.size() * sizeof(uses_[0]), queue_);
    const factor_batch<E> f{memory.at<E>(factors), memory.at<E>(factors) + factors_ * n_ * n_, state,
                            static_cast<int>(n_), factors_};
    const solution_pairs<E> pairs{s, s + numbers, s + 2 * numbers, s + 3 * numbers, d, d + numbers, bad, f.n, shape_.k};
    run m(op::cholesky_solve::name);
    load_factors<T>(op::cholesky_solve::args<T>{a_.x, a_.y, shape_}, f, queue_);
    invert_factors(f, queue_);
    allow_shared(find_pairs<T, E>, teams.shared_bytes);
    launch(queue_, static_cast<unsigned>(teams.teams), static_cast<unsigned>(teams.threads), teams.shared_bytes,
           find_pairs<T, E>, shape_, reinterpret_cast<const R*>(a_.x.data()),
           reinterpret_cast<const R*>(a_.dout.data()), f, bounds_of<E>(n_, teams.threads), pairs,
           teams.vector_bytes == 0 ? nullptr : memory.at<std::byte>(vectors));
    const factor_uses of_factors{memory.at<std::int64_t>(first), memory.at<std::int64_t>(uses)};
    for_each_index(queue_, factors_ * n_ * n_,
                   sum_pairs<T>{pairs, of_factors, shape_.upper, reinterpret_cast<R*>(dy_), failed});
    if (queue_.decided != nullptr)
      for_each_index(queue_, factors_, count_factors{failed, bad, of_factors, n_, parts, queue_.decided});
    std::vector<int> left(static_cast<std::size_t>(factors_));
    copy_and_wait(left.data(), failed, left.size() * sizeof(int), queue_);
    for (std::int64_t t = 0; t < factors_; ++t)
      if (left[static_cast<std::size_t>(t)] != 0) settle_on_host(t);
  }

 private:
  /// The gradient of one factor by the kernel of the CPU.
  void settle_on_host(std::int64_t t) {
    const auto at = static_cast<std::size_t>(t);
    const std::span<const std::int64_t> of_out(uses_.data() + first_[at], uses_.data() + first_[at + 1]);
    run m(op::cholesky_solve_y_grad::name);
    std::vector<std::int64_t> of_x;
    for (const std::int64_t k : of_out) of_x.push_back(shape_.source(m, {k, {}}).x.v);
    const std::int64_t size = n_ * shape_.k, count = static_cast<std::int64_t>(of_out.size());
    const auto dout = rows_to_host(queue_, a_.dout.data(), size, of_out),
               x = rows_to_host(queue_, a_.x.data(), size, of_x),
               y = rows_to_host(queue_, a_.y.data(), n_ * n_, std::span<const std::int64_t>(&t, 1));
    const std::int64_t x_shape[3] = {count, n_, shape_.k}, y_shape[2] = {n_, n_};
    const auto of = [&](const std::int64_t* dim, int rank) { return shape<run>::of(m, "shape", dim, rank); };
    const auto g =
        op::cholesky_solve_y_grad::geometry<run>::of(m, of(x_shape, 3), of(x_shape, 3), of(y_shape, 2), shape_.upper);
    compute_rows_on_host<op::cholesky_solve_y_grad, T>({dout, x, y, g}, {n_, n_}, dy_, {&t, 1}, queue_);
  }

  const op::cholesky_solve_y_grad::args<T>& a_;
  const op::cholesky_solve::geometry<run>& shape_;
  T* dy_;
  const cuda_queue& queue_;
  std::int64_t n_, factors_;
  std::vector<std::int64_t> first_, uses_;
};

/// All zeros, where no right side asks anything of the factors.
template <class T>
void clear(const op::cholesky_solve_y_grad::args<T>& a, T* dy, const cuda_queue& queue) {
  const std::int64_t count = a.shape.forward.y.numel;
  check(cudaMemsetAsync(dy, 0, static_cast<std::size_t>(count) * sizeof(T), stream_of(queue)), "cudaMemsetAsync");
  tier_counts all;
  all[tier::exact] = count * (is_complex<T> ? 2 : 1);
  if (count > 0) count_decided(all, queue);
}

template <class T>
void settle(const op::cholesky_solve_y_grad::args<T>& a, void* out, const cuda_queue& queue) {
  T* const dy = static_cast<T*>(out);
  if (a.shape.forward.out.numel == 0) return clear<T>(a, dy, queue);
  factor_gradients<T>(a, dy, queue).settle();
}

}  // namespace
}  // namespace cuda

HALFULP_MATRIX_OP(cholesky_solve_y_grad)

}  // namespace halfulp::kernels
