#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include <halfulp/oracle/core/machine.hpp>

namespace halfulp {

/// Up to eight dimensions (or strides), a value.
struct extents {
  std::array<std::int64_t, max_rank> dim{};
  int rank = 0;

  constexpr extents() = default;
  constexpr extents(std::initializer_list<std::int64_t> dims) {
    for (const std::int64_t d : dims) push_back(d);
  }

  /// Precondition: rank < max_rank. Whoever reads shapes from outside checks it first.
  constexpr void push_back(std::int64_t d) { dim[static_cast<std::size_t>(rank++)] = d; }
  constexpr std::int64_t operator[](int axis) const { return dim[static_cast<std::size_t>(axis)]; }
  constexpr std::int64_t& operator[](int axis) { return dim[static_cast<std::size_t>(axis)]; }
  constexpr const std::int64_t* begin() const { return dim.data(); }
  constexpr const std::int64_t* end() const { return dim.data() + rank; }

  friend constexpr bool operator==(const extents&, const extents&) = default;
};

/// The number of elements; 0 where a dimension is 0, whatever the others. Valid shapes do not overflow.
constexpr std::int64_t product(const extents& shape) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape)
    if (d == 0) return 0;
  for (const std::int64_t d : shape) n *= d;
  return n;
}

/// "[2, 3, 4]"
std::string to_string(const extents& shape);

}  // namespace halfulp
