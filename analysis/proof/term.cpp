#include <halfulp/analysis/proof/term.hpp>

#include <string>

#include <halfulp/analysis/proof/explorer.hpp>

namespace halfulp::proof {

namespace {

z3::expr power_of_two(int k) {
  const z3::expr half = literal(std::int64_t{1} << (k > 62 ? 62 : k));
  return k > 62 ? (half * literal(std::int64_t{1} << (k - 62))).simplify() : half;
}

int wider(const sym_int& a, const sym_int& b) {
  return a.bits > b.bits ? a.bits : b.bits;
}

sym_int checked(const z3::expr& r, int bits, const char* op) {
  explorer::current().obligation("no overflow of int" + std::to_string(bits) + " in " + op, fits_in(r, bits));
  return sym_int(r, bits);
}

// Division as in C++, towards zero, by the solver's, which rounds the quotient by a positive down.
z3::expr quotient(const z3::expr& a, const z3::expr& b) {
  const z3::expr by_positive = z3::ite(a >= 0, a / b, -((-a) / b));
  const z3::expr by_negative = z3::ite(a >= 0, -(a / (-b)), (-a) / (-b));
  return z3::ite(b >= 0, by_positive, by_negative);
}

}  // namespace

z3::context& solver_context() {
  return explorer::current().context();
}

sym_bool::operator bool() const {
  return explorer::current().decide(e);
}

z3::expr fits_in(const z3::expr& e, int bits) {
  return e >= -power_of_two(bits - 1) && e < power_of_two(bits - 1);
}

sym_int operator+(const sym_int& a, const sym_int& b) {
  return checked(a.e + b.e, wider(a, b), "+");
}
sym_int operator-(const sym_int& a, const sym_int& b) {
  return checked(a.e - b.e, wider(a, b), "-");
}
sym_int operator*(const sym_int& a, const sym_int& b) {
  return checked(a.e * b.e, wider(a, b), "*");
}

sym_int operator/(const sym_int& a, const sym_int& b) {
  const int bits = wider(a, b);
  explorer& x = explorer::current();
  x.obligation("no division by zero", b.e != 0);
  x.obligation("no overflow of int" + std::to_string(bits) + " in /", !(b.e == -1 && a.e == -power_of_two(bits - 1)));
  return sym_int(quotient(a.e, b.e), bits);
}

}  // namespace halfulp::proof
