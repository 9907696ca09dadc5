// One matrix of a function_batch by a block: the first-order part M, its bound, and Z = X (D + M).
#pragma once

#include <halfulp/kernels/linalg/device_function.cuh>

namespace halfulp::kernels::cuda {

template <class E>
__device__ double absolute(E x) {
  return sqrt(square(x));
}
/// What a pair of eigenvalues tells, and sums over pairs: the least distance, the largest |d_i - d_j| / |l_i - l_j|, and the
/// squares of these slopes, of P and of the first part of M.
struct pair_numbers {
  double gap, slope, slope_squares, p_squares, m_squares;
  __device__ void merge(const pair_numbers& o) {
    gap = fmin(gap, o.gap);
    slope = fmax(slope, o.slope);
    slope_squares += o.slope_squares;
    p_squares += o.p_squares;
    m_squares += o.m_squares;
  }
};

/// One matrix by a block.
template <class E>
class function_matrix {
 public:
  __device__ function_matrix(const function_batch<E>& f, const team& t, std::int64_t m)
      : f_(f), team_(t), m_(m), n_(f.n) {}

  /// M in t, and its bound; false where nothing was proved.
  __device__ bool form_first_order(const function_errors& errors) const {
    find_norms();
    const double bound = bound_of_function(errors);
    if (!(bound < INFINITY)) return false;
    if (team_.is_first_thread()) f_.bound[m_] = bound;
    for (int k = static_cast<int>(threadIdx.x); k < n_ * n_; k += static_cast<int>(blockDim.x)) {
      const int i = k % n_, j = k / n_;
      const E d = weight(i), s = f_.s[at(k)];
      E first{};
      if (i != j)
        first = multiply_add(multiply_add(difference(d, weight(j)), reciprocal(apart(i, j)), E{}), f_.t[at(k)], E{});
      f_.t[at(k)] = multiply_add(negated(d), s, first);
    }
    return true;
  }

  /// Z from X, D and w = X M: a row a thread.
  __device__ void form_product() const {
    team_.each(n_, [&](int i) {
      double squares = 0;
      for (int k = 0; k < n_; ++k) {
        const std::int64_t place = at(k * n_ + i);
        const E x = f_.x[place], d = weight(k), w = f_.w[place];
        compensated_sum<E> z{};
        z.add(d, x, E{});
        E low{};
        for (int p = 0; p < parts_of_number<E>; ++p) {
          set_part(f_.r[place], p, z.part[p].high);
          set_part(low, p, z.part[p].low + part_of(w, p));
        }
        f_.s[place] = low;
        squares += square(low);
      }
      f_.z_rows[m_ * n_ + i] = linalg::rounded_up(sqrt(linalg::rounded_up(squares, 2.0 * n_)), 1);
    });
  }

 private:
  static constexpr double u = unit_roundoff;

  __device__ std::int64_t at(int k) const { return m_ * f_.size() + k; }
  __device__ E weight(int k) const { return f_.weights[m_ * n_ + k]; }
  __device__ E apart(int i, int j) const { return difference(f_.values[m_ * n_ + i], f_.values[m_ * n_ + j]); }

  /// At least the norm of numbers of which f(k) are the squares.
  template <class F>
  __device__ double norm(int n, F f) const {
    return linalg::rounded_up(sqrt(linalg::rounded_up(team_.template total<plain_sum>(n, f).value, 2.0 * n)), 1);
  }
  /// At least the norm of n numbers z(k), by a thread.
  template <class F>
  __device__ double thread_norm(F z) const {
    double squares = 0;
    for (int k = 0; k < n_; ++k) squares += square(z(k));
    return linalg::rounded_up(sqrt(linalg::rounded_up(squares, 2.0 * n_)), 1);
  }
  __device__ double norm(const E* a) const {
    return norm(n_ * n_, [&](int k) { return square(a[at(k)]); });
  }
  template <class F>
  __device__ double largest(int n, F f) const {
    return team_
        .template total<largest_number>(n,
                                        [&](int k) {
                                          const double x = f(k);
                                          return x < INFINITY ? x : INFINITY;  // a NaN, too
                                        })
        .value;
  }

  __device__ void find_norms() const {
    team_.each(n_, [&](int i) { f_.x_rows[m_ * n_ + i] = thread_norm([&](int k) { return f_.x[at(k * n_ + i)]; }); });
    const int lane = static_cast<int>(threadIdx.x) % lanes_of_warp;
    for (int j = static_cast<int>(threadIdx.x) / lanes_of_warp; j < n_;
         j += static_cast<int>(blockDim.x) / lanes_of_warp) {
      plain_sum s{};
      for (int k = lane; k < n_; k += lanes_of_warp) s.value += square(f_.y[at(j * n_ + k)]);
      const double column = linalg::rounded_up(sqrt(linalg::rounded_up(merged_lanes(s).value, 2.0 * n_)), 1);
      if (lane == 0) f_.y_columns[m_ * n_ + j] = column;
    }
    team_.meet();
  }

