// y = x, then y[indices] = value, or (accumulate) y[indices] += value: every index counts, repeated ones too
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/advanced_index.hpp>
#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/scatter.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct index_put {
  static constexpr const char* name = "index_put";
  static constexpr const char* schema =
      "index_put(Tensor x, any<Tensor[]> indices, Tensor value, bool accumulate=False) -> Tensor";
  static constexpr std::array apis{"paddle.index_put"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "index_put_x_grad"}, gradient{"value", "index_put_value_grad"}};
  using element_types = all_storage_types;

  template <class M>
  struct geometry {
    advanced_index<M> at;
    shape<M> value;

    // Throws unless the indices are valid for x and value can be broadcast to the updates.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const indexed_axes<M>& indices,
                                           const shape<M>& value) {
      const geometry g{advanced_index<M>::of(m, x, indices), value};
      const shape<M>& to = g.at.updates;
      m.require(m.truth(value.rank <= to.rank), "value must have at most as many dimensions as x[indices]",
                named("rank of value", int_of<M>(value.rank)), named("rank of x[indices]", int_of<M>(to.rank)));
      for (int k = 0; k < value.rank; ++k) {
        const int j = k + to.rank - value.rank;
        m.require(m.any(value.dim[k] == to.dim[j], value.dim[k] == 1),
                  "value must broadcast to x[indices]: a dimension, aligned at the right, must be the same or 1",
                  named("value.shape", k, value.dim[k]), named("there", to.dim[j]));
      }
      return g;
    }

    // The element of value that update j is.
    HALFULP_HOST_DEVICE idx<M> source(M& m, idx<M> j) const {
      idx<M> there[max_rank] = {};
      at.updates.unravel(m, j, there);
      return broadcast<M>::source(m, value, there, at.updates.rank);
    }
  };

  /// x and value of T; indices as index_list has them.
  template <class T>
  struct args {
    std::span<const T> x, value;
    index_list indices;
    geometry<run> shape;
    bool accumulate;
    updates_by_target by_target;
  };

  /// Throws invalid_argument: shapes, dtypes, an index outside -d .. d - 1 of its dimension.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    args<T> a{
        elements<T>(c, "x"), elements<T>(c, "value"), index_list::of(c, "indices"), {}, c.boolean("accumulate"), {}};
    a.shape = geometry<run>::of(m, x, a.indices.axes(m), shape_of(m, "value.shape", c.tensor("value")));
    a.indices.check(m, a.shape.at);
    a.by_target = {x.numel, a.shape.at.updates.numel,
                   [at = a.shape.at, indices = a.indices](std::int64_t j) { return indices.target(at, j); }};
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.at.x)}};
  }

  template <class T>
  static scatter_rule rule(const args<T>& a) {
    return {a.accumulate ? reduction::add : reduction::assign, a.accumulate, 1};
  }
  template <class T>
  static std::span<const T> self(const args<T>& a) {
    return a.x;
  }
  template <class T>
  static std::int64_t updates(const args<T>& a) {
    return a.shape.at.updates.numel;
  }
  template <class T>
  static std::int64_t target(const args<T>& a, std::int64_t j) {
    return a.indices.target(a.shape.at, j);
  }
  template <class T>
  static T update(const args<T>& a, std::int64_t j) {
    return a.value[static_cast<std::size_t>(value_element(a, j))];
  }
  /// The shape of value, and the element of it that update j is.
  template <class T>
  static extents value_shape(const args<T>& a) {
    return extents_of(a.shape.value);
  }
  template <class T>
  static std::int64_t value_element(const args<T>& a, std::int64_t j) {
    run m(name);
    return a.shape.source(m, idx<run>{j, {}}).v;
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/index_put_drive.hpp>
