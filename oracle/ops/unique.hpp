// values = the distinct slices of x along an axis, or its distinct elements, in ascending order
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/axis.hpp>
#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp {
struct truth;
}

namespace halfulp::op {

struct unique {
  static constexpr const char* name = "unique";
  static constexpr const char* schema =
      "unique(Tensor x|input, bool return_index=False, bool return_inverse=False, bool return_counts=False, any<int?> "
      "axis|dim=None, str dtype=\"int64\", bool sorted=True) -> Tensor[]";
  static constexpr std::array apis{"paddle.unique", "paddle.Tensor.unique"};
  static constexpr const char* element_argument = "x";
  using element_types = type_list<bool, std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16,
                                  bfloat16, float, double>;

  // x seen as (outer, slices, inner): what is compared are its slices. Without an axis every element is one.
  template <class M>
  struct geometry {
    shape<M> x;
    int axis;                        // -1: none
    int_of<M> outer, slices, inner;  // outer = inner = 0 where x is empty

    // Throws unless the axis is one of x and every other dimension has an element, and unless positions of slices
    // are at most most_index, what the dtype of indices holds.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, bool flat, int given_axis, int_of<M> most_index) {
      geometry g{x, -1, int_of<M>(1), x.numel, int_of<M>(1)};
      if (!flat) g.divide(m, axis_of(m, given_axis, x.rank));
      m.require(g.slices <= most_index, "dtype must hold the number of slices", named("the number of slices", g.slices),
                named("the greatest index", most_index));
      return g;
    }

    // Element (o, i) of a slice.
    HALFULP_HOST_DEVICE idx<M> element(M& m, idx<M> o, idx<M> slice, idx<M> i) const {
      return join(m, join(m, o, slice, slices), i, inner);
    }

    // How many slices are distinct, given how many were before and whether the next one begins another.
    HALFULP_HOST_DEVICE static int_of<M> counted(M& m, int_of<M> before, bool_of<M> begins) {
      return m.select(begins, before + 1, before);
    }

    // The values of `found` slices, for found <= slices, seen as (outer, found, inner).
    struct block {
      int_of<M> found, rows, numel;  // rows = outer * found, numel = rows * inner
    };
    HALFULP_HOST_DEVICE block values(M& m, int_of<M> found) const {
      const ghost_of<M> o = m.exact(outer), n = m.exact(slices);
      const int_of<M> rows = product(m, outer, o, found, n);
      return {found, rows, product(m, rows, o * n, inner, m.exact(inner))};
    }
    // Element i of the values: which of the slices, and which element of it.
    struct place {
      idx<M> o, found, i;
    };
    HALFULP_HOST_DEVICE place value_at(M& m, idx<M> i, const block& v) const {
      const hi_lo<M> s = split(m, i, m.exact(v.rows), inner);
      const hi_lo<M> t = split(m, s.hi, m.exact(outer), v.found);
      return {t.hi, t.lo, s.lo};
    }

   private:
    HALFULP_HOST_DEVICE void divide(M& m, int along) {
      axis = along;
      slices = x.dim[axis];
      for (int k = 0; k < x.rank; ++k)
        if (k != axis)
          m.require(x.dim[k] >= 1, "along an axis, the other dimensions of x must not be 0",
                    named("x.shape", k, x.dim[k]));
      if (x.numel == 0) {
        outer = inner = int_of<M>(0);
        return;
      }
      for (int k = 0; k < axis; ++k) outer = outer * x.dim[k];
      for (int k = x.rank - 1; k > axis; --k) inner = x.dim[k] * inner;
    }
  };

  /// x of T, and what is asked for. dtype: int32 or int64, of the indices.
  template <class T>
  struct args {
    std::span<const T> x;
    geometry<run> shape;
    bool index, inverse, counts;
    bool sorted;       // else in the order of their first slices
    bool consecutive;  // a slice is compared with the one before it only
    dtype index_type;

    const T& at(std::int64_t o, std::int64_t slice, std::int64_t i) const {
      return x[static_cast<std::size_t>((o * shape.slices + slice) * shape.inner + i)];
    }
  };

  /// The arguments that unique and unique_consecutive share. Throws invalid_argument: an axis that x does not have, an
  /// empty dimension beside the axis, a dtype that is not int32 or int64, or too narrow.
  template <class T>
  static args<T> bind_to(run m, const call& c) {
    const argument& axis = c.at("axis");
    const auto* given = std::get_if<std::int64_t>(&axis.value);
    if (given == nullptr && !axis.is_none()) c.refuse("axis", "must be an integer or None");
    if (given != nullptr && (*given < -max_rank || *given >= max_rank))
      c.refuse("axis", "must lie in -rank .. rank - 1 of x");
    const auto type = dtype_named(c.text("dtype"));
    if (type != dtype::int32 && type != dtype::int64) c.refuse("dtype", "must be \"int32\" or \"int64\"");
    const auto g =
        geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), given == nullptr,
                          given == nullptr ? 0 : static_cast<int>(*given), most_index(*type == dtype::int32));
    return {elements_of<T>(c), g, false, c.boolean("return_inverse"), c.boolean("return_counts"), true, false, *type};
  }
  static constexpr std::int64_t most_index(bool narrow) { return narrow ? 0x7fffffff : max_elements; }

  template <class T>
  static args<T> bind(const call& c) {
    args<T> a = bind_to<T>(run(name), c);
    a.index = c.boolean("return_index");
    a.sorted = c.boolean("sorted");
    return a;
  }

  /// What is asked for, in this order: values; index, the position of the first of the slices equal to each; inverse,
  /// for each slice the position of its value; counts. Defined in oracle/ops/unique.cpp for the element types.
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a);

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);

 private:
  template <class T>
  static std::span<const T> elements_of(const call& c) {
    return halfulp::elements<T>(c, "x");
  }
};

/// The shape of the values: x's with `found` along the axis, or (found).
inline extents unique_values_shape(const unique::geometry<run>& g, std::int64_t found) {
  if (g.axis < 0) return {found};
  extents e = extents_of(g.x);
  e[g.axis] = found;
  return e;
}
/// The shape of the inverse: x's, or along an axis (slices).
inline extents unique_inverse_shape(const unique::geometry<run>& g) {
  return g.axis < 0 ? extents_of(g.x) : extents{g.slices};
}

}  // namespace halfulp::op

#include <halfulp/oracle/ops/unique_drive.hpp>
