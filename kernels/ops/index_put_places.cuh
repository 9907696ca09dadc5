#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/strided_elements.cuh>
#include <halfulp/oracle/ops/index_put.hpp>

namespace halfulp::kernels::cuda {

template <class M>
struct index_put_rule {
  op::index_put::geometry<M> shape;
  index_elements index[max_rank];  // of each indexed dimension of x

  __device__ std::int64_t target(std::int64_t j) const {
    M m(op::index_put::name);
    const idx<M> i{int_of<M>(j), {}};
    int_of<M> given[max_rank] = {};
    for (int k = 0; k < shape.at.by.axes; ++k)
      if (shape.at.by.indexed[k]) given[k] = int_of<M>(index[k][plain(shape.at.entry(m, i, k).v)]);
    return plain(shape.at.target(m, i, given).v);
  }
  __device__ std::int64_t value(std::int64_t j) const {
    M m(op::index_put::name);
    return plain(shape.source(m, {int_of<M>(j), {}}).v);
  }
};

/// The same for an x of one dimension and an index that is not broadcast: ranks that are constants leave no loops.
struct index_put_line {
  std::int64_t elements;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    run m(op::index_put::name);
    op::index_put::geometry<run> line;
    line.at.x.rank = line.at.by.axes = line.at.common.rank = line.at.updates.rank = 1;
    line.at.x.dim[0] = elements;
    line.at.by.indexed[0] = true;
    const std::int64_t given[max_rank] = {index[j]};
    return line.at.target(m, {j, {}}, given).v;
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

inline op::index_put::geometry<narrow_run> narrowed(const op::index_put::geometry<run>& g) {
  op::index_put::geometry<narrow_run> n;
  n.at.x = halfulp::narrowed(g.at.x);
  n.at.by.axes = g.at.by.axes;
  for (int k = 0; k < g.at.by.axes; ++k) {
    n.at.by.indexed[k] = g.at.by.indexed[k];
    if (g.at.by.indexed[k]) n.at.by.index[k] = halfulp::narrowed(g.at.by.index[k]);
  }
  n.at.common = halfulp::narrowed(g.at.common);
  n.at.updates = halfulp::narrowed(g.at.updates);
  n.at.first = g.at.first;
  n.value = halfulp::narrowed(g.value);
  return n;
}

template <>
struct updates_of<op::index_put> {
  using op = halfulp::op::index_put;

  template <class T>
  static found_places places(const op::args<T>& a, const cuda_queue& queue) {
    const auto& at = a.shape.at;
    const std::int64_t targets = at.x.numel, updates = at.updates.numel, values = a.shape.value.numel;
    const bool in_order = values == updates;
    if (at.x.rank == 1 && at.common.rank == 1 && in_order)
      return {index_put_line{targets, a.indices.elements(0)}, targets, updates, values, true, queue};
    index_put_rule<run> rule{a.shape, {}};
    for (int k = 0; k < a.indices.size(); ++k) rule.index[k] = a.indices.elements(k);
    const auto narrow = [&] {
      index_put_rule<narrow_run> n{narrowed(a.shape), {}};
      std::copy(std::begin(rule.index), std::end(rule.index), std::begin(n.index));
      return n;
    };
    return places_by(rule, narrow, targets, updates, values, in_order, queue);
  }
  template <class T>
  static bool is_once(const op::args<T>& a) {
    return a.shape.value.numel >= a.shape.at.updates.numel;
  }
  template <class T>
  static scatter_call<T> call(const op::args<T>& a, const found_places& places, T* y) {
    return {places.get(), op::rule(a), 1, a.value.data(), a.x.data(), y};
  }
};

}  // namespace halfulp::kernels::cuda
