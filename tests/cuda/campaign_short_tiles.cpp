// The long comparison with the CPU of convolutions whose tiles read operands of 16 bits, hidden from a plain run.
#include <cmath>

#include "cuda/campaign.hpp"
#include "cuda/window_products.hpp"

namespace halfulp::tests {
namespace {

/// A strided layer of few channels and its input gradient, until so many outputs of each are compared.
template <class T, class Draw>
void compare_strided(const std::string& of, std::int64_t outputs, Draw draw) {
  const auto drawn = tensors_of<T>(draw);
  convolution c;
  c.n = 16;
  c.h = c.w = 223;
  c.group_inputs = 3;
  c.group_outputs = 64;
  c.kernel = {7, 7};
  c.stride = {2, 2};
  c.padding = {3, 3, 3, 3};
  compare_many<op::conv2d, T>(of.c_str(), outputs, [&] {
    const tensor x = drawn(c.x_shape()), weight = drawn(c.weight_shape());
    return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes()));
  });
  named_arguments named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  compare_many<op::conv2d_input_grad, T>(of.c_str(), outputs, [&] {
    const tensor dy = drawn(c.y_shape()), weight = drawn(c.weight_shape());
    return compare<op::conv2d_input_grad, T>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
  });
}

template <class T>
void compare_contents(random_source& r) {
  compare_strided<T>(", short tiles, uniform", of_others, [&] { return r.uniform(); });
  compare_strided<T>(", short tiles, eight binades", 1,
                     [&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 8))); });
  compare_strided<T>(", short tiles, integers", 1, [&] { return static_cast<double>(r.between(-8, 8)); });
  compare_strided<T>(", short tiles, next to the least normal numbers", 1, [&] {
    return std::ldexp(r.uniform(), format_of<T>.e_min / 2 - static_cast<int>(r.between(0, 4)));
  });
}

}  // namespace

TEST_CASE("cuda campaign: a strided layer and its input gradient by tiles of 16 bits", "[.campaign]") {
  HALFULP_RANDOM(r, 68);
  compare_contents<float16>(r);
  compare_contents<bfloat16>(r);
}

}  // namespace halfulp::tests
