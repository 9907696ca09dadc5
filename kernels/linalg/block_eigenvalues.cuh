// The eigenvalues of small Hermitian matrices, a block each: reduction, counts, and the vectors of what these leave.
#pragma once

#include <halfulp/kernels/linalg/block_team.cuh>
#include <halfulp/kernels/linalg/hermitian_batch.cuh>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/team_bisection.hpp>
#include <halfulp/kernels/linalg/team_tridiagonal.hpp>
#include <halfulp/kernels/linalg/team_vector.hpp>

namespace halfulp::kernels::cuda {

/// Where a block keeps what it works on. A complex B + i C is worked on as the real [[B, -C], [C, B]], which has each of its
/// eigenvalues twice.
struct block_memory {
  int n, values;     ///< of the real matrix, and how many eigenvalues are sought
  bool a_in_shared;  ///< the matrix that is reduced
  double* global;    ///< doubles_of_block() for each block

  HALFULP_HOST_DEVICE static std::size_t square(int n) {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  }
  HALFULP_HOST_DEVICE std::size_t vectors() const {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(values);
  }
  HALFULP_HOST_DEVICE std::size_t global_doubles() const { return square(n) * (a_in_shared ? 2 : 3) + 3 * vectors(); }
  HALFULP_HOST_DEVICE static std::size_t longer(int n, int threads) {
    return static_cast<std::size_t>(n > threads ? n : threads);
  }
  /// Bytes of shared memory.
  std::size_t shared_bytes(int threads) const {
    const std::size_t doubles = (a_in_shared ? square(n) : 0) + 11 * static_cast<std::size_t>(n) + longer(n, threads);
    return doubles * sizeof(double) + (longer(n, threads) + static_cast<std::size_t>(n)) * sizeof(int);
  }
};

/// One matrix of a batch, of at most `Most` real rows.
template <class T, int Most>
class block_eigenvalues {
 public:
  __device__ block_eigenvalues(const hermitian_batch<T>& b, const block_memory& memory, double* shared,
                               unsigned* counters, const block_team& team)
      : b_(b), team_(team), counters_(counters), n_(static_cast<int>(b.a.shape.n)) {
    const int n = memory.n;
    const std::size_t square = block_memory::square(n), one = static_cast<std::size_t>(n);
    double* global = memory.global + blockIdx.x * memory.global_doubles();
    const auto take = [](double*& from, std::size_t count) {
      double* const p = from;
      from += count;
      return p;
    };
    matrix_ = take(global, square);
    double* const reflectors = take(global, square);
    double *const z = take(global, memory.vectors()), *const down = take(global, memory.vectors()),
                  *const up_ = take(global, memory.vectors());
    double* const a = memory.a_in_shared ? take(shared, square) : take(global, square);
    double *const d = take(shared, one), *const e = take(shared, one), *const tau = take(shared, one);
    double *const v = take(shared, one), *const w = take(shared, one), *const x = take(shared, one),
                  *const y = take(shared, one), *const p = take(shared, one), *const squares = take(shared, one);
    double *const lo = take(shared, one), *const hi = take(shared, one);
    double* const part = take(shared, block_memory::longer(n, team.size));
    int* const counts = reinterpret_cast<int*>(shared);
    listed_ = counts + block_memory::longer(n, team.size);
    reduction_ = {n, a, reflectors, d, e, tau, v, w, x, y, p, part};
    bisection_ = {n, n / n_, d, e, squares, lo, hi, counts};
    vectors_ = {n, matrix_, reflectors, d, e, tau, 0, z, down, up_};
  }

  __device__ void settle(std::int64_t m) {
    m_ = m;
    const double largest = largest_part();
    if (!(largest < INFINITY)) return give_nan();
    if (n_ == 1) return give_entry();
    const power_scale scale(largest);
    if (!load(scale)) return leave(n_);
    shift_ = scale.shift;
    enclose();
    list_undecided();
    if (counters_[0] > 0) settle_listed();
    report();
  }

 private:
  using R = component_t<T>;
  static constexpr bool narrow_format = format_of<R>.precision <= 24;

  __device__ R& output(int k) const { return b_.w[m_ * n_ + k]; }

  /// Of the triangle that is read; a NaN or infinity if there is one.
  __device__ double largest_part() const {
    double largest = 0;
    for_lower([&](int row, int column) {
      const entry_parts x = entry_of(b_.a, m_, row, column);
      largest = larger(larger(largest, x.real), x.imaginary);
    });
    return team_.largest(largest);
  }
  /// As team.largest has it.
  static __device__ double larger(double a, double x) {
    return std::bit_cast<std::uint64_t>(fabs(x)) > std::bit_cast<std::uint64_t>(a) ? fabs(x) : a;
  }
  template <class F>
  __device__ void for_lower(F f) const {
    for (int i = team_.rank; i < n_ * n_; i += team_.size)
      if (i % n_ <= i / n_) f(i / n_, i % n_);
  }

