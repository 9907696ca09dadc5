// Products of residues on tensor cores, joined in registers and rounded.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_image.cuh>
#include <halfulp/kernels/core/narrow_rounding.cuh>
#include <halfulp/kernels/core/residue_wgmma.cuh>

namespace halfulp::kernels::cuda {

/// Two groups of four warps have 64 rows of `columns` columns each, and multiply in turns; four warps more copy, and find
/// where sums go.
template <class Form_, int Columns, int Down = 3, int Across = 3>
struct narrow_tile {
  using form = Form_;
  static constexpr int down = Down, across = Across;  // taps whose products are written out: all, or one at a time
  static constexpr int groups = 2, columns = Columns, all_columns = groups * columns, sums = columns / 2;
  static constexpr int group_threads = 128, multipliers = groups * group_threads, threads = multipliers + group_threads;
  static constexpr int registers = 232, other_registers = 40;
  static constexpr int finders = group_threads - lanes;  // threads that find where sums go
};

/// How residues of a tile come to shared memory: slabs of so many pairs of chunks, each to one of the stages.
struct narrow_slabs {
  int pairs, slabs, stages, window;
  int factor_bytes, image_bytes;  // of a pair

  __host__ __device__ int stage_bytes() const { return pairs * (factor_bytes + image_bytes); }
};

/// Where the sum of a column goes from its row's first, below 0 where there is none; and how many numbers were rounded that
/// it is made of. Read as four words together.
union narrow_column {
  struct {
    double lost;
    std::int32_t out;
  } is;
  int4 words;
};

template <class Tile>
struct narrow_memory {
  static constexpr int most_stages = 8;
  narrow_column column[2][Tile::all_columns];
  alignas(8) std::uint64_t full[most_stages], empty[most_stages], found[2], used[2];
};

/// A tile by its number: tiles of the same columns follow one another.
struct narrow_place {
  std::int64_t group, row_tile;
  int column;
};
template <class Tile>
__device__ narrow_place narrow_place_of(const narrow_plan& plan, std::int64_t t) {
  const std::int64_t across = (plan.columns + Tile::all_columns - 1) / Tile::all_columns, above = t / plan.row_tiles;
  return {above / across, t % plan.row_tiles, static_cast<int>(above % across) * Tile::all_columns};
}

template <int Registers>
__device__ inline void raise_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Registers));
}
template <int Registers>
__device__ inline void lower_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Registers));
}
template <int Threads>
__device__ inline void wait_turn(int group) {
  asm volatile("bar.sync %0, %1;" ::"r"(group + 1), "n"(Threads) : "memory");
}
template <int Threads>
__device__ inline void give_turn(int group) {
  asm volatile("bar.arrive %0, %1;" ::"r"(group + 1), "n"(Threads) : "memory");
}

template <class T, class Tile>
class narrow_product {
 public:
  using form = typename Tile::form;
  __device__ narrow_product(const window_product<T>& p, const narrow_plan& plan, const narrow_slabs& slabs,
                            const narrow_operands& from, const narrow_table<form>& table, std::int64_t tiles,
                            const left_sums& left, unsigned char* shared)
      : p_(p),
        plan_(plan),
        slabs_(slabs),
        from_(from),
        table_(table),
        tiles_(tiles),
        left_(left),
        stage_(shared),
        memory_(*reinterpret_cast<narrow_memory<Tile>*>(shared + slabs.stages * slabs.stage_bytes())) {}

  __device__ void begin() const {
    if (threadIdx.x == 0) {
      for (int s = 0; s < slabs_.stages; ++s) {
        init_barrier(&memory_.full[s], 1);
        init_barrier(&memory_.empty[s], Tile::groups);
      }
      for (int b = 0; b < 2; ++b) {
        init_barrier(&memory_.found[b], Tile::finders);
        init_barrier(&memory_.used[b], Tile::groups);
      }
    }
    fence_barriers();
    __syncthreads();
  }

