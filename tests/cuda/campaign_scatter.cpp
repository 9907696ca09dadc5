// The long comparison with the CPU of scatters and their gradients: halfulp_tests_cuda "[campaign]".
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/index_add_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_x_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_x_grad.hpp>

#include "cuda/campaign.hpp"
#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t bins = 5000000, updates = bins;

/// Uniform numbers, integers in -3 .. 3 or exponents far apart, in turn.
template <class T>
class draws {
 public:
  explicit draws(random_source& r) : r_(r) {}

  tensor operator()(const extents& shape) {
    const int k = calls_++;
    return drawn_tensor(r_, dtype_of<T>, shape, kinds[(k + k / 3) % 3]);  // others for each of three tensors, too
  }
  tensor index() { return index_below(r_, {updates}, bins); }

 private:
  static constexpr kind kinds[] = {kind::uniform, kind::small, kind::wide};
  random_source& r_;
  int calls_ = 0;
};

/// The reductions that there are for T.
template <class T>
std::vector<std::string> reductions() {
  if (is_complex<T>) return {"assign", "add", "mean"};
  return {"assign", "add", "mean", "mul", "amin", "amax"};
}

}  // namespace

TEMPLATE_TEST_CASE("cuda campaign: index_add and index_put", "[.campaign]", std::int32_t, float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 63);
  using T = TestType;
  draws<T> drawn(r);
  compare_many<op::index_add, T>("", of_others, [&] {
    const tensor x = drawn({bins}), value = drawn({updates}), index = drawn.index();
    return compare<op::index_add, T>(
        call_for<op::index_add>({{x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}}));
  });
  for (const bool accumulate : {false, true})
    compare_many<op::index_put, T>(accumulate ? " accumulate" : " assign", of_others, [&] {
      const tensor x = drawn({bins}), value = drawn({updates}), index = drawn.index();
      return compare<op::index_put, T>(call_for<op::index_put>(
          {{x.view()}, {argument::list{{index.view()}}}, {value.view()}}, {{"accumulate", {accumulate}}}));
    });
}

TEMPLATE_TEST_CASE("cuda campaign: put_along_axis", "[.campaign]", std::int32_t, float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 66);
  using T = TestType;
  draws<T> drawn(r);
  for (const std::string& how : reductions<T>())
    compare_many<op::put_along_axis, T>((" " + how).c_str(), of_others, [&] {
      const tensor x = drawn({bins}), value = drawn({updates}), index = drawn.index();
      return compare<op::put_along_axis, T>(call_for<op::put_along_axis>(
          {{x.view()}, {index.view()}, {value.view()}, {std::int64_t{0}}}, {{"reduce", {how}}}));
    });
}

TEMPLATE_TEST_CASE("cuda campaign: gradients of index_add and index_put", "[.campaign]", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 67);
  using T = TestType;
  draws<T> drawn(r);
  compare_many<op::index_add_value_grad, T>("", of_others, [&] {
    const tensor dy = drawn({bins}), x = drawn({bins}), value = drawn({updates}), index = drawn.index();
    return compare<op::index_add_value_grad, T>(call_for<op::index_add_value_grad>(
        {{dy.view()}, {x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}}, {{"alpha", {0.1}}}));
  });
  for (const bool accumulate : {false, true}) {
    const auto compare_put = [&]<class Op>(Op, const extents& of_value) {
      compare_many<Op, T>(accumulate ? " accumulate" : " assign", of_others, [&] {
        const tensor dy = drawn({bins}), x = drawn({bins}), value = drawn(of_value), index = drawn.index();
        return compare<Op, T>(call_for<Op>({{dy.view()}, {x.view()}, {argument::list{{index.view()}}}, {value.view()}},
                                           {{"accumulate", {accumulate}}}));
      });
    };
    compare_put(op::index_put_x_grad{}, {updates});
    compare_put(op::index_put_value_grad{}, {updates});
  }
}

TEMPLATE_TEST_CASE("cuda campaign: gradients of put_along_axis", "[.campaign]", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  using T = TestType;
  // A section each, so that `-c` runs one by itself; of fewer elements than above, since the CPU groups updates in memory.
  constexpr std::int64_t some = 200000;
  for (const std::string& how : reductions<T>()) {
    HALFULP_RANDOM(r, 68);
    draws<T> drawn(r);
    const auto compare_put = [&]<class Op>(Op, const char* what, const extents& of_x, const extents& of_index,
                                           const extents& of_values) {
      compare_many<Op, T>((" " + how + what).c_str(), of_others, [&] {
        const tensor dy = drawn(of_x), x = drawn(of_x), values = drawn(of_values);
        const tensor index = index_below(r, of_index, of_x[of_x.rank - 1]);
        return compare<Op, T>(
            call_for<Op>({{dy.view()}, {x.view()}, {index.view()}, {values.view()}, {std::int64_t{of_x.rank - 1}}},
                         {{"reduce", {how}}}));
      });
    };
    DYNAMIC_SECTION(how << " x") {
      compare_put(op::put_along_axis_x_grad{}, "", {some}, {some}, {some});
    }
    DYNAMIC_SECTION(how << " values") {
      compare_put(op::put_along_axis_values_grad{}, "", {some}, {some}, {some});
    }
    DYNAMIC_SECTION(how << " broadcast") {
      compare_put(op::put_along_axis_values_grad{}, " broadcast", {2, some}, {2, some}, {1, some});
    }
  }
}

}  // namespace halfulp::tests
