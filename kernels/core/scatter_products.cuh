// Products of floating-point numbers by target, rounded once.
#pragma once

#include <halfulp/kernels/core/factor_product.hpp>
#include <halfulp/kernels/core/sorted_updates.cuh>

namespace halfulp::kernels::cuda {

/// What a quick product does not decide, for one thread that has memory for exact ones.
struct left_products {
  unsigned long long* count;
  std::int64_t* output;  // room for all
  std::uint32_t* word;   // as many as most_words
};
/// Words for an exact product of so many updates, an element before and a gradient.
constexpr std::int64_t most_words(std::int64_t updates) {
  return 2 * (updates + 2) + 1;
}

/// Source: the number of outputs; is_product(i), whether output i is one; other(i), what it is else; each(i, f), its
/// factors; result(i), where it goes.
template <class R, class Source>
struct round_product_of {
  Source from;
  left_products left;

  __device__ void operator()(std::int64_t i) const {
    if (!from.is_product(i)) {
      from.result(i) = from.other(i);
      return;
    }
    factor_product product;
    from.each(i, [&](double factor) { product.multiply(factor); });
    if (!product.decide_to(from.result(i))) left.output[atomicAdd(left.count, 1ull)] = i;
  }
};
/// The products that are left, one after another: there is next to none.
template <class R, class Source>
struct round_left_products {
  Source from;
  left_products left;

  __device__ void operator()(std::int64_t) const {
    for (std::int64_t k = 0; k < static_cast<std::int64_t>(*left.count); ++k) {
      const std::int64_t i = left.output[k];
      long_product product(left.word);
      from.each(i, [&](double factor) { product.multiply(factor); });
      from.result(i) = product.template round<R>();
    }
  }
};

template <class R, class Source>
void queue_each_product(const Source& from, std::int64_t outputs, std::int64_t updates, const cuda_queue& queue) {
  if (outputs == 0) return;
  const auto places = static_cast<std::size_t>(outputs + 1) * sizeof(std::int64_t);
  const workspace memory(queue, places + static_cast<std::size_t>(most_words(updates)) * sizeof(std::uint32_t));
  const left_products left{memory.at<unsigned long long>(), memory.at<std::int64_t>(sizeof(std::int64_t)),
                           memory.at<std::uint32_t>(places)};
  check(cudaMemsetAsync(left.count, 0, sizeof(*left.count), stream_of(queue)), "cudaMemsetAsync");
  for_each_index(queue, outputs, round_product_of<R, Source>{from, left});
  for_each_index(queue, 1, round_left_products<R, Source>{from, left});
}

}  // namespace halfulp::kernels::cuda
