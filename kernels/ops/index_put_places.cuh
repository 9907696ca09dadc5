#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/oracle/ops/index_put.hpp>

namespace halfulp::kernels::cuda {

struct index_put_rule {
  op::index_put::geometry<run> shape;
  index_elements index[max_rank];  // of each indexed dimension of x

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::index_put::name);
    const idx<run> i{j, {}};
    std::int64_t given[max_rank] = {};
    for (int k = 0; k < shape.at.by.axes; ++k)
      if (shape.at.by.indexed[k]) given[k] = index[k][shape.at.entry(m, i, k).v];
    return shape.at.target(m, i, given).v;
  }
  __device__ std::int64_t value(std::int64_t j) const {
    run m(op::index_put::name);
    return shape.source(m, {j, {}}).v;
  }
};

/// Where the elements of value go.
template <class T>
found_places places_of(const op::index_put::args<T>& a, const cuda_queue& queue) {
  index_put_rule rule{a.shape, {}};
  for (int k = 0; k < a.indices.size(); ++k) rule.index[k] = a.indices.elements(k);
  const std::int64_t updates = a.shape.at.updates.numel, values = a.shape.value.numel;
  return {rule, a.shape.at.x.numel, updates, values, values == updates, queue};
}

/// Whether no value is several updates.
template <class T>
bool is_once(const op::index_put::args<T>& a) {
  return a.shape.value.numel >= a.shape.at.updates.numel;
}

template <class T>
scatter_call<T> call_of(const op::index_put::args<T>& a, const found_places& places, T* y) {
  return {places.get(), op::index_put::rule(a), 1, a.value.data(), a.x.data(), y};
}

}  // namespace halfulp::kernels::cuda
