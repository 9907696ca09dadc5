// Products of residues on tensor cores, joined in registers as fractions of the moduli's product.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_copy.cuh>

namespace halfulp::kernels::cuda {

template <class T, class Tile>
class narrow_product {
 public:
  using form = typename Tile::form;
  using tile_sums = std::int32_t[Tile::sums];
  __device__ narrow_product(const narrow_call<T, Tile>& call, unsigned char* shared)
      : call_(call),
        plan_(call.plan),
        slabs_(call.slabs),
        stage_(shared),
        memory_(*reinterpret_cast<narrow_memory*>(shared + call.slabs.stages * call.slabs.stage_bytes())) {}

  __device__ void begin() const {
    if (threadIdx.x == 0)
      for (int s = 0; s < slabs_.stages; ++s) {
        init_barrier(&memory_.full[s], 1);
        init_barrier(&memory_.empty[s], Tile::groups);
      }
    fence_barriers();
    __syncthreads();
  }
  __device__ narrow_memory& memory() const { return memory_; }

  /// By a group of warps: while tensor cores multiply residues modulo one number, what they made of the one before is joined.
  __device__ void multiply_all(int group) const {
    tile_sums even, odd;
    std::uint64_t fraction[Tile::sums];
#pragma unroll
    for (std::uint64_t& f : fraction) f = 0;
    narrow_run run(call_.deal, blockIdx.x), joined = run;
    stages at{0, -1, 0};
    const tap_steps taps(plan_, slabs_);
    multiply(even, taps, group, at, [] {});
    run.next();
    while (!run.is_over()) {
      multiply(odd, taps, group, at, [&] { join(even, fraction, joined, group); });
      run.next();
      if (run.is_over()) {
        finish(odd, fraction, joined, group, at);
        return;
      }
      multiply(even, taps, group, at, [&] { join(odd, fraction, joined, group); });
      run.next();
    }
    finish(even, fraction, joined, group, at);
  }

 private:
  /// The stage that is read next, the one before, if it is still read, and the phase of their barriers.
  struct stages {
    int next, before;
    unsigned phase;
  };
  /// Taps of a pair of chunks, by blocks of Tile::down * Tile::across, and how columns move from one block to the next: along a
  /// line, to the next line, to the next pair.
  struct tap_steps {
    int lines, elements, tap_down, tap_across, along, down, pair;
    __device__ tap_steps(const narrow_plan& plan, const narrow_slabs& slabs)
        : lines(plan.taps_down / Tile::down),
          elements(plan.taps_across / Tile::across),
          tap_down(plan.tap_down),
          tap_across(plan.tap_across),
          along(Tile::across * tap_across),
          down(Tile::down * tap_down - elements * along),
          pair(2 * slabs.window - lines * Tile::down * tap_down) {}
  };

  /// The lower halves of descriptors of what a stage begins with; a place is 16 bytes, their unit.
  __device__ std::uint32_t first_rows(int stage) const {
    return static_cast<std::uint32_t>(
        operand_descriptor(stage_ + stage * slabs_.stage_bytes(), narrow_plan::rows * narrow_plan::chunk));
  }
  __device__ std::uint32_t first_columns(int stage, int group) const {
    const unsigned char* const image = stage_ + stage * slabs_.stage_bytes() + slabs_.pairs * slabs_.factor_bytes;
    return static_cast<std::uint32_t>(operand_descriptor(image, slabs_.window * narrow_plan::chunk)) +
           static_cast<std::uint32_t>(group * Tile::columns + plan_.begin - plan_.least);
  }
  /// Has the stage before copied to again.
  __device__ void give_back(const stages& at) const {
    if (threadIdx.x % Tile::group_threads == 0) arrive_barrier(&memory_.empty[at.before]);
  }

