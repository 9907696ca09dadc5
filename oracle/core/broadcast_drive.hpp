// What drives state of broadcasting.
#pragma once

#include <halfulp/oracle/core/broadcast.hpp>
#include <halfulp/oracle/core/drive.hpp>

namespace halfulp {

// Valid if and only if dimensions aligned at the right agree or one of them is 1; zd is what they give. Returns its rank.
template <class M>
int spec_broadcast(M& m, const int_of<M>* xd, int xr, const int_of<M>* yd, int yr, int_of<M>* zd) {
  const int zr = xr < yr ? yr : xr;
  for (int k = 1; k <= zr; ++k) {  // from the right
    const int_of<M> a = k <= xr ? xd[xr - k] : int_of<M>(1);
    const int_of<M> b = k <= yr ? yd[yr - k] : int_of<M>(1);
    m.spec(m.any(m.exact(a) == m.exact(b), m.exact(a) == 1, m.exact(b) == 1));
    zd[zr - k] = m.select(b == 1, a, b);
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

}  // namespace halfulp
