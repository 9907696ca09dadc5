// dvalue[.., j, ..] = alpha * dy[.., index[j], ..]
#pragma once

#include <halfulp/oracle/core/scatter_grad.hpp>
#include <halfulp/oracle/ops/index_add.hpp>

namespace halfulp::op {

struct index_add_value_grad : scatters::update_gradient<index_add> {
  static constexpr const char* name = "index_add_value_grad";
  static constexpr const char* schema =
      "index_add_value_grad(Tensor dy, Tensor x|input, Tensor index, int axis|dim, Tensor "
      "value|source, any<int|float> alpha=1) -> Tensor";
};

}  // namespace halfulp::op
