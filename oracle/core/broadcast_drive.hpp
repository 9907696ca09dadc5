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

}  // namespace halfulp
