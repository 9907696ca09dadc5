// Small calls that have one kernel after another launched: what random shapes reach seldom, or only in many repetitions.
// HALFULP_LAUNCHED (launched_kernels.cpp) tells which kernels a run has launched.
#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add_value_grad.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>
#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_x_grad.hpp>
#include <halfulp/oracle/ops/unique.hpp>

#include "cuda/convolutions.hpp"
#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {
namespace {

/// What is broadcast to what: in packed elements, by long rows and one by one, of few dimensions and of more.
struct broadcast {
  extents from, to;
};
const broadcast broadcasts[] = {{{1, 64}, {5, 64}},
                                {{1, 37}, {5, 37}},
                                {{2, 1, 3}, {2, 3, 3}},
                                {{2, 1, 2, 1, 2, 64}, {2, 3, 2, 3, 2, 64}},
                                {{2, 1, 2, 1, 2, 1, 3}, {2, 3, 2, 3, 2, 3, 3}}};

template <class T>
tensor drawn_bits(random_source& r, const extents& shape) {
  return drawn_tensor(r, dtype_of<T>, shape, kind::any);
}

template <class T>
comparison compare_views(random_source& r) {
  comparison all;
  for (const auto& [from, to] : broadcasts) {
    const tensor x = drawn_bits<T>(r, from);
    all += compare<op::expand, T>(call_for<op::expand>({{x.view()}, list_of(sizes_of(to))}));
  }
  const tensor line = drawn_bits<T>(r, {600});
  for (const std::int64_t step : {1, 2, 3})
    all += compare<op::as_strided, T>(call_for<op::as_strided>({{line.view()}, list_of({4, 40}), list_of({90, step})}));
  return all;
}

/// Rows that a block takes into its memory, and others, by both dtypes of an index.
template <class T>
comparison compare_samples(random_source& r) {
  comparison all;
  struct row {
    std::int64_t width, samples;
  };
  for (const auto& [width, samples] : {row{64, 64}, row{64, 4}, row{37, 64}, row{37, 3}})
    for (const dtype type : {dtype::int32, dtype::int64}) {
      const tensor x = drawn_bits<T>(r, {3, width});
      tensor index(type, {3, samples});
      for (std::size_t k = 0; k < static_cast<std::size_t>(index.numel()); ++k) {
        const std::int64_t column = r.between(0, width - 1);
        if (type == dtype::int64)
          index.elements<std::int64_t>()[k] = column;
        else
          index.elements<std::int32_t>()[k] = static_cast<std::int32_t>(column);
      }
      all += compare<op::index_sample, T>(call_for<op::index_sample>({{x.view()}, {index.view()}}));
    }
  return all;
}

template <class T>
comparison compare_signs(random_source& r) {
  comparison all;
  for (const auto& [from, to] : broadcasts) {
    tensor x = drawn_bits<T>(r, from);
    const tensor y = drawn_bits<T>(r, to);
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      for (T& v : x.elements<T>()) v = std::max<T>(v, -100);  // the least integer has no magnitude
    all += compare<op::copysign, T>(call_for<op::copysign>({{x.view()}, {y.view()}}));
    if constexpr (!std::is_integral_v<T>) {
      const tensor own = drawn_bits<T>(r, to), other = drawn_bits<T>(r, from), dz = drawn_bits<T>(r, to);
      const argument::list given{{own.view()}, {other.view()}, {dz.view()}};
      all += compare<op::copysign_x_grad, T>(call_for<op::copysign_x_grad>(given));
      all += compare<op::copysign_y_grad, T>(call_for<op::copysign_y_grad>(given));
    }
  }
  return all;
}

/// Sums in a block's memory and in the device's, of values as they are and scaled.
template <class T>
comparison compare_additions(random_source& r) {
  comparison all;
  for (const std::int64_t bins : {5, 3000})
    for (const double alpha : {1.0, 0.1}) {
      const tensor x = drawn_tensor(r, dtype_of<T>, {bins}, kind::uniform),
                   value = drawn_tensor(r, dtype_of<T>, {40}, kind::uniform), index = drawn_index(r, {40}, 0, bins - 1);
      all += compare<op::index_add, T>(call_for<op::index_add>(
          {{x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}}, {{"alpha", {alpha}}}));
    }
  const tensor plane = drawn_tensor(r, dtype_of<T>, {4, 6}, kind::uniform),
               lines = drawn_tensor(r, dtype_of<T>, {5, 6}, kind::uniform), index = drawn_index(r, {5}, 0, 3);
  all += compare<op::index_put, T>(
      call_for<op::index_put>({{plane.view()}, {argument::list{{index.view()}}}, {lines.view()}}));
  const tensor terms = drawn_tensor(r, dtype_of<T>, {40000}, kind::uniform);
  return all += compare<op::expand_grad, T>(call_for<op::expand_grad>({{terms.view()}, list_of({1})}));
}

/// Every reduction with its gradients; products of exponents far apart, which are settled last, and updates enough for a
/// sort of several passes.
template <class T>
comparison compare_reductions(random_source& r) {
  comparison all;
  for (const char* how : {"assign", "add", "mean", "mul", "amin", "amax"})
    for (const std::int64_t updates : {9, 6000}) {
      const kind k = updates < 10 ? kind::wide : kind::uniform;
      const std::int64_t bins = updates / 2;
      const tensor x = drawn_tensor(r, dtype_of<T>, {bins}, k), dy = drawn_tensor(r, dtype_of<T>, {bins}, k),
                   values = drawn_tensor(r, dtype_of<T>, {updates}, k), index = drawn_index(r, {updates}, 0, bins - 1);
      const named_arguments named{{"reduce", {std::string(how)}}};
      argument::list given{{x.view()}, {index.view()}, {values.view()}, {std::int64_t{0}}};
      all += compare<op::put_along_axis, T>(call_for<op::put_along_axis>(given, named));
      given.insert(given.begin(), {dy.view()});
      all += compare<op::put_along_axis_x_grad, T>(call_for<op::put_along_axis_x_grad>(given, named));
      all += compare<op::put_along_axis_values_grad, T>(call_for<op::put_along_axis_values_grad>(given, named));
    }
  return all;
}

convolution one_image(std::int64_t size, std::int64_t inputs, std::int64_t outputs, std::int64_t groups) {
  convolution c;
  c.n = 1;
  c.h = c.w = size;
  c.groups = groups;
  c.group_inputs = inputs;
  c.group_outputs = outputs;
  c.kernel = {3, 3};
  c.padding = {1, 1, 1, 1};
  return c;
}

template <class T>
tensor drawn_image(random_source& r, const extents& shape) {
  return drawn_tensor(r, dtype_of<T>, shape, kind::uniform);
}

template <class T>
comparison compare_forward(random_source& r, const convolution& c) {
  const tensor x = drawn_image<T>(r, c.x_shape()), weight = drawn_image<T>(r, c.weight_shape());
  return compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes()));
}

