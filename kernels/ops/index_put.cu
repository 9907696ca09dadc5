#include <halfulp/oracle/ops/index_put.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/index_put_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::index_put;

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_SCATTER)

}  // namespace halfulp::kernels
