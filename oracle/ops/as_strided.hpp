// y[i_0, i_1, ...] = x's element offset + sum_k i_k stride[k], row-major
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct as_strided {
  static constexpr const char* name = "as_strided";
  static constexpr const char* schema =
      "as_strided(Tensor x|input, any<int[]> shape|size, any<int[]> stride, int offset=0) -> Tensor";
  static constexpr std::array apis{"paddle.as_strided", "torch.as_strided"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "as_strided_grad"}};
  using element_types = all_storage_types;

  // A view of n elements that lie one after another; strides of either sign, or 0.
  template <class M>
  struct geometry {
    shape<M> y;
    int_of<M> stride[max_rank];
    int_of<M> reach[max_rank];  // (y.dim[k] - 1) * stride[k], where y has an element
    int_of<M> offset, n;
    ghost_of<M> low[max_rank + 1], high[max_rank + 1];  // where k dimensions lead to: low[k] .. high[k]

    // Throws unless every element of the view is one of the n. A view without elements may have any strides and any
    // offset from 0.
    HALFULP_HOST_DEVICE static geometry of(M& m, int_of<M> n, const shape<M>& y, const int_of<M>* strides,
                                           int_of<M> offset) {
      m.require(offset >= 0, "offset must be at least 0", named("offset", offset));
      geometry g;
      g.y = y;
      g.n = n;
      g.offset = offset;
      for (int k = 0; k < y.rank; ++k) g.stride[k] = strides[k];
      if (y.numel == 0) return g;
      m.require(offset < n, "offset must be less than the number of elements of x", named("offset", offset),
                named("the number of elements of x", n));
      g.measure(m);
      return g;
    }

    // The element of x that goes to element i of y.
    HALFULP_HOST_DEVICE idx<M> source(M& m, idx<M> i) const {
      idx<M> at[max_rank] = {};
      y.unravel(m, i, at);
      int_of<M> r = offset;
      for (int k = 0; k < y.rank; ++k) {
        r = r + step(m, at[k].v, stride[k], m.exact(y.dim[k]) - 1, reach[k]);
        m.claim("no dimension leads out of x",
                [&] { return m.all(low[k + 1] <= m.exact(r), m.exact(r) <= high[k + 1]); });
      }
      return {r, m.exact(n)};
    }

   private:
    // The reach of each dimension, and that none leads out of the n elements.
    HALFULP_HOST_DEVICE void measure(M& m) {
      int_of<M> least = offset, greatest = offset;
      low[0] = high[0] = m.exact(offset);
      for (int k = 0; k < y.rank; ++k) {
        const int_of<M> steps = y.dim[k] - 1, s = stride[k];
        m.require(m.any(steps == 0, m.all(s >= -max_elements, s <= max_elements)), "a stride must lie in -2^62 .. 2^62",
                  named("stride", k, s));
        const int_of<M> used = m.select(steps == 0, int_of<M>(0), s);
        m.require(fits<M>(m, m.max(used, int_of<M>(0)), steps, n - 1 - greatest),
                  "the view must end within the elements of x", named("shape", k, y.dim[k]), named("stride", k, s),
                  named("offset", offset), named("the number of elements of x", n));
        m.require(fits<M>(m, m.max(int_of<M>(0) - used, int_of<M>(0)), steps, least),
                  "the view must begin within the elements of x", named("shape", k, y.dim[k]), named("stride", k, s),
                  named("offset", offset));
        reach[k] = span(m, steps, used, least, n - 1 - greatest);
        m.claim("the reach of a dimension", [&] { return m.exact(reach[k]) == m.exact(steps) * m.exact(s); });
        greatest = greatest + m.max(reach[k], int_of<M>(0));
        least = least + m.min(reach[k], int_of<M>(0));
        low[k + 1] = m.exact(least);
        high[k + 1] = m.exact(greatest);
      }
    }
  };

  /// x of T, its elements row-major; a view of them.
  template <class T>
  struct args {
    std::span<const T> x;
    geometry<run> shape;
  };

  /// The geometry that shape, stride and offset of a call describe over n elements.
  static geometry<run> geometry_of(const call& c, std::int64_t n) {
    run m(name);
    const auto size = sizes(c, "shape"), stride = sizes(c, "stride");
    if (size.size() != stride.size()) c.refuse("stride", "must have one number for each of shape");
    return geometry<run>::of(m, n, shape_of(m, "shape", size), stride.data(), c.integer("offset"));
  }

  /// shape, stride: lists of integers, or int32 or int64 tensors with one dimension; offset and strides count elements.
  /// Throws invalid_argument: a view with an element outside x.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    return {elements<T>(c, "x"), geometry_of(c, x.numel)};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.y)}};
  }

  template <class T>
  HALFULP_HOST_DEVICE static T value(const args<T>& a, std::int64_t i) {
    run m(name);
    return a.x[static_cast<std::size_t>(a.shape.source(m, idx<run>{i, {}}).v)];
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/as_strided_drive.hpp>
