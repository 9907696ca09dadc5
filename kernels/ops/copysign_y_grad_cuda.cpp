#include <halfulp/oracle/ops/copysign_y_grad.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::copysign_y_grad;

template <class T>
void queue(const queued::args<T>&, std::span<const tensor_view> out, const cuda_queue& q) {
  clear_elements(out[0].data, static_cast<std::size_t>(out[0].numel()) * sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

HALFULP_EACH_FLOATING_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
