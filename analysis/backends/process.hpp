#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/analysis/answer.hpp>
#include <halfulp/analysis/cases/case.hpp>

namespace halfulp::analysis {

/// A child process that answers one line with one line. Peers crash and hang: a child that does is ended, and the next
/// line starts a new one.
class line_process {
 public:
  /// command: a program and its arguments; started by the first ask().
  explicit line_process(std::vector<std::string> command);
  ~line_process();
  line_process(line_process&&) noexcept;
  line_process& operator=(line_process&&) noexcept;

  struct reply {
    enum class state { line, crashed, timed_out } came;
    std::string text;  ///< the line; or how it ended ("killed by signal 11 (Segmentation fault)"), with the last
                       ///< line that it wrote to standard error
  };
  /// Throws std::system_error where no process can be started.
  reply ask(const std::string& line, std::chrono::milliseconds timeout);

 private:
  struct child;
  std::vector<std::string> command_;
  std::unique_ptr<child> child_;
};

/// A backend in a process of its own: `halfulp eval --backend NAME --bits --time -`.
class isolated_backend {

}  // namespace halfulp::analysis
