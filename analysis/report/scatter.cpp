#include <halfulp/analysis/report/plots.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {
namespace {

constexpr double width = 360;
constexpr double height = 288;
constexpr double left = 48;
constexpr double right = width - 12;
constexpr double top = 18;
constexpr double bottom = height - 36;
constexpr double gutter = 14;  ///< for bounds and errors of 0 and infinity

struct axes {
  binade_span bounds;
  binade_span errors;
  log_axis bound() const {
    return {bounds.lo, bounds.hi, left + (bounds.zero ? 2 * gutter : 4), right - (bounds.infinite ? 2 * gutter : 4),
            gutter};
  }
  log_axis error() const {
    return {errors.lo, errors.hi, bottom - 4, top + (errors.infinite ? 2 * gutter : 4), gutter};
  }
};

axes axes_of(const std::map<point_key, report_point>& dots) {
  axes a;
  for (const auto& [key, dot] : dots) {
    a.bounds.take(dot.bound);
    a.errors.take(dot.error.hi);
  }
  for (binade_span* span : {&a.bounds, &a.errors}) {
    span->lo -= 1;
    span->hi += 1;
    span->widen(8);
  }
  return a;
}

/// The line on which the error is the bound, and the area below it, as far as the axes show them.
std::string diagonal(const axes& a) {
  const double lo = std::max(a.bounds.lo, a.errors.lo);
  const double hi = std::min(a.bounds.hi, a.errors.hi);
  const log_axis x = a.bound();
  const log_axis y = a.error();
  if (lo >= hi) {  // the axes do not meet: all bounds lie above all errors, or below
    if (a.bounds.lo < a.errors.hi) return {};
    return svg::rect(x.from(), y.to(), x.to() - x.from(), y.from() - y.to(), "within", "");
  }
  const double x1 = x.at(std::exp2(lo)), y1 = y.at(std::exp2(lo));
  const double x2 = x.at(std::exp2(hi)), y2 = y.at(std::exp2(hi));
  return fmt::format(
             R"(<polygon class="within" points="{0:.1f},{1:.1f} {2:.1f},{3:.1f} {4:.1f},{3:.1f} {4:.1f},{5:.1f} {0:.1f},{5:.1f}"/>)",
             x1, y1, x2, y2, x.to(), y.from()) +
         svg::line(x1, y1, x2, y2, "diagonal");
}

std::string frame(const axes& a) {
  const log_axis x = a.bound();
  const log_axis y = a.error();
  std::string f = diagonal(a);
  for (const auto& [at, label] : y.ticks(6))
    f += svg::line(left, at, right, at, "grid") + svg::text(left - 5, at + 3.5, label, "tick end");
  for (const auto& [at, label] : x.ticks(5))
    f += svg::line(at, bottom, at, bottom + 3, "axis") + svg::text(at, bottom + 14, label, "tick middle");
  if (a.bounds.zero) f += svg::text(x.before(), bottom + 14, "0", "tick middle");
  if (a.bounds.infinite) f += svg::text(x.behind(), bottom + 14, "∞", "tick middle");
  if (a.errors.infinite) f += svg::text(left - 5, y.behind() + 3.5, "∞", "tick end");
  f += svg::line(left, bottom, right, bottom, "axis") + svg::line(left, top, left, bottom, "axis");
  return f + svg::text((left + right) / 2, height - 5, "bound of the best algorithms, ULP", "label middle") +
         svg::text(left, top - 4, "error, ULP", "label");
}

/// A shape for each verdict, so that no one depends on colours: a circle, a triangle, a square on its corner.
std::string mark(verdict judged, double x, double y, double r, const std::string& tip) {
  const std::string title = "<title>" + escape_html(tip) + "</title>";
  if (judged == verdict::avoidable)
    return fmt::format(R"(<path class="dot avoidable" d="M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z">{}</path>)", x,
                       y - 1.15 * r, 1.1 * r, 2 * r, -2.2 * r, title);
  if (judged == verdict::beyond)
    return fmt::format(
        R"(<path class="dot beyond" d="M{0:.1f} {1:.1f}l{2:.1f} {2:.1f}l-{2:.1f} {2:.1f}l-{2:.1f} -{2:.1f}z">{3}</path>)",
        x, y - 1.2 * r, 1.2 * r, title);
  return fmt::format(R"(<circle class="dot explained" cx="{:.1f}" cy="{:.1f}" r="{:.1f}">{}</circle>)", x, y, r, title);
}

std::string tip_of(const point_key& key, const report_point& dot) {
  std::string tip =
      fmt::format("{}, {}: error {} ULP\nbest algorithms: {} ULP, backward-stable ones: {} ULP", key.format,
                  name_of(key.judged), error_text(dot.error), upper_text(dot.bound), upper_text(dot.normwise));
  if (dot.cases > 1) tip += fmt::format("\nthe worst of {} cases near here", count_text(dot.cases));
  return tip + "\n" + shortened(dot.case_text, 300);
}

std::string panel(const std::string& backend, const std::map<point_key, report_point>& dots, const axes& a) {
  std::array<std::int64_t, verdict_names.size()> cases{};
  std::string marks;
  for (const auto& [key, dot] : dots) {
    if (key.backend != backend) continue;
    cases[static_cast<std::size_t>(key.judged)] += dot.cases;
    const double r = 3.2 + std::min(3.0, 0.7 * std::log2(static_cast<double>(dot.cases)));
    marks += mark(key.judged, a.bound().at(dot.bound), a.error().at(dot.error.hi), r, tip_of(key, dot)) + "\n";
  }
  const auto n = [&](verdict v) { return count_text(cases[static_cast<std::size_t>(v)]); };
  const std::string caption = fmt::format("{} explained, {} avoidable, {} beyond", n(verdict::explained),
                                          n(verdict::avoidable), n(verdict::beyond));
  return fmt::format("<figure class=\"panel\"><figcaption><b>{}</b> <span>{}</span></figcaption>{}</figure>\n",
                     escape_html(backend), caption,
                     svg::figure(width, height, backend + ": errors against bounds, " + caption, frame(a) + marks));
}

}  // namespace

std::string scatter_plots(const report_model& m, const std::string& op) {
  const auto dots = m.points.find(op);
  if (dots == m.points.end()) return {};
  const axes a = axes_of(dots->second);
  std::vector<std::string> backends;
  for (const auto& [key, dot] : dots->second)
    if (backends.empty() || backends.back() != key.backend) backends.push_back(key.backend);
  std::string panels;
  for (const auto& backend : backends) panels += panel(backend, dots->second, a);
  return "<div class=\"panels\">\n" + panels + "</div>\n";
}

}  // namespace halfulp::analysis
