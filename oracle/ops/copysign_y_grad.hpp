// dy = 0: copysign does not change where y does, but at its zeros, and there it jumps
#pragma once

#include <halfulp/oracle/ops/copysign_x_grad.hpp>

namespace halfulp::op {

struct copysign_y_grad {
  static constexpr const char* name = "copysign_y_grad";
  static constexpr const char* schema = "copysign_y_grad(Tensor x, Tensor y, Tensor dz) -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "y";
  using element_types = copysign_x_grad::element_types;

  template <class M>
  using geometry = copysign_grad_geometry<M>;

  /// x, y and dz of T; dy has the shape of y.
  template <class T>
  struct args {
    geometry<run> shape;
  };

  /// Throws invalid_argument: dtypes that differ, shapes that cannot be broadcast, a dz of another shape than z.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    for (const char* given : {"x", "y", "dz"}) (void)elements<T>(c, given);
    return {geometry<run>::of(m, c)};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.y)}};
  }

  template <class T>
  static T value(const args<T>&, std::int64_t) {
    return zero_of<T>();
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }

  // Inputs and specification, checked on Geometry.
  template <template <class> class Geometry, class M>
  static void drive_as(M& m) {
    const auto in = broadcast_inputs<M>::of(m);
    const auto dz = copysign_grad_dz(m, in);
    const auto g = Geometry<M>::of(m, in.x(m), in.y(m), dz);
    auto dy = m.output("dy", in.y_elements(m));
    m.map(dy, g.forward.y.numel, [&](idx<M>) {});
    m.accepted();
  }
};

}  // namespace halfulp::op
