// Matrices for the tests of eigvals on the GPU.
#pragma once

#include <halfulp/oracle/ops/eigvals.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

inline call eigvals_of(const tensor& x) {
  return call_for<op::eigvals>({{x.view()}});
}

/// Elements uniform in [-1, 1), rounded to T.
template <class T>
tensor uniform_matrices(random_source& r, std::int64_t count, std::int64_t n) {
  using R = component_t<T>;
  tensor t(dtype_of<T>, {count, n, n});
  for (T& x : t.elements<T>()) {
    if constexpr (is_complex<T>)
      x = {narrow<R>(r.uniform()), narrow<R>(r.uniform())};
    else
      x = narrow<R>(r.uniform());
  }
  return t;
}

template <class F>
void for_each_matrix_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvals::element_types{});
}

}  // namespace halfulp::tests
