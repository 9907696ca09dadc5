#include <halfulp/oracle/ops/conv2d.hpp>

#include <algorithm>
#include <cctype>

namespace halfulp::op {
namespace {

constexpr const char* padding_rule =
    "must be an integer, [both], [height, width], [top, bottom, left, right], one pair for each axis with [0, 0] for "
    "batch and channels, \"SAME\" or \"VALID\"";

std::string upper_case(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return s;
}

using four = std::array<std::int64_t, 4>;

/// One pair for each of the four axes, in the order of the layout.
four padding_of_axes(const call& c, const argument::list& axes, conv2d::layout layout) {
  std::array<std::array<std::int64_t, 2>, 4> pair{};
  for (std::size_t k = 0; k < 4; ++k) {
    const auto* list = k < axes.size() ? std::get_if<argument::list>(&axes[k].value) : nullptr;
    if (axes.size() != 4 || list == nullptr || list->size() != 2) c.refuse("padding", padding_rule);
    for (std::size_t j = 0; j < 2; ++j) {
      const auto* n = std::get_if<std::int64_t>(&(*list)[j].value);
      if (n == nullptr) c.refuse("padding", padding_rule);
      pair[k][j] = *n;
    }
  }
  const bool nchw = layout == conv2d::layout::nchw;
  const std::size_t channels = nchw ? 1 : 3;
  const std::size_t h = nchw ? 2 : 1;
  if (pair[0] != pair[channels] || pair[0][0] != 0 || pair[0][1] != 0) c.refuse("padding", padding_rule);
  return {pair[h][0], pair[h][1], pair[h + 1][0], pair[h + 1][1]};
}

four padding_of_numbers(const call& c, const std::vector<std::int64_t>& n) {
  if (n.size() == 1) return {n[0], n[0], n[0], n[0]};
  if (n.size() == 2) return {n[0], n[0], n[1], n[1]};
  if (n.size() == 4) return {n[0], n[1], n[2], n[3]};
  c.refuse("padding", padding_rule);
}

/// "SAME" as Paddle has it: the output has ceil(in / stride) positions, and the dilation is taken to be 1.
void set_same(run& m, conv2d::attributes<run>& a, const shape<run>& image, const shape<run>& weight) {
  const int h = a.data_layout == conv2d::layout::nchw ? 2 : 1;
  for (int axis = 0; axis < 2; ++axis) {
    const auto p = same_padding<run>(m, image.dim[h + axis], weight.dim[2 + axis], a.stride[axis]);
    a.padding[2 * axis] = p.before;
    a.padding[2 * axis + 1] = p.after;
    a.dilation[axis] = 1;
  }
}

void set_named(run& m, const call& c, conv2d::attributes<run>& a, const shape<run>& image, const shape<run>& weight) {
  const std::string kind = upper_case(c.text("padding"));
  if (kind == "VALID") return;  // no padding
  if (kind != "SAME") c.refuse("padding", padding_rule);
  if (image.rank == 4 && weight.rank == 4) set_same(m, a, image, weight);  // other ranks are refused by the geometry
}

four padding_of(const call& c, conv2d::layout layout) {
  const auto& value = c.at("padding").value;
  if (const auto* n = std::get_if<std::int64_t>(&value)) return {*n, *n, *n, *n};
  const auto* list = std::get_if<argument::list>(&value);
  if (list == nullptr) c.refuse("padding", padding_rule);
  const bool nested = !list->empty() && std::holds_alternative<argument::list>(list->front().value);
  return nested ? padding_of_axes(c, *list, layout) : padding_of_numbers(c, c.integers("padding"));
}

}  // namespace

conv2d::layout conv2d::layout_of(const call& c) {
  const std::string& format = c.text("data_format");
  if (format == "NCHW") return layout::nchw;
  if (format == "NHWC") return layout::nhwc;
  c.refuse("data_format", "must be \"NCHW\" or \"NHWC\"");
}

conv2d::attributes<run> conv2d::attributes_of(const call& c, const shape<run>& image, const shape<run>& weight) {
  const auto stride = c.pair("stride");
  const auto dilation = c.pair("dilation");
  attributes<run> a{{stride[0], stride[1]}, {}, {dilation[0], dilation[1]}, c.integer("groups"), layout_of(c)};
  run m(c.op().c_str());
  if (std::holds_alternative<std::string>(c.at("padding").value)) {
    set_named(m, c, a, image, weight);
  } else {
    const four p = padding_of(c, a.data_layout);
    std::copy(p.begin(), p.end(), a.padding);
  }
  return a;
}

}  // namespace halfulp::op
