#include <halfulp/oracle/ops/index_add.hpp>

#include <halfulp/kernels/core/scatter_ops.cuh>
#include <halfulp/kernels/ops/index_add_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::index_add;

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_SCATTER)

}  // namespace halfulp::kernels
