#include <halfulp/kernels/core/round_products.hpp>

#include <optional>
#include <type_traits>

#include <halfulp/kernels/core/binary64_product.cuh>
#include <halfulp/kernels/core/few_products.cuh>
#include <halfulp/kernels/core/joined_product.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/lay_out_operands.cuh>
#include <halfulp/kernels/core/line_product.cuh>
#include <halfulp/kernels/core/narrow_product.cuh>
#include <halfulp/kernels/core/residue_product.cuh>
#include <halfulp/kernels/core/tile_launch.cuh>
#include <halfulp/kernels/core/window_repair.cuh>
#include <halfulp/kernels/core/winograd_product.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// Each sum by one thread, in compensated arithmetic: for binary64, and where there are too few rows for tiles.
template <class T>
struct round_one {
  window_product<T> p;
  left_sums left;

  __device__ void operator()(std::int64_t i) const {
    const sum_index s = sum_at(p, i);
    const sum_terms<T> terms(p, s);
    if (terms.count() == 0) {
      output_of(p, s) = p.start == nullptr ? zero_of<T>() : narrow<T>(widen(p.start[s.group * p.rows + s.row]));
      return;
    }
    compensated_terms sum;
    terms.each([&](T a, T b) { sum.add_product(a, b); });
    if (p.start != nullptr) sum.add(widen(p.start[s.group * p.rows + s.row]));
    if (!decide<T>(sum.value(), sum.radius(p.depth() + 1), output_of(p, s))) left.add(i);
  }
};

/// The most rows of the lower tiles.
constexpr std::int64_t most_low_rows = 32;

/// Tiles that read operands as they are.
template <class T, class Tile>
using tile_of = std::conditional_t<sizeof(T) == 2, short_tile<Tile, T>, Tile>;
template <class T>
operands_of<T> operands_where_they_lie(const window_product<T>& p) {
  return {p.image.data, p.factor.data, p.image.group_step, p.factor.group_step, {}};
}

/// Tiles with few empty rows; those of joined phases are low.
template <class T>
void launch_low_tiles(const window_product<T>& p, const tile_plan& plan, const joined_rows* rows, const left_sums& left,
                      unsigned* arrived, const cuda_queue& queue) {
  const operands_of<T> operands = operands_where_they_lie(p);
  if (rows != nullptr && p.rows <= 16)
    launch_tiles<tile_of<T, tile<32, 16, 4, 1, 4, true>>>(p, plan, plan.depth, *rows, operands, {}, left, arrived,
                                                          queue);
  else if (rows != nullptr)
    launch_tiles<tile_of<T, tile<32, 32, 4, 1, 3, true>>>(p, plan, plan.depth, *rows, operands, {}, left, arrived,
                                                          queue);
  else if (p.rows <= 8)
    launch_tiles<tile_of<T, tile<32, 8, 4, 1, 5>>>(p, plan, plan.depth, {}, operands, {}, left, arrived, queue);
  else if (p.rows <= 16)
    launch_tiles<tile_of<T, tile<32, 16, 4, 1, 4>>>(p, plan, plan.depth, {}, operands, {}, left, arrived, queue);
  else
    launch_tiles<tile_of<T, tile<32, 32, 4, 1, 3>>>(p, plan, plan.depth, {}, operands, {}, left, arrived, queue);
}

/// The same for more rows, of copies that are better read where that pays; false where 32 bits do not index those.
template <class T>
bool launch_high_tiles(const window_product<T>& p, const tile_plan& plain, const left_sums& left, unsigned* arrived,
                       const cuda_queue& queue) {
  const auto copies = operand_copies<T>::of(p);
  const bool copies_any = copies.images + copies.factors > 0;
  const workspace memory(queue, static_cast<std::size_t>(copies.first_factor() + copies.factors) * sizeof(float));
  const window_product<float> q = copies.product(p, memory.at<float>());
  auto plan = tile_plan::of(q);
  if (!plan) return false;
  if (sizeof(T) == 4 || copies_any) plan->find_quads(q);
  if (plan->image_quads == quads_of::none) {
    launch_tiles<tile_of<T, tile<64, 32, 2, 2, 2>>>(p, plain, plain.depth, {}, operands_where_they_lie(p), {}, left,
                                                    arrived, queue);
    return true;
  }
  queue_copies(p, copies, memory.at<float>(), queue);
  const tile_operands operands = operands_where_they_lie(q);
  const manner how{copies_any};
  if (plan->image_quads == quads_of::terms)
    launch_tiles<tile<32, 32, 4, 1, 3, false, quads_of::terms>>(p, *plan, plan->depth, {}, operands, how, left, arrived,
                                                                queue);
  else
    launch_tiles<tile<64, 32, 2, 2, 2, false, quads_of::columns>>(p, *plan, plan->depth, {}, operands, how, left,
                                                                  arrived, queue);
  return true;
}

