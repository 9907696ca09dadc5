// Integers that check every operation: the arithmetic of the machine `replay`.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace halfulp {

// A wrong operation of the code under test: overflow, division by zero, a broken contract or claim.
struct violation {
  std::string what;
};

// An int64 or, with bits = 32, an int32. An operation on two int32 gives an int32, as in C++.
struct checked_int {
  std::int64_t v = 0;
  int bits = 64;
  checked_int() = default;
  checked_int(std::int64_t x) : v(x) {}  // NOLINT(google-explicit-constructor): written as a number
  checked_int(int x) : v(x) {}           // NOLINT(google-explicit-constructor): written as a number
  checked_int(std::int64_t x, int width) : v(x), bits(width) {}
};

// The kinds of operation done by this thread: bit 0 +, 1 -, 2 *, 3 /, 4 to 7 the same of int32.
inline thread_local unsigned operations_done = 0;

inline checked_int checked(bool overflow, std::int64_t r, int bits, char op) {
  operations_done |= 1u << ((op == '+' ? 0 : op == '-' ? 1 : op == '*' ? 2 : 3) + (bits == 32 ? 4 : 0));
  const bool narrow =
      bits == 32 && (r < std::numeric_limits<std::int32_t>::min() || r > std::numeric_limits<std::int32_t>::max());
  if (overflow || narrow) throw violation{"overflow of int" + std::to_string(bits) + " in " + std::string(1, op)};
  return {r, bits};
}

inline checked_int operator+(checked_int a, checked_int b) {
  std::int64_t r;
  const bool o = __builtin_add_overflow(a.v, b.v, &r);
  return checked(o, r, a.bits > b.bits ? a.bits : b.bits, '+');
}
inline checked_int operator-(checked_int a, checked_int b) {
  std::int64_t r;
  const bool o = __builtin_sub_overflow(a.v, b.v, &r);
  return checked(o, r, a.bits > b.bits ? a.bits : b.bits, '-');
}
inline checked_int operator*(checked_int a, checked_int b) {
  std::int64_t r;
  const bool o = __builtin_mul_overflow(a.v, b.v, &r);
  return checked(o, r, a.bits > b.bits ? a.bits : b.bits, '*');
}
inline checked_int operator/(checked_int a, checked_int b) {
  if (b.v == 0) throw violation{"division by zero"};
  const bool o = b.v == -1 && a.v == std::numeric_limits<std::int64_t>::min();
  return checked(o, o ? 0 : a.v / b.v, a.bits > b.bits ? a.bits : b.bits, '/');
}
inline bool operator==(checked_int a, checked_int b) {
  return a.v == b.v;
}
inline bool operator!=(checked_int a, checked_int b) {
  return a.v != b.v;
}
inline bool operator<(checked_int a, checked_int b) {
  return a.v < b.v;
}
inline bool operator<=(checked_int a, checked_int b) {
  return a.v <= b.v;
}
inline bool operator>(checked_int a, checked_int b) {
  return a.v > b.v;
}
inline bool operator>=(checked_int a, checked_int b) {
  return a.v >= b.v;
}

// An exact integer up to 2^126 in magnitude; beyond that it stays at the limit.
struct exact_int {
  __extension__ using wide = __int128;
  static constexpr wide limit = wide(1) << 126;

  wide v = 0;
  exact_int() = default;
  exact_int(std::int64_t x) : v(x) {}   // NOLINT(google-explicit-constructor): written as a number
  exact_int(int x) : v(x) {}            // NOLINT(google-explicit-constructor): written as a number
  exact_int(checked_int x) : v(x.v) {}  // NOLINT(google-explicit-constructor): written as a number
  static exact_int of(wide x) {
    exact_int r;
    r.v = x > limit ? limit : x < -limit ? -limit : x;
    return r;
  }
};

inline exact_int operator+(exact_int a, exact_int b) {
  exact_int::wide r;
  if (__builtin_add_overflow(a.v, b.v, &r)) r = a.v < 0 ? -exact_int::limit : exact_int::limit;
  return exact_int::of(r);
}
inline exact_int operator-(exact_int a, exact_int b) {
  return a + exact_int::of(-b.v);
}
inline exact_int operator*(exact_int a, exact_int b) {
  exact_int::wide r;
  if (__builtin_mul_overflow(a.v, b.v, &r)) r = (a.v < 0) != (b.v < 0) ? -exact_int::limit : exact_int::limit;
  return exact_int::of(r);
}
inline bool operator==(exact_int a, exact_int b) {
  return a.v == b.v;
}
inline bool operator!=(exact_int a, exact_int b) {
  return a.v != b.v;
}
inline bool operator<(exact_int a, exact_int b) {
  return a.v < b.v;
}
inline bool operator<=(exact_int a, exact_int b) {
  return a.v <= b.v;
}
inline bool operator>(exact_int a, exact_int b) {
  return a.v > b.v;
}
inline bool operator>=(exact_int a, exact_int b) {
  return a.v >= b.v;
}

}  // namespace halfulp
