// Which elements a sum of a window_product multiplies, term by term: what plans of tiles are compared with.
#pragma once

#include <halfulp/kernels/core/window_product.hpp>

#include <map>

namespace halfulp::tests {

/// The elements of the factor and of the image that the terms of a sum multiply.
using elements = std::map<std::pair<const float*, const float*>, int>;

inline elements of_product(const kernels::window_product<float>& p, const kernels::sum_index& s) {
  elements e;
  const auto c = kernels::column_at(p, s.column);
  const auto down = kernels::terms_read(p.vertical, c.vertical),
             across = kernels::terms_read(p.horizontal, c.horizontal);
  const auto place = [](const kernels::product_axis& a, std::int64_t j, std::int64_t t) {
    return j * a.column_step + t * a.term_step + a.origin;
  };
  for (std::int64_t k = 0; k < p.depth(); ++k) {
    const auto t = kernels::term_at(p, k);
    if (t.vertical < down.first || t.vertical >= down.end || t.horizontal < across.first || t.horizontal >= across.end)
      continue;
    ++e[{p.factor.data + s.group * p.factor.group_step + s.row * p.factor.row_step + t.outer * p.factor.outer_step +
             t.vertical * p.factor.vertical_step + t.horizontal * p.factor.horizontal_step,
         p.image.data + s.group * p.image.group_step + c.outer * p.image.column_step + t.outer * p.image.term_step +
             place(p.vertical, c.vertical, t.vertical) * p.image.row_step +
             place(p.horizontal, c.horizontal, t.horizontal) * p.image.element_step}];
  }
  return e;
}

}  // namespace halfulp::tests
