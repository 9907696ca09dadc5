#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_x_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_x_grad.hpp>

#include "cuda/scaled.hpp"
#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {
namespace {

template <class T>
constexpr bool is_number = !std::is_integral_v<T>;

/// Calls of a scatter and its gradients.
template <class T, class Call, class Op, class... Gradients>
comparison compare_scatter(random_source& r, kind k) {
  const Call c(r, dtype_of<T>, k);
  comparison all = compare<Op, T>(c.forward());
  if constexpr (is_number<T>) ((all += compare<Gradients, T>(c.template gradient<Gradients>())), ...);
  return all;
}

template <class T>
comparison compare_moved_back(random_source& r, kind k) {
  const extents to = random_extents(r, 0, 4, 7), from = narrower_extents(r, to);
  const tensor dy = drawn_tensor(r, dtype_of<T>, to, k);
  comparison all = compare<op::expand_grad, T>(call_for<op::expand_grad>({{dy.view()}, list_of(sizes_of(from))}));
  const std::int64_t rows = r.between(0, 20), width = r.between(1, 12);
  const extents sampled{rows, r.between(0, 40)};
  const tensor index = drawn_index(r, sampled, 0, width - 1), dsample = drawn_tensor(r, dtype_of<T>, sampled, k);
  all += compare<op::index_sample_grad, T>(
      call_for<op::index_sample_grad>({{dsample.view()}, {index.view()}, list_of({rows, width})}));
  const std::vector<std::int64_t> stride{r.between(-3, 3), r.between(0, 5)};
  const tensor dview = drawn_tensor(r, dtype_of<T>, {r.between(0, 5), r.between(1, 6)}, k);
  all += compare<op::as_strided_grad, T>(call_for<op::as_strided_grad>(
      {{dview.view()}, list_of({r.between(60, 400)}), list_of(stride)}, {{"offset", {std::int64_t{20}}}}));
  return all;
}

template <class T>
comparison compare_copysign_gradients(random_source& r, kind k) {
  const extents to = random_extents(r, 0, 4, 7), from = narrower_extents(r, to);
  const tensor x = drawn_tensor(r, dtype_of<T>, from, k), y = drawn_tensor(r, dtype_of<T>, to, k),
               dz = drawn_tensor(r, dtype_of<T>, to, k);
  const argument::list given{{x.view()}, {y.view()}, {dz.view()}};
  return compare<op::copysign_x_grad, T>(call_for<op::copysign_x_grad>(given)) +=
         compare<op::copysign_y_grad, T>(call_for<op::copysign_y_grad>(given));
}

/// Shapes that every way to share the work among threads and blocks has its turn on.
template <class T>
comparison compare_sums_of_views(random_source& r, kind k) {
  comparison all;
  const auto summed = [&](const extents& to, const std::vector<std::int64_t>& from) {
    const tensor dy = drawn_tensor(r, dtype_of<T>, to, k);
    all += compare<op::expand_grad, T>(call_for<op::expand_grad>({{dy.view()}, list_of(from)}));
  };
  const std::int64_t n = r.between(1, scaled(40, 9)), wide = r.between(500, scaled(3000, 700)), few = r.between(2, 9);
  summed({wide, n}, {1, n});
  summed({n, wide}, {n, 1});
  summed({wide, few}, {wide, 1});
  summed({few, wide}, {1, wide});
  summed({few, n, few, 7}, {few, 1, few, 1});
  summed({few, n, few, 7}, {1, n, 1, 7});
  summed({30 * wide}, {1});
  summed({2, 3, 2, 3, 2, 3, 2, 3}, {2, 1, 2, 1, 2, 1, 2, 1});
  summed({2, 3, 2, 3, 2, 3, 2, 3}, {1, 3, 1, 3, 1, 3, 1, 3});
  summed({few, 0, n}, {few, 1, n});
  return all;
}

template <class T>
comparison compare_long_rows(random_source& r, kind k) {
  comparison all;
  for (const std::int64_t width : {1, 7, 1500, 40000}) {
    const extents sampled{r.between(1, scaled(5, 2)), r.between(0, 3000)};
    const tensor index = drawn_index(r, sampled, 0, width - 1), dy = drawn_tensor(r, dtype_of<T>, sampled, k);
    all += compare<op::index_sample_grad, T>(
        call_for<op::index_sample_grad>({{dy.view()}, {index.view()}, list_of({sampled[0], width})}));
  }
  return all;
}

/// Values of which each is many updates, those of few elements.
template <class T>
comparison compare_repeated_values(random_source& r, kind k) {
  comparison all;
  const std::int64_t rows = r.between(1, 12), width = r.between(1, 20), updates = r.between(1, repeats(300));
  const tensor x = drawn_tensor(r, dtype_of<T>, {rows, width}, k), dy = drawn_tensor(r, dtype_of<T>, {rows, width}, k);
  const tensor index = drawn_index(r, {rows, updates}, 0, width - 1);
  for (const char* how : {"mean", "mul", "amin", "amax"}) {
    if (is_complex<T> && std::string_view(how) != "mean") continue;
    for (const extents& shape : {extents{1, 1}, extents{rows, 1}, extents{1, updates}}) {
      const tensor values = drawn_tensor(r, dtype_of<T>, shape, k);
      all += compare<op::put_along_axis_values_grad, T>(call_for<op::put_along_axis_values_grad>(
          {{dy.view()}, {x.view()}, {index.view()}, {values.view()}, {std::int64_t{1}}},
          {{"reduce", {std::string(how)}}, {"include_self", {r.between(0, 1) == 1}}}));
    }
  }
  return all;
}

template <class F>
void compare_kinds(std::uint64_t number, std::int64_t times, F f) {
  HALFULP_RANDOM(r, number);
  comparison all;
  for (std::int64_t n = 0; n < repeats(times); ++n)
    for (const kind k : every_kind) all += f(r, k);
  CAPTURE(all.first_wrong);
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

}  // namespace

#define HALFULP_STORAGE_TYPES                                                                                  \
  bool, std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double, \
      std::complex<float>, std::complex<double>

TEMPLATE_TEST_CASE("cuda scatter: index_add and its gradient have the bits of the CPU", "", HALFULP_STORAGE_TYPES) {
  compare_kinds(30, 8, compare_scatter<TestType, index_add_call, op::index_add, op::index_add_value_grad>);
}
TEMPLATE_TEST_CASE("cuda scatter: index_put and its gradients have the bits of the CPU", "", HALFULP_STORAGE_TYPES) {
  compare_kinds(
      31, 8, compare_scatter<TestType, index_put_call, op::index_put, op::index_put_x_grad, op::index_put_value_grad>);
}
TEMPLATE_TEST_CASE("cuda scatter: put_along_axis and its gradients have the bits of the CPU", "",
                   HALFULP_STORAGE_TYPES) {
  compare_kinds(32, 30,
                compare_scatter<TestType, put_along_axis_call, op::put_along_axis, op::put_along_axis_x_grad,
                                op::put_along_axis_values_grad>);
}
TEMPLATE_TEST_CASE("cuda scatter: gradients of ops that move elements have the bits of the CPU", "",
                   HALFULP_STORAGE_TYPES) {
  compare_kinds(33, 6, compare_moved_back<TestType>);
}
TEMPLATE_TEST_CASE("cuda scatter: sums of views have the bits of the CPU, however threads share them", "", std::int16_t,
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  compare_kinds(35, 2, compare_sums_of_views<TestType>);
}
TEMPLATE_TEST_CASE("cuda scatter: long rows of samples have the bits of the CPU", "", std::int16_t, float16, bfloat16,
                   float, double, std::complex<float>, std::complex<double>) {
  compare_kinds(36, 2, compare_long_rows<TestType>);
}
TEMPLATE_TEST_CASE("cuda scatter: gradients of values that are many updates have the bits of the CPU", "", float16,
                   bfloat16, float, double, std::complex<float>, std::complex<double>) {
  compare_kinds(37, 3, compare_repeated_values<TestType>);
}
TEMPLATE_TEST_CASE("cuda scatter: gradients of copysign have the bits of the CPU", "", float16, bfloat16, float,
                   double) {
  compare_kinds(34, 6, compare_copysign_gradients<TestType>);
}

TEST_CASE("cuda scatter: the last of very many updates of an element is assigned") {
  HALFULP_RANDOM(r, 38);
  const std::int64_t updates = scaled(300000, 20000);
  const tensor x = drawn_tensor(r, dtype::float32, {5}, kind::any), index = index_below(r, {updates}, 5),
               values = drawn_tensor(r, dtype::float32, {updates}, kind::any);
  const auto all = compare<op::put_along_axis, float>(call_for<op::put_along_axis>(
      {{x.view()}, {index.view()}, {values.view()}, {std::int64_t{0}}}, {{"reduce", {std::string("assign")}}}));
  CHECK(all.outputs == 5);
  CHECK(all.wrong == 0);
}

}  // namespace halfulp::tests
