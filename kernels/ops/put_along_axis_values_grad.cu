#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/put_along_axis_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::put_along_axis_values_grad;

}  // namespace

HALFULP_EACH_NUMBER_TYPE(HALFULP_GRADIENT_OF_VALUES)

}  // namespace halfulp::kernels
