// The long comparison with the CPU, hidden from a plain run: halfulp_tests_cuda "[campaign]".
#include <cmath>

#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

#include "cuda/campaign.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t of_float32 = 1000000000, of_few = 10000;

template <class T>
tensor uniform_tensor(random_source& r, const extents& shape) {
  tensor t(dtype_of<T>, shape);
  for (T& x : t.elements<T>()) x = narrow<T>(r.uniform());
  return t;
}

const named_arguments same{{"padding", {std::int64_t{1}}}};

template <class T>
void compare_layers(random_source& r, std::int64_t outputs) {
  compare_many<op::conv2d, T>("", outputs, [&] {
    const tensor x = uniform_tensor<T>(r, {48, 16, 112, 112}), weight = uniform_tensor<T>(r, {64, 16, 3, 3});
    return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, same));
  });
}

template <class T>
void compare_gradients(random_source& r) {
  compare_many<op::conv2d_input_grad, T>("", of_others, [&] {
    const extents x{16, 64, 112, 112};
    const tensor dy = uniform_tensor<T>(r, {16, 16, 112, 112}), weight = uniform_tensor<T>(r, {16, 64, 3, 3});
    return compare<op::conv2d_input_grad, T>(
        call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}, list_of({x.begin(), x.end()})}, same));
  });
  compare_many<op::conv2d_transpose, T>("", of_others, [&] {
    const tensor x = uniform_tensor<T>(r, {16, 16, 56, 56}), weight = uniform_tensor<T>(r, {16, 64, 4, 4});
    return compare<op::conv2d_transpose, T>(call_for<op::conv2d_transpose>(
        {{x.view()}, {weight.view()}}, {{"padding", {std::int64_t{1}}}, {"stride", {std::int64_t{2}}}}));
  });
  compare_many<op::conv2d_weight_grad, T>("", of_others, [&] {
    const extents weight{1088, 1024, 3, 3};
    const tensor x = uniform_tensor<T>(r, {4, 1024, 7, 7}), dy = uniform_tensor<T>(r, {4, 1088, 7, 7});
    return compare<op::conv2d_weight_grad, T>(
        call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}, list_of({weight.begin(), weight.end()})}, same));
  });
}

/// Layers whose sums are made of patches.
template <class T>
void compare_patches(random_source& r) {
  const extents image{16, 176, 56, 56}, weight{256, 176, 3, 3};
  compare_many<op::conv2d, T>(", by patches", of_others, [&] {
    const tensor x = uniform_tensor<T>(r, image), w = uniform_tensor<T>(r, weight);
    return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {w.view()}}, same));
  });
  const extents x_shape{16, 256, 56, 56}, of_rows{176, 256, 3, 3};
  compare_many<op::conv2d_input_grad, T>(", by patches", of_others, [&] {
    const tensor dy = uniform_tensor<T>(r, image), w = uniform_tensor<T>(r, of_rows);
    return compare<op::conv2d_input_grad, T>(
        call_for<op::conv2d_input_grad>({{dy.view()}, {w.view()}, list_of({x_shape.begin(), x_shape.end()})}, same));
  });
  compare_many<op::conv2d_weight_grad, T>(", by patches", of_others, [&] {
    const extents w{1088, 1024, 3, 3};
    const tensor x = uniform_tensor<T>(r, {18, 1024, 8, 8}), dy = uniform_tensor<T>(r, {18, 1088, 8, 8});
    return compare<op::conv2d_weight_grad, T>(
        call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}, list_of({w.begin(), w.end()})}, same));
  });
}

/// Pointwise products of float64, large enough for residues: numbers of 53 bits, of 30 binades, from float32, and pairs of
/// terms that nearly cancel.
enum class pointwise_content { uniform, spread, from_float32, cancelling };

tensor pointwise_tensor(random_source& r, pointwise_content kind, const extents& shape, bool is_weight) {
  tensor t(dtype::float64, shape);
  const auto e = t.elements<double>();
  const auto step = static_cast<std::size_t>(is_weight ? 1 : shape[2] * shape[3]);  // from one channel to the next
  for (std::size_t k = 0; k < e.size(); ++k) {
    e[k] = r.uniform();
    if (kind == pointwise_content::spread) e[k] = std::ldexp(e[k], -static_cast<int>(r.between(0, 30)));
    if (kind == pointwise_content::from_float32) e[k] = static_cast<float>(e[k]);
    if (kind == pointwise_content::cancelling && k / step % 2 == 1)
      e[k] = is_weight ? e[k - step] : -e[k - step] * (1 + std::ldexp(e[k], -static_cast<int>(r.between(10, 60))));
  }
  return t;
}

