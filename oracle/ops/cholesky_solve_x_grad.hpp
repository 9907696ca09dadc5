// dx = sum over the matrices of the result that a matrix of x was broadcast to: Z with A Z = dout, A = L L^H
#pragma once

#include <halfulp/oracle/ops/cholesky_solve_gradient.hpp>

namespace halfulp::op {

struct cholesky_solve_x_grad {
  static constexpr const char* name = "cholesky_solve_x_grad";
  static constexpr const char* schema =
      "cholesky_solve_x_grad(Tensor dout, Tensor y, int[] x_shape, bool upper=False) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dout";
  using element_types = cholesky_solve::element_types;
  template <class M>
  using geometry = cholesky_solve_gradient<M>;

  /// dout and y of T; the result has the shape `x_shape` of cholesky_solve's x.
  template <class T>
  struct args {
    std::span<const T> dout, y;
    geometry<run> shape;
  };

  /// Throws invalid_argument: cholesky_solve must be valid for these shapes, and dout have its result's.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g =
        geometry<run>::of(m, shape_of(m, "dout.shape", c.tensor("dout")), shape_of(m, "x_shape", c.integers("x_shape")),
                          shape_of(m, "y.shape", c.tensor("y")), c.boolean("upper"));
    return {elements<T>(c, "dout"), elements<T>(c, "y"), g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.x)}};
  }

  /// Defined in oracle/ops/cholesky_solve_x_grad.cpp for the element types.
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a);

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    drive_cholesky_gradient<Geometry>(m);
  }
};

}  // namespace halfulp::op
