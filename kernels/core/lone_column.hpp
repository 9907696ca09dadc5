// Sums for one column, whose terms lie together as those of a row do: a last column that would fill a vector alone.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::kernels {

/// As multiply_recursive, without a low part, and as multiply_compensated, for at least `least_column_terms` terms; with
/// their bounds. They write zeros after the sums, as many as fill a vector.
void multiply_column_recursive(const product_chunk&);
void multiply_column_compensated(const product_chunk&);
inline constexpr std::int64_t least_column_terms = 64;

}  // namespace halfulp::kernels
