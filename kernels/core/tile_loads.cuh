// Slabs of both operands of a tile on their way from device memory to shared memory, while others are multiplied.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/tile.cuh>
#include <halfulp/kernels/core/tile_copies.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int nowhere = -(1 << 30);  // together with any other place, outside

/// Term k, or the last one where there are fewer.
__device__ inline unsigned known_term(const tile_plan& plan, int k) {
  return static_cast<unsigned>(min(k, plan.depth - 1));
}

/// Notes where term k lies, `at`, or that it is past the last: by its mask, or, where the image's lanes are terms, its place.
template <class Tile>
__device__ void note_term(tile_memory<Tile>& memory, const tile_plan& plan, int k, tile_place at, bool by_terms) {
  if (!by_terms)
    at.vertical =
        static_cast<int>(k < plan.depth ? plan.mask_of_term(known_term(plan, k)) : 1u << tile_plan::never_bit);
  else if (k >= plan.depth)
    at.vertical = nowhere;
  const unsigned i = static_cast<unsigned>(k) % Tile::known_terms;
  memory.term[i] = {at.image, at.vertical};
  memory.term_horizontal[i] = at.horizontal;
  memory.term_factor[i] = at.factor;
}

template <class Tile>
class tile_loads {
 public:
  using element = typename Tile::element;
  __device__ tile_loads(const tile_plan& plan, const joined_rows& rows, tile_memory<Tile>& memory)
      : plan_(plan), rows_(rows), memory_(memory), thread_(threadIdx.x), factor_row_(first_factor_row()) {}

  /// Aims at a tile of operands that begin there.
  __device__ void begin(const element* image, const element* factor, const tile_corner& at) {
    if constexpr (Tile::joined) {
      factor_ = kept(factor);
      begin_joined(at.row);
    } else {
      factor_ = kept(factor + (static_cast<std::int64_t>(at.row) + factor_row_) * plan_.factor_row);
    }
    rows_left_ = plan_.rows - at.row - static_cast<int>(factor_row_);
    const int j = at.column + static_cast<int>(thread_ % Tile::columns);
    tile_place column = plan_.column_place(static_cast<unsigned>(min(j, plan_.columns - 1)));
    if (j >= plan_.columns) column.vertical = nowhere;
    padding_ = j < plan_.columns ? plan_.padding_of_column(column) : ~0u;
    column.factor = static_cast<int>(padding_);
    if (thread_ < Tile::columns) memory_.column[thread_] = column;
    image_ = kept(plan_.image_by_terms || Tile::quads != quads_of::none ? image : image + column.image);
  }

  /// Every thread notes where a term lies, of this slab or of those that follow.
  __device__ void know_terms(int slab) const {
    const int k = slab * Tile::terms + static_cast<int>(thread_);
    const tile_place at = plan_.term_place(known_term(plan_, k));
    if constexpr (Tile::joined)  // terms of a phase descend by one place
      memory_.term_tap[static_cast<unsigned>(k) % Tile::known_terms] = {-at.vertical * rows_.down.tap_step,
                                                                        -at.horizontal * rows_.across.tap_step};
    note_term(memory_, plan_, k, at, plan_.image_by_terms);
  }

  /// Begins to copy a slab, of which some terms may be past the last; where operands are short, to registers.
  __device__ void copy(int slab, int stage) {
    if constexpr (Tile::quads == quads_of::terms)
      copy_quads_of_terms(slab, stage);
    else if constexpr (Tile::quads == quads_of::columns)
      copy_quads_of_columns(slab, stage);
    else if (plan_.image_by_terms)
      copy_image_by_terms(slab, stage);
    else
      copy_image_by_columns(slab, stage);
    if constexpr (Tile::joined)
      copy_factor_of_joined_rows(slab, stage);
    else if (has_quads && plan_.factor_quads == quads_of::terms)
      copy_factor_by_quads(slab, stage);
    else if (plan_.factor_by_rows)
      copy_factor_by_rows(slab, stage);
    else
      copy_factor_by_terms(slab, stage);
  }

