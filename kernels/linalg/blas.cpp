#include <halfulp/kernels/linalg/blas.hpp>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <cblas.h>
#include <lapacke.h>

namespace halfulp::kernels::linalg {

using complex = std::complex<double>;

namespace {

std::size_t size(long n) {
  return static_cast<std::size_t>(n);
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
  const int length = 1 + 6 * n + 2 * n * n, integers = 3 + 5 * n;  // op::eigvalsh::geometry: they fit
  std::vector<double> work(size(length));
  std::vector<lapack_int> integer_work(size(integers));
  return LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, a, n, values, work.data(), length, integer_work.data(),
                             integers) == 0;
}
template <>
bool blas<complex>::eigenvectors(int n, complex* a, double* values) {
  const int length = 2 * n + n * n, reals = 1 + 5 * n + 2 * n * n, integers = 3 + 5 * n;
  std::vector<complex> work(size(length));
  std::vector<double> real_work(size(reals));
  std::vector<lapack_int> integer_work(size(integers));
  return LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, a, n, values, work.data(), length, real_work.data(), reals,
                             integer_work.data(), integers) == 0;
}

bool tridiagonal_eigenvalues(int n, double* diagonal, double* off_diagonal) {
  return LAPACKE_dsterf_work(n, diagonal, off_diagonal) == 0;
}

double sum_of_squares(std::span<const double> x) {
  const int n = static_cast<int>(x.size());
  return cblas_ddot(n, x.data(), 1, x.data(), 1);
}

}  // namespace halfulp::kernels::linalg
