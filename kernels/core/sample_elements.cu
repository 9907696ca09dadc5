#include <algorithm>

#include <halfulp/kernels/core/strided_queue.cuh>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

using sample_rule = op::index_sample::geometry<run>;

/// As many elements of a row as a thread samples at once.
inline constexpr int run_length = 4;

/// y[i] = x[the column that i asks for, in the row of i]; `Length` elements of one row a thread.
template <class Bits, class Index, class M, int Length>
struct sampled {
  const Bits* x;
  const Index* column;
  Bits* y;
  op::index_sample::geometry<M> shape;

  struct alignas(Length == 1 ? alignof(Index) : 16) columns {
    Index of[Length];
  };
  struct alignas(Length == 1 ? alignof(Bits) : std::min<std::size_t>(16, Length * sizeof(Bits))) elements {
    Bits of[Length];
  };

  __device__ void operator()(std::int64_t i) const {
    M m(op::index_sample::name);
    op::index_sample::geometry<M> g = shape;
    g.y.rank = 2;
    const columns c = reinterpret_cast<const columns*>(column)[i];
    elements made;
#pragma unroll
    for (int e = 0; e < Length; ++e)
      made.of[e] = x[plain(g.source(m, idx<M>{int_of<M>(i * Length + e), {}}, int_of<M>(c.of[e])).v)];
    reinterpret_cast<elements*>(y)[i] = made;
  }
};

/// The same for a block that has a row of x in its own memory, where a random element costs as little as any.
inline constexpr unsigned row_threads = 512;
inline constexpr std::int64_t most_row_bytes = 48 << 10;

template <class Bits, class Index>
__global__ void __launch_bounds__(row_threads)
    sample_rows(const Bits* x, const Index* column, Bits* y, std::int64_t rows, int width, int samples) {
  extern __shared__ uint4 memory[];
  auto* const row = reinterpret_cast<Bits*>(memory);
  using few = sampled<Bits, Index, narrow_run, run_length>;
  const auto thread = static_cast<int>(threadIdx.x);
  for (std::int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    const auto* from = reinterpret_cast<const uint4*>(x + r * width);
    for (int i = thread; i < width * static_cast<int>(sizeof(Bits)) / 16; i += row_threads) memory[i] = from[i];
    __syncthreads();
    const auto* asked = reinterpret_cast<const typename few::columns*>(column + r * samples);
    auto* made = reinterpret_cast<typename few::elements*>(y + r * samples);
    for (int i = thread; i < samples / run_length; i += row_threads) {
      const auto c = asked[i];
      typename few::elements e;
#pragma unroll
      for (int k = 0; k < run_length; ++k) e.of[k] = row[c.of[k]];
      made[i] = e;
    }
    __syncthreads();
  }
}

/// Whether rows are taken into memory: whole packed elements, small, and read about once each.
template <class Bits, class Index>
bool queue_rows(const Bits* x, const Index* column, const sample_rule& g, Bits* y, const cuda_queue& queue) {
  const std::int64_t width = g.x.dim[1], samples = g.y.dim[1], bytes = width * static_cast<std::int64_t>(sizeof(Bits));
  if (bytes % 16 != 0 || bytes > most_row_bytes || samples % run_length != 0 || 2 * samples < width) return false;
  if (!is_aligned(x) || !is_aligned(column) || !is_aligned(y) || samples > narrow_int::most) return false;
  const std::int64_t blocks = std::min<std::int64_t>(g.y.dim[0], 8 * multiprocessors());
  launch(queue, static_cast<unsigned>(blocks), row_threads, static_cast<std::size_t>(bytes), sample_rows<Bits, Index>,
         x, column, y, g.y.dim[0], static_cast<int>(width), static_cast<int>(samples));
  return true;
}

op::index_sample::geometry<narrow_run> narrowed(const sample_rule& g) {
  return {halfulp::narrowed(g.x), halfulp::narrowed(g.index), halfulp::narrowed(g.y)};
}

template <class Bits, class Index, class M>
void queue_sampled(const sampled<Bits, Index, M, 1>& each, std::int64_t count, const cuda_queue& queue) {
  if (count % run_length == 0 && is_aligned(each.column) && is_aligned(each.y))
    return for_each_index(queue, count / run_length,
                          sampled<Bits, Index, M, run_length>{each.x, each.column, each.y, each.shape});
  for_each_index(queue, count, each);
}

template <class Bits, class Index>
void sample_bits(const void* x, const Index* column, const sample_rule& g, void* y, const cuda_queue& queue) {
  const auto* from = static_cast<const Bits*>(x);
  auto* to = static_cast<Bits*>(y);
  if (queue_rows(from, column, g, to, queue)) return;
  if (std::max(g.x.numel, g.y.numel) <= narrow_int::most)
    queue_sampled<Bits, Index, narrow_run>({from, column, to, narrowed(g)}, g.y.numel, queue);
  else
    queue_sampled<Bits, Index, run>({from, column, to, g}, g.y.numel, queue);
}

template <class Index>
void sample(const void* x, const Index* column, const sample_rule& g, void* y, std::size_t bytes,
            const cuda_queue& queue) {
  switch (bytes) {
    case 1:
      return sample_bits<std::uint8_t>(x, column, g, y, queue);
    case 2:
      return sample_bits<std::uint16_t>(x, column, g, y, queue);
    case 4:
      return sample_bits<std::uint32_t>(x, column, g, y, queue);
    case 8:
      return sample_bits<std::uint64_t>(x, column, g, y, queue);
    default:
      return sample_bits<wide_bits>(x, column, g, y, queue);
  }
}

struct add_exact {
  tier_counts* decided;
  std::int64_t count;
  __device__ void operator()(std::int64_t) const { decided->count[static_cast<int>(tier::exact)] += count; }
};

}  // namespace
}  // namespace cuda

void sample_elements(const void* x, const index_elements& column, const op::index_sample::geometry<run>& shape, void* y,
                     std::size_t bytes, const cuda_queue& queue) {
  if (shape.y.numel == 0) return;
  if (column.wide.empty())
    cuda::sample(x, column.narrow.data(), shape, y, bytes, queue);
  else
    cuda::sample(x, column.wide.data(), shape, y, bytes, queue);
}

void clear_elements(void* y, std::size_t bytes, const cuda_queue& queue) {
  if (bytes > 0) cuda::check(cudaMemsetAsync(y, 0, bytes, cuda::stream_of(queue)), "cudaMemsetAsync");
}

void count_exact(std::int64_t count, const cuda_queue& queue) {
  if (queue.decided != nullptr && count > 0) cuda::for_each_index(queue, 1, cuda::add_exact{queue.decided, count});
}

}  // namespace halfulp::kernels
