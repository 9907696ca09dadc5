#pragma once

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::tests {

/// A real call: its op, shapes and attributes.
struct shapes {
  bool transposed = false, nhwc = false;
  extents x, weight;
  std::map<std::string, argument> named;

  std::string op() const { return transposed ? "conv2d_transpose" : "conv2d"; }
  std::int64_t channels() const { return x[nhwc ? 3 : 1]; }
  /// Not less than there are, both.
  double products() const { return pixels() * static_cast<double>(product(weight)); }
  double outputs() const {
    const double step = transposed ? static_cast<double>(weight[2] * weight[3]) : 1;
    return pixels() * step * static_cast<double>(weight[transposed ? 1 : 0]);
  }

 private:
  double pixels() const {
    return static_cast<double>(product(x)) / static_cast<double>(std::max<std::int64_t>(1, channels()));
  }
};

/// Whether the call with float32 tensors is valid.
inline bool is_valid(const shapes& s) {
  try {
    const tensor x(dtype::float32, s.x), w(dtype::float32, s.weight);
    const call k(signature_named(s.op()), {{x.view()}, {w.view()}}, s.named);
    if (s.transposed)
      (void)op::conv2d_transpose::bind<float>(k);
    else
      (void)op::conv2d::bind<float>(k);
  } catch (const invalid_argument&) {
    return false;
  }
  return true;
}

/// Half the images, rows or filters of a group, the first of these that there are many of and that leaves the call
/// valid; the sums keep their lengths.
inline std::optional<shapes> smaller(const shapes& s) {
  constexpr std::int64_t enough_filters = 4;
  const int row = s.nhwc ? 1 : 2, filter = s.transposed ? 1 : 0;
  const std::int64_t groups = std::get<std::int64_t>(s.named.at("groups").value);
  const std::int64_t filters = s.transposed ? s.weight[1] : s.weight[0] / std::max<std::int64_t>(groups, 1);
  shapes fewer[3] = {s, s, s};
  fewer[0].x[0] /= 2;
  fewer[1].x[row] /= 2;
  fewer[2].weight[filter] = s.weight[filter] / filters * (filters / 2);
  const bool many[3] = {s.x[0] > 1, s.x[row] > s.weight[2] + 4, filters > enough_filters};
  for (int k = 0; k < 3; ++k)
    if (many[k] && is_valid(fewer[k])) return fewer[k];
  return std::nullopt;
}

/// The case with zeros in its floating-point tensors: their values are drawn later.
inline analysis::test_case with_zeros(analysis::test_case c) {
  const auto fill = [](nlohmann::json& j) {
    if (j.is_object() && j.contains("tensor") && std::string(j["tensor"]["dtype"]).starts_with("float"))
      j["tensor"]["fill"] = {{"kind", "constant"}, {"value", 0}};
  };
  for (auto& j : c.args) fill(j);
  for (auto& [name, j] : c.kwargs.items()) fill(j);
  return c;
}

/// The shapes of a case with float32 tensors, made smaller until one call is quick; nothing if it is not valid.
inline std::optional<shapes> shapes_of(const analysis::test_case& c) {
  constexpr double most_products = 1e7, most_outputs = 1e6;
  shapes s;
  try {
    const analysis::prepared_case p = analysis::prepare(with_zeros(c));
    const call k(signature_named(p.op), p.args, p.kwargs);
    s.transposed = p.op == "conv2d_transpose";
    s.x = k.tensor("x").shape;
    s.weight = k.tensor("weight").shape;
    for (const char* name : {"stride", "padding", "dilation", "groups", "data_format"}) s.named[name] = k.at(name);
    if (s.transposed)
      for (const char* name : {"output_padding", "output_size"})
        if (!std::holds_alternative<tensor_view>(k.at(name).value)) s.named[name] = k.at(name);
    s.nhwc = k.text("data_format") == "NHWC";
  } catch (const invalid_argument&) {
    return std::nullopt;
  }
  if (s.x.rank != 4 || s.weight.rank != 4 || !is_valid(s)) return std::nullopt;
  while (s.products() > most_products || s.outputs() > most_outputs) {
    const auto less = smaller(s);
    if (!less) break;
    s = *less;
  }
  return s;
}

}  // namespace halfulp::tests
