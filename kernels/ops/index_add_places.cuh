#pragma once

#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/strided_elements.cuh>
#include <halfulp/oracle/ops/index_add.hpp>

namespace halfulp::kernels::cuda {

template <class M>
struct index_add_rule {
  op::index_add::geometry<M> shape;
  index_elements index;

  __device__ std::int64_t target(std::int64_t j) const {
    M m(op::index_add::name);
    const idx<M> i{int_of<M>(j), {}};
    return plain(shape.target(m, i, int_of<M>(index[plain(shape.entry(m, i).v)])).v);
  }
  __device__ std::int64_t value(std::int64_t j) const { return j; }
};

template <>
struct updates_of<op::index_add> {
  using op = halfulp::op::index_add;

  template <class T>
  static found_places places(const op::args<T>& a, const cuda_queue& queue) {
    const auto& g = a.shape;
    if (g.value.rank == 1) return {a.index, g.x.numel, g.value.numel, queue};
    const auto narrow = [&] {
      return index_add_rule<narrow_run>{{narrowed(g.x), narrowed(g.value), narrowed(g.index), g.axis}, a.index};
    };
    return places_by(index_add_rule<run>{g, a.index}, narrow, g.x.numel, g.value.numel, g.value.numel, true, queue);
  }
  template <class T>
  static bool is_once(const op::args<T>&) {
    return true;
  }
  template <class T>
  static scatter_call<T> call(const op::args<T>& a, const found_places& places, T* y) {
    return {places.get(), op::rule(a), a.multiplier, a.value.data(), a.x.data(), y};
  }
};

}  // namespace halfulp::kernels::cuda
