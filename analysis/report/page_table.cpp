#include <halfulp/analysis/report/page.hpp>

#include <cmath>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/overview.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis::page {
namespace {

constexpr int columns = 12;

std::string number(const std::string& text, const char* css = "", const std::string& tip = "") {
  const std::string title = tip.empty() ? "" : " title=\"" + escape_html(tip) + "\"";
  return fmt::format("<td class=\"num {}\"{}>{}</td>", css, title, text);
}

/// A count that is quiet when there is nothing to say.
std::string count(std::int64_t n, const char* css) {
  return n == 0 ? number("·", "quiet") : number(count_text(n), css);
}

std::string wrong_of(const score& s, component_class a) {
  const auto k = static_cast<std::size_t>(a);
  if (s.by_class[k] == 0) return number("·", "quiet");
  return number(fmt::format("{} of {}", count_text(s.wrong_by_class[k]), count_text(s.by_class[k])),
                s.wrong_by_class[k] == 0 ? "quiet" : "");
}

std::string share_cell(std::int64_t part, std::int64_t whole) {
  const double share = whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  return fmt::format("<td class=\"num\"><span class=\"share\">{}<i style=\"--share:{:.2f}%\"></i></span></td>",
                     share_text(part, whole), 100 * share);
}

std::string greatest(const score& s) {
  const ulp_error e{s.greatest_finite_lower, s.finite_errors.greatest()};
  std::string text = error_text(e);
  if (!s.normwise_errors.empty())
    text += "<br><span class=\"small\">normwise " + upper_text(s.normwise_errors.greatest()) + "</span>";
  return number(text, "", fmt::format("certified: from {:.17g} to {:.17g} ULP", e.lo, e.hi));
}

std::string quantile_cell(const score& s, double q) {
  return number(upper_text(s.finite_errors.quantile(q)));
}

/// Everything but numbers: "3 crashed, 2 unsupported"; cases refused by both sides are as they should be.
std::string other_outcomes(const report_cell& cell) {
  std::string text;
  for (std::size_t k = 0; k < cell.outcomes.size(); ++k) {
    const auto o = static_cast<outcome>(k);
    if (o == outcome::scored || cell.outcomes[k] == 0) continue;
    const bool fine = o == outcome::refused_by_both || o == outcome::unsupported || o == outcome::unknown;
    text += fmt::format("{}<span class=\"{}\">{} {}</span>", text.empty() ? "" : ", ", fine ? "quiet" : "tag crashed",
                        count_text(cell.outcomes[k]), name_of(o));
  }
  return "<td class=\"small\">" + text + "</td>";
}

std::string row(const cell_key& key, const report_cell& cell, const std::string& format_cell) {
  const score& s = cell.scored;
  std::string r = "<tr>" + format_cell + "<th scope=\"row\">" + escape_html(key.backend) + "</th>";
  r += number(count_text(cell.cases()));
  if (s.components == 0)
    return r + fmt::format("<td class=\"quiet\" colspan=\"{}\"></td>", columns - 4) + other_outcomes(cell) + "</tr>\n";
  const bool any = !s.finite_errors.empty();
  const auto judged = [&](verdict v) { return s.by_verdict[static_cast<std::size_t>(v)]; };
  r += number(count_text(s.components)) + share_cell(s.correct(), s.components);
  r += any ? quantile_cell(s, 0.5) + quantile_cell(s, 0.99) + greatest(s)
           : number("–", "quiet") + number("–", "quiet") + number("–", "quiet");
  r += count(judged(verdict::avoidable), "avoidable") + count(judged(verdict::beyond), "beyond");
  r += wrong_of(s, component_class::zero) + other_outcomes(cell) + "</tr>\n";
  return r;
}

std::string format_cell(const report_model& m, const cell_key& key) {
  int rows = 0;
  for (const auto& [other, cell] : m.cells)
    rows += other.op == key.op && other.format == key.format && !cell.unsupported();
  return fmt::format("<th scope=\"rowgroup\" rowspan=\"{}\">{}</th>", rows,
                     key.format.empty() ? "<span class=\"quiet\">none</span>" : escape_html(key.format));
}

std::string op_row(const report_model& m, const std::string& op) {
  const std::string lacking = m.unsupported(op);
  return fmt::format("<tr class=\"op\"><th scope=\"rowgroup\" colspan=\"{}\"><a href=\"#{}\">{}</a>{}</th></tr>\n",
                     columns, anchor("op", op), escape_html(op),
                     lacking.empty() ? "" : " <span class=\"small\">not in " + escape_html(lacking) + "</span>");
}

std::string rows(const report_model& m) {
  std::string all;
  const cell_key* before = nullptr;
  for (const auto& [key, cell] : m.cells) {
    if (cell.unsupported()) continue;
    const bool new_op = before == nullptr || before->op != key.op;
    if (new_op) all += op_row(m, key.op);
    all += row(key, cell, new_op || before->format != key.format ? format_cell(m, key) : "");
    before = &key;
  }
  return all;
}

std::string overview_row_of(const overview_row& r) {
  return "<tr><th scope=\"row\">" + escape_html(r.backend) + "</th>" + number(count_text(r.numbers)) +
         share_cell(r.right, r.numbers) + count(r.explained, "explained") + count(r.avoidable, "avoidable") +
         count(r.beyond, "beyond") + number(count_text(r.scored)) + count(r.failed, "beyond") +
         count(r.accepted_invalid, "beyond") + "</tr>\n";
}

}  // namespace

