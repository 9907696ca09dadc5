#pragma once

#include <array>

#include <halfulp/analysis/cases/fill.hpp>

namespace halfulp::analysis {

/// Kinds of fills that take their matrices by name from the gallery: Hermitian ones, and those that need not be.
inline constexpr std::array gallery_fill_kinds{"gallery", "general_gallery"};

/// Whether p is of one of them, and then fills t, a batch of square matrices. Throws malformed_case: no such matrix, no
/// such special value, a dtype without a floating point.
bool fill_from_gallery(const tensor& t, fill_parameters& p, random_source& random);

}  // namespace halfulp::analysis
