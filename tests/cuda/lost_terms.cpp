// Sums whose largest terms cancel and leave a midpoint and a term so small that adding up in binary64 had lost it.
#include <algorithm>

#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {

TEMPLATE_TEST_CASE("cuda scatter: a term that sums of rows and of views lose decides beside a midpoint", "", bfloat16,
                   float) {
  HALFULP_RANDOM(r, 95);
  constexpr int precision = format_of<TestType>.precision;
  constexpr std::int64_t lines = 60;
  // The exact sums are 1 + u and so much more or less: above the midpoint, on it, below.
  const double terms[] = {0x1p110, 1, std::ldexp(1.0, -precision), 0x1p-100, -0x1p110};
  tensor dy(dtype_of<TestType>, {lines, std::ssize(terms)}), index(dtype::int64, {lines, std::ssize(terms)});
  for (std::int64_t line = 0; line < lines; ++line) {
    std::vector<double> order(std::begin(terms), std::end(terms));
    order[3] *= static_cast<double>(line % 3 - 1);
    for (std::size_t k = order.size(); k-- > 1;)
      std::swap(order[k], order[static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(k)))]);
    for (std::size_t k = 0; k < order.size(); ++k)
      dy.elements<TestType>()[static_cast<std::size_t>(line) * order.size() + k] = narrow<TestType>(order[k]);
  }
  comparison all = compare<op::index_sample_grad, TestType>(
      call_for<op::index_sample_grad>({{dy.view()}, {index.view()}, list_of({lines, 3})}));
  all += compare<op::expand_grad, TestType>(call_for<op::expand_grad>({{dy.view()}, list_of({lines, 1})}));
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

}  // namespace halfulp::tests
