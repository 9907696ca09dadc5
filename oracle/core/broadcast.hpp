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

template <class M> struct broadcast {
  // Throws unless x and y can be broadcast; the result has the larger rank.
  HALFULP_HOST_DEVICE static shape<M> of(M& m, const shape<M>& x, const shape<M>& y, const broadcast_names& called = {}) {
    int_of<M> dims[max_rank] = {};
    const int rank = leading_of(m, x, x.rank, y, y.rank, dims, called);
    return shape<M>::of(m, "the broadcast shape", dims, rank);
  }

  // The first xr dimensions of x and yr of y alone: writes what they give to dims and returns how many.
  HALFULP_HOST_DEVICE static int leading_of(M& m, const shape<M>& x, int xr, const shape<M>& y, int yr,
                                            int_of<M>* dims, const broadcast_names& called = {}) {
    const int rank = xr < yr ? yr : xr;
    for (int k = 0; k < rank; ++k) {
      const int i = k - (rank - xr), j = k - (rank - yr);
      if (i < 0 || j < 0) {
        dims[k] = i < 0 ? y.dim[j] : x.dim[i];
        continue;
      }
      m.require(m.any(x.dim[i] == y.dim[j], x.dim[i] == 1, y.dim[j] == 1),
                called.rule, named(called.x, i, x.dim[i]), named(called.y, j, y.dim[j]));
      dims[k] = m.select(x.dim[i] == 1, y.dim[j], x.dim[i]);
    }
    return rank;
  }

  // The element of `from` for the output position `at`, whose rank is `rank`.
  HALFULP_HOST_DEVICE static idx<M> source(M& m, const shape<M>& from, const idx<M>* at,
                                           int rank) {
    if (from.rank == 0) return {int_of<M>(0), ghost_of<M>(1)};
    idx<M> r = pick(m, from, at, rank, 0);
    for (int k = 1; k < from.rank; ++k) r = join(m, r, pick(m, from, at, rank, k), from.dim[k]);
    return r;
  }

 private:
  HALFULP_HOST_DEVICE static idx<M> pick(M& m, const shape<M>& from, const idx<M>* at, int rank,
                                         int k) {
    const idx<M> there = at[k + rank - from.rank];
    return {m.select(from.dim[k] == 1, int_of<M>(0), there.v), m.exact(from.dim[k])};
  }
};

}  // namespace halfulp
