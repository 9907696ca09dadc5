#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <ostream>
#include <string>

#include <halfulp/analysis/backends/backend.hpp>

namespace halfulp::analysis {

struct serve_options {
  element_notation notation = element_notation::text;
  bool with_time = false;
};

/// What came of the lines: how many answers of each failure there were, and the first failure in words.
struct serve_summary {
  std::int64_t lines = 0;
  std::array<std::int64_t, std::size(failure_names)> failures{};
  std::int64_t undecided_components = 0;
  std::string first;

  std::int64_t operator[](failure f) const { return failures[static_cast<std::size_t>(f)]; }
};

/// Answers each line of cases with one line of JSON, in order, flushed (docs/eval.md). The line {"describe": true} is
/// answered with what the backend says of itself. Throws unreadable_file.
serve_summary serve(backend& b, std::istream& in, const std::string& name, std::ostream& out, const serve_options& o);

}  // namespace halfulp::analysis
