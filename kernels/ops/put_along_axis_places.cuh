#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/oracle/ops/put_along_axis.hpp>

namespace halfulp::kernels::cuda {

struct put_along_axis_rule {
  op::put_along_axis::geometry<run> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::put_along_axis::name);
    const idx<run> i{j, {}};
    return shape.target(m, i, index[shape.of_update(m, i).index.v]).v;
  }
  __device__ std::int64_t value(std::int64_t j) const {
    run m(op::put_along_axis::name);
    return shape.of_update(m, {j, {}}).value.v;
  }
};

/// Where the values go.
template <class T>
found_places places_of(const op::put_along_axis::args<T>& a, const cuda_queue& queue) {
  const std::int64_t targets = a.shape.x.numel, updates = a.shape.updates.numel;
  if (!op::put_along_axis::straight(a).values.empty()) return {a.index, targets, updates, queue};
  return {put_along_axis_rule{a.shape, a.index}, targets, updates, a.shape.values.numel, false, queue};
}

/// Whether no value is several updates.
template <class T>
bool is_once(const op::put_along_axis::args<T>& a) {
  const auto& g = a.shape;
  if (g.how == op::put_along_axis::fit::corner && g.values.rank > 0) return true;
  return g.values.numel >= g.updates.numel;
}

template <class T>
scatter_call<T> call_of(const op::put_along_axis::args<T>& a, const found_places& places, T* y) {
  return {places.get(), op::put_along_axis::rule(a), 1, a.values.data(), a.x.data(), y};
}

}  // namespace halfulp::kernels::cuda
