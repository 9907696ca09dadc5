#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <halfulp/oracle/core/format.hpp>

namespace halfulp::kernels {

/// The unsigned integer as wide as T.
template <class T>
using key_t = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                 std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

/// The key of every NaN, above that of every number.
template <class T>
inline constexpr key_t<T> nan_key = std::numeric_limits<key_t<T>>::max();

/// A key in the order of numbers, the same for numbers that are equal: both zeros have one.
template <class T>
constexpr key_t<T> key_of(T x) {
  using key = key_t<T>;
  constexpr key sign = static_cast<key>(key{1} << (8 * sizeof(T) - 1));
  if constexpr (std::is_integral_v<T>) {
    return std::is_signed_v<T> ? static_cast<key>(static_cast<key>(x) ^ sign) : static_cast<key>(x);
  } else {
    if (is_nan(x)) return nan_key<T>;
    if (is_zero(x)) return sign;
    const key bits = to_bits(x);
    return is_negative(x) ? static_cast<key>(~bits) : static_cast<key>(bits | sign);
  }
}

/// A key and where it stood.
template <class Key, class Position>
struct keyed {
  Key key;
  Position position;
};

/// Sorts by key, equal ones in the order in which they stood: byte by byte from the least significant, each by counting,
/// in O(n) a byte; a byte that all keys share is passed over.
template <class Key, class Position>
void radix_sort(std::vector<keyed<Key, Position>>& items) {
  constexpr std::size_t bytes = sizeof(Key), values = 256;
  std::vector<std::array<std::size_t, values>> count(bytes);
  for (auto& c : count) c.fill(0);
  for (const auto& item : items)
    for (std::size_t b = 0; b < bytes; ++b) ++count[b][static_cast<std::uint8_t>(item.key >> (8 * b))];
  std::vector<keyed<Key, Position>> sorted;
  for (std::size_t b = 0; b < bytes; ++b) {
    auto& first = count[b];
    if (items.empty() || first[static_cast<std::uint8_t>(items[0].key >> (8 * b))] == items.size()) continue;
    sorted.resize(items.size());
    std::size_t before = 0;
    for (auto& f : first) before += std::exchange(f, before);
    for (const auto& item : items) sorted[first[static_cast<std::uint8_t>(item.key >> (8 * b))]++] = item;
    items.swap(sorted);
  }
}

}  // namespace halfulp::kernels
