#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/patch_axis.hpp>
#include <halfulp/kernels/core/widen.hpp>

namespace halfulp::kernels {

struct index_interval {
  std::int64_t first, end;
  std::int64_t size() const { return end - first; }
};

/// Channels of a batch of images in memory; steps count elements.
template <class T>
struct image_channels {
  const T* data;
  std::int64_t image_step, channel_step, row_step, column_step;
};

/// The patches of a batch of images: `positions` are (image, row, column) and `taps` (channel, kernel row, kernel
/// column), both numbered row-major.
template <class T>
struct patch_grid {
  image_channels<T> images;
  patch_axis rows, columns;

  std::int64_t taps_of_channel() const { return rows.taps * columns.taps; }
  std::int64_t positions_of_image() const { return rows.positions * columns.positions; }

  /// Whether every tap of a position reads an element, none of them padding.
  bool every_tap_reads(std::int64_t position) const {
    const std::int64_t at = position % positions_of_image();
    return rows.every_tap_reads(at / columns.positions) && columns.every_tap_reads(at % columns.positions);
  }
  bool every_position_reads(std::int64_t tap) const {
    const std::int64_t at = tap % taps_of_channel();
    return rows.every_position_reads(at / columns.taps) && columns.every_position_reads(at % columns.taps);
  }
  /// The element that a tap reads at a position, in binary64; 0 where it reads nothing.
  double value(std::int64_t position, std::int64_t tap) const {
    const std::int64_t at = position % positions_of_image(), of = tap % taps_of_channel();
    const std::int64_t r = rows.element_at(rows.place(at / columns.positions, of / columns.taps));
    const std::int64_t c = columns.element_at(columns.place(at % columns.positions, of % columns.taps));
    return r < 0 || c < 0 ? 0 : widen(*element(position / positions_of_image(), tap / taps_of_channel(), r, c));
  }
  const T* element(std::int64_t n, std::int64_t channel, std::int64_t r, std::int64_t c) const {
    return images.data + n * images.image_step + channel * images.channel_step + r * images.row_step +
           c * images.column_step;
  }
};

/// The elements that some positions and taps read, in binary64, laid out so that tap t of position p is at
/// base()[position_offset[p - first position] + tap_offset[t - first tap]]: either the rows of the images that they
/// reach, zeros in place of padding, or, where these are far more than the patches themselves, the patches.
template <class T>
class patches {
 public:
  /// Neither interval may be empty.
  void load(const patch_grid<T>& grid, index_interval positions, index_interval taps) {
    grid_ = &grid;
    positions_ = positions;
    taps_ = taps;
    position_offset.resize(static_cast<std::size_t>(positions.size()));
    tap_offset.resize(static_cast<std::size_t>(taps.size()));
    find_reach();
    if (planes_are_compact())
      load_planes();
    else
      load_patches();
  }
  const double* base() const { return values_.data() + panel_slack(); }

  std::vector<std::int64_t> position_offset, tap_offset;

 private:
  static std::int64_t last(index_interval i) { return i.end - 1; }

  /// The images, rows, columns and channels that are reached; all rows where there are two images, all columns where
  /// there are two rows.
  void find_reach() {
    const std::int64_t w = grid_->columns.positions, image = grid_->positions_of_image();
    images_ = {positions_.first / image, last(positions_) / image + 1};
    channels_ = {taps_.first / grid_->taps_of_channel(), last(taps_) / grid_->taps_of_channel() + 1};
    const std::int64_t first_line = positions_.first / w, last_line = last(positions_) / w;
    rows_ = images_.size() > 1
                ? index_interval{0, grid_->rows.positions}
                : index_interval{first_line % grid_->rows.positions, last_line % grid_->rows.positions + 1};
    columns_ =
        first_line < last_line ? index_interval{0, w} : index_interval{positions_.first % w, last(positions_) % w + 1};
    height_ = grid_->rows.reach(rows_.first, last(rows_));
    width_ = grid_->columns.reach(columns_.first, last(columns_));
  }

  bool planes_are_compact() const {
    const double planes = static_cast<double>(height_) * static_cast<double>(width_) *
                          static_cast<double>(images_.size()) * static_cast<double>(channels_.size());
    const double read = static_cast<double>(positions_.size()) * static_cast<double>(taps_.size());
    return planes <= 4 * read + 1024;
  }

