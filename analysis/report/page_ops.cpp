#include <halfulp/analysis/report/page.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/plots.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis::page {
namespace {

std::string details(const std::string& summary, const std::string& content, bool open = false) {
  return std::string("<details") + (open ? " open" : "") + "><summary>" + summary + "</summary>\n" + content +
         "</details>\n";
}

std::string paragraph(const std::string& text) {
  return text.empty() ? "" : "<p>" + escape_html(text) + "</p>\n";
}

/// The exact result and its bounds, to be checked by hand.
std::string figures_of(const witness& w) {
  return "<p class=\"meta\">" +
         escape_html(
             fmt::format("got {}, correctly rounded {}, exact result in [{}, {}]; certified error {} ULP; bounds: "
                         "{} ULP for the best algorithms, {} for backward-stable ones{}",
                         w.got, w.want, shortened(w.range[0], 60), shortened(w.range[1], 60), error_text(w.score.error),
                         upper_text(w.bounds.componentwise), upper_text(w.bounds.normwise),
                         w.bounds.condition > 0 ? "; condition number " + upper_text(w.bounds.condition) : "")) +
         "</p>\n";
}

/// The worst number of each implementation, of results that are not zero, infinite or NaN; of those if there is no other.
std::string worst_numbers(const report_model& m, const std::string& op) {
  std::string all;
  for (const auto& [key, cell] : m.cells) {
    if (key.op != op) continue;
    const auto& worst = cell.scored.worst;
    const auto w = std::find_if(worst.begin(), worst.end(), [](const auto& x) { return x.has_value(); });
    if (w == worst.end()) continue;
    const std::string& text = cell.worst_case[static_cast<std::size_t>(w - worst.begin())];
    const bool zero = (*w)->score.kind == component_class::zero;
    const std::string summary =
        fmt::format("<span class=\"columns\"><span>{}</span><span>{}</span><span class=\"num\">{} {}</span>{}</span>",
                    escape_html(key.format), escape_html(key.backend), error_text((*w)->score.error),
                    zero ? "subnormals" : "ULP", tag(name_of((*w)->score.judged)));
    all += details(summary, paragraph(numbers_of(**w) + ".") + figures_of(**w) + command(text, key.backend));
  }
  return all.empty() ? "" : "<h3>The worst number of each implementation</h3>\n" + all;
}

std::string described(const finding& f) {
  return "<h4>" + escape_html(headline(f)) + (f.name.empty() ? "" : " · " + escape_html(f.name)) + "</h4>\n" +
         paragraph(explanation(f)) + (f.shown ? figures_of(*f.shown) : "") + command(f.case_text, f.backend);
}

std::string group_of(const finding_key& key, const finding_group& group) {
  std::string content;
  for (const auto& f : group.worst) content += described(f);
  const auto shown = static_cast<std::int64_t>(group.worst.size());
  if (shown < group.cases)
    content += fmt::format("<p class=\"note\">The {} worst are shown, of {}.</p>\n", shown, count_text(group.cases));
  const std::string summary =
      fmt::format("<span class=\"columns\"><span>{}</span><span>{}</span><span class=\"num\">{}</span>{}</span>",
                  escape_html(key.cell.format), escape_html(key.cell.backend),
                  group.components > 0 ? counted(group.components, "number") + " in " + counted(group.cases, "case")
                                       : counted(group.cases, "case"),
                  tag(name_of(key.kind)));
  return details(summary, content);
}

std::string findings_of(const report_model& m, const std::string& op) {
  std::string all;
  for (const finding_kind kind : all_finding_kinds)
    for (const auto& [key, group] : m.findings)
      if (key.cell.op == op && key.kind == kind) all += group_of(key, group);
  return all.empty() ? "" : "<h3>Everything beyond, failed, invalid or avoidable</h3>\n" + all;
}

std::string totals(const report_model& m, const std::string& op) {
  std::int64_t numbers = 0;
  std::int64_t right = 0;
  std::int64_t cases = 0;
  for (const auto& [key, cell] : m.cells) {
    if (key.op != op) continue;
    numbers += cell.scored.components;
    right += cell.scored.correct();
    cases += cell.count(outcome::scored);
  }
  return fmt::format("<p>{} with numbers on any implementation: {}, {} correctly rounded.</p>\n",
                     counted(cases, "comparison"), counted(numbers, "number"), share_text(right, numbers));
}

std::string key_to_marks() {
  return "<p class=\"note key\"><span><svg viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><circle class=\"dot "
         "explained\" "
         "r=\"4\"/></svg>explained</span><span><svg viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><path class=\"dot "
         "avoidable\" d=\"M0-5L5 4H-5z\"/></svg>avoidable</span><span><svg viewBox=\"-6 -6 12 12\" "
         "aria-hidden=\"true\">"
         "<path class=\"dot beyond\" d=\"M0-5.5L5.5 0 0 5.5-5.5 0z\"/></svg>beyond</span>A dot is the worst number of "
         "a "
         "case, taken as a multiple of its bound; in the shaded half the error is within the bound. Cases with every "
         "bit "
         "right have no dot.</p>\n";
}

std::string section(const report_model& m, const std::string& op) {
  std::string s = fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n", anchor("op", op), escape_html(op)) + totals(m, op);
  if (const std::string bars = histograms(m, op); !bars.empty())
    s += "<h3>Errors</h3>\n<p class=\"note\">How many numbers are off by how much; both scales are logarithmic. The "
         "dotted "
         "line is half an ULP.</p>\n" +
         bars;
  if (const std::string dots = scatter_plots(m, op); !dots.empty())
    s += "<h3>Errors against bounds</h3>\n" + key_to_marks() + dots;
  return s + worst_numbers(m, op) + findings_of(m, op) + "</section>\n";
}

}  // namespace

std::string op_sections(const report_model& m) {
  std::string all;
  for (const auto& op : m.ops()) all += section(m, op);
  return all;
}

}  // namespace halfulp::analysis::page
