// Broadcasting of two shapes, as NumPy has it: dimensions are aligned at the right, and one of
// size 1 is repeated. (1, 0) gives 0; (0, 3) is an error.
#pragma once

#include <halfulp/oracle/core/shape.hpp>

namespace halfulp {

// What two shapes and the rule for them are called in errors.
struct broadcast_names {
  const char *x = "x.shape", *y = "y.shape";
  const char* rule = "dimensions of x and y, aligned at the right, must be equal or one of them 1";
};

template <class M>
struct broadcast {
  // Throws unless x and y can be broadcast; the result has the larger rank.
  HALFULP_HOST_DEVICE static shape<M> of(M& m, const shape<M>& x, const shape<M>& y,
                                         const broadcast_names& called = {}) {
    int_of<M> dims[max_rank] = {};
    const int rank = leading_of(m, x, x.rank, y, y.rank, dims, called);
    return shape<M>::of(m, "the broadcast shape", dims, rank);
  }

  // The first xr dimensions of x and yr of y alone: writes what they give to dims and returns how many.
  HALFULP_HOST_DEVICE static int leading_of(M& m, const shape<M>& x, int xr, const shape<M>& y, int yr, int_of<M>* dims,
                                            const broadcast_names& called = {}) {
    const int rank = xr < yr ? yr : xr;
    for (int k = 0; k < rank; ++k) {
      const int i = k - (rank - xr), j = k - (rank - yr);
      if (i < 0 || j < 0) {
        dims[k] = i < 0 ? y.dim[j] : x.dim[i];
        continue;
      }
      m.require(m.any(x.dim[i] == y.dim[j], x.dim[i] == 1, y.dim[j] == 1), called.rule, named(called.x, i, x.dim[i]),
                named(called.y, j, y.dim[j]));
      dims[k] = extent(m, m.select(x.dim[i] == 1, y.dim[j], x.dim[i]));
    }
    return rank;
  }

  // The element of `from` for the output position `at`, whose rank is `rank`. A contract: proved once for each rank of
  // `from`, whatever the other shapes.
  HALFULP_HOST_DEVICE static idx<M> source(M& m, const shape<M>& from, const idx<M>* at, int rank) {
    if (from.rank == 0) return {int_of<M>(0), ghost_of<M>(1)};
    const idx<M>* aligned = at + (rank - from.rank);
    return m.template contract<idx<M>>(
        "broadcast_source", [&] { return is_position(m, from, aligned); },
        [&] {
          idx<M> r = pick(m, from, aligned, 0);
          for (int k = 1; k < from.rank; ++k) r = join(m, r, pick(m, from, aligned, k), from.dim[k]);
          return r;
        },
        [&](idx<M> r) { return has_digits(m, from, aligned, r); });
  }

 private:
  HALFULP_HOST_DEVICE static idx<M> pick(M& m, const shape<M>& from, const idx<M>* aligned, int k) {
    return {m.select(from.dim[k] == 1, int_of<M>(0), aligned[k].v), m.exact(from.dim[k])};
  }
  // Each position lies in its dimension, or that is 1; and the leading dimensions have at most max_elements elements.
  HALFULP_HOST_DEVICE static bool_of<M> is_position(M& m, const shape<M>& from, const idx<M>* aligned) {
    bool_of<M> ok = m.truth(true);
    for (int k = 0; k < from.rank; ++k) {
      const ghost_of<M> n = m.exact(from.dim[k]), v = m.exact(aligned[k].v);
      ok = m.all(ok, v >= 0, n >= 1, m.any(from.dim[k] == 1, v < n));
    }
    for (int k = 1; k <= from.rank; ++k) ok = m.all(ok, from.prefix(m, k) <= max_elements);
    return ok;
  }
  // r is an element of `from`, and its digits are the positions, or 0 where the dimension is 1.
  HALFULP_HOST_DEVICE static bool_of<M> has_digits(M& m, const shape<M>& from, const idx<M>* aligned, idx<M> r) {
    bool_of<M> ok = m.all(m.exact(r.v) >= 0, m.exact(r.v) < from.prefix(m, from.rank));
    ghost_of<M> rest = m.exact(r.v);
    for (int k = from.rank - 1; k >= 0; --k) {
      const ghost_of<M> n = m.exact(from.dim[k]);
      ok = m.all(ok, (k > 0 ? m.low(rest, n) : rest) == m.ghost_select(from.dim[k] == 1, 0, m.exact(aligned[k].v)));
      rest = m.high(rest, n);
    }
    return ok;
  }
};

}  // namespace halfulp
