#pragma once

#include <string>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/backends/process.hpp>

namespace halfulp::analysis {

/// A backend in a process of its own, so that its crashes and hangs are answers: a worker program, or `halfulp eval`.
class isolated_backend : public backend {
 public:
  using duration = line_process::duration;

  isolated_backend(const backend_entry& entry, duration timeout_of_a_case);
  /// A worker that is not in the list; it reads normalized cases.
  isolated_backend(std::string name, std::vector<std::string> worker_command, duration timeout_of_a_case);

  /// What the backend says of itself; {"name", "error"} where it fails to.
  nlohmann::json describe() override;
  answer run(const test_case& c) override;

 private:
  /// Starts the process, so that its start counts for no case; what is wrong, if it cannot.
  std::string start();
  answer ask(const std::string& line);

  std::string name_;
  bool is_worker_;
  duration timeout_;
  line_process process_;
};

/// Time for a process to start and describe itself: importing a framework takes many seconds on a busy machine.
inline constexpr isolated_backend::duration start_timeout = std::chrono::minutes(5);
/// Time for one case, where the caller states none.
inline constexpr isolated_backend::duration default_timeout = std::chrono::minutes(10);

}  // namespace halfulp::analysis
