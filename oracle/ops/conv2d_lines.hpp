// The outputs of conv2d and of its transpose, row by row: the terms of `accumulate`, with the index rule taken out of
// the innermost loop. For formats whose products binary64 holds.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <halfulp/oracle/core/line.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>

namespace halfulp::op {

/// The columns for which a kernel column reads something: target + k target_step reads source + k source_step, k < count.
struct column_run {
  std::int64_t target, target_step, source, source_step, count;
};

struct image_steps {
  std::int64_t n, c, h, w;
};

/// A row of the source, and the kernel row by which a row of the target reads it.
struct row_source {
  std::int64_t row, tap;
};

/// One of the two maps between the images of a convolution: every element of the target is a sum over the source.
template <class T>
struct line_plan {
  std::span<const T> source, weight, bias;
  bool has_bias;
  std::int64_t images, groups, target_channels, source_channels;  // channels of a group
  std::int64_t target_columns, source_columns, kernel_rows, kernel_columns;
  image_steps target_steps, source_steps;
  std::int64_t weight_of_target, weight_of_source;  // steps between channels
  std::vector<std::vector<row_source>> rows;        // of each row of the target
  std::vector<column_run> runs;                     // of each kernel column

  std::int64_t weight_of_group() const { return target_channels * source_channels * kernel_rows * kernel_columns; }
};

inline image_steps steps_of(run& m, const conv2d::geometry<run>& g, const shape<run>& image) {
  const auto at = [&](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return g.element_of(m, image, {{n, {}}, {c, {}}, {h, {}}, {w, {}}}).v;
  };
  return {at(1, 0, 0, 0), at(0, 1, 0, 0), at(0, 0, 1, 0), at(0, 0, 0, 1)};
}

/// conv2d: rows of y from rows of x.
template <class T>
line_plan<T> plan_of(const conv2d::args<T>& a) {
  run m(conv2d::name);
  const auto& g = a.shape;
  const std::int64_t taps = g.rows.kernel * g.columns.kernel;
  line_plan<T> p{.source = a.x,
                 .weight = a.weight,
                 .bias = a.bias,
                 .has_bias = a.has_bias,
                 .images = g.x.dim[0],
                 .groups = g.groups,
                 .target_channels = g.group_outputs,
                 .source_channels = g.group_inputs,
                 .target_columns = g.columns.out,
                 .source_columns = g.columns.in,
                 .kernel_rows = g.rows.kernel,
                 .kernel_columns = g.columns.kernel,
                 .target_steps = steps_of(m, g, g.y),
                 .source_steps = steps_of(m, g, g.x),
                 .weight_of_target = g.group_inputs * taps,
                 .weight_of_source = taps,
                 .rows = {},
                 .runs = {}};
  for (std::int64_t h = 0; h < g.rows.out; ++h) {
    const auto taken = g.rows.taps(m, {h, {}});
    auto& sources = p.rows.emplace_back();
    for (std::int64_t t = taken.first; t < taken.end; ++t) sources.push_back({g.rows.input(m, {h, {}}, {t, {}}).v, t});
  }
  for (std::int64_t t = 0; t < g.columns.kernel; ++t) {
    const auto reading = g.columns.outputs(m, {t, {}});
    p.runs.push_back(
        {reading.first, 1, g.columns.input(m, {reading.first, {}}, {t, {}}).v, g.columns.stride, reading.count(m)});
  }
  return p;
}

/// conv2d_input_grad and conv2d_transpose: rows of dx from rows of dy.
template <class T>
line_plan<T> plan_of(const conv2d_input_grad::args<T>& a) {
  run m(conv2d_input_grad::name);
  const auto& g = a.shape.forward;
  const std::int64_t taps = g.rows.kernel * g.columns.kernel;
  line_plan<T> p{.source = a.dy,
                 .weight = a.weight,
                 .bias = a.bias,
                 .has_bias = a.has_bias,
                 .images = g.x.dim[0],
                 .groups = g.groups,
                 .target_channels = g.group_inputs,
                 .source_channels = g.group_outputs,
                 .target_columns = g.columns.in,
                 .source_columns = g.columns.out,
                 .kernel_rows = g.rows.kernel,
                 .kernel_columns = g.columns.kernel,
                 .target_steps = steps_of(m, g, g.x),
                 .source_steps = steps_of(m, g, g.y),
                 .weight_of_target = taps,
                 .weight_of_source = g.group_inputs * taps,
                 .rows = {},
                 .runs = {}};
  for (std::int64_t h = 0; h < g.rows.in; ++h) {
    auto& sources = p.rows.emplace_back();
    for (std::int64_t t = 0; t < g.rows.kernel; ++t)
      if (const auto s = g.rows.source(m, {h, {}}, {t, {}}); s.hit) sources.push_back({s.output.v, t});
  }
  for (std::int64_t t = 0; t < g.columns.kernel; ++t) {
    const auto reading = g.columns.outputs(m, {t, {}});
    p.runs.push_back(
        {g.columns.input(m, {reading.first, {}}, {t, {}}).v, g.columns.stride, reading.first, 1, reading.count(m)});
  }
  return p;
}

/// A row of outputs of one channel: element first + j step for column j, its sum, and what bounds it. The magnitudes are
/// those of binary64 sums of positive terms, to nearest.
struct line {
  std::int64_t first, step, count;
  const double *sum, *products, *source_squares, *weight_squares;
  const std::int64_t* terms;
  double bias_square;  // a term of source_squares that the channels do not share
};

/// Computes rows; one for each thread.
template <class T>
class line_sums {
 public:
  explicit line_sums(const line_plan<T>& p) : p_(p), width_(static_cast<std::size_t>(p.target_columns)) {
    for (auto* v : {&sum_, &products_, &source_squares_, &weight_squares_}) v->resize(width_);
    taps_.resize(width_);
    terms_.resize(width_);
  }

