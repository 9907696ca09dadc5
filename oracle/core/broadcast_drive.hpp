// What drives state of broadcasting.
#pragma once

#include <halfulp/oracle/core/broadcast.hpp>
#include <halfulp/oracle/core/drive.hpp>

namespace halfulp {

// Valid if and only if dimensions aligned at the right agree or one of them is 1; zd is what they give, written as the
// code does, so that products of it are the same terms. Returns its rank.
template <class M>
int spec_broadcast(M& m, const int_of<M>* xd, int xr, const int_of<M>* yd, int yr, int_of<M>* zd) {
  const int zr = xr < yr ? yr : xr;
  for (int k = 1; k <= zr; ++k) {  // from the right
    int_of<M>& z = zd[zr - k];
    if (k > xr || k > yr) {
      z = k > xr ? yd[yr - k] : xd[xr - k];
      continue;
    }
    const int_of<M> a = xd[xr - k], b = yd[yr - k];
    m.spec(m.any(m.exact(a) == m.exact(b), m.exact(a) == 1, m.exact(b) == 1));
    z = extent(m, m.select(a == 1, b, a));  // as the rule writes it, so that proofs are quick
  }
  return zr;
}

// Digit by digit from the right: where `from` has a digit, it is that of z, or 0 if its size is 1.
template <class M>
void claim_broadcast(M& m, const char* what, ghost_of<M> from, const int_of<M>* fd, int fr, ghost_of<M> z,
                     const int_of<M>* zd, int zr) {
  for (int k = 1; k <= fr; ++k) {
    const ghost_of<M> fn = m.exact(fd[fr - k]), zn = m.exact(zd[zr - k]);
    const ghost_of<M> fdigit = k < fr ? m.low(from, fn) : from, zdigit = k < zr ? m.low(z, zn) : z;
    m.claim(what, [&] { return fdigit == m.ghost_select(fd[fr - k] == 1, 0, zdigit); });
    from = m.high(from, fn);
    z = m.high(z, zn);
  }
}

// Two shapes that a drive leaves open, and the one that they are broadcast to.
template <class M>
struct broadcast_inputs {
  int xr, yr, zr;
  int_of<M> xd[max_rank], yd[max_rank], zd[max_rank];

  static broadcast_inputs of(M& m) {
    broadcast_inputs in;
    in.xr = m.pick("rank of x", 0, max_rank);
    in.yr = m.pick("rank of y", 0, max_rank);
    for (int k = 0; k < in.xr; ++k) in.xd[k] = m.input("x.shape", k);
    for (int k = 0; k < in.yr; ++k) in.yd[k] = m.input("y.shape", k);
    in.zr = spec_broadcast(m, in.xd, in.xr, in.yd, in.yr, in.zd);
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
    claim_broadcast(m, "reads x at the position of z", m.exact(x.v), xd, xr, m.exact(i.v), zd, zr);
    claim_broadcast(m, "reads y at the position of z", m.exact(y.v), yd, yr, m.exact(i.v), zd, zr);
  }
};

}  // namespace halfulp
