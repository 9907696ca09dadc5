// What conv2d_transpose and its gradients refuse.
#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include "ops/conv2d_calls.hpp"

namespace halfulp::tests {
namespace {

using list = argument::list;

std::string refusal(const extents& x, const extents& weight, const named_arguments& named = {}) {
  return refusal_of_shapes("conv2d_transpose", x, weight, named);
}

}  // namespace

TEST_CASE("conv2d_transpose: wrong arguments are named with their value and what is allowed") {
  const extents x{1, 3, 4, 4}, w{3, 2, 3, 3};
  CHECK(refusal(x, {2, 2, 3, 3}) ==
        "conv2d_transpose: channels of x is 3, weight.shape[0] is 2; x must have weight.shape[0] channels");
  CHECK(refusal(x, w, {{"groups", {std::int64_t{2}}}}) ==
        "conv2d_transpose: weight.shape[0] is 3, groups is 2; weight.shape[0] must be a multiple of groups");
  CHECK(refusal(x, w, {{"groups", {std::int64_t{0}}}}) == "conv2d_transpose: groups is 0; groups must be at least 1");
  CHECK(refusal(x, w, {{"stride", pair(1, 0)}}) ==
        "conv2d_transpose: stride[1] is 0; stride must lie in 1 .. 2^31 - 1");
  CHECK(refusal(x, w, {{"padding", pair(0, -1)}}) ==
        "conv2d_transpose: padding before[1] is -1; padding must lie in 0 .. 2^31 - 1");
  CHECK(refusal({1, 3, 1, 1}, w, {{"padding", {std::int64_t{2}}}}) ==
        "conv2d_transpose: output size[0] is -1; the output size must be at least 0");
  CHECK(refusal(x, w, {{"output_padding", pair(0, 1)}}) ==
        "conv2d_transpose: output_padding[1] is 1, stride[1] is 1, dilation[1] is 1; output_padding must be at least 0 "
        "and less than stride or dilation");
  CHECK(refusal(x, w, {{"stride", {std::int64_t{2}}}, {"output_size", pair(9, 11)}}) ==
        "conv2d_transpose: output_size[1] is 11, the least size[1] is 9, stride[1] is 2; output_size must be the least "
        "size or less than stride more");
  CHECK(refusal(x, w, {{"stride", {std::int64_t{2}}}, {"output_size", {std::int64_t{8}}}}) ==
        "conv2d_transpose: output_size[0] is 8, the least size[0] is 9, stride[0] is 2; output_size must be the least "
        "size or less than stride more");
  CHECK(refusal(x, w, {{"stride", {std::int64_t{2}}}, {"output_size", pair(9, 9)}, {"output_padding", pair(0, 1)}}) ==
        "conv2d_transpose: output_padding is [0, 1]; output_padding must be 0 where output_size is given");
  CHECK(
      refusal(x, w, {{"output_size", text("big")}}) ==
      "conv2d_transpose: output_size is \"big\"; output_size must be None, an integer, [height, width], or an int32 or "
      "int64 tensor of one or two elements");
  for (const argument& bad :
       {argument{list{{6}, {6}, {6}}}, argument{list{}}, argument{tensor(dtype::int64, {0}).view()},
        argument{tensor(dtype::int64, {1, 2}).view()}, argument{tensor(dtype::float32, {2}).view()}})
    CHECK(refusal(x, w, {{"output_size", bad}}).find("output_size must be None, an integer") != std::string::npos);
  CHECK(refusal({3, 4, 4}, w) == "conv2d_transpose: rank of x is 3; x must have 4 dimensions");
  CHECK(refusal(x, {3, 2, 3}) == "conv2d_transpose: rank of weight is 3; weight must have 4 dimensions");
  const tensor bias(dtype::float32, {3});
  CHECK(
      refusal(x, w, {{"bias", {bias.view()}}}) ==
      "conv2d_transpose: bias.shape[0] is 3, output channels is 2; bias must have one element for each output channel");
  CHECK(refusal_of("conv2d_transpose", {{tensor(dtype::float32, x).view()}, {tensor(dtype::float64, w).view()}}) ==
        "conv2d_transpose: weight is a float64 tensor of shape [3, 2, 3, 3]; weight must be of dtype float32");
  const tensor long_image(dtype::float32, {0, 1, std::int64_t{1} << 60, 1}), point(dtype::float32, {1, 1, 1, 1});
  CHECK(refusal_of("conv2d_transpose", {{long_image.view()}, {point.view()}}, {{"stride", {std::int64_t{5}}}}) ==
        "conv2d_transpose: input size[0] is 1152921504606846976, stride[0] is 5; input size * stride must be at most "
        "2^62");
}

TEST_CASE("conv2d_transpose gradients: wrong arguments are named with their value and what is allowed") {
  transposed_convolution g;
  g.h = g.w = 3;
  g.kernel = {2, 2};
  const tensor x(dtype::float32, g.x_shape()), w(dtype::float32, g.weight_shape()), dy(dtype::float32, {1, 1, 4, 3});
  CHECK(refusal_of("conv2d_transpose_input_grad", arguments(dy, w, g.x_shape())) ==
        "conv2d_transpose_input_grad: dy.shape[3] is 3, required is 4; dy must have the shape of conv2d_transpose's "
        "output");
  CHECK(refusal_of("conv2d_transpose_weight_grad", arguments(dy, x, g.weight_shape())) ==
        "conv2d_transpose_weight_grad: dy.shape[3] is 3, required is 4; dy must have the shape of conv2d_transpose's "
        "output");
  CHECK(refusal_of("conv2d_transpose_input_grad", arguments(dy, w, {1, 2, 3, 3})) ==
        "conv2d_transpose_input_grad: channels of x is 2, weight.shape[0] is 1; x must have weight.shape[0] channels");
  CHECK(
      refusal_of("conv2d_transpose_weight_grad", arguments(dy, x, {1, 1, 0, 2})).find("the kernel size must lie in") !=
      std::string::npos);
}

}  // namespace halfulp::tests
