#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include <halfulp/oracle/core/format.hpp>

namespace halfulp {

/// Element types of tensors, by the names the frameworks share.
enum class dtype : std::uint8_t {
  boolean,
  uint8,
  int8,
  int16,
  int32,
  int64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128,
};

template <class... T>
struct type_list {};

/// The storage types, in the order of `dtype`.
using all_storage_types = type_list<bool, std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16,
                                    bfloat16, float, double, std::complex<float>, std::complex<double>>;

namespace dtypes {

inline constexpr std::string_view names[] = {"bool",    "uint8",    "int8",    "int16",   "int32",     "int64",
                                             "float16", "bfloat16", "float32", "float64", "complex64", "complex128"};

template <class T, class... U>
constexpr dtype position(type_list<U...>) {
  int k = 0;
  (void)((std::is_same_v<T, U> || (++k, false)) || ...);
  return static_cast<dtype>(k);
}

}  // namespace dtypes

inline constexpr int dtype_count = static_cast<int>(std::size(dtypes::names));

template <class T>
inline constexpr dtype dtype_of = dtypes::position<T>(all_storage_types{});

constexpr std::string_view name_of(dtype d) {
  return dtypes::names[static_cast<int>(d)];
}

constexpr std::optional<dtype> dtype_named(std::string_view name) {
  for (int k = 0; k < dtype_count; ++k)
    if (dtypes::names[k] == name) return static_cast<dtype>(k);
  return std::nullopt;
}

template <class T>
struct type_tag {
  using type = T;
};

/// Calls f(type_tag<T>{}) for the T of the list that d names; false if the list has none.
template <class F, class... T>
constexpr bool visit_dtype(dtype d, type_list<T...>, F&& f) {
  return ((d == dtype_of<T> && (f(type_tag<T>{}), true)) || ...);
}
template <class F>
constexpr bool visit_dtype(dtype d, F&& f) {
  return visit_dtype(d, all_storage_types{}, static_cast<F&&>(f));
}

constexpr std::int64_t size_of(dtype d) {
  std::int64_t size = 0;
  visit_dtype(d, [&](auto tag) { size = sizeof(typename decltype(tag)::type); });
  return size;
}

constexpr bool is_floating(dtype d) {
  return d >= dtype::float16 && d <= dtype::float64;
}
constexpr bool is_complex_dtype(dtype d) {
  return d >= dtype::complex64;
}

}  // namespace halfulp
