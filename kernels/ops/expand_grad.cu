#include <halfulp/oracle/ops/expand_grad.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>
#include <halfulp/kernels/core/strided_places.cuh>
#include <halfulp/kernels/core/view_sums.hpp>
#include <halfulp/oracle/core/part.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::expand_grad;

template <class T>
void queue(const queued::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  const extents y = extents_of(g.y);
  const strided_map<1> map{y, {broadcast_steps(extents_of(g.x), y)}};
  auto* dx = static_cast<T*>(out[0].data);
  if constexpr (!std::is_integral_v<T>) {
    using R = component_t<T>;
    if (is_summed_as_view(map, parts_of<T>)) {
      queue_view_sums(reinterpret_cast<const R*>(a.dy.data()), map, parts_of<T>, reinterpret_cast<R*>(dx), g.x.numel,
                      q);
      return count_exact(g.x.numel * parts_of<T>, q);
    }
  }
  const auto places = cuda::places_of_view(map, g.x.numel, q);
  queue_scatter<T>({places.get(), queued::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
