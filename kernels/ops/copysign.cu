#include <halfulp/oracle/ops/copysign.hpp>

#include <halfulp/kernels/core/bit_op.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                \
  template <>                                                                                             \
  void compute_on_cuda<op::copysign, T>(const op::copysign::args<T>& a, std::span<const tensor_view> out, \
                                        const cuda_queue& q) {                                            \
    cuda::compute_bits<op::copysign, T>(a, out, q);                                                       \
  }
HALFULP_EACH_REAL_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
