// What the CUDA kernels sum, on the host: the sums of a window_product are those of the op.
#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "ops/conv2d_reference.hpp"

namespace halfulp::tests {
namespace {

using kernels::window_product;

/// Every sum of the products exactly, rounded once.
template <class T>
std::int64_t sum_up(const std::vector<window_product<T>>& products) {
  std::int64_t sums = 0;
  for (const auto& p : products) {
    sums += p.sums();
    for (std::int64_t i = 0; i < p.sums(); ++i) {
      const auto s = kernels::sum_at(p, i);
      const kernels::sum_terms<T> terms(p, s);
      exact_sum<T> one_by_one, in_turns;
      terms.each([&](T a, T b) { one_by_one.add_product(a, b); });
      for (std::int64_t lane = 0; lane < 3; ++lane)
        terms.template each<4>(lane, terms.count(), 3, [&](T a, T b) { in_turns.add_product(a, b); });
      if (p.start != nullptr) {
        one_by_one.add(p.start[s.group * p.rows + s.row]);
        in_turns.add(p.start[s.group * p.rows + s.row]);
      }
      const T rounded = one_by_one.template round<T>();
      CHECK(to_bits(rounded) == to_bits(in_turns.template round<T>()));
      kernels::output_of(p, s) = rounded;
    }
  }
  return sums;
}

/// How many outputs of the products differ from those of the kernel; each must be written once.
template <class Op, class Products>
std::int64_t wrong_outputs(const call& c, Products products_of) {
  const auto a = Op::template bind<float>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor got(type.type, type.shape), want(type.type, type.shape);
  for (float& v : got.elements<float>()) v = NAN;
  CHECK(sum_up<float>(products_of(a, got.elements<float>().data())) == got.numel());
  kernels::compute<Op, float>(a, std::vector{want.view()});
  return wrong_bits(values_of<float>(got), values_of<float>(want));
}

tensor drawn(random_source& r, const extents& shape) {
  tensor t(dtype::float32, shape);
  for (float& v : t.elements<float>()) v = narrow<float>(r.uniform());
  return t;
}

}  // namespace

TEST_CASE("window product: its sums are those of conv2d and of its gradients") {
  HALFULP_RANDOM(r, 50);
  const auto one = [](const auto& a, float* out) { return std::vector{kernels::product_of(a, out)}; };
  for (std::int64_t k = 0; k < repeats(25); ++k) {
    const convolution c = random_convolution(r);
    const tensor x = drawn(r, c.x_shape()), weight = drawn(r, c.weight_shape()), dy = drawn(r, c.y_shape()),
                 bias = drawn(r, {c.outputs()});
    named_arguments named = c.attributes();
    CHECK(wrong_outputs<op::conv2d>(
              call(signature_of<op::conv2d>(), {{x.view()}, {weight.view()}, {bias.view()}}, named), one) == 0);
    named["input_shape"] = convolution::list(c.x_shape());
    CHECK(wrong_outputs<op::conv2d_input_grad>(
              call(signature_of<op::conv2d_input_grad>(), {{dy.view()}, {weight.view()}}, named),
              [](const auto& a, float* out) { return kernels::products_of(a, out); }) == 0);
    named = c.attributes();
    named["weight_shape"] = convolution::list(c.weight_shape());
    CHECK(wrong_outputs<op::conv2d_weight_grad>(
              call(signature_of<op::conv2d_weight_grad>(), {{dy.view()}, {x.view()}}, named), one) == 0);
    named = {{"data_format", {std::string(c.nhwc ? "NHWC" : "NCHW")}}};
    CHECK(wrong_outputs<op::conv2d_bias_grad>(call(signature_of<op::conv2d_bias_grad>(), {{dy.view()}}, named),
                                              [](const auto& a, float* out) {
                                                static constexpr float unit = 1;
                                                return std::vector{kernels::product_of(a, &unit, out)};
                                              }) == 0);
  }
}

}  // namespace halfulp::tests
