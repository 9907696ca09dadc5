// Shapes: checked dimensions, number of elements, row-major positions.
#pragma once

#include <halfulp/oracle/core/index.hpp>

namespace halfulp {

template <class M>
struct shape {
  int_of<M> dim[max_rank];
  int rank = 0;
  int_of<M> numel = 0;  // product of the dimensions, at most max_elements; 1 for rank 0

  // Throws for more than max_rank dimensions, a negative one, or more than max_elements elements.
  // With a zero dimension numel is 0 and no product is formed: (2^40, 2^40, 0) is legal.
  HALFULP_HOST_DEVICE static shape of(M& m, const char* name, const int_of<M>* dims, int rank) {
    m.require(m.truth(rank <= max_rank), "a tensor has at most 8 dimensions", named("rank", int_of<M>(rank)));
    shape s;
    s.rank = rank;
    for (int k = 0; k < rank; ++k) {
      m.require(m.all(dims[k] >= 0, dims[k] <= max_elements), "a dimension must lie in 0 .. 2^62",
                named(name, k, dims[k]));
      s.dim[k] = dims[k];
    }
    s.count(m, name);
    return s;
  }

  // A position for each dimension -> the row-major position.
  HALFULP_HOST_DEVICE idx<M> ravel(M& m, const idx<M>* at) const {
    if (rank == 0) return {int_of<M>(0), ghost_of<M>(1)};
    idx<M> r = at[0];
    for (int k = 1; k < rank; ++k) r = join(m, r, at[k], dim[k]);
    return r;
  }

  // The same for rank 4, without a loop.
  HALFULP_HOST_DEVICE idx<M> ravel(M& m, idx<M> a, idx<M> b, idx<M> c, idx<M> d) const {
    return join(m, join(m, join(m, a, b, dim[1]), c, dim[2]), d, dim[3]);
  }

  // The row-major position -> a position for each dimension.
  HALFULP_HOST_DEVICE void unravel(M& m, idx<M> i, idx<M>* at) const {
    for (int k = rank - 1; k >= 1; --k) {
      const hi_lo<M> s = split(m, i, prefix(m, k), dim[k]);
      at[k] = s.lo;
      i = s.hi;
    }
    if (rank >= 1) at[0] = i;
  }

  // Product of the dimensions before k.
  HALFULP_HOST_DEVICE ghost_of<M> prefix(M& m, int k) const {
    ghost_of<M> p = 1;
    for (int j = 0; j < k; ++j) p = p * m.exact(dim[j]);
    return p;
  }

 private:
  // In proofs, where no dimension is 0: the product of leading dimensions is at most that of all.
  HALFULP_HOST_DEVICE void prefixes_at_most_all(M& m) const {
    ghost_of<M> rest = 1;
    for (int k = rank - 1; k >= 0; --k) {
      lemma_product_grows<M>(m, m.exact(dim[k]), rest);
      rest = m.exact(dim[k]) * rest;
    }
    ghost_of<M> first = 1;
    for (int k = 0; k + 1 < rank; ++k) {
      first = first * m.exact(dim[k]);
      ghost_of<M> last = 1;
      for (int j = rank - 1; j > k; --j) last = m.exact(dim[j]) * last;
      lemma_product_grows<M>(m, first, last);
    }
  }
  HALFULP_HOST_DEVICE void count(M& m, const char* name) {
    numel = 0;
    bool_of<M> empty = m.truth(false);
    for (int k = 0; k < rank; ++k) empty = m.any(empty, dim[k] == 0);
    if (empty) return;
    prefixes_at_most_all(m);
    int_of<M> p = 1;
    for (int k = 0; k < rank; ++k) {
      m.require(fits<M>(m, p, dim[k], max_elements),
                "a tensor has at most 2^62 elements: the product up to this dimension is larger",
                named(name, k, dim[k]));
      p = p * dim[k];
    }
    numel = p;
    m.ensure(numel >= 1, "no zero dimension: at least one element");
  }
};

// Throws unless both have the same rank and dimensions.
template <class M>
HALFULP_HOST_DEVICE void require_same(M& m, const char* name, const shape<M>& given, const shape<M>& want,
                                      const char* rule) {
  m.require(m.truth(given.rank == want.rank), rule, named("rank", int_of<M>(given.rank)),
            named("required rank", int_of<M>(want.rank)));
  for (int k = 0; k < want.rank; ++k)
    m.require(given.dim[k] == want.dim[k], rule, named(name, k, given.dim[k]), named("required", want.dim[k]));
}

}  // namespace halfulp
