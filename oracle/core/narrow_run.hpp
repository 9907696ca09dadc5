// `run` in 32 bits, for devices where 64-bit division is a loop: the same rules, where every index, extent and number of
// elements is less than 2^31. Divisors carry their reciprocals, found on the host.
#pragma once

#include <compare>
#include <type_traits>

#include <halfulp/oracle/core/reciprocal.hpp>
#include <halfulp/oracle/core/run.hpp>
#include <halfulp/oracle/core/shape.hpp>

namespace halfulp {

/// An integer modulo 2^32; as a divisor, with its reciprocal.
class narrow_int {
 public:
  static constexpr std::int64_t most = 0x7fffffff;

  narrow_int() = default;
  template <class Integer>
  requires std::is_integral_v<Integer> HALFULP_HOST_DEVICE constexpr narrow_int(Integer x)
      : value_(static_cast<std::uint32_t>(x)) {}

  /// x, ready to be divided by; 1 <= x <= most.
  static constexpr narrow_int divisor(std::int64_t x) {
    narrow_int n(x);
    n.by_ = reciprocal(n.value_);
    return n;
  }

  HALFULP_HOST_DEVICE constexpr std::int64_t value() const { return static_cast<std::int32_t>(value_); }

  HALFULP_HOST_DEVICE friend constexpr narrow_int operator+(narrow_int a, narrow_int b) { return a.value_ + b.value_; }
  HALFULP_HOST_DEVICE friend constexpr narrow_int operator-(narrow_int a, narrow_int b) { return a.value_ - b.value_; }
  HALFULP_HOST_DEVICE friend constexpr narrow_int operator*(narrow_int a, narrow_int b) { return a.value_ * b.value_; }
  HALFULP_HOST_DEVICE friend constexpr bool operator==(narrow_int a, narrow_int b) { return a.value_ == b.value_; }
  HALFULP_HOST_DEVICE friend constexpr auto operator<=>(narrow_int a, narrow_int b) { return a.value() <=> b.value(); }

  /// floor(a / d) for 0 <= a <= most and a `divisor`.
  HALFULP_HOST_DEVICE friend constexpr narrow_int operator/(narrow_int a, narrow_int d) {
    return d.by_.quotient(a.value_);
  }

 private:
  std::uint32_t value_ = 0;
  reciprocal by_;
};

struct narrow_run : run {
  using integer = narrow_int;

  using run::run;
  HALFULP_HOST_DEVICE ghost exact(integer) const { return {}; }
  HALFULP_HOST_DEVICE static integer select(bool b, integer x, integer y) { return b ? x : y; }
};

/// The shape with divisors in place of its dimensions; it must not be empty, nor larger than narrow_int::most.
inline shape<narrow_run> narrowed(const shape<run>& s) {
  shape<narrow_run> n;
  n.rank = s.rank;
  n.numel = s.numel;
  for (int k = 0; k < s.rank; ++k) n.dim[k] = narrow_int::divisor(s.dim[k]);
  return n;
}

}  // namespace halfulp
