#include <halfulp/analysis/backends/process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace halfulp::analysis {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what, int code) {
  throw std::system_error(code, std::generic_category(), what);
}

/// A descriptor that is closed with its owner; children do not inherit it.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// Two ends of a stream: ours, that does not block, and the child's. A socket, since writing to one whose reader died
/// can be told not to raise SIGPIPE.
struct stream {
  descriptor ours;
  descriptor theirs;

  stream() {
    int fd[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0) fail("socketpair", errno);
    ours = descriptor(fd[0]);
    theirs = descriptor(fd[1]);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  }
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigdescr_np(WTERMSIG(status));
    return "killed by signal " + std::to_string(WTERMSIG(status)) + " (" + (name == nullptr ? "unknown" : name) + ")";
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(status)) + " and without an answer";
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1).substr(0, 400);
}

constexpr std::size_t kept_error_output = 8192;

}  // namespace

class line_process::child {
 public:
  explicit child(const std::vector<std::string>& command) {
    stream in, out, err;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.theirs.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.theirs.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.theirs.get(), 2);
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail("cannot start " + command[0], error);
    in_ = std::move(in.ours);
    out_ = std::move(out.ours);
    err_ = std::move(err.ours);
  }

  ~child() {
    in_.close();
    for (int k = 0; k < 100 && pid_ > 0; ++k) {  // a second to end by itself
      if (::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
      if (pid_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (pid_ > 0) end();
  }
  child(const child&) = delete;

  /// Ends it at once; its wait status.
  int end() {
    int status = 0;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  /// The wait status of a child that closed its output; it gets a second to end by itself.
  int wait() {
    int status = 0;
    for (int k = 0; k < 100; ++k) {
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return status;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return end();
  }

  /// Sends a line and waits for one; nothing if the child closed its output or the time is over.
  std::optional<std::string> exchange(const std::string& line, clock::time_point deadline, bool& timed_out) {
    std::string_view left = line;
    while (true) {
      if (const auto end = received_.find('\n', searched_); end != std::string::npos) {
        std::string reply = received_.substr(0, end);
        received_.erase(0, end + 1);
        searched_ = 0;
        return reply;
      }
      searched_ = received_.size();  // a line of hundreds of megabytes comes in small parts
      const auto rest = std::chrono::duration_cast<duration>(deadline - clock::now()).count();
      timed_out = rest <= 0;
      if (timed_out || !step(left, static_cast<int>(std::min<long>(rest + 1, 1L << 30)))) return std::nullopt;
    }
  }

  std::string error_output() {
    char buffer[4096];
    for (ssize_t n; (n = ::read(err_.get(), buffer, sizeof buffer)) > 0;) keep_error(buffer, n);
    return errors_;
  }

 private:
  /// Moves what can be moved; false once the child has closed its output.
  bool step(std::string_view& left, int milliseconds) {
    pollfd fds[3] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}, {left.empty() ? -1 : in_.get(), POLLOUT, 0}};
    if (::poll(fds, 3, milliseconds) < 0 && errno != EINTR) fail("poll", errno);
    char buffer[65536];
    if (fds[1].revents != 0) {
      const ssize_t n = ::read(err_.get(), buffer, sizeof buffer);
      if (n > 0) keep_error(buffer, n);
      if (n == 0) err_.close();
    }
    if (fds[2].revents != 0) {
      const ssize_t n = ::send(in_.get(), left.data(), left.size(), MSG_NOSIGNAL);
      if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0 && errno != EAGAIN && errno != EINTR) left = {};  // it reads no more; its output says the rest
    }
    if (fds[0].revents == 0) return true;
    const ssize_t n = ::read(out_.get(), buffer, sizeof buffer);
    if (n > 0) received_.append(buffer, static_cast<std::size_t>(n));
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
  }

  void keep_error(const char* text, ssize_t n) {
    errors_.append(text, static_cast<std::size_t>(n));
    if (errors_.size() > kept_error_output) errors_.erase(0, errors_.size() - kept_error_output);
  }

  pid_t pid_ = -1;
  descriptor in_, out_, err_;
  std::string received_;
  std::size_t searched_ = 0;  // so much of it has no line end
  std::string errors_;
};

line_process::line_process(std::vector<std::string> command) : command_(std::move(command)) {}
line_process::~line_process() = default;
line_process::line_process(line_process&&) noexcept = default;
line_process& line_process::operator=(line_process&&) noexcept = default;

void line_process::stop() {
  if (child_) child_->end();
  child_.reset();
}

line_process::reply line_process::ask(const std::string& line, duration timeout) {
  if (!child_) child_ = std::make_unique<child>(command_);
  bool timed_out = false;
  if (auto text = child_->exchange(line + "\n", clock::now() + timeout, timed_out)) return {came::line, *text};
  const int status = timed_out ? child_->end() : child_->wait();
  const std::string errors = last_line(child_->error_output());
  child_.reset();
  if (timed_out) return {came::timed_out, "no answer within " + std::to_string(timeout.count()) + " ms"};
  return {came::crashed, how_it_ended(status) + (errors.empty() ? "" : "; its last words: " + errors)};
}

}  // namespace halfulp::analysis
