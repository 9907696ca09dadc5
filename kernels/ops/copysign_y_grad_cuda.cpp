#include <halfulp/oracle/ops/copysign_y_grad.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                            \
  template <>                                                                                                         \
  void compute_on_cuda<op::copysign_y_grad, T>(const op::copysign_y_grad::args<T>&, std::span<const tensor_view> out, \
                                               const cuda_queue& q) {                                                 \
    clear_elements(out[0].data, static_cast<std::size_t>(out[0].numel()) * sizeof(T), q);                             \
    count_exact(out[0].numel(), q);                                                                                   \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