  /// By one thread.
  __device__ void copy_all() const {
    const std::int64_t factor_step = std::int64_t{plan_.chunks / 2} * slabs_.factor_bytes,
                       image_step = std::int64_t{plan_.chunks} * plan_.places * narrow_plan::chunk;
    const unsigned chunk_bytes = static_cast<unsigned>(slabs_.window) * narrow_plan::chunk;
    int stage = 0;
    unsigned phase = 1;
    for (std::int64_t t = blockIdx.x; t < tiles_; t += gridDim.x) {
      const narrow_place at = narrow_place_of<Tile>(plan_, t);
      const unsigned char* factor =
          from_.factor + (at.group * plan_.row_tiles + at.row_tile) * form::moduli * factor_step;
      const unsigned char* image = from_.image + at.group * form::moduli * image_step +
                                   std::int64_t{plan_.first + at.column + plan_.least} * narrow_plan::chunk;
      for (int i = 0; i < form::moduli; ++i, factor += factor_step, image += image_step)
        for (int first = 0; first < plan_.chunks / 2; first += slabs_.pairs) {
          const int pairs = min(slabs_.pairs, plan_.chunks / 2 - first);
          wait_barrier(&memory_.empty[stage], phase);
          std::uint64_t* const full = &memory_.full[stage];
          expect_bytes(full, static_cast<unsigned>(pairs * (slabs_.factor_bytes + slabs_.image_bytes)));
          unsigned char* const to = stage_ + stage * slabs_.stage_bytes();
          copy_bytes(to, factor + std::int64_t{first} * slabs_.factor_bytes,
                     static_cast<unsigned>(pairs * slabs_.factor_bytes), full);
          for (int c = 0; c < 2 * pairs; ++c)
            copy_bytes(to + slabs_.pairs * slabs_.factor_bytes + c * chunk_bytes,
                       image + std::int64_t{2 * first + c} * plan_.places * narrow_plan::chunk, chunk_bytes, full);
          if (++stage == slabs_.stages) stage = 0, phase ^= 1;
        }
    }
  }

  /// By `finders` threads.
  __device__ void find_columns(int thread) const {
    int buffer = 0;
    unsigned phase = 1;
    for (std::int64_t t = blockIdx.x; t < tiles_; t += gridDim.x) {
      const narrow_place at = narrow_place_of<Tile>(plan_, t);
      wait_barrier(&memory_.used[buffer], phase);
      for (int c = thread; c < Tile::all_columns; c += Tile::finders)
        memory_.column[buffer][c] = find_column(at.group, at.column + c);
      arrive_barrier(&memory_.found[buffer]);
      buffer ^= 1;
      if (buffer == 0) phase ^= 1;
    }
  }

  __device__ void multiply_all(int group) const {
    const bool signals = threadIdx.x % Tile::group_threads == 0;
    int stage = 0, buffer = 0;
    unsigned phase = 0, found = 0;
    // While a group waits for its turn it has no stage copied to again.
    const bool takes_turns = slabs_.slabs <= slabs_.stages;
    if (takes_turns && group == 1) give_turn<Tile::multipliers>(0);
    for (std::int64_t t = blockIdx.x; t < tiles_; t += gridDim.x) {
      std::uint64_t fraction[Tile::sums];
#pragma unroll
      for (std::uint64_t& f : fraction) f = 0;
#pragma unroll 1
      for (int i = 0; i < form::moduli; ++i) {
        std::int32_t sum[Tile::sums];
        narrow_share share = parts_of_share(table_.of[i].share);
        asm volatile("" : "+r"(share.low), "+r"(share.high));
        int adds = 0, before = -1;
#pragma unroll 1
        for (int first = 0; first < plan_.chunks / 2; first += slabs_.pairs) {
          const std::uint32_t rows = first_rows(stage), columns = first_columns(stage, group);
          wait_barrier(&memory_.full[stage], phase);
          if (takes_turns && first == 0) wait_turn<Tile::multipliers>(group);
          multiply_slab(sum, rows, columns, min(slabs_.pairs, plan_.chunks / 2 - first), adds, before);
          before = stage;
          if (++stage == slabs_.stages) stage = 0, phase ^= 1;
        }
        if (takes_turns && (group == 0 || i + 1 < form::moduli || t + gridDim.x < tiles_))
          give_turn<Tile::multipliers>(group ^ 1);
        wait_products<0>();
#pragma unroll
        for (std::int32_t& x : sum) asm volatile("" : "+r"(x)::"memory");
        if (signals) arrive_barrier(&memory_.empty[before]);
#pragma unroll
        for (int k = 0; k < Tile::sums; ++k) add_share(fraction[k], sum[k], share);
      }
      wait_barrier(&memory_.found[buffer], found);
      round(narrow_place_of<Tile>(plan_, t), memory_.column[buffer] + group * Tile::columns, group, fraction);
      asm volatile("bar.sync %0, %1;" ::"r"(group + 3), "n"(Tile::group_threads) : "memory");
      if (signals) arrive_barrier(&memory_.used[buffer]);
      buffer ^= 1;
      if (buffer == 0) found ^= 1;
    }
  }

