#include <halfulp/kernels/core/few_products.cuh>

#include <algorithm>

#include <halfulp/kernels/core/few_sums.cuh>
#include <halfulp/kernels/core/strip_launch.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// Strips keep too few threads busy, each with a long sum.
template <class T>
bool are_few_and_long(const window_product<T>& p) {
  constexpr std::int64_t least_terms = 512, threads = 1024;
  return p.depth() >= least_terms && p.depth() <= most_counted && p.sums() / strip_length < threads * multiprocessors();
}

template <int Taps, bool Shared, class T>
void launch_sums(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  using block = sum_block<T, Taps, Shared>;
  constexpr std::int64_t least_strips = 4 * sum_threads, blocks_at_once = 6;
  const std::int64_t down = quotient_up(p.vertical.columns, Taps), across = quotient_up(p.horizontal.columns, Taps);
  const std::int64_t blocks = p.groups * p.rows * p.outer_columns * down * across;
  const std::int64_t strips_down = quotient_up(p.vertical.terms, strip_length);
  const std::int64_t strips = p.outer_terms * strips_down * p.horizontal.terms;
  const std::int64_t busy = quotient_up(blocks_at_once * multiprocessors(), blocks);
  const std::int64_t parts = std::clamp<std::int64_t>(strips / least_strips, 1, busy);
  const bool cut = parts > 1;
  const std::size_t totals = cut ? static_cast<std::size_t>(blocks * parts) * sizeof(typename block::total) : 0,
                    arrived = cut ? static_cast<std::size_t>(blocks) * sizeof(unsigned) : 0;
  const workspace memory(queue, totals + arrived);
  if (cut) check(cudaMemsetAsync(memory.at<unsigned>(totals), 0, arrived, stream_of(queue)), "cudaMemsetAsync");
  const sum_blocks s{blocks,
                     static_cast<int>(parts),
                     static_cast<int>(strips),
                     static_cast<int>(quotient_up(strips, parts)),
                     static_cast<int>(down),
                     static_cast<int>(across),
                     narrowed(p.vertical),
                     narrowed(p.horizontal),
                     static_cast<int>(p.image.row_step),
                     static_cast<int>(p.image.element_step),
                     static_cast<int>(p.factor.vertical_step),
                     static_cast<int>(p.factor.horizontal_step),
                     divisor(static_cast<std::uint32_t>(p.horizontal.terms)),
                     divisor(static_cast<std::uint32_t>(strips_down)),
                     memory.at<void>(),
                     memory.at<unsigned>(totals)};
  launch(queue, static_cast<unsigned>(std::min(blocks * parts, most_blocks)), sum_threads, 0,
         round_few_sums<T, Taps, Shared>, p, s, left);
}

}  // namespace

template <class T>
bool round_few_products(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  if (!fits(p) || !are_few_and_long(p)) return launch_strips_of(p, left, queue);
  if (p.vertical.columns * p.horizontal.columns == 1)
    launch_sums<1, true>(p, left, queue);
  else if (p.vertical.term_step == p.vertical.column_step)
    launch_sums<3, true>(p, left, queue);
  else
    launch_sums<3, false>(p, left, queue);
  return true;
}

template bool round_few_products(const window_product<float16>&, const left_sums&, const cuda_queue&);
template bool round_few_products(const window_product<bfloat16>&, const left_sums&, const cuda_queue&);
template bool round_few_products(const window_product<float>&, const left_sums&, const cuda_queue&);
template bool round_few_products(const window_product<double>&, const left_sums&, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
