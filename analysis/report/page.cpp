#include <halfulp/analysis/report/page.hpp>

#include <cctype>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis {
namespace {

std::string navigation(const report_model& m) {
  std::string items =
      "<li><a class=\"brand\" href=\"#top\">halfulp</a></li><li><a href=\"#worst\">Findings</a></li>"
      "<li><a href=\"#overview\">Overview</a></li><li><a href=\"#table\">Table</a></li>";
  for (const auto& op : m.ops())
    items += fmt::format("<li><a href=\"#{}\">{}</a></li>", page::anchor("op", op), escape_html(op));
  items += "<li><a href=\"#setup\">Set-up</a></li><li><a href=\"#reading\">Reading</a></li>";
  return "<nav aria-label=\"Sections\"><ul>" + items + "</ul></nav>\n";
}

std::string figure_of(const std::string& name, const std::string& value) {
  return "<div><dd>" + value + "</dd><dt>" + name + "</dt></div>\n";
}

std::string key_figures(const report_model& m) {
  const std::int64_t failures = m.total(outcome::crashed) + m.total(outcome::timed_out) + m.total(outcome::wrong_type) +
                                m.total(outcome::refused_valid);
  return "<dl class=\"figures\">\n" + figure_of("numbers compared with the exact result", count_text(m.components())) +
         figure_of("of them correctly rounded", share_text(m.total(verdict::correct), m.components())) +
         figure_of("wrong, within the best algorithms’ bound", count_text(m.total(verdict::explained))) +
         figure_of("avoidable: a better algorithm exists", count_text(m.total(verdict::avoidable))) +
         figure_of("beyond every bound", count_text(m.total(verdict::beyond))) +
         figure_of("cases that failed or were refused", count_text(failures)) +
         figure_of("invalid cases that were answered", count_text(m.total(outcome::accepted_invalid))) +
         figure_of("undecided by the oracle", count_text(m.total(verdict::unknown))) + "</dl>\n";
}

/// What was compared, and on what.
std::string versions(const report_model& m) {
  std::string line;
  for (const auto& b : m.backends)
    if (b.available)
      line += "<span><b>" + escape_html(b.name) + "</b> " + escape_html(shortened(b.version, 40)) + "</span> ";
  for (const auto& r : m.runs)
    line += "<span>" + escape_html(fmt::format("{}, {}", r.made_on.processor, counted(r.made_on.cores, "core"))) +
            "</span> ";
  return "<p class=\"meta versions\">" + line + "</p>\n";
}

std::string heading(const report_model& m) {
  std::string list;
  for (const auto& caveat : caveats(m)) list += "<li>" + escape_html(caveat) + "</li>\n";
  if (!list.empty()) list = "<ul class=\"caveats\">\n" + list + "</ul>\n";
  return "<h1>How far from correctly rounded?</h1>\n<p class=\"lead\">" + escape_html(summary(m)) + "</p>\n" +
         versions(m) + list + key_figures(m);
}

std::string closing(const report_model& m) {
  std::string made;
  for (const auto& run : m.runs)
    made += fmt::format("Run {} by {}, {} to {}. ", run.id, run.program, run.started, run.finished);
  return "<footer>" + escape_html(made) +
         "The same data as numbers: <a href=\"report.json\">report.json</a>, "
         "<a href=\"report.md\">report.md</a>.</footer>\n";
}

}  // namespace

namespace page {

std::string anchor(std::string_view kind, std::string_view name) {
  std::string id(kind);
  id += '-';
  for (const char c : name)
    id += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'
              ? std::string(1, c)
              : fmt::format(".{:02x}", static_cast<unsigned char>(c));
  return id;
}

std::string tag(std::string_view name) {
  std::string css(name);
  for (char& c : css) c = c == ' ' ? '-' : c;
  const std::string_view mark = name == "correct" ? "✓" : name == "explained" ? "●" : name == "avoidable" ? "▲" : "◆";
  return fmt::format("<span class=\"tag {}\">{} {}</span>", css, name == "unknown" ? "?" : mark, escape_html(name));
}

std::string command(const std::string& case_text, const std::string& backend) {
  return "<pre class=\"command\" tabindex=\"0\">" + escape_html(reproduction(case_text, backend)) + "</pre>\n";
}

}  // namespace page

std::string html_page(const report_model& m) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<title>halfulp: how far from correctly rounded?</title>\n<style>" +
         std::string(page::style) +
         "</style>\n</head>\n<body id=\"top\">\n<a class=\"skip\" href=\"#main\">Skip to the "
         "report</a>\n" +
         navigation(m) + "<main id=\"main\">\n" + heading(m) + page::findings_section(m) + page::overview_section(m) +
         page::table_section(m) + page::op_sections(m) + page::setup_section(m) + page::reading_section() +
         "</main>\n" + closing(m) + "</body>\n</html>\n";
}

}  // namespace halfulp::analysis
