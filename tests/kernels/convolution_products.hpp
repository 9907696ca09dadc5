// The products that conv2d in float32 and its gradients are on a GPU: what plans of tiles are made for.
#pragma once

#include <halfulp/kernels/ops/conv2d_products.hpp>

#include <optional>
#include <vector>

#include "ops/conv2d_reference.hpp"

namespace halfulp::tests {

/// Those of one valid convolution. Its tensors lie here, so that elements have addresses; no output is written.
class convolution_products {
 public:
  using product = kernels::window_product<float>;

  explicit convolution_products(const convolution& c)
      : of_(c),
        x_(dtype::float32, c.x_shape()),
        weight_(dtype::float32, c.weight_shape()),
        dy_(dtype::float32, c.y_shape()) {}

  product forward() { return kernels::product_of(bound<op::conv2d>(x_, weight_, of_.attributes()), &out_); }
  /// One for each phase of the strides.
  std::vector<product> of_input_gradient() { return kernels::products_of(input_gradient(), &out_); }
  /// Its phases as one, where they can be joined.
  std::optional<kernels::joined_product<float>> joined_input_gradient() {
    return kernels::joined_product_of(input_gradient(), &out_);
  }
  product of_weight_gradient() {
    named_arguments named = of_.attributes();
    named["weight_shape"] = convolution::list(of_.weight_shape());
    return kernels::product_of(bound<op::conv2d_weight_grad>(dy_, x_, named), &out_);
  }

  const tensor& image() const { return x_; }

 private:
  template <class Op>
  static typename Op::template args<float> bound(const tensor& a, const tensor& b, const named_arguments& named) {
    return Op::template bind<float>(call(signature_of<Op>(), {{a.view()}, {b.view()}}, named));
  }
  op::conv2d_input_grad::args<float> input_gradient() const {
    named_arguments named = of_.attributes();
    named["input_shape"] = convolution::list(of_.x_shape());
    return bound<op::conv2d_input_grad>(dy_, weight_, named);
  }

  convolution of_;
  tensor x_, weight_, dy_;
  float out_ = 0;
};

}  // namespace halfulp::tests
