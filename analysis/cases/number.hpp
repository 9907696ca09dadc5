#pragma once

#include <complex>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/oracle/core/dtype.hpp>

namespace halfulp::analysis {

/// A number that a dtype cannot take; the message gives the number and what is allowed.
struct number_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One real component as text. Floats: "0x1.8p+1", "-0x0p+0", "inf", "-inf"; the canonical NaN is "nan", with its sign
/// set "-nan", any other NaN by all its bits, "nan(0x7e01)". Integers in decimal, bool "true" and "false".
/// Reading it back gives the same bits.
template <class T>
std::string to_text(T component);

/// One real component from a JSON number, bool or string: decimal or hexadecimal-float text is rounded once, to
/// nearest, ties to even; a float too large for T, a fraction for an integer, a number out of range is refused.
/// Throws number_error.
template <class T>
T component_from_json(const nlohmann::json& j);

/// An element: a component, or for complex T a pair [re, im] of them; a single number has the imaginary part +0.
template <class T>
T element_from_json(const nlohmann::json& j);

}  // namespace halfulp::analysis
