#pragma once

#include <map>
#include <vector>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/linalg/cholesky_refinement.hpp>
#include <halfulp/kernels/linalg/packed_factor.hpp>
#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>

namespace halfulp::kernels::linalg {

/// Memory that one matrix after the other uses.
struct solution_space {
  packed_factor factor;
  inverse_magnitudes inverse;
  cholesky_panel panel;
  aligned_array b, x, some_b, some_x, some_low, row, low, scale;
};

/// The solutions of one matrix of cholesky_solve, rounded to T, tier by tier: binary64 with one radius a row (formats
/// narrower than that), double-double for the columns with an undecided component, the oracle's ladder for what is
/// left.
template <class T, class R = component_t<T>>
class settled_solutions {
 public:
  settled_solutions(const op::cholesky_solve::args<T>& a, std::int64_t matrix, solution_space& space, std::span<T> out)
      : a_(a),
        matrix_(matrix),
        from_(source()),
        n_(a.shape.n),
        k_(a.shape.k),
        space_(space),
        out_(reinterpret_cast<R*>(out.data()) + matrix * n_ * k_ * parts),
        class_(static_cast<std::size_t>(k_), column_class::numbers) {}

  tier_counts settle() {
    using content = packed_factor::content;
    const content c = space_.factor.load(a_, from_.y.v);
    if (c == content::undefined) {
      class_.assign(class_.size(), column_class::undefined);
    } else {
      find_classes();
      if (c == content::usable) climb_binary64();
      if (c == content::out_of_range) leave_all();
      climb_to_oracle();
    }
    for (std::int64_t j = 0; j < k_; ++j) fill_special(j);
    return counts_;
  }

 private:
  static constexpr int parts = is_complex<T> ? 2 : 1;
  static constexpr bool narrow_format = format_of<R>.precision <= 24;
  static constexpr std::int64_t width = parts * panel_columns;

  enum class column_class { numbers, zero, undefined };  // an undefined column has a NaN or an infinity
  using rows_left = std::vector<std::int32_t>;           // rows * parts + part

  typename op::cholesky_solve::geometry<run>::pair source() const {
    run machine(op::cholesky_solve::name);
    return a_.shape.source(machine, {matrix_, {}});
  }
  const T* row_of_b(std::int64_t i) const { return a_.x.data() + (from_.x.v * n_ + i) * k_; }
  static double part_of(const T& x, int part) {
    if constexpr (is_complex<T>) {
      return widen(part == 0 ? x.real() : x.imag());
    } else {
      return widen(x);
    }
  }

  /// What each column holds, and the power of two that brings its largest magnitude to 1 .. 2.
  void find_classes() {
    space_.scale.assign(padded_columns(k_), 0);
    aligned_array& largest = space_.scale;
    for (std::int64_t i = 0; i < n_; ++i) {
      const T* b = row_of_b(i);
      for (std::int64_t j = 0; j < k_; ++j)
        for (int p = 0; p < parts; ++p) {
          const double m = std::abs(part_of(b[j], p));
          largest[j] = largest[j] >= m ? largest[j] : m;  // a NaN takes its place, and is followed by the next number
          if (!(m < INFINITY)) class_[static_cast<std::size_t>(j)] = column_class::undefined;
        }
    }
    for (std::int64_t j = 0; j < k_; ++j) {
      column_class& c = class_[static_cast<std::size_t>(j)];
      if (c == column_class::numbers && largest[j] == 0) c = column_class::zero;
      largest[j] = c == column_class::numbers ? std::ldexp(1.0, std::ilogb(largest[j])) : 1;
    }
  }
  bool has_numbers(std::int64_t j) const { return class_[static_cast<std::size_t>(j)] == column_class::numbers; }

  /// Writes column j of the right side, divided by its scale, to column c of a panel. What that loses to underflow is
  /// made up for by inverse_magnitudes::least.
  void load_column(std::int64_t j, double* panel, std::int64_t c) const {
    const double scale = space_.scale[j];
    for (std::int64_t i = 0; i < n_; ++i)
      for (int p = 0; p < parts; ++p)
        panel[i * width + p * panel_columns + c] = has_numbers(j) ? part_of(row_of_b(i)[j], p) / scale : 0;
  }
  std::int64_t panel_size() const { return space_.factor.matrix().n * width; }

  void climb_binary64() {
    const triangular_matrix l = space_.factor.matrix();
    space_.inverse.reset(l, space_.factor.magnitudes());
    const std::int64_t panels = (k_ + panel_columns - 1) / panel_columns;
    space_.x.assign(panels * panel_size(), 0);
    for (std::int64_t j = 0; j < k_; ++j)
      load_column(j, space_.x.data() + j / panel_columns * panel_size(), j % panel_columns);
    if constexpr (narrow_format) {
      space_.panel.solve(l, space_.inverse, space_.x.data(), panels, true);
      for (std::int64_t i = 0; i < n_; ++i)
        for (int p = 0; p < parts; ++p) decide_part(i, p);
    } else {
      space_.panel.solve(l, space_.inverse, space_.x.data(), panels, false);
      leave_all();
    }
    climb_double_double();
  }

  void leave_all() {
    for (std::int64_t j = 0; j < k_; ++j)
      for (std::int32_t r = 0; has_numbers(j) && r < static_cast<std::int32_t>(n_ * parts); ++r) left_[j].push_back(r);
  }

