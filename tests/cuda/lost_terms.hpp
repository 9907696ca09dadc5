// Images and weights of float32 whose sums lose as much as the parts of a bound allow for.
#pragma once

#include <algorithm>
#include <utility>

#include "cuda/convolutions.hpp"

namespace halfulp::tests {

struct image_and_weight {
  tensor x, weight;
};

/// Elements of(channel, place in it), of an NCHW image or of each input of a weight.
template <class Of>
tensor by_channel(const extents& shape, Of of) {
  tensor t(dtype::float32, shape);
  const std::int64_t inner = shape[2] * shape[3];
  const auto x = t.elements<float>();
  for (std::int64_t k = 0; k < std::ssize(x); ++k)
    x[static_cast<std::size_t>(k)] = narrow<float>(of(k / inner % shape[1], k % inner));
  return t;
}

/// The second half of every 2 `half` channels takes back what the first half added, but for `left` of it at most: only norms
/// tell what was lost.
inline image_and_weight rising_and_falling(random_source& r, const convolution& c, std::int64_t half, double left) {
  const auto drawn = [&](const extents& shape, auto again) {
    tensor t = by_channel(shape, [&](std::int64_t, std::int64_t) { return .75 + .25 * r.uniform(); });
    const auto x = t.elements<float>();
    const std::int64_t inner = shape[2] * shape[3];
    for (std::int64_t k = 0; k < std::ssize(x); ++k)
      if (k / inner % shape[1] % (2 * half) >= half)
        x[static_cast<std::size_t>(k)] = narrow<float>(again(widen(x[static_cast<std::size_t>(k - half * inner)])));
    return t;
  };
  tensor x = drawn(c.x_shape(), [&](double before) { return -before * (1 + left * r.uniform()); });
  return {std::move(x), drawn(c.weight_shape(), [](double before) { return before; })};
}

/// 1 + 2^-24, a midpoint, less 200 u, and 509 products of .98 u, each lost: 299 u above the midpoint. Of a weight only one tap
/// is not 0, and of an image the places for which reads(place) is true.
template <class Reads>
image_and_weight beginning_large(const convolution& c, std::int64_t tap, Reads reads) {
  constexpr double image[] = {1, 0x1p-12, 0x1p-22, 0x1p-26}, factor[] = {1, 0x1p-12, -200 * 0x1p-31, .98 * 0x1p-27};
  const auto kind_of = [](std::int64_t channel) { return std::min<std::int64_t>(channel, 3); };
  return {by_channel(c.x_shape(),
                     [&](std::int64_t channel, std::int64_t at) { return reads(at) ? image[kind_of(channel)] : 0; }),
          by_channel(c.weight_shape(),
                     [&](std::int64_t channel, std::int64_t at) { return at == tap ? factor[kind_of(channel)] : 0; })};
}

}  // namespace halfulp::tests
