#pragma once

#include <string>
#include <vector>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/report/comparison.hpp>
#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// Asks each backend what it is, in a process of its own; adds those that answer to c.backends, and to c.identity what
/// their rows depend on: their description, and the bytes of this program and of their worker's files.
std::vector<report_backend> describe_all(const std::vector<const backend_entry*>& entries, comparison& c);

/// "halfulp 0.1.0 (GNU 12.2.0, RelWithDebInfo)"
std::string program_version();

/// UTC, "2026-01-31T12:00:00Z"
std::string utc_now();

/// Distinct for every run: of its start, its machine and its process.
std::string run_id(const report_run& run);

}  // namespace halfulp::analysis
