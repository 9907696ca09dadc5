#include <halfulp/oracle/ops/index_sample.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::index_sample;

template <class T>
void queue(const op::index_sample::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  sample_elements(a.x.data(), a.index, a.shape, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
