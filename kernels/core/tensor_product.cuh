// A window_product of a format whose products binary64 holds, by tiles on tensor cores.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_core.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// A block's share: `columns` x `rows` sums, `terms` of each at a time; a warp has 32 x 32 of them.
template <int Columns, int Rows>
struct tile {
  static constexpr int columns = Columns, rows = Rows, terms = 16;
  static constexpr int warps_down = Columns / 32, warps_across = Rows / 32;
  static constexpr int threads = lanes * warps_down * warps_across;
  static constexpr int blocks = 384 / threads;  // of a multiprocessor: what their registers and memory leave room for
  static constexpr int image_terms = threads / Columns;  // a thread loads one column of the image, each so manyth term
  static constexpr int factor_rows = threads / terms;    // and one term of the factor, each so manyth row
  static constexpr int image_loads = terms / image_terms, factor_loads = Rows / factor_rows;
  // Elements (term, column) and (row, term); rows of either begin 4 of 16 banks apart, as a fragment's lanes ask for.
  static constexpr int image_step = Columns + 4, factor_step = terms + 4;
};

/// Where a term lies in the image, and by which taps; -1: past the last term.
struct alignas(16) term_place {
  std::int64_t image;
  int vertical, horizontal;
};

/// The terms of a product, and more: what fills the last slab, and two slabs that are fetched and not used.
struct term_table {
  term_place* image;
  std::int64_t* factor;
};

/// What the loads of a column need.
template <class T>
struct column_place {
  const T* image;
  int vertical, horizontal;  // the first terms that it reads, and how many
  unsigned lines, width;
};

/// The terms of every tile in `count` parts of whole slabs, each computed by another block: for products with few tiles
/// and many terms. What a part leaves for the last one lies in device memory, by tile and part.
struct term_parts {
  int count, slabs, slabs_of_part;
  double* totals;
  float* squares;
  unsigned* arrived;  // 0 at first

  __device__ int first(int part) const { return part * slabs_of_part; }
  __device__ int end(int part) const { return min(slabs, first(part) + slabs_of_part); }
  /// At most so many additions does a term take part in: of its part, of parts, and of the start.
  __device__ std::int64_t additions() const { return 16 * static_cast<std::int64_t>(slabs_of_part) + count + 1; }
};

/// One part of one tile.
struct tile_place {
  std::int64_t tile, group, row, column;
  int part;
};

template <class T, class Tile>
struct tile_memory {
  double image[2][Tile::terms * Tile::image_step];
  double factor[2][Tile::rows * Tile::factor_step];
  term_place term[2][Tile::terms];
  std::int64_t factor_term[2][Tile::terms];
  std::int64_t out[Tile::columns];
  float column_squares[Tile::image_terms][Tile::columns], row_squares[Tile::rows];
  bool is_last;
  double column_norm[Tile::columns], row_norm[Tile::rows], start[Tile::rows];
};

/// Notes where term i lies.
template <class T>
struct find_term {
  window_product<T> p;
  term_table table;

  __device__ void operator()(std::int64_t i) const {
    const window_index t = parts_of(i, p.vertical.terms, p.horizontal.terms);
    const bool is_term = i < p.depth();
    table.image[i] = {t.outer * p.image.term_step + t.vertical * p.vertical.term_step * p.image.row_step +
                          t.horizontal * p.horizontal.term_step * p.image.element_step,
                      is_term ? static_cast<int>(t.vertical) : -1, is_term ? static_cast<int>(t.horizontal) : -1};
    table.factor[i] =
        t.outer * p.factor.outer_step + t.vertical * p.factor.vertical_step + t.horizontal * p.factor.horizontal_step;
  }
};

/// At least the norm of n numbers whose squares were added up in binary32: each addition is within 2^-24, or 2^-150.
__device__ inline double norm_above(float squares, std::int64_t n) {
  const double terms = static_cast<double>(n);
  return sqrt((static_cast<double>(squares) + terms * 0x1p-149) * (1 + terms * 0x1p-22)) * (1 + 0x1p-40);
}

/// The longest sums for which norm_above holds: (1 + 2^-24)^n <= 1 + n 2^-22.
inline constexpr std::int64_t most_tile_terms = std::int64_t{1} << 22;

