#include <halfulp/analysis/report/page.hpp>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis::page {
namespace {

std::string term(const std::string& name, const std::string& value) {
  return value.empty() ? "" : "<dt>" + escape_html(name) + "</dt><dd>" + escape_html(value) + "</dd>\n";
}

std::string run(const report_run& r) {
  const machine& m = r.made_on;
  return "<dl class=\"terms\">\n" +
         term("Processor", fmt::format("{} ({}), {}", m.processor, m.architecture, counted(m.cores, "core"))) +
         term("Instruction sets", listed(m.instruction_sets, " ")) +
         term("System", m.system.empty() ? m.kernel : m.system + ", " + m.kernel) + term("halfulp", r.program) +
         term("Cases",
              fmt::format("{} of {}, from {}", count_text(r.cases_done), count_text(r.cases), listed(r.sources))) +
         term("Time", r.started + " to " + r.finished) + "</dl>\n";
}

/// "threads: 1; openblas core: Zen"; what is nested gets a longer name.
std::string settings_text(const nlohmann::json& settings, const std::string& prefix = "") {
  std::string text;
  for (const auto& [name, value] : settings.items()) {
    const std::string separator = text.empty() ? "" : "; ";
    if (value.is_object())
      text += separator + settings_text(value, prefix + name + " ");
    else
      text += separator + prefix + name + ": " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

std::string backend_row(const report_backend& b) {
  return "<tr><th scope=\"row\">" + escape_html(b.name) + "</th><td>" +
         (b.available ? escape_html(b.version) : "<span class=\"tag crashed\">◆ missing</span>") +
         "</td><td class=\"small\">" + escape_html(b.available ? settings_text(b.settings) : b.missing) +
         "</td></tr>\n";
}

}  // namespace

std::string setup_section(const report_model& m) {
  std::string s = "<section id=\"setup\">\n<h2>Set-up</h2>\n";
  for (const auto& r : m.runs) s += run(r);
  s += "<h3>Implementations</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Implementations\">"
       "<table>\n<thead><tr><th scope=\"col\">name</th><th scope=\"col\">version</th><th "
       "scope=\"col\">settings</th></tr>"
       "</thead>\n<tbody>\n";
  for (const auto& b : m.backends) s += backend_row(b);
  return s + "</tbody>\n</table></div>\n</section>\n";
}

std::string reading_section() {
  std::string kinds;
  for (const finding_kind k : all_finding_kinds) kinds += term(std::string(name_of(k)), std::string(meaning(k)));
  return "<section id=\"reading\">\n<h2>How to read this</h2>\n<dl class=\"terms\">\n" +
         term("exact result",
              "the real number that the op gives on exactly these inputs, enclosed by two proven bounds") +
         term("right",
              "the bits are those of the exact result rounded once, to nearest, ties to even, the sign of zero "
              "included; this is compared bit by bit, never inferred from an error") +
         term("error",
              "|got - exact| in ULPs: units in the last place of the exact result in the output's format; 0 where "
              "the number is right. What is printed is an upper end, rounded up; where the lower end of the "
              "certified error reads differently, both are printed") +
         term("median, 99%",
              "the smallest error that at least half, or 99%, of the numbers do not exceed, read from a "
              "histogram and therefore up to 1/16 too large, never too small") +
         term("at zero",
              "results that are exactly zero have no scale of their own, so their errors stay out of the other "
              "columns: wrong ones, of all") +
         term("explained",
              "wrong, but the best known class of algorithms working in this format could lose as much on "
              "this very input") +
         kinds +
         term("undecided", "the oracle could not settle the rounding within its budget; never counted as right") +
         "</dl>\n"
         "<p class=\"note\">Each command shows an implementation’s answer; with <code>--backend oracle</code> it shows "
         "the "
         "exact result. Commands that name a file are meant for the folder of this report.</p>\n</section>\n";
}

}  // namespace halfulp::analysis::page
