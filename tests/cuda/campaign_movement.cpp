// The long comparison with the CPU of ops that move elements, of scatters and of unique: halfulp_tests_cuda "[campaign]".
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/copysign_x_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>
#include <halfulp/oracle/ops/unique.hpp>

#include "cuda/campaign.hpp"
#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t bins = 2500000, updates = 5000000;

tensor index_below(random_source& r, const extents& shape, std::int64_t end) {
  tensor t(dtype::int64, shape);
  for (std::int64_t& i : t.elements<std::int64_t>()) i = r.between(0, end - 1);
  return t;
}

template <class T>
void compare_moves(random_source& r) {
  const auto bits = [&](const extents& shape) { return drawn_tensor(r, dtype_of<T>, shape, kind::any); };
  compare_many<op::expand, T>("", of_others, [&] {
    const tensor x = bits({400, 1, 80});
    return compare<op::expand, T>(call_for<op::expand>({{x.view()}, list_of({400, 320, 80})}));
  });
  compare_many<op::as_strided, T>("", of_others, [&] {
    const tensor x = bits({4000});
    return compare<op::as_strided, T>(call_for<op::as_strided>({{x.view()}, list_of({3200, 3200}), list_of({-1, 0})},
                                                               {{"offset", {std::int64_t{3999}}}}));
  });
  compare_many<op::index_sample, T>("", of_others, [&] {
    const tensor x = bits({1000, 500}), index = index_below(r, {1000, 10000}, 500);
    return compare<op::index_sample, T>(call_for<op::index_sample>({{x.view()}, {index.view()}}));
  });
  if constexpr (!is_complex<T>)
    compare_many<op::copysign, T>("", of_others, [&] {
      const tensor x = bits({1, 3200}), y = bits({3200, 3200});
      return compare<op::copysign, T>(call_for<op::copysign>({{x.view()}, {y.view()}}));
    });
}

template <class T>
void compare_scatters(random_source& r, kind k) {
  const auto drawn = [&](const extents& shape) { return drawn_tensor(r, dtype_of<T>, shape, k); };
  compare_many<op::index_add, T>("", of_others, [&] {
    const tensor x = drawn({bins}), value = drawn({updates}), index = index_below(r, {updates}, bins);
    return compare<op::index_add, T>(
        call_for<op::index_add>({{x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}}));
  });
  for (const bool accumulate : {false, true})
    compare_many<op::index_put, T>(accumulate ? " accumulate" : " assign", of_others, [&] {
      const tensor x = drawn({bins}), value = drawn({updates}), index = index_below(r, {updates}, bins);
      return compare<op::index_put, T>(call_for<op::index_put>(
          {{x.view()}, {argument::list{{index.view()}}}, {value.view()}}, {{"accumulate", {accumulate}}}));
    });
  for (const char* how : {"assign", "add", "mean", "mul", "amin", "amax"})
    compare_many<op::put_along_axis, T>((std::string(" ") + how).c_str(), of_others, [&] {
      const tensor x = drawn({bins}), value = drawn({updates}), index = index_below(r, {updates}, bins);
      return compare<op::put_along_axis, T>(call_for<op::put_along_axis>(
          {{x.view()}, {index.view()}, {value.view()}, {std::int64_t{0}}}, {{"reduce", {std::string(how)}}}));
    });
}

template <class T>
void compare_moves_back(random_source& r) {
  const auto drawn = [&](const extents& shape) { return drawn_tensor(r, dtype_of<T>, shape, kind::uniform); };
  compare_many<op::expand_grad, T>("", of_others, [&] {
    const tensor dy = drawn({2500, 4, 1000});
    return compare<op::expand_grad, T>(call_for<op::expand_grad>({{dy.view()}, list_of({2500, 1, 1000})}));
  });
  compare_many<op::as_strided_grad, T>("", of_others, [&] {
    const tensor dy = drawn({2500000, 3});
    return compare<op::as_strided_grad, T>(
        call_for<op::as_strided_grad>({{dy.view()}, list_of({2500002}), list_of({1, 1})}));
  });
  compare_many<op::index_sample_grad, T>("", of_others, [&] {
    const tensor dy = drawn({2500, 2000}), index = index_below(r, {2500, 2000}, 1000);
    return compare<op::index_sample_grad, T>(
        call_for<op::index_sample_grad>({{dy.view()}, {index.view()}, list_of({2500, 1000})}));
  });
  compare_many<op::copysign_x_grad, T>("", of_others, [&] {
    const tensor x = drawn({2500, 1, 1000}), y = drawn({1, 2, 1000}), dz = drawn({2500, 2, 1000});
    return compare<op::copysign_x_grad, T>(call_for<op::copysign_x_grad>({{x.view()}, {y.view()}, {dz.view()}}));
  });
}

template <class T>
void compare_distinct(random_source& r, kind k) {
  compare_many<op::unique, T>("", of_others, [&] {
    const tensor x = drawn_tensor(r, dtype_of<T>, {updates}, k);
    const argument yes{true};
    return compare<op::unique, T>(
        call_for<op::unique>({{x.view()}}, {{"return_index", yes}, {"return_inverse", yes}, {"return_counts", yes}}));
  });
}

}  // namespace

TEST_CASE("cuda campaign: ops that move elements", "[.campaign]") {
  HALFULP_RANDOM(r, 62);
  compare_moves<std::uint8_t>(r);
  compare_moves<float16>(r);
  compare_moves<bfloat16>(r);
  compare_moves<float>(r);
  compare_moves<double>(r);
  compare_moves<std::complex<double>>(r);
}

TEST_CASE("cuda campaign: scatters", "[.campaign]") {
  HALFULP_RANDOM(r, 63);
  compare_scatters<float16>(r, kind::wide);
  compare_scatters<bfloat16>(r, kind::uniform);
  compare_scatters<float>(r, kind::uniform);
  compare_scatters<double>(r, kind::uniform);
  compare_scatters<std::int32_t>(r, kind::any);
}

TEST_CASE("cuda campaign: gradients of ops that move elements", "[.campaign]") {
  HALFULP_RANDOM(r, 64);
  compare_moves_back<float16>(r);
  compare_moves_back<bfloat16>(r);
  compare_moves_back<float>(r);
  compare_moves_back<double>(r);
}

TEST_CASE("cuda campaign: unique", "[.campaign]") {
  HALFULP_RANDOM(r, 65);
  compare_distinct<float16>(r, kind::any);
  compare_distinct<bfloat16>(r, kind::any);
  compare_distinct<float>(r, kind::uniform);
  compare_distinct<double>(r, kind::uniform);
  compare_distinct<std::int64_t>(r, kind::any);
}

}  // namespace halfulp::tests
