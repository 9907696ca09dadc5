#include <halfulp/analysis/cases/number.hpp>

#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include <halfulp/oracle/real/real.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

/// As much of a number as a message needs.
std::string shown(const std::string& number) {
  constexpr std::size_t longest = 60;
  return number.size() <= longest ? number : number.substr(0, longest) + "...";
}

[[noreturn]] void refuse(const std::string& number, const std::string& rule) {
  throw number_error(shown(number) + " is no number that " + rule);
}

template <class T>
std::string type_name() {
  return std::string(name_of(dtype_of<T>));
}

/// A finite number from text, toward zero at 64 bits, and whether it is exact: what one rounding to any format needs.
struct parsed_real {
  real value;
  bool exact;
};

parsed_real parse_real(const std::string& text) {
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::string_view digits = std::string_view(text).substr(sign);
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  const char* letters = hexadecimal ? "0123456789abcdefABCDEFxXpP.+-" : "0123456789eE.+-";
  parsed_real p{make_real(64), false};
  char* end = nullptr;
  const int ternary = mpfr_strtofr(raw(p.value), text.c_str(), &end, hexadecimal ? 16 : 10, MPFR_RNDZ);
  if (digits.empty() || text.find_first_not_of(letters) != std::string::npos || *end != '\0')
    throw number_error("\"" + shown(text) +
                       "\" is no number: decimal, hexadecimal (0x1.8p+1), nan, inf or -inf is allowed");
  p.exact = ternary == 0;
  return p;
}

template <class T>
T nan_from_text(const std::string& text) {
  if (text == "nan" || text == "+nan") return canonical_nan<T>();
  if (text == "-nan") return signed_bits<T>(true, encoding<T>::quiet_nan);
  constexpr std::string_view before = "nan(0x";
  bits_t<T> bits{};
  if (text.starts_with(before) && text.ends_with(')')) {
    const char* last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data() + before.size(), last, bits, 16);
    if (error == std::errc{} && end == last && is_nan(from_bits<T>(bits))) return from_bits<T>(bits);
  }
  refuse("\"" + text + "\"", type_name<T>() + " takes: nan, -nan, or nan(0x...) with all bits of one of its NaNs");
}

template <class T>
T float_from_text(const std::string& text) {
  if (text.find("nan") != std::string::npos) return nan_from_text<T>(text);
  if (text == "inf" || text == "+inf") return infinity_of<T>();
  if (text == "-inf") return infinity_of<T>(true);
  const parsed_real p = parse_real(text);
  const bool negative = mpfr_signbit(raw(p.value)) != 0;
  if (mpfr_zero_p(raw(p.value))) return zero_of<T>(negative);
  binary_real r = leading_bits(p.value);
  r.sticky = !p.exact;
  const T rounded = round_to_nearest<T>(r);
  if (is_infinite(rounded)) refuse(text, type_name<T>() + " takes: it rounds to an infinity, which is written inf");
  return rounded;
}

template <class T>
T integer_from_real(const std::string& text) {
  const std::string range = type_name<T>() + " takes: an integer in " + std::to_string(std::numeric_limits<T>::min()) +
                            " .. " + std::to_string(std::numeric_limits<T>::max());
  T n{};
  const std::size_t plus = text.starts_with('+') ? 1 : 0;
  const auto [end, error] = std::from_chars(text.data() + plus, text.data() + text.size(), n);
  if (error == std::errc{} && end == text.data() + text.size()) return n;
  const parsed_real p = parse_real(text);  // 1e3 and 2.0 are integers too
  const bool fits = p.exact && mpfr_integer_p(raw(p.value)) != 0 &&
                    mpfr_cmp_si(raw(p.value), static_cast<long>(std::numeric_limits<T>::min())) >= 0 &&
                    mpfr_cmp_si(raw(p.value), static_cast<long>(std::numeric_limits<T>::max())) <= 0;
  if (!fits) refuse(text, range);
  return static_cast<T>(mpfr_get_si(raw(p.value), MPFR_RNDZ));
}

/// The text of a JSON scalar; a binary64 number as all its digits.
std::string scalar_text(const json& j) {
  if (j.is_string()) return j.get<std::string>();
  if (!j.is_number_float()) return j.dump();
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, j.get<double>()).ptr};
}

}  // namespace

template <class T>
std::string to_text(T x) {
  if constexpr (std::is_same_v<T, bool>) {
    return x ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(x);
  } else {
    char text[40];
    const std::string sign = is_negative(x) ? "-" : "";
    if (is_infinite(x)) return sign + "inf";
    if (is_nan(x)) {
      if ((to_bits(x) & encoding<T>::magnitude) == encoding<T>::quiet_nan) return sign + "nan";
      return "nan(0x" + std::string(text, std::to_chars(text, text + sizeof text, to_bits(x), 16).ptr) + ")";
    }
    const double magnitude = std::abs(widen(x));
    return sign + "0x" +
           std::string(text, std::to_chars(text, text + sizeof text, magnitude, std::chars_format::hex).ptr);
  }
}

template <class T>
T component_from_json(const json& j) {
  if constexpr (std::is_same_v<T, bool>) {
    if (j.is_boolean()) return j.get<bool>();
    const std::string text = scalar_text(j);
    if (text == "1" || text == "true") return true;
    if (text != "0" && text != "false") refuse(j.dump(), "bool takes: true, false, 1 or 0");
    return false;
  } else {
    if (!j.is_number() && !j.is_string()) refuse(j.dump(), type_name<T>() + " takes: a JSON number or a string");
    if constexpr (std::is_integral_v<T>) {
      return integer_from_real<T>(scalar_text(j));
    } else {
      return float_from_text<T>(scalar_text(j));
    }
  }
}

template <class T>
T element_from_json(const json& j) {
  if constexpr (is_complex<T>) {
    using part = component_t<T>;
    if (!j.is_array()) return {component_from_json<part>(j), 0};
    if (j.size() != 2) refuse(j.dump(), type_name<T>() + " takes: [re, im]");
    return {component_from_json<part>(j[0]), component_from_json<part>(j[1])};
  } else {
    return component_from_json<T>(j);
  }
}

#define HALFULP_COMPONENT(T)          \
  template std::string to_text<T>(T); \
  template T component_from_json<T>(const json&);
#define HALFULP_ELEMENT(T) template T element_from_json<T>(const json&);
#define HALFULP_REAL(T) HALFULP_COMPONENT(T) HALFULP_ELEMENT(T)
HALFULP_REAL(bool)
HALFULP_REAL(std::uint8_t)
HALFULP_REAL(std::int8_t)
HALFULP_REAL(std::int16_t)
HALFULP_REAL(std::int32_t)
HALFULP_REAL(std::int64_t)
HALFULP_REAL(float16)
HALFULP_REAL(bfloat16)
HALFULP_REAL(float)
HALFULP_REAL(double)
HALFULP_ELEMENT(std::complex<float>)
HALFULP_ELEMENT(std::complex<double>)
#undef HALFULP_REAL
#undef HALFULP_ELEMENT
#undef HALFULP_COMPONENT

}  // namespace halfulp::analysis
