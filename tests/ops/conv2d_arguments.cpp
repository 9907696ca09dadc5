// What conv2d and its gradients take as arguments, and what they refuse.
#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include "ops/conv2d_calls.hpp"

namespace halfulp::tests {
namespace {

using list = argument::list;

std::string refusal(const extents& x, const extents& weight, const named_arguments& named = {}) {
  return refusal_of_shapes("conv2d", x, weight, named);
}

}  // namespace

TEST_CASE("conv2d: padding in all its forms, as worked out by hand") {
  const auto x = make_tensor<float>({1, 1, 1, 3}, {1, 2, 3}), w = make_tensor<float>({1, 1, 1, 2}, {1, 10});
  // columns of zeros on the left and on the right; a row of zeros would give another row
  const std::vector<float> none{21, 32}, left{10, 21, 32}, right{21, 32, 3}, both{10, 21, 32, 3};
  const auto of = [&](argument padding) { return convolved(x, w, {{"padding", std::move(padding)}}); };
  const auto numbers = [](std::initializer_list<std::int64_t> n) { return convolution::list(n); };
  const auto pairs = [&](std::initializer_list<std::initializer_list<std::int64_t>> all) {
    list l;
    for (const auto& p : all) l.push_back(convolution::list(p));
    return argument{l};
  };
  CHECK(of({std::int64_t{0}}) == none);
  CHECK(of(numbers({0})) == none);
  CHECK(of(numbers({0, 1})) == both);
  CHECK(of(numbers({0, 0, 1, 0})) == left);
  CHECK(of(numbers({0, 0, 0, 1})) == right);
  CHECK(of(pairs({{0, 0}, {0, 0}, {0, 0}, {1, 0}})) == left);
  CHECK(of(pairs({{0, 0}, {0, 0}, {0, 0}, {0, 1}})) == right);
  CHECK(of({std::string("VALID")}) == none);
  CHECK(of({std::string("valid")}) == none);
  CHECK(of({std::string("SAME")}) == right);  // the odd column after
  CHECK(of({std::string("Same")}) == right);
  // rows are padded by the first numbers
  CHECK(of(numbers({1, 0})) == std::vector<float>{0, 0, 21, 32, 0, 0});
  CHECK(of(numbers({1, 0, 0, 0})) == std::vector<float>{0, 0, 21, 32});
  CHECK(of(pairs({{0, 0}, {0, 0}, {0, 1}, {0, 0}})) == std::vector<float>{21, 32, 0, 0});
  // channels last: the pairs are in the order of the axes
  const auto x_last = make_tensor<float>({1, 1, 3, 1}, {1, 2, 3});
  CHECK(convolved(x_last, w,
                  {{"padding", pairs({{0, 0}, {0, 0}, {1, 0}, {0, 0}})}, {"data_format", {std::string("NHWC")}}}) ==
        left);
  CHECK(convolved(x_last, w,
                  {{"padding", pairs({{0, 0}, {1, 0}, {0, 0}, {0, 0}})}, {"data_format", {std::string("NHWC")}}}) ==
        std::vector<float>{0, 0, 21, 32});
  for (const argument& bad :
       {numbers({1, 2, 3}), numbers({}), pairs({{0, 0}, {1, 0}, {0, 0}, {0, 0}}), pairs({{0, 0}, {0, 0}, {0, 0}}),
        pairs({{0, 0}, {0, 0}, {0, 0}, {1}}), argument{}, argument{std::string("FULL")}, argument{1.5}})
    CHECK(refusal({1, 1, 1, 3}, {1, 1, 1, 2}, {{"padding", bad}}).find("padding must be an integer, [both]") !=
          std::string::npos);
}

TEST_CASE("conv2d: padding SAME gives ceil(size / stride) outputs, and takes the dilation to be 1, as Paddle has it") {
  const auto x = make_tensor<float>({1, 1, 1, 5}, {1, 2, 3, 4, 5}), w = make_tensor<float>({1, 1, 1, 3}, {1, 10, 100});
  const auto of = [&](std::int64_t stride, std::int64_t dilation) {
    return convolved(x, w, {{"padding", {std::string("SAME")}}, {"stride", {stride}}, {"dilation", {dilation}}});
  };
  CHECK(of(1, 1) == std::vector<float>{210, 321, 432, 543, 54});
  CHECK(of(1, 2) == of(1, 1));
  CHECK(of(2, 1) == std::vector<float>{210, 432, 54});
  CHECK(of(3, 1) == std::vector<float>{321, 54});  // 3 + 3 - 5 = 1 column of padding, on the right: [1 2 3], [4 5 .]
  CHECK(of(5, 1) == std::vector<float>{321});
}

TEST_CASE("conv2d: wrong arguments are named with their value and what is allowed") {
  const extents x{1, 3, 4, 4}, w{2, 3, 3, 3};
  CHECK(refusal(x, {2, 2, 3, 3}) ==
        "conv2d: channels of x is 3, weight.shape[1] is 2, groups is 1; x must have weight.shape[1] * groups channels");
  CHECK(refusal(x, w, {{"stride", {list{{1}, {0}}}}}) == "conv2d: stride[1] is 0; stride must lie in 1 .. 2^31 - 1");
  CHECK(
      refusal(x, w, {{"dilation", {std::int64_t{2}}}}) ==
      "conv2d: padded input[0] is 4, dilation * (kernel - 1)[0] is 4; the padded input must be larger than dilation * "
      "(kernel - 1)");
  CHECK(refusal(x, w, {{"padding", {std::int64_t{-1}}}}) ==
        "conv2d: padding before[0] is -1; padding must lie in 0 .. 2^31 - 1");
  CHECK(refusal(x, w, {{"groups", {std::int64_t{0}}}}) == "conv2d: groups is 0; groups must be at least 1");
  CHECK(refusal(x, {3, 1, 3, 3}, {{"groups", {std::int64_t{3}}}}).empty());
  CHECK(refusal(x, {2, 1, 3, 3}, {{"groups", {std::int64_t{3}}}}) ==
        "conv2d: weight.shape[0] is 2, groups is 3; weight.shape[0] must be a multiple of groups");
  CHECK(refusal({3, 4, 4}, w) == "conv2d: rank of x is 3; x must have 4 dimensions");
  CHECK(refusal(x, w, {{"data_format", {std::string("NCWH")}}}) ==
        "conv2d: data_format is \"NCWH\"; data_format must be \"NCHW\" or \"NHWC\"");
  const tensor bias(dtype::float32, {3});
  CHECK(refusal(x, w, {{"bias", {bias.view()}}}) ==
        "conv2d: bias.shape[0] is 3, weight.shape[0] is 2; bias must have one element for each output channel");
  CHECK(refusal_of("conv2d", {{tensor(dtype::float32, x).view()}, {tensor(dtype::float64, w).view()}}) ==
        "conv2d: weight is a float64 tensor of shape [2, 3, 3, 3]; weight must be of dtype float32");
}

TEST_CASE("conv2d: the gradients of integers are refused") {
  const auto dy = make_tensor<std::int32_t>({1, 1, 1, 1}, {1});
  CHECK(refusal_of("conv2d_bias_grad", {{dy.view()}}) ==
        "conv2d_bias_grad: dy is a int32 tensor of shape [1, 1, 1, 1]; dy must be of dtype float16, bfloat16, float32, "
        "float64");
}

TEST_CASE("conv2d gradients: wrong arguments are named with their value and what is allowed") {
  convolution g = {};
  g.h = g.w = 3;
  g.kernel = {2, 2};
  const tensor x(dtype::float32, g.x_shape()), w(dtype::float32, g.weight_shape()), dy(dtype::float32, {1, 1, 2, 3});
  CHECK(refusal_of("conv2d_input_grad", arguments(dy, w, g.x_shape())) ==
        "conv2d_input_grad: dy.shape[3] is 3, required is 2; dy must have the shape of conv2d's output");
  CHECK(refusal_of("conv2d_weight_grad", arguments(dy, x, g.weight_shape())) ==
        "conv2d_weight_grad: dy.shape[3] is 3, required is 2; dy must have the shape of conv2d's output");
  CHECK(refusal_of("conv2d_bias_grad", {{tensor(dtype::float32, {2, 2}).view()}}) ==
        "conv2d_bias_grad: rank of dy is 2; dy must have 4 dimensions");
}

}  // namespace halfulp::tests
