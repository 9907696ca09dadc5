#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/patch_axis.hpp>
#include <halfulp/kernels/core/widen.hpp>

namespace halfulp::kernels {

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
/// reach, zeros in place of padding, or, where these are far more than the patches themselves, the patches. The places of
/// both axes must be elements (element_step 1).
template <class T>
class patches {
 public:
  /// Neither interval may be empty.
  void load(const patch_grid<T>& grid, index_interval positions, index_interval taps) {
    set(grid, positions, taps);
    if (!planes_are_compact()) return load_patches();
    load_planes();
    number_positions();
    number_taps();
  }
  const double* base() const { return values_.data() + panel_slack(); }

  /// The same as planes, whatever their size, for positions of whole rows of one image. No position is numbered: the one
  /// after another in a row is the number after it, and the one below it row_step() after it.
  void load_planes(const patch_grid<T>& grid, index_interval positions, index_interval taps) {
    set(grid, positions, taps);
    load_planes();
    number_taps();
  }
  std::int64_t row_step() const { return grid_->rows.position_step * width_; }
  /// How many numbers planes hold, and how many of these are elements of the image.
  std::int64_t size() const { return plane() * images_.size() * channels_.size(); }
  std::int64_t elements() const { return elements_; }

  std::vector<std::int64_t> position_offset, tap_offset;

 private:
  static std::int64_t last(index_interval i) { return i.end - 1; }
  std::int64_t plane() const { return height_ * width_; }
  std::int64_t channel() const { return plane() * images_.size(); }

  void set(const patch_grid<T>& grid, index_interval positions, index_interval taps) {
    grid_ = &grid;
    positions_ = positions;
    taps_ = taps;
    find_reach();
  }

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
    places_ = grid_->columns.reach(columns_.first, last(columns_));
    phases_ = grid_->columns.position_step;
    width_ = (places_ + phases_ - 1) / phases_ * phases_;
  }

  bool planes_are_compact() const {
    const double planes = static_cast<double>(height_) * static_cast<double>(width_) *
                          static_cast<double>(images_.size()) * static_cast<double>(channels_.size());
    const double read = static_cast<double>(positions_.size()) * static_cast<double>(taps_.size());
    return planes <= 4 * read + 1024;
  }

  /// Room for so many numbers, with zeros before and after.
  void reserve(std::int64_t count) {
    values_.resize(count + 2 * panel_slack());
    std::fill_n(values_.data(), panel_slack(), 0.0);
    std::fill_n(values_.data() + panel_slack() + count, panel_slack(), 0.0);
  }

  void load_planes() {
    reserve(channel() * channels_.size());
    room_.resize(width_);
    elements_ = 0;
    for (std::int64_t n = images_.first; n < images_.end; ++n)
      load_image(n, values_.data() + panel_slack() + (n - images_.first) * plane());
  }

  /// The rows of all channels of an image.
  void load_image(std::int64_t n, double* out) {
    const index_interval rows = inside(grid_->rows, grid_->rows.least_place(rows_.first), height_);
    const std::int64_t top = grid_->rows.least_place(rows_.first), left = grid_->columns.least_place(columns_.first);
    const index_interval columns = inside(grid_->columns, left, places_);
    for (std::int64_t c = 0; c < channels_.size(); ++c) {
      std::fill_n(out + c * channel(), rows.first * width_, 0.0);
      std::fill_n(out + c * channel() + rows.end * width_, (height_ - rows.end) * width_, 0.0);
    }
    const bool empty = rows.size() == 0 || columns.size() == 0;
    elements_ += channels_.size() * rows.size() * columns.size();
    const T* first = empty ? nullptr : grid_->element(n, channels_.first, top + rows.first, left + columns.first);
    widen_rows<T>({first, channels_.size(), rows.size(), columns.size(), grid_->images.channel_step,
                   grid_->images.row_step, grid_->images.column_step},
                  {out + rows.first * width_, channel(), width_, places_, columns.first, phases_, room_.data()});
  }

  /// Which of the places from `least` on are elements of the axis.
  static index_interval inside(const patch_axis& axis, std::int64_t least, std::int64_t places) {
    const std::int64_t first = std::clamp<std::int64_t>(-least, 0, places);
    return {first, std::clamp<std::int64_t>(axis.elements - least, first, places)};
  }

  void number_positions() {
    position_offset.resize(static_cast<std::size_t>(positions_.size()));
    std::int64_t at = positions_.first, w = at % grid_->columns.positions;
    std::int64_t h = at / grid_->columns.positions % grid_->rows.positions, n = at / grid_->positions_of_image();
    for (auto& offset : position_offset) {
      offset =
          (n - images_.first) * plane() + (h - rows_.first) * grid_->rows.position_step * width_ + w - columns_.first;
      if (++w < grid_->columns.positions) continue;
      w = 0;
      if (++h < grid_->rows.positions) continue;
      h = 0;
      ++n;
    }
  }

  void number_taps() {
    tap_offset.resize(static_cast<std::size_t>(taps_.size()));
    number_taps_of_row();
    const std::int64_t top = grid_->rows.least_place(rows_.first), of = taps_.first % grid_->taps_of_channel();
    std::int64_t c = 0, kh = of / grid_->columns.taps, kw = of % grid_->columns.taps;
    for (auto& offset : tap_offset) {
      offset = c * channel() + (grid_->rows.place(rows_.first, kh) - top) * width_ +
               offset_in_row_[static_cast<std::size_t>(kw)];
      if (++kw < grid_->columns.taps) continue;
      kw = 0;
      if (++kh < grid_->rows.taps) continue;
      kh = 0;
      ++c;
    }
  }
  void number_taps_of_row() {
    offset_in_row_.resize(static_cast<std::size_t>(grid_->columns.taps));
    const std::int64_t left = grid_->columns.least_place(columns_.first);
    std::int64_t kw = 0;
    for (auto& offset : offset_in_row_) {
      const std::int64_t place = grid_->columns.place(columns_.first, kw++) - left;
      offset = place % phases_ * (width_ / phases_) + place / phases_;
    }
  }

  void load_patches() {
    const std::int64_t count = positions_.size();
    reserve(count * taps_.size());
    position_offset.resize(static_cast<std::size_t>(count));
    tap_offset.resize(static_cast<std::size_t>(taps_.size()));
    double* out = values_.data() + panel_slack();
    for (std::int64_t t = taps_.first; t < taps_.end; ++t)
      for (std::int64_t p = positions_.first; p < positions_.end; ++p) *out++ = grid_->value(p, t);
    for (std::int64_t p = 0; p < count; ++p) position_offset[static_cast<std::size_t>(p)] = p;
    for (std::int64_t t = 0; t < taps_.size(); ++t) tap_offset[static_cast<std::size_t>(t)] = t * count;
  }

  const patch_grid<T>* grid_ = nullptr;
  index_interval positions_{}, taps_{}, images_{}, channels_{}, rows_{}, columns_{};
  std::int64_t height_ = 0;
  // A row of places, those of the same phase together: the taps of neighbouring positions are neighbours.
  std::int64_t places_ = 0, phases_ = 1, width_ = 0;
  std::int64_t elements_ = 0;
  std::vector<std::int64_t> offset_in_row_;
  aligned_array values_, room_;
};

}  // namespace halfulp::kernels
