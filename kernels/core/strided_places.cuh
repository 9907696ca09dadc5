// The places of updates that go where the elements of a view come from.
#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/strided_queue.cuh>

namespace halfulp::kernels::cuda {

template <class M, int Rank>
struct view_rule {
  operand<std::uint8_t, M, Rank> to;

  __device__ std::int64_t target(std::int64_t j) const { return to.source(j); }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

template <class M, int Rank>
view_rule<M, Rank> rule_of_view(const operands<std::uint8_t, 1>& view) {
  operand<std::uint8_t, M, Rank> to[1];
  set(to, view);
  return {to[0]};
}

/// Update j goes to the element, of so many, that element j of the view comes from.
inline found_places places_of_view(const strided_map<1>& map, std::int64_t targets, const cuda_queue& queue) {
  const operands<std::uint8_t, 1> view{{nullptr}, map.collapsed()};
  const std::int64_t updates = product(map.shape);
  if (updates == 0) return {index_elements{}, targets, 0, queue};
  if (!view.is_narrow()) return {rule_of_view<run, max_rank>(view), targets, updates, updates, true, queue};
  if (view.map.shape.rank > few_dimensions)
    return {rule_of_view<narrow_run, max_rank>(view), targets, updates, updates, true, queue};
  return {rule_of_view<narrow_run, few_dimensions>(view), targets, updates, updates, true, queue};
}

}  // namespace halfulp::kernels::cuda
