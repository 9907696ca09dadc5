#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include <algorithm>

#include <halfulp/kernels/core/host_rows.cuh>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/solution_pairs.cuh>
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
  void* memory = shared + blockDim.x * team::room_bytes;
  if (vectors != nullptr) memory = vectors + blockIdx.x * solution_vectors<E>::bytes(f.n);
  const solution_vectors<E> v(memory, f.n);
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

/// Which matrices of the result each factor gave: those of factor t are matrix[first[t]] to matrix[first[t + 1] - 1].
struct factor_uses {
  const std::int64_t *first, *matrix;
};

/// dL = - the sum over columns of Z half(x)^H + X half(dout)^H, an element a thread.
template <class T>
struct sum_pairs {
  using R = component_t<T>;
  static constexpr int parts = is_complex<T> ? 2 : 1;
  using E = typename number_of_parts<parts>::type;
  solution_pairs<E> s;
  factor_uses uses;
  bool upper;
  R* dy;
  int* failed;  // of each factor

  struct element {
    compensated_sum<E> value;
    double magnitude, radius;
  };
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t n = s.n, t = k / n / n;
    const auto row = static_cast<int>(k % n), column = static_cast<int>(k / n % n);
    if (row < column) {
      for (int p = 0; p < parts; ++p) place(t, row, column, p) = zero_of<R>();
      return;
    }
    element e{};
    int bad = 0;
    for (std::int64_t u = uses.first[t]; u < uses.first[t + 1]; ++u) {
      const std::int64_t m = uses.matrix[u];
      bad |= s.bad[m];
      if (bad != 0) continue;
      for (std::int64_t c = 0; c < s.k; ++c) {
        const std::int64_t x = s.at(m, c, 0), d = s.at(m, c, 1);
        add(e, d + row, x + column);
        add(e, x + row, d + column);
      }
    }
    if ((bad & undefined_pairs) != 0) return fill_nan(t, row, column);
    if (bad != 0 || !decide(e, t, row, column)) failed[t] = 1;
  }

 private:
  /// += X_i conj(half_j)
  __device__ void add(element& e, std::int64_t i, std::int64_t j) const {
    const E a = conjugate(s.half[j]), a_low = conjugate(s.half_low[j]), x = s.x[i];
    e.value.add(a, x, s.x_low[i]);
    E low{};
    low = multiply_add(a_low, x, low);
    for (int p = 0; p < parts; ++p) e.value.part[p].low += part_of(low, p);
    const double a_size = magnitude(a), x_size = magnitude(x), x_radius = s.x_radius[i];
    e.magnitude = fma(a_size, x_size, e.magnitude);
    e.radius += a_size * x_radius + s.half_radius[j] * (x_size + x_radius);
  }
  __device__ bool decide(const element& e, std::int64_t t, int row, int column) const {
    const std::int64_t terms = 2 * (uses.first[t + 1] - uses.first[t]) * s.k;
    const double g = gamma(8 * (terms + 8), unit_roundoff),
                 raise = 1 + 8 * static_cast<double>(terms + 16) * unit_roundoff;
    // a product of low parts is left out, at most 4 u^2 of the magnitudes
    const double floor = 0x1p-990 * static_cast<double>(terms + 1);
    const double radius =
        (e.radius * raise + (2 * g * g + 16 * unit_roundoff * unit_roundoff) * e.magnitude * raise) * raise + floor;
    bool decided = true;
    for (int p = 0; p < parts; ++p) {
      const double_double v = two_sum(e.value.part[p].high, e.value.part[p].low);
      const double sign = p == 1 && upper ? 1 : -1;
      decided = linalg::decide_scaled<R>({sign * v.hi, sign * v.lo}, radius, 0, place(t, row, column, p)) && decided;
    }
    return decided;
  }
  __device__ void fill_nan(std::int64_t t, int row, int column) const {
    for (int p = 0; p < parts; ++p) place(t, row, column, p) = canonical_nan<R>();
  }
  __device__ R& place(std::int64_t t, int row, int column, int part) const {
    return dy[(t * s.n * s.n + (upper ? std::int64_t{column} * s.n + row : std::int64_t{row} * s.n + column)) * parts +
              part];
  }
};

/// What was decided of factors of which nothing is left.
struct count_factors {
  const int *failed, *bad;
  factor_uses uses;
  std::int64_t n;
  int parts;
  tier_counts* decided;
  __device__ void operator()(std::int64_t t) const {
    if (failed[t] != 0) return;
    bool undefined = false;
    for (std::int64_t u = uses.first[t]; u < uses.first[t + 1]; ++u) undefined = undefined || bad[uses.matrix[u]] != 0;
    const std::int64_t triangle = undefined ? 0 : n * (n + 1) / 2 * parts;
    add(tier::double_double, triangle);
    add(tier::exact, n * n * parts - triangle);
  }
  __device__ void add(tier t, std::int64_t count) const {
    atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
              static_cast<unsigned long long>(count));
  }
};

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
    const tensor result(dtype_of<T>, extents{n_, n_});
    const tensor_view view = result.view();
    note_by_host(queue_, compute<op::cholesky_solve_y_grad, T>({dout, x, y, g}, {&view, 1}));
    rows_to_device(queue_, result.elements<T>().data(), dy_, n_ * n_, std::span<const std::int64_t>(&t, 1));
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

}  // namespace
}  // namespace cuda

#define HALFULP_COMPUTE(T)                                                                                    \
  template <>                                                                                                 \
  void compute_on_cuda<op::cholesky_solve_y_grad, T>(const op::cholesky_solve_y_grad::args<T>& a,             \
                                                     std::span<const tensor_view> out, const cuda_queue& q) { \
    T* const dy = static_cast<T*>(out[0].data);                                                               \
    if (a.shape.forward.out.numel == 0) return cuda::clear<T>(a, dy, q);                                      \
    cuda::factor_gradients<T>(a, dy, q).settle();                                                             \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
HALFULP_COMPUTE(std::complex<float>)
HALFULP_COMPUTE(std::complex<double>)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
