#include <halfulp/oracle/ops/as_strided.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::as_strided;

template <class T>
void queue(const op::as_strided::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  extents steps;
  for (int k = 0; k < a.shape.y.rank; ++k) steps.push_back(a.shape.stride[k]);
  move_elements(a.x.data(), {extents_of(a.shape.y), {steps}, {a.shape.offset}}, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
