#pragma once

#include <optional>
#include <tuple>
#include <utility>

#include <halfulp/oracle/climb.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/conv2d_lines.hpp>

/// The first rung of the ladder for whole rows of outputs; what it does not decide climbs on by itself.
namespace halfulp::lines {

/// An op with a plan_of its arguments, in a format whose products binary64 holds.
template <class Op, class T>
concept has_plan = requires(const args_of<Op, T>& a) {
  plan_of(a);
}
&&2 * format_of<T>.precision <= format_of<double>.precision;

/// Column j of a line, if its binary64 sum decides the rounding.
template <class T>
bool decide_column(const op::line& l, std::size_t j, component_truth& c, T& rounded) {
  const binary64_sum sum(l.terms[j] == 0 ? 0.0 : l.sum[j], l.products[j], l.terms[j]);
  if (!decide<T>(sum.value(), sum.radius(), rounded)) return false;
  const double loss = 1 + up(4 * gamma(l.terms[j] + 1, 0x1p-53));  // of sums of positive terms  [higham02, 4.2]
  const double norms =
      up(std::sqrt(up((l.source_squares[j] + l.bias_square) * loss)) * std::sqrt(up(l.weight_squares[j] * loss)));
  c.range = {sum.value(), sum.radius()};
  c.reached = tier::binary64;
  c.decided = true;
  c.bounds = bounds_of(format_of<T>, {l.terms[j], up(l.products[j] * loss), up(norms)}, sum.value(), sum.radius());
  return true;
}

template <class Op, class T>
void evaluate(const args_of<Op, T>& a, std::span<component_truth> components, std::span<T> out) {
  const auto plan = plan_of(a);
  const auto rows = static_cast<std::int64_t>(plan.rows.size()), all = plan.images * plan.groups * rows;
  if (out.empty()) return;
#pragma omp parallel
  {
    op::line_sums<T> sums(plan);
    std::optional<std::pair<component_truth, T>> empty;  // sums without a term are all alike
#pragma omp for schedule(dynamic)
    for (std::int64_t k = 0; k < all; ++k)
      sums.row(k / rows / plan.groups, k / rows % plan.groups, k % rows, [&](const op::line& l) {
        for (std::int64_t j = 0; j < l.count; ++j) {
          const std::int64_t i = l.first + j * l.step;
          const auto at = static_cast<std::size_t>(i), column = static_cast<std::size_t>(j);
          const bool is_empty = l.terms[column] == 0;  // all of an image without channels are
          if (is_empty && empty) {
            std::tie(components[at], out[at]) = *empty;
          } else if (!decide_column<T>(l, column, components[at], out[at])) {
            components[at] = halfulp::sums::climb<T, T>([&](auto& sum) { Op::accumulate(a, i, sum); }, out[at]);
          }
          if (is_empty && !empty) empty.emplace(components[at], out[at]);
        }
      });
  }
}

}  // namespace halfulp::lines
