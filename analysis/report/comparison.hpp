#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/analysis/report/journal.hpp>
#include <halfulp/analysis/report/progress.hpp>

namespace halfulp::analysis {

/// Cases to be run on the oracle and on backends.
struct comparison {
  std::vector<test_case> cases;
  std::vector<std::string> backends;            ///< without the oracle
  std::map<std::string, std::string> identity;  ///< of each backend: what its rows depend on beside the case
  /// Makes the backend of a name, or "oracle"; called by each of `processes` threads for itself.
  std::function<std::unique_ptr<backend>(const std::string&)> make;
  int processes = 1;  ///< cases that are worked on at the same time
};

/// The op that the case's api stands for; the api itself where no op does.
std::string op_of(const test_case& t);

std::uint64_t key_of(const comparison& c, const test_case& t, const std::string& backend);

/// Runs every case that has no finished row, and appends its rows as they come. A case that fails on a backend is a row.
/// Returns early, with what is finished kept, once `stop` is set: answers that come after that are not believed, since
/// what stops this program may have ended its children.
/// Throws malformed_case for a case whose tensors make no sense.
void compare_all(const comparison& c, journal& rows, progress& shown, const std::atomic<bool>& stop);

/// Whether there is a row for every backend.
bool is_finished(const comparison& c, const test_case& t, const journal& rows);

}  // namespace halfulp::analysis
