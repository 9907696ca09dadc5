// dx = (sum over distinct w of conj(mean dw) P)^H, P the spectral projector of x: the gradient of eigvals
#pragma once

#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::op {

struct eigvals_grad {
  static constexpr const char* name = "eigvals_grad";
  static constexpr const char* schema = "eigvals_grad(Tensor dw, Tensor x|A) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "x";
  using element_types = eigvals::element_types;

  /// The complex type of dw, which is that of eigvals' result.
  template <class T>
  using weight_t = std::complex<eigvals::part_t<T>>;

  template <class M>
  using place = square_place<M>;

  template <class M>
  struct geometry {
    eigvals::geometry<M> forward;  // dx has the shape forward.a, dw the shape forward.w

    // Throws unless x is valid for eigvals and dw has the shape of its result.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dw, const shape<M>& x) {
      geometry g{eigvals::geometry<M>::of(m, x)};
      require_same(m, "dw.shape", dw, g.forward.w, "dw must have the shape of eigvals's result");
      return g;
    }

    // Element i of dx <-> its positions.
    HALFULP_HOST_DEVICE place<M> place_of(M& m, idx<M> i) const { return forward.place_of(m, i); }
    HALFULP_HOST_DEVICE idx<M> element_of(M& m, const place<M>& p) const { return forward.element_of(m, p); }
  };

  /// dw of the complex type of eigvals' result, and what eigvals was given.
  template <class T>
  struct args {
    std::span<const weight_t<T>> dw;
    eigvals::args<T> forward;
    geometry<run> shape;
  };

  /// Throws invalid_argument: what eigvals refuses, a dw of another shape than its result, or of another dtype.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g = geometry<run>::of(m, shape_of(m, "dw.shape", c.tensor("dw")), shape_of(m, "x.shape", c.tensor("x")));
    return {elements<weight_t<T>>(c, "dw"), {elements<T>(c, "x"), g.forward}, g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.a)}};
  }

  /// Defined in oracle/ops/eigvals_grad.cpp for the element types. A component that stays undecided within the budget of
  /// `linalg::general_gradient` is reported so, and is the canonical NaN in `rounded`.
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a);

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/eigvals_grad_drive.hpp>
