// Products of residues on tensor cores, joined in registers and rounded.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_operands.cuh>
#include <halfulp/kernels/core/residue_wgmma.cuh>

namespace halfulp::kernels::cuda {

/// Two groups of four warps have 64 rows of `columns` columns each, and multiply in turns; four warps more copy, and find
/// where sums go.
template <class Form_, int Columns, int Across = 3>
struct narrow_tile {
  using form = Form_;
  static constexpr int across = Across;  // taps of a line that are multiplied together: all, or one
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

/// Where the sum of a column goes; out < 0: there is none.
struct narrow_column {
  std::int64_t out;
  double lost;
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

/// What the sums of a row need to be rounded.
struct narrow_rounding {
  double scale, largest, least, start;

  __device__ bool is_scaled() const { return least < INFINITY; }
  /// Whether every number within the bound of the sum is rounded alike; never where it may be 0.
  template <class T>
  __device__ bool round(std::uint64_t fraction, double lost, T& rounded) const {
    // The upper 52 bits of the fraction, and what makes it positive, as a binary64 number.
    constexpr double offset = 0x1p52 + 0x1p51;
    const double upper = __longlong_as_double(
        static_cast<long long>(((fraction + (std::uint64_t{1} << 63)) >> 12) + (std::uint64_t{0x433} << 52)));
    const double sum = fma(upper - offset, scale, start);
    const double t = fma(fabs(sum), 0x1p-51, fma(lost, largest, least));
    const std::uint32_t below = rounded_bits(sum - t, T{}), above = rounded_bits(sum + t, T{});
    rounded = from_bits<T>(static_cast<bits_t<T>>(below));
    return below == above;
  }
};
template <class Form>
__device__ narrow_rounding narrow_rounding_of(const narrow_row& row, const narrow_table<Form>& table, double image_scale,
                                              double start) {
  const double unit = row.scale * image_scale, place = table.all * 0x1p-52 * unit;
  return {place, row.largest * unit, fma(row.lost, unit, fma(fabs(start), 0x1p-51, place)), start};
}

/// Has what one modulus asks for in registers.
__device__ inline void keep(narrow_steps& s) {
  asm volatile("" : "+f"(s.inverse_of_16), "+r"(s.p), "+l"(s.share));
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
#ifndef NO_TURN
    if (group == 1) give_turn<Tile::multipliers>(0);
#endif
    for (std::int64_t t = blockIdx.x; t < tiles_; t += gridDim.x) {
      std::uint64_t fraction[Tile::sums];
#pragma unroll
      for (std::uint64_t& f : fraction) f = table_.begin;
#pragma unroll 1
      for (int i = 0; i < form::moduli; ++i) {
        std::int32_t sum[Tile::sums];
        narrow_steps steps = table_.of[i];
        keep(steps);
#ifndef NO_TURN
        wait_turn<Tile::multipliers>(group);
#endif
        int adds = 0, before = -1;
#pragma unroll 1
        for (int first = 0; first < plan_.chunks / 2; first += slabs_.pairs) {
          wait_barrier(&memory_.full[stage], phase);
          multiply_slab(sum, stage, min(slabs_.pairs, plan_.chunks / 2 - first), group, adds, before);
          before = stage;
          if (++stage == slabs_.stages) stage = 0, phase ^= 1;
        }
#ifndef NO_TURN
        if (group == 0 || i + 1 < form::moduli || t + gridDim.x < tiles_) give_turn<Tile::multipliers>(group ^ 1);
#endif
        wait_products<0>();
#pragma unroll
        for (std::int32_t& x : sum) asm volatile("" : "+r"(x)::"memory");
        if (signals) arrive_barrier(&memory_.empty[before]);
#pragma unroll
        for (int k = 0; k < Tile::sums; ++k)
#ifdef NO_REDUCE
          fraction[k] += static_cast<std::uint32_t>(sum[k]);
#else
          add_share(fraction[k], sum[k], steps);
#endif
      }
      wait_barrier(&memory_.found[buffer], found);
#ifdef NO_ROUND
      if (fraction[0] == 12345)
#endif
      round(narrow_place_of<Tile>(plan_, t), memory_.column[buffer] + group * Tile::columns, group, fraction);
      asm volatile("bar.sync %0, %1;" ::"r"(group + 3), "n"(Tile::group_threads) : "memory");
      if (signals) arrive_barrier(&memory_.used[buffer]);
      buffer ^= 1;
      if (buffer == 0) found ^= 1;
    }
  }