 private:
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
  /// Has `before`, a stage that products read, copied to again once they are over.
  __device__ void multiply_slab(std::int32_t (&sum)[Tile::sums], std::uint32_t rows, std::uint32_t columns, int pairs,
                                int& adds, int before) const {
    const int lines = plan_.taps_down / Tile::down, elements = plan_.taps_across / Tile::across;
#pragma unroll 1
    for (int pair = 0; pair < pairs; ++pair, columns += 2 * slabs_.window)
#pragma unroll 1
      for (int v = 0; v < lines; ++v)
#pragma unroll 1
        for (int h = 0; h < elements; ++h) {
          const std::uint32_t at = columns + v * Tile::down * plan_.tap_down + h * Tile::across * plan_.tap_across;
          begin_products();
#pragma unroll
          for (int d = 0; d < Tile::down; ++d)
#pragma unroll
            for (int a = 0; a < Tile::across; ++a, rows += 2 * narrow_plan::rows)
              multiply_bytes(sum, rows, at + d * plan_.tap_down + a * plan_.tap_across, d + a > 0 ? 1 : adds);
          end_products();
          adds = 1;
          if (pair + v + h > 0 || before < 0) continue;
          wait_products<1>();
          if (threadIdx.x % Tile::group_threads == 0) arrive_barrier(&memory_.empty[before]);
        }
  }

  __device__ narrow_column find_column(std::int64_t group, int number) const {
    const narrow_index c = plan_.column_at(number);
    if (!c.exists) return {{0, -1}};
    int lost = 0;
    const int* from = from_.lost + group * plan_.places + plan_.first + number + plan_.begin;
    for (int down = 0; down < plan_.taps_down; down += Tile::down)
      for (int across = 0; across < plan_.taps_across; across += Tile::across)
#pragma unroll
        for (int d = 0; d < Tile::down; ++d)
#pragma unroll
          for (int a = 0; a < Tile::across; ++a)
            lost += from[(down + d) * plan_.tap_down + (across + a) * plan_.tap_across];
    return {{static_cast<double>(lost),
             static_cast<std::int32_t>(c.outer * p_.out.outer_step + c.vertical * p_.out.vertical_step +
                                       c.horizontal * p_.out.horizontal_step)}};
  }

