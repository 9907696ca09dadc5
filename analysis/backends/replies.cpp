#include <halfulp/analysis/backends/replies.hpp>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

#include <unistd.h>

namespace halfulp::analysis {
namespace {

/// What standard output was; from now on that is standard error.
int taken_output() {
  std::cout.flush();
  std::fflush(stdout);
  const int output = ::dup(STDOUT_FILENO);
  if (output < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
    throw std::system_error(errno, std::generic_category(), "standard output");
  return output;
}

}  // namespace

reply_stream::reply_stream() : std::ostream(nullptr), buffer_(taken_output(), std::ios::out, std::size_t{1} << 16) {
  rdbuf(&buffer_);
}

reply_stream::~reply_stream() {
  flush();
  std::fflush(stdout);
  ::dup2(buffer_.fd(), STDOUT_FILENO);
}

}  // namespace halfulp::analysis
