// LibTorch's ops over repeated indices, and their gradients, for the program that links LibTorch. Each throws unsupported for what torch has
// in another sense, and lets torch's errors through.
#pragma once

#include <torch/torch.h>

#include <halfulp/oracle/core/call.hpp>

namespace halfulp::analysis::libtorch {

at::Tensor index_add(const call& k);
at::Tensor index_add_value_grad(const call& k);
at::Tensor put_along_axis(const call& k);
at::Tensor put_along_axis_x_grad(const call& k);
at::Tensor put_along_axis_values_grad(const call& k);
at::Tensor index_put(const call& k);
at::Tensor index_put_x_grad(const call& k);
at::Tensor index_put_value_grad(const call& k);

}  // namespace halfulp::analysis::libtorch
