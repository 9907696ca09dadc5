// cuSOLVER's handles, codes and types for its worker.
#pragma once

#include <complex>
#include <string>
#include <vector>

#include <cusolverDn.h>

#include <halfulp/analysis/backends/dense_peer.hpp>
#include <halfulp/analysis/backends/on_gpu.hpp>

namespace halfulp::analysis {

/// The library refuses a call with one of these codes; every other one is a failure.
inline void check(cusolverStatus_t code, const char* call) {
  if (code == CUSOLVER_STATUS_SUCCESS) return;
  const std::string text = std::string(call) + " gives status " + std::to_string(static_cast<int>(code));
  if (code == CUSOLVER_STATUS_INVALID_VALUE || code == CUSOLVER_STATUS_NOT_SUPPORTED) throw peer_refused(text);
  throw std::runtime_error(text);
}

template <class S>
inline constexpr cudaDataType type_of = std::is_same_v<S, float>                 ? CUDA_R_32F
                                        : std::is_same_v<S, double>              ? CUDA_R_64F
                                        : std::is_same_v<S, std::complex<float>> ? CUDA_C_32F
                                                                                 : CUDA_C_64F;

/// The library for one process: handles are costly to make.
struct library {
  cusolverDnHandle_t handle = nullptr;
  cusolverDnParams_t parameters = nullptr;
  library() {
    check(cusolverDnCreate(&handle), "cusolverDnCreate");
    check(cusolverDnCreateParams(&parameters), "cusolverDnCreateParams");
  }
  static const library& get() {
    static const library one;
    return one;
  }
};

/// Where routines put what came of them, one for each matrix: 0, or why not.
class outcome_of {
 public:
  outcome_of(gpu::memory& memory, std::size_t count) : count_(count), info_(memory.room<int>(count * sizeof(int))) {}
  int* info() const { return info_; }
  void require_convergence() const {
    std::vector<int> info(count_);
    gpu::read(info.data(), info_, count_);
    for (const int i : info) {
      if (i < 0) throw peer_refused("cuSOLVER refuses argument " + std::to_string(-i));
      if (i > 0) throw std::runtime_error("cuSOLVER does not converge: info is " + std::to_string(i));
    }
  }

 private:
  std::size_t count_;
  int* info_;
};

/// Row-major as column-major: n rows of m.
template <class S>
std::vector<S> transposed(std::size_t n, std::size_t m, const S* a) {
  std::vector<S> t(n * m);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) t[j * n + i] = a[i * m + j];
  return t;
}

/// Read by columns, a Hermitian matrix is its conjugate, of the same eigenvalues, and its lower triangle the upper one.
constexpr cublasFillMode_t read_by_columns(bool lower) {
  return lower ? CUBLAS_FILL_MODE_UPPER : CUBLAS_FILL_MODE_LOWER;
}

/// cuSOLVER's name for the type.
template <class S>
auto* theirs(S* p) {
  if constexpr (std::is_same_v<S, std::complex<float>>)
    return reinterpret_cast<cuComplex*>(p);
  else if constexpr (std::is_same_v<S, std::complex<double>>)
    return reinterpret_cast<cuDoubleComplex*>(p);
  else
    return p;
}

template <class S>
struct jacobi;
#define HALFULP_JACOBI(S, name)                                         \
  template <>                                                           \
  struct jacobi<S> {                                                    \
    static constexpr auto* size = cusolverDn##name##Batched_bufferSize; \
    static constexpr auto* solve = cusolverDn##name##Batched;           \
  };
HALFULP_JACOBI(float, Ssyevj)
HALFULP_JACOBI(double, Dsyevj)
HALFULP_JACOBI(std::complex<float>, Cheevj)
HALFULP_JACOBI(std::complex<double>, Zheevj)
#undef HALFULP_JACOBI

/// The library's own tolerance and number of sweeps, eigenvalues sorted.
struct jacobi_parameters {
  syevjInfo_t get = nullptr;
  jacobi_parameters() { check(cusolverDnCreateSyevjInfo(&get), "cusolverDnCreateSyevjInfo"); }
  ~jacobi_parameters() { (void)cusolverDnDestroySyevjInfo(get); }
  jacobi_parameters(const jacobi_parameters&) = delete;
  jacobi_parameters& operator=(const jacobi_parameters&) = delete;
};

}  // namespace halfulp::analysis
