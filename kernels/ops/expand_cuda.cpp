#include <halfulp/oracle/ops/expand.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
void queue(const op::expand::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const extents y = extents_of(a.shape.y);
  move_elements(a.x.data(), {y, {broadcast_steps(extents_of(a.shape.x), y)}}, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                            \
  template <>                                                                                         \
  void compute_on_cuda<op::expand, T>(const op::expand::args<T>& a, std::span<const tensor_view> out, \
                                      const cuda_queue& q) {                                          \
    queue(a, out, q);                                                                                 \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