  /// One part of row i of the result, for all columns.
  void decide_part(std::int64_t i, int part) {
    const std::int64_t padded = padded_columns(k_);
    space_.row.assign(padded, 0);
    space_.low.assign(padded, 0);
    rounded_.resize(static_cast<std::size_t>(padded));
    undecided_.resize(static_cast<std::size_t>(padded));
    for (std::int64_t j = 0; j < k_; ++j)
      space_.row[j] = space_.scale[j] *
                      space_.x[j / panel_columns * panel_size() + i * width + part * panel_columns + j % panel_columns];
    const row_of_sums sums{space_.row.data(), space_.low.data(), space_.scale.data(), k_, space_.panel.radius(i), 0};
    const std::int64_t count = decide_row(sums, rounded_.data(), undecided_.data());
    R* to = out_ + i * k_ * parts + part;
    for (std::int64_t j = 0; j < k_; ++j) to[j * parts] = rounded_[static_cast<std::size_t>(j)];
    counts_[tier::binary64] += k_ - count;
    for (std::int64_t u = 0; u < count; ++u) {
      const std::int64_t j = undecided_[static_cast<std::size_t>(u)];
      if (has_numbers(j)) left_[j].push_back(static_cast<std::int32_t>(i * parts + part));
    }
  }

  /// Columns with something left, a panel at a time.
  void climb_double_double() {
    std::vector<std::int64_t> columns;
    for (const auto& [j, rows] : left_) columns.push_back(j);
    for (std::size_t first = 0; first < columns.size(); first += panel_columns) {
      const std::size_t count = std::min<std::size_t>(panel_columns, columns.size() - first);
      refine(std::span(columns).subspan(first, count));
    }
  }

  void refine(std::span<const std::int64_t> columns) {
    constexpr int most_steps = 3;
    for (aligned_array* a : {&space_.some_b, &space_.some_x, &space_.some_low}) a->assign(panel_size(), 0);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto at = static_cast<std::int64_t>(c);
      load_column(columns[c], space_.some_b.data(), at);
      const double* x = space_.x.data() + columns[c] / panel_columns * panel_size() + columns[c] % panel_columns;
      for (std::int64_t r = 0; r < n_ * parts; ++r) space_.some_x[r * panel_columns + at] = x[r * panel_columns];
    }
    std::int64_t before = 0;
    for (int step = 0; step < most_steps; ++step) {
      space_.panel.refine(space_.factor.matrix(), space_.inverse, space_.some_b.data(), space_.some_x.data(),
                          space_.some_low.data());
      std::int64_t left = 0;
      for (std::size_t c = 0; c < columns.size(); ++c) left += take(columns[c], static_cast<std::int64_t>(c));
      if (left == 0 || (step > 0 && left == before)) break;
      before = left;
    }
  }

  /// Decides what the refined column c of the panel decides of column j; returns how many it leaves.
  std::int64_t take(std::int64_t j, std::int64_t c) {
    const auto it = left_.find(j);
    if (it == left_.end()) return 0;
    rows_left still;
    for (const std::int32_t r : it->second) {
      const std::int64_t at = r * panel_columns + c;
      const double scale = space_.scale[j];
      const double_double x{space_.some_x[at] * scale, space_.some_low[at] * scale};
      const double radius = space_.panel.radius(r / parts) * scale;
      constexpr double least = 0x1p-900;  // below it a low part could be lost to underflow
      const bool exact = std::abs(x.hi) >= least && radius >= least * unit_roundoff * unit_roundoff;
      if (exact && decide<R>(x, radius, component(r, j))) {
        ++counts_[tier::double_double];
      } else {
        still.push_back(r);
      }
    }
    it->second = still;
    if (still.empty()) left_.erase(it);
    return static_cast<std::int64_t>(still.size());
  }

  R& component(std::int32_t r, std::int64_t j) { return out_[(r / parts * k_ + j) * parts + r % parts]; }

  void climb_to_oracle() {
    if (left_.empty()) return;
    const auto factor = halfulp::linalg::factor_of(a_.shape, a_.y, from_.y.v);
    const halfulp::linalg::interval_substitution l(*factor);
    for (const auto& [j, rows] : left_) {
      const auto b = halfulp::linalg::column_of(a_.shape, a_.x, from_.x.v, j);
      const auto x = halfulp::linalg::solve_cholesky<R>(l, *b, halfulp::linalg::question::rounding);
      for (const std::int32_t r : rows) {
        const auto& c = x[static_cast<std::size_t>(r)];
        if (!c.truth.decided) throw undecided(op::cholesky_solve::name, "a component of a solution is not decided");
        component(r, j) = c.rounded;
        ++counts_[c.truth.reached];
      }
    }
  }

  /// A column of zeros, or of NaN.
  void fill_special(std::int64_t j) {
    const column_class c = class_[static_cast<std::size_t>(j)];
    if (c == column_class::numbers) return;
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(n_ * parts); ++r)
      component(r, j) = c == column_class::zero ? zero_of<R>() : canonical_nan<R>();
    counts_[tier::exact] += n_ * parts;
  }

  const op::cholesky_solve::args<T>& a_;
  std::int64_t matrix_;
  typename op::cholesky_solve::geometry<run>::pair from_;  // the matrices of x and y
  std::int64_t n_, k_;
  solution_space& space_;
  R* out_;
  std::vector<column_class> class_;
  std::vector<R> rounded_;
  std::vector<std::int32_t> undecided_;
  std::map<std::int64_t, rows_left> left_;
  tier_counts counts_;
};

}  // namespace halfulp::kernels::linalg
