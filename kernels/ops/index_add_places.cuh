#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/oracle/ops/index_add.hpp>

namespace halfulp::kernels::cuda {

struct index_add_rule {
  op::index_add::geometry<run> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::index_add::name);
    const idx<run> i{j, {}};
    return shape.target(m, i, index[shape.entry(m, i).v]).v;
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

/// Where the elements of value go.
template <class T>
found_places places_of(const op::index_add::args<T>& a, const cuda_queue& queue) {
  const std::int64_t targets = a.shape.x.numel, updates = a.shape.value.numel;
  if (a.shape.value.rank == 1) return {a.index, targets, updates, queue};
  return {index_add_rule{a.shape, a.index}, targets, updates, updates, true, queue};
}

template <class T>
scatter_call<T> call_of(const op::index_add::args<T>& a, const found_places& places, T* y) {
  return {places.get(), op::index_add::rule(a), a.multiplier, a.value.data(), a.x.data(), y};
}

}  // namespace halfulp::kernels::cuda
