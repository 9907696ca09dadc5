// dx[i, c] = sum of dy[i, j] over all j with index[i, j] = c
#pragma once

#include <halfulp/oracle/core/moved_back.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp::op {

struct index_sample_grad : moved_back {
  static constexpr const char* name = "index_sample_grad";
  static constexpr const char* schema = "index_sample_grad(Tensor dy, Tensor index, int[] x_shape) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = index_sample::element_types;

  template <class M>
  struct geometry {
    index_sample::geometry<M> forward;  // dy has the shape forward.y, dx the shape forward.x

    // Throws unless index_sample is valid for these shapes and dy has that of index.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& index, const shape<M>& x) {
      const geometry g{index_sample::geometry<M>::of(m, x, index)};
      require_same(m, "dy.shape", dy, index, "dy must have the shape of index");
      return g;
    }
    template <class Buffer>
    void check_index(M& m, Buffer& given) const {
      forward.check_index(m, given);
    }

    // The element of dx that element j of dy is added to, given index[j].
    HALFULP_HOST_DEVICE idx<M> target(M& m, idx<M> j, int_of<M> column) const { return forward.source(m, j, column); }
  };

  /// dy (b, k) of T; index (b, k) of int32 or int64; dx has the shape x_shape, (b, d).
  template <class T>
  struct args {
    std::span<const T> dy;
    index_elements index;
    geometry<run> shape;
    updates_by_target by_target;

    std::int64_t origin(std::int64_t j) const {
      run m(name);
      return shape.target(m, idx<run>{j, {}}, index[j]).v;
    }
  };

  /// Throws invalid_argument: ranks, rows, dtypes, an index outside [0, d), a dy that has not the shape of index.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x_shape", c.integers("x_shape"));
    const auto g =
        geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), shape_of(m, "index.shape", c.tensor("index")), x);
    args<T> a{elements<T>(c, "dy"), indices(c, "index"), g, {}};
    a.index.with_buffer([&](auto given) { g.check_index(m, given); });
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
    int_of<M> xd[2], id[2], yd[2];
    for (int k = 0; k < 2; ++k) {
      xd[k] = m.input("x_shape", k);
      id[k] = m.input("index.shape", k);
      yd[k] = m.input("dy.shape", k, m.exact(id[k]));
      m.spec(m.exact(yd[k]) == m.exact(id[k]));
    }
    for (const auto* d : {xd, id, yd}) spec_shape(m, d, 2);
    m.spec(m.exact(xd[0]) == m.exact(id[0]));
    const auto g = Geometry<M>::of(m, shape<M>::of(m, "dy.shape", yd, 2), shape<M>::of(m, "index.shape", id, 2),
                                   shape<M>::of(m, "x_shape", xd, 2));
    auto column =
        m.integers("index", product_of(m, id, 2), [&m, d = xd[1]](int_of<M> v) { return m.all(v >= 0, v < d); });
    const auto dy = m.values("dy", product_of(m, id, 2)), dx = m.values("dx", product_of(m, xd, 2));
    g.check_index(m, column);
    m.claim("every element of dy is added once", [&] { return m.exact(g.forward.y.numel) == dy.size; });
    m.each("update", g.forward.y.numel, [&](idx<M> j) {
      const int_of<M> c = m.load(column, j);
      const idx<M> t = g.target(m, j, c);
      m.load(dy, j);
      m.load(dx, t);
      m.claim("dy[i, j] is added to column index[i, j] of row i", [&] {
        const ghost_of<M> d = m.exact(xd[1]), k = m.exact(id[1]);
        return m.all(m.high(m.exact(t.v), d) == m.high(m.exact(j.v), k), m.low(m.exact(t.v), d) == m.exact(c));
      });
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
