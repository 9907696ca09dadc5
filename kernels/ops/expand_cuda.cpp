#include <halfulp/oracle/ops/expand.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::expand;

template <class T>
void queue(const op::expand::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const extents y = extents_of(a.shape.y);
  move_elements(a.x.data(), {y, {broadcast_steps(extents_of(a.shape.x), y)}}, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
