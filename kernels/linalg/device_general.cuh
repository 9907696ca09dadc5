// Square matrices in device memory whose eigenvalues are wanted: scaled, balanced, and with approximate eigenvectors.
#pragma once

#include <complex>

#include <halfulp/kernels/linalg/device_number.hpp>
#include <halfulp/kernels/linalg/team.cuh>
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::kernels::cuda {

enum general_state : int {
  at_work = 0,
  undefined_matrix = 1,  ///< an element is NaN or infinite
  unsettled_matrix = 2,  ///< for the CPU: zero, not to be scaled exactly, or without approximate vectors
  settled_matrix = 3     ///< every eigenvalue is rounded
};

/// `count` matrices of n x n, all of them complex, column after column.
struct general_batch {
  complex_number* a;               ///< B = D^-1 A D 2^-shift, near 1, D of powers of two: no bit is lost
  complex_number *x, *y, *values;  ///< columns near eigenvectors of B, near X^-1, and n values of each matrix
  complex_number* work[3];         ///< n x n each
  int *state, *shift, *scale;      ///< scale: n exponents of D for each matrix
  int n;
  std::int64_t count;

  HALFULP_HOST_DEVICE std::int64_t size() const { return std::int64_t{n} * n; }
};

/// Balances the matrices that are at work, which are scaled [osborne60].
void balance(const general_batch& b, const cuda_queue& queue);

/// The element of A behind an element of a batch.
template <class T>
struct general_element {
  const component_t<T>* x;
  general_batch b;

  static constexpr int parts = is_complex<T> ? 2 : 1;
  struct place {
    std::int64_t matrix, column, row;
  };
  __device__ place place_of(std::int64_t k) const { return {k / b.size(), k % b.size() / b.n, k % b.n}; }
  __device__ complex_number of_input(const place& p) const {
    const component_t<T>* from = x + (p.matrix * b.size() + p.row * b.n + p.column) * parts;
    return {widen(from[0]), parts == 2 ? widen(from[parts - 1]) : 0.0};
  }
};

template <class T>
struct scan_general : general_element<T> {
  __device__ void operator()(std::int64_t k) const {
    const auto p = this->place_of(k);
    const complex_number z = this->of_input(p);
    const double most = fmax(fabs(z.re), fabs(z.im));
    if (!(fabs(z.re) < INFINITY && fabs(z.im) < INFINITY)) {
      this->b.state[p.matrix] = undefined_matrix;
    } else if (most > 0) {
      const int e = ilogb(most) + 1;
      if (e > this->b.shift[p.matrix]) atomicMax(&this->b.shift[p.matrix], e);
    }
  }
};

template <class T>
struct place_general : general_element<T> {
  __device__ void operator()(std::int64_t k) const {
    const auto p = this->place_of(k);
    const complex_number z = this->of_input(p);
    const int shift = this->b.shift[p.matrix];
    constexpr int none = -100000;  // no element but zeros
    if (shift < none && this->b.state[p.matrix] == at_work) this->b.state[p.matrix] = unsettled_matrix;
    this->b.a[k] = {ldexp(z.re, -shift), ldexp(z.im, -shift)};
    if (p.column == 0) this->b.scale[p.matrix * this->b.n + p.row] = 0;
  }
};

/// Leaves matrices of which scaling or balancing lost a bit to underflow.
template <class T>
struct verify_general : general_element<T> {
  __device__ void operator()(std::int64_t k) const {
    const auto p = this->place_of(k);
    if (this->b.state[p.matrix] != at_work) return;
    const complex_number z = this->of_input(p), v = this->b.a[k];
    const int* scale = this->b.scale + p.matrix * this->b.n;
    const int e = scale[p.row] - scale[p.column] + this->b.shift[p.matrix];
    if (ldexp(v.re, e) != z.re || ldexp(v.im, e) != z.im) this->b.state[p.matrix] = unsettled_matrix;
  }
};

/// Matrices first .. first + count - 1 of a call. Vectors and work are 0: cuBLAS multiplies those of every matrix of a batch, of those
/// that are not at work too, though nothing of these products is used.
template <class T>
void load_general(const op::eigvals::args<T>& args, std::int64_t first, const general_batch& b,
                  const cuda_queue& queue) {
  const auto count = static_cast<std::size_t>(b.count);
  check(cudaMemsetAsync(b.state, 0, count * sizeof(int), stream_of(queue)), "cudaMemsetAsync");
  check(cudaMemsetAsync(b.shift, 0x80, count * sizeof(int), stream_of(queue)),
        "cudaMemsetAsync");  // far below any exponent
  const auto bytes = static_cast<std::size_t>(b.count * b.size()) * sizeof(complex_number);
  for (complex_number* const z : {b.x, b.y, b.work[0], b.work[1], b.work[2]})
    check(cudaMemsetAsync(z, 0, bytes, stream_of(queue)), "cudaMemsetAsync");
  const general_element<T> all{reinterpret_cast<const component_t<T>*>(args.x.data() + first * b.size()), b};
  for_each_index(queue, b.count * b.size(), scan_general<T>{all});
  for_each_index(queue, b.count * b.size(), place_general<T>{all});
  balance(b, queue);
  for_each_index(queue, b.count * b.size(), verify_general<T>{all});
}

/// Approximate eigenvalues, eigenvectors and their inverse of what is at work, without error bounds, by a block of threads a
/// matrix, for n at most most_schur_n. A matrix for which there are none is left.
inline constexpr int most_schur_n = 128;
inline constexpr int most_schur_n_in_shared = 81;  // beyond it T and Q lie in device memory
void find_vectors_by_blocks(const general_batch& b, const cuda_queue& queue);

/// The same by cuSOLVER, one matrix after the other, which waits for the stream; `real`: all imaginary parts are 0. In binary32,
/// which is faster, and then refined in binary64; or in binary64. Only the latter leaves a matrix.
enum class library_precision { binary32_refined, binary64 };
void find_vectors_by_library(const general_batch& b, bool real, library_precision precision, const cuda_queue& queue);

/// to = a b, or a b^H, of each matrix, in binary64 (dense_libraries.cuh has the bound); or += where it `adds`.
class dense_libraries;
void multiply_batch(const dense_libraries& by, const general_batch& b, const complex_number* left,
                    const complex_number* right, bool adjoint, complex_number* to, bool adds = false);

}  // namespace halfulp::kernels::cuda
