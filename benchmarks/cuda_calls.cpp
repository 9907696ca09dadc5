// The CUDA kernels behind C functions, for benchmarks/cuda_beside_torch.py: torch's tensors and streams are used as they
// are.
#include <cstdint>

#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/expand.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

#include "cuda_call.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::benchmarks;

op::conv2d::geometry<run> geometry_of(const std::int64_t* n) {
  run m("conv2d");
  using spec = op::conv2d;
  const bool nhwc = n[10] != 0;
  const std::int64_t x[4] = {n[0], nhwc ? n[2] : n[1], nhwc ? n[3] : n[2], nhwc ? n[1] : n[3]};
  const std::int64_t weight[4] = {n[4], n[1] / n[9], n[5], n[6]};
  const spec::attributes<run> attributes{
      {n[7], n[7]}, {n[8], n[8], n[8], n[8]}, {1, 1}, n[9], nhwc ? spec::layout::nhwc : spec::layout::nchw};
  return spec::geometry<run>::of(m, shape<run>::of(m, "x", x, 4), shape<run>::of(m, "weight", weight, 4), attributes);
}

template <class T>
void convolve(int which, const std::int64_t* n, const void* a, const void* b, void* out, const kernels::cuda_queue& q) {
  const auto g = geometry_of(n);
  const auto x = g.x.numel, w = g.weight.numel, y = g.y.numel;
  if (which == 0)
    compute<op::conv2d, T>({elements_at<T>(a, x), elements_at<T>(b, w), {}, false, g}, out, q);
  else if (which == 1)
    compute<op::conv2d_input_grad, T>({elements_at<T>(a, y), elements_at<T>(b, w), {g}}, out, q);
  else
    compute<op::conv2d_weight_grad, T>({elements_at<T>(a, y), elements_at<T>(b, x), {g}}, out, q);
}

}  // namespace

extern "C" {

/// which: conv2d, its input gradient, its weight gradient; type: float16, bfloat16, float32, float64; n: N, C, H, W, O, KH,
/// KW, stride, padding, groups, whether channels come last; a, b: the first two arguments. 0 where it went well.
int halfulp_conv2d(int which, int type, const std::int64_t* n, const void* a, const void* b, void* out, void* stream,
                   void* decided) {
  const kernels::cuda_queue q{stream, nullptr, static_cast<tier_counts*>(decided)};
  return guarded([&] {
    if (type == 0) convolve<float16>(which, n, a, b, out, q);
    if (type == 1) convolve<bfloat16>(which, n, a, b, out, q);
    if (type == 2) convolve<float>(which, n, a, b, out, q);
    if (type == 3) convolve<double>(which, n, a, b, out, q);
  });
}

/// float32, shapes (rows, columns): out = copysign(x, y); x of one row or of all, y of all.
int halfulp_copysign(std::int64_t x_rows, std::int64_t rows, std::int64_t columns, const float* x, const float* y,
                     float* out, void* stream) {
  return guarded([&] {
    run m("copysign");
    const std::int64_t of_x[2] = {x_rows, columns}, of_y[2] = {rows, columns};
    const auto g = op::copysign::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2), shape<run>::of(m, "y", of_y, 2));
    compute<op::copysign, float>(
        {{x, static_cast<std::size_t>(g.x.numel)}, {y, static_cast<std::size_t>(g.y.numel)}, g}, out, {stream});
  });
}

/// float32: x (1, columns) to (rows, columns).
int halfulp_expand(std::int64_t rows, std::int64_t columns, const float* x, float* out, void* stream) {
  return guarded([&] {
    run m("expand");
    const std::int64_t of_x[2] = {1, columns}, asked[2] = {rows, columns};
    const auto g = op::expand::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2), asked, 2);
    compute<op::expand, float>({{x, static_cast<std::size_t>(columns)}, g}, out, {stream});
  });
}

/// float32: x (rows, columns), index (rows, samples) of int64.
int halfulp_index_sample(std::int64_t rows, std::int64_t columns, std::int64_t samples, const float* x,
                         const std::int64_t* index, float* out, void* stream) {
  return guarded([&] {
    run m("index_sample");
    const std::int64_t of_x[2] = {rows, columns}, of_index[2] = {rows, samples};
    const auto g = op::index_sample::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2),
                                                       shape<run>::of(m, "index", of_index, 2));
    const auto n = static_cast<std::size_t>(rows);
    compute<op::index_sample, float>(
        {{x, n * static_cast<std::size_t>(columns)}, {{}, {index, n * static_cast<std::size_t>(samples)}}, g}, out,
        {stream});
  });
}
}
