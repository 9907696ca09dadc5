// dx[e] = sum of dy[i_0, i_1, ...] over all with offset + sum_k i_k stride[k] = e
#pragma once

#include <halfulp/oracle/core/moved_back.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>

namespace halfulp::op {

struct as_strided_grad : moved_back {
  static constexpr const char* name = "as_strided_grad";
  static constexpr const char* schema =
      "as_strided_grad(Tensor dy, int[] x_shape, any<int[]> stride, int offset=0) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = as_strided::element_types;

  template <class M>
  struct geometry {
    as_strided::geometry<M> forward;  // dy has the shape forward.y, dx has forward.n elements

    // Throws unless dy has the shape of a view of n elements.
    HALFULP_HOST_DEVICE static geometry of(M& m, int_of<M> n, const shape<M>& dy, const int_of<M>* strides,
                                           int_of<M> offset) {
      return {as_strided::geometry<M>::of(m, n, dy, strides, offset)};
    }
    // The element of dx that element j of dy is added to.
    HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j) const { return forward.source(m, j); }
  };

  /// dy of T; dx has the shape x_shape.
  template <class T>
  struct args {
    std::span<const T> dy;
    extents x;
    geometry<run> shape;
    updates_by_target by_target;

    std::int64_t origin(std::int64_t j) const {
      run m(name);
      return shape.target(m, idx<run>{j, {}}).v;
    }
  };

  /// Throws invalid_argument: a dy that is no view of an x of this shape.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x_shape", c.integers("x_shape")), dy = shape_of(m, "dy.shape", c.tensor("dy"));
    const auto stride = sizes(c, "stride");
    if (static_cast<int>(stride.size()) != dy.rank) c.refuse("stride", "must have one number for each dimension of dy");
    args<T> a{
        elements<T>(c, "dy"), extents_of(x), geometry<run>::of(m, x.numel, dy, stride.data(), c.integer("offset")), {}};
    a.by_target = table_of(a, x.numel);
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, a.x}};
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const auto in = strided_inputs<M>::of(m);
    const auto g = Geometry<M>::of(m, in.n, shape<M>::of(m, "dy.shape", in.size, in.rank), in.stride, in.offset);
    const auto dy = m.values("dy", product_of(m, in.size, in.rank)), dx = m.values("dx", m.exact(in.n));
    m.claim("every element of dy is added once", [&] { return m.exact(g.forward.y.numel) == dy.size; });
    m.each("update", g.forward.y.numel, [&](idx<M> j) {
      const idx<M> t = g.target(m, j);
      m.load(dy, j);
      m.load(dx, t);
      m.claim("dy is added at offset + sum i_k stride_k", [&] { return m.exact(t.v) == in.element(m, j); });
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
