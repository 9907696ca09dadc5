#include <halfulp/oracle/ops/index_put_x_grad.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/index_put_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::index_put_x_grad;

}  // namespace

HALFULP_EACH_NUMBER_TYPE(HALFULP_GRADIENT_OF_X)

}  // namespace halfulp::kernels
