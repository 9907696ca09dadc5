// dx[k] = sum of dy[i] over all i that expand fills from k
#pragma once

#include <halfulp/oracle/core/moved_back.hpp>
#include <halfulp/oracle/ops/expand.hpp>

namespace halfulp::op {

struct expand_grad : moved_back {
  static constexpr const char* name = "expand_grad";
  static constexpr const char* schema = "expand_grad(Tensor dy, int[] x_shape) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = expand::element_types;

  template <class M>
  struct geometry {
    expand::geometry<M> forward;  // dy has the shape forward.y, dx the shape forward.x

    // Throws unless x can be broadcast to the shape of dy.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& x) {
      return {expand::geometry<M>::of(m, x, dy.dim, dy.rank, "dy.shape")};
    }
    // The element of dx that element j of dy is added to.
    HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j) const { return forward.source(m, j); }
  };

  /// dy of T; dx has the shape x_shape.
  template <class T>
  struct args {
    std::span<const T> dy;
    geometry<run> shape;
    updates_by_target by_target;

    std::int64_t origin(std::int64_t j) const {
      run m(name);
      return shape.target(m, idx<run>{j, {}}).v;
    }
  };

  /// Throws invalid_argument: an x_shape that cannot be broadcast to the shape of dy.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x_shape", c.integers("x_shape"));
    args<T> a{elements<T>(c, "dy"), geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), x), {}};
    a.by_target = table_of(a, x.numel);
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.x)}};
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const int xr = m.pick("rank of x", 0, max_rank), yr = m.pick("rank of dy", 0, max_rank);
    int_of<M> xd[max_rank], yd[max_rank];
    for (int k = 0; k < xr; ++k) xd[k] = m.input("x_shape", k);
    for (int k = 0; k < yr; ++k) yd[k] = m.input("dy.shape", k);
    m.spec(m.truth(xr <= yr));
    for (int k = 0; k < xr && xr <= yr; ++k)
      m.spec(m.any(m.exact(xd[k]) == m.exact(yd[k + yr - xr]), m.exact(xd[k]) == 1));
    spec_shape(m, xd, xr);
    spec_shape(m, yd, yr);
    const auto dy_shape = shape<M>::of(m, "dy.shape", yd, yr);
    const auto g = Geometry<M>::of(m, dy_shape, shape<M>::of(m, "x_shape", xd, xr));
    const auto dy = m.values("dy", product_of(m, yd, yr)), dx = m.values("dx", product_of(m, xd, xr));
    m.claim("dx has the shape of x", [&] { return m.exact(g.forward.x.numel) == dx.size; });
    m.claim("every element of dy is added once", [&] { return m.exact(g.forward.y.numel) == dy.size; });
    m.each("update", g.forward.y.numel, [&](idx<M> j) {
      const idx<M> t = g.target(m, j);
      m.load(dy, j);
      m.load(dx, t);
      claim_broadcast(m, "dy is added at its position in x", m.exact(t.v), xd, xr, m.exact(j.v), yd, yr);
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
