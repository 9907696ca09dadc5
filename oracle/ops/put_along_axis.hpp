// y = x, then y[.., index[i, j, k], ..] = what was there and the values[i, j, k] that go there, combined
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include <halfulp/oracle/core/axis.hpp>
#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/broadcast.hpp>
#include <halfulp/oracle/core/number_argument.hpp>
#include <halfulp/oracle/core/scatter.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct put_along_axis {
  static constexpr const char* name = "put_along_axis";
  static constexpr const char* schema =
      "put_along_axis(Tensor x|arr, Tensor indices, any<Tensor|float> values, int axis, str reduce=\"assign\", bool "
      "include_self=True, bool broadcast=True) -> Tensor";
  static constexpr std::array apis{"paddle.put_along_axis", "paddle.Tensor.put_along_axis"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "put_along_axis_x_grad"},
                                        gradient{"values", "put_along_axis_values_grad"}};
  using element_types = all_storage_types;

  // Whether indices and values are repeated to the shape of x, or as they are, in the leading corner of x.
  enum class fit { broadcast, corner };

  template <class M>
  struct geometry {
    shape<M> x, index, values;
    shape<M>
        updates;  // one for each position along the axis of index, and beside it of x (broadcast) or index (corner)
    int axis;
    fit how;

    // Throws unless index has the rank of x, and beside the axis its dimensions, or 1 (broadcast) or less (corner);
    // and unless values can be broadcast to the updates, or (corner) is at least as large as index, or has rank 0.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& index, const shape<M>& values,
                                           int axis, fit how) {
      const int along = axis_of(m, axis, x.rank);
      m.require(m.truth(index.rank == x.rank), "indices must have as many dimensions as x",
                named("rank of indices", int_of<M>(index.rank)), named("rank of x", int_of<M>(x.rank)));
      int_of<M> dims[max_rank] = {};
      for (int k = 0; k < x.rank; ++k) dims[k] = k == along ? index.dim[k] : beside(m, x, index, k, how);
      geometry g{x, index, values, shape<M>::of(m, "the shape of the updates", dims, x.rank), along, how};
      g.check_values(m);
      return g;
    }

    template <class Buffer>
    void check_index(M& m, Buffer& given) const {
      check_axis_index(m, given, x.dim[axis]);
    }

    // The elements of index and of values that make update j.
    struct origin {
      idx<M> index, value;
    };
    HALFULP_HOST_DEVICE origin of_update(M& m, idx<M> j) const {
      if (x.rank == 1 && values.rank == 1) {
        const bool_of<M> repeated = m.all(m.truth(how == fit::broadcast), values.dim[0] == 1);
        return {{j.v, m.exact(index.dim[0])}, {m.select(repeated, int_of<M>(0), j.v), m.exact(values.dim[0])}};
      }
      idx<M> at[max_rank] = {};
      updates.unravel(m, j, at);
      if (how == fit::broadcast)
        return {broadcast<M>::source(m, index, at, x.rank), broadcast<M>::source(m, values, at, x.rank)};
      return {placed(m, index, at), values.rank == 0 ? idx<M>{int_of<M>(0), ghost_of<M>(1)} : placed(m, values, at)};
    }
    // The element of y that update j goes to, given its index.
    HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j, int_of<M> given) const {
      if (x.rank == 1) return {given, m.exact(x.dim[0])};
      idx<M> at[max_rank] = {};
      updates.unravel(m, j, at);
      return moved_along(m, x, at, axis, given);
    }

   private:
    HALFULP_HOST_DEVICE static int_of<M> beside(M& m, const shape<M>& x, const shape<M>& index, int k, fit how) {
      if (how == fit::broadcast) {
        m.require(m.any(index.dim[k] == x.dim[k], index.dim[k] == 1),
                  "beside the axis, a dimension of indices must be that of x, or 1",
                  named("indices.shape", k, index.dim[k]), named("x.shape", k, x.dim[k]));
        return x.dim[k];
      }
      m.require(index.dim[k] <= x.dim[k],
                "without broadcast, a dimension of indices beside the axis must be at most that of x",
                named("indices.shape", k, index.dim[k]), named("x.shape", k, x.dim[k]));
      return index.dim[k];
    }
    HALFULP_HOST_DEVICE void check_values(M& m) const {
      if (how == fit::corner && values.rank == 0) return;
      m.require(m.truth(how == fit::broadcast ? values.rank <= x.rank : values.rank == x.rank),
                how == fit::broadcast ? "values must have at most as many dimensions as x"
                                      : "without broadcast, values must have as many dimensions as x, or none",
                named("rank of values", int_of<M>(values.rank)), named("rank of x", int_of<M>(x.rank)));
      for (int k = 0; k < values.rank; ++k) {
        const int j = k + x.rank - values.rank;
        if (how == fit::broadcast) {
          m.require(m.any(values.dim[k] == updates.dim[j], values.dim[k] == 1),
                    "values must broadcast to indices: a dimension, aligned at the right, must be the same or 1",
                    named("values.shape", k, values.dim[k]), named("there", updates.dim[j]));
        } else {
          m.require(values.dim[k] >= index.dim[k],
                    "without broadcast, a dimension of values must be at least that of indices",
                    named("values.shape", k, values.dim[k]), named("indices.shape", k, index.dim[k]));
        }
      }
    }
  };

  /// x of T; indices of int32 or int64; values of T, or a number.
  template <class T>
  struct args {
    std::span<const T> x, values;
    index_elements index;
    geometry<run> shape;
    scatter_rule how;
    tensor number;  // owns `values` where they are given as a number
    updates_by_target by_target;
  };

  /// Throws invalid_argument: shapes, axis, dtypes, an index outside [0, x.shape[axis]), a reduce that is none or that
  /// T has not.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    args<T> a{elements<T>(c, "x"), {}, indices(c, "indices"), {}, rule_of<T>(c), {}, {}};
    a.values = elements_or_number<T>(c, "values", a.number);
    const bool number = !std::holds_alternative<tensor_view>(c.at("values").value);
    const auto g =
        geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "indices.shape", c.tensor("indices")),
                          shape_of(m, "values.shape", number ? a.number.view() : c.tensor("values")), axis_argument(c),
                          c.boolean("broadcast") ? fit::broadcast : fit::corner);
    a.shape = g;
    a.index.with_buffer([&](auto given) { g.check_index(m, given); });
    a.by_target = {g.x.numel, g.updates.numel, [g, index = a.index](std::int64_t j) { return target_of(g, index, j); }};
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.x)}};
  }

  template <class T>
  static scatter_rule rule(const args<T>& a) {
    return a.how;
  }
  template <class T>
  static std::span<const T> self(const args<T>& a) {
    return a.x;
  }
  template <class T>
  static std::int64_t updates(const args<T>& a) {
    return a.shape.updates.numel;
  }
  template <class T>
  static std::int64_t target(const args<T>& a, std::int64_t j) {
    return target_of(a.shape, a.index, j);
  }
  template <class T>
  static T update(const args<T>& a, std::int64_t j) {
    return a.values[static_cast<std::size_t>(value_element(a, j))];
  }
  /// Update j is element j of values, and goes to index[j], where x has one dimension and nothing is broadcast.
  template <class T>
  static straight_updates<T> straight(const args<T>& a) {
    const auto& g = a.shape;
    if (g.x.rank != 1 || g.values.rank != 1 || g.values.dim[0] != g.updates.dim[0]) return {};
    return {a.index.narrow, a.index.wide, a.values};
  }

  /// The shape of values, and the element of them that update j is.
  template <class T>
  static extents value_shape(const args<T>& a) {
    return extents_of(a.shape.values);
  }
  template <class T>
  static std::int64_t value_element(const args<T>& a, std::int64_t j) {
    run m(name);
    return a.shape.of_update(m, idx<run>{j, {}}).value.v;
  }
  static std::int64_t target_of(const geometry<run>& g, const index_elements& index, std::int64_t j) {
    run m(name);
    const idx<run> i{j, {}};
    return g.target(m, i, index[g.of_update(m, i).index.v]).v;
  }

  /// What `reduce` and `include_self` say. Throws invalid_argument for a reduction that T has not: the mean of bools,
  /// products and extremes of complex numbers.
  template <class T>
  static scatter_rule rule_of(const call& c) {
    const std::string& text = c.text("reduce");
    constexpr std::pair<std::string_view, reduction> names[] = {
        {"assign", reduction::assign}, {"add", reduction::add},   {"mul", reduction::mul},
        {"multiply", reduction::mul},  {"mean", reduction::mean}, {"amin", reduction::amin},
        {"amax", reduction::amax}};
    for (const auto& [known, how] : names) {
      if (text != known) continue;
      if (std::is_same_v<T, bool> && how == reduction::mean) c.refuse("reduce", "must not be mean where x holds bools");
      if (is_complex<T> && how >= reduction::mul) c.refuse("reduce", "must be assign, add or mean where x is complex");
      return {how, how != reduction::assign && c.boolean("include_self"), 1};
    }
    c.refuse("reduce", "must be assign, add, mul, multiply, mean, amin or amax");
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/put_along_axis_drive.hpp>
