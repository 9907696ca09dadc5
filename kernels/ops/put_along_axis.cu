#include <halfulp/oracle/ops/put_along_axis.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/put_along_axis_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::put_along_axis;

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_SCATTER)

}  // namespace halfulp::kernels
