#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <complex>

#include <lapacke.h>

#include <halfulp/kernels/linalg/general_certificate.hpp>
#include <halfulp/kernels/linalg/power_balance.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::kernels::linalg {
namespace {

using complex = std::complex<double>;

/// What LAPACK may be given for n x n matrices, as `halfulp prove eigvals` has it.
op::eigvals::lapack_args<run> arguments_for(int n) {
  run m(op::eigvals::name);
  return op::eigvals::lapack_args<run>::of(m, n, n > 0);
}

bool find_vectors(std::vector<double>& b, approx_eigenvectors<double>& s) {
  const auto given = arguments_for(s.n);
  std::vector<double> re(s.values.size()), im(s.values.size());
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'V', given.n, b.data(), given.lda, re.data(), im.data(), nullptr, given.lda,
                    s.x.data(), given.lda) != 0)
    return false;
  for (std::size_t k = 0; k < s.values.size(); ++k) s.values[k] = {re[k], im[k]};
  return true;
}
bool find_vectors(std::vector<complex>& b, approx_eigenvectors<complex>& s) {
  const auto given = arguments_for(s.n);
  return LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'V', given.n, b.data(), given.lda, s.values.data(), nullptr, given.lda,
                       s.x.data(), given.lda) == 0;
}

bool invert(int n, std::vector<double>& x) {
  const auto given = arguments_for(n);
  std::vector<lapack_int> pivots(static_cast<std::size_t>(n));
  return LAPACKE_dgetrf(LAPACK_COL_MAJOR, given.n, given.n, x.data(), given.lda, pivots.data()) == 0 &&
         LAPACKE_dgetri(LAPACK_COL_MAJOR, given.n, x.data(), given.lda, pivots.data()) == 0;
}
bool invert(int n, std::vector<complex>& x) {
  const auto given = arguments_for(n);
  std::vector<lapack_int> pivots(static_cast<std::size_t>(n));
  return LAPACKE_zgetrf(LAPACK_COL_MAJOR, given.n, given.n, x.data(), given.lda, pivots.data()) == 0 &&
         LAPACKE_zgetri(LAPACK_COL_MAJOR, given.n, x.data(), given.lda, pivots.data()) == 0;
}

int balance(int n, double* b, double* scale) {
  const auto given = arguments_for(n);
  lapack_int low = 0, high = 0;
  return LAPACKE_dgebal(LAPACK_COL_MAJOR, 'S', given.n, b, given.lda, &low, &high, scale);
}
int balance(int n, complex* b, double* scale) {
  const auto given = arguments_for(n);
  lapack_int low = 0, high = 0;
  return LAPACKE_zgebal(LAPACK_COL_MAJOR, 'S', given.n, b, given.lda, &low, &high, scale);
}

}  // namespace

template <class E>
std::optional<approx_eigenvectors<E>> approx_eigenvectors_of(int n, const std::vector<E>& b) {
  approx_eigenvectors<E> s{n, std::vector<complex>(static_cast<std::size_t>(n)), std::vector<E>(b.size()), {}};
  std::vector<E> used_up = b;
  if (n < 1 || !find_vectors(used_up, s)) return std::nullopt;
  s.y = s.x;
  if (!invert(n, s.y)) return std::nullopt;
  return s;
}

/// Powers of two that are not exact come back as a different matrix: then it underflowed, or one of them is no number.
template <class E>
bool balance_by_powers_of_two(int n, std::vector<E>& b) {
  const auto size = static_cast<std::size_t>(n);
  std::vector<E> balanced = b;
  std::vector<double> scale(size);
  if (balance(n, balanced.data(), scale.data()) != 0) return false;
  for (std::size_t j = 0; j < size; ++j)
    for (std::size_t i = 0; i < size; ++i)
      if (balanced[j * size + i] * (scale[i] / scale[j]) != b[j * size + i]) return false;
  b = std::move(balanced);
  return true;
}

template std::optional<approx_eigenvectors<double>> approx_eigenvectors_of(int, const std::vector<double>&);
template std::optional<approx_eigenvectors<complex>> approx_eigenvectors_of(int, const std::vector<complex>&);
template bool balance_by_powers_of_two(int, std::vector<double>&);
template bool balance_by_powers_of_two(int, std::vector<complex>&);

}  // namespace halfulp::kernels::linalg
