#include <halfulp/kernels/linalg/device_function.cuh>

#include <algorithm>

#include <halfulp/kernels/linalg/function_matrix.cuh>

namespace halfulp::kernels::cuda {
namespace {

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

/// Of a product's elements what becomes of R, S and T, as far as binary64 holds it.
template <class E>
struct take_product {
  function_batch<E> f;
  __device__ bool wanted(std::int64_t m) const { return f.state[m] == at_work; }

 protected:
  template <class Sum>
  __device__ void put(E* to, std::int64_t m, int i, int j, const Sum& s) const {
    E& element = to[m * f.size() + std::int64_t{j} * f.n + i];
    for (int p = 0; p < parts_of_number<E>; ++p) set_part(element, p, value_of(s.part[p]));
  }
};
template <class E>
struct take_residual : take_product<E> {
  template <class Sum>
  __device__ void operator()(std::int64_t m, int i, int j, Sum s) const {
    const function_batch<E>& f = this->f;
    add_product(s, negated(f.values[m * f.n + j]), f.x[m * f.size() + std::int64_t{j} * f.n + i], E{});
    this->put(f.r, m, i, j, s);
  }
};
template <class E>
struct take_inverse_error : take_product<E> {
  template <class Sum>
  __device__ void operator()(std::int64_t m, int i, int j, Sum s) const {
    E one{};
    set_part(one, 0, 1);
    if (i == j) add_product(s, negated(one), one, E{});
    this->put(this->f.s, m, i, j, s);
  }
};
template <class E>
struct take_coupling : take_product<E> {
  template <class Sum>
  __device__ void operator()(std::int64_t m, int i, int j, const Sum& s) const {
    this->put(this->f.t, m, i, j, s);
  }
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

/// R, S and T, and what they lack.
template <class E>
function_errors find_errors(const dense_libraries& by, const function_batch<E>& f, const cuda_queue& queue) {
  const auto columns = [&](const E* a) { return strided_matrices<E>{a, nullptr, 1, f.n}; };
  multiply_compensated(queue, f.n, f.count, columns(f.b), columns(f.x), false, take_residual<E>{{f}});
  multiply_compensated(queue, f.n, f.count, columns(f.y), columns(f.x), false, take_inverse_error<E>{{f}});
  multiply_each(by, f.n, f.count, f.y, f.r, f.t);
  return {tiled_bound<E>(f.n), product_error<E>(f.n), 0, product_error<E>(f.n)};
}
/// The same from R and S in three words and T in compensated arithmetic: once vectors are refined, compensated sums lose more of R than
/// anything else does (docs/cuda/linear_algebra.md).
template <class E>
function_errors find_errors_sharply(const function_batch<E>& f, const cuda_queue& queue) {
  const auto columns = [&](const E* a) { return strided_matrices<E>{a, nullptr, 1, f.n}; };
  multiply_compensated<threefold_sum>(queue, f.n, f.count, columns(f.b), columns(f.x), false, take_residual<E>{{f}});
  multiply_compensated<threefold_sum>(queue, f.n, f.count, columns(f.y), columns(f.x), false,
                                      take_inverse_error<E>{{f}});
  multiply_compensated(queue, f.n, f.count, columns(f.y), columns(f.r), false, take_coupling<E>{{f}});
  return {tiled_threefold_bound<E>(f.n), tiled_bound<E>(f.n), 2 * unit_roundoff, product_error<E>(f.n)};
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
__global__ void __launch_bounds__(threads_of_matrix) first_order_kernel(function_batch<E> f, function_errors errors) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < f.count; m += gridDim.x) {
    if (f.state[m] != at_work) continue;
    const bool proved = function_matrix<E>(f, t, m).form_first_order(errors);
    t.meet();
    if (!proved && t.is_first_thread()) f.state[m] = unsettled_matrix;
  }
}
template <class E>
__global__ void __launch_bounds__(threads_of_matrix) form_product_kernel(function_batch<E> f) {
  extern __shared__ __align__(16) unsigned char room[];
  const team t(1, room);
  for (std::int64_t m = blockIdx.x; m < f.count; m += gridDim.x)
    if (f.state[m] == at_work) function_matrix<E>(f, t, m).form_product();
}

}  // namespace

template <class E>
void find_function(const dense_libraries& by, const function_batch<E>& f, bool refines, const cuda_queue& queue) {
  function_errors errors = find_errors(by, f, queue);
  if (refines) {
    refine_vectors(by, f, queue);
    errors = find_errors_sharply(f, queue);
  }
  const auto blocks = static_cast<unsigned>(std::min(f.count, most_blocks));
  constexpr std::size_t room = threads_of_matrix * team::room_bytes;
  launch(queue, blocks, threads_of_matrix, room, first_order_kernel<E>, f, errors);
  multiply_each(by, f.n, f.count, f.x, f.t, f.w);
  launch(queue, blocks, threads_of_matrix, room, form_product_kernel<E>, f);
}
template void find_function(const dense_libraries&, const function_batch<double>&, bool, const cuda_queue&);
template void find_function(const dense_libraries&, const function_batch<complex_number>&, bool, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