  /// Makes the short operands of the slab that was copied last binary32 numbers.
  __device__ void store(int stage) const {
    const std::uint32_t image = address_of(memory_.image[stage][0]), factor = address_of(memory_.factor[stage][0]);
    const unsigned k = thread_ % Tile::terms;
    if (plan_.image_by_terms)
      store_all(image_value_, image,
                [&](unsigned i) { return memory_.image_at(k, thread_ / Tile::terms + columns_apart * i); });
    else
      store_all(image_value_, image + thread_ / Tile::columns * Tile::image_loads * Tile::columns * 4,
                [&](unsigned i) { return memory_.image_at(i, thread_ % Tile::columns); });
    if (plan_.factor_by_rows && !Tile::joined)
      store_all(factor_value_, factor,
                [&](unsigned i) { return memory_.factor_at(factor_row_, thread_ / Tile::rows + i * terms_apart); });
    else
      store_all(factor_value_, factor + 4 * memory_.factor_at(factor_row_, k),
                [&](unsigned i) { return i * columns_apart * Tile::terms; });
  }

 private:
  static constexpr unsigned columns_apart = Tile::threads / Tile::terms, terms_apart = Tile::threads / Tile::rows;
  static constexpr int batch = 8;  // elements whose places are read before the first is copied
  static constexpr bool has_quads = Tile::quads != quads_of::none;
  static constexpr unsigned quads = Tile::terms / 4;  // of a column or a row

