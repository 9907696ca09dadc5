// Tiles of whole lines: the warps that fill the memory of those that multiply.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/line_tile.cuh>

namespace halfulp::kernels::cuda {

/// Adds up the squares of the elements of a group's windows, once for all taps, and finds at least the norms of columns and
/// rows; one warp.
class line_norms {
 public:
  __device__ line_norms(const line_plan& plan, const line_operands& operands, line_memory& memory)
      : plan_(plan), operands_(operands), memory_(memory), lane_(static_cast<int>(threadIdx.x) % lanes) {}

  /// Of the next slab; a lane has some quads of places, of all channels.
  __device__ void add_slab() {
    wait_barrier(&memory_.image_full[images_.stage], images_.phase);
#pragma unroll
    for (int i = 0; i < mine; ++i) {
      const int q = lane_ + i * lanes;
      add_up(sum_[i], memory_.image[images_.stage] + line_plan::image_at(q / quads, 0, word_of(q)));
    }
    std::uint32_t read = 0;
    for (const float4& s : sum_)
      read |= __float_as_uint(s.x) | __float_as_uint(s.y) | __float_as_uint(s.z) | __float_as_uint(s.w);
    arrive_after(&memory_.image_empty[images_.stage], read, operands_.no_bits);
    images_.advance();
  }
  /// After the last slab of a tile.
  __device__ void end_tile(const line_plan::place& at) {
#pragma unroll
    for (int i = 0; i < mine; ++i) {
      const int q = lane_ + i * lanes;
      *reinterpret_cast<float4*>(&memory_.squares[q / quads][word_of(q)]) = sum_[i];
      sum_[i] = {};
    }
    __syncwarp();
    wait_barrier(&memory_.norm_empty[norms_.stage], norms_.phase ^ 1);
    find_norms(at);
    arrive_barrier(&memory_.norm_full[norms_.stage]);
    norms_.advance();
  }

 private:
  /// Of a line, from its first element on; a lane's.
  static constexpr int quads = line_plan::most_elements / 4, mine = line_plan::window_lines * quads / lanes;
  static_assert(line_plan::before % 4 == 0 && line_plan::window_lines * quads % lanes == 0);

  __device__ static int word_of(int quad) {
    return line_plan::before + quad % quads * 4;
  }

  __device__ static void add_up(float4& sum, const std::uint32_t* first) {
#pragma unroll 2
    for (int c = 0; c < line_plan::channels; ++c) {
      const float4 x = *reinterpret_cast<const float4*>(first + line_plan::image_at(0, c, 0));
      sum = {fmaf(x.x, x.x, sum.x), fmaf(x.y, x.y, sum.y), fmaf(x.z, x.z, sum.z), fmaf(x.w, x.w, sum.w)};
    }
  }
  /// At least the root, see norm_above.
  __device__ float root(float squares) const {
    return __fsqrt_ru(__fmul_ru(__fadd_ru(squares, operands_.least), operands_.growth));
  }
  __device__ void find_norms(const line_plan::place& at) const {
    for (int j = lane_; j < line_plan::lines * line_plan::columns; j += lanes) {
      const int line = j / line_plan::columns, column = j % line_plan::columns;
      const float* first = &memory_.squares[line][plan_.word_of(column, 0)];
      float sum = 0;
      for (int tap = 0; tap < line_plan::taps; ++tap, first += line_plan::pitch) sum += first[0] + first[1] + first[2];
      memory_.column_norm[norms_.stage][line][column] = root(sum);
    }
    const float* rows = operands_.squares + (at.group * plan_.row_tiles + at.row_tile) * line_plan::rows;
    for (int r = lane_; r < line_plan::rows; r += lanes) memory_.row_norm[norms_.stage][r] = root(rows[r]);
  }

  const line_plan& plan_;
  const line_operands& operands_;
  line_memory& memory_;
  int lane_;
  float4 sum_[mine] = {};
  stage_ring<line_tile::image_stages> images_;
  stage_ring<line_tile::norm_stages> norms_;
};

/// Copies windows and factors of a group's tiles as soon as there is room, and finds the norms of what is there; one warp.
class line_copies {
 public:
  __device__ line_copies(const window_product<float>& p, const line_plan& plan, const line_operands& operands,
                         line_memory& memory)
      : p_(p),
        plan_(plan),
        operands_(operands),
        memory_(memory),
        norms_(plan, operands, memory),
        lane_(static_cast<int>(threadIdx.x) % lanes) {}

  __device__ void copy_all(const line_share& share) {
    for (int tile = share.first; tile < share.tiles; tile += share.step)
      copy_tile(plan_.tile_at(tile), tile == share.first);
  }

 private:
  __device__ void copy_tile(const line_plan::place& at, bool is_first) {
    const int line = plan_.image_line(at.line, lane_ / line_plan::channels);
    int channel = lane_ % line_plan::channels;
    const float* image = p_.image.data + at.group * p_.image.group_step + at.image * p_.image.column_step +
                         channel * p_.image.term_step + line * p_.image.row_step;
    const double* factors = operands_.factors + (at.group * plan_.row_tiles + at.row_tile) * plan_.steps() *
                                                    static_cast<std::int64_t>(line_plan::step_factors);
    // Where there is room for this slab, as many before it are multiplied as said, or all but those that have stages.
    const int ahead = min(line_tile::slabs_ahead + line_tile::image_stages, plan_.slabs) - 1;
    for (int slab = 0; slab < plan_.slabs; ++slab) {
      if (slab > 0) norms_.add_slab();
      copy_window(plan_.has_line(line) && channel < plan_.image_channels ? image : operands_.zeros);
      if (is_first && slab == ahead && lane_ == 0) arrive_barrier(&memory_.ahead);
      image += line_plan::channels * p_.image.term_step;
      channel += line_plan::channels;
      for (int s = 0; s < line_plan::steps_of_slab; ++s, factors += line_plan::step_factors) copy_factors(factors);
    }
    norms_.add_slab();
    norms_.end_tile(at);
  }
  __device__ void copy_window(const float* line) {
    const auto bytes = static_cast<unsigned>(plan_.elements) * sizeof(float);
    std::uint64_t* const full = &memory_.image_full[images_.stage];
    wait_barrier(&memory_.image_empty[images_.stage], images_.phase ^ 1);
    if (lane_ == 0) expect_bytes(full, lanes * bytes);
    __syncwarp();
    copy_bytes(memory_.image[images_.stage] + lane_ * line_plan::pitch + line_plan::before, line, bytes, full);
    images_.advance();
  }
  __device__ void copy_factors(const double* from) {
    std::uint64_t* const full = &memory_.factor_full[factors_.stage];
    wait_barrier(&memory_.factor_empty[factors_.stage], factors_.phase ^ 1);
    if (lane_ == 0) {
      expect_bytes(full, sizeof memory_.factor[0]);
      copy_bytes(memory_.factor[factors_.stage], from, sizeof memory_.factor[0], full);
    }
    factors_.advance();
  }

  const window_product<float>& p_;
  const line_plan& plan_;
  const line_operands& operands_;
  line_memory& memory_;
  line_norms norms_;
  int lane_;
  stage_ring<line_tile::image_stages> images_;
  stage_ring<line_tile::factor_stages> factors_;
};

}  // namespace halfulp::kernels::cuda
