#pragma once

#include <cstdint>

#include <halfulp/kernels/core/patches.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::kernels {

/// The channels of an image tensor (x or y of `g`) from channel `first` on, by the spec's index rule.
template <class T>
image_channels<T> channels_of(const op::conv2d::geometry<run>& g, const shape<run>& image, const T* data) {
  run m(op::conv2d::name);
  const auto step = [&](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return g.element_of(m, image, {{n, {}}, {c, {}}, {h, {}}, {w, {}}}).v;
  };
  return {data, step(1, 0, 0, 0), step(0, 1, 0, 0), step(0, 0, 1, 0), step(0, 0, 0, 1)};
}

}  // namespace halfulp::kernels
