#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
struct write_one {
  T* out;
  __device__ void operator()(std::int64_t) const { *out = narrow<T>(1.0); }
};

template <class T>
void bias_gradient(const op::conv2d_bias_grad::args<T>& a, T* out, const cuda_queue& queue) {
  if (a.shape.dbias.numel == 0) return;
  const cuda::workspace memory(queue, sizeof(T));
  T* one = memory.at<T>();
  cuda::for_each_index(queue, 1, write_one<T>{one});
  round_products(product_of(a, one, out), queue);
}

}  // namespace

#define HALFULP_BIAS_GRAD(T)                                                                             \
  template <>                                                                                            \
  void compute_on_cuda<op::conv2d_bias_grad, T>(const op::conv2d_bias_grad::args<T>& a,                  \
                                                std::span<const tensor_view> out, const cuda_queue& q) { \
    bias_gradient(a, static_cast<T*>(out[0].data), q);                                                   \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_BIAS_GRAD)
#undef HALFULP_BIAS_GRAD

}  // namespace halfulp::kernels
