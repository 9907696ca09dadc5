#pragma once

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

}  // namespace halfulp::tests
