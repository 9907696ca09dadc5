#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>
#include <halfulp/oracle/ops/cholesky_solve_x_grad.hpp>
#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/copysign_x_grad.hpp>
#include <halfulp/oracle/ops/copysign_y_grad.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>
#include <halfulp/oracle/ops/expand.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_add_value_grad.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/index_put_value_grad.hpp>
#include <halfulp/oracle/ops/index_put_x_grad.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>
#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis_x_grad.hpp>
#include <halfulp/oracle/ops/unique.hpp>
#include <halfulp/oracle/ops/unique_consecutive.hpp>

namespace halfulp {

/// Every op: the one list that oracle, kernels, prover, command line and bindings fold over.
// One line each.
// clang-format off
using all_ops = std::tuple<
  op::index_sample,
  op::index_sample_grad,
  op::copysign,
  op::copysign_x_grad,
  op::copysign_y_grad,
  op::conv2d,
  op::conv2d_input_grad,
  op::conv2d_weight_grad,
  op::conv2d_bias_grad,
  op::conv2d_transpose,
  op::conv2d_transpose_input_grad,
  op::conv2d_transpose_weight_grad,
  op::eigvalsh,
  op::eigvalsh_grad,
  op::eigvals,
  op::eigvals_grad,
  op::cholesky_solve,
  op::cholesky_solve_x_grad,
  op::cholesky_solve_y_grad,
  op::index_add,
  op::index_add_value_grad,
  op::expand,
  op::expand_grad,
  op::as_strided,
  op::as_strided_grad,
  op::unique,
  op::unique_consecutive,
  op::put_along_axis,
  op::put_along_axis_x_grad,
  op::put_along_axis_values_grad,
  op::index_put,
  op::index_put_x_grad,
  op::index_put_value_grad
>;
// clang-format on

/// f(type_tag<Op>{}) for each op, in order.
template <class F>
void for_each_op(F&& f) {
  [&]<class... Op>(std::type_identity<std::tuple<Op...>>) { (f(type_tag<Op>{}), ...); }(std::type_identity<all_ops>{});
}

/// "index_sample, copysign, ...", for messages.
inline std::string names_of_ops() {
  std::string text;
  for_each_op([&](auto tag) { text += (text.empty() ? "" : ", ") + std::string(decltype(tag)::type::name); });
  return text;
}

/// f(type_tag<Op>{}) for the op of this name, or of this framework function ("paddle.nn.functional.conv2d").
/// False if there is none.
template <class F>
bool visit_op(std::string_view name_or_api, F&& f) {
  bool found = false;
  for_each_op([&](auto tag) {
    using op = typename decltype(tag)::type;
    const bool match =
        op::name == name_or_api || std::find(op::apis.begin(), op::apis.end(), name_or_api) != op::apis.end();
    if (match && !found) {
      found = true;
      f(tag);
    }
  });
  return found;
}

}  // namespace halfulp
