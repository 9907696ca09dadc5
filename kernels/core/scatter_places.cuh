// Where the updates of a scatter come from and go to, by the rule of its op.
#pragma once

#include <algorithm>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_on_cuda.hpp>
#include <halfulp/oracle/core/narrow_run.hpp>

namespace halfulp::kernels::cuda {

template <class Rule, class Index>
struct find_places {
  Rule rule;
  Index *target, *value;

  __device__ void operator()(std::int64_t j) const {
    target[j] = static_cast<Index>(rule.target(j));
    if (value != nullptr) value[j] = static_cast<Index>(rule.value(j));
  }
};

/// The places of the updates of a call, for what is queued while this lives.
class found_places {
 public:
  /// Where update j is value j and goes to element target[j].
  found_places(const index_elements& target, std::int64_t targets, std::int64_t updates, const cuda_queue& queue)
      : memory_(queue, 0), places_{targets, updates, target, {}} {}

  /// By rule.target(j) and, unless values are taken in their order, rule.value(j): functions of the device. They are
  /// found once, in memory of the call's own.
  template <class Rule>
  found_places(const Rule& rule, std::int64_t targets, std::int64_t updates, std::int64_t values, bool in_order,
               const cuda_queue& queue)
      : memory_(queue, static_cast<std::size_t>(updates) * bytes_of(targets, updates, values) * (in_order ? 1 : 2)) {
    places_.targets = targets;
    places_.updates = updates;
    bytes_of(targets, updates, values) == 4
        ? find(rule, in_order, places_.target.narrow, places_.value_at.narrow, queue)
        : find(rule, in_order, places_.target.wide, places_.value_at.wide, queue);
  }
  const scatter_places& get() const { return places_; }

 private:
  static std::size_t bytes_of(std::int64_t targets, std::int64_t updates, std::int64_t values) {
    return std::max({targets, updates, values}) <= narrow_int::most ? sizeof(std::int32_t) : sizeof(std::int64_t);
  }
  template <class Rule, class Index>
  void find(const Rule& rule, bool in_order, std::span<const Index>& target, std::span<const Index>& value,
            const cuda_queue& queue) {
    const auto n = static_cast<std::size_t>(places_.updates);
    auto* const at = memory_.at<Index>();
    target = {at, n};
    if (!in_order) value = {at + n, n};
    for_each_index(queue, places_.updates, find_places<Rule, Index>{rule, at, in_order ? nullptr : at + n});
  }

  workspace memory_;
  scatter_places places_;
};

/// How the updates of Op are found. Its header specialises this: places(args, queue), where they are taken from and go to;
/// call(args, places, y); and for what has a gradient of values is_once(args), whether no value is several updates.
template <class Op>
struct updates_of;

/// The places by rule<M>, made of a geometry for the machine M: in 32 bits where everything fits. Narrow(): the rule whose
/// divisors have their reciprocals; it is not asked for where there is no update, and some divisor may be 0.
template <class Wide, class Narrow>
found_places places_by(const Wide& wide, Narrow narrow, std::int64_t targets, std::int64_t updates, std::int64_t values,
                       bool in_order, const cuda_queue& queue) {
  if (updates == 0) return {index_elements{}, targets, 0, queue};
  if (std::max({targets, updates, values}) > narrow_int::most) return {wide, targets, updates, values, in_order, queue};
  return {narrow(), targets, updates, values, in_order, queue};
}

}  // namespace halfulp::kernels::cuda
