#pragma once

#include <cstdio>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

inline constexpr std::int64_t of_others = 10000000;  // outputs of every format and op but the one with more

/// Calls until so many outputs are compared, each with the bits of the CPU.
template <class Op, class T, class Draw>
void compare_many(const char* what, std::int64_t outputs, Draw draw) {
  comparison all;
  while (all.outputs < outputs) all += draw();
  std::printf("%s %s%s: %lld of %lld outputs wrong; by tier %lld %lld %lld %lld\n", Op::name,
              std::string(name_of(dtype_of<T>)).c_str(), what, static_cast<long long>(all.wrong),
              static_cast<long long>(all.outputs), static_cast<long long>(all.decided.count[0]),
              static_cast<long long>(all.decided.count[1]), static_cast<long long>(all.decided.count[2]),
              static_cast<long long>(all.decided.count[3]));
  std::fflush(stdout);
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

}  // namespace halfulp::tests
