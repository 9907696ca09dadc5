#include <halfulp/kernels/linalg/device_function.cuh>

#include <algorithm>

namespace halfulp::kernels::cuda {
namespace {

using linalg::rounded_up;
constexpr double u = unit_roundoff;

__device__ double square(double x) {
  return x * x;
}
__device__ double square(complex_number z) {
  return z.re * z.re + z.im * z.im;
}
template <class E>
__device__ double absolute(E x) {
  return sqrt(square(x));
}
template <class E>
__device__ E difference(E x, E y) {
  return sum(x, negated(y));
}
template <class E>
double product_error(int n) {
  return parts_of_number<E> == 1 ? linalg::product_error<double>(n) : linalg::product_error<std::complex<double>>(n);
}

/// c = a b of each matrix, in binary64 (dense_libraries.cuh has the bound).
void multiply_each(const dense_libraries& by, int n, std::int64_t count, const double* a, const double* b, double* c) {
  const double one = 1, zero = 0;
  const long long size = static_cast<long long>(n) * n;
  check(cublasDgemmStridedBatched(by.blas(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, a, n, size, b, n, size, &zero, c,
                                  n, size, static_cast<int>(count)),
        "cublasDgemmStridedBatched");
}
void multiply_each(const dense_libraries& by, int n, std::int64_t count, const complex_number* a,
                   const complex_number* b, complex_number* c) {
  const cuDoubleComplex one{1, 0}, zero{0, 0};
  const long long size = static_cast<long long>(n) * n;
  const auto pointer = [](const complex_number* p) { return reinterpret_cast<const cuDoubleComplex*>(p); };
  check(
      cublasZgemmStridedBatched(by.blas(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, pointer(a), n, size, pointer(b), n,
                                size, &zero, reinterpret_cast<cuDoubleComplex*>(c), n, size, static_cast<int>(count)),
      "cublasZgemmStridedBatched");
}

/// R, as far as binary64 holds it.
template <class E>
struct take_residual {
  function_batch<E> f;
  __device__ bool wanted(std::int64_t m) const { return f.state[m] == at_work; }
  __device__ void operator()(std::int64_t m, int i, int j, compensated_sum<E> s) const {
    const std::int64_t at = m * f.size() + std::int64_t{j} * f.n + i;
    s.add(negated(f.values[m * f.n + j]), f.x[at], E{});
    for (int p = 0; p < parts_of_number<E>; ++p) set_part(f.r[at], p, s.part[p].high + s.part[p].low);
  }
};
/// S, likewise.
template <class E>
struct take_inverse_error {
  function_batch<E> f;
  __device__ bool wanted(std::int64_t m) const { return f.state[m] == at_work; }
  __device__ void operator()(std::int64_t m, int i, int j, compensated_sum<E> s) const {
    if (i == j) s.part[0].add(-1, 1, 0);
    E& to = f.s[m * f.size() + std::int64_t{j} * f.n + i];
    for (int p = 0; p < parts_of_number<E>; ++p) set_part(to, p, s.part[p].high + s.part[p].low);
  }
};

/// What a pair of eigenvalues tells, and sums over pairs: the least distance, the largest |d_i - d_j| / |l_i - l_j|, and the
/// squares of P and of the first part of M.
struct pair_numbers {
  double gap, slope, p_squares, m_squares;
  __device__ void merge(const pair_numbers& o) {
    gap = fmin(gap, o.gap);
    slope = fmax(slope, o.slope);
    p_squares += o.p_squares;
    m_squares += o.m_squares;
  }
};

/// One matrix by a block.
template <class E>
class function_matrix {
 public:
  __device__ function_matrix(const function_batch<E>& f, const team& t, std::int64_t m, double product)
      : f_(f), team_(t), m_(m), n_(f.n), product_(product) {}

  /// M in t, and its bound; false where nothing was proved.
  __device__ bool form_first_order() const {
    find_norms();
    const double bound = bound_of_function();
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
      f_.z_rows[m_ * n_ + i] = rounded_up(sqrt(rounded_up(squares, 2.0 * n_)), 1);
    });
  }

 private:
  __device__ std::int64_t at(int k) const { return m_ * f_.size() + k; }
  __device__ E weight(int k) const { return f_.weights[m_ * n_ + k]; }
  __device__ E apart(int i, int j) const { return difference(f_.values[m_ * n_ + i], f_.values[m_ * n_ + j]); }

  /// At least the norm of numbers of which f(k) are the squares.
  template <class F>
  __device__ double norm(int n, F f) const {
    return rounded_up(sqrt(rounded_up(team_.template total<plain_sum>(n, f).value, 2.0 * n)), 1);
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
    team_.each(n_, [&](int i) {
      double row = 0;
      for (int k = 0; k < n_; ++k) row += square(f_.x[at(k * n_ + i)]);
      f_.x_rows[m_ * n_ + i] = rounded_up(sqrt(rounded_up(row, 2.0 * n_)), 1);
    });
    const int lane = static_cast<int>(threadIdx.x) % lanes_of_warp;
    for (int j = static_cast<int>(threadIdx.x) / lanes_of_warp; j < n_;
         j += static_cast<int>(blockDim.x) / lanes_of_warp) {
      plain_sum s{};
      for (int k = lane; k < n_; k += lanes_of_warp) s.value += square(f_.y[at(j * n_ + k)]);
      const double column = rounded_up(sqrt(rounded_up(merged_lanes(s).value, 2.0 * n_)), 1);
      if (lane == 0) f_.y_columns[m_ * n_ + j] = column;
    }
    team_.meet();
  }

  __device__ pair_numbers pairs() const {
    pair_numbers all{INFINITY, 0, 0, 0};
    for (int k = static_cast<int>(threadIdx.x); k < n_ * n_; k += static_cast<int>(blockDim.x)) {
      const int i = k % n_, j = k / n_;
      if (i == j) continue;
      const double distance = absolute(apart(i, j)) * (1 - 8 * u), t = absolute(f_.t[at(k)]);
      const double slope = absolute(difference(weight(i), weight(j))) / distance;
      all.merge({distance, slope, square(t / distance), square(t * slope)});
    }
    // each thread has what it saw
    const auto least = team_.template total<largest_number>(static_cast<int>(blockDim.x),
                                                            [&](int) { return all.gap > 0 ? 1 / all.gap : INFINITY; });
    const double slope = largest(static_cast<int>(blockDim.x), [&](int) { return all.slope; });
    const double p =
        team_.template total<plain_sum>(static_cast<int>(blockDim.x), [&](int) { return all.p_squares; }).value;
    const double m =
        team_.template total<plain_sum>(static_cast<int>(blockDim.x), [&](int) { return all.m_squares; }).value;
    return {least.value > 0 ? (1 - 4 * u) / least.value : INFINITY, slope * (1 + 16 * u), p, m};
  }

  /// f(B) is off from X (D + M) Y, M in binary64 and times X in binary64, by X C Y, ||C|| at most this; infinite where nothing is
  /// known. Letters are those of device_function.cuh; lost_r, lost_s, lost_t what R, S and T lack.
  __device__ double bound_of_function() const {
    const double g = f_.gamma_of_sums(), sums = 2 * g * g;
    const double x = norm(n_, [&](int i) { return square(f_.x_rows[m_ * n_ + i]); }),
                 y = norm(n_, [&](int j) { return square(f_.y_columns[m_ * n_ + j]); });
    const double b = norm(f_.b), r = norm(f_.r), computed_s = norm(f_.s), computed_t = norm(f_.t);
    const double l = largest(n_, [&](int k) { return absolute(f_.values[m_ * n_ + k]); }),
                 d = largest(n_, [&](int k) { return absolute(weight(k)); }) * (1 + 8 * u);
    const double lost_r = 2 * u * r + sums * (b + 2 * l) * x + 0x1p-900,
                 lost_s = 2 * u * computed_s + sums * (x * y + n_);
    const double lost_t = y * lost_r * (1 + 8 * u) + product_ * y * r;
    const double s = rounded_up(computed_s + lost_s, 8), t = rounded_up(computed_t + lost_t, 8), e = 1.06 * t;
    const double diagonal =
        largest(n_, [&](int k) { return absolute(f_.t[at(k * (n_ + 1))]); }) * (1 + 8 * u) + lost_t + s * e;
    const pair_numbers q = pairs();
    if (!(s <= 0.05 && q.gap > 40 * e && belongs(q.gap))) return INFINITY;
    const double slope = 1.1 * q.slope, lacking = lost_t + s * e;
    const double p = 1.1 * (sqrt(rounded_up(q.p_squares, 2.0 * n_ * n_)) + lacking / q.gap),
                 m = 1.1 * (sqrt(rounded_up(q.m_squares, 2.0 * n_ * n_)) + slope * lacking);
    if (!(p <= 0.05)) return INFINITY;
    // of exp(P) D exp(-P), of what N adds to f, of T for E, of l for L + E, of (I + S)^-1 beside M, and beside D
    const double second = 1.4 * p * m + 1.8 * slope * p * e + 1.1 * slope * s * e + 2.4 * diagonal / q.gap * m +
                          1.1 * s * m + 1.1 * d * s * s;
    const double rounding = 32 * u * (m + d * s) + slope * lost_t + d * lost_s + product_ * 1.01 * (m + d * s);
    return rounded_up(second + rounding, 64) * (1 + 0x1p-20);
  }
  /// Whether each weight's eigenvalue is the one near the number of L that it stands beside.
  __device__ bool belongs(double gap) const {
    return f_.discs == nullptr || largest(n_, [&](int k) { return f_.discs[m_ * n_ + k]; }) < gap / 4;
  }

  const function_batch<E>& f_;
  const team& team_;
  std::int64_t m_;
  int n_;
  double product_;
};

/// P in t, and S + P in s; 0 where P is no small number.
template <class E>
struct form_correction {
  function_batch<E> f;
  __device__ void operator()(std::int64_t k) const {
    const std::int64_t m = k / f.size(), i = k % f.n, j = k / f.n % f.n;
    if (f.state[m] != at_work) return;
    E p{};
    if (i != j) p = multiply_add(f.t[k], reciprocal(difference(f.values[m * f.n + j], f.values[m * f.n + i])), E{});
    if (!(magnitude(p) < 0.25)) p = E{};
    f.t[k] = p;
    f.s[k] = sum(f.s[k], p);
  }
};
/// to += sign w
template <class E>
struct add_correction {
  function_batch<E> f;
  E* to;
  bool subtracts;
  __device__ void operator()(std::int64_t k) const {
    if (f.state[k / f.size()] == at_work) to[k] = subtracts ? difference(to[k], f.w[k]) : sum(to[k], f.w[k]);
  }
};

/// R, S and T.
template <class E>
void find_errors(const dense_libraries& by, const function_batch<E>& f, const cuda_queue& queue) {
  const auto columns = [&](const E* a) { return strided_matrices<E>{a, nullptr, 1, f.n}; };
  multiply_compensated(queue, f.n, f.count, columns(f.b), columns(f.x), false, take_residual<E>{f});
  multiply_compensated(queue, f.n, f.count, columns(f.y), columns(f.x), false, take_inverse_error<E>{f});
  multiply_each(by, f.n, f.count, f.y, f.r, f.t);
}

template <class E>
void refine_vectors(const dense_libraries& by, const function_batch<E>& f, const cuda_queue& queue) {
  const std::int64_t all = f.count * f.size();
  for_each_index(queue, all, form_correction<E>{f});
  multiply_each(by, f.n, f.count, f.x, f.t, f.w);
  for_each_index(queue, all, add_correction<E>{f, f.x, false});
  multiply_each(by, f.n, f.count, f.s, f.y, f.w);
  for_each_index(queue, all, add_correction<E>{f, f.y, true});
}

constexpr int threads_of_matrix = 256;

template <class E>
__global__ void __launch_bounds__(threads_of_matrix) first_order_kernel(function_batch<E> f, double product) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < f.count; m += gridDim.x) {
    if (f.state[m] != at_work) continue;
    const bool proved = function_matrix<E>(f, t, m, product).form_first_order();
    t.meet();
    if (!proved && t.is_first_thread()) f.state[m] = unsettled_matrix;
  }
}
template <class E>
__global__ void __launch_bounds__(threads_of_matrix) form_product_kernel(function_batch<E> f) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < f.count; m += gridDim.x)
    if (f.state[m] == at_work) function_matrix<E>(f, t, m, 0).form_product();
}

}  // namespace

template <class E>
void find_function(const dense_libraries& by, const function_batch<E>& f, bool refines, const cuda_queue& queue) {
  find_errors(by, f, queue);
  if (refines) {
    refine_vectors(by, f, queue);
    find_errors(by, f, queue);
  }
  const auto blocks = static_cast<unsigned>(std::min(f.count, most_blocks));
  constexpr std::size_t room = threads_of_matrix * team::room_bytes;
  launch(queue, blocks, threads_of_matrix, room, first_order_kernel<E>, f, product_error<E>(f.n));
  multiply_each(by, f.n, f.count, f.x, f.t, f.w);
  launch(queue, blocks, threads_of_matrix, room, form_product_kernel<E>, f);
}
template void find_function(const dense_libraries&, const function_batch<double>&, bool, const cuda_queue&);
template void find_function(const dense_libraries&, const function_batch<complex_number>&, bool, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
