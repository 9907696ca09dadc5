#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <halfulp/oracle/real/ulp_error.hpp>

namespace halfulp::analysis {

/// x >= 0 in at most three significant digits, never below x: "0", "0.51", "515", "2.9×10¹⁰", "∞". An upper end stays one.
std::string upper_text(double x);
/// The same, never above x.
std::string lower_text(double x);
/// The upper end; where the lower one is smaller by more than a hundredth, "lower to upper".
std::string error_text(const ulp_error& e);
/// 10^k: "0.01", "1", "1000", "10⁶"
std::string power_of_ten_text(int k);
/// "1,204,331"
std::string count_text(std::int64_t n);
/// part / whole in per cent, rounded down: "100%" only of all, "0%" only of none; "–" of nothing.
std::string share_text(std::int64_t part, std::int64_t whole);
/// "3 cases", "1 case"; the plural adds an s.
std::string counted(std::int64_t n, const std::string& noun);
/// "a, b, c"
std::string listed(const std::vector<std::string>& names, const char* separator = ", ");
/// A hexadecimal-float text as a short decimal one, which may be rounded: "1.5", "3.4028235e+38"; other texts as they are.
std::string decimal_text(const std::string& hexadecimal);
/// "41 s", "3 min 20 s", "2 h 5 min"
std::string duration_text(double seconds);

}  // namespace halfulp::analysis
