#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/strided_elements.cuh>
#include <halfulp/oracle/ops/put_along_axis.hpp>

namespace halfulp::kernels::cuda {

template <class M>
struct put_along_axis_rule {
  op::put_along_axis::geometry<M> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    M m(op::put_along_axis::name);
    const idx<M> i{int_of<M>(j), {}};
    return plain(shape.target(m, i, int_of<M>(index[plain(shape.of_update(m, i).index.v)])).v);
  }
  __device__ std::int64_t value(std::int64_t j) const {
    M m(op::put_along_axis::name);
    return plain(shape.of_update(m, {int_of<M>(j), {}}).value.v);
  }
};

template <>
struct updates_of<op::put_along_axis> {
  using op = halfulp::op::put_along_axis;

  template <class T>
  static found_places places(const op::args<T>& a, const cuda_queue& queue) {
    const auto& g = a.shape;
    if (!op::straight(a).values.empty()) return {a.index, g.x.numel, g.updates.numel, queue};
    const auto narrow = [&] {
      return put_along_axis_rule<narrow_run>{
          {narrowed(g.x), narrowed(g.index), narrowed(g.values), narrowed(g.updates), g.axis, g.how}, a.index};
    };
    return places_by(put_along_axis_rule<run>{g, a.index}, narrow, g.x.numel, g.updates.numel, g.values.numel,
                     extents_of(g.values) == extents_of(g.updates), queue);
  }
  template <class T>
  static bool is_once(const op::args<T>& a) {
    const auto& g = a.shape;
    if (g.how == op::fit::corner && g.values.rank > 0) return true;
    return g.values.numel >= g.updates.numel;
  }
  template <class T>
  static scatter_call<T> call(const op::args<T>& a, const found_places& places, T* y) {
    return {places.get(), op::rule(a), 1, a.values.data(), a.x.data(), y};
  }
};

}  // namespace halfulp::kernels::cuda
