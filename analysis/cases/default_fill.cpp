#include <halfulp/analysis/cases/default_fill.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

bool is_square_batch(const extents& shape) {
  return shape.rank >= 2 && shape[shape.rank - 1] == shape[shape.rank - 2];
}

/// Columns of an x with `columns` of them; 0 where it has none, and then no index is valid.
json valid_index(const std::map<std::string, tensor_header>& tensors) {
  const auto x = tensors.find("x");
  const std::int64_t columns = x != tensors.end() && x->second.shape.rank == 2 ? x->second.shape[1] : 0;
  return {{"kind", "integers"}, {"low", 0}, {"high", std::max<std::int64_t>(columns - 1, 0)}};
}

}  // namespace

json default_fill(std::string_view op, const std::string& parameter,
                  const std::map<std::string, tensor_header>& tensors) {
  const tensor_header& h = tensors.at(parameter);
  const bool floats = is_floating(h.type) || is_complex_dtype(h.type);
  if ((op == "eigvalsh" || op == "eigvalsh_grad") && parameter == "x" && floats && is_square_batch(h.shape))
    return {{"kind", "suite_hermitian"}};
  // extents, of which random ones would be billions of elements
  if (op == "expand" && parameter == "shape" && !floats) return {{"kind", "integers"}, {"low", 1}, {"high", 4}};
  if (op == "index_sample" && parameter == "index" && !floats && h.type != dtype::boolean) return valid_index(tensors);
  if (floats) return {{"kind", "uniform"}};
  if (h.type == dtype::boolean) return {{"kind", "integers"}};
  return {{"kind", "wrapped_integers"}};
}

}  // namespace halfulp::analysis
