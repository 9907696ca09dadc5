#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

#include <algorithm>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
struct write_one {
  T* out;
  __device__ void operator()(std::int64_t) const { *out = narrow<T>(1.0); }
};

/// dbias as products with 1, the same element for every term: a column for each channel, terms over images and positions.
/// Positions are cut into lines as they are best added up (kernels/core/few_sums.cuh): four, where that leaves no rest.
template <class T>
window_product<T> product_of(const op::conv2d_bias_grad::args<T>& a, const T* one, T* out) {
  const bool nchw = a.shape.data_layout == op::conv2d::layout::nchw;
  const auto& d = a.shape.dy.dim;
  const int h = nchw ? 2 : 1;
  const std::int64_t channels = a.shape.dbias.numel, image = d[h] * d[h + 1];
  const std::int64_t lines = image % 4 == 0 ? 4 : d[h], width = image / std::max<std::int64_t>(lines, 1);
  const std::int64_t channel_step = nchw ? image : 1, element_step = nchw ? 1 : channels;
  return {1,
          1,
          channels,
          d[0],
          {1, lines, lines, 0, 1, 1},
          {1, width, width, 0, 1, 1},
          {a.dy.data(), 0, channel_step, image * channels, width * element_step, element_step},
          {one, 0, 0, 0, 0, 0},
          nullptr,
          {out, 0, 0, 1, 0, 0}};
}

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
