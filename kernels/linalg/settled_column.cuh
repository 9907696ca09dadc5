// One right side of cholesky_solve on a GPU, from its elements to its rounded solution.
#pragma once

#include <halfulp/kernels/linalg/device_solution.cuh>

namespace halfulp::kernels::cuda {

/// What a kernel needs to settle the right sides of a call.
template <class T>
struct solve_call {
  using R = component_t<T>;
  static constexpr int parts = is_complex<T> ? 2 : 1;
  using E = typename number_of_parts<parts>::type;

  op::cholesky_solve::geometry<run> shape;
  const R* x;
  R* out;
  int n;
  bool is_broadcast;
  solution_bounds bounds;
  solution_notes notes;

  struct matrices {
    std::int64_t x, y;
  };
  /// Which matrix of x and which of y give matrix `m` of the result; the rule of the spec where any is used twice.
  __device__ matrices source(std::int64_t m) const {
    if (!is_broadcast) return {m, m};
    run machine(op::cholesky_solve::name);
    const auto from = shape.source(machine, {m, {}});
    return {from.x.v, from.y.v};
  }
};

/// A factor, its approximate inverse, and its state.
template <class E>
struct inverted_factor {
  const E *l, *r;
  int stride, state;
};

/// One right side by one team: binary64 with a radius for each row (formats narrower than that), then double-double.
template <class T, class Team>
class settled_column {
 public:
  using R = typename solve_call<T>::R;
  using E = typename solve_call<T>::E;
  static constexpr int parts = solve_call<T>::parts;

  /// x_matrix: the one of x that gives this matrix.
  __device__ settled_column(const solve_call<T>& c, const Team& t, const inverted_factor<E>& f, std::int64_t matrix,
                            std::int64_t x_matrix, std::int64_t column)
      : c_(c), team_(t), f_(f), n_(c.n), matrix_(matrix), x_matrix_(x_matrix), column_(column) {}

  __device__ void settle(const solution_vectors<E>& v) {
    const double largest =
        team_.template total<largest_number>(n_ * parts, [&](int k) { return magnitude_of_b(k); }).value;
    if ((f_.state & undefined_factor) != 0 || !(largest < INFINITY)) return fill(canonical_nan<R>());
    if (largest == 0) return fill(zero_of<R>());
    if (f_.state != 0) return leave();
    scale_ = ldexp(1.0, ilogb(largest));
    refine(v);
  }

 private:
  static constexpr bool narrow_format = format_of<R>.precision <= 24;
  static constexpr int most_steps = 4;

  __device__ double b(int k) const {
    const std::int64_t at = (x_matrix_ * n_ + k / parts) * c_.shape.k + column_;
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
    refined_solution<Team, E> solution(team_, f_.l, f_.r, n_, f_.stride, c_.bounds, v);
    const bool whole = solution.refine(most_steps, narrow_format ? 0 : 1, [&](int step) {
      return take(solution, step == 0 ? tier::binary64 : tier::double_double);
    });
    if (!whole) leave();
  }

  /// Decides what the radii decide; whether this thread has something left.
  __device__ bool take(const refined_solution<Team, E>& solution, tier reached) {
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
    if (team_.is_first_thread()) c_.notes.leave(matrix_);
  }

  const solve_call<T>& c_;
  const Team& team_;
  const inverted_factor<E>& f_;
  int n_;
  std::int64_t matrix_, x_matrix_, column_;
  double scale_ = 1;
};

}  // namespace halfulp::kernels::cuda
