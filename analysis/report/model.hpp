#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/report/finding.hpp>
#include <halfulp/analysis/report/machine.hpp>
#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {

/// One run on one machine; a merged report has several.
struct report_run {
  std::string id;        ///< distinct for every run: a report is never added to itself
  std::string program;   ///< version and build of halfulp
  std::string path;      ///< of the program, on the machine of the run; empty in reports of before it was kept
  std::string started;   ///< UTC, ISO 8601
  std::string finished;  ///< likewise
  machine made_on;
  std::vector<std::string> sources;  ///< where the cases come from
  std::int64_t cases = 0;            ///< asked for
  std::int64_t cases_done = 0;       ///< fewer after an interruption

  bool complete() const { return cases_done == cases; }
};

/// One implementation that was compared, or could not be.
struct report_backend {
  std::string name;
  bool available = false;
  std::string version;
  nlohmann::json settings = nlohmann::json::object();  ///< threads, BLAS, flags: as the backend states them
  std::string missing;  ///< why it could not be compared, and how to get it; empty where available
};

/// Ordered by op, then by format (real and complex dtypes, then integers, then what is no dtype), then by backend.
struct cell_key {
  std::string op;
  std::string format;
  std::string backend;
  friend bool operator==(const cell_key&, const cell_key&) = default;
  friend std::strong_ordering operator<=>(const cell_key& a, const cell_key& b);
};

/// All cases of one op in one format on one backend.
struct report_cell {
  std::array<std::int64_t, outcome_names.size()> outcomes{};         ///< cases of each outcome
  std::int64_t cases_right = 0;                                      ///< scored cases without a wrong or undecided bit
  score scored;                                                      ///< of all components
  std::array<std::string, component_class_names.size()> worst_case;  ///< the case of each scored.worst
  double seconds = 0;                                                ///< wall time of the backend

  std::int64_t cases() const;
  /// Whether the backend has nothing for this op and format, so that there is nothing to say of it.
  bool unsupported() const { return cases() == count(outcome::unsupported); }
  std::int64_t count(outcome o) const { return outcomes[static_cast<std::size_t>(o)]; }
};

/// A dot of the plot of errors against bounds: the wrong component of a case whose error is the greatest multiple of
/// its componentwise bound. Dots that would lie on one another are one dot with a count.
struct point_key {
  std::string backend;
  std::string format;
  verdict judged = verdict::explained;
  int bound_bin = 0;  ///< quarters of a binade of the componentwise bound
  int error_bin = 0;  ///< likewise of the upper end of the error
  friend auto operator<=>(const point_key&, const point_key&) = default;
};
struct report_point {
  std::int64_t cases = 0;
  double bound = 0;     ///< of the dot's worst case, in ULPs, componentwise
  double normwise = 0;  ///< likewise, normwise
  ulp_error error;      ///< likewise
  std::string case_text;
};

point_key point_key_of(const std::string& backend, const std::string& format, verdict judged, const report_point& p);

/// Findings of one kind in one cell: how many, and the worst of them.
struct finding_key {
  cell_key cell;
  finding_kind kind = finding_kind::beyond;
  friend std::strong_ordering operator<=>(const finding_key&, const finding_key&) = default;
};
struct finding_group {
  static constexpr std::size_t listed = 20;  ///< the worst findings that are kept
  std::int64_t cases = 0;
  std::int64_t components = 0;
  std::vector<finding> worst;
};

/// Everything a report says, free of any layout. Adding results in any order, in one run or in several merged ones,
/// gives the same report.
struct report_model {
  std::vector<report_run> runs;
  std::vector<report_backend> backends;
  std::map<cell_key, report_cell> cells;
  std::map<std::string, std::map<point_key, report_point>> points;  ///< by op
  std::map<finding_key, finding_group> findings;

  void add(const case_result& r);
  /// Throws invalid_argument if a run is in both, or if a backend of one name differs in version; then
  /// nothing is changed.
  void merge(const report_model& other);

  std::vector<std::string> ops() const;
  /// "lapack in float16, bfloat16; eigen in float16": who lacks this op, and in which formats; or empty.
  std::string unsupported(const std::string& op) const;
  /// The worst findings of the whole report: see `worst_of`.
  std::vector<finding> worst(std::size_t count) const;
  /// Other backends with a finding of this kind on the same case.
  std::vector<std::string> sharing(const finding& f) const;
  std::int64_t total(outcome o) const;
  std::int64_t total(verdict v) const;
  std::int64_t total(component_class c) const;
  std::int64_t components() const;
};

/// The backend that runs halfulp's own kernels.
inline constexpr std::string_view own_kernels = "cpu";

/// The exit code of a report: 1 if a number or an outcome of halfulp's own kernels is wrong; else 3 if an answer of the
/// oracle is missing or undecided, or a run was not complete; else 0.
int exit_code_of(const report_model& m);

}  // namespace halfulp::analysis
