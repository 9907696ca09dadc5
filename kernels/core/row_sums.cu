#include <halfulp/kernels/core/row_sums.hpp>

#include <halfulp/kernels/core/exact_block_sum.cuh>
#include <halfulp/kernels/core/running_sum.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// Memory of a block: as much of it as lets two blocks share a multiprocessor.
inline constexpr std::int64_t most_row_memory = 100 << 10;
inline constexpr int row_threads = 512;

/// Sums of the threads up to each one, itself included.
__device__ unsigned sum_up_threads(unsigned x) {
  __shared__ unsigned of_warp[row_threads / 32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (unsigned d = 1; d < 32; d *= 2)
    if (const unsigned before = __shfl_up_sync(~0u, x, d); lane >= d) x += before;
  if (lane == 31) of_warp[warp] = x;
  __syncthreads();
  for (unsigned w = 0; w < warp; ++w) x += of_warp[w];
  __syncthreads();
  return x;
}

/// Numbers of updates by column become where those of each column begin.
__device__ void begin_columns(unsigned* count, int width) {
  const auto thread = static_cast<int>(threadIdx.x);
  const int of_thread = (width + row_threads - 1) / row_threads;
  const int first = min(width, thread * of_thread), last = min(width, first + of_thread);
  unsigned own = 0;
  for (int c = first; c < last; ++c) own += count[c];
  unsigned begin = sum_up_threads(own) - own;
  for (int c = first; c < last; ++c) {
    const unsigned n = count[c];
    count[c] = begin;
    begin += n;
  }
  __syncthreads();
}

/// The updates of a row and a block's memory for them: where those of each column begin, and behind the last one end.
template <class R, class Index>
struct row_of_updates {
  const R* values;
  const Index* column;
  int updates, width, parts;
  unsigned* begin;  // width + 1
  R* sorted;

  __device__ void put(unsigned at, int i) const {
    for (int p = 0; p < parts; ++p) sorted[at * parts + p] = values[i * parts + p];
  }
};

/// A block sorts a row by column, in no order within a column, on which exact sums do not depend. Each column begins where the one
/// before it has got to in the end.
template <class R, class Index>
__device__ void sort_row(const row_of_updates<R, Index>& row) {
  const auto thread = static_cast<int>(threadIdx.x);
  unsigned* const next = row.begin + 1;
  for (int c = thread; c <= row.width; c += row_threads) row.begin[c] = 0;
  __syncthreads();
  for (int i = thread; i < row.updates; i += row_threads) atomicAdd(&next[row.column[i]], 1u);
  __syncthreads();
  begin_columns(next, row.width);
  for (int i = thread; i < row.updates; i += row_threads) row.put(atomicAdd(&next[row.column[i]], 1u), i);
  __syncthreads();
}

/// Every `step`-th of n terms, rounded once.
template <class R>
__device__ R rounded_sum(const R* terms, int n, int step, double growth) {
  if (n == 0) return R{};
  running<R> sum;
  for (int k = 0; k < n; ++k) sum.add(widen(terms[k * step]));
  R rounded;
  if (decide_running(sum, growth, rounded)) return rounded;
  digit_sum<digits_of_terms<R>.count> exact;
  for (int k = 0; k < n; ++k) add_exactly(exact, terms[k * step], k);
  return exact.template finish<R>(digits_of_terms<R>.lowest, 1);
}

template <class R, class Index>
__global__ void __launch_bounds__(row_threads)
    add_in_rows(const __grid_constant__ row_updates<R> u, const Index* column, R* sums, double growth) {
  extern __shared__ unsigned memory[];
  const int width = static_cast<int>(u.width), updates = static_cast<int>(u.updates), parts = u.parts;
  R* const sorted = reinterpret_cast<R*>(memory + (width + 2) / 2 * 2);  // 8 bytes a number at most
  for (std::int64_t r = blockIdx.x; r < u.rows; r += gridDim.x) {
    sort_row(row_of_updates<R, Index>{u.values + r * updates * parts, column + r * updates, updates, width, parts,
                                      memory, sorted});
    R* const y = sums + r * width * parts;
    for (int c = static_cast<int>(threadIdx.x); c < width * parts; c += row_threads) {
      const int of = parts == 1 ? c : c / parts;
      const auto begin = static_cast<int>(memory[of]), end = static_cast<int>(memory[of + 1]);
      y[c] = rounded_sum(sorted + begin * parts + (c - of * parts), end - begin, parts, growth);
    }
    __syncthreads();
  }
}

template <class R, class Index>
void queue_rows(const row_updates<R>& u, const Index* column, R* sums, std::size_t bytes, const cuda_queue& queue) {
  check(cudaFuncSetAttribute(add_in_rows<R, Index>, cudaFuncAttributeMaxDynamicSharedMemorySize, most_row_memory),
        "cudaFuncSetAttribute");
  const std::int64_t blocks = std::min<std::int64_t>(u.rows, 8 * multiprocessors());
  launch(queue, static_cast<unsigned>(blocks), row_threads, bytes, add_in_rows<R, Index>, u, column, sums,
         error_growth(3 * u.updates));
}

}  // namespace
}  // namespace cuda

template <class R>
bool queue_row_sums(const row_updates<R>& u, R* sums, const cuda_queue& queue) {
  if (u.rows == 0 || u.width == 0) return true;
  if (u.width > cuda::most_row_memory || u.updates > cuda::most_row_memory) return false;
  const std::int64_t numbers = u.updates * u.parts * static_cast<std::int64_t>(sizeof(R));
  const std::int64_t bytes = (u.width + 2) / 2 * 8 + numbers;
  if (bytes > cuda::most_row_memory) return false;
  if (u.column.wide.empty())
    cuda::queue_rows(u, u.column.narrow.data(), sums, static_cast<std::size_t>(bytes), queue);
  else
    cuda::queue_rows(u, u.column.wide.data(), sums, static_cast<std::size_t>(bytes), queue);
  return true;
}

#define HALFULP_ROW_SUMS(R) template bool queue_row_sums<R>(const row_updates<R>&, R*, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_ROW_SUMS)
#undef HALFULP_ROW_SUMS

}  // namespace halfulp::kernels
