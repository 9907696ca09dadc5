// Residues on their way to shared memory.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_tile.cuh>

namespace halfulp::kernels::cuda {

/// Copies what a block's tiles read from stage to stage of shared memory, which holds `memory` after them; by one thread.
template <class T, class Tile>
__device__ void copy_residues(const narrow_call<T, Tile>& call, unsigned char* stages, narrow_memory& memory) {
  using form = typename Tile::form;
  const narrow_plan& plan = call.plan;
  const narrow_slabs& slabs = call.slabs;
  const std::int64_t factor_step = std::int64_t{plan.chunks / 2} * slabs.factor_bytes,
                     image_step = std::int64_t{plan.chunks} * plan.places * narrow_plan::chunk;
  const unsigned chunk_bytes = static_cast<unsigned>(slabs.window) * narrow_plan::chunk;
  int stage = 0;
  unsigned phase = 1;
  narrow_place at{};
  int tile = -1;
  for (narrow_run run(call.deal, blockIdx.x); !run.is_over(); run.next()) {
    if (run.tile() != tile) at = call.place_of(tile = run.tile());
    const unsigned char* const factor =
        call.from.factor + ((at.group * plan.row_tiles + at.row_tile) * form::moduli + run.modulus()) * factor_step;
    const unsigned char* const image = call.from.image + (at.group * form::moduli + run.modulus()) * image_step +
                                       std::int64_t{plan.first + at.column + plan.least} * narrow_plan::chunk;
    for (int first = 0; first < plan.chunks / 2; first += slabs.pairs) {
      const int pairs = min(slabs.pairs, plan.chunks / 2 - first);
      wait_barrier(&memory.empty[stage], phase);
      std::uint64_t* const full = &memory.full[stage];
      expect_bytes(full, static_cast<unsigned>(pairs * (slabs.factor_bytes + slabs.image_bytes)));
      unsigned char* const to = stages + stage * slabs.stage_bytes();
      copy_bytes(to, factor + std::int64_t{first} * slabs.factor_bytes,
                 static_cast<unsigned>(pairs * slabs.factor_bytes), full);
      for (int c = 0; c < 2 * pairs; ++c)
        copy_bytes(to + slabs.pairs * slabs.factor_bytes + c * chunk_bytes,
                   image + std::int64_t{2 * first + c} * plan.places * narrow_plan::chunk, chunk_bytes, full);
      if (++stage == slabs.stages) stage = 0, phase ^= 1;
    }
  }
}

}  // namespace halfulp::kernels::cuda
