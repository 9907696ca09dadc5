#pragma once

#include <cstdio>
#include <string>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

inline constexpr std::int64_t of_others = 10000000;  // outputs of every format and op but the one with more

/// Prints what was compared, and checks that nothing differs. `of`: which inputs; `leaves`: whether the op may leave something
/// to the CPU.
inline void report(const char* op, dtype type, const std::string& of, const comparison& c, bool leaves = false) {
  const auto number = [](std::int64_t n) { return static_cast<long long>(n); };
  std::printf("%s %s%s: %lld of %lld outputs wrong; by tier %lld %lld %lld %lld", op,
              std::string(name_of(type)).c_str(), of.c_str(), number(c.wrong), number(c.outputs),
              number(c.decided.count[0]), number(c.decided.count[1]), number(c.decided.count[2]),
              number(c.decided.count[3]));
  if (leaves) std::printf(", left to the CPU %lld", number(c.by_host));
  std::printf("\n");
  std::fflush(stdout);
  CAPTURE(c.first_wrong);
  CHECK(c.wrong == 0);
}

/// Calls until so many outputs are compared, each with the bits of the CPU.
template <class Op, class T, class Draw>
void compare_many(const char* what, std::int64_t outputs, Draw draw) {
  comparison all;
  while (all.outputs < outputs) all += draw();
  report(Op::name, dtype_of<T>, what, all);
}

}  // namespace halfulp::tests
