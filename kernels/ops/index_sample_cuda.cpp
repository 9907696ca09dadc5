#include <halfulp/oracle/ops/index_sample.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
void queue(const op::index_sample::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  sample_elements(a.x.data(), a.index, a.shape, out[0].data, sizeof(T), q);
  count_exact(out[0].numel(), q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                                        \
  template <>                                                                                                     \
  void compute_on_cuda<op::index_sample, T>(const op::index_sample::args<T>& a, std::span<const tensor_view> out, \
                                            const cuda_queue& q) {                                                \
    queue(a, out, q);                                                                                             \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
