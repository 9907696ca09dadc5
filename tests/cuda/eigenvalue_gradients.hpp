// Calls of the gradients of eigenvalues for the CUDA tests.
#pragma once

#include <string>

#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

/// Uniform in [-1, 1), for each eigenvalue of x.
template <class W>
tensor uniform_weights(random_source& r, const tensor& x) {
  extents shape;
  for (const std::int64_t* d = x.shape().begin(); d + 1 < x.shape().end(); ++d) shape.push_back(*d);
  tensor dw(dtype_of<W>, shape);
  for (W& w : dw.elements<W>()) {
    const double re = r.uniform();
    if constexpr (is_complex<W>)
      w = {narrow<component_t<W>>(re), narrow<component_t<W>>(r.uniform())};
    else
      w = narrow<W>(re);
  }
  return dw;
}

template <class T>
comparison compare_eigvalsh_grad(const tensor& dw, const tensor& x, const char* uplo = "L") {
  return compare<op::eigvalsh_grad, T>(
      call_for<op::eigvalsh_grad>({{dw.view()}, {x.view()}}, {{"UPLO", {std::string(uplo)}}}));
}
template <class T>
comparison compare_eigvals_grad(const tensor& dw, const tensor& x) {
  return compare<op::eigvals_grad, T>(call_for<op::eigvals_grad>({{dw.view()}, {x.view()}}));
}

}  // namespace halfulp::tests
