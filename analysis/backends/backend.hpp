#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/analysis/answer.hpp>
#include <halfulp/analysis/cases/case.hpp>

namespace halfulp::analysis {

/// Something that answers cases: halfulp's oracle and kernels, and the peers they are compared with.
class backend {
 public:
  virtual ~backend() = default;

  /// {"name", "version", "threads", "settings": {...}}: what a report states, measured where it runs.
  virtual nlohmann::json describe() = 0;
  /// Never throws for a bad case: its answer says what is wrong.
  virtual answer run(const test_case& c) = 0;
};

/// A backend that this build knows by name.
struct backend_entry {
  std::string_view name;
  std::string_view what;  ///< one line for `halfulp list`
  /// Empty if it can run here; else the sentence that says what is missing and how to get it.
  std::string (*missing)();
  std::unique_ptr<backend> (*make)();
};

/// The one list: oracle, cpu, torch, pytorch, eigen, lapack.
const std::vector<backend_entry>& all_backends();

/// Throws invalid_argument listing the known names.
const backend_entry& backend_named(std::string_view name);

}  // namespace halfulp::analysis
