#include <halfulp/analysis/backends/libtorch_scatter.hpp>

#include <halfulp/analysis/backends/libtorch_gradient.hpp>
#include <halfulp/analysis/backends/libtorch_tensor.hpp>

namespace halfulp::analysis::libtorch {
namespace {

/// A copy: what gradients keep has to be made where they are recorded.
at::Tensor wide(const at::Tensor& index) {
  return index.scalar_type() == at::kInt ? index.to(at::kLong) : index.clone();
}

at::Scalar scalar(const argument& a) {
  if (const auto* n = std::get_if<std::int64_t>(&a.value)) return *n;
  return std::get<double>(a.value);
}

/// What is put along an axis: a tensor, or a number, of which one is made.
at::Tensor values_of(const call& k, const at::Tensor& x) {
  const argument& given = k.at("values");
  const auto* t = std::get_if<tensor_view>(&given.value);
  return t != nullptr ? torch_tensor(*t) : at::full({}, scalar(given), x.options());
}

at::Tensor added(const at::Tensor& x, const at::Tensor& value, const call& k) {
  return at::index_add(x, k.integer("axis"), torch_tensor(k.tensor("index")).clone(), value, scalar(k.at("alpha")));
}

/// scatter and scatter_reduce, with indices and values broadcast beforehand as Paddle's put_along_axis does.
at::Tensor put_along(const at::Tensor& x, at::Tensor values, const call& k) {
  const std::int64_t axis = at::maybe_wrap_dim(k.integer("axis"), x.dim());
  at::Tensor index = wide(torch_tensor(k.tensor("indices")));
  TORCH_CHECK(index.dim() == x.dim(), "indices must have as many dimensions as x");
  if (k.boolean("broadcast")) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape[static_cast<std::size_t>(axis)] = index.size(axis);
    index = index.expand(shape);
  }
  if (k.boolean("broadcast") || values.dim() == 0) values = values.expand(index.sizes());
  const std::string& how = k.text("reduce");
  if (how == "assign") return at::scatter(x, axis, index, values);
  if (how == "mean" && at::isIntegralType(x.scalar_type(), true)) throw unsupported("torch floors a mean of integers");
  const std::string name = how == "add" ? "sum" : how == "mul" || how == "multiply" ? "prod" : how;
  return at::scatter_reduce(x, axis, index, values, name, k.boolean("include_self"));
}

at::Tensor put(const at::Tensor& x, const at::Tensor& value, const call& k) {
  c10::List<c10::optional<at::Tensor>> indices;
  const argument& given = k.at("indices");
  const auto add = [&](const argument& item) {
    const auto* t = std::get_if<tensor_view>(&item.value);
    indices.push_back(t != nullptr ? c10::optional<at::Tensor>(wide(torch_tensor(*t))) : c10::nullopt);
  };
  if (const auto* list = std::get_if<argument::list>(&given.value)) {
    for (const argument& item : *list) add(item);
  } else {
    add(given);
  }
  return at::index_put(x, indices, value, k.boolean("accumulate"));
}

/// The gradient of scatter(x, value) by one of the two.
template <class F>
at::Tensor x_gradient(const call& k, const at::Tensor& value, const F& scatter) {
  return gradient(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("dy")),
                  [&](const at::Tensor& x) { return scatter(x, value.clone(), k); });
}
template <class F>
at::Tensor value_gradient(const call& k, const at::Tensor& value, const F& scatter) {
  return gradient(value, torch_tensor(k.tensor("dy")),
                  [&](const at::Tensor& v) { return scatter(torch_tensor(k.tensor("x")).clone(), v, k); });
}

}  // namespace

at::Tensor index_add(const call& k) {
  return added(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("value")), k);
}
at::Tensor index_add_value_grad(const call& k) {
  return value_gradient(k, torch_tensor(k.tensor("value")), added);
}

at::Tensor put_along_axis(const call& k) {
  const at::Tensor x = torch_tensor(k.tensor("x"));
  return put_along(x, values_of(k, x), k);
}
at::Tensor put_along_axis_x_grad(const call& k) {
  return x_gradient(k, values_of(k, torch_tensor(k.tensor("x"))), put_along);
}
at::Tensor put_along_axis_values_grad(const call& k) {
  return value_gradient(k, values_of(k, torch_tensor(k.tensor("x"))), put_along);
}

at::Tensor index_put(const call& k) {
  return put(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("value")), k);
}
at::Tensor index_put_x_grad(const call& k) {
  return x_gradient(k, torch_tensor(k.tensor("value")), put);
}
at::Tensor index_put_value_grad(const call& k) {
  return value_gradient(k, torch_tensor(k.tensor("value")), put);
}

}  // namespace halfulp::analysis::libtorch
