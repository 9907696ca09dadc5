#include <halfulp/kernels/core/scatter_digits.cuh>

#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels::cuda {
namespace {

/// Sums in the memory of a block: as much of it as lets two blocks share a multiprocessor.
inline constexpr std::size_t most_shared_bytes = 100 << 10;
/// Sums in device memory at one time.
inline constexpr std::int64_t most_bytes = std::int64_t{1} << 30;

template <class R, bool Scaled>
void queue_updates(const update_terms<R>& updates, const sums_in_memory& sums, std::int64_t first, std::int64_t end,
                   const cuda_queue& queue) {
  const auto bytes = static_cast<std::size_t>(sums.count * term_format<R, Scaled>::layout.count) * sizeof(std::int64_t);
  if (bytes > most_shared_bytes)
    return for_each_index(queue, end - first, add_to_memory<R, Scaled>{updates, sums, first});
  check(cudaFuncSetAttribute(add_in_blocks<R, Scaled>, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes),
        "cudaFuncSetAttribute");
  const std::int64_t blocks =
      std::min<std::int64_t>(2 * multiprocessors(), (end - first + sharing_threads - 1) / sharing_threads);
  if (blocks > 0)
    launch(queue, static_cast<unsigned>(blocks), sharing_threads, bytes, add_in_blocks<R, Scaled>, updates, sums, first,
           end);
}

/// Components [sums.first, sums.first + sums.count), whose memory is cleared.
template <class R, bool Scaled>
void queue_sums(const update_terms<R>& updates, const sums_in_memory& sums, const round_sums<R, Scaled>& round,
                const cuda_queue& queue) {
  const std::int64_t count = updates.places.updates;
  for (std::int64_t first = 0; first < count; first += most_uncarried) {
    if (first > 0) for_each_index(queue, sums.count, carry_sums<R, Scaled>{sums});
    queue_updates<R, Scaled>(updates, sums, first, std::min(count, first + most_uncarried), queue);
  }
  for_each_index(queue, sums.count, round);
}

template <class R, bool Scaled>
void queue_format(const update_terms<R>& updates, const scatter_call<R>& c, const cuda_queue& queue) {
  constexpr std::int64_t of_component = term_format<R, Scaled>::layout.count * 8 + 8;
  const std::int64_t all = updates.places.targets * updates.parts;
  const std::int64_t room = std::min(all, most_bytes / of_component / updates.parts * updates.parts);
  const auto n = static_cast<std::size_t>(room), digits = n * (of_component - 8), special = digits + n * 4;
  const workspace memory(queue, special + n * 4);
  for (std::int64_t first = 0; first < all; first += room) {
    const sums_in_memory sums{first, std::min(room, all - first), memory.at<unsigned long long>(),
                              memory.at<std::uint32_t>(digits),
                              c.rule.how == reduction::mean ? memory.at<unsigned>(special) : nullptr};
    check(cudaMemsetAsync(memory.at<void>(), 0, special + n * 4, stream_of(queue)), "cudaMemsetAsync");
    queue_sums<R, Scaled>(updates, sums, {sums, c.self, c.y, c.rule.include_self, updates.parts}, queue);
  }
}

}  // namespace

template <class R>
void queue_digits(const scatter_call<R>& c, int parts, const cuda_queue& queue) {
  const update_terms<R> updates{c.places, c.values, parts, c.rule.alpha};
  if (c.rule.alpha == 1)
    queue_format<R, false>(updates, c, queue);
  else
    queue_format<R, true>(updates, c, queue);
}

#define HALFULP_DIGITS(R) template void queue_digits<R>(const scatter_call<R>&, int, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_DIGITS)
#undef HALFULP_DIGITS

}  // namespace halfulp::kernels::cuda