 private:
  /// Has `before`, a stage that products read, copied to again once they are over.
  __device__ void multiply_slab(std::int32_t (&sum)[Tile::sums], int stage, int pairs, int group, int& adds,
                                int before) const {
    const unsigned char* const factor = stage_ + stage * slabs_.stage_bytes();
    const unsigned char* const image = factor + slabs_.pairs * slabs_.factor_bytes;
    std::uint64_t rows = operand_descriptor(factor, narrow_plan::rows * narrow_plan::chunk);
    // A place is 16 bytes, the unit of a descriptor.
    std::uint64_t columns = operand_descriptor(image, slabs_.window * narrow_plan::chunk) +
                            static_cast<unsigned>(group * Tile::columns + plan_.begin - plan_.least);
    const int lines = plan_.taps() / Tile::across;
#pragma unroll 1
    for (int pair = 0; pair < pairs; ++pair, columns += 2 * slabs_.window) {
      std::uint64_t line = columns;
#pragma unroll 1
      for (int v = 0, h = 0; v < lines; ++v) {
        begin_products();
#pragma unroll
        for (int tap = 0; tap < Tile::across; ++tap, rows += 2 * narrow_plan::rows)
          multiply_bytes(sum, rows, line + tap * plan_.tap_across, tap > 0 ? 1 : adds);
        end_products();
        adds = 1;
        wait_products<1>();
        if (pair + v == 0 && before >= 0 && threadIdx.x % Tile::group_threads == 0)
          arrive_barrier(&memory_.empty[before]);
        if (Tile::across == 1 && ++h < plan_.taps_across) {
          line += plan_.tap_across;
        } else {
          line += plan_.tap_down - (Tile::across == 1 ? h - 1 : 0) * plan_.tap_across;
          h = 0;
        }
      }
    }
  }

  __device__ narrow_column find_column(std::int64_t group, int number) const {
    const int line = number / plan_.width, h = number - line * plan_.width;
    const int outer = line / plan_.lines, v = line - outer * plan_.lines;
    narrow_column c{-1, 0};
    if (h >= plan_.column_width || v >= plan_.column_lines || outer >= plan_.images) return c;
    c.out = outer * p_.out.outer_step + v * p_.out.vertical_step + h * p_.out.horizontal_step;
    int lost = 0;
    for (int chunk = 0; chunk < plan_.chunks; ++chunk) {
      const unsigned char* line_of = from_.lost + (group * plan_.chunks + chunk) * plan_.places + plan_.first + number + plan_.begin;
      for (int down = 0; down < plan_.taps_down; ++down, line_of += plan_.tap_down)
        for (int across = 0; across < plan_.taps_across; ++across) lost += line_of[across * plan_.tap_across];
    }
    c.lost = lost;
    return c;
  }

  /// Rounds a thread's sums, eight at a time, without a branch between them.
  __device__ void round(const narrow_place& at, const narrow_column* column, int group,
                        const std::uint64_t (&fraction)[Tile::sums]) const {
    const int thread = static_cast<int>(threadIdx.x) % Tile::group_threads, lane = thread % lanes;
    const int first_row = thread / lanes * 16 + lane / 4, first_column = lane % 4 * 2;
    const int exponent = image_exponent<form>(*from_.largest);
    const double image_scale = exponent == no_exponent ? NAN : __hiloint2double((exponent + 1023) << 20, 0);
    for (int half = 0; half < 2; ++half) {
      const std::int64_t r = at.row_tile * narrow_plan::rows + first_row + 8 * half;
      const bool exists = r < p_.rows;
      const narrow_row row = from_.row[(at.group * plan_.row_tiles + at.row_tile) * narrow_plan::rows + first_row + 8 * half];
      const double start = p_.start == nullptr || !exists ? 0 : widen(p_.start[at.group * p_.rows + r]);
      const narrow_rounding sums = narrow_rounding_of(row, table_, image_scale, start);
      const bool is_scaled = sums.is_scaled();
      T* const out = p_.out.data + at.group * p_.out.group_step + r * p_.out.row_step;
      std::uint64_t left = 0;
#pragma unroll
      for (int w = 0; w < Tile::columns / 8; ++w)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const narrow_column to = column[8 * w + first_column + e];
          const std::uint64_t f = half == 0 ? fraction[4 * w + e] : fraction[4 * w + 2 + e];
          T rounded;
          const bool known = sums.round(f, to.lost, rounded) & is_scaled, takes = exists & (to.out >= 0);
          if (takes) out[to.out] = rounded;
          left |= std::uint64_t{takes & !known} << (2 * w + e);
        }
      for (; left != 0; left &= left - 1) {
        const int k = __ffsll(static_cast<long long>(left)) - 1;
        leave(at, r, at.column + group * Tile::columns + k / 2 * 8 + first_column + k % 2);
      }
    }
  }
  __device__ void leave(const narrow_place& at, std::int64_t r, int number) const {
    const int line = number / plan_.width, h = number - line * plan_.width;
    const int outer = line / plan_.lines, v = line - outer * plan_.lines;
    left_.add((at.group * p_.rows + r) * p_.columns() +
              (std::int64_t{outer} * plan_.column_lines + v) * plan_.column_width + h);
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
  if (threadIdx.x >= Tile::multipliers) {
    lower_registers<Tile::other_registers>();
    const int thread = static_cast<int>(threadIdx.x) - Tile::multipliers;
    if (thread == 0) product.copy_all();
    if (thread >= lanes) product.find_columns(thread - lanes);
  } else {
    raise_registers<Tile::registers>();
    product.multiply_all(static_cast<int>(threadIdx.x) / Tile::group_threads);
  }
}

}  // namespace halfulp::kernels::cuda
