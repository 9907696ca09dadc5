// cuBLAS and cuSOLVER for one call, and what is known of a product that cuBLAS computes.
#pragma once

#include <cublas_v2.h>
#include <cusolverDn.h>

#include <complex>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/linalg/rounding_bounds.hpp>

namespace halfulp::kernels::cuda {

/// Throw device_error unless the call went well.
void check(cublasStatus_t code, const char* call);
void check(cusolverStatus_t code, const char* call);

/// Handles of the current device, bound to a call's stream and used by no other thread while they live here. They are made
/// when first needed, kept for later calls, and live as long as the process.
class dense_libraries {
 public:
  /// Throws device_error.
  explicit dense_libraries(const cuda_queue& queue);
  ~dense_libraries();
  dense_libraries(const dense_libraries&) = delete;
  dense_libraries& operator=(const dense_libraries&) = delete;

  cublasHandle_t blas() const { return held_.blas; }
  cusolverDnHandle_t solver() const { return held_.solver; }

  struct handles {
    int device = 0;
    cublasHandle_t blas = nullptr;
    cusolverDnHandle_t solver = nullptr;
  };

 private:
  static constexpr std::size_t blas_bytes = std::size_t{32} << 20;  // what cuBLAS takes on this architecture by itself
  workspace blas_memory_;
  handles held_;
};

/// The parameters of cuSOLVER's 64-bit calls, by default.
class solver_parameters {
 public:
  /// Throws device_error.
  solver_parameters() { check(cusolverDnCreateParams(&held_), "cusolverDnCreateParams"); }
  ~solver_parameters() { (void)cusolverDnDestroyParams(held_); }
  solver_parameters(const solver_parameters&) = delete;
  solver_parameters& operator=(const solver_parameters&) = delete;

  cusolverDnParams_t get() const { return held_; }

 private:
  cusolverDnParams_t held_ = nullptr;
};

/// c = op(a) b in binary64, column after column, op(a) = a^H where `adjoint`; a, b, c have their leading dimensions; op(a)
/// is rows x terms. In cuBLAS's pedantic mode: no emulation by narrower formats, no products of complex numbers by three
/// real ones, so that each entry is an inner product of `terms` terms in some order, fused or not:
///
///   |computed - exact| <= product_error<E>(terms) (|op(a)| |b|), entry by entry, barring underflow  [higham02, 3.1, 3.6]
///
/// (kernels/linalg/rounding_bounds.hpp). Queues; throws device_error.
template <class E>
void multiply(const dense_libraries& by, bool adjoint, int rows, int columns, int terms, const E* a, int lda,
              const E* b, int ldb, E* c, int ldc);

}  // namespace halfulp::kernels::cuda
