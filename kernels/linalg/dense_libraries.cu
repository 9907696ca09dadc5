#include <halfulp/kernels/linalg/dense_libraries.cuh>

#include <mutex>
#include <vector>

namespace halfulp::kernels::cuda {

void check(cublasStatus_t code, const char* call) {
  if (code != CUBLAS_STATUS_SUCCESS) throw device_error(call, static_cast<int>(code));
}
void check(cusolverStatus_t code, const char* call) {
  if (code != CUSOLVER_STATUS_SUCCESS) throw device_error(call, static_cast<int>(code));
}

namespace {

/// Handles that no call has at the moment.
struct spare_handles {
  std::mutex guard;
  std::vector<dense_libraries::handles> free;
};

spare_handles& spares() {
  static spare_handles all;
  return all;
}

dense_libraries::handles make_handles(int device) {
  dense_libraries::handles h{device};
  check(cublasCreate(&h.blas), "cublasCreate");
  check(cublasSetMathMode(h.blas, CUBLAS_PEDANTIC_MATH), "cublasSetMathMode");
  check(cusolverDnCreate(&h.solver), "cusolverDnCreate");
  return h;
}

dense_libraries::handles take_handles() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  {
    spare_handles& s = spares();
    const std::scoped_lock lock(s.guard);
    for (std::size_t k = s.free.size(); k-- > 0;) {
      if (s.free[k].device != device) continue;
      const dense_libraries::handles h = s.free[k];
      s.free.erase(s.free.begin() + static_cast<std::ptrdiff_t>(k));
      return h;
    }
  }
  return make_handles(device);
}

cublasOperation_t operation(bool adjoint, double) {
  return adjoint ? CUBLAS_OP_T : CUBLAS_OP_N;
}
cublasOperation_t operation(bool adjoint, std::complex<double>) {
  return adjoint ? CUBLAS_OP_C : CUBLAS_OP_N;
}

}  // namespace

dense_libraries::dense_libraries(const cuda_queue& queue) : blas_memory_(queue, blas_bytes), held_(take_handles()) {
  check(cublasSetStream(held_.blas, stream_of(queue)), "cublasSetStream");
  check(cublasSetWorkspace(held_.blas, blas_memory_.at<void>(), blas_bytes), "cublasSetWorkspace");
  check(cusolverDnSetStream(held_.solver, stream_of(queue)), "cusolverDnSetStream");
}

dense_libraries::~dense_libraries() {
  spare_handles& s = spares();
  const std::scoped_lock lock(s.guard);
  s.free.push_back(held_);
}

template <>
void multiply(const dense_libraries& by, bool adjoint, int rows, int columns, int terms, const double* a, int lda,
              const double* b, int ldb, double* c, int ldc) {
  const double one = 1, zero = 0;
  check(cublasDgemm(by.blas(), operation(adjoint, double()), CUBLAS_OP_N, rows, columns, terms, &one, a, lda, b, ldb,
                    &zero, c, ldc),
        "cublasDgemm");
}

template <>
void multiply(const dense_libraries& by, bool adjoint, int rows, int columns, int terms, const std::complex<double>* a,
              int lda, const std::complex<double>* b, int ldb, std::complex<double>* c, int ldc) {
  const cuDoubleComplex one{1, 0}, zero{0, 0};
  const auto pointer = [](const std::complex<double>* p) { return reinterpret_cast<const cuDoubleComplex*>(p); };
  check(cublasZgemm(by.blas(), operation(adjoint, std::complex<double>()), CUBLAS_OP_N, rows, columns, terms, &one,
                    pointer(a), lda, pointer(b), ldb, &zero, reinterpret_cast<cuDoubleComplex*>(c), ldc),
        "cublasZgemm");
}

}  // namespace halfulp::kernels::cuda