template <class T, class Tile>
class tile_product {
 public:
  __device__ tile_product(const window_product<T>& p, const term_table& terms, tile_memory<T, Tile>& memory)
      : p_(p),
        terms_(terms),
        memory_(memory),
        thread_(static_cast<int>(threadIdx.x)),
        lane_(thread_ % lanes),
        warp_(thread_ / lanes) {}

  /// Computes one part of the terms of a tile; whoever computes its last part rounds it.
  __device__ void round(const tile_place& at, const term_parts& parts, const left_sums& left) {
    group_ = at.group;
    row_ = at.row;
    column_ = at.column;
    begin();
    add_up(parts.first(at.part), parts.end(at.part));
    gather_squares();
    if (parts.count == 1 || take_parts(at, parts)) {
      finish_norms();
      decide_all(parts, left);
    }
    __syncthreads();
  }

 private:
  /// The column whose elements this thread loads, and the rows.
  __device__ void begin() {
    for (auto& a : sum_)
      for (auto& b : a)
        for (double& c : b) c = 0;
    for (float& f : row_squares_) f = 0;
    column_squares_ = 0;
    const int c = thread_ % Tile::columns;
    const std::int64_t j = column_ + c;
    const window_index at = column_at(p_, j < p_.columns() ? j : 0);
    const auto down = terms_read(p_.vertical, at.vertical), across = terms_read(p_.horizontal, at.horizontal);
    run m("window_product");
    place_ = {p_.image.data + group_ * p_.image.group_step + at.outer * p_.image.column_step +
                  (at.vertical * p_.vertical.column_step + p_.vertical.origin) * p_.image.row_step +
                  (at.horizontal * p_.horizontal.column_step + p_.horizontal.origin) * p_.image.element_step,
              static_cast<int>(down.first), static_cast<int>(across.first), static_cast<unsigned>(down.count(m)),
              static_cast<unsigned>(across.count(m))};
    if (j >= p_.columns()) place_.lines = 0;
    if (thread_ < Tile::columns)
      memory_.out[c] =
          at.outer * p_.out.outer_step + at.vertical * p_.out.vertical_step + at.horizontal * p_.out.horizontal_step;
    const std::int64_t first = row_ + thread_ / Tile::terms;
    factor_ = p_.factor.data + group_ * p_.factor.group_step + first * p_.factor.row_step;
    rows_left_ = static_cast<int>(min(p_.rows - first, static_cast<std::int64_t>(Tile::rows)));
    if (thread_ < Tile::rows) {
      const bool has = p_.start != nullptr && row_ + thread_ < p_.rows;
      memory_.start[thread_] = has ? widen(p_.start[group_ * p_.rows + row_ + thread_]) : 0;
    }
  }

  __device__ void add_up(int first, int end) {
    for (int s = first; s < first + 2; ++s) {
      read_terms(s);
      keep_terms(s);
    }
    __syncthreads();
    load(first);
    store(first);
    for (int s = first; s < end; ++s) {
      __syncthreads();
      const bool more = s + 1 < end;
      read_terms(s + 2);
      if (more) load(s + 1);
      multiply(s % 2);
      if (more) store(s + 1);
      keep_terms(s + 2);
    }
  }

  /// One thread a term fetches where those of a slab lie, long before they are loaded.
  __device__ void read_terms(int slab) {
    if (thread_ >= Tile::terms) return;
    next_term_ = terms_.image[slab * Tile::terms + thread_];
    next_factor_ = terms_.factor[slab * Tile::terms + thread_];
  }
  __device__ void keep_terms(int slab) {
    if (thread_ >= Tile::terms) return;
    memory_.term[slab % 2][thread_] = next_term_;
    memory_.factor_term[slab % 2][thread_] = next_factor_;
  }

