// Words that drives use to state what is valid. A drive runs on `replay` and `sym` only.
#pragma once

#include <halfulp/oracle/core/machine.hpp>

namespace halfulp {

// The product of all dimensions.
template <class M> ghost_of<M> product_of(M& m, const int_of<M>* dims, int rank) {
  ghost_of<M> p = 1;
  for (int k = 0; k < rank; ++k) p = p * m.exact(dims[k]);
  return p;
}

// A valid shape: dimensions in 0 .. max_elements, at most max_elements elements.
template <class M> void spec_shape(M& m, const int_of<M>* dims, int rank) {
  for (int k = 0; k < rank; ++k) {
    m.spec(m.exact(dims[k]) >= 0);
    m.spec(m.exact(dims[k]) <= max_elements);
  }
  m.spec(product_of(m, dims, rank) <= max_elements);
}

}  // namespace halfulp
