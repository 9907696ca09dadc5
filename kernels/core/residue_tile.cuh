// Products of residues on tensor cores: tiles of 128 rows, slab by slab through shared memory.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/residue_operands.cuh>
#include <halfulp/kernels/core/residue_wgmma.cuh>

namespace halfulp::kernels::cuda {

/// Two groups of four warps have 64 rows each; a warp more copies.
template <int Columns>
struct residue_tile {
  static constexpr int rows = 128, columns = Columns;
  static constexpr int groups = 2, group_threads = 128, multipliers = groups * group_threads;
  static constexpr int threads = multipliers + group_threads;
  static constexpr int image_bytes = columns * residue_layout::slab_terms,
                       factor_bytes = rows * residue_layout::slab_terms;
  static constexpr int stages = (224 * 1024) / (image_bytes + factor_bytes);
  static constexpr int words = columns / 8;  // of a thread: four residues of sums each
  static constexpr std::int64_t word_step = multipliers, modulus_step = word_step * words,
                                tile_step = modulus_step * moduli;
};

template <class Tile>
struct residue_memory {
  alignas(128) unsigned char image[Tile::stages][Tile::image_bytes];
  alignas(128) unsigned char factor[Tile::stages][Tile::factor_bytes];
  alignas(8) std::uint64_t full[Tile::stages], empty[Tile::stages];
};

/// One tile for each modulus, those of the same modulus one after the other, and of the same columns.
struct residue_tiles {
  std::int64_t down, across;
  __host__ __device__ std::int64_t count() const { return moduli * down * across; }
};

template <class Tile>
class residue_product {
 public:
  __device__ residue_product(const residue_tiles& tiles, const residue_operand& image, const residue_operand& factor,
                             const residue_table& table, std::uint32_t* out, residue_memory<Tile>& memory)
      : tiles_(tiles), image_(image), factor_(factor), table_(table), out_(out), memory_(memory) {}

  __device__ void begin() {
    if (threadIdx.x == 0)
      for (int s = 0; s < Tile::stages; ++s) {
        init_barrier(&memory_.full[s], 1);
        init_barrier(&memory_.empty[s], Tile::groups);
      }
    fence_barriers();
    __syncthreads();
  }

  /// By one thread: copies every slab of the block's tiles as soon as there is room.
  __device__ void copy_all() {
    const std::int64_t slabs = image_.layout.slabs;
    int stage = 0;
    unsigned phase = 1;
    for (std::int64_t t = blockIdx.x; t < tiles_.count(); t += gridDim.x) {
      const place at(tiles_, t);
      const unsigned char* image =
          image_.bytes + at.modulus * image_.layout.bytes() + at.column * slabs * Tile::image_bytes;
      const unsigned char* factor =
          factor_.bytes + at.modulus * factor_.layout.bytes() + at.row * slabs * Tile::factor_bytes;
      for (std::int64_t s = 0; s < slabs; ++s, image += Tile::image_bytes, factor += Tile::factor_bytes) {
        wait_barrier(&memory_.empty[stage], phase);
        expect_bytes(&memory_.full[stage], Tile::image_bytes + Tile::factor_bytes);
        copy_bytes(memory_.image[stage], image, Tile::image_bytes, &memory_.full[stage]);
        copy_bytes(memory_.factor[stage], factor, Tile::factor_bytes, &memory_.full[stage]);
        if (++stage == Tile::stages) stage = 0, phase ^= 1;
      }
    }
  }

  __device__ void multiply_all() {
    const int group = static_cast<int>(threadIdx.x) / Tile::group_threads;
    const bool signals = threadIdx.x % Tile::group_threads == 0;
    int stage = 0;
    unsigned phase = 0;
    for (std::int64_t t = blockIdx.x; t < tiles_.count(); t += gridDim.x) {
      std::int32_t sum[Tile::columns / 2];
#pragma unroll
      for (int& x : sum) x = 0;
      int before = -1;
      for (std::int64_t s = 0; s < image_.layout.slabs; ++s) {
        wait_barrier(&memory_.full[stage], phase);
        begin_products();
        constexpr int chunk_lines = residue_layout::chunk_terms;
#pragma unroll
        for (int c = 0; c < residue_layout::slab_chunks; c += 2) {
          const auto rows = operand_descriptor(memory_.factor[stage] + (c * Tile::rows + group * 64) * chunk_lines,
                                               Tile::rows * chunk_lines);
          const auto columns =
              operand_descriptor(memory_.image[stage] + c * Tile::columns * chunk_lines, Tile::columns * chunk_lines);
          add_byte_products(sum, rows, columns);
        }
        end_products();
        wait_products<1>();
        if (before >= 0 && signals) arrive_barrier(&memory_.empty[before]);
        before = stage;
        if (++stage == Tile::stages) stage = 0, phase ^= 1;
      }
      wait_products<0>();
#pragma unroll
      for (int& x : sum) asm volatile("" : "+r"(x)::"memory");
      if (before >= 0 && signals) arrive_barrier(&memory_.empty[before]);
      store(place(tiles_, t), sum);
    }
  }

 private:
  struct place {
    int modulus;
    std::int64_t row, column;
    __device__ place(const residue_tiles& tiles, std::int64_t t)
        : modulus(static_cast<int>(t / (tiles.down * tiles.across))),
          row(t % (tiles.down * tiles.across) % tiles.down),
          column(t % (tiles.down * tiles.across) / tiles.down) {}
  };

  __device__ void store(const place& at, const std::int32_t (&sum)[Tile::columns / 2]) const {
    const std::uint32_t p = table_.of[at.modulus].p, reciprocal = table_.of[at.modulus].reciprocal;
    const std::uint32_t offset = offset_of(p);
    std::uint32_t* out =
        out_ + (at.column * tiles_.down + at.row) * Tile::tile_step + at.modulus * Tile::modulus_step + threadIdx.x;
#pragma unroll
    for (int w = 0; w < Tile::words; ++w) {
      std::uint32_t r[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) r[k] = reduced(sum[4 * w + k], offset, p, reciprocal);
      out[w * Tile::word_step] = __byte_perm(__byte_perm(r[0], r[1], 0x0040), __byte_perm(r[2], r[3], 0x0040), 0x5410);
    }
  }

  const residue_tiles& tiles_;
  const residue_operand &image_, &factor_;
  const residue_table& table_;
  std::uint32_t* const out_;
  residue_memory<Tile>& memory_;
};

template <class Tile>
__global__ void __launch_bounds__(Tile::threads, 1)
    multiply_residues(const residue_tiles tiles, const __grid_constant__ residue_operand image,
                      const __grid_constant__ residue_operand factor, const __grid_constant__ residue_table table,
                      std::uint32_t* out) {
  extern __shared__ __align__(128) unsigned char shared[];
  residue_product<Tile> product(tiles, image, factor, table, out, *reinterpret_cast<residue_memory<Tile>*>(shared));
  product.begin();
  if (threadIdx.x >= Tile::multipliers) {
    if (threadIdx.x == Tile::multipliers) product.copy_all();
  } else {
    product.multiply_all();
  }
}

}  // namespace halfulp::kernels::cuda
