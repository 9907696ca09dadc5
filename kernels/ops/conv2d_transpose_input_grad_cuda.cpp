#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels {

// The same sum of the same arguments, over dy.
#define HALFULP_SAME_SUM(T)                                                                                         \
  template <>                                                                                                       \
  void compute_on_cuda<op::conv2d_transpose_input_grad, T>(const op::conv2d_transpose_input_grad::args<T>& a,       \
                                                           std::span<const tensor_view> out, const cuda_queue& q) { \
    compute_on_cuda<op::conv2d, T>(a, out, q);                                                                      \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_SAME_SUM)
#undef HALFULP_SAME_SUM

}  // namespace halfulp::kernels
