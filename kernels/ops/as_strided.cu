#include <halfulp/oracle/ops/as_strided.hpp>

#include <halfulp/kernels/core/bit_op.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                    \
  template <>                                                                                                 \
  void compute_on_cuda<op::as_strided, T>(const op::as_strided::args<T>& a, std::span<const tensor_view> out, \
                                          const cuda_queue& q) {                                              \
    cuda::compute_bits<op::as_strided, T>(a, out, q);                                                         \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