  __device__ void load(int slab) {
    const term_place* terms = memory_.term[slab % 2] + thread_ / Tile::columns;
#pragma unroll
    for (int i = 0; i < Tile::image_loads; ++i) {
      const term_place t = terms[i * Tile::image_terms];
      const bool reads = static_cast<unsigned>(t.vertical - place_.vertical) < place_.lines &&
                         static_cast<unsigned>(t.horizontal - place_.horizontal) < place_.width;
      image_[i] = load_or_zero(place_.image + t.image, reads);
    }
    const int k = slab * Tile::terms + thread_ % Tile::terms;
    const bool has_term = k < static_cast<int>(p_.depth());
    const T* factor = factor_ + memory_.factor_term[slab % 2][thread_ % Tile::terms];
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i, factor += Tile::factor_rows * p_.factor.row_step)
      factors_[i] = load_or_zero(factor, has_term && i * Tile::factor_rows < rows_left_);
  }
  __device__ void store(int slab) {
    double* image = memory_.image[slab % 2] + thread_ / Tile::columns * Tile::image_step + thread_ % Tile::columns;
#pragma unroll
    for (int i = 0; i < Tile::image_loads; ++i) {
      const float x = widen_binary32(image_[i]);
      column_squares_ = fmaf(x, x, column_squares_);
      image[i * Tile::image_terms * Tile::image_step] = x;
    }
    double* factor = memory_.factor[slab % 2] + thread_ / Tile::terms * Tile::factor_step + thread_ % Tile::terms;
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i) {
      const float x = widen_binary32(factors_[i]);
      row_squares_[i] = fmaf(x, x, row_squares_[i]);
      factor[i * Tile::factor_rows * Tile::factor_step] = x;
    }
  }

  static constexpr int sums_of_thread = 32;
  __device__ double& sum_at(int k) {
    return sum_[k / 16][k / 4 % 4][k % 4];
  }

  __device__ int first_column() const {
    return warp_ % Tile::warps_down * 32;
  }
  __device__ int first_row() const {
    return warp_ / Tile::warps_down * 32;
  }

  __device__ void multiply(int stage) {
    const int g = lane_ / 4, t = lane_ % 4;
    const double* image = memory_.image[stage] + t * Tile::image_step + first_column() + g;
    const double* factor = memory_.factor[stage] + (first_row() + g) * Tile::factor_step + t;
#pragma unroll
    for (int k = 0; k < Tile::terms; k += 8) {
      double a[2][4], b[4][2];
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e) a[i][e] = image[(k + e / 2 * 4) * Tile::image_step + i * 16 + e % 2 * 8];
#pragma unroll
      for (int j = 0; j < 4; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) b[j][e] = factor[j * 8 * Tile::factor_step + k + e * 4];
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) multiply_add(sum_[i][j], a[i], b[j]);
    }
  }

  /// The sums of squares of each column and row over the terms of this part.
  __device__ void gather_squares() {
    memory_.column_squares[thread_ / Tile::columns][thread_ % Tile::columns] = column_squares_;
#pragma unroll
    for (int i = 0; i < Tile::factor_loads; ++i) {
      float squares = row_squares_[i];
      for (int step = Tile::terms / 2; step > 0; step /= 2) squares += __shfl_xor_sync(every_lane, squares, step);
      if (lane_ % Tile::terms == 0) memory_.row_squares[thread_ / Tile::terms + i * Tile::factor_rows] = squares;
    }
    __syncthreads();
    if (thread_ >= Tile::columns) return;
    for (int i = 1; i < Tile::image_terms; ++i)
      memory_.column_squares[0][thread_] += memory_.column_squares[i][thread_];
  }

  /// Leaves this part for whoever comes last; the last one adds up all parts, in their order. False: not the last one.
  __device__ bool take_parts(const tile_place& at, const term_parts& parts) {
    constexpr int sums = Tile::columns * Tile::rows;
    double* totals = parts.totals + at.tile * parts.count * sums;
    float* squares = parts.squares + at.tile * parts.count * (Tile::columns + Tile::rows);
    __syncthreads();
#pragma unroll
    for (int k = 0; k < sums_of_thread; ++k) totals[at.part * sums + k * Tile::threads + thread_] = sum_at(k);
    for (int k = thread_; k < Tile::columns + Tile::rows; k += Tile::threads)
      squares[at.part * (Tile::columns + Tile::rows) + k] =
          k < Tile::columns ? memory_.column_squares[0][k] : memory_.row_squares[k - Tile::columns];
    __threadfence();
    __syncthreads();
    if (thread_ == 0)
      memory_.is_last = atomicAdd(parts.arrived + at.tile, 1u) + 1 == static_cast<unsigned>(parts.count);
    __syncthreads();
    if (!memory_.is_last) return false;
    __threadfence();
#pragma unroll
    for (int k = 0; k < sums_of_thread; ++k) sum_at(k) = 0;
    for (int i = 0; i < parts.count; ++i)
#pragma unroll
      for (int k = 0; k < sums_of_thread; ++k) sum_at(k) += __ldcg(totals + i * sums + k * Tile::threads + thread_);
    for (int k = thread_; k < Tile::columns + Tile::rows; k += Tile::threads) {
      float sum = 0;
      for (int i = 0; i < parts.count; ++i) sum += __ldcg(squares + i * (Tile::columns + Tile::rows) + k);
      (k < Tile::columns ? memory_.column_squares[0][k] : memory_.row_squares[k - Tile::columns]) = sum;
    }
    return true;
  }

  __device__ void finish_norms() {
    __syncthreads();
    const std::int64_t additions = p_.depth() + lanes + p_.depth() / Tile::terms;
    if (thread_ < Tile::columns)
      memory_.column_norm[thread_] = norm_above(memory_.column_squares[0][thread_], additions);
    if (thread_ < Tile::rows) memory_.row_norm[thread_] = norm_above(memory_.row_squares[thread_], additions);
    __syncthreads();
  }

  /// |sum - exact| <= gamma_n (|start| + ||column|| ||row||), where a term takes part in n additions at most,
  /// those of its part in whatever order tensor cores add them.  [higham02, 4.2]
  __device__ void decide_all(const term_parts& parts, const left_sums& left) {
    const double bound = gamma(parts.additions(), unit_roundoff) * (1 + 0x1p-40);
    const int g = lane_ / 4, t = lane_ % 4;
    T* out = p_.out.data + group_ * p_.out.group_step;
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const int r = first_row() + j * 8 + 2 * t + e;
        if (row_ + r >= p_.rows) continue;
        const double start = memory_.start[r], norm = bound * memory_.row_norm[r], least = bound * fabs(start);
        T* line = out + (row_ + r) * p_.out.row_step;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int c = first_column() + i * 8 + g;
          if (column_ + c >= p_.columns()) continue;
          const double radius = (norm * memory_.column_norm[c] + least) * (1 + 0x1p-40);
          T rounded;
          const bool known = decide_near(sum_[i / 2][j][i % 2 * 2 + e] + start, radius, rounded);
          line[memory_.out[c]] = rounded;
          if (!known) left.add(((group_ * p_.rows) + row_ + r) * p_.columns() + column_ + c);
        }
      }
  }

  const window_product<T>& p_;
  const term_table terms_;
  tile_memory<T, Tile>& memory_;
  int thread_, lane_, warp_, rows_left_ = 0;
  std::int64_t group_ = 0, row_ = 0, column_ = 0;
  column_place<T> place_{};
  const T* factor_ = nullptr;
  term_place next_term_{};
  std::int64_t next_factor_ = 0;
  T image_[Tile::image_loads], factors_[Tile::factor_loads];
  float column_squares_ = 0, row_squares_[Tile::factor_loads];
  double sum_[2][4][4];  // of 16 columns, 8 rows
};

/// Tiles of the same columns follow one another: the image that they share stays in the cache.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    round_tiles(const __grid_constant__ window_product<T> p, term_table terms, term_parts parts, std::int64_t tiles,
                left_sums left) {
  extern __shared__ __align__(16) unsigned char shared[];
  tile_product<T, Tile> product(p, terms, *reinterpret_cast<tile_memory<T, Tile>*>(shared));
  const std::int64_t down = (p.rows + Tile::rows - 1) / Tile::rows;
  const std::int64_t across = (p.columns() + Tile::columns - 1) / Tile::columns;
  for (std::int64_t k = blockIdx.x; k < tiles * parts.count; k += gridDim.x) {
    const std::int64_t i = k / parts.count;
    product.round({i, i / down / across, i % down * Tile::rows, i / down % across * Tile::columns,
                   static_cast<int>(k % parts.count)},
                  parts, left);
  }
}

}  // namespace halfulp::kernels::cuda
