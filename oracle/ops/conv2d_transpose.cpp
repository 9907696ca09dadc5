#include <halfulp/oracle/ops/conv2d_transpose.hpp>

namespace halfulp::op {
namespace {

constexpr const char* size_rule =
    "must be None, an integer, [height, width], or an int32 or int64 tensor of one or two elements";

/// output_size as a list or a tensor of one element for both axes, or of one for each.
std::array<std::int64_t, 2> output_size_of(const call& c) {
  const auto& value = c.at("output_size").value;
  std::vector<std::int64_t> n;
  if (const auto* t = std::get_if<tensor_view>(&value)) {
    if (t->shape.rank > 1 || (t->type != dtype::int32 && t->type != dtype::int64)) c.refuse("output_size", size_rule);
    const auto read = indices(c, "output_size");
    for (std::int64_t k = 0; k < t->numel(); ++k) n.push_back(read[k]);
  } else if (const auto* both = std::get_if<std::int64_t>(&value)) {
    n = {*both};
  } else if (std::holds_alternative<argument::list>(value)) {
    n = c.integers("output_size");
  }
  if (n.empty() || n.size() > 2) c.refuse("output_size", size_rule);
  return {n.front(), n.back()};
}

}  // namespace

conv2d_transpose::attributes<run> conv2d_transpose::attributes_of(const call& c, const shape<run>& x,
                                                                  const shape<run>& weight) {
  const bool in_all = !c.at("output_size").is_none();
  const auto padding = c.pair("output_padding");
  if (in_all && padding != std::array<std::int64_t, 2>{0, 0})
    c.refuse("output_padding", "must be 0 where output_size is given");
  const auto n = in_all ? output_size_of(c) : padding;
  return {conv2d::attributes_of(c, x, weight), {{in_all, n[0]}, {in_all, n[1]}}};
}

}  // namespace halfulp::op
