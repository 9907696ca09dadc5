// Slabs of patches and of groups of taps on their way to shared memory.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/tile_loads.cuh>
#include <halfulp/kernels/core/winograd_taps.cuh>

namespace halfulp::kernels::cuda {

template <class Tile>
class winograd_loads {
 public:
  __device__ winograd_loads(const winograd_plan& plan, const joined_rows& /*rows*/, tile_memory<Tile>& memory)
      : plan_(plan), memory_(memory), thread_(threadIdx.x) {}

  /// Aims at a tile of operands that begin there.
  __device__ void begin(const float* image, const float* factor, const tile_corner& at) {
    if constexpr (!Tile::packed)
      factor_ = factor + plan_.first_factor + (static_cast<std::int64_t>(at.row) + row()) * plan_.places.factor_row;
    const int first = at.column / Tile::outputs;
    if (thread_ < patches) {
      const int j = first + static_cast<int>(thread_);
      tile_place place = plan_.patch_place(static_cast<unsigned>(min(j, plan_.places.columns - 1)), 0);
      if (j >= plan_.places.columns) place.vertical = nowhere;
      memory_.column[thread_] = place;
    }
    const int j = first + static_cast<int>(thread_ / winograd_plan::patch);
    const unsigned e = thread_ % winograd_plan::patch;
    image_ = image;
    if (by_terms()) {
      image_ += static_cast<int>(e) * plan_.image_step;
    } else {
      const tile_place place = plan_.patch_place(static_cast<unsigned>(min(j, plan_.places.columns - 1)), e);
      padding_ = j < plan_.places.columns ? plan_.padding_of(place) : ~0u;
      image_ += place.image;
    }
  }

  /// Taps of the tile's rows, from that slab on.
  __device__ void begin_taps(const packed_factor& taps, std::int64_t slab) {
    taps_ = taps.quads + slab * (Tile::rows * Tile::terms) + thread_;
  }

  /// Every thread notes where a term lies, of this slab or of those that follow.
  __device__ void know_terms(int slab) const {
    const int k = slab * Tile::terms + static_cast<int>(thread_);
    note_term(memory_, plan_.places, k, plan_.places.term_place(known_term(plan_.places, k)), by_terms());
  }

  /// Begins to copy a slab, of which some terms may be past the last.
  __device__ void copy(int slab, int stage) const {
    if (by_terms())
      copy_patches_by_terms(slab, stage);
    else
      copy_patches(slab, stage);
    if constexpr (Tile::packed)
      copy_packed(slab, stage);
    else if (plan_.factor_pairs)
      copy_pairs_of_factor(slab, stage);
    else
      copy_factor(slab, stage);
  }

 private:
  static constexpr unsigned patches = Tile::columns / Tile::outputs, taps = taps_of(Tile::filter), lanes_of_row = 16,
                            rows_apart = Tile::threads / lanes_of_row;

