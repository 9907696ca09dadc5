// Solutions of L L^H x = b in device memory, tier by tier, with a radius around each.
//
// With R L = I + E, |E| <= e |R| |L| (device_factor.cuh), r the residual of x and rho at least its error, y = R r,
// w = |R| (|r| + rho), t = max_i (|E| w)_i / w_i and s = max_i (|E|^T w)_i / w_i:
//   L^-1 r_exact = (I + E)^-1 R r_exact is within g w + |R| rho + t / (1 - t) w of y, and at most w / (1 - t) in magnitude;
//   A^-1 r_exact = R^H (I + E)^-H L^-1 r_exact is within
//     (2 g + t / (1 - t) + s / (1 - s) / (1 - t)) |R|^T w + |R|^T |R| rho                                   (*)
// of d = R^H y, g the bound of both products. So x + d comes with a radius: from x = 0, r = b and rho = 0 in binary64, then
// with r in double-double.  [higham02, 14.2, 12.1]
#pragma once

#include <halfulp/kernels/core/left_list.cuh>
#include <halfulp/kernels/linalg/device_factor.cuh>
#include <halfulp/kernels/linalg/solution_vectors.cuh>
#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels::cuda {

/// What bounds need, found on the host: of products (g), of the inverse (e), of a residual in double-double (c), and the
/// factor that makes up for the rounding of sums of nonnegative terms.
struct solution_bounds {
  double product, inverse, residual, raise;
};

/// Where the outcome of each matrix is noted: those with something left, once each, and what each tier decided.
struct solution_notes {
  left_list left;
  int* is_left;
  unsigned long long* decided;  // 4 a matrix; nullptr: nobody asks

  __device__ void leave(std::int64_t matrix) const {
    if (atomicExch(&is_left[matrix], 1) == 0) left.add(matrix);
  }
};

/// One right side, divided by the power of two that brings its largest magnitude to 1 .. 2, and its solution.
template <class Team, class E>
class refined_solution {
 public:
  /// l, r: a factor and its inverse, whose rows begin `stride` numbers apart.
  __device__ refined_solution(const Team& t, const E* l, const E* r, int n, int stride, const solution_bounds& bounds,
                              const solution_vectors<E>& v)
      : team_(t), l_(l), r_(r), n_(n), stride_(stride), bounds_(bounds), v_(v) {}

  /// b is set, by the threads of `each`. Corrects x as long as a thread says that left(step) it has something, step by step from 0 to
  /// most - 1, the first one in binary64; asks from step `bounded` on, where radii are known. Whether nothing was left.
  template <class Left>
  __device__ bool refine(int most, int bounded, Left left) {
    start();
    for (int step = 0; step < most; ++step) {
      if (step > 0) find_residual();
      correct(step >= bounded);
      if (step >= bounded && !team_.any(left(step), v_.flags)) return true;
    }
    return false;
  }

  /// L^H of the exact solution, after a correction with bounds: as t + t_low within half_radius.
  __device__ void find_half() {
    team_.each(n_, [&](int i) { v_.q[i] = radius(i); });
    team_.meet();
    team_.template each_column<accurate_products<E>>(
        n_, [&](accurate_products<E>& s, int i, int j) { s.other = fma(add_to_half(s, i, j), v_.q[i], s.other); },
        [&](int j, const accurate_products<E>& s) {
          set_half(j, s);
          v_.g[j] = raise(bounds_.residual * raise(s.magnitude)) + raise(s.other) + least_of_residual;
        });
    team_.meet();
  }
  __device__ double half_radius(int i) const { return v_.g[i]; }

  /// |x + x_low - exact| <= radius, of row i; NaN or infinite where nothing is known. To be asked by the thread of `each`.
  __device__ double radius(int i) const {
    constexpr double four_u2 = 4 * unit_roundoff * unit_roundoff;  // of the addition of a correction
    return raise(raise(factor_ * v_.p[i] + v_.h[i]) + four_u2 * magnitude(v_.x[i]));
  }
  __device__ double_double value(int i, int part) const { return {part_of(v_.x[i], part), part_of(v_.x_low[i], part)}; }
  __device__ int& done(int i) const { return v_.done[i]; }

 private:
  static constexpr int parts = parts_of_number<E>;
  // Numbers are near 1; underflow is made up for by adding `least` to every bound, and to the error of a residual what n^2
  // products may lose that are multiplied by elements up to 2^200. What it loses in E, at most 2^-860 times the sum of w, counts
  // less than 2^-150 beside rows that are at least `floor_of_rows` times that sum.
  static constexpr double least = 0x1p-900, least_of_residual = 0x1p-820;
  static constexpr double floor_of_rows = 0x1p-700, underflow_of_inverse = 0x1p-150;

  /// x = 0, the residual is b.
  __device__ void start() {
    team_.each(n_, [&](int i) {
      v_.x[i] = v_.x_low[i] = E{};
      v_.r[i] = v_.b[i];
      v_.rho[i] = least;
      v_.done[i] = 0;
    });
    team_.meet();
  }

  /// Adds the term of row i to row j of L^H (x + x_low), and to the sum of magnitudes; that of the factor.
  template <class Sums>
  __device__ double add_to_half(Sums& s, int i, int j) const {
    const E l = conjugate(l_[at(i, j)]);
    s.value.add(l, v_.x[i], v_.x_low[i]);
    s.magnitude = fma(magnitude(l), magnitude(v_.x[i]), s.magnitude);
    return magnitude(l);
  }
  /// t + t_low of row j, whose terms have been added.
  template <class Sums>
  __device__ void set_half(int j, const Sums& s) const {
    for (int p = 0; p < parts; ++p) {
      const double_double d = two_sum(s.value.part[p].high, s.value.part[p].low);
      set_part(v_.t[j], p, d.hi);
      set_part(v_.t_low[j], p, d.lo);
    }
  }

