// Every case of the suite for the ops that have CUDA kernels: the bits of the CPU. HALFULP_SHARD=3/12 takes every twelfth case,
// the third of each twelve, so that several processes share them.
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_x_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_x_grad.hpp>
#include <halfulp/oracle/ops/unique_consecutive.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {
namespace {

using comparison_of_call = std::function<comparison(const call&)>;

template <class Op>
std::pair<const std::string, comparison_of_call> row() {
  return {Op::name, [](const call& c) {
            comparison made;
            visit_args<Op>(c, [&](auto tag, const auto& a) {
              using T = typename decltype(tag)::type;
              made = compare_args<Op, T>(a);
            });
            return made;
          }};
}

const std::map<std::string, comparison_of_call>& comparisons() {
  static const std::map<std::string, comparison_of_call> all{
      row<op::as_strided>(),
      row<op::as_strided_grad>(),
      row<op::conv2d>(),
      row<op::conv2d_input_grad>(),
      row<op::conv2d_weight_grad>(),
      row<op::conv2d_transpose>(),
      row<op::conv2d_transpose_input_grad>(),
      row<op::conv2d_transpose_weight_grad>(),
      row<op::copysign>(),
      row<op::copysign_x_grad>(),
      row<op::copysign_y_grad>(),
      row<op::expand>(),
      row<op::expand_grad>(),
      row<op::index_add>(),
      row<op::index_add_value_grad>(),
      row<op::index_put>(),
      row<op::index_put_value_grad>(),
      row<op::index_put_x_grad>(),
      row<op::index_sample>(),
      row<op::index_sample_grad>(),
      row<op::put_along_axis>(),
      row<op::put_along_axis_values_grad>(),
      row<op::put_along_axis_x_grad>(),
      row<op::unique>(),
      row<op::unique_consecutive>(),
  };
  return all;
}

/// Which cases this process takes: those whose number is `first` modulo `every`.
struct shard {
  std::size_t first = 0, every = 1;

  static shard given() {
    shard s;
    const char* const text = std::getenv("HALFULP_SHARD");
    if (text == nullptr) return s;
    if (std::sscanf(text, "%zu/%zu", &s.first, &s.every) != 2 || s.first < 1 || s.first > s.every)
      throw std::invalid_argument(std::string("HALFULP_SHARD is '") + text + "'; it may be as 3/12");
    --s.first;
    return s;
  }
};

struct counts {
  std::int64_t cases = 0, refused = 0;
  comparison compared;
};

}  // namespace

TEST_CASE("cuda cases: every case of the suite has the bits of the CPU, or is refused", "[cases]") {
  std::map<std::string, counts> by_op;
  const shard own = shard::given();
  const auto cases = analysis::built_in_cases();
  for (std::size_t k = own.first; k < cases.size(); k += own.every) {
    const analysis::test_case& c = cases[k];
    const signature& s = signature_named(c.api);
    const auto found = comparisons().find(s.op);
    if (found == comparisons().end()) continue;
    counts& n = by_op[s.op];
    ++n.cases;
    try {
      const analysis::prepared_case p = analysis::prepare(c);
      n.compared += found->second(call(s, p.args, p.kwargs));
    } catch (const invalid_argument&) {
      ++n.refused;
    }
  }
  for (const auto& [op, compare] : comparisons()) {
    const counts& n = by_op[op];
    std::printf("%s: %lld cases, %lld of them refused; %lld of %lld outputs wrong\n", op.c_str(),
                static_cast<long long>(n.cases), static_cast<long long>(n.refused),
                static_cast<long long>(n.compared.wrong), static_cast<long long>(n.compared.outputs));
    CAPTURE(op, n.compared.first_wrong);
    if (own.every == 1) CHECK(n.compared.outputs > 0);
    CHECK(n.compared.wrong == 0);
  }
}

}  // namespace halfulp::tests
