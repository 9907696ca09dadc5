// An axis of a shape, counted from the front or, negative, from the back; and the position beside which another lies
// along it.
#pragma once

#include <halfulp/oracle/core/call.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/shape.hpp>

namespace halfulp {

/// The argument `axis`, if any rank allows it.
inline int axis_argument(const call& c) {
  const std::int64_t axis = c.integer("axis");
  if (axis < -max_rank || axis >= max_rank) c.refuse("axis", "must lie in -rank .. rank - 1 of x");
  return static_cast<int>(axis);
}

// 0 .. rank - 1. Throws unless axis lies in -rank .. rank - 1.
template <class M>
HALFULP_HOST_DEVICE int axis_of(M& m, int axis, int rank) {
  m.require(m.truth(rank >= 1), "x must have at least 1 dimension", named("rank of x", int_of<M>(rank)));
  m.require(m.truth(-rank <= axis && axis < rank), "axis must lie in -rank .. rank - 1 of x",
            named("axis", int_of<M>(axis)), named("rank of x", int_of<M>(rank)));
  return axis < 0 ? axis + rank : axis;
}

// Throws unless every index lies in [0, size); also where nothing is to be written.
template <class M, class Buffer>
void check_axis_index(M& m, Buffer& given, int_of<M> size) {
  m.check_all(
      "index", given, [&m, size](int_of<M> v) { return m.all(v >= 0, v < size); },
      "every index must lie in 0 .. x.shape[axis] - 1");
}

// The element of `to` at the position `at`, which lies in it; along the axis at `along`, if axis >= 0.
template <class M>
HALFULP_HOST_DEVICE idx<M> moved_along(M& m, const shape<M>& to, const idx<M>* at, int axis, int_of<M> along) {
  idx<M> there[max_rank] = {};
  for (int k = 0; k < to.rank; ++k) there[k] = {k == axis ? along : at[k].v, m.exact(to.dim[k])};
  return to.ravel(m, there);
}
template <class M>
HALFULP_HOST_DEVICE idx<M> placed(M& m, const shape<M>& to, const idx<M>* at) {
  return moved_along(m, to, at, -1, int_of<M>(0));
}

// In drives: an axis that a call may give: each from the front, the last from the back, and one too far either way.
template <class M>
int axis_input(M& m, int rank) {
  const int k = m.pick("axis, or -1, or out of range at the back", 0, rank + 2);
  return k <= rank ? k : k == rank + 1 ? -1 : -rank - 1;
}

// In drives: element `to` of a tensor of shape td has the digits of element `from` of one of shape fd, but for that of
// the axis, if axis >= 0, which is `along`.
template <class M>
void claim_moved_along(M& m, const char* what, ghost_of<M> to, const int_of<M>* td, ghost_of<M> from,
                       const int_of<M>* fd, int rank, int axis, ghost_of<M> along) {
  for (int k = rank - 1; k >= 0; --k) {
    const ghost_of<M> tn = m.exact(td[k]), fn = m.exact(fd[k]);
    const ghost_of<M> t = k > 0 ? m.low(to, tn) : to, f = k > 0 ? m.low(from, fn) : from;
    m.claim(what, [&] { return t == (k == axis ? along : f); });
    to = m.high(to, tn);
    from = m.high(from, fn);
  }
}

}  // namespace halfulp