  /// The first of the rows whose factors this thread copies.
  __device__ unsigned first_factor_row() const {
    if (has_quads && plan_.factor_quads == quads_of::terms) return thread_ / quads;
    return plan_.factor_by_rows && !Tile::joined ? thread_ % Tile::rows : thread_ / Tile::terms;
  }
  /// An element of this thread's share of a slab: to shared memory, or where it is short to a register.
  __device__ void copy_element(std::uint16_t& value, std::uint32_t to, const element* from, bool reads) const {
    if constexpr (is_short<Tile>)
      value = read_or_zero(from, reads);
    else
      copy_or_zero(to, from, reads);
  }
  template <unsigned Loads, class Place>
  __device__ static void store_all(const std::uint16_t (&value)[Loads], std::uint32_t to, Place place) {
#pragma unroll
    for (unsigned i = 0; i < Loads; ++i) {
      const float wide = widen_binary32(from_bits<element>(value[i]));
      asm volatile("st.shared.f32 [%0], %1;" ::"r"(to + 4 * place(i)), "f"(wide) : "memory");
    }
  }
  /// A pointer that compilers keep in registers, and do not compute anew.
  __device__ static const element* kept(const element* p) {
    asm volatile("" : "+l"(p));
    return p;
  }
  __device__ static unsigned first_term(int slab) {
    return static_cast<unsigned>(slab) * Tile::terms % Tile::known_terms;
  }
  __device__ static std::uint32_t address_of(const std::uint32_t& word) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(&word));
  }
  /// A column a thread, neighbouring terms.
  __device__ void copy_image_by_columns(int slab, int stage) {
    const unsigned c = thread_ % Tile::columns, first = thread_ / Tile::columns * Tile::image_loads;
    const term_place* terms = memory_.term + first_term(slab) + first;
    const std::uint32_t to = address_of(memory_.image[stage][first * Tile::columns]);
#pragma unroll
    for (unsigned i = 0; i < Tile::image_loads; i += batch) {
      int4 pair[batch / 2];
#pragma unroll
      for (unsigned e = 0; e < batch / 2; ++e) pair[e] = reinterpret_cast<const int4*>(terms + i)[e];
#pragma unroll
      for (unsigned e = 0; e < batch; ++e) {
        const int4 p = pair[e / 2];
        const auto mask = static_cast<unsigned>(e % 2 == 0 ? p.y : p.w);
        copy_element(image_value_[i + e], to + 4 * memory_.image_at(i + e, c), image_ + (e % 2 == 0 ? p.x : p.z),
                     (padding_ & mask) == 0);
      }
    }
  }
  /// A term a thread, columns some way apart.
  __device__ void copy_image_by_terms(int slab, int stage) {
    const unsigned k = thread_ % Tile::terms, first = thread_ / Tile::terms, known = first_term(slab) + k;
    const term_place term = memory_.term[known];
    const tile_place at{0, term.vertical, memory_.term_horizontal[known], 0};
    const element* image = kept(image_ + term.image);
    const std::uint32_t to = address_of(memory_.image[stage][0]);
#pragma unroll
    for (unsigned i = 0; i < Tile::image_loads; i += batch / 2) {
      tile_place column[batch / 2];
#pragma unroll
      for (unsigned e = 0; e < batch / 2; ++e)
        *reinterpret_cast<int4*>(column + e) =
            *reinterpret_cast<const int4*>(memory_.column + first + columns_apart * (i + e));
#pragma unroll
      for (unsigned e = 0; e < batch / 2; ++e)
        copy_element(image_value_[i + e], to + 4 * memory_.image_at(k, first + columns_apart * (i + e)),
                     image + column[e].image, plan_.reads(column[e], at));
    }
  }
  /// A quad a thread, columns some way apart.
  __device__ void copy_quads_of_terms(int slab, int stage) const {
    constexpr unsigned apart = Tile::threads / quads;
    const unsigned k = thread_ % quads * 4, slot = thread_ / quads;
    const term_place term = memory_.term[first_term(slab) + k];
    const element* image = image_ + term.image;
    const tile_place* column = memory_.column + memory_.column_of_slot(slot);
    const std::uint32_t to = address_of(memory_.image[stage][memory_.factor_at(slot, k)]);
    int4 at[Tile::columns / apart];
#pragma unroll
    for (unsigned i = 0; i < Tile::columns / apart; ++i) at[i] = *reinterpret_cast<const int4*>(column + i * apart);
#pragma unroll
    for (unsigned i = 0; i < Tile::columns / apart; ++i)
      copy_quad_or_zero(to + 4 * i * apart * Tile::terms, image + at[i].x, (at[i].w & term.vertical) == 0);
  }
  /// Four columns a thread, some terms.
  __device__ void copy_quads_of_columns(int slab, int stage) const {
    constexpr unsigned across = Tile::columns / 4, down = Tile::threads / across;
    const unsigned c = thread_ % across * 4, first = thread_ / across;
    tile_place column;
    *reinterpret_cast<int4*>(&column) = *reinterpret_cast<const int4*>(memory_.column + c);
    const element* image = image_ + column.image;
    const unsigned known = first_term(slab) + first;
    const std::uint32_t to = address_of(memory_.image[stage][0]);
    tile_place at[Tile::terms / down];
#pragma unroll
    for (unsigned i = 0; i < Tile::terms / down; ++i) {
      const term_place term = memory_.term[known + i * down];
      at[i] = {term.image, term.vertical, memory_.term_horizontal[known + i * down], 0};
    }
#pragma unroll
    for (unsigned i = 0; i < Tile::terms / down; ++i)
      copy_quad_or_zero(to + 4 * memory_.image_at(first + i * down, c), image + at[i].image,
                        plan_.reads(column, at[i]));
  }
  /// A quad of terms a thread, rows some way apart.
  __device__ void copy_factor_by_quads(int slab, int stage) const {
    constexpr int apart = Tile::threads / quads;
    const unsigned k = thread_ % quads * 4;
    const int left = slab * Tile::terms + static_cast<int>(k) < plan_.depth ? rows_left_ : 0;
    const element* factor = factor_ + memory_.term_factor[first_term(slab) + k];
    const std::uint32_t to = address_of(memory_.factor[stage][memory_.factor_at(factor_row_, k)]);
#pragma unroll
    for (int i = 0; i < Tile::rows / apart; ++i)
      copy_quad_or_zero(to + static_cast<std::uint32_t>(i) * apart * Tile::terms * 4,
                        factor + static_cast<std::int64_t>(i * apart) * plan_.factor_row, apart * i < left);
  }
  /// A row a thread, some terms.
  __device__ void copy_factor_by_rows(int slab, int stage) {
    const unsigned first = thread_ / Tile::rows;
    const int* terms = memory_.term_factor + first_term(slab) + first;
    const std::uint32_t to = address_of(memory_.factor[stage][0]);
    const int terms_left = plan_.depth - slab * Tile::terms - static_cast<int>(first);
    int term[Tile::factor_loads];
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i) term[i] = terms[i * terms_apart];
#pragma unroll
    for (unsigned i = 0; i < Tile::factor_loads; ++i)
      copy_element(factor_value_[i], to + 4 * memory_.factor_at(factor_row_, first + i * terms_apart),
                   factor_ + term[i], rows_left_ > 0 && static_cast<int>(i * terms_apart) < terms_left);
  }
  /// A term a thread, rows some way apart.
  __device__ void copy_factor_by_terms(int slab, int stage) {
    const unsigned k = thread_ % Tile::terms;
    const int left = slab * Tile::terms + static_cast<int>(k) < plan_.depth ? rows_left_ : 0;
    const element* factor = factor_ + memory_.term_factor[first_term(slab) + k];
    const std::uint32_t to = address_of(memory_.factor[stage][memory_.factor_at(factor_row_, k)]);
    constexpr int apart = Tile::threads / Tile::terms;
    const std::int64_t step = apart * static_cast<std::int64_t>(plan_.factor_row);
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i, factor += step)
      copy_element(factor_value_[i], to + static_cast<std::uint32_t>(i) * apart * Tile::terms * 4, factor,
                   apart * i < left);
  }

  __device__ void begin_joined(int row) const {
    const int r = row + static_cast<int>(thread_);
    if (thread_ >= Tile::rows) return;
    const joined_row at = rows_.at(min(r, plan_.rows - 1));
    memory_.row[thread_] = {at.factor, r < plan_.rows ? at.vertical_tap : nowhere, at.horizontal_tap, 0};
  }
  /// A term a thread, rows some way apart, of the taps that they have.
  __device__ void copy_factor_of_joined_rows(int slab, int stage) {
    constexpr int apart = Tile::threads / Tile::terms;
    const unsigned k = thread_ % Tile::terms, known = first_term(slab) + k;
    const int left = slab * Tile::terms + static_cast<int>(k) < plan_.depth ? rows_left_ : 0;
    const element* factor = kept(factor_ + memory_.term_factor[known]);
    const int2 tap = memory_.term_tap[known];
    const std::uint32_t to = address_of(memory_.factor[stage][memory_.factor_at(factor_row_, k)]);
    tile_place row[Tile::factor_loads];
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i)
      *reinterpret_cast<int4*>(row + i) = *reinterpret_cast<const int4*>(memory_.row + factor_row_ + apart * i);
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i)
      copy_element(
          factor_value_[i], to + static_cast<std::uint32_t>(i) * apart * Tile::terms * 4, factor + row[i].image,
          apart * i < left && static_cast<unsigned>(row[i].vertical + tap.x) < static_cast<unsigned>(rows_.down.taps) &&
              static_cast<unsigned>(row[i].horizontal + tap.y) < static_cast<unsigned>(rows_.across.taps));
  }

  const tile_plan& plan_;
  const joined_rows& rows_;
  tile_memory<Tile>& memory_;
  unsigned thread_, factor_row_;
  int rows_left_ = 0;
  const element *image_ = nullptr, *factor_ = nullptr;
  std::uint16_t image_value_[Tile::image_loads], factor_value_[Tile::factor_loads];  // of short operands
  unsigned padding_ = 0;
};

}  // namespace halfulp::kernels::cuda
