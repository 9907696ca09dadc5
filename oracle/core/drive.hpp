// Words that drives use to state what is valid. A drive runs on `replay` and `sym` only.
#pragma once

#include <halfulp/oracle/core/shape.hpp>

namespace halfulp {

// The product of all dimensions.
template <class M>
ghost_of<M> product_of(M& m, const int_of<M>* dims, int rank) {
  ghost_of<M> p = 1;
  for (int k = 0; k < rank; ++k) p = p * m.exact(dims[k]);
  return p;
}

// A valid shape: dimensions in 0 .. max_elements, at most max_elements elements.
template <class M>
void spec_shape(M& m, const int_of<M>* dims, int rank) {
  for (int k = 0; k < rank; ++k) {
    m.spec(m.exact(dims[k]) >= 0);
    m.spec(m.exact(dims[k]) <= max_elements);
  }
  m.spec(product_of(m, dims, rank) <= max_elements);
}

// What a valid shape is, as one condition; and that, unless it is empty, leading dimensions have at most max_elements
// elements, too.
template <class M>
bool_of<M> is_valid_shape(M& m, const int_of<M>* dims, int rank) {
  bool_of<M> ok = m.truth(true), empty = m.truth(false);
  for (int k = 0; k < rank; ++k) {
    ok = m.all(ok, m.exact(dims[k]) >= 0, m.exact(dims[k]) <= max_elements);
    empty = m.any(empty, m.exact(dims[k]) == 0);
  }
  for (int k = 1; k <= rank; ++k) ok = m.all(ok, m.any(empty, product_of(m, dims, k) <= max_elements));
  return m.all(ok, product_of(m, dims, rank) <= max_elements);
}

// The shape that the code makes of dims: its checks are proved apart, so that what follows is not explored for an empty
// and for another one. Of its number of elements nothing is known in a proof.
template <class M>
shape<M> shape_apart(M& m, const char* name, const int_of<M>* dims, int rank) {
  shape<M> same;
  same.rank = rank;
  for (int k = 0; k < rank; ++k) same.dim[k] = dims[k];
  return m.apart(
      same, [&] { return shape<M>::of(m, name, dims, rank); }, [&] { return is_valid_shape(m, dims, rank); });
}

}  // namespace halfulp
