// The long comparison with the CPU of ops that move elements and of unique: halfulp_tests_cuda "[campaign]".
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/unique_consecutive.hpp>

#include "cuda/campaign.hpp"
#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {

TEMPLATE_TEST_CASE("cuda campaign: ops that move elements", "[.campaign]", bool, std::uint8_t, std::int8_t,
                   std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double, std::complex<float>,
                   std::complex<double>) {
  HALFULP_RANDOM(r, 62);
  using T = TestType;
  const auto bits = [&](const extents& shape) { return drawn_tensor(r, dtype_of<T>, shape, kind::any); };
  compare_many<op::expand, T>("", of_others, [&] {
    const tensor x = bits({400, 1, 80});
    return compare<op::expand, T>(call_for<op::expand>({{x.view()}, list_of({400, 320, 80})}));
  });
  const auto viewed = [&](std::int64_t elements, const std::vector<std::int64_t>& stride, std::int64_t offset) {
    const tensor x = bits({elements});
    return compare<op::as_strided, T>(
        call_for<op::as_strided>({{x.view()}, list_of({3200, 3200}), list_of(stride)}, {{"offset", {offset}}}));
  };
  compare_many<op::as_strided, T>(" repeated", of_others, [&] { return viewed(4000, {-1, 0}, 3999); });
  compare_many<op::as_strided, T>(" transposed", of_others, [&] { return viewed(3200 * 3201, {1, 3201}, 0); });
  compare_many<op::index_sample, T>("", of_others, [&] {
    const tensor x = bits({1000, 500}), index = index_below(r, {1000, 10000}, 500);
    return compare<op::index_sample, T>(call_for<op::index_sample>({{x.view()}, {index.view()}}));
  });
  if constexpr (!is_complex<T>)
    compare_many<op::copysign, T>("", of_others, [&] {
      tensor x = bits({1, 3200});
      const tensor y = bits({3200, 3200});
      if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
        for (T& v : x.elements<T>()) v = std::max<T>(v, -100);  // the least integer has no magnitude
      return compare<op::copysign, T>(call_for<op::copysign>({{x.view()}, {y.view()}}));
    });
}

TEMPLATE_TEST_CASE("cuda campaign: gradients of ops that move elements", "[.campaign]", std::int32_t, float16, bfloat16,
                   float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 64);
  using T = TestType;
  const auto drawn = [&](const extents& shape) { return drawn_tensor(r, dtype_of<T>, shape, kind::uniform); };
  for (const bool by_row : {false, true})
    compare_many<op::expand_grad, T>(by_row ? " by row" : " by column", of_others, [&] {
      const tensor dy = by_row ? drawn({2500000, 4}) : drawn({2500, 4, 1000});
      const auto x = by_row ? list_of({2500000, 1}) : list_of({2500, 1, 1000});
      return compare<op::expand_grad, T>(call_for<op::expand_grad>({{dy.view()}, x}));
    });
  compare_many<op::as_strided_grad, T>("", of_others, [&] {
    const tensor dy = drawn({2500000, 3});
    return compare<op::as_strided_grad, T>(
        call_for<op::as_strided_grad>({{dy.view()}, list_of({2500002}), list_of({1, 1})}));
  });
  compare_many<op::index_sample_grad, T>("", of_others, [&] {
    const tensor dy = drawn({5000, 1000}), index = index_below(r, {5000, 1000}, 1000);
    return compare<op::index_sample_grad, T>(
        call_for<op::index_sample_grad>({{dy.view()}, {index.view()}, list_of({5000, 1000})}));
  });
  if constexpr (!std::is_integral_v<T> && !is_complex<T>) {
    const auto compare_copysign = [&]<class Op>(Op, const char* what, const extents& of_x) {
      compare_many<Op, T>(what, of_others, [&] {
        const tensor x = drawn(of_x), y = drawn({1, 2, 1000}), dz = drawn({2500, 2, 1000});
        return compare<Op, T>(call_for<Op>({{x.view()}, {y.view()}, {dz.view()}}));
      });
    };
    compare_copysign(op::copysign_x_grad{}, "", {2500, 2, 1000});
    compare_copysign(op::copysign_x_grad{}, " broadcast", {2500, 1, 1000});
  }
}

TEMPLATE_TEST_CASE("cuda campaign: unique", "[.campaign]", float16, bfloat16, float, double, std::int32_t,
                   std::int64_t) {
  HALFULP_RANDOM(r, 65);
  using T = TestType;
  const auto drawn = [&] {
    const tensor x = drawn_tensor(r, dtype_of<T>, {5000000}, kind::any);
    const auto e = x.elements<T>();
    for (std::size_t k = 1; k < e.size(); k += 2) e[k] = e[k / 2];  // several of a kind, neighbours among them
    return x;
  };
  const argument yes{true};
  compare_many<op::unique, T>("", of_others, [&] {
    const tensor x = drawn();
    return compare<op::unique, T>(
        call_for<op::unique>({{x.view()}}, {{"return_index", yes}, {"return_inverse", yes}, {"return_counts", yes}}));
  });
  compare_many<op::unique_consecutive, T>("", of_others, [&] {
    const tensor x = drawn();
    return compare<op::unique_consecutive, T>(
        call_for<op::unique_consecutive>({{x.view()}}, {{"return_inverse", yes}, {"return_counts", yes}}));
  });
}

}  // namespace halfulp::tests