  __device__ pair_numbers pairs() const {
    pair_numbers all{INFINITY, 0, 0, 0, 0};
    for (int k = static_cast<int>(threadIdx.x); k < n_ * n_; k += static_cast<int>(blockDim.x)) {
      const int i = k % n_, j = k / n_;
      if (i == j) continue;
      const double distance = absolute(apart(i, j)) * (1 - 8 * u), t = absolute(f_.t[at(k)]);
      const double slope = absolute(difference(weight(i), weight(j))) / distance;
      all.merge({distance, slope, square(slope), square(t / distance), square(t * slope)});
    }
    // each thread has what it saw
    const auto threads = static_cast<int>(blockDim.x);
    const auto least =
        team_.template total<largest_number>(threads, [&](int) { return all.gap > 0 ? 1 / all.gap : INFINITY; });
    const double slope = largest(threads, [&](int) { return all.slope; });
    const auto summed = [&](double mine) {
      return team_.template total<plain_sum>(threads, [&](int) { return mine; }).value;
    };
    const double slopes = summed(all.slope_squares), p = summed(all.p_squares), m = summed(all.m_squares);
    return {least.value > 0 ? (1 - 4 * u) / least.value : INFINITY, slope * (1 + 16 * u), slopes, p, m};
  }

  /// f(B) is off from X (D + M) Y, M in binary64 and times X in binary64, by X C Y, ||C|| at most this; infinite where nothing is
  /// known. Letters are those of device_function.cuh; lost_r, lost_s, lost_t what R, S and T lack, lost_column what a column of R
  /// lacks, lost_entry an entry of T.
  __device__ double bound_of_function(const function_errors& errors) const {
    const double sums = errors.sums;
    const double x = norm(n_, [&](int i) { return square(f_.x_rows[m_ * n_ + i]); }),
                 y = norm(n_, [&](int j) { return square(f_.y_columns[m_ * n_ + j]); });
    const double b = norm(f_.b), r = norm(f_.r), computed_s = norm(f_.s), computed_t = norm(f_.t);
    const double l = largest(n_, [&](int k) { return absolute(f_.values[m_ * n_ + k]); }),
                 d = largest(n_, [&](int k) { return absolute(weight(k)); }) * (1 + 8 * u);
    const double x_column =
                     largest(n_, [&](int j) { return thread_norm([&](int k) { return f_.x[at(j * n_ + k)]; }); }),
                 y_row = largest(n_, [&](int i) { return thread_norm([&](int k) { return f_.y[at(k * n_ + i)]; }); });
    const double lost_column = 2 * u * r + sums * (b + 2 * l) * x_column + 0x1p-900,
                 lost_entry = y_row * (lost_column * (1 + 8 * u) + errors.products * r) + errors.rounding * computed_t;
    const double lost_r = 2 * u * r + sums * (b + 2 * l) * x + 0x1p-900,
                 lost_s = 2 * u * computed_s + sums * (x * y + n_);
    const double lost_t = y * lost_r * (1 + 8 * u) + errors.products * y * r + errors.rounding * computed_t;
    const double s = linalg::rounded_up(computed_s + lost_s, 8), t = linalg::rounded_up(computed_t + lost_t, 8),
                 e = 1.06 * t;
    const double diagonal =
        largest(n_, [&](int k) { return absolute(f_.t[at(k * (n_ + 1))]); }) * (1 + 8 * u) + lost_t + s * e;
    const pair_numbers q = pairs();
    if (!(s <= 0.05 && q.gap > 40 * e && belongs(q.gap))) return INFINITY;
    const double slope = 1.1 * q.slope, lacking = lost_t + s * e;
    const double p = 1.1 * (sqrt(linalg::rounded_up(q.p_squares, 2.0 * n_ * n_)) + lacking / q.gap),
                 m = 1.1 * (sqrt(linalg::rounded_up(q.m_squares, 2.0 * n_ * n_)) + slope * lacking);
    if (!(p <= 0.05)) return INFINITY;
    // of exp(P) D exp(-P), of what N adds to f, of T for E, of l for L + E, of (I + S)^-1 beside M, and beside D
    const double second = 1.4 * p * m + 1.8 * slope * p * e + 1.1 * slope * s * e + 2.4 * diagonal / q.gap * m +
                          1.1 * s * m + 1.1 * d * s * s;
    // what T lacks, times its slopes: by the largest of either
    const double slopes = 1.1 * sqrt(linalg::rounded_up(q.slope_squares, 2.0 * n_ * n_));
    const double lost_m = fmin(slope * lost_t, slopes * lost_entry);
    const double rounding = 32 * u * (m + d * s) + lost_m + d * lost_s + errors.last * 1.01 * (m + d * s);
    return linalg::rounded_up(second + rounding, 64) * (1 + 0x1p-20);
  }
  /// Whether each weight's eigenvalue is the one near the number of L that it stands beside.
  __device__ bool belongs(double gap) const {
    return f_.discs == nullptr || largest(n_, [&](int k) { return f_.discs[m_ * n_ + k]; }) < gap / 4;
  }

  const function_batch<E>& f_;
  const team& team_;
  std::int64_t m_;
  int n_;
};

}  // namespace halfulp::kernels::cuda
