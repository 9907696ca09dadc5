// dx = dy, and 0 where something is put (accumulate: dy everywhere)
#pragma once

#include <halfulp/oracle/core/scatter_grad.hpp>
#include <halfulp/oracle/ops/index_put.hpp>

namespace halfulp::op {

struct index_put_x_grad : scatters::self_gradient<index_put> {
  static constexpr const char* name = "index_put_x_grad";
  static constexpr const char* schema =
      "index_put_x_grad(Tensor dy, Tensor x, any<Tensor[]> indices, Tensor value, bool accumulate=False) -> "
      "Tensor";
};

}  // namespace halfulp::op
