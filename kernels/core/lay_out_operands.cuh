// Copies of both operands of a window_product as binary32 numbers, laid out so that tiles read them by quads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tile_plan.hpp>
#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels::cuda {

/// What becomes of an operand: it stays where it is, every element is widened, or it is laid out anew.
enum class copied { stays, widened, laid_out };

/// The image by groups, images, places and then channels, which are the outer parts of columns or of terms; the factor by
/// groups, rows, taps and then channels.
template <class T>
struct operand_copies {
  copied image = copied::stays, factor = copied::stays;
  bool columns_are_channels = false;
  std::int64_t images = 0, factors = 0;  // elements of the copies

  /// How tiles of 64 rows best have this product, whose plan has 32 bits for every place.
  static operand_copies of(const window_product<T>& p);

  /// The product of the copies in `wide`, which has room for images + factors + 6 elements; no outputs.
  window_product<float> product(const window_product<T>& p, float* wide) const;
  /// Where the copy of the factor begins there: quads of both are aligned.
  __host__ __device__ std::int64_t first_factor() const { return (images + 3) / 4 * 4; }
};

/// Channels worth a copy for: so many, in quads; each element of the copy takes part in so many products.
inline constexpr std::int64_t least_channels = 16, least_products = 1500, least_copied = 100'000'000;

template <class T>
operand_copies<T> operand_copies<T>::of(const window_product<T>& p) {
  operand_copies c;
  c.columns_are_channels = p.image.column_step < p.image.term_step;
  const std::int64_t channels = c.columns_are_channels ? p.outer_columns : p.outer_terms;
  const std::int64_t step = c.columns_are_channels ? p.image.column_step : p.image.term_step;
  const std::int64_t elements =
      p.groups * p.outer_columns * p.outer_terms * p.vertical.elements * p.horizontal.elements;
  const double products = static_cast<double>(p.sums()) * static_cast<double>(p.depth());
  const bool masks = c.columns_are_channels || (p.vertical.terms <= tile_plan::most_vertical_bits &&
                                                p.horizontal.terms <= tile_plan::most_horizontal_bits);
  constexpr std::int64_t most = std::int64_t{1} << 30;
  const bool fits = elements < most && p.groups * p.rows * p.depth() < most;
  const bool pays = products >= static_cast<double>(least_products) * static_cast<double>(elements) &&
                    products >= static_cast<double>(least_copied);
  if (masks && channels >= least_channels && channels % 4 == 0 && fits && (step == 1 || pays)) {
    constexpr copied plainly = std::is_same_v<T, float> ? copied::stays : copied::widened;
    c.image = step != 1 ? copied::laid_out : plainly;
    c.factor = plainly;
    if (!c.columns_are_channels && (p.factor.outer_step != 1 || p.factor.row_step % 4 != 0))
      c.factor = copied::laid_out;
  }
  c.images = c.image == copied::stays ? 0 : c.image == copied::widened ? image_elements(p) : elements;
  c.factors = c.factor == copied::stays     ? 0
              : c.factor == copied::widened ? factor_elements(p)
                                            : p.groups * p.rows * p.depth();
  return c;
}

template <class T>
window_product<float> operand_copies<T>::product(const window_product<T>& p, float* wide) const {
  window_product<float> q{};
  q.groups = p.groups;
  q.rows = p.rows;
  q.outer_columns = p.outer_columns;
  q.outer_terms = p.outer_terms;
  q.vertical = p.vertical;
  q.horizontal = p.horizontal;
  q.image = {wide, p.image.group_step, p.image.column_step, p.image.term_step, p.image.row_step, p.image.element_step};
  q.factor = {wide + first_factor(), p.factor.group_step,    p.factor.row_step,
              p.factor.outer_step,   p.factor.vertical_step, p.factor.horizontal_step};
  if constexpr (std::is_same_v<T, float>) {
    if (image == copied::stays) q.image.data = p.image.data;
    if (factor == copied::stays) q.factor.data = p.factor.data;
  }
  if (image == copied::laid_out) {
    const std::int64_t channels = columns_are_channels ? p.outer_columns : p.outer_terms;
    const std::int64_t line = p.horizontal.elements * channels, all = p.vertical.elements * line;
    q.image.group_step = all * (columns_are_channels ? p.outer_terms : p.outer_columns);
    q.image.column_step = columns_are_channels ? 1 : all;
    q.image.term_step = columns_are_channels ? all : 1;
    q.image.row_step = line;
    q.image.element_step = channels;
  }
  if (factor == copied::laid_out)
    q.factor = {q.factor.data, p.rows * p.depth(), p.depth(), 1, p.horizontal.terms * p.outer_terms, p.outer_terms};
  return q;
}

/// A block copies places times channels of an image at a time, or so many elements.
inline constexpr unsigned copied_places = 64, copied_channels = 32, copied_elements = 2048;

template <class T>
class operand_copier {
 public:
  using place_line = float[copied_channels + 1];

  __device__ operand_copier(const window_product<T>& p, const operand_copies<T>& c, float* wide, place_line* memory)
      : p_(p), copies_(c), wide_(wide), memory_(memory), thread_(threadIdx.x) {}

