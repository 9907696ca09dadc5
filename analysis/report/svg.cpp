#include <halfulp/analysis/report/svg.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {

log_axis::log_axis(double lo, double hi, double from, double to, double gutter)
    : lo_(lo), hi_(hi), from_(from), to_(to), step_(from < to ? gutter : -gutter) {}

double log_axis::at(double x) const {
  if (x == 0) return before();
  if (std::isinf(x)) return behind();
  const double share = (std::log2(x) - lo_) / (hi_ - lo_);
  return from_ + std::clamp(share, 0.0, 1.0) * (to_ - from_);
}

std::vector<std::pair<double, std::string>> log_axis::ticks(int most) const {
  const double decades_per_binade = std::log10(2);
  const int first = static_cast<int>(std::ceil(lo_ * decades_per_binade - 1e-9));
  const int last = static_cast<int>(std::floor(hi_ * decades_per_binade + 1e-9));
  const int step = std::max(1, (last - first + most) / most);
  std::vector<std::pair<double, std::string>> all;
  for (int k = first; k <= last; ++k) {
    if (k % step != 0) continue;
    all.emplace_back(at(std::pow(10.0, k)), power_of_ten_text(k));
  }
  return all;
}

void binade_span::take(double x) {
  zero = zero || x == 0;
  infinite = infinite || std::isinf(x);
  if (x == 0 || !std::isfinite(x)) return;
  const double e = std::log2(x);
  lo = empty ? std::floor(e) : std::min(lo, std::floor(e));
  hi = empty ? std::ceil(e) : std::max(hi, std::ceil(e));
  empty = false;
}

void binade_span::widen(double least) {
  const double missing = std::max(0.0, least - (hi - lo));
  lo -= std::floor(missing / 2);
  hi += std::ceil(missing / 2);
  empty = false;
}

namespace svg {

std::string line(double x1, double y1, double x2, double y2, const char* css) {
  return fmt::format(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", css, x1, y1, x2, y2);
}

std::string text(double x, double y, const std::string& words, const char* css) {
  return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>)", css, x, y, escape_html(words));
}

std::string rect(double x, double y, double width, double height, const char* css, const std::string& tip) {
  const std::string title = tip.empty() ? "" : "<title>" + escape_html(tip) + "</title>";
  return fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">{}</rect>)", css, x, y,
                     width, height, title);
}

std::string figure(double width, double height, const std::string& label, const std::string& content) {
  return fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>)", width, height,
                     escape_html(label), content);
}

}  // namespace svg

}  // namespace halfulp::analysis
