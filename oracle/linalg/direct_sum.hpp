#pragma once

#include <algorithm>
#include <vector>

#include <halfulp/oracle/linalg/eigenvalues.hpp>

namespace halfulp::linalg {

/// The connected components of the graph with an edge for each off-diagonal entry that is not 0: a permutation makes A
/// the direct sum of its blocks on them.
std::vector<std::vector<int>> components(const hermitian_matrix& a);

/// The rows and columns `chosen` of A.
hermitian_matrix submatrix(const hermitian_matrix& a, const std::vector<int>& chosen);

/// The order of rounded eigenvalues: -0, of a negative one, before +0.
template <class R>
bool ascends(R x, R y) {
  return widen(x) < widen(y) || (widen(x) == widen(y) && is_negative(x) && !is_negative(y));
}

/// The eigenvalues of a direct sum, ascending, from those of its blocks in any order: the k-th smallest lies between
/// the k-th smallest of all lower ends and that of all upper ends, and so do their roundings, which is decided where
/// these two agree.
template <class R>
std::vector<eigenvalue<R>> merged(std::vector<eigenvalue<R>> all) {
  const auto less = [](const real& x, const real& y) { return mpfr_less_p(raw(x), raw(y)) != 0; };
  std::sort(all.begin(), all.end(), [&](const auto& x, const auto& y) { return less(x.range.lo, y.range.lo); });
  std::vector<real> upper_ends;
  std::vector<R> low, high;
  for (const auto& v : all) {
    upper_ends.push_back(v.range.hi);
    low.push_back(v.decided ? v.rounded : round_to_nearest<R>(v.range.lo));
    high.push_back(v.decided ? v.rounded : round_to_nearest<R>(v.range.hi));
  }
  std::sort(upper_ends.begin(), upper_ends.end(), less);
  std::sort(low.begin(), low.end(), ascends<R>);
  std::sort(high.begin(), high.end(), ascends<R>);
  for (std::size_t k = 0; k < all.size(); ++k) {
    all[k].range.hi = upper_ends[k];
    all[k].decided = to_bits(low[k]) == to_bits(high[k]);
    all[k].rounded = all[k].decided ? low[k] : canonical_nan<R>();
  }
  return all;
}

}  // namespace halfulp::linalg
