// y[i, j] = x[i, index[i, j]]
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/shape.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct index_sample {
  static constexpr const char* name = "index_sample";
  static constexpr const char* schema = "index_sample(Tensor x, Tensor index) -> Tensor";
  static constexpr std::array apis{"paddle.index_sample"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "index_sample_grad"}};
  using element_types = all_storage_types;

  template <class M>
  struct geometry {
    shape<M> x, index, y;  // (b, d), (b, k), (b, k)

    // Throws unless both have two dimensions and as many rows.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& index) {
      m.require(m.truth(x.rank == 2), "x must have 2 dimensions", named("rank of x", int_of<M>(x.rank)));
      m.require(m.truth(index.rank == 2), "index must have 2 dimensions",
                named("rank of index", int_of<M>(index.rank)));
      m.require(x.dim[0] == index.dim[0], "x and index must have the same number of rows",
                named("x.shape", 0, x.dim[0]), named("index.shape", 0, index.dim[0]));
      return {x, index, index};
    }

    // Throws unless every index lies in [0, d); also where y is empty or no x would be read.
    template <class Buffer>
    void check_index(M& m, Buffer& given) const {
      m.check_all(
          "index", given, [&m, d = x.dim[1]](int_of<M> v) { return m.all(v >= 0, v < d); },
          "every index must lie in 0 .. x.shape[1] - 1");
    }

    // The element of x that goes to element i of y, given index[i].
    HALFULP_HOST_DEVICE idx<M> source(M& m, idx<M> i, int_of<M> column) const {
      idx<M> at[2] = {};
      y.unravel(m, i, at);
      return join(m, at[0], idx<M>{column, m.exact(x.dim[1])}, x.dim[1]);
    }
  };

  /// x (b, d) of T; index (b, k) of int32 or int64.
  template <class T>
  struct args {
    std::span<const T> x;
    index_elements index;
    geometry<run> shape;
  };

  /// Throws invalid_argument: ranks, rows, dtypes, an index outside [0, d).
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g =
        geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "index.shape", c.tensor("index")));
    const args<T> a{elements<T>(c, "x"), indices(c, "index"), g};
    a.index.with_buffer([&](auto given) { g.check_index(m, given); });
    return a;
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.y)}};
  }

  template <class T>
  HALFULP_HOST_DEVICE static T value(const args<T>& a, std::int64_t i) {
    run m(name);
    return a.x[static_cast<std::size_t>(a.shape.source(m, idx<run>{i, {}}, a.index[i]).v)];
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const int_of<M> xd[2] = {m.input("x.shape[0]"), m.input("x.shape[1]")};
    const int_of<M> id[2] = {m.input("index.shape[0]"), m.input("index.shape[1]")};
    spec_shape(m, xd, 2);
    spec_shape(m, id, 2);
    m.spec(m.exact(xd[0]) == m.exact(id[0]));
    const auto x = shape<M>::of(m, "x.shape", xd, 2);
    const auto index = shape<M>::of(m, "index.shape", id, 2);
    const auto g = Geometry<M>::of(m, x, index);
    m.claim("y has the shape of index", [&] { return m.all(g.y.dim[0] == id[0], g.y.dim[1] == id[1]); });
    auto column =
        m.integers("index", product_of(m, id, 2), [&m, d = xd[1]](int_of<M> v) { return m.all(v >= 0, v < d); });
    const auto from = m.values("x", product_of(m, xd, 2));
    auto y = m.output("y", product_of(m, id, 2));
    g.check_index(m, column);
    m.map(y, g.y.numel, [&](idx<M> i) {
      const int_of<M> c = m.load(column, i);
      const idx<M> s = g.source(m, i, c);
      m.load(from, s);
      m.claim("reads column index[i, j] of row i", [&] {
        const ghost_of<M> d = m.exact(xd[1]), k = m.exact(id[1]);
        return m.all(m.high(m.exact(s.v), d) == m.high(m.exact(i.v), k), m.low(m.exact(s.v), d) == m.exact(c));
      });
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
