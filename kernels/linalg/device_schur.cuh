// The Schur form of a small matrix by a block of threads: reduction to Hessenberg form, then QR iteration with single shifts in
// complex arithmetic. Nothing here has an error bound: what it gives is found out afterwards.  [wilkinson65, 8]
#pragma once

#include <halfulp/kernels/linalg/device_general.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int schur_threads = 2 * most_schur_n;  // one for each row of T and one for each row of Q

struct rotation {
  complex_number c, s;
};

struct dot {
  complex_number value;
  __device__ void merge(const dot& o) { value = sum(value, o.value); }
};

__device__ inline complex_number product(complex_number a, complex_number b) {
  return multiply_add(a, b, complex_number{});
}
__device__ inline complex_number times(double f, complex_number z) {
  return {f * z.re, f * z.im};
}
__device__ inline complex_number square_root(complex_number z) {
  const double m = sqrt(square(z)), re = sqrt((m + fabs(z.re)) / 2);
  if (re == 0) return {0, 0};
  const double im = z.im / (2 * re);
  return z.re >= 0 ? complex_number{re, im} : complex_number{fabs(im), copysign(re, z.im)};
}

/// T = Q^H A Q, upper triangular; T and Q row-major, rows `stride` numbers apart.
class schur_form {
 public:
  /// room: shared memory for a team of schur_threads and, behind it, most_schur_n rotations and numbers.
  __device__ schur_form(complex_number* t, complex_number* q, int n, int stride, unsigned char* room)
      : t_(t),
        q_(q),
        n_(n),
        stride_(stride),
        me_(static_cast<int>(threadIdx.x)),
        team_(1, room),
        rotations_(reinterpret_cast<rotation*>(room + schur_threads * team::room_bytes)),
        vector_(reinterpret_cast<complex_number*>(rotations_ + most_schur_n)),
        first_(reinterpret_cast<int*>(vector_ + most_schur_n)) {}
  static constexpr std::size_t room_bytes = schur_threads * team::room_bytes +
                                            most_schur_n * (sizeof(rotation) + sizeof(complex_number)) +
                                            sizeof(complex_number);

  /// a: column after column.
  __device__ void load(const complex_number* a) {
    for (int k = me_; k < n_ * n_; k += schur_threads) {
      t(k % n_, k / n_) = a[k];
      q(k % n_, k / n_) = {k % n_ == k / n_ ? 1.0 : 0.0, 0};
    }
    __syncthreads();
  }

  __device__ void reduce_to_hessenberg() {
    for (int k = 0; k + 2 < n_; ++k) {
      const double below =
          team_.template total<plain_sum>(n_ - k - 2, [&](int i) { return square(t(k + 2 + i, k)); }).value;
      if (below > 0) reflect(k, below);
    }
    __syncthreads();
  }

  /// Whether it came to an end.
  __device__ bool iterate() {
    int last = n_ - 1, steps = 0;
    for (int budget = 40 * n_; last > 0; --budget) {
      if (budget == 0) return false;
      const int first = first_of_block(last);
      if (first == last) {
        --last;
        steps = 0;
        continue;
      }
      const complex_number shift = shift_for(last, ++steps);
      __syncthreads();
      add_to_diagonal(first, last, negated(shift));
      triangularise(first, last);
      multiply_back(first, last);
      add_to_diagonal(first, last, shift);
    }
    return true;
  }

  __device__ complex_number& t(int i, int j) const { return t_[i * stride_ + j]; }
  __device__ complex_number& q(int i, int j) const { return q_[i * stride_ + j]; }

 private:
  /// (I - 2 v v^H / v^H v) on both sides, v from column k below the diagonal, whose last n - k - 2 squares add up to `below`.
  __device__ void reflect(int k, double below) {
    const complex_number head = t(k + 1, k);
    const double size = sqrt(square(head)), norm = sqrt(below + square(head));
    const complex_number phase = size > 0 ? times(1 / size, head) : complex_number{1, 0};
    const complex_number v = sum(head, times(norm, phase));
    const double factor = 2 / (below + square(v));
    for (int i = k + 1 + me_; i < n_; i += schur_threads) vector_[i] = i == k + 1 ? v : t(i, k);
    __syncthreads();
    for (int j = k + me_; j < n_; j += schur_threads) {
      complex_number s{};
      for (int i = k + 1; i < n_; ++i) s = multiply_add(conjugate(vector_[i]), t(i, j), s);
      s = times(-factor, s);
      for (int i = k + 1; i < n_; ++i) t(i, j) = multiply_add(vector_[i], s, t(i, j));
    }
    __syncthreads();
    const int lane = me_ % lanes_of_warp;
    for (int row = me_ / lanes_of_warp; row < 2 * n_; row += schur_threads / lanes_of_warp) {
      complex_number* const a = row < n_ ? &t(row, 0) : &q(row - n_, 0);
      dot s{};
      for (int j = k + 1 + lane; j < n_; j += lanes_of_warp) s.value = multiply_add(a[j], vector_[j], s.value);
      const complex_number by = times(-factor, merged_lanes(s).value);
      for (int j = k + 1 + lane; j < n_; j += lanes_of_warp) a[j] = multiply_add(by, conjugate(vector_[j]), a[j]);
    }
    __syncthreads();
    for (int i = k + 2 + me_; i < n_; i += schur_threads) t(i, k) = {};
  }

