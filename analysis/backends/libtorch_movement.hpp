// LibTorch's ops that move elements, and their gradients, for the program that links LibTorch. Each throws unsupported
// for what torch has in another sense, and lets torch's errors through.
#pragma once

#include <vector>

#include <torch/torch.h>

#include <halfulp/oracle/core/call.hpp>

namespace halfulp::analysis::libtorch {

at::Tensor index_sample(const call& k);
at::Tensor index_sample_grad(const call& k);
at::Tensor copysign(const call& k);
at::Tensor copysign_x_grad(const call& k);
at::Tensor copysign_y_grad(const call& k);
at::Tensor expand(const call& k);
at::Tensor expand_grad(const call& k);
at::Tensor as_strided(const call& k);
at::Tensor as_strided_grad(const call& k);
std::vector<at::Tensor> unique(const call& k);
std::vector<at::Tensor> unique_consecutive(const call& k);

}  // namespace halfulp::analysis::libtorch
