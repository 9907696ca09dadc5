#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/kernels/core/repair.hpp>

namespace halfulp::kernels {

/// Rounds the elements of one tile once each and writes them to the output. `Problem` gives, beside what product_tile
/// asks,
///   element(group, j), row_step()   the output element of row 0 and column j, and what the next row adds to it
///   reads_padding(group, j)         whether terms of column j are padding: zeros that are no terms of the sum
///   accumulate(element, sum)        feeds the sum every term of an output element
template <class T, class Problem>
class tile_rounding {
 public:
  /// In `pairs` tiles are of whole pairs of columns.
  tile_rounding(const Problem& problem, T* out, std::int64_t most_kept, bool pairs)
      : problem_(problem), out_(out), tile_(problem_, most_kept), pairs_(pairs) {}
  tile_rounding(const tile_rounding&) = delete;
  tile_rounding& operator=(const tile_rounding&) = delete;

  /// The ladder: all elements by their bounds; if many are left, those whose sums are proved exact; if many still are,
  /// the tile again, directly for the signs of zeros, or in compensated arithmetic, likewise; the rest one by one, the exact
  /// ones of them by the same proof.
  tier_counts round(std::int64_t group, const tile_range& range) {
    group_ = group;
    range_ = range;
    decided_ = {};
    if (problem_.shape().depth == 0) return start_alone();
    how_ = pairs_ && tiles_expected_direct_-- <= 0 ? arithmetic::paired : first;
    looked_ = false;
    find_elements();
    tile_.reset(group, range);
    const bool expects_exact = tiles_expected_exact_-- > 0;
    tile_.multiply(how_, expects_exact);
    decide_all(expects_exact);
    if (!looked_ && left_.size() > few + elements() / worth_a_look) look();
    if (how_ == arithmetic::paired && left_.size() > few + elements() / worth_a_tile && most_left_are_zeros()) {
      multiply_again(arithmetic::recursive);
      tiles_expected_direct_ = alike;
    }
    if (how_ != arithmetic::compensated && left_.size() > few + elements() / worth_a_tile)
      multiply_again(arithmetic::compensated);
    decide_one_by_one();
    if (!left_.empty()) decide_exactly();
    return decided_;
  }

 private:
  struct position {
    std::int32_t i, j;
  };
  // One by one, an element costs about as much as another look at this many, or as this many in compensated panels.
  static constexpr std::size_t few = 4, worth_a_look = 512, worth_a_tile = 64;
  static constexpr std::size_t few_ties = 16;  // that cost less one by one than another look
  // After a tile of which most was proved exact, so many are taken to be like it.
  static constexpr std::int64_t alike = 16;
  /// Products of two factors of at most 24 bits are exact in binary64; longer ones need their errors.
  static constexpr arithmetic first =
      2 * format_of<T>.precision <= format_of<double>.precision ? arithmetic::recursive : arithmetic::compensated;
  static constexpr tier tier_of(arithmetic how) {
    return how == arithmetic::compensated ? tier::double_double : tier::binary64;
  }

  struct run_of_columns {
    std::int64_t first, count, element;
  };

  std::size_t elements() const { return static_cast<std::size_t>(range_.rows.size() * range_.columns.size()); }
  std::size_t place(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>(element_[static_cast<std::size_t>(j)] +
                                    (range_.rows.first + i) * problem_.row_step());
  }

  /// Sums without products: what they start from.
  tier_counts start_alone() {
    find_elements();
    for (std::int64_t i = 0; i < range_.rows.size(); ++i)
      for (std::int64_t j = 0; j < range_.columns.size(); ++j)
        out_[place(i, j)] = narrow<T>(problem_.start(group_, range_.rows.first + i));
    decided_[tier::exact] += static_cast<std::int64_t>(elements());
    return decided_;
  }

  /// Where the columns stand in the output, and which of them stand together.
  void find_elements() {
    element_.clear();
    runs_.clear();
    for (std::int64_t j = 0; j < range_.columns.size(); ++j) {
      const std::int64_t element = problem_.element(group_, range_.columns.first + j);
      element_.push_back(element);
      if (!runs_.empty() && element == runs_.back().element + runs_.back().count)
        ++runs_.back().count;
      else
        runs_.push_back({j, 1, element});
    }
  }

  /// Decides every element, the sums that are exact among them where the tile has been looked at for that; into the
  /// output where the columns stand together there, else by way of a buffer.
  void decide_all(bool exact_too) {
    const auto width = static_cast<std::size_t>(range_.columns.size());
    rounded_.resize(width);
    undecided_.resize(width);
    left_.clear();
    if (exact_too) note_padding();
    for (std::int64_t i = 0; i < range_.rows.size(); ++i) {
      T* row = out_ + (range_.rows.first + i) * problem_.row_step();
      T* rounded = runs_.size() == 1 ? row + runs_[0].element : rounded_.data();
      const std::int64_t count = exact_too ? decide_row(tile_.row(i), tile_.exactness(i), rounded, undecided_.data())
                                           : decide_row(tile_.row(i), rounded, undecided_.data());
      for (std::size_t r = 0; runs_.size() > 1 && r < runs_.size(); ++r)
        std::copy_n(rounded + runs_[r].first, runs_[r].count, row + runs_[r].element);
      for (std::int64_t u = 0; u < count; ++u)
        left_.push_back({static_cast<std::int32_t>(i), undecided_[static_cast<std::size_t>(u)]});
    }
    decided_[tier_of(first)] += static_cast<std::int64_t>(elements() - left_.size());
  }