/// High tiles that compute every sum where `asked` points to 1, and nothing where to 0.
template <class T>
void launch_tiles_if(const unsigned* asked, const window_product<T>& p, const tile_plan& plan, const left_sums& left,
                     unsigned* arrived, const cuda_queue& queue) {
  launch_tiles<tile_of<T, tile<64, 32, 2, 2, 2>>>(p, plan, plan.depth, {}, operands_where_they_lie(p), manner{true},
                                                  left, arrived, queue, asked);
}

/// Whether there are tiles for such a product; where there are few rows or columns, most of a tile would be empty.
template <class T>
std::optional<tile_plan> plan_of_tiles(const window_product<T>& p) {
  if (p.rows < 3 || p.columns() < 32 || p.depth() > most_tile_terms) return std::nullopt;
  return tile_plan::of(p);
}

/// What a call counts in device memory, and the list of what it leaves.
struct call_memory {
  call_memory(const cuda_queue& queue, std::int64_t sums)
      : memory(queue, counters + static_cast<std::size_t>(sums) * sizeof(std::int64_t)),
        left{memory.at<unsigned long long>(), memory.at<std::int64_t>(counters)},
        arrived(memory.at<unsigned>(sizeof(std::int64_t) + sizeof(narrow_state))),
        state(memory.at<narrow_state>(sizeof(std::int64_t))) {}
  /// Queues what makes all counts 0.
  void clear(const cuda_queue& queue) const {
    check(cudaMemsetAsync(left.count, 0, counters, stream_of(queue)), "cudaMemsetAsync");
  }
  static constexpr std::size_t counters =
      sizeof(std::int64_t) + sizeof(narrow_state) + most_arrivals * sizeof(unsigned);
  workspace memory;
  left_sums left;
  unsigned* arrived;
  narrow_state* state;
};

/// Computes every sum; returns the tier that decides those that are not left.
template <class T>
tier round_most(const window_product<T>& p, const call_memory& memory, const cuda_queue& queue) {
  const left_sums& left = memory.left;
  unsigned* const arrived = memory.arrived;
  if constexpr (std::is_same_v<T, float>)
    if (prefers_lines(p) && round_by_lines(p, left, queue)) return tier::binary64;
  memory.clear(queue);
  if constexpr (std::is_same_v<T, double>) {
    if (prefers_residues(p)) {
      round_residue_products(p, left, queue);
      return tier::double_double;
    }
    if (prefers_binary64_tiles(p)) {
      round_binary64_products(p, left, queue);
      return tier::double_double;
    }
  } else if (const auto plan = plan_of_tiles(p)) {
    if constexpr (sizeof(T) == 2)
      if (prefers_narrow_residues(p) && round_narrow_products(p, memory.state, left, queue)) {
        launch_tiles_if(&memory.state->asks_tiles, p, *plan, left, arrived, queue);
        return tier::binary64;
      }
    if (p.rows > most_low_rows && round_by_patches(p, left, arrived, queue)) return tier::binary64;
    if (p.rows > most_low_rows && launch_high_tiles(p, *plan, left, arrived, queue)) return tier::binary64;
    launch_low_tiles(p, *plan, nullptr, left, arrived, queue);
    return tier::binary64;
  }
  if (round_few_products(p, left, queue)) return std::is_same_v<T, double> ? tier::double_double : tier::binary64;
  for_each_index(queue, p.sums(), round_one<T>{p, left});
  return tier::double_double;
}

}  // namespace

template <class T>
void round_products(const window_product<T>& p, const cuda_queue& queue) {
  const std::int64_t sums = p.sums();
  if (sums == 0) return;
  const call_memory memory(queue, sums);
  const tier first = round_most(p, memory, queue);
  launch_repair(product_list<T, 1>{{p}, 1, sums}, memory.left, first, queue);
}

template <class T>
bool round_joined(const joined_product<T>& j, const cuda_queue& queue) {
  const auto plan = plan_of_tiles(j.whole);
  if (!plan || plan->image_by_terms || j.whole.rows > most_low_rows) return false;
  product_list<T, joined_product<T>::most> all{{}, j.rows.phases(), most_sums_of_phase(j.whole, j.rows)};
  std::int64_t sums = 0;
  for (int k = 0; k < all.count; ++k) {
    all.p[k] = j.phase[k];
    sums += j.phase[k].sums();
  }
  const call_memory memory(queue, sums);
  memory.clear(queue);
  launch_low_tiles(j.whole, *plan, &j.rows, memory.left, memory.arrived, queue);
  launch_repair(all, memory.left, tier::binary64, queue);
  return true;
}

}  // namespace cuda

void round_products(const window_product<float16>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<bfloat16>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<float>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<double>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}

bool round_joined(const joined_product<float16>& j, const cuda_queue& q) {
  return cuda::round_joined(j, q);
}
bool round_joined(const joined_product<bfloat16>& j, const cuda_queue& q) {
  return cuda::round_joined(j, q);
}
bool round_joined(const joined_product<float>& j, const cuda_queue& q) {
  return cuda::round_joined(j, q);
}
bool round_joined(const joined_product<double>&, const cuda_queue&) {
  return false;
}

}  // namespace halfulp::kernels
