// The batch of matrices that eigvalsh reads, on a GPU.
#pragma once

#include <cmath>
#include <complex>

#include <halfulp/kernels/core/left_list.cuh>
#include <halfulp/kernels/linalg/settle_eigenvalues.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels::cuda {

/// A left_matrix as one number of a left_list.
HALFULP_HOST_DEVICE inline std::int64_t packed(left_matrix m) {
  return m.matrix * (op::eigvalsh::max_n + 1) + m.left;
}
inline left_matrix unpacked(std::int64_t p) {
  return {p / (op::eigvalsh::max_n + 1), p % (op::eigvalsh::max_n + 1)};
}

template <class T>
struct hermitian_batch {
  op::eigvalsh::args<T> a;
  component_t<T>* w;
  left_list left;        // of packed left_matrix
  tier_counts* decided;  // or nullptr

  __device__ void count(tier t, std::int64_t n) const {
    if (decided != nullptr && n > 0)
      atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
                static_cast<unsigned long long>(n));
  }
};

/// A real number, or the parts of a complex one.
struct entry_parts {
  double real = 0, imaginary = 0;
};

template <class T>
__device__ entry_parts parts_of(T x) {
  return {widen(x), 0};
}
template <class R>
__device__ entry_parts parts_of(std::complex<R> z) {
  return {widen(z.real()), widen(z.imag())};
}

/// Entry (row, column) of the Hermitian matrix m; on the diagonal the real part.
template <class T>
__device__ entry_parts entry_of(const op::eigvalsh::args<T>& a, std::int64_t m, int row, int column) {
  run machine("eigvalsh");
  const auto from = a.shape.source(machine, idx<run>{m, {}}, idx<run>{row, {}}, idx<run>{column, {}});
  entry_parts x = parts_of(a.x[static_cast<std::size_t>(from.at.v)]);
  if (from.conjugate) x.imaginary = -x.imaginary;
  if (row == column) x.imaginary = 0;
  return x;
}

/// Powers of two that take a matrix with largest part `largest`, finite, to one with a largest part in [1, 2): in two steps,
/// since 2^-shift itself may overflow.
struct power_scale {
  int shift;
  double first, second;

  __device__ explicit power_scale(double largest)
      : shift(largest == 0 ? 0 : ilogb(largest)),
        first(ldexp(1.0, -(shift / 2))),
        second(ldexp(1.0, -(shift - shift / 2))) {}
  __device__ double operator()(double x) const { return x * first * second; }
  /// Whether nothing of x was lost to underflow.
  __device__ bool is_exact(double x) const { return ldexp((*this)(x), shift) == x; }
};

}  // namespace halfulp::kernels::cuda