void compare_pointwise(random_source& r) {
  struct row {
    pointwise_content kind;
    const char* name;
    std::int64_t outputs;
  };
  for (const row& k : {row{pointwise_content::uniform, ", pointwise", of_others},
                       row{pointwise_content::spread, ", pointwise, 30 binades", 1},
                       row{pointwise_content::from_float32, ", pointwise, from float32", 1},
                       row{pointwise_content::cancelling, ", pointwise, cancelling", 1}}) {
    const extents image{32, 384, 15, 14}, weight{384, 384, 1, 1};
    compare_many<op::conv2d, double>(k.name, k.outputs, [&] {
      const tensor x = pointwise_tensor(r, k.kind, image, false), w = pointwise_tensor(r, k.kind, weight, true);
      return compare<op::conv2d, double>(call_for<op::conv2d>({{x.view()}, {w.view()}}));
    });
    compare_many<op::conv2d_input_grad, double>(k.name, k.outputs, [&] {
      const tensor dy = pointwise_tensor(r, k.kind, image, false), w = pointwise_tensor(r, k.kind, weight, true);
      return compare<op::conv2d_input_grad, double>(
          call_for<op::conv2d_input_grad>({{dy.view()}, {w.view()}, list_of({image.begin(), image.end()})}));
    });
    compare_many<op::conv2d_transpose, double>(k.name, k.outputs, [&] {
      const tensor x = pointwise_tensor(r, k.kind, image, false), w = pointwise_tensor(r, k.kind, weight, true);
      return compare<op::conv2d_transpose, double>(call_for<op::conv2d_transpose>({{x.view()}, {w.view()}}));
    });
  }
}

/// Depthwise convolutions and their gradients, and bias gradients.
template <class T>
void compare_few_products(random_source& r) {
  const named_arguments depthwise{{"padding", {std::int64_t{1}}}, {"groups", {std::int64_t{512}}}};
  const extents image{16, 512, 40, 40}, weight{512, 1, 3, 3};
  compare_many<op::conv2d, T>(", depthwise", of_others, [&] {
    const tensor x = uniform_tensor<T>(r, image), w = uniform_tensor<T>(r, weight);
    return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {w.view()}}, depthwise));
  });
  compare_many<op::conv2d_input_grad, T>(", depthwise", of_others, [&] {
    const tensor dy = uniform_tensor<T>(r, image), w = uniform_tensor<T>(r, weight);
    return compare<op::conv2d_input_grad, T>(
        call_for<op::conv2d_input_grad>({{dy.view()}, {w.view()}, list_of({image.begin(), image.end()})}, depthwise));
  });
  compare_many<op::conv2d_weight_grad, T>(", depthwise", of_few, [&] {
    const tensor x = uniform_tensor<T>(r, image), dy = uniform_tensor<T>(r, image);
    return compare<op::conv2d_weight_grad, T>(call_for<op::conv2d_weight_grad>(
        {{dy.view()}, {x.view()}, list_of({weight.begin(), weight.end()})}, depthwise));
  });
  compare_many<op::conv2d_bias_grad, T>("", of_others, [&] {
    const tensor dy = uniform_tensor<T>(r, {2, 1000000, 3, 3});
    return compare<op::conv2d_bias_grad, T>(call_for<op::conv2d_bias_grad>({{dy.view()}}));
  });
}

template <class T>
void compare_integers(random_source& r) {
  compare_many<op::conv2d, T>("", of_others, [&] {
    tensor x(dtype_of<T>, {16, 4, 64, 64}), w(dtype_of<T>, {64, 4, 3, 3});
    for (T& v : x.elements<T>()) v = static_cast<T>(r.bits());
    for (T& v : w.elements<T>()) v = static_cast<T>(r.bits());
    return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {w.view()}}, same));
  });
}

}  // namespace

TEST_CASE("cuda campaign: a thousand million outputs of conv2d in float32", "[.campaign]") {
  HALFULP_RANDOM(r, 60);
  compare_layers<float>(r, of_float32);
}

TEST_CASE("cuda campaign: conv2d in 16 bits, gradients and transposes in every format but float64", "[.campaign]") {
  HALFULP_RANDOM(r, 61);
  compare_layers<float16>(r, of_others);
  compare_layers<bfloat16>(r, of_others);
  compare_gradients<float>(r);
  compare_gradients<float16>(r);
  compare_gradients<bfloat16>(r);
}

TEST_CASE("cuda campaign: conv2d and its gradients by patches", "[.campaign]") {
  HALFULP_RANDOM(r, 65);
  compare_patches<float>(r);
  compare_patches<float16>(r);
  compare_patches<bfloat16>(r);
}

TEST_CASE("cuda campaign: conv2d in float64, its gradients and transposes", "[.campaign]") {
  HALFULP_RANDOM(r, 63);
  compare_layers<double>(r, of_others);
  compare_gradients<double>(r);
}

TEST_CASE("cuda campaign: pointwise products in float64", "[.campaign]") {
  HALFULP_RANDOM(r, 65);
  compare_pointwise(r);
}

TEST_CASE("cuda campaign: depthwise convolutions, bias gradients, integers", "[.campaign]") {
  HALFULP_RANDOM(r, 64);
  compare_few_products<float>(r);
  compare_few_products<float16>(r);
  compare_few_products<bfloat16>(r);
  compare_few_products<double>(r);
  compare_integers<std::uint8_t>(r);
  compare_integers<std::int8_t>(r);
  compare_integers<std::int16_t>(r);
  compare_integers<std::int32_t>(r);
  compare_integers<std::int64_t>(r);
}

}  // namespace halfulp::tests
