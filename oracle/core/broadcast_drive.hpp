// What drives claim of broadcast positions. A drive runs on `replay` and `sym` only.
#pragma once

#include <halfulp/oracle/core/broadcast.hpp>
#include <halfulp/oracle/core/drive.hpp>

namespace halfulp {

// Element `from` of shape fd is the one that broadcasting puts at element i of shape zd. Digit by digit from the
// right: where `from` has a digit, it is that of z, or 0 if its size is 1.
template <class M>
void claim_broadcast_position(M& m, const char* what, idx<M> from, const int_of<M>* fd, int fr, idx<M> i,
                              const int_of<M>* zd, int zr) {
  ghost_of<M> f = m.exact(from.v), z = m.exact(i.v);
  for (int k = 1; k <= fr; ++k) {
    const ghost_of<M> fn = m.exact(fd[fr - k]), zn = m.exact(zd[zr - k]);
    const ghost_of<M> fdigit = k < fr ? m.low(f, fn) : f, zdigit = k < zr ? m.low(z, zn) : z;
    m.claim(what, [&] { return fdigit == m.ghost_select(fd[fr - k] == 1, 0, zdigit); });
    f = m.high(f, fn);
    z = m.high(z, zn);
  }
}

// Two shapes that a drive leaves open, and the one that they are broadcast to.
template <class M>
struct broadcast_inputs {
  int xr, yr, zr;
  int_of<M> xd[max_rank], yd[max_rank], zd[max_rank];

  // Valid if and only if all dimensions, aligned at the right, agree or are 1.
  static broadcast_inputs of(M& m) {
    broadcast_inputs in;
    in.xr = m.pick("rank of x", 0, max_rank);
    in.yr = m.pick("rank of y", 0, max_rank);
    in.zr = in.xr < in.yr ? in.yr : in.xr;
    for (int k = 0; k < in.xr; ++k) in.xd[k] = m.input("x.shape", k);
    for (int k = 0; k < in.yr; ++k) in.yd[k] = m.input("y.shape", k);
    for (int k = 1; k <= in.zr; ++k) in.zd[in.zr - k] = in.spec_dimension(m, k);
    spec_shape(m, in.xd, in.xr);
    spec_shape(m, in.yd, in.yr);
    spec_shape(m, in.zd, in.zr);
    return in;
  }

  shape<M> x(M& m) const { return shape<M>::of(m, "x.shape", xd, xr); }
  shape<M> y(M& m) const { return shape<M>::of(m, "y.shape", yd, yr); }
  ghost_of<M> x_elements(M& m) const { return product_of(m, xd, xr); }
  ghost_of<M> y_elements(M& m) const { return product_of(m, yd, yr); }
  ghost_of<M> z_elements(M& m) const { return product_of(m, zd, zr); }

  // Element x of x and element y of y are those that broadcasting puts at element i of z.
  void claim_positions(M& m, idx<M> x, idx<M> y, idx<M> i) const {
    claim_broadcast_position(m, "reads x at the position of z", x, xd, xr, i, zd, zr);
    claim_broadcast_position(m, "reads y at the position of z", y, yd, yr, i, zd, zr);
  }

 private:
  // The k-th dimension of z from the right.
  int_of<M> spec_dimension(M& m, int k) const {
    if (k > xr) return yd[yr - k];
    if (k > yr) return xd[xr - k];
    const int_of<M> a = xd[xr - k], b = yd[yr - k];
    m.spec(m.any(m.exact(a) == m.exact(b), m.exact(a) == 1, m.exact(b) == 1));
    return m.select(a == 1, b, a);
  }
};

}  // namespace halfulp