  /// Begins all products modulo one number; once those before are over, `then` is done.
  template <class Then>
  __device__ void multiply(tile_sums& sum, const tap_steps& taps, int group, stages& at, Then then) const {
    const int all = plan_.chunks / 2;
    int adds = 0;
#pragma unroll 1
    for (int first = 0; first < all; first += slabs_.pairs) {
      const std::uint32_t rows = first_rows(at.next), columns = first_columns(at.next, group);
      wait_barrier(&memory_.full[at.next], at.phase);
      const int blocks = min(slabs_.pairs, all - first) * taps.lines * taps.elements;
      multiply_slab(sum, taps, rows, columns, blocks, adds);
      adds = 1;
      wait_before(blocks);
      if (at.before >= 0) give_back(at);
      at.before = at.next;
      if (++at.next == slabs_.stages) at.next = 0, at.phase ^= 1;
      if (first == 0) then();
    }
  }
  __device__ void multiply_slab(tile_sums& sum, const tap_steps& taps, std::uint32_t rows, std::uint32_t columns,
                                int blocks, int adds) const {
    int line = 0, element = 0;
#pragma unroll 1
    for (int b = 0; b < blocks; ++b) {
      begin_products();
#pragma unroll
      for (int d = 0; d < Tile::down; ++d)
#pragma unroll
        for (int a = 0; a < Tile::across; ++a, rows += 2 * narrow_plan::rows)
          multiply_bytes(sum, rows, columns + d * taps.tap_down + a * taps.tap_across, d + a > 0 ? 1 : adds);
      end_products();
      adds = 1;
      columns += taps.along;
      if (++element == taps.elements) {
        element = 0;
        columns += taps.down;
        if (++line == taps.lines) line = 0, columns += taps.pair;
      }
    }
  }
  /// Until products before the last so many blocks are over.
  __device__ void wait_before(int blocks) const {
    if (blocks >= 8)
      wait_products<8>();
    else if (blocks >= 2)
      wait_products<2>();
    else
      wait_products<1>();
  }

  /// Adds what a modulus makes of sums that are over to the fractions; stores them after the last of a part.
  __device__ void join(tile_sums& sum, std::uint64_t (&fraction)[Tile::sums], narrow_run& joined, int group) const {
#pragma unroll
    for (std::int32_t& x : sum) asm volatile("" : "+r"(x)::"memory");
    const narrow_share share = parts_of_share(call_.table.of[joined.modulus()].share);
#pragma unroll
    for (int k = 0; k < Tile::sums; ++k) add_share(fraction[k], sum[k], share);
    if (joined.ends_part()) {
      store(joined.begins_only() ? call_.begun(blockIdx.x) : call_.fractions(joined.tile()), group, fraction);
#pragma unroll
      for (std::uint64_t& f : fraction) f = 0;
    }
    joined.next();
  }
  __device__ void finish(tile_sums& sum, std::uint64_t (&fraction)[Tile::sums], narrow_run& joined, int group,
                         const stages& at) const {
    wait_products<0>();
    give_back(at);
    join(sum, fraction, joined, group);
  }
  __device__ void store(std::uint64_t* to, int group, const std::uint64_t (&fraction)[Tile::sums]) const {
    const int thread = static_cast<int>(threadIdx.x) % Tile::group_threads, lane = thread % lanes;
    to += (thread / lanes * 16 + lane / 4) * Tile::all_columns + group * Tile::columns + lane % 4 * 2;
#pragma unroll
    for (int k = 0; k < Tile::sums; k += 4) {
      *reinterpret_cast<ulonglong2*>(to + 2 * k) = {fraction[k], fraction[k + 1]};
      *reinterpret_cast<ulonglong2*>(to + 8 * Tile::all_columns + 2 * k) = {fraction[k + 2], fraction[k + 3]};
    }
  }

  const narrow_call<T, Tile>& call_;
  const narrow_plan& plan_;
  const narrow_slabs& slabs_;
  unsigned char* const stage_;
  narrow_memory& memory_;
};

template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads, 1) multiply_narrow(const __grid_constant__ narrow_call<T, Tile> call) {
  extern __shared__ __align__(128) unsigned char shared[];
  const narrow_product<T, Tile> product(call, shared);
  product.begin();
  cudaGridDependencySynchronize();
  cudaTriggerProgrammaticLaunchCompletion();
  const bool asks = asks_tiles<T, Tile::threads>(call.plan, call.table, call.from, call.p.rows);
  if (blockIdx.x == 0 && threadIdx.x == 0) call.from.state->asks_tiles = asks ? 1 : 0;
  if (asks) return;
  if (threadIdx.x >= Tile::multipliers) {
    lower_registers<Tile::other_registers>();
    if (threadIdx.x == Tile::multipliers) copy_residues(call, shared, product.memory());
  } else {
    raise_registers<Tile::registers>();
    product.multiply_all(__shfl_sync(every_lane, static_cast<int>(threadIdx.x) / Tile::group_threads, 0));
  }
}

}  // namespace halfulp::kernels::cuda
