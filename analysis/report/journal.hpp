#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {

/// What a finished row depends on: the case, the backend, and everything that identifies the programs that ran.
std::uint64_t row_key(const std::string& case_text, const std::string& backend, const std::string& identity);

/// The rows of a run, appended to a file as they are finished, so that an interruption loses nothing: one line
/// {"key", "result"} a row. Several threads may use it.
class journal {
 public:
  /// Opens `file`, and locks it against other runs. With `resume` the rows in it are taken over, a last line that was
  /// cut off is dropped; else it is emptied.
  /// Throws invalid_argument where the file cannot be written, is in use, or a line in it is no row.
  journal(const std::filesystem::path& file, bool resume);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// The finished row, or nullptr.
  const case_result* find(std::uint64_t key) const;
  /// Throws std::system_error where the row cannot be written (a full disk).
  void append(std::uint64_t key, const case_result& row);
  std::size_t size() const;

 private:
  void load(const std::filesystem::path& file);

  int file_ = -1;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, case_result> rows_;
};

}  // namespace halfulp::analysis
