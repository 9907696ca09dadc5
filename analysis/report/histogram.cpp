#include <halfulp/analysis/report/plots.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {
namespace {

constexpr double width = 360;
constexpr double height = 176;
constexpr double left = 40;
constexpr double right = width - 22;
constexpr double top = 10;
constexpr double bottom = height - 34;
constexpr double bar_of_zero = 26;  ///< room of the bar of right numbers, left of the logarithmic axis
constexpr int most_bars = 48;

struct scales {
  binade_span errors;
  int binades_per_bar = 1;
  std::int64_t most = 1;
};

std::map<std::string, error_distribution> by_backend(const report_model& m, const std::string& op) {
  std::map<std::string, error_distribution> all;
  for (const auto& [key, cell] : m.cells)
    if (key.op == op && !cell.scored.finite_errors.empty()) all[key.backend].merge(cell.scored.finite_errors);
  return all;
}

/// Bars by the exponent of their first binade.
std::map<int, std::int64_t> bars_of(const error_distribution& d, const scales& s) {
  const int lo = static_cast<int>(s.errors.lo);
  std::map<int, std::int64_t> bars;
  for (const auto& [binade, count] : d.binades())
    bars[lo + (binade - lo) / s.binades_per_bar * s.binades_per_bar] += count;
  return bars;
}

scales scales_of(const std::map<std::string, error_distribution>& all) {
  scales s;
  for (const auto& [backend, d] : all) {
    for (const auto& [binade, count] : d.binades()) {
      s.errors.take(std::ldexp(1.0, binade));
      s.errors.take(std::ldexp(1.5, binade));
    }
    s.errors.infinite = s.errors.infinite || d.infinities() > 0;
  }
  s.errors.take(0.5);
  s.errors.widen(8);
  s.binades_per_bar = static_cast<int>(std::ceil((s.errors.hi - s.errors.lo) / most_bars));
  const double bars = std::ceil((s.errors.hi - s.errors.lo) / s.binades_per_bar);
  s.errors.hi = s.errors.lo + bars * s.binades_per_bar;
  for (const auto& [backend, d] : all) {
    s.most = std::max({s.most, d.zeros(), d.infinities()});
    for (const auto& [first, count] : bars_of(d, s)) s.most = std::max(s.most, count);
  }
  return s;
}

/// Counts on a logarithmic scale that still shows a single one.
log_axis count_axis(const scales& s) {
  return {-0.8, std::log2(static_cast<double>(s.most)) + 0.3, bottom, top, 0};
}

std::string grid(const log_axis& errors, const log_axis& counts) {
  std::string g;
  for (const auto& [y, label] : counts.ticks(4)) {
    g += svg::line(left, y, right, y, "grid") + svg::text(left - 5, y + 3.5, label, "tick end");
  }
  for (const auto& [x, label] : errors.ticks(5))
    g += svg::line(x, bottom, x, bottom + 3, "axis") + svg::text(x, bottom + 14, label, "tick middle");
  return g + svg::line(left, bottom, right, bottom, "axis") +
         svg::text((errors.from() + errors.to()) / 2, height - 4, "error, ULP", "label middle");
}

std::string bar(double x, double w, std::int64_t count, const log_axis& counts, const char* css,
                const std::string& what) {
  if (count == 0) return {};
  const double y = counts.at(static_cast<double>(count));
  return svg::rect(x + 0.5, y, w - 1, bottom - y, css, counted(count, "number") + ": " + what);
}

std::string panel(const std::string& backend, const error_distribution& d, const scales& s) {
  const double end = s.errors.infinite ? right - bar_of_zero : right;
  const log_axis errors(s.errors.lo, s.errors.hi, left + bar_of_zero + 6, end, 0);
  const log_axis counts = count_axis(s);
  std::string content = grid(errors, counts);
  content += bar(left + 3, bar_of_zero - 6, d.zeros(), counts, "bar right", "right to the bit");
  content += svg::text(left + bar_of_zero / 2, bottom + 14, "right", "tick middle");
  for (const auto& [first, count] : bars_of(d, s)) {
    const double lo = std::ldexp(1.0, first);
    const double hi = std::ldexp(1.0, first + s.binades_per_bar);
    content += bar(errors.at(lo), errors.at(hi) - errors.at(lo), count, counts, "bar",
                   fmt::format("error from {} to {} ULP", lower_text(lo), upper_text(hi)));
  }
  if (s.errors.infinite) {
    content += bar(end + 6, bar_of_zero - 6, d.infinities(), counts, "bar", "infinite error");
    content += svg::text(end + 3 + bar_of_zero / 2, bottom + 14, "∞", "tick middle");
  }
  const double half = errors.at(0.5);
  content += svg::line(half, top, half, bottom, "half");
  return fmt::format(
      "<figure class=\"panel\"><figcaption><b>{}</b> <span>{}, {} right</span></figcaption>{}</figure>\n",
      escape_html(backend), counted(d.count(), "number"), share_text(d.zeros(), d.count()),
      svg::figure(width, height, backend + ": histogram of errors", content));
}

}  // namespace

std::string histograms(const report_model& m, const std::string& op) {
  const auto all = by_backend(m, op);
  if (all.empty()) return {};
  const scales s = scales_of(all);
  std::string panels;
  for (const auto& [backend, d] : all) panels += panel(backend, d, s);
  return "<div class=\"panels\">\n" + panels + "</div>\n";
}

}  // namespace halfulp::analysis
