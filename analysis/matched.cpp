#include <halfulp/analysis/matched.hpp>

#include <algorithm>
#include <bit>

#include <halfulp/analysis/assignment.hpp>
#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {
namespace {

/// The greatest error of a part of `got` against element `at` of the truth.
template <class T>
double cost_of(const truth& t, std::span<const T> rounded, std::size_t at, T got) {
  using part = component_t<T>;
  constexpr int parts = is_complex<T> ? 2 : 1;
  constexpr double most = 1e300;
  const auto want = std::bit_cast<std::array<part, parts>>(rounded[at]);
  const auto have = std::bit_cast<std::array<part, parts>>(got);
  double cost = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    const component_truth& c = t.components[at * parts + p];
    const double error = judge(c, want[p], have[p], t.nan_bits_matter).error.hi;
    cost = std::max(cost, error < most ? error : most);
  }
  return cost;
}

}  // namespace

tensor matched_to(const truth& t, const tensor& got) {
  tensor ordered(got.type(), got.shape());
  visit_dtype(got.type(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto from = got.elements<const T>();
    const auto to = ordered.elements<T>();
    std::copy(from.begin(), from.end(), to.begin());
    if constexpr (!std::is_integral_v<T>) {
      if (from.empty() || t.components.empty()) return;
      const auto rounded = t.rounded.elements<const T>();
      const auto n = static_cast<std::size_t>(got.shape()[got.shape().rank - 1]);
      for (std::size_t first = 0; first < from.size(); first += n) {
        std::vector<double> cost;
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t j = 0; j < n; ++j) cost.push_back(cost_of<T>(t, rounded, first + i, from[first + j]));
        const auto column = best_assignment(n, cost);
        for (std::size_t i = 0; i < n; ++i) to[first + i] = from[first + column[i]];
      }
    }
  });
  return ordered;
}

}  // namespace halfulp::analysis
