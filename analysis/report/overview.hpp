#pragma once

#include <string>
#include <vector>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// What one implementation did in the whole report. Zeros are left out of `numbers` and `right`: images without channels
/// give millions of them, and nearly all of those are right.
struct overview_row {
  std::string backend;
  std::int64_t numbers = 0;                               ///< compared, of results that are not exactly zero
  std::int64_t right = 0;                                 ///< of them; where a rounding is undecided, not counted
  std::int64_t explained = 0, avoidable = 0, beyond = 0;  ///< numbers, zeros too
  std::int64_t scored = 0;                                ///< cases with numbers
  std::int64_t failed = 0;            ///< cases: crashed, timed out, of a wrong type, refused though valid
  std::int64_t accepted_invalid = 0;  ///< cases
};

/// A row for each implementation that was compared, in the order of `all_backends`.
std::vector<overview_row> overview(const report_model& m);

}  // namespace halfulp::analysis
