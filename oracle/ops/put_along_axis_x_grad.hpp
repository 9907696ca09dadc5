// dx[t] = dy[t] times the derivative of the reduction at what was there before
#pragma once

#include <halfulp/oracle/core/scatter_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>

namespace halfulp::op {

struct put_along_axis_x_grad : scatters::self_gradient<put_along_axis> {
  static constexpr const char* name = "put_along_axis_x_grad";
  static constexpr const char* schema =
      "put_along_axis_x_grad(Tensor dy, Tensor x|arr, Tensor indices, any<Tensor|float> values, int axis, str "
      "reduce=\"assign\", bool include_self=True, bool broadcast=True) -> Tensor";
};

}  // namespace halfulp::op
