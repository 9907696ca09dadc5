#include <halfulp/analysis/report/progress.hpp>

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {
namespace {

constexpr std::chrono::milliseconds pause_on_terminal{100};
constexpr std::chrono::seconds pause_elsewhere{10};

/// Cases until the time that they took says something: the first ones also started the backends.
constexpr std::int64_t first_cases = 10;

}  // namespace

std::string progress_line(std::int64_t done, std::int64_t total, std::int64_t fresh, double seconds) {
  constexpr int width = 30;
  const int full = total == 0 ? width : static_cast<int>(width * done / total);
  std::string bar;
  for (int k = 0; k < width; ++k) bar += k < full ? "█" : "·";
  std::string line = fmt::format("[{}] {} of {}", bar, count_text(done), counted(total, "case"));
  if (done < total && fresh > 0)
    line += ", " + duration_text(seconds * static_cast<double>(total - done) / static_cast<double>(fresh)) + " left";
  return line;
}

progress::progress(std::FILE* out, std::int64_t total)
    : out_(out), terminal_(::isatty(::fileno(out)) == 1), total_(total) {
  show(false);
}

progress::~progress() {
  show(true);
}

void progress::step(bool fresh) {
  const std::lock_guard lock(mutex_);
  ++done_;
  if (fresh && ++fresh_ == first_cases) first_ = clock::now();
  const auto pause = terminal_ ? clock::duration(pause_on_terminal) : clock::duration(pause_elsewhere);
  if (clock::now() - shown_ >= pause) show(false);
}

std::int64_t progress::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

void progress::show(bool last) {
  shown_ = clock::now();
  const std::int64_t timed = std::max<std::int64_t>(fresh_ - first_cases, 0);
  const double seconds = timed > 0 ? std::chrono::duration<double>(shown_ - first_).count() : 0;
  const std::string line = progress_line(done_, total_, timed, seconds);
  if (terminal_)
    fmt::print(out_, "\r\x1b[K{}{}", line, last ? "\n" : "");
  else
    fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

}  // namespace halfulp::analysis
