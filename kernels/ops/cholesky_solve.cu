#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <algorithm>
#include <bit>

#include <halfulp/kernels/linalg/device_solution.cuh>
#include <halfulp/kernels/linalg/left_matrices.cuh>
#include <halfulp/kernels/linalg/triangular.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

constexpr int most_threads = 512;

/// What a kernel needs to settle the right sides of a call.
template <class T>
struct solve_call {
  using R = component_t<T>;
  static constexpr int parts = is_complex<T> ? 2 : 1;
  using E = typename number_of_parts<parts>::type;

  op::cholesky_solve::geometry<run> shape;
  const R* x;
  R* out;
  factor_batch<E> factors;
  solution_bounds bounds;
  solution_notes notes;
  int blocks_of_team;
  std::byte* vectors;  // of each team, in device memory; nullptr: they fit into shared memory
};

/// One right side by one team: binary64 with a radius for each row (formats narrower than that), then double-double.
template <class T>
class settled_column {
 public:
  using R = typename solve_call<T>::R;
  using E = typename solve_call<T>::E;
  static constexpr int parts = solve_call<T>::parts;

  __device__ settled_column(const solve_call<T>& c, const team& t, std::int64_t column)
      : c_(c), team_(t), n_(c.factors.n), matrix_(column / c.shape.k), column_(column % c.shape.k) {
    run machine(op::cholesky_solve::name);
    from_ = c.shape.source(machine, {matrix_, {}});
  }

  __device__ void settle(const solution_vectors<E>& v) {
    const int state = c_.factors.state[from_.y.v];
    const double largest =
        team_.template total<largest_number>(n_ * parts, [&](int k) { return magnitude_of_b(k); }).value;
    if ((state & undefined_factor) != 0 || !(largest < INFINITY)) return fill(canonical_nan<R>());
    if (largest == 0) return fill(zero_of<R>());
    if (state != 0) return leave();
    scale_ = ldexp(1.0, ilogb(largest));
    refine(v);
  }

 private:
  static constexpr bool narrow_format = format_of<R>.precision <= 24;
  static constexpr int most_steps = 4;  // the first one in binary64

  __device__ double b(int k) const {
    const std::int64_t at = (from_.x.v * n_ + k / parts) * c_.shape.k + column_;
    return widen(c_.x[at * parts + k % parts]);
  }
  __device__ double magnitude_of_b(int k) const {
    const double m = fabs(b(k));
    return m < INFINITY ? m : INFINITY;  // a NaN, too
  }
  __device__ R& out(int i, int part) const {
    return c_.out[((matrix_ * n_ + i) * c_.shape.k + column_) * parts + part];
  }

  __device__ void refine(const solution_vectors<E>& v) {
    team_.each(n_, [&](int i) {
      for (int p = 0; p < parts; ++p) set_part(v.b[i], p, b(i * parts + p) / scale_);
    });
    refined_solution<E> solution(team_, c_.factors.factor(from_.y.v), c_.factors.inverse(from_.y.v), n_, c_.bounds, v);
    solution.start();
    for (int step = 0; step < most_steps; ++step) {
      if (step > 0) solution.find_residual();
      const bool bounded = step > 0 || narrow_format;
      solution.correct(bounded);
      if (bounded && !solution.any(take(solution, step == 0 ? tier::binary64 : tier::double_double))) return;
    }
    leave();
  }

  /// Decides what the radii decide; whether this thread has something left.
  __device__ bool take(const refined_solution<E>& solution, tier reached) {
    bool left = false;
    int decided = 0;
    team_.each(n_, [&](int i) {
      int& done = solution.done(i);
      for (int p = 0; p < parts; ++p) {
        if ((done >> p & 1) != 0) continue;
        if (decide_part(solution.value(i, p), solution.radius(i), out(i, p)))
          done |= 1 << p, ++decided;
        else
          left = true;
      }
    });
    note(reached, decided);
    return left;
  }
  /// Times the scale; never where a low part could be lost to underflow.
  __device__ bool decide_part(double_double x, double radius, R& rounded) const {
    constexpr double least = 0x1p-900;
    const double_double v{x.hi * scale_, x.lo * scale_};
    const double around = radius * scale_;
    return fabs(v.hi) >= least && around >= least * unit_roundoff * unit_roundoff && decide<R>(v, around, rounded);
  }

