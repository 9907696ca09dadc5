#include <halfulp/kernels/core/simd_targets.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <halfulp/kernels/linalg/sturm.hpp>
#include <halfulp/oracle/core/expansion.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/linalg/sturm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::linalg::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::CappedTag<double, 8>;
using vector = hn::Vec<lanes_tag>;

constexpr std::size_t lanes = hn::MaxLanes(lanes_tag());
constexpr std::size_t chains = 4;  // of divisions, each waiting for the last: so many overlap
constexpr double least_pivot = 0x1p-500;

// The counts at chains * lanes points.
HWY_INLINE void count_together(const double* d, const double* squares, std::size_t n, const double* points,
                               double* below) {
  const lanes_tag tag;
  const vector least = hn::Set(tag, least_pivot), replaced = hn::Set(tag, -least_pivot), one = hn::Set(tag, 1);
  vector s[chains], pivot[chains], negative[chains];
  for (std::size_t c = 0; c < chains; ++c) {
    s[c] = hn::LoadU(tag, points + c * lanes);
    pivot[c] = one;
    negative[c] = hn::Zero(tag);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const vector diagonal = hn::Set(tag, d[i]), square = hn::Set(tag, squares[i]);
    for (std::size_t c = 0; c < chains; ++c) {
      const vector q = hn::Sub(hn::Sub(diagonal, s[c]), hn::Div(square, pivot[c]));
      pivot[c] = hn::IfThenElse(hn::Lt(hn::Abs(q), least), replaced, q);
      negative[c] = hn::Add(negative[c], hn::IfThenElseZero(hn::Lt(pivot[c], hn::Zero(tag)), one));
    }
  }
  for (std::size_t c = 0; c < chains; ++c) hn::StoreU(negative[c], tag, below + c * lanes);
}

// squares[i] = e[i - 1]^2, squares[0] = 0
void count_all(std::span<const double> d, const double* squares, std::span<const double> points, std::span<int> below) {
  constexpr std::size_t together = chains * lanes;
  double some[together], counts[together];
  for (std::size_t first = 0; first < points.size(); first += together) {
    const std::size_t count = std::min(together, points.size() - first);
    for (std::size_t k = 0; k < together; ++k) some[k] = points[first + std::min(k, count - 1)];
    count_together(d.data(), squares, d.size(), some, counts);
    for (std::size_t k = 0; k < count; ++k) below[first + k] = static_cast<int>(counts[k]);
  }
}

}  // namespace halfulp::kernels::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels::linalg {

HWY_EXPORT(count_all);

void sturm_counts(std::span<const double> d, std::span<const double> e, std::span<const double> points,
                  std::span<int> below) {
  std::vector<double> squares(d.size());
  for (std::size_t i = 1; i < d.size(); ++i) squares[i] = e[i - 1] * e[i - 1];
  HWY_DYNAMIC_DISPATCH(count_all)(d, squares.data(), points, below);
}

double sturm_error(double largest_off_diagonal) {
  return up(6 * unit_roundoff * (1 + 0x1p-40) * largest_off_diagonal) + 0x1p-498;
}

}  // namespace halfulp::kernels::linalg
#endif