  /// r = b - L L^H (x + x_low) and its error.
  __device__ void find_residual() {
    team_.template each_column<accurate_sums<E>>(
        n_, [&](accurate_sums<E>& s, int i, int j) { add_to_half(s, i, j); },
        [&](int j, const accurate_sums<E>& s) {
          set_half(j, s);
          v_.g[j] = raise(s.magnitude);
        });
    team_.meet();
    team_.template each_row<accurate_sums<E>>(
        n_,
        [&](accurate_sums<E>& s, int i, int j) {
          const E l = l_[at(i, j)];
          s.value.add(l, v_.t[j], v_.t_low[j]);
          s.magnitude = fma(magnitude(l), v_.g[j], s.magnitude);
        },
        [&](int i, const accurate_sums<E>& s) {
          for (int p = 0; p < parts; ++p) {
            const double_double d = two_sum(part_of(v_.b[i], p), -s.value.part[p].high);
            set_part(v_.r[i], p, d.hi + (d.lo - s.value.part[p].low));
          }
          const double terms = raise(magnitude(v_.b[i]) + s.magnitude);
          v_.rho[i] = up(raise(bounds_.residual * terms) + 2 * unit_roundoff * magnitude(v_.r[i])) + least_of_residual;
        });
    team_.meet();
  }

  /// x += R^H R r. With `bounded`, radius(i) is known afterwards.
  __device__ void correct(bool bounded) {
    team_.template each_row<product_sums<E>>(
        n_,
        [&](product_sums<E>& s, int i, int j) {
          const E a = r_[at(i, j)];
          s.value = multiply_add(a, v_.r[j], s.value);
          s.magnitude = fma(magnitude(a), magnitude(v_.r[j]) + v_.rho[j], s.magnitude);
          s.other = fma(magnitude(a), v_.rho[j], s.other);
        },
        [&](int i, const product_sums<E>& s) {
          v_.y[i] = s.value;
          v_.w[i] = raise(s.magnitude);
          v_.q[i] = raise(s.other);
        });
    team_.meet();
    const double floor =
        bounded ? floor_of_rows * team_.template total<plain_sum>(n_, [&](int i) { return v_.w[i]; }).value : 0;
    const double forward = bounded ? loss_of_rows(floor) : 0;
    multiply_adjoint(floor);
    if (!bounded) return;
    const double adjoint = loss_of_columns(floor);
    const double first = forward < 0.5 ? forward / (1 - forward) : INFINITY;
    const double second = adjoint < 0.5 ? adjoint / (1 - adjoint) / (1 - forward) : INFINITY;
    factor_ = (2 * bounds_.product * (1 + bounds_.product) + first + second) * (1 + 0x1p-40);
  }

  __device__ std::int64_t at(int i, int j) const { return std::int64_t{i} * stride_ + j; }
  __device__ double raise(double x) const { return x * bounds_.raise + least; }

  /// d = R^H y is added to x; p = |R|^T w and h = |R|^T q.
  __device__ void multiply_adjoint(double floor) {
    team_.template each_column<product_sums<E>>(
        n_,
        [&](product_sums<E>& s, int i, int j) {
          const E a = conjugate(r_[at(i, j)]);
          s.value = multiply_add(a, v_.y[i], s.value);
          s.magnitude = fma(magnitude(a), v_.w[i] + floor, s.magnitude);
          s.other = fma(magnitude(a), v_.q[i], s.other);
        },
        [&](int j, const product_sums<E>& s) {
          for (int p = 0; p < parts; ++p) {
            const double_double x = halfulp::add(value(j, p), part_of(s.value, p));
            set_part(v_.x[j], p, x.hi);
            set_part(v_.x_low[j], p, x.lo);
          }
          v_.p[j] = raise(s.magnitude);
          v_.h[j] = raise(s.other);
        });
    team_.meet();
  }

  /// t of (*): from |L| w and |R| |L| w.
  __device__ double loss_of_rows(double floor) {
    team_.template each_row<plain_sum>(
        n_, [&](plain_sum& s, int i, int j) { s.value = fma(magnitude(l_[at(i, j)]), v_.w[j] + floor, s.value); },
        [&](int i, const plain_sum& s) { v_.g[i] = raise(s.value); });
    team_.meet();
    team_.template each_row<plain_sum>(
        n_, [&](plain_sum& s, int i, int j) { s.value = fma(magnitude(r_[at(i, j)]), v_.g[j], s.value); },
        [&](int i, const plain_sum& s) { v_.rho[i] = raise(s.value); });  // it has been used
    team_.meet();
    return largest_loss(floor, v_.rho);
  }
  /// s of (*): from |R|^T w, which is p, and |L|^T |R|^T w.
  __device__ double loss_of_columns(double floor) {
    team_.template each_column<plain_sum>(
        n_, [&](plain_sum& s, int i, int j) { s.value = fma(magnitude(l_[at(i, j)]), v_.p[i], s.value); },
        [&](int j, const plain_sum& s) { v_.g[j] = raise(s.value); });
    team_.meet();
    return largest_loss(floor, v_.g);
  }
  __device__ double largest_loss(double floor, const double* lost) {
    const auto loss = [&](int i) {
      const double q = raise(bounds_.inverse * lost[i] / (v_.w[i] + floor));
      return q < INFINITY ? q : INFINITY;  // a NaN, too
    };
    return team_.template total<largest_number>(n_, loss).value + underflow_of_inverse;
  }

  const Team& team_;
  const E *l_, *r_;
  int n_, stride_;
  const solution_bounds& bounds_;
  const solution_vectors<E>& v_;
  double factor_ = INFINITY;
};

}  // namespace halfulp::kernels::cuda
