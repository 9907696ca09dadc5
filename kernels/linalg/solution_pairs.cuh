// Solutions X of A X = x and their halves L^H X = L^-1 x in device memory, in double-double with radii: what the gradient of a
// factor is made of.
#pragma once

#include <halfulp/kernels/linalg/device_solution.cuh>
#include <halfulp/kernels/linalg/settled_column.cuh>

namespace halfulp::kernels::cuda {

/// For each column of each matrix of the result, and that of x (side 0) and that of dout (side 1), n numbers each.
template <class E>
struct solution_pairs {
  E *x, *x_low, *half, *half_low;
  double *x_radius, *half_radius;
  int* bad;  ///< of each matrix of the result: undefined_pairs, pairs_left
  int n;
  std::int64_t k;

  HALFULP_HOST_DEVICE std::int64_t at(std::int64_t matrix, std::int64_t column, int side) const {
    return ((matrix * k + column) * 2 + side) * n;
  }
};
enum pair_state : int { undefined_pairs = 1, pairs_left = 2 };

/// One column by one team.
template <class T>
class paired_column {
 public:
  using R = component_t<T>;
  static constexpr int parts = is_complex<T> ? 2 : 1;
  using E = typename number_of_parts<parts>::type;

  /// b: the first component of the column, whose rows lie k elements apart.
  __device__ paired_column(const team& t, const inverted_factor<E>& f, const R* b, const solution_pairs<E>& to,
                           std::int64_t matrix, std::int64_t at)
      : team_(t), f_(f), b_(b), to_(to), matrix_(matrix), at_(at) {}

  __device__ void settle(const solution_bounds& bounds, const solution_vectors<E>& v) const {
    const double largest = team_
                               .template total<largest_number>(to_.n * parts,
                                                               [&](int i) {
                                                                 const double m = fabs(b(i / parts, i % parts));
                                                                 return m < INFINITY ? m : INFINITY;  // a NaN, too
                                                               })
                               .value;
    if ((f_.state & undefined_factor) != 0 || !(largest < INFINITY)) return note(undefined_pairs);
    if (largest == 0) return clear();
    const int exponent = ilogb(largest);
    if (f_.state != 0 || abs(exponent) > most_exponent) return note(pairs_left);
    refine(bounds, v, ldexp(1.0, exponent));
  }

 private:
  // products of two solutions are to stay inside binary64
  static constexpr int most_exponent = 200;
  static constexpr int bounded_step = 2, most_steps = 6;

  __device__ double b(int i, int part) const { return widen(b_[i * to_.k * parts + part]); }
  __device__ void note(pair_state s) const {
    if (team_.is_first_thread()) atomicOr(&to_.bad[matrix_], s);
  }
  __device__ void clear() const {
    team_.each(to_.n, [&](int i) {
      to_.x[at_ + i] = to_.x_low[at_ + i] = to_.half[at_ + i] = to_.half_low[at_ + i] = E{};
      to_.x_radius[at_ + i] = to_.half_radius[at_ + i] = 0;
    });
  }
  __device__ static E scaled(E z, double scale) {
    E r{};
    for (int p = 0; p < parts; ++p) set_part(r, p, part_of(z, p) * scale);
    return r;
  }
  __device__ void refine(const solution_bounds& bounds, const solution_vectors<E>& v, double scale) const {
    team_.each(to_.n, [&](int i) {
      for (int p = 0; p < parts; ++p) set_part(v.b[i], p, b(i, p) / scale);
    });
    refined_solution<team, E> solution(team_, f_.l, f_.r, to_.n, f_.stride, bounds, v);
    (void)solution.refine(most_steps, bounded_step, [&](int) {  // as far as double-double allows
      bool far = false;
      team_.each(to_.n, [&](int i) { far = far || !(solution.radius(i) <= 0x1p-92 * magnitude(v.x[i])); });
      return far;
    });
    solution.find_half();
    team_.each(to_.n, [&](int i) {
      to_.x[at_ + i] = scaled(v.x[i], scale);
      to_.x_low[at_ + i] = scaled(v.x_low[i], scale);
      to_.half[at_ + i] = scaled(v.t[i], scale);
      to_.half_low[at_ + i] = scaled(v.t_low[i], scale);
      to_.x_radius[at_ + i] = solution.radius(i) * scale;
      to_.half_radius[at_ + i] = solution.half_radius(i) * scale;
    });
  }

  const team& team_;
  const inverted_factor<E>& f_;
  const R* b_;
  const solution_pairs<E>& to_;
  std::int64_t matrix_, at_;
};

}  // namespace halfulp::kernels::cuda
