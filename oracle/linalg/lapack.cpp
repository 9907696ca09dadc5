#include <halfulp/oracle/linalg/lapack.hpp>

#include <complex>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

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

approx_eigensystem of_complex(const hermitian_matrix& a, const op::eigvalsh::lapack_args<run>& given) {
  const auto entries = [&] {
    std::vector<std::complex<double>> z(a.real.size());
    for (std::size_t k = 0; k < z.size(); ++k) z[k] = {a.real[k], a.imaginary[k]};
    return z;
  };
  auto z = entries();
  approx_eigensystem s;
  s.values.resize(static_cast<std::size_t>(a.n));
  lapack_int info = LAPACKE_zheevd(LAPACK_COL_MAJOR, 'V', 'L', given.n, z.data(), given.lda, s.values.data());
  if (info != 0) {
    z = entries();
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

}  // namespace halfulp::linalg
