#include <halfulp/oracle/ops/index_sample.hpp>

#include <halfulp/kernels/core/bit_op.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                        \
  template <>                                                                                                     \
  void compute_on_cuda<op::index_sample, T>(const op::index_sample::args<T>& a, std::span<const tensor_view> out, \
                                            const cuda_queue& q) {                                                \
    cuda::compute_bits<op::index_sample, T>(a, out, q);                                                           \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
