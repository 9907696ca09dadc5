// Columns of a product of tests, copied to where a tile reads them.
#pragma once

#include <halfulp/kernels/core/product_tile.hpp>

#include <vector>

namespace halfulp::tests {

struct copied_columns {
  std::vector<double> numbers = {};
  std::vector<std::int64_t> term_offset = {}, column_offset = {};

  /// Terms k of columns c, of which element(j, t) is one; to be read until the next call.
  template <class Element>
  kernels::panel_source copy(kernels::index_interval c, kernels::index_interval k, const Element& element) {
    term_offset.clear();
    column_offset.clear();
    for (std::int64_t t = 0; t < k.size(); ++t) term_offset.push_back(t);
    for (std::int64_t j = 0; j < c.size(); ++j) column_offset.push_back(kernels::panel_slack() + j * k.size());
    numbers.assign(static_cast<std::size_t>(c.size() * k.size() + 2 * kernels::panel_slack() + 8), 0);
    for (std::int64_t j = 0; j < c.size(); ++j)
      for (std::int64_t t = 0; t < k.size(); ++t)
        numbers[static_cast<std::size_t>(column_offset[static_cast<std::size_t>(j)] + t)] =
            element(c.first + j, k.first + t);
    return {numbers.data(), term_offset.data(), k.size(), column_offset.data(), c.size()};
  }
};

}  // namespace halfulp::tests
