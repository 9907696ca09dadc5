// Solver terms that behave like the integers and bools of the code under proof. Each operation on a
// sym_int is an obligation: no overflow, no division by zero. A raw solver expression must never be the
// index: its conversion to bool makes `if (i < n)` compile and always take the first branch.
#pragma once

#include <cstdint>

#include <z3++.h>

namespace halfulp::proof {

z3::context& solver_context();
inline z3::expr literal(std::int64_t v) {
  return solver_context().int_val(v);
}

// && and || are not overloaded: the built-in ones short-circuit, so they fork as the compiled code does.
struct sym_bool {
  z3::expr e;
  sym_bool() : e(solver_context().bool_val(false)) {}
  sym_bool(bool b) : e(solver_context().bool_val(b)) {}  // NOLINT(google-explicit-constructor): written as a bool
  explicit sym_bool(z3::expr x) : e(std::move(x)) {}
  explicit operator bool() const;  // forks: the program runs once for each answer
  sym_bool operator!() const { return sym_bool(!e); }
};

// An int64 or, with bits = 32, an int32.
struct sym_int {
  z3::expr e;
  int bits = 64;
  sym_int() : e(literal(0)) {}
  sym_int(std::int64_t v) : e(literal(v)) {}  // NOLINT(google-explicit-constructor): written as a number
  sym_int(int v) : e(literal(v)) {}           // NOLINT(google-explicit-constructor): written as a number
  explicit sym_int(z3::expr x, int width = 64) : e(std::move(x)), bits(width) {}
};

// An exact integer.
struct sym_exact {
  z3::expr e;
  sym_exact() : e(literal(0)) {}
  sym_exact(std::int64_t v) : e(literal(v)) {}  // NOLINT(google-explicit-constructor): written as a number
  sym_exact(int v) : e(literal(v)) {}           // NOLINT(google-explicit-constructor): written as a number
  explicit sym_exact(z3::expr x) : e(std::move(x)) {}
};

z3::expr fits_in(const z3::expr& e, int bits);

sym_int operator+(const sym_int& a, const sym_int& b);
sym_int operator-(const sym_int& a, const sym_int& b);
sym_int operator*(const sym_int& a, const sym_int& b);
sym_int operator/(const sym_int& a, const sym_int& b);

inline sym_bool operator==(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e == b.e);
}
inline sym_bool operator!=(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e != b.e);
}
inline sym_bool operator<(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e < b.e);
}
inline sym_bool operator<=(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e <= b.e);
}
inline sym_bool operator>(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e > b.e);
}
inline sym_bool operator>=(const sym_int& a, const sym_int& b) {
  return sym_bool(a.e >= b.e);
}

inline sym_exact operator+(const sym_exact& a, const sym_exact& b) {
  return sym_exact(a.e + b.e);
}
inline sym_exact operator-(const sym_exact& a, const sym_exact& b) {
  return sym_exact(a.e - b.e);
}
inline sym_exact operator*(const sym_exact& a, const sym_exact& b) {
  return sym_exact(a.e * b.e);
}
inline sym_bool operator==(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e == b.e);
}
inline sym_bool operator!=(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e != b.e);
}
inline sym_bool operator<(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e < b.e);
}
inline sym_bool operator<=(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e <= b.e);
}
inline sym_bool operator>(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e > b.e);
}
inline sym_bool operator>=(const sym_exact& a, const sym_exact& b) {
  return sym_bool(a.e >= b.e);
}

}  // namespace halfulp::proof
