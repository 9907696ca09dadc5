#include <halfulp/kernels/core/view_sums.cuh>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/view_sums.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// The dimensions of terms that are kept, and those that are summed over, of a map whose steps tell which.
template <class R>
struct divided_terms {
  operands<R, 1> kept, repeated;

  static divided_terms of(const R* terms, const strided_map<1>& map) {
    divided_terms d{{{terms}, {}}, {{terms}, {}}};
    const auto step = row_major_strides(map.shape);
    for (int k = 0; k < map.shape.rank; ++k) {
      strided_map<1>& to = map.step[0][k] == 0 ? d.repeated.map : d.kept.map;
      to.shape.push_back(map.shape[k]);
      to.step[0].push_back(step[k]);
    }
    d.kept.map = d.kept.map.collapsed();
    d.repeated.map = d.repeated.map.collapsed();
    return d;
  }
};

std::int64_t least_power(std::int64_t n, std::int64_t most) {
  std::int64_t p = 1;
  while (p < n && p < most) p *= 2;
  return p;
}

/// Enough blocks for every multiprocessor, and enough terms for a thread where there are so many.
sum_sharing sharing_of(std::int64_t targets, std::int64_t repeats, bool by_target) {
  constexpr std::int64_t terms_of_thread = 32;
  const std::int64_t wanted = 4 * multiprocessors();
  const auto terms = least_power((repeats + 7) / 8, by_target ? summing_threads / 32 : summing_threads);
  const auto of_block = summing_threads / terms, groups = (targets + of_block - 1) / of_block;
  const std::int64_t most = repeats / (terms * terms_of_thread);
  return {static_cast<int>(of_block), static_cast<int>(terms), by_target,
          std::max<std::int64_t>(1, std::min((wanted + groups - 1) / groups, most))};
}

template <class M, class R>
void queue_divided(const divided_terms<R>& d, bool by_target, R* y, const cuda_queue& queue) {
  const std::int64_t targets = product(d.kept.map.shape), repeats = product(d.repeated.map.shape);
  const sum_sharing share = sharing_of(targets, repeats, by_target);
  const auto partial = share.splits == 1 ? 0 : static_cast<std::size_t>(share.splits * targets) * sizeof(running<R>);
  const workspace memory(queue, partial);
  const left_memory left(targets, queue);
  const view_sums<R> sums{y, memory.at<running<R>>(),
                          error_growth(3 * repeats + 2 * summing_threads + 2 * share.splits), left.get()};
  operand<R, M, few_dimensions> kept[1], repeated[1];
  set(kept, d.kept);
  set(repeated, d.repeated);
  const auto& line = d.repeated.map;
  const view_terms<R, M> terms{kept[0], repeated[0], targets, repeats, line.shape.rank == 1 ? line.step[0][0] : 0};
  const std::int64_t blocks = (targets + share.targets - 1) / share.targets * share.splits;
  launch(queue, static_cast<unsigned>(std::min(blocks, most_blocks)), summing_threads, 0, add_terms<R, M>, terms, share,
         sums);
  if (share.splits > 1) for_each_index(queue, targets, join_splits<R>{sums, targets, share.splits});
  queue_left_sums<R>(terms_of_left<R, M>{terms, y}, sums.left, queue);
}

/// The map of components, which lie one after another.
strided_map<1> by_components(const strided_map<1>& map, int parts) {
  strided_map<1> m = map;
  for (int k = 0; k < m.shape.rank; ++k) m.step[0][k] *= parts;
  m.shape.push_back(parts);
  m.step[0].push_back(1);
  return m;
}

}  // namespace
}  // namespace cuda

template <class R>
void queue_view_sums(const R* terms, const strided_map<1>& map, int parts, R* sums, std::int64_t targets,
                     const cuda_queue& queue) {
  if (targets == 0) return;
  if (product(map.shape) == 0) {
    cuda::check(cudaMemsetAsync(sums, 0, static_cast<std::size_t>(targets * parts) * sizeof(R), cuda::stream_of(queue)),
                "cudaMemsetAsync");
    return;
  }
  const strided_map<1> few = map.collapsed(), joined = parts == 1 ? few : cuda::by_components(few, parts).collapsed();
  const auto divided = cuda::divided_terms<R>::of(terms, joined);
  const bool by_target = joined.step[0][joined.shape.rank - 1] != 0;
  if (product(joined.shape) <= narrow_int::most)
    cuda::queue_divided<narrow_run>(divided, by_target, sums, queue);
  else
    cuda::queue_divided<run>(divided, by_target, sums, queue);
}

#define HALFULP_VIEW_SUMS(R) \
  template void queue_view_sums<R>(const R*, const strided_map<1>&, int, R*, std::int64_t, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_VIEW_SUMS)
#undef HALFULP_VIEW_SUMS

}  // namespace halfulp::kernels
