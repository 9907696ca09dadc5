#include <halfulp/analysis/report/journal.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/report/fingerprint.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what, const std::string& rule) {
  throw invalid_argument("report", rule, {{"out", file.string() + " (" + what + ")"}});
}

}  // namespace

std::uint64_t row_key(const std::string& case_text, const std::string& backend, const std::string& identity) {
  return fingerprint(case_text + '\n' + backend + '\n' + identity);
}

journal::journal(const std::filesystem::path& file, bool resume) {
  file_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) refuse(file, std::strerror(errno), "must be a folder that can be written to");
  try {
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) refuse(file, "in use", "must not be in use by another run");
    if (resume)
      load(file);
    else if (::ftruncate(file_, 0) != 0)
      refuse(file, std::strerror(errno), "must be a folder that can be written to");
  } catch (...) {
    ::close(file_);
    throw;
  }
}

journal::~journal() {
  ::close(file_);
}

void journal::load(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::int64_t number = 0;
  off_t end = 0;
  for (std::string line; std::getline(in, line) && !in.eof(); end += static_cast<off_t>(line.size()) + 1) {
    ++number;
    try {
      const json row = json::parse(line);
      rows_[std::stoull(row.at("key").get<std::string>(), nullptr, 16)] = row.at("result").get<case_result>();
    } catch (const std::exception& e) {
      refuse(file, fmt::format("line {}: {}", number, words_of(e)),
             "must hold the rows of an earlier run, to be resumed");
    }
  }
  // what follows the last line end was cut off by an interruption
  if (::ftruncate(file_, end) != 0) refuse(file, std::strerror(errno), "must be a folder that can be written to");
}

const case_result* journal::find(std::uint64_t key) const {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(key);
  return row == rows_.end() ? nullptr : &row->second;  // rows are neither moved nor changed once they are there
}

void journal::append(std::uint64_t key, const case_result& row) {
  const json line{{"key", fmt::format("{:016x}", key)}, {"result", row}};
  const std::string text = line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  const std::lock_guard lock(mutex_);
  for (std::string_view left = text; !left.empty();) {
    const ssize_t n = ::write(file_, left.data(), left.size());
    if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "results.jsonl");
    if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
  }
  rows_.emplace(key, row);
}

std::size_t journal::size() const {
  const std::lock_guard lock(mutex_);
  return rows_.size();
}

}  // namespace halfulp::analysis
