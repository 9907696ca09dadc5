// y[i] = x[the position of i that broadcasting gives]
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/broadcast_drive.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp::op {

struct expand {
  static constexpr const char* name = "expand";
  static constexpr const char* schema = "expand(Tensor x, any<int[]> shape|size) -> Tensor";
  static constexpr std::array apis{"paddle.expand", "paddle.Tensor.expand", "torch.Tensor.expand"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "expand_grad"}};
  using element_types = all_storage_types;

  template <class M>
  struct geometry {
    shape<M> x, y;

    // The shape asked for: a size for each dimension of y, -1 for that of x. Messages call it `label`.
    // Throws unless x can be broadcast to it.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const int_of<M>* asked, int rank,
                                           const char* label = "shape") {
      m.require(m.truth(rank <= max_rank), "shape must have at most 8 dimensions", named("its rank", int_of<M>(rank)));
      m.require(m.truth(x.rank <= rank), "shape must have at least as many dimensions as x",
                named("the rank of shape", int_of<M>(rank)), named("the rank of x", int_of<M>(x.rank)));
      int_of<M> dims[max_rank] = {};
      for (int k = 0; k < rank; ++k) dims[k] = size(m, x, asked[k], k, k - (rank - x.rank), label);
      return {x, shape<M>::of(m, label, dims, rank)};
    }

    // The element of x that goes to element i of y.
    HALFULP_HOST_DEVICE idx<M> source(M& m, idx<M> i) const {
      idx<M> at[max_rank] = {};
      y.unravel(m, i, at);
      return broadcast<M>::source(m, x, at, y.rank);
    }

   private:
    // Dimension k of y; dimension j of x is aligned with it, if j >= 0.
    HALFULP_HOST_DEVICE static int_of<M> size(M& m, const shape<M>& x, int_of<M> asked, int k, int j,
                                              const char* label) {
      if (j < 0) {
        m.require(asked >= 0, "a dimension that x does not have must be at least 0", named(label, k, asked));
        return asked;
      }
      m.require(m.any(asked == -1, asked == x.dim[j], m.all(x.dim[j] == 1, asked >= 0)),
                "a dimension must be -1 or that of x, aligned at the right; where x has 1, any from 0",
                named(label, k, asked), named("x.shape", j, x.dim[j]));
      return m.select(asked == -1, x.dim[j], asked);
    }
  };

  /// x of T; y has the shape asked for.
  template <class T>
  struct args {
    std::span<const T> x;
    geometry<run> shape;
  };

  /// shape: a list of integers, or an int32 or int64 tensor with one dimension.
  /// Throws invalid_argument: a shape that x cannot be broadcast to.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto asked = sizes(c, "shape");
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    return {elements<T>(c, "x"), geometry<run>::of(m, x, asked.data(), static_cast<int>(asked.size()))};
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

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const int xr = m.pick("rank of x", 0, max_rank), yr = m.pick("rank of y", 0, max_rank);
    int_of<M> xd[max_rank], asked[max_rank], yd[max_rank];
    for (int k = 0; k < xr; ++k) xd[k] = m.input("x.shape", k);
    for (int k = 0; k < yr; ++k) asked[k] = m.input("shape", k);
    spec(m, xd, xr, asked, yr, yd);
    const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", xd, xr), asked, yr);
    m.claim("rank of y", [&] { return m.truth(g.y.rank == yr); });
    for (int k = 0; k < yr; ++k) m.claim("shape of y", [&] { return g.y.dim[k] == yd[k]; });
    const auto x = m.values("x", product_of(m, xd, xr));
    auto y = m.output("y", product_of(m, yd, yr));
    m.map(y, g.y.numel, [&](idx<M> i) {
      const idx<M> s = g.source(m, i);
      m.load(x, s);
      claim_broadcast(m, "reads x at the position of y", m.exact(s.v), xd, xr, m.exact(i.v), yd, yr);
    });
    m.accepted();
  }

 private:
  // Valid if and only if each dimension asked for is x's, or -1, or x has 1 or none there; yd is the shape of y.
  template <class M>
  static void spec(M& m, const int_of<M>* xd, int xr, const int_of<M>* asked, int yr, int_of<M>* yd) {
    m.spec(m.truth(xr <= yr));
    for (int k = 0; k < yr; ++k) {
      const int j = k - (yr - xr);
      const bool has = j >= 0 && j < xr;
      const bool_of<M> keep = has ? asked[k] == -1 : m.truth(false);
      yd[k] = has ? m.select(keep, xd[j], asked[k]) : asked[k];
      if (has) m.spec(m.any(m.exact(yd[k]) == m.exact(xd[j]), m.exact(xd[j]) == 1));
    }
    spec_shape(m, xd, xr);
    spec_shape(m, yd, yr);
  }
};

}  // namespace halfulp::op