  __device__ void fill(R value) const {
    int filled = 0;
    team_.each(n_, [&](int i) {
      for (int p = 0; p < parts; ++p) out(i, p) = value;
      filled += parts;
    });
    note(tier::exact, filled);
  }

  __device__ void note(tier reached, int count) const {
    if (c_.notes.decided != nullptr && count > 0)
      atomicAdd(&c_.notes.decided[matrix_ * 4 + static_cast<int>(reached)], static_cast<unsigned long long>(count));
  }
  __device__ void leave() const {
    if (team_.rank() == 0 && threadIdx.x == 0) c_.notes.left.add(matrix_);
  }

  const solve_call<T>& c_;
  const team& team_;
  int n_;
  std::int64_t matrix_, column_;
  typename op::cholesky_solve::geometry<run>::pair from_;
  double scale_ = 1;
};

template <class T>
__global__ void __launch_bounds__(most_threads) settle_columns(const __grid_constant__ solve_call<T> c) {
  using E = typename solve_call<T>::E;
  extern __shared__ __align__(16) unsigned char shared[];
  const team t(c.blocks_of_team, shared);
  const std::int64_t teams = gridDim.x / c.blocks_of_team, mine = blockIdx.x / c.blocks_of_team;
  void* memory = shared + blockDim.x * team::room_bytes;
  if (c.vectors != nullptr) memory = c.vectors + mine * solution_vectors<E>::bytes(c.factors.n);
  const solution_vectors<E> v(memory, c.factors.n);
  for (std::int64_t column = mine; column < c.shape.matrices * c.shape.k; column += teams) {
    settled_column<T>(c, t, column).settle(v);
    t.meet();
  }
}

/// How the right sides are spread over the device.
struct team_shape {
  int blocks, threads;
  std::int64_t teams;
  std::size_t shared_bytes, vector_bytes;  // vector_bytes: in device memory, of each team
};

template <class E>
team_shape shape_of_teams(std::int64_t n, std::int64_t columns) {
  constexpr std::size_t most_shared = 96 << 10;
  constexpr std::int64_t most_teams = 1024;
  team_shape s{};
  s.threads = static_cast<int>(std::clamp<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(n)) * 4, 64, most_threads));
  s.blocks = n <= 64 ? 1 : n <= 128 ? 2 : n <= 256 ? 4 : 8;
  while (s.blocks > 1 && columns * s.blocks > 2 * multiprocessors()) s.blocks /= 2;
  const std::size_t bytes = solution_vectors<E>::bytes(n), room = static_cast<std::size_t>(s.threads) * team::room_bytes;
  const bool in_shared = s.blocks == 1 && bytes + room <= most_shared;
  s.shared_bytes = room + (in_shared ? bytes : 0);
  s.vector_bytes = in_shared ? 0 : bytes;
  s.teams = std::min(columns, in_shared ? most_blocks : most_teams);
  return s;
}

template <class E>
solution_bounds bounds_of(std::int64_t n, int threads) {
  const std::int64_t parts = parts_of_number<E>, warps = threads / lanes_of_warp;
  const std::int64_t depth = std::max(n / lanes_of_warp + 8, n / warps + warps + 2);
  return {gamma(parts * depth, unit_roundoff), inversion_bound(n, static_cast<int>(parts)),
          linalg::residual_bound(n + lanes_of_warp, parts), 1 + 8 * static_cast<double>(n + 64) * unit_roundoff};
}

template <class T>
void solve(const op::cholesky_solve::args<T>& a, R_of<T>* out, const cuda_queue& queue);

}  // namespace
}  // namespace cuda
}  // namespace halfulp::kernels
