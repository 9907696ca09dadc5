// Images as cuDNN gets them: NCHW, with padding that is the same on both sides; what differs is laid around them first.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::analysis::gpu {

/// Throws unsupported: cuDNN's sizes are ints of at least 1.
inline int cudnn_size(std::int64_t n) {
  if (n < 1) throw unsupported("cuDNN has no empty tensors");
  if (n > std::numeric_limits<int>::max()) throw unsupported("cuDNN has no sizes of 2^31");
  return static_cast<int>(n);
}

/// The input's side of one axis of a convolution.
struct input_axis {
  std::int64_t in = 1;       ///< elements of the op's own input
  std::int64_t size = 1;     ///< of the one that cuDNN gets
  std::int64_t before = 0;   ///< the place there of the op's first
  std::int64_t padding = 0;  ///< cuDNN's own, on both sides

  /// cuDNN's padding where it gives as many outputs, else zeros around the input, or a cut, just as far as windows reach.
  static input_axis of(const window<run>& w) {
    const std::int64_t span = (w.kernel - 1) * w.dilation + 1;
    const std::int64_t most = w.in + 2 * w.pad_before - span;
    if (most >= 0 && most / w.stride + 1 == w.out) return {w.in, w.in, 0, w.pad_before};
    return {w.in, (w.out - 1) * w.stride + span, w.pad_before, 0};
  }
  static input_axis plain(std::int64_t n) { return {n, n, 0, 0}; }
};

/// An image of a call and the one that cuDNN gets.
struct cudnn_image {
  std::int64_t images, channels;
  input_axis rows, columns;
  bool nhwc;  ///< of the call's

  std::size_t size() const { return static_cast<std::size_t>(images * channels * rows.size * columns.size); }

  template <class T>
  std::vector<T> laid_out(std::span<const T> x) const {
    std::vector<T> to(size());
    each([&](std::size_t theirs, std::size_t ours) { to[theirs] = x[ours]; });
    return to;
  }
  /// Back again; zeros where cuDNN's reaches less far.
  template <class T>
  std::vector<T> taken_from(const std::vector<T>& theirs_all) const {
    std::vector<T> to(static_cast<std::size_t>(images * channels * rows.in * columns.in));
    each([&](std::size_t theirs, std::size_t ours) { to[ours] = theirs_all[theirs]; });
    return to;
  }

 private:
  /// f(element of cuDNN's, element of the call's) for every pixel that both have.
  template <class F>
  void each(F f) const {
    for (std::int64_t n = 0; n < images; ++n)
      for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t h = 0; h < rows.in; ++h)
          for (std::int64_t w = 0; w < columns.in; ++w) {
            const std::int64_t i = h + rows.before, j = w + columns.before;
            if (i >= rows.size || j >= columns.size) continue;
            const std::int64_t ours = nhwc ? ((n * rows.in + h) * columns.in + w) * channels + c
                                           : ((n * channels + c) * rows.in + h) * columns.in + w;
            f(static_cast<std::size_t>(((n * channels + c) * rows.size + i) * columns.size + j),
              static_cast<std::size_t>(ours));
          }
  }
};

}  // namespace halfulp::analysis::gpu
