#include <halfulp/analysis/report/page.hpp>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis::page {
namespace {

std::string origin_of(const finding& f) {
  std::string words;
  if (!f.name.empty()) words += " · " + escape_html(f.name);
  if (!f.origin.empty()) words += " · from " + escape_html(f.origin);
  return words;
}

std::string shared_with(const report_model& m, const finding& f) {
  const auto others = m.sharing(f);
  return others.empty() ? "" : " · the same case also on " + escape_html(listed(others));
}

/// The lines name halfulp alone: they are to work wherever it is.
std::string how_to_run(const report_model& m) {
  const std::string line = path_line(m);
  return line.empty() ? ""
                      : "<p class=\"note\">The lines below run as they are in the folder of this report, after</p>\n"
                        "<pre class=\"command\" tabindex=\"0\">" +
                            escape_html(line) + "</pre>\n";
}

std::string item(const report_model& m, const finding& f) {
  return "<li>\n<h3>" + escape_html(headline(f)) + "</h3>\n<p>" + escape_html(explanation(f)) +
         "</p>\n<p class=\"meta\">" + tag(name_of(f.kind)) + ": " + std::string(meaning(f.kind)) + origin_of(f) +
         shared_with(m, f) + "</p>\n" + command(f.case_text, f.backend) + "</li>\n";
}

}  // namespace

std::string findings_section(const report_model& m) {
  std::string items;
  for (const auto& f : m.worst(leading_findings)) items += item(m, f);
  return "<section id=\"worst\">\n<h2>The worst findings</h2>\n" +
         (items.empty() ? "<p>Nothing to report: no error beyond its bound, no failure, no invalid case answered.</p>\n"
                        : how_to_run(m) + "<ol class=\"worst\">\n" + items + "</ol>\n") +
         "</section>\n";
}

}  // namespace halfulp::analysis::page
