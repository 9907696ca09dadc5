// dx = sum over k of dw_k v_k v_k^H, x v_k = w_k v_k: the gradient of eigvalsh; equal eigenvalues share their mean dw
#pragma once

#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::op {

struct eigvalsh_grad {
  static constexpr const char* name = "eigvalsh_grad";
  static constexpr const char* schema = "eigvalsh_grad(Tensor dw, Tensor x|A, str UPLO=\"L\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "x";
  using element_types = eigvalsh::element_types;

  template <class M>
  using place = square_place<M>;

  template <class M>
  struct geometry {
    eigvalsh::geometry<M> forward;  // dx has the shape forward.a, dw the shape forward.w

    // Throws unless x is valid for eigvalsh and dw has the shape of its result.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dw, const shape<M>& x, eigvalsh::triangle uplo) {
      geometry g{eigvalsh::geometry<M>::of(m, x, uplo)};
      require_same(m, "dw.shape", dw, g.forward.w, "dw must have the shape of eigvalsh's result");
      return g;
    }

    // Element i of dx <-> its positions.
    HALFULP_HOST_DEVICE place<M> place_of(M& m, idx<M> i) const { return forward.place_of(m, i); }
    HALFULP_HOST_DEVICE idx<M> element_of(M& m, const place<M>& p) const { return forward.element_of(m, p); }
  };

  /// dw of the real type of T, and what eigvalsh was given.
  template <class T>
  struct args {
    std::span<const component_t<T>> dw;
    eigvalsh::args<T> forward;
    geometry<run> shape;
  };

  /// Throws invalid_argument: what eigvalsh refuses, a dw of another shape than its result, or of another dtype.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const bool lower = eigvalsh::is_lower(c);
    const auto g = geometry<run>::of(m, shape_of(m, "dw.shape", c.tensor("dw")), shape_of(m, "x.shape", c.tensor("x")),
                                     lower ? eigvalsh::triangle::lower : eigvalsh::triangle::upper);
    return {elements<component_t<T>>(c, "dw"), {elements<T>(c, "x"), lower, g.forward}, g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.a)}};
  }

  /// Defined in oracle/ops/eigvalsh_grad.cpp for the element types. A component that stays undecided within the budget of
  /// `linalg::gradient` is reported so, and is the canonical NaN in `rounded`.
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

#include <halfulp/oracle/ops/eigvalsh_grad_drive.hpp>
