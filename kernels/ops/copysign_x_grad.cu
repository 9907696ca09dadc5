#include <halfulp/oracle/ops/copysign_x_grad.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_queue.cuh>
#include <halfulp/kernels/core/view_sums.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::copysign_x_grad;

struct find_term {
  template <class T>
  __device__ T operator()(const T (&of)[3]) const {
    return op::copysign_x_grad::term(of[0], of[1], of[2]);
  }
};

/// dz with the signs: of every element of z, as it is for an element of x that is not repeated: the sum of one term is the
/// term.
template <class T>
void queue_terms(const queued::args<T>& a, T* term, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  const extents z = extents_of(g.z);
  const strided_map<3> map{
      z, {broadcast_steps(extents_of(g.x), z), broadcast_steps(extents_of(g.y), z), broadcast_steps(z, z)}};
  cuda::queue_elements<find_term>(cuda::operands<T, 3>{{a.x.data(), a.y.data(), a.dz.data()}, map.collapsed()}, term,
                                  q);
}

template <class T>
void queue(const queued::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  auto* dx = static_cast<T*>(out[0].data);
  const extents z = extents_of(g.z), steps = broadcast_steps(extents_of(g.x), z);
  count_exact(g.x.numel, q);
  if (g.x.numel == g.z.numel) return queue_terms(a, dx, q);
  const cuda::workspace terms(q, static_cast<std::size_t>(g.z.numel) * sizeof(T));
  queue_terms(a, terms.at<T>(), q);
  queue_view_sums(static_cast<const T*>(terms.at<T>()), {z, {steps}}, 1, dx, g.x.numel, q);
}

}  // namespace

HALFULP_EACH_FLOATING_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
