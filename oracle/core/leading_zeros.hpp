#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

/// The number of zero bits above the highest one; 64 for 0. On a device std::countl_zero compiles (nvcc 13.0) and is 64
/// for every number.
HALFULP_HOST_DEVICE constexpr int leading_zeros(std::uint64_t x) {
#if defined(__CUDA_ARCH__)
  if (!std::is_constant_evaluated()) return __clzll(static_cast<long long>(x));
#endif
  return std::countl_zero(x);
}

}  // namespace halfulp
