// The fractions of tiles, rounded.
#pragma once

#include <halfulp/kernels/core/narrow_tile.cuh>

namespace halfulp::kernels::cuda {

/// A block rounds `lanes` columns of a tile; each warp has as many rows.
template <class T, class Tile>
class narrow_rounder {
 public:
  using form = typename Tile::form;
  static constexpr int rows = narrow_plan::rows / (narrow_threads / lanes);  // of a warp
  static constexpr int blocks = Tile::all_columns / lanes;                   // of a tile
  static_assert(Tile::all_columns % lanes == 0 && narrow_plan::rows + lanes <= narrow_threads);
  struct memory {
    narrow_column column[lanes];
    narrow_rounding row[narrow_plan::rows];
  };
  __device__ narrow_rounder(const narrow_call<T, Tile>& call, memory& m)
      : call_(call),
        memory_(m),
        tile_(static_cast<int>(blockIdx.x)),
        first_(static_cast<int>(blockIdx.y) * lanes),
        at_(call.place_of(tile_)) {}

  __device__ void round() const {
    const int first_row = static_cast<int>(threadIdx.x) / lanes * rows, lane = static_cast<int>(threadIdx.x) % lanes;
    std::uint64_t fraction[rows];
    read(fraction, first_row * Tile::all_columns + first_ + lane);
    find();
    __syncthreads();
    round_column(fraction, first_row, lane);
  }

 private:
  /// The fractions of a warp's rows of a column.
  __device__ void read(std::uint64_t (&fraction)[rows], int begin) const {
    const std::uint64_t* from = call_.fractions(tile_) + begin;
#pragma unroll
    for (int k = 0; k < rows; ++k) fraction[k] = from[k * Tile::all_columns];
    const int beginner = call_.deal.beginner_of(tile_);
    if (beginner < 0) return;
    from = call_.begun(beginner) + begin;
#pragma unroll
    for (int k = 0; k < rows; ++k) fraction[k] += from[k * Tile::all_columns];
  }
  /// What sums of a column, and of a row, have in common.
  __device__ void find() const {
    const int thread = static_cast<int>(threadIdx.x), column = thread - narrow_plan::rows;
    if (column < 0)
      memory_.row[thread] = find_row(thread);
    else if (column < lanes)
      memory_.column[column] = find_column(at_.column + first_ + column);
  }
  /// Without a branch between sums.
  __device__ void round_column(const std::uint64_t (&fraction)[rows], int first_row, int column) const {
    narrow_column to;
    to.words = memory_.column[column].words;
    unsigned left = 0;
    T rounded[rows];
#pragma unroll
    for (int k = 0; k < rows; ++k)
      left |= memory_.row[first_row + k].round(fraction[k], to.is.lost, rounded[k]) ? 0u : 1u << k;
    const window_product<T>& p = call_.p;
    const std::int64_t line = at_.row_tile * narrow_plan::rows + first_row;
    if (to.is.out < 0 || line >= p.rows) return;
    const int exist = p.rows - line < rows ? static_cast<int>(p.rows - line) : rows;
    T* out = p.out.data + at_.group * p.out.group_step + line * p.out.row_step + to.is.out;
#pragma unroll
    for (int k = 0; k < rows; ++k, out += p.out.row_step)
      if (k < exist) *out = rounded[k];
    for (left &= (1u << exist) - 1; left != 0; left &= left - 1)
      leave(line + __ffs(static_cast<int>(left)) - 1, at_.column + first_ + column);
  }
  __device__ narrow_column find_column(int number) const {
    const narrow_plan& plan = call_.plan;
    const auto& out = call_.p.out;
    const narrow_index c = plan.column_at(number);
    if (!c.exists) return {{0, -1}};
    int lost = 0;
    const int* from = call_.from.lost + at_.group * plan.places + plan.first + number + plan.begin;
    for (int down = 0; down < plan.taps_down; down += Tile::down)
      for (int across = 0; across < plan.taps_across; across += Tile::across)
#pragma unroll
        for (int d = 0; d < Tile::down; ++d)
#pragma unroll
          for (int a = 0; a < Tile::across; ++a)
            lost += from[(down + d) * plan.tap_down + (across + a) * plan.tap_across];
    return {{static_cast<double>(lost),
             static_cast<std::int32_t>(c.outer * out.outer_step + c.vertical * out.vertical_step +
                                       c.horizontal * out.horizontal_step)}};
  }
  __device__ narrow_rounding find_row(int row) const {
    const window_product<T>& p = call_.p;
    const std::int64_t line = at_.row_tile * narrow_plan::rows + row;
    if (line >= p.rows) return {};
    const int exponent = image_exponent<form>(call_.from.state->largest);
    const double image_scale = exponent == no_exponent ? NAN : power_of_two(exponent);
    const double start = p.start == nullptr ? 0 : widen(p.start[at_.group * p.rows + line]);
    return narrow_rounding_of(call_.from.row[at_.group * call_.plan.row_tiles * narrow_plan::rows + line], call_.table,
                              image_scale, start);
  }
  __device__ void leave(std::int64_t row, int number) const {
    const window_product<T>& p = call_.p;
    const narrow_index c = call_.plan.column_at(number);
    const std::int64_t line = std::int64_t{c.outer} * call_.plan.column_lines + c.vertical;
    call_.left.add((at_.group * p.rows + row) * p.columns() + line * call_.plan.column_width + c.horizontal);
  }

  const narrow_call<T, Tile>& call_;
  memory& memory_;
  const int tile_, first_;  // the tile; the first of the columns in it
  const narrow_place at_;
};

template <class T, class Tile>
__global__ void __launch_bounds__(narrow_threads, 5) round_narrow(const __grid_constant__ narrow_call<T, Tile> call) {
  __shared__ typename narrow_rounder<T, Tile>::memory memory;
  cudaGridDependencySynchronize();
  if (call.from.state->asks_tiles == 0) narrow_rounder<T, Tile>(call, memory).round();
}

}  // namespace halfulp::kernels::cuda