template <class T>
comparison compare_weight_gradient(random_source& r, const convolution& c) {
  const tensor dy = drawn_image<T>(r, c.y_shape()), x = drawn_image<T>(r, c.x_shape());
  named_arguments named = c.attributes();
  named["weight_shape"] = convolution::list(c.weight_shape());
  return compare<op::conv2d_weight_grad, T>(call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}}, named));
}

/// One row of a group and two; kernels of 3 x 3 and others; windows that step as their taps do, and farther.
template <class T>
comparison compare_strips(random_source& r) {
  comparison all;
  for (const std::int64_t outputs : {1, 2})
    for (const std::int64_t width : {3, 2})
      for (const std::int64_t stride : {1, 2}) {
        convolution c = one_image(9, 1, outputs, 3);
        c.kernel = {3, width};
        c.stride = {stride, stride};
        all += compare_forward<T>(r, c);
        if constexpr (!std::is_integral_v<T>) all += compare_weight_gradient<T>(r, c);
      }
  return all;
}

/// Sums long enough for several blocks, too few for a tile a block: rows for tiles of each height, channels that come first
/// and last, and joined phases of a gradient.
template <class T>
comparison compare_shared_tiles(random_source& r) {
  comparison all;
  for (const std::int64_t outputs : {6, 12, 24, 40})
    for (const bool last : {false, true}) {
      convolution c = one_image(6, 72, outputs, 1);
      c.nhwc = last;
      all += compare_forward<T>(r, c);
    }
  for (const std::int64_t inputs : {3, 7}) {
    convolution c = one_image(14, inputs, 200, 1);
    c.stride = {2, 2};
    const tensor dy = drawn_image<T>(r, c.y_shape()), weight = drawn_image<T>(r, c.weight_shape());
    named_arguments named = c.attributes();
    named["input_shape"] = convolution::list(c.x_shape());
    all += compare<op::conv2d_input_grad, T>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
  }
  convolution c = one_image(26, 40, 24, 1);  // a weight gradient, whose columns are channels where these come last
  c.nhwc = true;
  return all += compare_weight_gradient<T>(r, c);
}

template <class F>
void check_all(std::uint64_t number, F f) {
  HALFULP_RANDOM(r, number);
  const comparison all = f(r);
  CAPTURE(all.first_wrong);
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda movement: views and samples of every kernel have the bits of the CPU", "", bool, std::uint8_t,
                   std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  check_all(80, [](random_source& r) { return compare_views<TestType>(r) += compare_samples<TestType>(r); });
}
TEMPLATE_TEST_CASE("cuda movement: copysign and its gradients of every kernel have the bits of the CPU", "", bool,
                   std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float,
                   double) {
  check_all(81, compare_signs<TestType>);
}
TEMPLATE_TEST_CASE("cuda scatter: every reduction, of few updates and of many, has the bits of the CPU", "", float16,
                   bfloat16, float, double) {
  check_all(82, [](random_source& r) { return compare_additions<TestType>(r) += compare_reductions<TestType>(r); });
}
TEMPLATE_TEST_CASE("cuda few products: strips of every kernel have the bits of the CPU", "", std::uint8_t, std::int8_t,
                   std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double) {
  check_all(83, compare_strips<TestType>);
}
TEMPLATE_TEST_CASE("cuda conv2d: tiles of every height that several blocks share have the bits of the CPU", "", float16,
                   bfloat16, float) {
  check_all(84, compare_shared_tiles<TestType>);
}

TEST_CASE("cuda unique: nothing has no values, and many are sorted in several passes") {
  HALFULP_RANDOM(r, 85);
  for (const std::int64_t n : {0, 9000}) {
    const tensor x = drawn_tensor(r, dtype::int64, {n}, kind::any);
    CHECK(compare<op::unique, std::int64_t>(call_for<op::unique>({{x.view()}}, {{"return_inverse", {true}}})).wrong ==
          0);
  }
}

}  // namespace halfulp::tests