std::string overview_section(const report_model& m) {
  std::string all;
  for (const auto& row : overview(m)) all += overview_row_of(row);
  const auto column = [](const char* name) { return fmt::format("<th scope=\"col\" class=\"num\">{}</th>", name); };
  return "<section id=\"overview\">\n<h2>Every implementation</h2>\n"
         "<p class=\"note\">Numbers whose exact result is zero are left out of the first two columns. An "
         "implementation is "
         "asked for the ops and formats that it has, so that shares of two of them are not of the same cases.</p>\n"
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Every implementation\">\n<table>\n"
         "<thead>\n<tr class=\"over\"><th></th><th class=\"group\" colspan=\"5\">numbers</th>"
         "<th class=\"group\" colspan=\"3\">cases</th></tr>\n<tr><th scope=\"col\">implementation</th>" +
         column("not zero") + column("right") + column("explained") + column("avoidable") + column("beyond") +
         column("compared") + column("failed") + column("invalid, answered") + "</tr>\n</thead>\n<tbody>\n" + all +
         "</tbody>\n</table>\n</div>\n</section>\n";
}

std::string table_section(const report_model& m) {
  return "<section id=\"table\">\n<h2>Every op, format and implementation</h2>\n"
         "<p class=\"note\">Errors in ULPs of the exact result, certified upper ends, 0 where the bits are right. "
         "Results "
         "that are exactly zero, infinite or NaN are left out of median, 99% and max. The worst number of each row and "
         "how to see it again: under its op.</p>\n"
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of errors\">\n<table>\n<thead>\n"
         "<tr class=\"over\"><th colspan=\"2\"></th><th></th><th></th><th></th><th class=\"group\" "
         "colspan=\"3\">error, "
         "ULP</th><th class=\"group\" colspan=\"3\">wrong numbers</th><th></th></tr>\n"
         "<tr><th scope=\"col\">format</th><th scope=\"col\">implementation</th><th scope=\"col\" "
         "class=\"num\">cases</th>"
         "<th scope=\"col\" class=\"num\">numbers</th><th scope=\"col\" class=\"num\">right</th>"
         "<th scope=\"col\" class=\"num\">median</th><th scope=\"col\" class=\"num\">99%</th>"
         "<th scope=\"col\" class=\"num\">max</th><th scope=\"col\" class=\"num\">avoidable</th>"
         "<th scope=\"col\" class=\"num\">beyond</th><th scope=\"col\" class=\"num\">at zero</th>"
         "<th scope=\"col\">cases without numbers</th></tr>\n</thead>\n<tbody>\n" +
         rows(m) + "</tbody>\n</table>\n</div>\n</section>\n";
}

}  // namespace halfulp::analysis::page
