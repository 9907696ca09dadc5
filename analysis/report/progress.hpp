#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

namespace halfulp::analysis {

/// "[######····] 120 of 200 cases, 1 min 20 s left". `seconds` were spent on `fresh` of the `done` cases; the others
/// were there before. Without time where nothing tells it.
std::string progress_line(std::int64_t done, std::int64_t total, std::int64_t fresh, double seconds);

/// Says how far a run is: on a terminal a bar on one line that is written over, elsewhere a plain line now and then.
/// Several threads may use it.
class progress {
 public:
  progress(std::FILE* out, std::int64_t total);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// One more case is done; fresh, unless it was found finished.
  void step(bool fresh);
  std::int64_t done() const;

 private:
  using clock = std::chrono::steady_clock;
  void show(bool last);

  std::FILE* out_;
  bool terminal_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  std::int64_t fresh_ = 0;
  clock::time_point first_;  ///< since when time is counted
  clock::time_point shown_;
  mutable std::mutex mutex_;
};

}  // namespace halfulp::analysis