  void multiply_again(arithmetic how) {
    how_ = how;
    tile_.multiply(how_, !looked_);
    note_padding();
    decide_left();
  }
  /// Exact zeros whose sign paired sums do not have: those of windows of zeros.
  bool most_left_are_zeros() const {
    const auto zeros = std::count_if(left_.begin(), left_.end(), [&](position p) {
      return tile_.value(p.i, p.j).hi == 0 && tile_.is_exact(p.i, p.j);
    });
    return 2 * static_cast<std::size_t>(zeros) > left_.size();
  }

  /// Looks at the tile for sums that are exact.
  void look() {
    const std::size_t before = left_.size();
    tile_.find_lowest();
    note_padding();
    decide_left();
    if (before > elements() / 4 && left_.size() < before / 4) tiles_expected_exact_ = alike;
  }
  void note_padding() {
    looked_ = true;
    for (std::int64_t j = 0; j < range_.columns.size(); ++j)
      if (!reads_padding(j)) tile_.reads_no_padding(j);
  }

  /// Decides what is left by the sums of the tile as they are, the exact ones among them.
  void decide_left() {
    std::size_t kept = 0;
    for (std::size_t first_of_row = 0; first_of_row < left_.size();) {
      const std::int32_t i = left_[first_of_row].i;
      const std::int64_t count = decide_row(tile_.row(i), tile_.exactness(i), rounded_.data(), undecided_.data());
      std::int64_t u = 0;
      for (; first_of_row < left_.size() && left_[first_of_row].i == i; ++first_of_row) {
        const position p = left_[first_of_row];
        while (u < count && undecided_[static_cast<std::size_t>(u)] < p.j) ++u;
        if (u < count && undecided_[static_cast<std::size_t>(u)] == p.j) {
          left_[kept++] = p;
        } else {
          out_[place(p.i, p.j)] = rounded_[static_cast<std::size_t>(p.j)];
          ++decided_[tier_of(how_)];
        }
      }
    }
    left_.resize(kept);
  }

  bool reads_padding(std::int64_t j) const { return problem_.reads_padding(group_, range_.columns.first + j); }
  bool holds_nan(position p) const {
    return tile_.column_holds_nan(p.j) || (tile_.row_holds_nan(p.i) && !reads_padding(p.j));
  }
  /// Feeds a sum the terms of an element.
  auto terms_of(position p) const {
    return [this, at = place(p.i, p.j)](auto& sum) { problem_.accumulate(static_cast<std::int64_t>(at), sum); };
  }

  /// The sums of the tile as they are, by the sharper test of one element; then compensated sums of their own.
  void decide_one_by_one() {
    std::size_t kept = 0;
    for (const position p : left_) {
      T& rounded = out_[place(p.i, p.j)];
      if (holds_nan(p)) {
        rounded = canonical_nan<T>();
        ++decided_[tier::exact];
      } else if (decide<T>(tile_.value(p.i, p.j), tile_.radius(p.i, p.j), rounded)) {
        ++decided_[tier_of(how_)];
      } else if (decide_compensated(terms_of(p), rounded)) {
        ++decided_[tier::double_double];
      } else {
        left_[kept++] = p;
      }
    }
    left_.resize(kept);
  }

  /// Sums that are exact when their terms are added up one by one: ties, mostly.
  void decide_plainly() {
    if constexpr (first == arithmetic::compensated) return;
    std::size_t kept = 0;
    for (const position p : left_) {
      plain_sum sum;
      terms_of(p)(sum);
      if (sum.is_exact()) {
        out_[place(p.i, p.j)] = narrow<T>(sum.value());
        ++decided_[tier::binary64];
      } else {
        left_[kept++] = p;
      }
    }
    left_.resize(kept);
  }

  /// What no bound decides: sums that are exact as they are, zeros whose window reads padding by the signs of their
  /// terms, and the others by the long accumulator.
  void decide_exactly() {
    if (!looked_ && left_.size() <= few_ties) decide_plainly();
    if (!looked_ && !left_.empty()) look();
    for (const position p : left_) {
      T& rounded = out_[place(p.i, p.j)];
      if (tile_.is_exact(p.i, p.j) && tile_.value(p.i, p.j).hi == 0) {
        rounded = round_zero<T>(terms_of(p));
        ++decided_[tier_of(how_)];
      } else {
        rounded = round_exactly<T, T>(terms_of(p));
        ++decided_[tier::exact];
      }
    }
  }

  Problem problem_;
  T* out_;
  product_tile<Problem> tile_;
  std::int64_t group_ = 0;
  tile_range range_{};
  std::vector<T> rounded_;
  std::vector<std::int32_t> undecided_;
  std::vector<std::int64_t> element_;
  std::vector<run_of_columns> runs_;
  std::vector<position> left_;
  arithmetic how_ = first;
  bool looked_ = false;
  bool pairs_;
  std::int64_t tiles_expected_exact_ = 0, tiles_expected_direct_ = 0;
  tier_counts decided_;
};

}  // namespace halfulp::kernels
