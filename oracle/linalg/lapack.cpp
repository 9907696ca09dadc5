#include <halfulp/oracle/linalg/lapack.hpp>

#include <complex>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::linalg {
namespace {

approx_eigensystem of_real(const hermitian_matrix& a, const op::eigvalsh::lapack_args<run>& given) {
  approx_eigensystem s{std::vector<double>(static_cast<std::size_t>(a.n)), a.real, {}, false};
  lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', given.n, s.real.data(), given.lda, s.values.data());
  if (info != 0) {
    s.real = a.real;
    info = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'L', given.n, s.real.data(), given.lda, s.values.data());
  }
  s.converged = info == 0;
  return s;
}

using general_args = op::eigvals::lapack_args<run>;

std::vector<std::complex<double>> entries_of(const square_matrix& a) {
  std::vector<std::complex<double>> z(a.real.size());
  for (std::size_t k = 0; k < z.size(); ++k) z[k] = {a.real[k], a.imaginary[k]};
  return z;
}

/// False where LAPACK does not converge.
bool find_real_vectors(const square_matrix& a, const general_args& given, approx_general_eigensystem& s) {
  const auto n = static_cast<std::size_t>(a.n);
  std::vector<double> entries = a.real, re(n), im(n), v(n * n);
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'V', given.n, entries.data(), given.lda, re.data(), im.data(), nullptr,
                    given.lda, v.data(), given.lda) != 0)
    return false;
  for (std::size_t k = 0; k < n; ++k) {
    s.values[k] = {re[k], im[k]};
    const std::size_t first = im[k] < 0 && k > 0 ? k - 1 : k;  // where the pair stands
    for (std::size_t i = 0; i < n; ++i)
      s.vectors[k * n + i] = {v[first * n + i], im[k] == 0 ? 0 : (im[k] > 0 ? 1 : -1) * v[(first + 1) * n + i]};
  }
  return true;
}

bool find_complex_vectors(const square_matrix& a, const general_args& given, approx_general_eigensystem& s) {
  auto z = entries_of(a);
  return LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'V', given.n, z.data(), given.lda, s.values.data(), nullptr, given.lda,
                       s.vectors.data(), given.lda) == 0;
}

approx_eigensystem of_complex(const hermitian_matrix& a, const op::eigvalsh::lapack_args<run>& given) {
  auto z = entries_of(a);
  approx_eigensystem s;
  s.values.resize(static_cast<std::size_t>(a.n));
  lapack_int info = LAPACKE_zheevd(LAPACK_COL_MAJOR, 'V', 'L', given.n, z.data(), given.lda, s.values.data());
  if (info != 0) {
    z = entries_of(a);
    info = LAPACKE_zheev(LAPACK_COL_MAJOR, 'V', 'L', given.n, z.data(), given.lda, s.values.data());
  }
  s.converged = info == 0;
  for (const auto& x : z) {
    s.real.push_back(x.real());
    s.imaginary.push_back(x.imag());
  }
  return s;
}

}  // namespace

approx_eigensystem approx_eigensystem_of(const hermitian_matrix& a) {
  run m(op::eigvalsh::name);
  const auto given = op::eigvalsh::lapack_args<run>::of(m, a.n, a.n > 0);
  if (!given.call) return {{}, {}, {}, true};
  return a.is_complex() ? of_complex(a, given) : of_real(a, given);
}

approx_general_eigensystem approx_general_eigensystem_of(const square_matrix& a) {
  run m(op::eigvals::name);
  const auto given = general_args::of(m, a.n, a.n > 0);
  const auto n = static_cast<std::size_t>(a.n);
  approx_general_eigensystem s{a.n, {}, {}, {}, true};
  if (!given.call) return s;
  s.values.resize(n);
  s.vectors.resize(n * n);
  s.converged = a.is_complex() ? find_complex_vectors(a, given, s) : find_real_vectors(a, given, s);
  if (!s.converged) return s;
  s.inverse = s.vectors;
  std::vector<lapack_int> pivots(n);
  s.converged = LAPACKE_zgetrf(LAPACK_COL_MAJOR, given.n, given.n, s.inverse.data(), given.lda, pivots.data()) == 0 &&
                LAPACKE_zgetri(LAPACK_COL_MAJOR, given.n, s.inverse.data(), given.lda, pivots.data()) == 0;
  return s;
}

}  // namespace halfulp::linalg