  /// Piece b of the image's copy: neighbouring lanes read neighbouring places and write neighbouring channels.
  __device__ void lay_out_image(std::int64_t b) const {
    const bool columns = copies_.columns_are_channels;
    const auto channels = static_cast<unsigned>(columns ? p_.outer_columns : p_.outer_terms),
               images = static_cast<unsigned>(columns ? p_.outer_terms : p_.outer_columns),
               width = static_cast<unsigned>(p_.horizontal.elements),
               places = static_cast<unsigned>(p_.vertical.elements) * width;
    const unsigned down = (channels + copied_channels - 1) / copied_channels,
                   across = (places + copied_places - 1) / copied_places;
    const auto piece = static_cast<unsigned>(b);
    const unsigned first_channel = piece % down * copied_channels, first_place = piece / down % across * copied_places,
                   image = piece / down / across;
    const std::int64_t channel_step = columns ? p_.image.column_step : p_.image.term_step;
    const T* from = p_.image.data + image / images * p_.image.group_step +
                    image % images * (columns ? p_.image.term_step : p_.image.column_step);
    const unsigned lane = thread_ % 32, warp = thread_ / 32;
    float value[8];
#pragma unroll
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned channel = first_channel + warp * 4 + i / 2, place = first_place + i % 2 * 32 + lane;
      const unsigned line = place / width;
      const std::int64_t at =
          channel * channel_step + line * p_.image.row_step + (place - line * width) * p_.image.element_step;
      value[i] = channel < channels && place < places ? widen_binary32(from[at]) : 0;
    }
#pragma unroll
    for (unsigned i = 0; i < 8; ++i) memory_[i % 2 * 32 + lane][warp * 4 + i / 2] = value[i];
    __syncthreads();
    float* to = wide_ + (static_cast<std::int64_t>(image) * places + first_place) * channels + first_channel + lane;
#pragma unroll
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned place = warp * 8 + i;
      if (first_place + place < places && first_channel + lane < channels)
        to[static_cast<std::int64_t>(place) * channels] = memory_[place][lane];
    }
    __syncthreads();
  }

  /// Elements of the factor's copy, those of piece b.
  __device__ void lay_out_factor(std::int64_t b) const {
    const auto channels = static_cast<unsigned>(p_.outer_terms), across = static_cast<unsigned>(p_.horizontal.terms),
               down = static_cast<unsigned>(p_.vertical.terms), rows = static_cast<unsigned>(p_.rows);
    each(
        b, copies_.factors,
        [&](std::int64_t i) {
          const auto n = static_cast<unsigned>(i);
          const unsigned tap = n / channels, line = tap / across, row = line / down, group = row / rows;
          return p_.factor
              .data[group * p_.factor.group_step + (row - group * rows) * p_.factor.row_step +
                    (n - tap * channels) * p_.factor.outer_step + (line - row * down) * p_.factor.vertical_step +
                    (tap - line * across) * p_.factor.horizontal_step];
        },
        wide_ + copies_.first_factor());
  }
  __device__ void widen(std::int64_t b, const T* from, std::int64_t n, float* to) const {
    each(
        b, n, [&](std::int64_t i) { return from[i]; }, to);
  }

  /// Pieces of the copies, those of the image first.
  static __host__ __device__ std::int64_t image_pieces(const window_product<T>& p, const operand_copies<T>& c) {
    if (c.image != copied::laid_out) return (c.images + copied_elements - 1) / copied_elements;
    const std::int64_t channels = c.columns_are_channels ? p.outer_columns : p.outer_terms;
    const std::int64_t places = p.vertical.elements * p.horizontal.elements;
    return c.images / (channels * places) * ((channels + copied_channels - 1) / copied_channels) *
           ((places + copied_places - 1) / copied_places);
  }
  static __host__ __device__ std::int64_t factor_pieces(const operand_copies<T>& c) {
    return (c.factors + copied_elements - 1) / copied_elements;
  }

 private:
  template <class Element>
  __device__ void each(std::int64_t b, std::int64_t n, Element element, float* to) const {
    constexpr unsigned each_thread = copied_elements / threads_per_block;
    T value[each_thread];
    const std::int64_t first = b * copied_elements + thread_;
#pragma unroll
    for (unsigned i = 0; i < each_thread; ++i)
      if (const std::int64_t at = first + i * threads_per_block; at < n) value[i] = element(at);
#pragma unroll
    for (unsigned i = 0; i < each_thread; ++i)
      if (const std::int64_t at = first + i * threads_per_block; at < n) to[at] = widen_binary32(value[i]);
  }

  const window_product<T>& p_;
  const operand_copies<T>& copies_;
  float* wide_;
  place_line* memory_;
  unsigned thread_;
};

template <class T>
__global__ void __launch_bounds__(threads_per_block)
    lay_out_operands(const __grid_constant__ window_product<T> p, const __grid_constant__ operand_copies<T> copies,
                     float* wide, std::int64_t image_pieces, std::int64_t pieces) {
  __shared__ float memory[copied_places][copied_channels + 1];
  static_assert(threads_per_block == copied_places * copied_channels / 8);
  const operand_copier<T> copier(p, copies, wide, memory);
  for (std::int64_t b = blockIdx.x; b < pieces; b += gridDim.x) {
    if (b >= image_pieces && copies.factor == copied::laid_out)
      copier.lay_out_factor(b - image_pieces);
    else if (b >= image_pieces)
      copier.widen(b - image_pieces, p.factor.data, copies.factors, wide + copies.first_factor());
    else if (copies.image == copied::laid_out)
      copier.lay_out_image(b);
    else
      copier.widen(b, p.image.data, copies.images, wide);
  }
}

/// Queues the copies. Throws device_error.
template <class T>
void queue_copies(const window_product<T>& p, const operand_copies<T>& copies, float* wide, const cuda_queue& queue) {
  const std::int64_t image = operand_copier<T>::image_pieces(p, copies),
                     all = image + operand_copier<T>::factor_pieces(copies);
  if (all == 0) return;
  launch(queue, static_cast<unsigned>(std::min(all, most_blocks)), static_cast<unsigned>(threads_per_block), 0,
         lay_out_operands<T>, p, copies, wide, image, all);
}

}  // namespace halfulp::kernels::cuda
