#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <halfulp/kernels/core/sort_key.hpp>

namespace halfulp::kernels {

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
