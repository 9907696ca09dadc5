// The gradient of a Cholesky factor from the pairs of solutions of its columns, in compensated arithmetic with a radius.
#pragma once

#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/solution_pairs.cuh>

namespace halfulp::kernels::cuda {

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

}  // namespace halfulp::kernels::cuda
