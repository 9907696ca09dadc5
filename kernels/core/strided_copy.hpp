#pragma once

#include <halfulp/kernels/core/strided_rows.hpp>

namespace halfulp::kernels {

/// y[p * y_step + l] = x[p + l * x_step] for p in [0, rows), l in [0, columns): square tiles by way of a buffer, so that
/// every cache line of x and of y is used whole.
template <class T>
void copy_transposed(const T* x, std::int64_t x_step, std::int64_t rows, std::int64_t columns, T* y,
                     std::int64_t y_step) {
  constexpr std::int64_t side = 32;
#pragma omp parallel for schedule(static) if (rows * columns > side * side * side)
  for (std::int64_t p = 0; p < rows; p += side) {
    T tile[side * side];
    const std::int64_t height = std::min(side, rows - p);
    for (std::int64_t l = 0; l < columns; l += side) {
      const std::int64_t width = std::min(side, columns - l);
      for (std::int64_t j = 0; j < width; ++j) std::copy_n(x + p + (l + j) * x_step, height, tile + j * side);
      for (std::int64_t i = 0; i < height; ++i)
        for (std::int64_t j = 0; j < width; ++j) y[(p + i) * y_step + l + j] = tile[j * side + i];
    }
  }
}

/// A dimension but the last along which x is contiguous while it is not along the last; -1 if there is none.
inline int transposed_dimension(const strided_map<1>& m) {
  const int last = m.shape.rank - 1;
  if (m.step[0][last] == 0 || m.step[0][last] == 1) return -1;
  for (int k = 0; k < last; ++k)
    if (m.step[0][k] == 1) return k;
  return -1;
}

/// The dimensions of m but `along` and the last: where x and y, row-major in the whole shape, go on from each.
inline strided_map<2> around(const strided_map<1>& m, int along) {
  strided_map<2> outer;
  outer.offset[0] = m.offset[0];
  const extents y_step = row_major_strides(m.shape);
  for (int k = 0; k + 1 < m.shape.rank; ++k) {
    if (k == along) continue;
    outer.shape.push_back(m.shape[k]);
    outer.step[0].push_back(m.step[0][k]);
    outer.step[1].push_back(y_step[k]);
  }
  return outer.collapsed();
}

/// y[i] = x[where m says]: elements are moved as they are, so NaNs keep their bits.
template <class T>
void copy_strided(const T* x, const strided_map<1>& given, T* y) {
  const auto m = given.collapsed();
  const int last = m.shape.rank - 1, along = transposed_dimension(m);
  const std::int64_t step = m.step[0][last];
  if (along >= 0 && product(m.shape) > 0) {
    const auto outer = around(m, along);
    const std::int64_t outer_step[] = {outer.step[0][outer.shape.rank - 1], outer.step[1][outer.shape.rank - 1]};
    for_each_row(outer, [&](std::int64_t, std::int64_t count, const std::array<std::int64_t, 2>& at) {
      for (std::int64_t i = 0; i < count; ++i)
        copy_transposed(x + at[0] + i * outer_step[0], step, m.shape[along], m.shape[last],
                        y + at[1] + i * outer_step[1], row_major_strides(m.shape)[along]);
    });
    return;
  }
  for_each_row(m, [&](std::int64_t first, std::int64_t count, const std::array<std::int64_t, 1>& at) {
    const T* from = x + at[0];
    T* to = y + first;
    if (step == 1) {
      std::copy_n(from, count, to);
    } else if (step == 0) {
      std::fill_n(to, count, *from);
    } else {
      for (std::int64_t i = 0; i < count; ++i) to[i] = from[i * step];
    }
  });
}

}  // namespace halfulp::kernels
