#pragma once

#include <ostream>

#include <ext/stdio_filebuf.h>

namespace halfulp::analysis {

/// Standard output for answers alone: while this lives, what libraries print to it goes to standard error. MKL and LAPACK
/// name an argument that they refuse there, and that line would be taken for the answer, and each answer for the next one's.
class reply_stream : public std::ostream {
 public:
  reply_stream();
  ~reply_stream() override;
  reply_stream(const reply_stream&) = delete;
  reply_stream& operator=(const reply_stream&) = delete;

 private:
  __gnu_cxx::stdio_filebuf<char> buffer_;
};

}  // namespace halfulp::analysis
