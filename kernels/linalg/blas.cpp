#include <halfulp/kernels/linalg/blas.hpp>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <cblas.h>
#include <lapacke.h>

#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::kernels::linalg {

using complex = std::complex<double>;

namespace {

std::size_t size(long n) {
  return static_cast<std::size_t>(n);
}

/// What LAPACK may be given for n x n matrices, as `halfulp prove eigvalsh` has it.
op::eigvalsh::lapack_args<run> arguments_for(int n) {
  run m(op::eigvalsh::name);
  return op::eigvalsh::lapack_args<run>::of(m, n, n > 0);
}

}  // namespace

template <>
void blas<double>::multiply(int n, int columns, const double* a, const double* b, double beta, double* c) {
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, columns, n, 1, a, n, b, n, beta, c, n);
}
template <>
void blas<complex>::multiply(int n, int columns, const complex* a, const complex* b, double beta, complex* c) {
  const complex one = 1, factor = beta;
  cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, columns, n, &one, a, n, b, n, &factor, c, n);
}

template <>
void blas<double>::adjoint_multiply(int n, const double* a, const double* b, double* c) {
  cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n);
}
template <>
void blas<complex>::adjoint_multiply(int n, const complex* a, const complex* b, complex* c) {
  const complex one = 1, zero = 0;
  cblas_zgemm(CblasColMajor, CblasConjTrans, CblasNoTrans, n, n, n, &one, a, n, b, n, &zero, c, n);
}

template <>
void blas<double>::gram(int n, const double* a, double* c) {
  cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, n, n, 1, a, n, 0, c, n);
}
template <>
void blas<complex>::gram(int n, const complex* a, complex* c) {
  cblas_zherk(CblasColMajor, CblasUpper, CblasConjTrans, n, n, 1, a, n, 0, c, n);
}

template <>
bool blas<double>::eigenvectors(int n, double* a, double* values) {
  const auto given = arguments_for(n);
  std::vector<double> work(size(given.syevd_work));
  std::vector<lapack_int> integer_work(size(given.int_work));
  return given.call && LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', given.n, a, given.lda, values, work.data(),
                                           given.syevd_work, integer_work.data(), given.int_work) == 0;
}
template <>
bool blas<complex>::eigenvectors(int n, complex* a, double* values) {
  const auto given = arguments_for(n);
  std::vector<complex> work(size(given.heevd_work));
  std::vector<double> real_work(size(given.heevd_real_work));
  std::vector<lapack_int> integer_work(size(given.int_work));
  return given.call &&
         LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'V', 'L', given.n, a, given.lda, values, work.data(), given.heevd_work,
                             real_work.data(), given.heevd_real_work, integer_work.data(), given.int_work) == 0;
}

bool tridiagonal_eigenvalues(int n, double* diagonal, double* off_diagonal) {
  return LAPACKE_dsterf_work(n, diagonal, off_diagonal) == 0;
}

double sum_of_squares(std::span<const double> x) {
  const int n = static_cast<int>(x.size());
  return cblas_ddot(n, x.data(), 1, x.data(), 1);
}

}  // namespace halfulp::kernels::linalg
