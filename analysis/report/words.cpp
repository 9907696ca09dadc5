#include <halfulp/analysis/report/words.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <halfulp/analysis/report/fingerprint.hpp>
#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {
namespace {

/// The longest case that is shown on a command line.
constexpr std::size_t longest_line = 400;

std::string what_is_wrong(const witness& w) {
  switch (w.score.kind) {
    case component_class::not_a_number:
      if (is_nan_text(w.got) && is_nan_text(w.want)) return "returns the wrong NaN";
      return is_nan_text(w.got) ? "returns NaN for a number" : "returns a number for NaN";
    case component_class::infinite:
      return w.got.find("inf") != std::string::npos ? "overflows to infinity where it should not"
                                                    : "is finite where the result overflows";
    case component_class::zero:
      if (w.score.error.hi == 0) return "gives a zero the wrong sign";
      return "is " + error_text(w.score.error) + " smallest subnormals off where the result is zero";
    case component_class::finite:
      return moves_bits(w) ? "returns the wrong bits" : "is " + error_text(w.score.error) + " ULP off";
  }
  return {};
}

std::string verdict_text(const witness& w) {
  if (w.score.judged == verdict::avoidable)
    return fmt::format(
        "That is {} times the {} ULP that the best known algorithms may lose here, and within the {} ULP "
        "of any backward-stable one.",
        lower_text(times_bound(w)), upper_text(w.bounds.componentwise), upper_text(w.bounds.normwise));
  if (moves_bits(w)) return "Nothing is rounded here, so every bit has to be right.";
  if (std::isinf(times_bound(w)) || w.score.kind == component_class::not_a_number) return "No bound allows that.";
  return fmt::format("That is {} times the {} ULP that any backward-stable algorithm may lose here.",
                     lower_text(times_bound(w)), upper_text(w.bounds.normwise));
}

std::string in_format(const finding& f) {
  return f.format.empty() ? f.op : f.op + " in " + f.format;
}

std::string quoted_for_shell(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string headline(const finding& f) {
  const std::string subject = f.backend + ": " + in_format(f) + " ";
  switch (f.kind) {
    case finding_kind::crashed:
      return subject + "crashes";
    case finding_kind::timed_out:
      return subject + "gives no answer in time";
    case finding_kind::accepted_invalid:
      return subject + "answers a call that is invalid";
    case finding_kind::refused_valid:
      return subject + "refuses a call that is valid";
    case finding_kind::wrong_type:
      return subject + "returns another dtype or shape";
    case finding_kind::beyond:
    case finding_kind::avoidable:
      break;
  }
  return subject + (f.shown ? what_is_wrong(*f.shown) : "is wrong");
}

std::string place_of(const witness& w) {
  std::string place = w.output == 0 ? "output" : fmt::format("outputs[{}]", w.output);
  std::vector<std::string> index;
  for (const std::int64_t i : w.index) index.push_back(std::to_string(i));
  if (!index.empty()) place += fmt::format("[{}]", listed(index));
  return place + (w.part == 1 ? ".imag" : "");
}

std::string numbers_of(const witness& w) {
  return fmt::format("{} is {}; correctly rounded it is {}", place_of(w), decimal_text(w.got), decimal_text(w.want));
}

std::string explanation(const finding& f) {
  if (f.shown) return numbers_of(*f.shown) + ". " + verdict_text(*f.shown);
  return f.kind == finding_kind::accepted_invalid || f.kind == finding_kind::wrong_type ? "It " + f.message : f.message;
}

std::string case_file(const std::string& case_text) {
  if (case_text.size() <= longest_line) return {};
  return fmt::format("cases/{:016x}.jsonl", fingerprint(case_text));
}

std::string reproduction(const std::string& case_text, const std::string& backend) {
  if (const std::string file = case_file(case_text); !file.empty())
    return fmt::format("halfulp eval --backend {} {}", backend, file);
  return fmt::format("echo {} | halfulp eval --backend {} -", quoted_for_shell(case_text), backend);
}

std::string path_line(const report_model& m) {
  for (const auto& run : m.runs)
    if (!run.path.empty())
      return "PATH=" + quoted_for_shell(std::filesystem::path(run.path).parent_path().string()) + ":$PATH";
  return {};
}

std::string summary(const report_model& m) {
  std::set<std::string> formats;
  std::set<std::string> backends;
  std::int64_t cases = 0;
  for (const auto& [key, cell] : m.cells) {
    if (!key.format.empty()) formats.insert(key.format);
    backends.insert(key.backend);
  }
  for (const auto& run : m.runs) cases += run.cases_done;
  return fmt::format("{} of {} in {}, on {}: {} compared with the exact result, {} of them correctly rounded.",
                     counted(static_cast<std::int64_t>(backends.size()), "implementation"),
                     counted(static_cast<std::int64_t>(m.ops().size()), "op"),
                     counted(static_cast<std::int64_t>(formats.size()), "format"), counted(cases, "case"),
                     counted(m.components(), "number"), share_text(m.total(verdict::correct), m.components()));
}

std::vector<std::string> caveats(const report_model& m) {
  std::vector<std::string> all;
  for (const auto& run : m.runs)
    if (!run.complete())
      all.push_back(
          fmt::format("Interrupted: {} of {} cases were run.", count_text(run.cases_done), count_text(run.cases)));
  if (const auto n = m.total(verdict::unknown); n > 0)
    all.push_back(
        fmt::format("The exact rounding of {} stayed undecided; none counts as right.", counted(n, "number")));
  if (const auto n = m.total(outcome::unknown); n > 0)
    all.push_back(fmt::format("For {} the oracle has no answer; they count for nothing.", counted(n, "comparison")));
  if (const auto n = m.total(component_class::zero); 2 * n > m.components())
    all.push_back(fmt::format(
        "{} of the numbers are exactly zero, of images without channels for instance: the share of right ones "
        "is mostly theirs. The table counts them in a column of their own, and its errors leave them out.",
        share_text(n, m.components())));
  std::vector<std::pair<std::string, std::string>> missing;  // why, and who
  for (const auto& b : m.backends) {
    if (b.available) continue;
    const auto same = std::ranges::find(missing, b.missing, &std::pair<std::string, std::string>::first);
    if (same == missing.end())
      missing.emplace_back(b.missing, b.name);
    else
      same->second += ", " + b.name;
  }
  for (const auto& [why, who] : missing) all.push_back(fmt::format("{} could not be compared: {}", who, why));
  return all;
}

std::string_view meaning(finding_kind k) {
  switch (k) {
    case finding_kind::beyond:
      return "an error that no bound explains";
    case finding_kind::crashed:
      return "the process died";
    case finding_kind::accepted_invalid:
      return "an answer to a call that the op's rules refuse";
    case finding_kind::timed_out:
      return "no answer in time";
    case finding_kind::wrong_type:
      return "another number of outputs, another dtype or shape";
    case finding_kind::refused_valid:
      return "a refusal of a call that the op's rules allow";
    case finding_kind::avoidable:
      return "an error that the best known algorithms do not make";
  }
  return {};
}

}  // namespace halfulp::analysis
