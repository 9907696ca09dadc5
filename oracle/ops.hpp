// The list of ops. Tests, prover, program, reports and bindings fold over it; cmake/ops.cmake names the same.
#pragma once

#include <tuple>

#include <halfulp/oracle/ops/conv2d.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp {

inline constexpr std::tuple all_ops{
    op::index_sample{},
    op::copysign{},
    op::conv2d{},
    op::conv2d_input_grad{},
    op::conv2d_weight_grad{},
    op::conv2d_bias_grad{},
    op::eigvalsh{},
};

}  // namespace halfulp
