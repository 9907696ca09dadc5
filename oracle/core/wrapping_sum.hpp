#pragma once

#include <concepts>
#include <cstdint>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

/// A sum of terms and products of integers modulo 2^w, w the width of T.
template <std::integral T>
class wrapping_sum {
 public:
  HALFULP_HOST_DEVICE void add(T a) { sum_ += static_cast<std::uint64_t>(a); }
  HALFULP_HOST_DEVICE void add_product(T a, T b) {
    sum_ += static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
  }
  HALFULP_HOST_DEVICE T value() const { return static_cast<T>(sum_); }

 private:
  std::uint64_t sum_ = 0;  // 2^w divides 2^64
};

}  // namespace halfulp