  /// The scaled matrix, twice; false where scaling lost a bit.
  __device__ bool load(const power_scale& scale) {
    bool exact = true;
    for_lower([&](int row, int column) {
      const entry_parts x = entry_of(b_.a, m_, row, column);
      if constexpr (!narrow_format) exact = exact && scale.is_exact(x.real) && scale.is_exact(x.imaginary);
      set(row, column, scale(x.real));
      if constexpr (is_complex<T>) {
        const double c = scale(x.imaginary);
        set(row + n_, column + n_, scale(x.real));
        set(row + n_, column, c);
        set(column + n_, row, -c);
      }
    });
    if (team_.rank < 2) counters_[team_.rank] = 0;
    return __syncthreads_and(exact ? 1 : 0) != 0;
  }
  __device__ void set(int row, int column, double x) const {
    const int n = reduction_.n;
    matrix_[row * n + column] = matrix_[column * n + row] = x;
    reduction_.a[row * n + column] = reduction_.a[column * n + row] = x;
  }

  __device__ void enclose() {
    linalg::team_reduction<block_team> reduction(team_, reduction_);
    reduction.run();
    const double radius = reduction.radius(), t = reduction.norm();
    const double width = narrow_format ? fmax(64 * unit_roundoff * t, radius / 16) : 2 * unit_roundoff * t;
    linalg::team_bisection<block_team>(team_, bisection_).run(t, width);
    slack_ = up(radius + linalg::team_sturm_error(t));
  }
  __device__ double middle(int k) const { return 0.5 * (bisection_.lo[k] + bisection_.hi[k]); }

  /// What the enclosures decide; the others are listed, in binary64 all of them.
  __device__ void list_undecided() {
    for (int k = team_.rank; k < n_; k += team_.size) {
      const double x = middle(k);
      const double radius =
          linalg::rounded_up(slack_ + 0.5 * (bisection_.hi[k] - bisection_.lo[k]), 2) + 2 * unit_roundoff * fabs(x);
      if (!narrow_format || !linalg::decide_scaled<R>({x, 0}, radius, shift_, output(k)))
        listed_[atomicAdd(&counters_[0], 1u)] = k;
    }
    team_.sync();
  }

  /// Through their vectors; counters_[1] is what stays undecided.
  __device__ void settle_listed() {
    vectors_.vectors = static_cast<int>(counters_[0]);
    for (int l = team_.rank; l < vectors_.vectors; l += team_.size)
      linalg::approx_twisted_vector(vectors_, l, middle(listed_[l]));
    team_.sync();
    const linalg::team_vector<block_team, Most> vector(team_, vectors_);
    for (int l = team_.warp(); l < vectors_.vectors; l += team_.warps()) {
      const int k = listed_[l];
      vector.approx_transform_back(l);
      const double q = middle(k);
      const linalg::residual_sums sums = vector.residual(l, q);
      if (team_.lane() != 0) continue;
      const double below = k > 0 ? end(bisection_.hi[k - 1], 1) : -INFINITY;
      const double above = k + 1 < n_ ? end(bisection_.lo[k + 1], -1) : INFINITY;
      const linalg::certified_value c = linalg::temple_value(q, sums, below, above);
      if (!linalg::decide_scaled<R>(c.value, c.radius, shift_, output(k))) atomicAdd(&counters_[1], 1u);
    }
    team_.sync();
  }
  /// The end of an enclosure, rounded outward.
  __device__ double end(double x, double sign) const {
    return x + sign * up(slack_ + 4 * unit_roundoff * (slack_ + fabs(x)));
  }

  __device__ void report() const {
    if (team_.rank == 0) {
      b_.count(tier::binary64, n_ - counters_[0]);
      b_.count(tier::double_double, counters_[0] - counters_[1]);
    }
    if (counters_[1] > 0) leave(static_cast<int>(counters_[1]));
  }
  __device__ void leave(int left) const {
    if (team_.rank == 0) b_.left.add(packed({m_, left}));
  }
  __device__ void give_nan() const {
    for (int k = team_.rank; k < n_; k += team_.size) output(k) = canonical_nan<R>();
    if (team_.rank == 0) b_.count(tier::exact, n_);
  }
  __device__ void give_entry() const {
    if (team_.rank != 0) return;
    output(0) = narrow<R>(entry_of(b_.a, m_, 0, 0).real + 0.0);  // -0 becomes +0
    b_.count(tier::exact, 1);
  }

  const hermitian_batch<T>& b_;
  const block_team team_;
  unsigned* counters_;  // listed, left
  const int n_;
  std::int64_t m_ = 0;
  double* matrix_;
  int* listed_;
  linalg::tridiagonal_work reduction_;
  linalg::bisection_work bisection_;
  linalg::vector_work vectors_;
  int shift_ = 0;
  double slack_ = 0;  // how far an eigenvalue may lie outside its interval
};

/// `Blocks` of them are to run on a multiprocessor at once.
template <class T, int Threads, int Blocks, int Most>
__global__ void __launch_bounds__(Threads, Blocks)
    settle_blocks(const __grid_constant__ hermitian_batch<T> b, const block_memory memory) {
  extern __shared__ double shared[];
  __shared__ unsigned long long slot;
  __shared__ unsigned counters[2];
  block_eigenvalues<T, Most> one(b, memory, shared, counters, block_team(&slot));
  for (std::int64_t m = blockIdx.x; m < b.a.shape.matrices; m += gridDim.x) {
    one.settle(m);
    __syncthreads();
  }
}

}  // namespace halfulp::kernels::cuda
