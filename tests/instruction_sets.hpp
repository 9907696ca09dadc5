#pragma once

#include <cstdint>
#include <set>
#include <string>

#include <hwy/targets.h>
#include <catch2/catch.hpp>

#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::tests {

/// f() with the kernels held to each instruction set that they are compiled for and that this processor has.
template <class F>
void for_each_instruction_set(F f) {
  std::set<std::string> used;
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().DeInit();
    INFO(kernels::instruction_set());
    used.insert(kernels::instruction_set());
    f();
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
  CHECK(used.size() >= 2);  // the best one and the portable one
}

}  // namespace halfulp::tests
