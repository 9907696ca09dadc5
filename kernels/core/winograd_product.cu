#include <halfulp/kernels/core/winograd_product.cuh>

#include <type_traits>

#include <halfulp/kernels/core/tile_launch.cuh>
#include <halfulp/kernels/core/widen_operands.cuh>
#include <halfulp/kernels/core/winograd_taps.cuh>

namespace halfulp::kernels::cuda {
namespace {

using pairs = tile<32, 32, 2, 2, 2, false, quads_of::none, winograd::two_of_three_taps>;
using triples = tile<48, 32, 2, 2, 2, false, quads_of::none, winograd::three_of_two_taps>;

/// Operands that are binary32 numbers: those of the product, or copies.
template <class T>
class wide_operands {
 public:
  /// The image, and the factor with it where it is `both`.
  wide_operands(const window_product<T>& p, bool both, const cuda_queue& queue)
      : images_(copies ? image_elements(p) : 0),
        factors_(copies && both ? factor_elements(p) : 0),
        memory_(queue, static_cast<std::size_t>(copies ? images_ + factors_ + 3 : 0) * sizeof(float)) {
    if constexpr (copies) {
      const std::int64_t blocks = (images_ + factors_) / (4 * threads_per_block) + 1;
      launch(queue, static_cast<unsigned>(std::min(blocks, most_blocks)), static_cast<unsigned>(threads_per_block), 0,
             widen_operands<T>, p.image.data, images_, p.factor.data, factors_, memory_.template at<float>());
    }
  }
  tile_operands of(const window_product<T>& p) const {
    tile_operands o{nullptr, nullptr, p.image.group_step, p.factor.group_step, {}};
    if constexpr (copies) {
      o.image = memory_.template at<float>();
      o.factor = o.image + images_;
    } else {
      o.image = p.image.data;
      o.factor = p.factor.data;
    }
    return o;
  }

 private:
  static constexpr bool copies = !std::is_same_v<T, float>;
  std::int64_t images_, factors_;
  workspace memory_;
};

template <class T>
void launch_pairs(const window_product<T>& p, const winograd_plan& plan, const left_sums& left, unsigned* arrived,
                  const cuda_queue& queue) {
  const wide_operands<T> wide(p, false, queue);
  const int slabs = (plan.places.depth + pairs::terms - 1) / pairs::terms;
  const std::int64_t rows = p.groups * tiles_down<pairs>(p) * slabs * pairs::rows, quads = rows * pairs::terms;
  const std::size_t bytes = static_cast<std::size_t>(quads) * sizeof(uint4);
  const workspace memory(queue, bytes + static_cast<std::size_t>(rows) * sizeof(float));
  launch(queue, static_cast<unsigned>(std::min(quads / threads_per_block, most_blocks)),
         static_cast<unsigned>(threads_per_block), 0, pack_taps<T, pairs::rows, pairs::terms>, p, plan, slabs, quads,
         memory.at<uint4>(), memory.at<float>(bytes));
  tile_operands operands = wide.of(p);
  operands.taps = {memory.at<uint4>(), memory.at<float>(bytes)};
  launch_tiles<pairs>(p, plan, plan.places.depth, {}, operands, manner{true}, left, arrived, queue);
}

template <class T>
void launch_triples(const window_product<T>& p, winograd_plan plan, const left_sums& left, unsigned* arrived,
                    const cuda_queue& queue) {
  const wide_operands<T> wide(p, true, queue);
  const tile_operands operands = wide.of(p);
  plan.find_pairs(p.groups, operands.factor, operands.factor_group);
  launch_tiles<triples>(p, plan, plan.places.depth, {}, operands, manner{sizeof(T) == 2}, left, arrived, queue);
}

}  // namespace

template <class T>
bool round_by_patches(const window_product<T>& p, const left_sums& left, unsigned* arrived, const cuda_queue& queue) {
  if (patches_pay(p, winograd::two_of_three_taps)) {
    if (const auto plan = winograd_plan::of(p, winograd::two_of_three_taps)) {
      launch_pairs(p, *plan, left, arrived, queue);
      return true;
    }
  }
  if (patches_pay(p, winograd::three_of_two_taps)) {
    if (const auto plan = winograd_plan::of(p, winograd::three_of_two_taps)) {
      launch_triples(p, *plan, left, arrived, queue);
      return true;
    }
  }
  return false;
}

template bool round_by_patches(const window_product<float16>&, const left_sums&, unsigned*, const cuda_queue&);
template bool round_by_patches(const window_product<bfloat16>&, const left_sums&, unsigned*, const cuda_queue&);
template bool round_by_patches(const window_product<float>&, const left_sums&, unsigned*, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