  /// The image's lanes are terms: always, where there are many groups in a line.
  __device__ bool by_terms() const { return !Tile::packed || plan_.places.image_by_terms; }
  /// The first of the rows whose taps this thread copies, and how many there are from it on.
  __device__ unsigned row() const { return thread_ / lanes_of_row; }
  __device__ int rows_left() const { return plan_.places.rows - memory_.piece.at.row - static_cast<int>(row()); }
  __device__ static unsigned first_term(int slab) {
    return static_cast<unsigned>(slab) * Tile::terms % Tile::known_terms;
  }
  __device__ static std::uint32_t address_of(const std::uint32_t& word) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(&word));
  }
  /// An element of a patch a thread, of every term.
  __device__ void copy_patches(int slab, int stage) const {
    constexpr unsigned batch = 8;
    const unsigned j = thread_ / winograd_plan::patch;
    const std::uint32_t to = address_of(memory_.image[stage][thread_ % winograd_plan::patch]);
    const int4* terms = reinterpret_cast<const int4*>(memory_.term + first_term(slab));
#pragma unroll
    for (unsigned i = 0; i < Tile::terms; i += batch) {
      int4 pair[batch / 2];
#pragma unroll
      for (unsigned e = 0; e < batch / 2; ++e) pair[e] = terms[i / 2 + e];
#pragma unroll
      for (unsigned e = 0; e < batch; ++e) {
        const int4 p = pair[e / 2];
        const auto mask = static_cast<unsigned>(e % 2 == 0 ? p.y : p.w);
        copy_or_zero(to + 4 * memory_.patch_at(j, i + e), image_ + (e % 2 == 0 ? p.x : p.z), (padding_ & mask) == 0);
      }
    }
  }
  /// An element of a term a thread, of patches some way apart.
  __device__ void copy_patches_by_terms(int slab, int stage) const {
    constexpr unsigned apart = Tile::threads / (winograd_plan::patch * Tile::terms), batch = 4;
    const unsigned e = thread_ % winograd_plan::patch, k = thread_ / winograd_plan::patch % Tile::terms,
                   first = thread_ / winograd_plan::patch / Tile::terms, known = first_term(slab) + k;
    const term_place term = memory_.term[known];
    const tile_place at{0, term.vertical, memory_.term_horizontal[known] + static_cast<int>(e) * plan_.horizontal_step,
                        0};
    const float* image = image_ + term.image;
    const std::uint32_t to = address_of(memory_.image[stage][e]);
#pragma unroll
    for (unsigned i = 0; i < patches / apart; i += batch) {
      tile_place column[batch];
#pragma unroll
      for (unsigned b = 0; b < batch; ++b)
        *reinterpret_cast<int4*>(column + b) = *reinterpret_cast<const int4*>(memory_.column + first + apart * (i + b));
#pragma unroll
      for (unsigned b = 0; b < batch; ++b)
        copy_or_zero(to + 4 * memory_.patch_at(first + apart * (i + b), k), image + column[b].image,
                     plan_.places.reads(column[b], at));
    }
  }
  __device__ void copy_packed(int slab, int stage) const {
    const uint4* from = taps_ + static_cast<std::int64_t>(slab) * (Tile::rows * Tile::terms);
    const std::uint32_t to = address_of(memory_.factor[stage][memory_.taps_at(row(), thread_ % Tile::terms)]);
    static_assert(lanes_of_row == Tile::terms);
#pragma unroll
    for (unsigned i = 0; i < Tile::rows / rows_apart; ++i)
      copy_quad(to + 4 * memory_.taps_at(i * rows_apart, 0), from + i * Tile::threads);
  }
  /// A group of a row a thread, of rows some way apart.
  __device__ void copy_pairs_of_factor(int slab, int stage) const {
    const unsigned k = thread_ % Tile::terms;
    const int left = slab * Tile::terms + static_cast<int>(k) < plan_.places.depth ? rows_left() : 0;
    const float* factor = factor_ + memory_.term_factor[first_term(slab) + k];
    const std::uint32_t to = address_of(memory_.factor[stage][memory_.taps_at(row(), k)]);
    const std::int64_t step = rows_apart * static_cast<std::int64_t>(plan_.places.factor_row);
#pragma unroll
    for (unsigned r = 0; r < Tile::rows / rows_apart; ++r, factor += step)
      copy_pair_or_zero(to + 4 * memory_.taps_at(rows_apart * r, 0), factor, static_cast<int>(rows_apart * r) < left);
  }
  /// Some taps of a row a thread, neighbours among 16 lanes, of rows some way apart.
  __device__ void copy_factor(int slab, int stage) const {
    const std::uint32_t to = address_of(memory_.factor[stage][0]);
    const std::int64_t step = rows_apart * static_cast<std::int64_t>(plan_.places.factor_row);
#pragma unroll
    for (unsigned i = 0; i < taps; ++i) {
      const unsigned of_row = thread_ % lanes_of_row + lanes_of_row * i, k = of_row / taps, tap = of_row % taps,
                     known = first_term(slab) + k;
      const bool reads = slab * Tile::terms + static_cast<int>(k) < plan_.places.depth &&
                         plan_.has_tap({0, 0, memory_.term_horizontal[known], 0}, static_cast<int>(tap));
      const int left = reads ? rows_left() : 0;
      const float* factor = factor_ + memory_.term_factor[known] + static_cast<int>(tap) * plan_.factor_step;
      const std::uint32_t first = to + 4 * (memory_.taps_at(row(), k) + tap);
#pragma unroll
      for (unsigned r = 0; r < Tile::rows / rows_apart; ++r, factor += step)
        copy_or_zero(first + 4 * memory_.taps_at(rows_apart * r, 0), factor, static_cast<int>(rows_apart * r) < left);
    }
  }

  const winograd_plan& plan_;
  tile_memory<Tile>& memory_;
  unsigned thread_;
  const float *image_ = nullptr, *factor_ = nullptr;
  const uint4* taps_ = nullptr;
  unsigned padding_ = 0;
};

}  // namespace halfulp::kernels::cuda
