#include <halfulp/analysis/backends/libtorch_movement.hpp>

#include <halfulp/analysis/backends/libtorch_gradient.hpp>
#include <halfulp/analysis/backends/libtorch_tensor.hpp>
#include <halfulp/oracle/core/bind.hpp>

namespace halfulp::analysis::libtorch {
namespace {

at::Tensor zeros_of(const call& k, const char* shape, const at::Tensor& like) {
  const c10::InferenceMode with_gradients(false);
  return at::zeros(k.integers(shape), at::TensorOptions().dtype(like.scalar_type()));
}

/// gather along the columns. What it allows beyond index_sample, fewer rows in the index, is refused here; what it
/// does not, an int32 index, is widened.
at::Tensor gathered(const at::Tensor& x, const call& k) {
  const at::Tensor index = torch_tensor(k.tensor("index"));
  TORCH_CHECK(x.dim() == 2 && index.dim() == 2 && x.size(0) == index.size(0), "x and index need as many rows");
  return at::gather(x, 1, index.scalar_type() == at::kInt ? index.to(at::kLong) : index.clone());
}

at::Tensor sign_copied(const at::Tensor& x, const at::Tensor& y) {
  if (x.scalar_type() != y.scalar_type()) throw unsupported("torch promotes two dtypes to a third");
  if (!x.is_floating_point()) throw unsupported("torch returns float32 for integers");
  return at::copysign(x, y);
}

std::vector<at::Tensor> as_asked(const call& k, const std::tuple<at::Tensor, at::Tensor, at::Tensor>& all) {
  const auto type = k.text("dtype") == "int32" ? at::kInt : at::kLong;
  std::vector<at::Tensor> outputs{std::get<0>(all)};
  if (k.boolean("return_inverse")) outputs.push_back(std::get<1>(all).to(type));
  if (k.boolean("return_counts")) outputs.push_back(std::get<2>(all).to(type));
  return outputs;
}

}  // namespace

at::Tensor index_sample(const call& k) {
  return gathered(torch_tensor(k.tensor("x")), k);
}
at::Tensor index_sample_grad(const call& k) {
  const at::Tensor dy = torch_tensor(k.tensor("dy"));
  return gradient(zeros_of(k, "x_shape", dy), dy, [&](const at::Tensor& x) { return gathered(x, k); });
}

at::Tensor copysign(const call& k) {
  return sign_copied(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("y")));
}
at::Tensor copysign_x_grad(const call& k) {
  return gradient(torch_tensor(k.tensor("x")), torch_tensor(k.tensor("dz")),
                  [&](const at::Tensor& x) { return sign_copied(x, torch_tensor(k.tensor("y")).clone()); });
}
at::Tensor copysign_y_grad(const call& k) {
  return gradient(torch_tensor(k.tensor("y")), torch_tensor(k.tensor("dz")),
                  [&](const at::Tensor& y) { return sign_copied(torch_tensor(k.tensor("x")).clone(), y); });
}

at::Tensor expand(const call& k) {
  return torch_tensor(k.tensor("x")).expand(sizes(k, "shape"));
}
at::Tensor expand_grad(const call& k) {
  const at::Tensor dy = torch_tensor(k.tensor("dy"));
  return gradient(zeros_of(k, "x_shape", dy), dy, [&](const at::Tensor& x) { return x.expand(dy.sizes()); });
}

at::Tensor as_strided(const call& k) {
  return at::as_strided(torch_tensor(k.tensor("x")), sizes(k, "shape"), sizes(k, "stride"), k.integer("offset"));
}
at::Tensor as_strided_grad(const call& k) {
  const at::Tensor dy = torch_tensor(k.tensor("dy"));
  return gradient(zeros_of(k, "x_shape", dy), dy, [&](const at::Tensor& x) {
    return at::as_strided(x, dy.sizes(), sizes(k, "stride"), k.integer("offset"));
  });
}

std::vector<at::Tensor> unique(const call& k) {
  if (k.boolean("return_index")) throw unsupported("torch has no index of first occurrences");
  if (!k.boolean("sorted")) throw unsupported("torch leaves the order of unsorted values open");
  const at::Tensor x = torch_tensor(k.tensor("x"));
  if (k.at("axis").is_none()) return as_asked(k, at::_unique2(x, true, true, true));
  return as_asked(k, at::unique_dim(x, k.integer("axis"), true, true, true));
}
std::vector<at::Tensor> unique_consecutive(const call& k) {
  c10::optional<std::int64_t> axis;
  if (!k.at("axis").is_none()) axis = k.integer("axis");
  return as_asked(k, at::unique_consecutive(torch_tensor(k.tensor("x")), true, true, axis));
}

}  // namespace halfulp::analysis::libtorch
