#include <halfulp/oracle/ops/copysign.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

using queued = op::copysign;

template <class T>
void queue(const op::copysign::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const extents z = extents_of(a.shape.z);
  const auto x = broadcast_steps(extents_of(a.shape.x), z), y = broadcast_steps(extents_of(a.shape.y), z);
  if constexpr (std::is_unsigned_v<T>)
    move_elements(a.x.data(), {z, {x}}, out[0].data, sizeof(T), q);
  else
    copy_sign_elements(std::is_integral_v<T> ? sign_form::complement : sign_form::bit, a.x.data(), a.y.data(),
                       {z, {x, y}}, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

HALFULP_EACH_REAL_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
