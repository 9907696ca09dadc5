// Tiles of whole lines: what a block is made of, and its shared memory.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/line_plan.hpp>
#include <halfulp/kernels/core/residue_wgmma.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// A block has groups of four warps, each of which multiplies tiles of its own, and a warp for each group that copies what it
/// reads and finds its norms. Registers: what the multiprocessor has for the first, with many sums, and four of the others.
struct line_tile {
  static constexpr int groups = 3, warps = 4, threads = lanes * warps, multipliers = groups * threads;
  static constexpr int others = 128, all_threads = multipliers + others;
  static constexpr int multiplier_registers = 152, other_registers = 56;
  static_assert(multipliers * multiplier_registers + others * other_registers <= 1 << 16);
  static constexpr int image_stages = 3, factor_stages = 6, norm_stages = 2;
  static constexpr int warp_rows = line_plan::rows * line_plan::lines / warps, warp_columns = line_plan::columns;
  /// Of its first tile a group has multiplied so many slabs when the next group begins: not all round at once.
  static constexpr int slabs_ahead = 1;
  /// Between two looks at the largest of a thread's sums: so many additions.
  static constexpr int additions = line_plan::channels * line_plan::taps * line_plan::taps;
  static_assert(line_plan::window_lines * line_plan::channels == lanes);  // a lane copies one line of a channel
};

/// What all tiles of a product have in common. Factors: binary64 numbers as line_plan::factor_at, step by step, of each
/// group and tile's rows; squares: of those rows, added up; zeros: a line of them.
struct line_operands {
  const double* factors;
  const float *squares, *zeros;
  float growth, least;  // of sums of squares, see norm_above
  unsigned no_bits;     // 0, which the compiler is not to know, see arrive_after
};

struct line_memory {
  alignas(128) std::uint32_t image[line_tile::image_stages][line_plan::window_words];
  alignas(128) double factor[line_tile::factor_stages][line_plan::step_factors];
  alignas(16) float squares[line_plan::window_lines][line_plan::pitch];
  float column_norm[line_tile::norm_stages][line_plan::lines][line_plan::columns];
  float row_norm[line_tile::norm_stages][line_plan::rows];
  double reach[line_tile::threads];  // the largest sum of a thread before each slab, added up
  std::uint64_t image_full[line_tile::image_stages], image_empty[line_tile::image_stages];
  std::uint64_t factor_full[line_tile::factor_stages], factor_empty[line_tile::factor_stages];
  std::uint64_t norm_full[line_tile::norm_stages], norm_empty[line_tile::norm_stages];
  std::uint64_t ahead;  // line_tile::slabs_ahead are multiplied

  /// By one thread, before any other uses them.
  __device__ void begin_barriers() {
    for (auto& b : image_full) init_barrier(&b, 1);
    for (auto& b : image_empty) init_barrier(&b, lanes * (line_tile::warps + 1));
    for (auto& b : factor_full) init_barrier(&b, 1);
    for (auto& b : factor_empty) init_barrier(&b, lanes * line_tile::warps);
    for (auto& b : norm_full) init_barrier(&b, lanes);
    for (auto& b : norm_empty) init_barrier(&b, lanes * line_tile::warps);
    init_barrier(&ahead, 1);
  }
  /// What no copy writes: words around the elements of every line.
  __device__ void clear_padding(const line_plan& plan, int thread, int threads) {
    for (int k = thread; k < line_tile::image_stages * line_plan::window_words; k += threads) {
      const int word = k % line_plan::pitch;
      if (word < line_plan::before || word >= line_plan::before + plan.elements)
        image[k / line_plan::window_words][k % line_plan::window_words] = 0;
    }
    for (int k = thread; k < line_plan::window_lines * line_plan::pitch; k += threads)
      squares[k / line_plan::pitch][k % line_plan::pitch] = 0;
  }
};

/// Arrives once `last`, which came from shared memory, is in its register, and so what this lane read before. By themselves
/// neither the compiler nor the device keeps an arrival behind loads: what is copied next would overwrite what they were to read.
__device__ inline void arrive_after(std::uint64_t* barrier, std::uint32_t last, unsigned no_bits) {
  asm volatile(
      "{\n .reg .b32 at;\n and.b32 at, %1, %2;\n add.u32 at, at, %0;\n mbarrier.arrive.shared::cta.b64 _, [at];\n}" ::
          "r"(shared_address(barrier)),
      "r"(last), "r"(no_bits)
      : "memory");
}

/// One stage after the other, and the parity of their turn.
template <int Stages>
struct stage_ring {
  int stage = 0;
  unsigned phase = 0;
  __device__ void advance() {
    if (++stage == Stages) stage = 0, phase ^= 1;
  }
};

/// Which tiles a group of warps has: every so many from the first on.
struct line_share {
  int first, step, tiles;
};

}  // namespace halfulp::kernels::cuda
