#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace halfulp::analysis {

/// What `halfulp report` was asked for.
struct report_options {
  std::vector<std::string> ops;              ///< names of specs; empty: all
  std::vector<std::string> backends;         ///< without the oracle, which always runs; empty: all
  std::vector<std::filesystem::path> cases;  ///< JSONL files of cases; empty: the built-in corpora
  std::filesystem::path out = "report";      ///< the folder written to; made where it is missing
  bool resume = false;                       ///< take finished rows of an earlier run in `out` where they still hold
  double timeout_seconds = 60;               ///< a backend that is silent for longer on one case is stopped
  int processes = 2;                         ///< cases that are worked on at the same time, at least 1
  /// Reports of other runs to be added up instead of running anything; all else but `out` is then without effect.
  std::vector<std::filesystem::path> merge;
};

/// Runs the cases on the oracle and on every backend, each in a child process, judges the answers, and writes
/// results.jsonl (a row a case and backend, as they come), report.json, report.md and index.html into `out`. Prints
/// progress to standard error, and to standard output where the page is and the worst findings.
/// Returns the exit code: 0 no output of halfulp's own kernels is wrong, 1 some is, 3 undecided ones are left or the
/// run was interrupted (what was finished is kept and reported, and `resume` goes on). What peers lose changes nothing.
/// Throws invalid_argument for an unknown op or backend, none that can be compared here, an unreadable case file or
/// report, files without a case, an unwritable folder.
int run_report(const report_options& options);

}  // namespace halfulp::analysis
