// The long comparison with the CPU, hidden from a plain run: halfulp_tests_cuda "[campaign]".
#include <cstdio>

#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/expand.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t of_float32 = 1000000000, of_others = 10000000, of_few = 10000;

template <class T>
tensor uniform_tensor(random_source& r, const extents& shape) {
  tensor t(dtype_of<T>, shape);
  for (T& x : t.elements<T>()) x = narrow<T>(r.uniform());
  return t;
}

/// Calls until so many outputs are compared, each with the bits of the CPU.
template <class Op, class T, class Draw>
void compare_many(const char* what, std::int64_t outputs, Draw draw) {
  comparison all;
  while (all.outputs < outputs) all += draw();
  std::printf("%s %s%s: %lld of %lld outputs wrong; by tier %lld %lld %lld %lld\n", Op::name,
              std::string(name_of(dtype_of<T>)).c_str(), what, static_cast<long long>(all.wrong),
              static_cast<long long>(all.outputs), static_cast<long long>(all.decided.count[0]),
              static_cast<long long>(all.decided.count[1]), static_cast<long long>(all.decided.count[2]),
              static_cast<long long>(all.decided.count[3]));
  std::fflush(stdout);
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
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

TEST_CASE("cuda campaign: conv2d in float64, its gradients and transposes", "[.campaign]") {
  HALFULP_RANDOM(r, 63);
  compare_layers<double>(r, of_others);
  compare_gradients<double>(r);
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

TEST_CASE("cuda campaign: ops that move elements", "[.campaign]") {
  HALFULP_RANDOM(r, 62);
  const auto bits = [&](const extents& shape) {
    tensor t(dtype::float32, shape);
    for (float& x : t.elements<float>()) x = r.any<float>();
    return t;
  };
  compare_many<op::copysign, float>("", of_others, [&] {
    const tensor x = bits({1, 3200}), y = bits({3200, 3200});
    return compare<op::copysign, float>(call_for<op::copysign>({{x.view()}, {y.view()}}));
  });
  compare_many<op::expand, float>("", of_others, [&] {
    const tensor x = bits({400, 1, 80});
    return compare<op::expand, float>(call_for<op::expand>({{x.view()}, list_of({400, 320, 80})}));
  });
  compare_many<op::as_strided, float>("", of_others, [&] {
    const tensor x = bits({4000});
    return compare<op::as_strided, float>(call_for<op::as_strided>(
        {{x.view()}, list_of({3200, 3200}), list_of({-1, 0})}, {{"offset", {std::int64_t{3999}}}}));
  });
  compare_many<op::index_sample, float>("", of_others, [&] {
    const tensor x = bits({1000, 500});
    tensor index(dtype::int64, {1000, 10000});
    for (std::int64_t& i : index.elements<std::int64_t>()) i = r.between(0, 499);
    return compare<op::index_sample, float>(call_for<op::index_sample>({{x.view()}, {index.view()}}));
  });
}

}  // namespace halfulp::tests