  void reserve(std::int64_t count) { values_.resize(static_cast<std::size_t>(count + 2 * panel_slack())); }

  void load_planes() {
    const std::int64_t plane = height_ * width_, channel = plane * images_.size();
    reserve(channel * channels_.size());
    double* out = values_.data() + panel_slack();
    for (std::int64_t c = channels_.first; c < channels_.end; ++c)
      for (std::int64_t n = images_.first; n < images_.end; ++n, out += plane) load_plane(n, c, out);
    number_positions(plane);
    number_taps(channel);
  }

  void load_plane(std::int64_t n, std::int64_t channel, double* out) const {
    const std::int64_t top = grid_->rows.least_place(rows_.first);
    for (std::int64_t y = 0; y < height_; ++y, out += width_) {
      const std::int64_t row = grid_->rows.element_at(top + y);
      if (row < 0)
        std::fill_n(out, width_, 0.0);
      else
        load_row(grid_->element(n, channel, row, 0), out);
    }
  }

  void load_row(const T* row, double* out) const {
    const patch_axis& axis = grid_->columns;
    const std::int64_t left = axis.least_place(columns_.first), step = grid_->images.column_step;
    if (axis.element_step > 1) {
      for (std::int64_t x = 0; x < width_; ++x) {
        const std::int64_t e = axis.element_at(left + x);
        out[x] = e < 0 ? 0 : widen(row[e * step]);
      }
      return;
    }
    const std::int64_t first = std::clamp<std::int64_t>(-left, 0, width_);
    const std::int64_t end = std::clamp<std::int64_t>(axis.elements - left, first, width_);
    std::fill_n(out, first, 0.0);
    if (first < end) widen_run(row + (left + first) * step, step, end - first, out + first);
    std::fill_n(out + end, width_ - end, 0.0);
  }

  void number_positions(std::int64_t plane) {
    std::int64_t at = positions_.first, w = at % grid_->columns.positions;
    std::int64_t h = at / grid_->columns.positions % grid_->rows.positions, n = at / grid_->positions_of_image();
    for (auto& offset : position_offset) {
      offset = (n - images_.first) * plane + (h - rows_.first) * grid_->rows.position_step * width_ +
               (w - columns_.first) * grid_->columns.position_step;
      if (++w < grid_->columns.positions) continue;
      w = 0;
      if (++h < grid_->rows.positions) continue;
      h = 0;
      ++n;
    }
  }

  void number_taps(std::int64_t channel) {
    const std::int64_t top = grid_->rows.least_place(rows_.first), left = grid_->columns.least_place(columns_.first);
    const std::int64_t of = taps_.first % grid_->taps_of_channel();
    std::int64_t c = 0, kh = of / grid_->columns.taps, kw = of % grid_->columns.taps;
    for (auto& offset : tap_offset) {
      offset = c * channel + (grid_->rows.place(rows_.first, kh) - top) * width_ +
               grid_->columns.place(columns_.first, kw) - left;
      if (++kw < grid_->columns.taps) continue;
      kw = 0;
      if (++kh < grid_->rows.taps) continue;
      kh = 0;
      ++c;
    }
  }

  void load_patches() {
    const std::int64_t count = positions_.size();
    reserve(count * taps_.size());
    double* out = values_.data() + panel_slack();
    for (std::int64_t t = taps_.first; t < taps_.end; ++t)
      for (std::int64_t p = positions_.first; p < positions_.end; ++p) *out++ = grid_->value(p, t);
    for (std::int64_t p = 0; p < count; ++p) position_offset[static_cast<std::size_t>(p)] = p;
    for (std::int64_t t = 0; t < taps_.size(); ++t) tap_offset[static_cast<std::size_t>(t)] = t * count;
  }

  const patch_grid<T>* grid_ = nullptr;
  index_interval positions_{}, taps_{}, images_{}, channels_{}, rows_{}, columns_{};
  std::int64_t height_ = 0, width_ = 0;
  std::vector<double> values_;
};

}  // namespace halfulp::kernels
