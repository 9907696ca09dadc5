#pragma once

#include <complex>
#include <span>
#include <vector>

#include <halfulp/kernels/linalg/householder.hpp>
#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::linalg {

/// |values[k] - the k-th smallest eigenvalue| <= radius[k], certainly; infinite where nothing was proved.
struct certified_values {
  explicit certified_values(int n);

  std::vector<double_double> values;
  std::vector<double> radius;
};

/// The eigenvalues of T, and so of A, in binary64, all with one normwise radius: approximations, each between two points
/// whose Sturm counts prove its place, the error of the counts and the distance of A and T added.
/// |l_k(A) - l_k(T)| <= form.radius() by Weyl's theorem.
certified_values tridiagonal_certificate(const householder_form& form);

/// The same from any approximations of T's eigenvalues; bad ones get an infinite radius.
certified_values tridiagonal_certificate(const householder_form& form, const std::vector<double>& approximations);

/// The form of a Hermitian n x n matrix, entries at most 2 in magnitude. Of a complex A = B + i C it is that of the real
/// symmetric [[B, -C], [C, B]], which has every eigenvalue of A twice: (x, y) is a vector of it where x + i y is one of A.
householder_form form_of(int n, const std::vector<double>& a);
householder_form form_of(int n, const std::vector<std::complex<double>>& a);

/// tridiagonal_certificate for the n eigenvalues of A; `form` is form_of(n, A). The second from any approximations of them.
certified_values certificate_of(int n, const householder_form& form);
certified_values certificate_of(int n, const householder_form& form, const std::vector<double>& approximations);

/// About the eigenvectors of A to its eigenvalues `wanted`, approximated by `values`, as columns of norm 1 (0 where none
/// was found); without error bounds, and of use only where eigenvalues are apart.
template <class E>
std::vector<E> approx_vectors(int n, const householder_form& form, const certified_values& values,
                              std::span<const int> wanted);

/// z: about an eigenvector of T to the eigenvalue near `value`, of norm 1, by the twisted factorisation with the smallest
/// pivot; without error bounds. 0 where that fails.  [dhillon04]
void approx_eigenvector(const std::vector<double>& d, const std::vector<double>& e, double value, std::span<double> z);

}  // namespace halfulp::kernels::linalg
