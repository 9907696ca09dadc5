#include <halfulp/oracle/ops/conv2d_transpose.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels {

// The same sum of the same arguments, a bias among its terms.
#define HALFULP_SAME_SUM(T)                                                                              \
  template <>                                                                                            \
  void compute_on_cuda<op::conv2d_transpose, T>(const op::conv2d_transpose::args<T>& a,                  \
                                                std::span<const tensor_view> out, const cuda_queue& q) { \
    compute_on_cuda<op::conv2d_input_grad, T>(a, out, q);                                                \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_SAME_SUM)
#undef HALFULP_SAME_SUM

}  // namespace halfulp::kernels
