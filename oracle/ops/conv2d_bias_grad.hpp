// dbias[o] = sum over n, oh, ow of dy[n, o, oh, ow]
#pragma once

#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::op {

struct conv2d_bias_grad {
  static constexpr const char* name = "conv2d_bias_grad";
  static constexpr const char* schema = "conv2d_bias_grad(Tensor dy, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = conv2d::float_types;

  template <class M>
  struct geometry {
    shape<M> dy, dbias;
    conv2d::layout data_layout;

    // Throws unless dy has four dimensions.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, conv2d::layout data_layout) {
      m.require(m.truth(dy.rank == 4), "dy must have 4 dimensions", named("rank of dy", int_of<M>(dy.rank)));
      const int_of<M> channels = dy.dim[data_layout == conv2d::layout::nchw ? 1 : 3];
      return {dy, shape<M>::of(m, "dbias.shape", &channels, 1), data_layout};
    }

    // visit(element of dy) for each term of the sum that is element o of dbias.
    template <class F>
    HALFULP_HOST_DEVICE void terms(M& m, idx<M> o, F visit) const {
      const bool nchw = data_layout == conv2d::layout::nchw;
      const int h = nchw ? 2 : 1;
      m.each("image", dy.dim[0], [&](idx<M> n) {
        m.each("row", dy.dim[h], [&](idx<M> i) {
          m.each("column", dy.dim[h + 1],
                 [&](idx<M> j) { visit(nchw ? dy.ravel(m, n, o, i, j) : dy.ravel(m, n, i, j, o)); });
        });
      });
    }
  };

  /// dy of T.
  template <class T>
  struct args {
    std::span<const T> dy;
    geometry<run> shape;
  };

  /// Throws invalid_argument unless dy has four dimensions.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    return {elements<T>(c, "dy"), geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), conv2d::layout_of(c))};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.dbias)}};
  }

  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    run m(name);
    a.shape.terms(m, idx<run>{i, {}}, [&](idx<run> dy) { sum.add(a.dy[static_cast<std::size_t>(dy.v)]); });
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const bool nchw = m.pick("channels last", 0, 1) == 0;
    int_of<M> d[4];
    for (int k = 0; k < 4; ++k) d[k] = m.input("dy.shape", k);
    spec_shape(m, d, 4);
    const int_of<M> channels = d[nchw ? 1 : 3];
    const auto g =
        Geometry<M>::of(m, shape<M>::of(m, "dy.shape", d, 4), nchw ? conv2d::layout::nchw : conv2d::layout::nhwc);
    m.claim("dbias has one element for each channel",
            [&] { return m.all(m.truth(g.dbias.rank == 1), g.dbias.dim[0] == channels); });
    const auto dy = m.values("dy", product_of(m, d, 4));
    auto dbias = m.output("dbias", m.exact(channels));
    m.map(dbias, g.dbias.numel, [&](idx<M> o) {
      g.terms(m, o, [&](idx<M> s) {
        m.load(dy, s);
        m.claim("reads channel o of dy", [&] {
          const ghost_of<M> at = m.exact(s.v), w = m.exact(d[3]);
          const ghost_of<M> c = nchw ? m.low(m.high(m.high(at, w), m.exact(d[2])), m.exact(d[1])) : m.low(at, w);
          return c == m.exact(o.v);
        });
      });
    });
    m.accepted();
  }
};

}  // namespace halfulp::op