  /// Rounds a thread's sums, eight at a time, without a branch between them.
  __device__ void round(const narrow_place& at, const narrow_column* column, int group,
                        std::uint64_t (&fraction)[Tile::sums]) const {
    const int thread = static_cast<int>(threadIdx.x) % Tile::group_threads, lane = thread % lanes;
    const int first_row = thread / lanes * 16 + lane / 4, first_column = lane % 4 * 2;
    const int exponent = image_exponent<form>(from_.state->largest);
    const double image_scale = exponent == no_exponent ? NAN : __hiloint2double((exponent + 1023) << 20, 0);
#pragma unroll 1
    for (int half = 0; half < 2; ++half) {
      if (half == 1)
#pragma unroll
        for (int k = 0; k < Tile::sums; k += 4) fraction[k] = fraction[k + 2], fraction[k + 1] = fraction[k + 3];
      const std::int64_t r = at.row_tile * narrow_plan::rows + first_row + 8 * half;
      if (r >= p_.rows) continue;
      const narrow_row row =
          from_.row[(at.group * plan_.row_tiles + at.row_tile) * narrow_plan::rows + first_row + 8 * half];
      const double start = p_.start == nullptr ? 0 : widen(p_.start[at.group * p_.rows + r]);
      const narrow_rounding sums = narrow_rounding_of(row, table_, image_scale, start);
      T* const out = p_.out.data + at.group * p_.out.group_step + r * p_.out.row_step;
      auto out_address = reinterpret_cast<std::uintptr_t>(out);
      asm volatile("" : "+l"(out_address));
      std::conditional_t<Tile::columns <= 128, std::uint32_t, std::uint64_t> left = 0;
      using bits = decltype(left);
      constexpr int all = Tile::columns / 4, batch = all % 8 == 0 ? 8 : all % 12 == 0 ? 12 : 14;
      static_assert(all % batch == 0);
#pragma unroll
      for (int first = 0; first < all; first += batch) {
        // Read before anything is written, so that sums need not wait for one another.
        narrow_column to[batch];
        T rounded[batch];
#pragma unroll
        for (int k = 0; k < batch; ++k)
          to[k].words = column[(first + k) / 2 * 8 + first_column + (first + k) % 2].words;
#pragma unroll
        for (int k = 0; k < batch; ++k)
          left |= sums.round(fraction[(first + k) / 2 * 4 + (first + k) % 2], to[k].is.lost, rounded[k])
                      ? bits{0}
                      : bits{1} << (first + k);
#pragma unroll
        for (int k = 0; k < batch; ++k)
          if (to[k].is.out >= 0)
            store_global(out_address + to[k].is.out * static_cast<std::int64_t>(sizeof(T)), rounded[k]);
      }
      if (!sums.is_scaled()) left = ~bits{0} >> (sizeof(bits) * 8 - all);
      for (; left != 0; left &= left - 1) {
        const int k = __ffsll(static_cast<long long>(left)) - 1, c = k / 2 * 8 + first_column + k % 2;
        if (column[c].is.out >= 0) leave(at, r, at.column + group * Tile::columns + c);
      }
    }
  }
  __device__ void leave(const narrow_place& at, std::int64_t r, int number) const {
    const narrow_index c = plan_.column_at(number);
    const std::int64_t line = std::int64_t{c.outer} * plan_.column_lines + c.vertical;
    left_.add((at.group * p_.rows + r) * p_.columns() + line * plan_.column_width + c.horizontal);
  }

  const window_product<T>& p_;
  const narrow_plan& plan_;
  const narrow_slabs& slabs_;
  const narrow_operands& from_;
  const narrow_table<form>& table_;
  const std::int64_t tiles_;
  const left_sums left_;
  unsigned char* const stage_;
  narrow_memory<Tile>& memory_;
};

template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads, 1)
    multiply_narrow(const __grid_constant__ window_product<T> p, const __grid_constant__ narrow_plan plan,
                    const __grid_constant__ narrow_slabs slabs, const __grid_constant__ narrow_operands from,
                    const __grid_constant__ narrow_table<typename Tile::form> table, std::int64_t tiles,
                    left_sums left) {
  extern __shared__ __align__(128) unsigned char shared[];
  const narrow_product<T, Tile> product(p, plan, slabs, from, table, tiles, left, shared);
  product.begin();
  cudaGridDependencySynchronize();
  if (from.state->asks_tiles != 0) return;
  if (threadIdx.x >= Tile::multipliers) {
    lower_registers<Tile::other_registers>();
    const int thread = static_cast<int>(threadIdx.x) - Tile::multipliers;
    if (thread == 0) product.copy_all();
    if (thread >= lanes) product.find_columns(thread - lanes);
  } else {
    raise_registers<Tile::registers>();
    product.multiply_all(__shfl_sync(every_lane, static_cast<int>(threadIdx.x) / Tile::group_threads, 0));
  }
}

}  // namespace halfulp::kernels::cuda