  /// take(line) for every channel of the group, of row h of image n.
  template <class Take>
  void row(std::int64_t n, std::int64_t group, std::int64_t h, Take take) {
    const auto& sources = p_.rows[static_cast<std::size_t>(h)];
    load(n, group, sources);
    count_terms(sources);
    for (std::int64_t t = 0; t < p_.target_channels; ++t) {
      const std::int64_t channel = group * p_.target_channels + t;
      add_up(p_.weight.data() + group * p_.weight_of_group() + t * p_.weight_of_target, sources);
      const double bias = p_.has_bias ? widen(p_.bias[static_cast<std::size_t>(channel)]) : 0;
      if (p_.has_bias) add_bias(bias);
      take(line{n * p_.target_steps.n + channel * p_.target_steps.c + h * p_.target_steps.h, p_.target_steps.w,
                p_.target_columns, sum_.data(), products_.data(), source_squares_.data(), weight_squares_.data(),
                terms_.data(), bias * bias});
    }
  }

 private:
  const double* source_row(std::int64_t s, std::size_t k, std::size_t rows) const {
    return source_.data() + (static_cast<std::size_t>(s) * rows + k) * static_cast<std::size_t>(p_.source_columns);
  }

  /// The rows that are read, of every source channel, in binary64, and the sums of their squares over each window.
  void load(std::int64_t n, std::int64_t group, const std::vector<row_source>& sources) {
    source_.resize(static_cast<std::size_t>(p_.source_channels * p_.source_columns) * sources.size());
    squares_.resize(static_cast<std::size_t>(p_.source_columns));
    std::fill(source_squares_.begin(), source_squares_.end(), 0.0);
    unused_.assign(width_, 0.0);
    double* out = source_.data();
    for (std::int64_t s = 0; s < p_.source_channels; ++s)
      for (const row_source& r : sources) {
        const T* in = p_.source.data() + n * p_.source_steps.n + (group * p_.source_channels + s) * p_.source_steps.c +
                      r.row * p_.source_steps.h;
        for (std::size_t j = 0; j < squares_.size(); ++j, ++out) {
          *out = widen(in[static_cast<std::int64_t>(j) * p_.source_steps.w]);
          squares_[j] = *out * *out;
        }
        for (const column_run& c : p_.runs) add(1, c, squares_.data(), source_squares_.data(), unused_.data());
      }
  }

  void count_terms(const std::vector<row_source>& sources) {
    std::fill(taps_.begin(), taps_.end(), 0);
    for (const column_run& c : p_.runs)
      for (std::int64_t k = 0; k < c.count; ++k) ++taps_[static_cast<std::size_t>(c.target + k * c.target_step)];
    const auto rows = static_cast<std::int64_t>(sources.size());
    for (std::size_t j = 0; j < width_; ++j) terms_[j] = taps_[j] * rows * p_.source_channels + (p_.has_bias ? 1 : 0);
  }

  static void add(double w, const column_run& c, const double* x, double* sum, double* magnitude) {
    if (c.count > 0)
      add_products(w, x + c.source, c.source_step, c.count, sum + c.target, magnitude + c.target, c.target_step);
  }

  void add_up(const T* weight, const std::vector<row_source>& sources) {
    std::fill(sum_.begin(), sum_.end(), -0.0);  // -0 + t = t, so that a sum of -0 is -0
    std::fill(products_.begin(), products_.end(), 0.0);
    std::fill(weight_squares_.begin(), weight_squares_.end(), 0.0);
    tap_squares_.assign(sources.size() * p_.runs.size(), 0.0);
    for (std::int64_t s = 0; s < p_.source_channels; ++s)
      for (std::size_t k = 0; k < sources.size(); ++k) {
        const T* w = weight + s * p_.weight_of_source + sources[k].tap * p_.kernel_columns;
        for (std::size_t t = 0; t < p_.runs.size(); ++t) {
          const double v = widen(w[t]);
          tap_squares_[k * p_.runs.size() + t] += v * v;
          add(v, p_.runs[t], source_row(s, k, sources.size()), sum_.data(), products_.data());
        }
      }
    for (std::size_t k = 0; k < sources.size(); ++k)
      for (std::size_t t = 0; t < p_.runs.size(); ++t)
        for (std::int64_t j = 0; j < p_.runs[t].count; ++j)
          weight_squares_[static_cast<std::size_t>(p_.runs[t].target + j * p_.runs[t].target_step)] +=
              tap_squares_[k * p_.runs.size() + t];
  }

  void add_bias(double b) {
    for (std::size_t j = 0; j < width_; ++j) {
      sum_[j] += b;
      products_[j] += std::abs(b);
      weight_squares_[j] += 1;
    }
  }

  const line_plan<T>& p_;
  std::size_t width_;
  std::vector<double> source_, squares_, sum_, products_, source_squares_, weight_squares_, tap_squares_, unused_;
  std::vector<std::int64_t> taps_, terms_;
};

}  // namespace halfulp::op
