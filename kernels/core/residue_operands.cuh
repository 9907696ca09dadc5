// The operands of a window_product as residues of integers, in the order in which tiles on tensor cores read them.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/binary64_slabs.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/residue_sums.hpp>
#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels::cuda {

/// Residues of `lines` rows or columns, in bytes: for each modulus tiles of lines, for each tile slabs of `slab_terms`
/// terms, for each slab its chunks, and for each chunk `chunk_terms` residues of each line of the tile. A slab of a
/// tile so is one copy, of which tensor cores read 8 lines of a chunk as 128 bytes.
struct residue_layout {
  static constexpr int slab_terms = 128, chunk_terms = 16, slab_chunks = slab_terms / chunk_terms;
  std::int64_t lines, slabs;
  int tile_lines;

  __host__ __device__ std::int64_t tiles() const { return (lines + tile_lines - 1) / tile_lines; }
  __host__ __device__ std::int64_t slab_bytes() const { return std::int64_t{slab_terms} * tile_lines; }
  __host__ __device__ std::int64_t bytes() const { return tiles() * slabs * slab_bytes(); }
  /// Where the residues of a line begin, and how many bytes on those of its next chunk are.
  __device__ std::int64_t place(std::int64_t line) const {
    return (line / tile_lines * slabs * slab_chunks * tile_lines + line % tile_lines) * chunk_terms;
  }
  __device__ std::int64_t chunk_step() const { return std::int64_t{tile_lines} * chunk_terms; }
};

struct residue_operand {
  unsigned char* bytes;
  residue_line* line;
  residue_layout layout;
};

/// Columns from `first` on, of a group.
struct residue_columns {
  window_product<double> p;
  const image_place* term;
  std::int64_t group, first;

  struct line {
    const double* data;
    std::int64_t image, out;
    int first_line, first_element;
    unsigned lines, width;
  };
  __device__ line at(std::int64_t i) const {
    const window_index c = column_at(p, first + i);
    const auto down = terms_read(p.vertical, c.vertical), across = terms_read(p.horizontal, c.horizontal);
    halfulp::run m("window_product");
    return {p.image.data,
            group * p.image.group_step + c.outer * p.image.column_step +
                (c.vertical * p.vertical.column_step + p.vertical.origin) * p.image.row_step +
                (c.horizontal * p.horizontal.column_step + p.horizontal.origin) * p.image.element_step,
            c.outer * p.out.outer_step + c.vertical * p.out.vertical_step + c.horizontal * p.out.horizontal_step,
            static_cast<int>(down.first),
            static_cast<int>(across.first),
            static_cast<unsigned>(down.count(m)),
            static_cast<unsigned>(across.count(m))};
  }
  __device__ double load(const line& l, std::int64_t k) const {
    const image_place t = term[k];
    const bool reads = static_cast<unsigned>(t.vertical - l.first_line) < l.lines &&
                       static_cast<unsigned>(t.horizontal - l.first_element) < l.width;
    const double x = l.data[reads ? l.image + t.image : 0];
    return reads ? x : 0;
  }
  __device__ static const byte_weights& weights(const residue_steps& s) { return s.image; }
};

/// The rows of a group.
struct residue_rows {
  window_product<double> p;
  const std::int64_t* term;
  std::int64_t group, depth;

  struct line {
    const double* data;
    std::int64_t out;
  };
  __device__ line at(std::int64_t i) const {
    return {p.factor.data + group * p.factor.group_step + i * p.factor.row_step,
            group * p.out.group_step + i * p.out.row_step};
  }
  __device__ double load(const line& l, std::int64_t k) const {
    const bool reads = k < depth;
    const double x = l.data[reads ? term[k] : 0];
    return reads ? x : 0;
  }
  __device__ static const byte_weights& weights(const residue_steps& s) { return s.factor; }
};

inline constexpr int residue_threads = 256, residue_lines = 8;

/// What is known of a line by all of its threads.
struct residue_line_memory {
  double total[residue_threads];
  int upper[residue_threads];  // of the largest magnitude, the upper half of the bits
  double largest[residue_lines];
  bool is_scaled[residue_lines];
  int exponent[residue_lines], lost[residue_lines];
};

/// `residue_lines` lines by a block: first their scales, then their residues, a chunk at a time. Lines past the last
/// one, which fill a tile, are the first one again; no sum of theirs is looked at, and none of a line that has no
/// scale, whatever bytes it gets.
template <class Operand>
class residue_writer {
 public:
  __device__ residue_writer(const Operand& from, const residue_operand& to, const residue_table& table,
                            residue_line_memory& memory)
      : from_(from), to_(to), table_(table), memory_(memory), thread_(static_cast<int>(threadIdx.x)) {}

