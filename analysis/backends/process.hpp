#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace halfulp::analysis {

/// A child process that answers one line with one line. Peers crash and hang: such a child is ended, and the next line
/// starts a new one.
class line_process {
 public:
  using duration = std::chrono::milliseconds;

  /// command: a program and its arguments; the first ask() starts it.
  explicit line_process(std::vector<std::string> command);
  /// Closes the child's input; ends it where it does not end by itself at once.
  ~line_process();
  line_process(line_process&&) noexcept;
  line_process& operator=(line_process&&) noexcept;

  enum class came { line, crashed, timed_out };
  struct reply {
    came kind;
    /// The line; else how it ended, "killed by signal 11 (Segmentation fault)", and the last line of its error output.
    std::string text;
  };
  /// Throws std::system_error where the program cannot be started.
  reply ask(const std::string& line, duration timeout);
  bool running() const { return child_ != nullptr; }
  /// Ends the child at once, as where it said something that is no answer: what else it says may be to an earlier line.
  void stop();

 private:
  class child;
  std::vector<std::string> command_;
  std::unique_ptr<child> child_;
};

}  // namespace halfulp::analysis
