#pragma once

#include <complex>

#include <halfulp/oracle/linalg/general_eigenvalues.hpp>

#include "referee.hpp"

namespace halfulp::tests {

/// The rectangles of eigenvalues that may lie anywhere in the complex plane.
struct complex_enclosure {
  enclosure re, im;
};

template <class R>
std::vector<complex_enclosure> ranges_of(const std::vector<linalg::complex_eigenvalue<R>>& values) {
  std::vector<complex_enclosure> r;
  for (const auto& v : values) r.push_back({v.re.range, v.im.range});
  return r;
}

/// The eigenvalues as balls of Arb, in any order; empty where Arb proves nothing at `bits` bits.
std::vector<complex_enclosure> arb_general_eigenvalues(const linalg::square_matrix& a, long bits,
                                                       arb_certificate which = arb_certificate::multiple);

/// Whether Arb's balls and our rectangles match one to one, each ball inside its rectangle (a part that is one point has
/// to lie in the ball instead), Arb's precision raised until they do. Disagreement is a ball that meets no rectangle.
referee_verdict compare_general_with_arb(const linalg::square_matrix& a, const std::vector<complex_enclosure>& ours);

/// The components of the gradient of eigvals, row-major and real before imaginary parts, as balls of Arb from its own
/// eigenvectors and their inverse. P is the format of the eigenvalues, which says in what order weights are given; empty
/// where Arb proves nothing at `bits` bits, as of multiple eigenvalues, or two have the same rounding.
template <class P>
std::vector<enclosure> arb_general_gradient(const linalg::square_matrix& a, std::span<const std::complex<double>> w,
                                            long bits);

/// Whether Arb's balls lie inside the enclosures, its precision raised until they do.
template <class P>
referee_verdict compare_general_gradient_with_arb(const linalg::square_matrix& a,
                                                  std::span<const std::complex<double>> w,
                                                  const std::vector<enclosure>& ours);

}  // namespace halfulp::tests
