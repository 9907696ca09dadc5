#include <halfulp/analysis/report/numbers.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace halfulp::analysis {
namespace {

/// d.dd * 10^exponent as the integer ddd and the exponent.
struct three_digits {
  int digits;
  int exponent;

  std::string scientific() const { return fmt::format("{}.{:02}e{}", digits / 100, digits % 100, exponent); }
  double value() const { return std::strtod(scientific().c_str(), nullptr); }
  void step(int by) {
    digits += by;
    if (digits == 1000) *this = {100, exponent + 1};
    if (digits == 99) *this = {999, exponent - 1};
  }
};

/// The nearest three digits beside x > 0 that are not below it (up), or not above it.
three_digits three_digits_of(double x, bool up) {
  const std::string s = fmt::format("{:.2e}", x);
  three_digits t{(s[0] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0'), std::atoi(s.c_str() + 5)};
  if (up && t.value() < x) t.step(1);
  if (!up && t.value() > x) t.step(-1);
  return t;
}

std::string superscript(int n) {
  static constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string s = n < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(n))) s += digits[c - '0'];
  return s;
}

std::string text(double x, bool up) {
  if (x == 0) return "0";
  if (std::isinf(x)) return "∞";
  const three_digits t = three_digits_of(x, up);
  if (t.exponent >= 5 || t.exponent < -3)
    return fmt::format("{}.{:02}×10{}", t.digits / 100, t.digits % 100, superscript(t.exponent));
  if (t.exponent >= 2) return count_text(static_cast<std::int64_t>(t.value()));
  return fmt::format("{:.{}f}", t.value(), 2 - t.exponent);
}

}  // namespace

std::string upper_text(double x) {
  return text(x, true);
}
std::string lower_text(double x) {
  return text(x, false);
}

std::string error_text(const ulp_error& e) {
  const bool alike = e.lo == e.hi || e.hi - e.lo <= e.hi / 100;
  return alike ? upper_text(e.hi) : lower_text(e.lo) + " to " + upper_text(e.hi);
}

std::string power_of_ten_text(int k) {
  if (k < -2 || k > 4) return "10" + superscript(k);
  return k < 0 ? fmt::format("{:.{}f}", std::pow(10.0, k), -k) : fmt::format("{:.0f}", std::pow(10.0, k));
}

std::string count_text(std::int64_t n) {
  std::string s = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(s.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    s.insert(static_cast<std::size_t>(at), 1, ',');
  return s;
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "–";
  if (part == 0) return "0%";
  if (part == whole) return "100%";
  const double per_mille = std::floor(1000 * (static_cast<double>(part) / static_cast<double>(whole)));
  if (per_mille < 1) return "<0.1%";
  return fmt::format("{:.1f}%", std::fmin(per_mille, 999) / 10);
}

std::string counted(std::int64_t n, const std::string& noun) {
  return count_text(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& names, const char* separator) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

std::string decimal_text(const std::string& hexadecimal) {
  if (hexadecimal.find("0x") == std::string::npos || hexadecimal.starts_with("nan")) return hexadecimal;
  char* end = nullptr;
  const double x = std::strtod(hexadecimal.c_str(), &end);
  return *end == '\0' ? fmt::format("{:.9g}", x) : hexadecimal;
}

std::string duration_text(double seconds) {
  const auto s = static_cast<std::int64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

}  // namespace halfulp::analysis