  __device__ void write(std::int64_t first) {
    const int of_block = thread_ % residue_lines;
    const std::int64_t line = first + of_block, chunks = to_.layout.slabs * residue_layout::slab_chunks;
    const bool has = line < to_.layout.lines;
    const typename Operand::line at = from_.at(has ? line : 0);
    find_scale(at, of_block);
    const double scale = __hiloint2double((1023 - memory_.exponent[of_block]) << 20, 0);
    unsigned char* const to = to_.bytes + to_.layout.place(line);
    const std::int64_t modulus_step = to_.layout.bytes();
    int lost = 0;
    for (std::int64_t c = thread_ / residue_lines; c < chunks; c += residue_threads / residue_lines)
      write_chunk(at, scale, c, to + c * to_.layout.chunk_step(), modulus_step, lost);
    if (lost > 0) atomicAdd(&memory_.lost[of_block], lost);
    __syncthreads();
    if (thread_ < residue_lines && has) {
      to_.line[line] = {
          at.out, memory_.exponent[thread_], memory_.is_scaled[thread_] ? __int2float_ru(memory_.lost[thread_]) : NAN,
          __double2float_ru(memory_.largest[thread_] * scale), __double2float_ru(memory_.total[thread_] * scale)};
    }
    __syncthreads();
  }

 private:
  static constexpr int terms = residue_layout::chunk_terms;

  __device__ void load(double (&x)[terms], const typename Operand::line& at, std::int64_t chunk) const {
#pragma unroll
    for (int k = 0; k < terms; ++k) x[k] = from_.load(at, chunk * terms + k);
  }

  __device__ void find_scale(const typename Operand::line& at, int of_block) {
    if (thread_ < residue_lines) {
      memory_.is_scaled[thread_] = true;
      memory_.lost[thread_] = 0;
    }
    __syncthreads();
    double total = 0;
    int upper = 0;
    const std::int64_t chunks = to_.layout.slabs * residue_layout::slab_chunks;
    for (std::int64_t c = thread_ / residue_lines; c < chunks; c += residue_threads / residue_lines) {
      double x[terms];
      load(x, at, c);
#pragma unroll
      for (int k = 0; k < terms; ++k) {
        upper = max(upper, __double2hiint(x[k]) & 0x7fffffff);
        total += fabs(x[k]);
      }
    }
    memory_.upper[thread_] = upper;
    memory_.total[thread_] = total;
    if (!(total < INFINITY)) memory_.is_scaled[of_block] = false;
    __syncthreads();
    for (int step = residue_threads / 2; step >= residue_lines; step /= 2) {
      if (thread_ < step) {
        memory_.upper[thread_] = max(memory_.upper[thread_], memory_.upper[thread_ + step]);
        memory_.total[thread_] += memory_.total[thread_ + step];
      }
      __syncthreads();
    }
    if (thread_ < residue_lines) settle_scale();
    __syncthreads();
  }

  /// Of one line: numbers that are not finite, and scales that are no normal numbers, leave all its sums to repair.
  __device__ void settle_scale() {
    double &largest = memory_.largest[thread_], &total = memory_.total[thread_];
    largest = __hiloint2double(memory_.upper[thread_], -1);
    total *= total_excess;
    const int exponent = total > 0 && total < INFINITY ? line_exponent(largest, total) : 0;
    const bool is_scaled = memory_.is_scaled[thread_] && total < INFINITY && abs(exponent) <= 1022;
    memory_.is_scaled[thread_] = is_scaled;
    memory_.exponent[thread_] = is_scaled ? exponent : 0;
    if (!is_scaled) largest = total = 0;
  }

  __device__ void write_chunk(const typename Operand::line& at, double scale, std::int64_t chunk, unsigned char* to,
                              std::int64_t modulus_step, int& lost) const {
    double x[terms];
    load(x, at, chunk);
    cut_number number[terms];
#pragma unroll
    for (int k = 0; k < terms; ++k) {
      number[k] = cut(x[k], scale);
      lost += number[k].is_whole ? 0 : 1;
    }
#pragma unroll 1
    for (int i = 0; i < moduli; ++i, to += modulus_step) {
      std::uint32_t word[terms / 4];
#pragma unroll
      for (int w = 0; w < terms / 4; ++w) {
        std::uint32_t r[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) r[k] = residue_of(number[4 * w + k], Operand::weights(table_.of[i]), table_.of[i]);
        word[w] = __byte_perm(__byte_perm(r[0], r[1], 0x0040), __byte_perm(r[2], r[3], 0x0040), 0x5410);
      }
      *reinterpret_cast<uint4*>(to) = {word[0], word[1], word[2], word[3]};
    }
  }

  const Operand& from_;
  const residue_operand& to_;
  const residue_table& table_;
  residue_line_memory& memory_;
  const int thread_;
};

/// `blocks` of `residue_lines` lines each, those of columns first, then those of rows.
__global__ void __launch_bounds__(residue_threads, 2)
    write_residues(const __grid_constant__ residue_columns columns, const __grid_constant__ residue_operand image,
                   const __grid_constant__ residue_rows rows, const __grid_constant__ residue_operand factor,
                   const __grid_constant__ residue_table table, std::int64_t blocks) {
  __shared__ residue_line_memory memory;
  const std::int64_t of_columns = image.layout.tiles() * image.layout.tile_lines / residue_lines;
  for (std::int64_t b = blockIdx.x; b < blocks; b += gridDim.x) {
    if (b < of_columns)
      residue_writer<residue_columns>(columns, image, table, memory).write(b * residue_lines);
    else
      residue_writer<residue_rows>(rows, factor, table, memory).write((b - of_columns) * residue_lines);
  }
}

}  // namespace halfulp::kernels::cuda
