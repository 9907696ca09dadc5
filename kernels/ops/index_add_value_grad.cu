#include <halfulp/oracle/ops/index_add_value_grad.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/index_add_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::index_add_value_grad;

}  // namespace

HALFULP_EACH_NUMBER_TYPE(HALFULP_GRADIENT_OF_VALUES)

}  // namespace halfulp::kernels
