#include <halfulp/kernels/core/line_product.cuh>

#include <cmath>
#include <limits>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/line_copies.cuh>
#include <halfulp/kernels/core/line_sums.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// Writes the factors of a row as line_plan::factor_at, its squares, a line of zeros, and that no sums are left; a block for
/// a row of tiles.
__global__ void __launch_bounds__(threads_per_block)
    pack_factors(const __grid_constant__ window_product<float> p, const __grid_constant__ line_plan plan,
                 double* factors, float* squares, float* zeros, left_sums left) {
  cudaTriggerProgrammaticLaunchCompletion();  // what multiplies begins, and waits for the end of this before it reads
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t tile = blockIdx.x / line_plan::rows, group = tile / plan.row_tiles;
  const int row = static_cast<int>(blockIdx.x % line_plan::rows);
  const std::int64_t r = (tile - group * plan.row_tiles) * line_plan::rows + row;
  const float* from = p.factor.data + group * p.factor.group_step + r * p.factor.row_step;
  double* to = factors + tile * plan.steps() * static_cast<std::int64_t>(line_plan::step_factors);
  constexpr int taps = line_plan::taps, of_channel = taps * taps;
  float sum = 0;
  for (int k = thread; k < plan.slabs * line_plan::channels * of_channel; k += threads_per_block) {
    const int channel = k / of_channel, down = k / taps % taps, across = k % taps;
    float factor = 0;
    if (r < p.rows && channel < plan.image_channels)
      factor = from[channel * p.factor.outer_step + plan.term_of(0, down) * p.factor.vertical_step +
                    plan.term_of(1, across) * p.factor.horizontal_step];
    sum = fmaf(factor, factor, sum);
    const int step = channel / line_plan::channels * line_plan::steps_of_slab + down;
    to[static_cast<std::int64_t>(step) * line_plan::step_factors +
       line_plan::factor_at(across, row, channel % line_plan::channels)] = factor;
  }
  __shared__ float of_warp[threads_per_block / lanes];
  sum = sum_of_warp(sum);
  if (thread % lanes == 0) of_warp[thread / lanes] = sum;
  __syncthreads();
  if (thread == 0) {
    for (int w = 1; w < threads_per_block / lanes; ++w) sum += of_warp[w];
    squares[blockIdx.x] = sum;
  }
  if (blockIdx.x == 0 && thread < line_plan::most_elements) zeros[thread] = 0;
  if (blockIdx.x == 0 && thread == 0) *left.count = 0;
}

/// Groups of warps multiply, each with a warp that sees to its windows, factors and norms. A group begins some slabs after the
/// one before it, so that one rounds while others multiply.
__global__ void __launch_bounds__(line_tile::all_threads, 1)
    multiply_lines(const __grid_constant__ window_product<float> p, const __grid_constant__ line_plan plan,
                   const __grid_constant__ line_operands operands, left_sums left) {
  extern __shared__ __align__(128) unsigned char shared[];
  auto* const memories = reinterpret_cast<line_memory*>(shared);
  const int thread = static_cast<int>(threadIdx.x), others = thread - line_tile::multipliers;
  const int group = others < 0 ? thread / line_tile::threads : others / lanes % line_tile::groups;
  line_memory& memory = memories[group];
  for (int g = 0; g < line_tile::groups; ++g) memories[g].clear_padding(plan, thread, line_tile::all_threads);
  if (others >= 0 && others % lanes == 0 && others / lanes < line_tile::groups) memory.begin_barriers();
  fence_barriers();
  __syncthreads();
  const int blocks = static_cast<int>(gridDim.x);
  const line_share share{static_cast<int>(blockIdx.x) + group * blocks, line_tile::groups * blocks, plan.tiles};
  if (others >= 0) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(line_tile::other_registers));
    cudaGridDependencySynchronize();
    if (others / lanes < line_tile::groups) {
      if (group != 0 && share.first < share.tiles) wait_barrier(&memories[group - 1].ahead, 0);
      line_copies(p, plan, operands, memory).copy_all(share);
    }
  } else {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(line_tile::multiplier_registers));
    line_sums(p, plan, operands.no_bits, memory, left).round_all(share);
  }
}

/// At least x.
float above(double x) {
  const auto f = static_cast<float>(x);
  return static_cast<double>(f) < x ? std::nextafter(f, std::numeric_limits<float>::infinity()) : f;
}

void launch_lines(const window_product<float>& p, const line_plan& plan, const left_sums& left,
                  const cuda_queue& queue) {
  const std::int64_t rows = p.groups * plan.row_tiles * line_plan::rows;
  const auto factors = static_cast<std::size_t>(rows / line_plan::rows) * static_cast<std::size_t>(plan.steps()) *
                       line_plan::step_factors * sizeof(double);
  const std::size_t squares = factors + line_plan::most_elements * sizeof(float);
  const workspace memory(queue, squares + static_cast<std::size_t>(rows) * sizeof(float));
  launch(queue, static_cast<unsigned>(rows), static_cast<unsigned>(threads_per_block), 0, pack_factors, p, plan,
         memory.at<double>(), memory.at<float>(squares), memory.at<float>(factors), left);
  // Each square takes part in n additions at most, see norm_above.
  const auto n = static_cast<double>(plan.slabs * line_plan::channels + lanes + line_plan::taps * line_plan::taps);
  const line_operands operands{memory.at<double>(),    memory.at<float>(squares), memory.at<float>(factors),
                               above(1 + n * 0x1p-22), above(n * 0x1p-149),       0};
  constexpr std::size_t bytes = line_tile::groups * sizeof(line_memory);
  static_assert(bytes <= 227 * 1024);
  check(cudaFuncSetAttribute(multiply_lines, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  const int blocks = std::min(plan.tiles, multiprocessors());
  launch(queue, manner{true}, static_cast<unsigned>(blocks), line_tile::all_threads, bytes, multiply_lines, p, plan,
         operands, left);
}

}  // namespace

bool prefers_lines(const window_product<float>& p) {
  const auto plan = line_plan::of(p);
  return plan && lines_pay(p, *plan, multiprocessors()) && has_wgmma();
}

bool round_by_lines(const window_product<float>& p, const left_sums& left, const cuda_queue& queue) {
  const auto plan = line_plan::of(p);
  if (!plan) return false;
  launch_lines(p, *plan, left, queue);
  return true;
}

}  // namespace halfulp::kernels::cuda