  /// The first row of the block that ends at `last` and has no negligible element below its diagonal.
  __device__ int first_of_block(int last) {
    __syncthreads();
    if (me_ == 0) *first_ = 0;
    __syncthreads();
    for (int i = 1 + me_; i <= last; i += schur_threads)
      if (magnitude(t(i, i - 1)) <= unit_roundoff * (magnitude(t(i, i)) + magnitude(t(i - 1, i - 1)) + 0x1p-60))
        atomicMax(first_, i);
    __syncthreads();
    const int first = *first_;
    if (me_ == 0 && first > 0) t(first, first - 1) = {};
    return first;
  }

  /// The eigenvalue of the last 2 x 2 block that is nearer to its last element.
  __device__ complex_number shift_for(int last, int steps) const {
    const complex_number d = t(last, last), c = t(last, last - 1);
    if (steps % 10 == 0) return {d.re + 0.75 * magnitude(c), d.im};
    const complex_number bc = product(t(last - 1, last), c), p = times(0.5, difference(t(last - 1, last - 1), d));
    const complex_number root = square_root(multiply_add(p, p, bc));
    const complex_number plus = sum(p, root), minus = difference(p, root);
    const complex_number larger = square(plus) >= square(minus) ? plus : minus;
    return square(larger) > 0 ? difference(d, product(bc, reciprocal(larger))) : d;
  }

  __device__ void add_to_diagonal(int first, int last, complex_number s) {
    for (int i = first + me_; i <= last; i += schur_threads) t(i, i) = sum(t(i, i), s);
    __syncthreads();
  }

  /// Rotations of neighbouring rows, one column a thread; the thread of column k finds rotation k.
  __device__ void triangularise(int first, int last) {
    const int j = me_;
    const bool in_row = j >= first && j < n_;
    complex_number upper = in_row ? t(first, j) : complex_number{}, next = in_row ? t(first + 1, j) : complex_number{};
    for (int k = first; k < last; ++k) {
      const bool mine = in_row && j >= k;
      const complex_number lower = next;
      if (mine && k + 2 <= last) next = t(k + 2, j);  // on its way while the others wait
      if (j == k) {
        const double r = sqrt(square(upper) + square(lower));
        rotations_[k] = r > 0 ? rotation{times(1 / r, upper), times(1 / r, lower)} : rotation{{1, 0}, {0, 0}};
      }
      __syncthreads();
      if (!mine) continue;
      const rotation g = rotations_[k];
      t(k, j) = multiply_add(conjugate(g.c), upper, product(conjugate(g.s), lower));
      upper = j == k ? complex_number{} : multiply_add(g.c, lower, negated(product(g.s, upper)));
    }
    if (j >= last && j < n_) t(last, j) = upper;
    __syncthreads();
  }

  /// The adjoint rotations of neighbouring columns, one row of T or of Q a thread.
  __device__ void multiply_back(int first, int last) {
    constexpr int together = 8;  // elements that are fetched at a time
    const bool of_t = me_ < most_schur_n;
    const int i = of_t ? me_ : me_ - most_schur_n;
    if (i < n_ && !(of_t && i > last)) {
      complex_number* const row = of_t ? &t(i, 0) : &q(i, 0);
      const int start = of_t ? max(first, i - 1) : first;
      complex_number left =
          of_t && i > first ? complex_number{} : row[start];  // the rotations left 0 below the diagonal
      for (int k = start; k < last; k += together) {
        complex_number right[together];
#pragma unroll
        for (int c = 0; c < together; ++c) right[c] = k + c < last ? row[k + c + 1] : complex_number{};
#pragma unroll
        for (int c = 0; c < together && k + c < last; ++c) {
          const rotation g = rotations_[k + c];
          row[k + c] = multiply_add(left, g.c, product(right[c], g.s));
          left = multiply_add(right[c], conjugate(g.c), negated(product(left, conjugate(g.s))));
        }
      }
      row[last] = left;
    }
    __syncthreads();
  }

  complex_number *t_, *q_;
  int n_, stride_, me_;
  team team_;
  rotation* rotations_;
  complex_number* vector_;
  int* first_;
};

}  // namespace halfulp::kernels::cuda
