#include <halfulp/analysis/report/markdown.hpp>

#include <fmt/format.h>

#include <halfulp/analysis/report/escape.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/overview.hpp>
#include <halfulp/analysis/report/page.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis {
namespace {

std::string safe(const std::string& text) {
  return escape_markdown(text);
}

std::string finding_item(int number, const finding& f) {
  std::string item = fmt::format("{}. **{}** ({}: {})\n\n   {}\n\n", number, safe(headline(f)), name_of(f.kind),
                                 meaning(f.kind), safe(explanation(f)));
  if (!f.name.empty() || !f.origin.empty())
    item += fmt::format("   {}{}{}\n\n", safe(f.name), f.name.empty() || f.origin.empty() ? "" : ", ",
                        f.origin.empty() ? "" : "from " + safe(f.origin));
  return item + "   " + markdown_code(reproduction(f.case_text, f.backend), false) + "\n\n";
}

std::string findings(const report_model& m) {
  std::string text = "## The worst findings\n\n";
  int number = 0;
  for (const auto& f : m.worst(leading_findings)) text += finding_item(++number, f);
  return number == 0 ? text + "No error beyond its bound, no failure, no invalid case answered.\n\n" : text;
}

std::string implementations(const report_model& m) {
  std::string text =
      "## Every implementation\n\nNumbers whose exact result is zero are left out of the first two columns.\n\n"
      "| implementation | numbers not zero | right | explained | avoidable | beyond | cases compared | failed | "
      "invalid, "
      "answered |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const auto& r : overview(m))
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", safe(r.backend), count_text(r.numbers),
                    share_text(r.right, r.numbers), count_text(r.explained), count_text(r.avoidable),
                    count_text(r.beyond), count_text(r.scored), count_text(r.failed), count_text(r.accepted_invalid));
  return text + "\n";
}

std::string other_outcomes(const report_cell& cell) {
  std::string text;
  for (std::size_t k = 0; k < cell.outcomes.size(); ++k)
    if (static_cast<outcome>(k) != outcome::scored && cell.outcomes[k] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count_text(cell.outcomes[k]), outcome_names[k]);
  return text;
}

std::string errors(const score& s) {
  if (s.finite_errors.empty()) return "– | – | –";
  std::string greatest = error_text({s.greatest_finite_lower, s.finite_errors.greatest()});
  if (!s.normwise_errors.empty()) greatest += " (normwise " + upper_text(s.normwise_errors.greatest()) + ")";
  return fmt::format("{} | {} | {}", upper_text(s.finite_errors.quantile(0.5)),
                     upper_text(s.finite_errors.quantile(0.99)), greatest);
}

std::string row(const cell_key& key, const report_cell& cell) {
  const score& s = cell.scored;
  const auto zero = static_cast<std::size_t>(component_class::zero);
  const auto judged = [&](verdict v) { return count_text(s.by_verdict[static_cast<std::size_t>(v)]); };
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", safe(key.op), safe(key.format),
      safe(key.backend), count_text(cell.cases()), count_text(s.components), share_text(s.correct(), s.components),
      errors(s), judged(verdict::explained), judged(verdict::avoidable), judged(verdict::beyond),
      s.by_class[zero] == 0 ? "–" : count_text(s.wrong_by_class[zero]) + " of " + count_text(s.by_class[zero]),
      judged(verdict::unknown), other_outcomes(cell));
}

std::string table(const report_model& m) {
  std::string text =
      "## Every op, format and implementation\n\n"
      "Errors in ULPs of the exact result: certified upper ends, 0 where the bits are right. Results that are exactly "
      "zero, infinite or NaN are left out of median, 99% and max.\n\n"
      "| op | format | implementation | cases | numbers | right | median | 99% | max | explained | avoidable | beyond "
      "| wrong at zero | undecided | cases without numbers |\n"
      "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n";
  for (const auto& [key, cell] : m.cells)
    if (!cell.unsupported()) text += row(key, cell);
  text += "\n";
  for (const auto& op : m.ops())
    if (const std::string lacking = m.unsupported(op); !lacking.empty())
      text += fmt::format("{} is not in {}.\n\n", safe(op), safe(lacking));
  return text;
}

std::string worst_rows(const report_model& m) {
  std::string text =
      "## The worst number of each row\n\n| op | format | implementation | error | number | again |\n"
      "| --- | --- | --- | ---: | --- | --- |\n";
  for (const auto& [key, cell] : m.cells)
    if (const auto& w = cell.scored.worst[static_cast<std::size_t>(component_class::finite)])
      text += fmt::format("| {} | {} | {} | {} ULP, {} | {} | {} |\n", safe(key.op), safe(key.format),
                          safe(key.backend), error_text(w->score.error), name_of(w->score.judged), safe(numbers_of(*w)),
                          markdown_code(reproduction(cell.worst_case[0], key.backend), true));
  return text + "\n";
}

std::string setup(const report_model& m) {
  std::string text = "## Set-up\n\n";
  for (const auto& r : m.runs)
    text += fmt::format("- {} on {} ({}, {}), {}; {} to {}; {}\n", safe(r.program), safe(r.made_on.processor),
                        counted(r.made_on.cores, "core"), safe(listed(r.made_on.instruction_sets, " ")),
                        safe(r.made_on.kernel), r.started, r.finished, safe(listed(r.sources)));
  text += "\n| implementation | version | settings |\n| --- | --- | --- |\n";
  for (const auto& b : m.backends)
    text += fmt::format("| {} | {} | {} |\n", safe(b.name), b.available ? safe(b.version) : "missing",
                        b.available ? markdown_code(b.settings.dump(), true) : safe(b.missing));
  return text;
}

}  // namespace

std::string markdown(const report_model& m) {
  std::string text = "# How far from correctly rounded?\n\n" + safe(summary(m)) + "\n\n";
  for (const auto& caveat : caveats(m)) text += "> " + safe(caveat) + "\n\n";
  return text + findings(m) + implementations(m) + table(m) + worst_rows(m) + setup(m);
}

}  // namespace halfulp::analysis
