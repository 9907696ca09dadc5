#pragma once

#include <cmath>
#include <limits>

#include <halfulp/oracle/core/bind.hpp>

namespace halfulp {

/// A number or bool as an element of T: exact for integers and bool, rounded once for floating-point T, the real part of
/// complex T. Throws invalid_argument where T has no such number.
template <class T>
T number_as(const call& c, std::string_view name) {
  const argument& a = c.at(name);
  const auto* truth = std::get_if<bool>(&a.value);
  const auto* integer = std::get_if<std::int64_t>(&a.value);
  const auto* real = std::get_if<double>(&a.value);
  if (truth == nullptr && integer == nullptr && real == nullptr) c.refuse(name, "must be a tensor or a number");
  const std::int64_t whole = truth != nullptr ? *truth : integer != nullptr ? *integer : 0;
  if constexpr (std::is_integral_v<T>) {
    if (real != nullptr || static_cast<std::int64_t>(static_cast<T>(whole)) != whole)
      c.refuse(name, "must be a number of dtype " + std::string(name_of(dtype_of<T>)));
    return static_cast<T>(whole);
  } else {
    using part = component_t<T>;
    const auto magnitude = whole < 0 ? -static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole);
    const part x = real != nullptr ? narrow<part>(*real)
                   : whole == 0    ? part{}
                                   : round_to_nearest<part>({whole < 0, magnitude, 0, false});
    if constexpr (is_complex<T>)
      return {x, part{}};
    else
      return x;
  }
}

/// The elements of a tensor argument of T, or the one element that a number is, which `keep` then owns.
template <class T>
std::span<const T> elements_or_number(const call& c, std::string_view name, tensor& keep) {
  if (std::holds_alternative<tensor_view>(c.at(name).value)) return elements<T>(c, name);
  keep = tensor(dtype_of<T>, {});
  keep.elements<T>()[0] = number_as<T>(c, name);
  return keep.elements<const T>();
}

}  // namespace halfulp
