// dvalue = sum of dy[indices] over what value is broadcast to; not of what a later duplicate overwrites
#pragma once

#include <halfulp/oracle/core/scatter_grad.hpp>
#include <halfulp/oracle/ops/index_put.hpp>

namespace halfulp::op {

struct index_put_value_grad : scatters::update_gradient<index_put> {
  static constexpr const char* name = "index_put_value_grad";
  static constexpr const char* schema =
      "index_put_value_grad(Tensor dy, Tensor x, any<Tensor[]> indices, Tensor value, bool accumulate=False) -> "
      "Tensor";
};

}  // namespace halfulp::op
