#include <halfulp/analysis/backends/libtorch_scatter.hpp>

#include <halfulp/analysis/backends/libtorch_tensor.hpp>

namespace halfulp::analysis::libtorch {
namespace {

at::Tensor wide(const at::Tensor& index) {
  return index.scalar_type() == at::kInt ? index.to(at::kLong) : index;
}

at::Scalar scalar(const argument& a) {
  if (const auto* n = std::get_if<std::int64_t>(&a.value)) return *n;
  return std::get<double>(a.value);
}

}  // namespace

at::Tensor index_add(const call& k) {
  return at::index_add(torch_tensor(k.tensor("x")), k.integer("axis"), torch_tensor(k.tensor("index")),
                       torch_tensor(k.tensor("value")), scalar(k.at("alpha")));
}

/// scatter and scatter_reduce, with indices and values broadcast beforehand as Paddle's put_along_axis does.
at::Tensor put_along_axis(const call& k) {
  const at::Tensor x = torch_tensor(k.tensor("x"));
  const std::int64_t axis = at::maybe_wrap_dim(k.integer("axis"), x.dim());
  at::Tensor index = wide(torch_tensor(k.tensor("indices")));
  const argument& given = k.at("values");
  const auto* t = std::get_if<tensor_view>(&given.value);
  at::Tensor values = t != nullptr ? torch_tensor(*t) : at::full({}, scalar(given), x.options());
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

at::Tensor index_put(const call& k) {
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
  return at::index_put(torch_tensor(k.tensor("x")), indices, torch_tensor(k.tensor("value")), k.boolean("accumulate"));
}

}  // namespace halfulp::analysis::libtorch
