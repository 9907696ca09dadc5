#include <halfulp/kernels/core/scatter_fractions.cuh>

#include <algorithm>
#include <optional>

#include <halfulp/kernels/core/scatter_fractions.hpp>
#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels::cuda {
namespace {

/// Memory for one exact sum: most fit in the less; the more is where a product's factors may be many and their exponents far
/// apart.
inline constexpr std::int64_t few_digits = 512, few_words = 256, most_digits = std::int64_t{1} << 27;
inline constexpr std::int64_t many_workers = 8192;

template <class R>
void queue_workers(const shares_of_value<R>& shares, const left_sums& left, const left_sums& longer,
                   std::int64_t digits, std::int64_t words, std::int64_t workers, R* to, const cuda_queue& queue) {
  const auto of_digits = static_cast<std::size_t>(digits * workers) * sizeof(std::int64_t);
  const workspace memory(queue, of_digits + static_cast<std::size_t>(words * workers) * sizeof(std::uint32_t));
  const long_sum_memory m{memory.at<std::int64_t>(), memory.at<std::uint32_t>(of_digits), digits, words, workers};
  for_each_index(queue, workers, round_left_shares<R>{shares, left, longer, m, to});
}

/// Exact sums: many threads, then one with memory for any.
template <class R>
void queue_left_shares(const shares_of_value<R>& shares, const left_sums& left, std::int64_t outputs, R* to,
                       const cuda_queue& queue) {
  constexpr std::int64_t range = format_of<R>.e_max + 1 - (format_of<R>.e_min - format_of<R>.precision + 1);
  const std::int64_t updates = shares.forward.places.updates;
  const bool product = shares.forward.rule.how == reduction::mul;
  const std::int64_t factors = product ? updates + 2 : 1;
  const std::int64_t below = product ? 0 : 2 * common_multiple_bits::most_bits(updates + 1, updates) + 56 + 64;
  const std::int64_t digits = std::min((factors * range + below + 31 + 40) / 32 + 3, most_digits);
  const left_memory longer(outputs, queue);
  queue_workers(shares, left, longer.get(), std::min(digits, few_digits), few_words, std::min(many_workers, outputs),
                to, queue);
  if (digits > few_digits || factors > few_words / 2 - 1)
    queue_workers(shares, longer.get(), {}, digits, fraction_extent::product_words_of(factors), 1, to, queue);
}

template <class R, bool Blocks>
void queue_shared(const shares_of_value<R>& shares, std::int64_t outputs, R* to, const left_sums& left,
                  const cuda_queue& queue) {
  const auto blocks = std::min(Blocks ? outputs : (outputs + fraction_threads - 1) / fraction_threads, most_blocks);
  launch(queue, static_cast<unsigned>(blocks), fraction_threads, 0, add_shares<R, Blocks>, shares, outputs, to, left);
}

}  // namespace

template <class R>
void queue_fraction_sums(const scatter_gradient<R>& g, int parts, R* dvalues, std::int64_t values,
                         const cuda_queue& queue) {
  const scatter_places& places = g.forward.places;
  const found_states<R> states(g.forward, queue);
  const found_places turned(updates_turned{places, nullptr}, values, places.updates, places.targets, true, queue);
  const sorted_updates by_value(turned.get(), queue);
  std::optional<sorted_updates> by_target;
  if (g.forward.rule.how == reduction::mul) by_target.emplace(places, queue);
  const shares_of_value<R> shares{g.forward,    g.dy,           parts,
                                  states.get(), by_value.get(), by_target ? by_target->get() : updates_in_order{}};
  const std::int64_t outputs = values * parts, of_one = places.updates / values;
  const left_memory left(outputs, queue);
  if (of_one < 16)
    queue_shared<R, false>(shares, outputs, dvalues, left.get(), queue);
  else
    queue_shared<R, true>(shares, outputs, dvalues, left.get(), queue);
  queue_left_shares(shares, left.get(), outputs, dvalues, queue);
}

#define HALFULP_FRACTIONS(R) \
  template void queue_fraction_sums<R>(const scatter_gradient<R>&, int, R*, std::int64_t, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_FRACTIONS)
#undef HALFULP_FRACTIONS

}  // namespace halfulp::kernels::cuda
