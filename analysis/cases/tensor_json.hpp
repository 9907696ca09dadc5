#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/oracle/core/tensor.hpp>

namespace halfulp::analysis {

/// Most bytes that a tensor of a case may have: a typing error must not end the machine.
inline constexpr std::int64_t max_tensor_bytes = std::int64_t{1} << 31;

/// The "dtype" and "shape" of {"dtype", "shape", ...}. Throws malformed_case; `name` is the argument, for messages.
struct tensor_header {
  dtype type;
  extents shape;
};
tensor_header tensor_header_from_json(const nlohmann::json& j, const std::string& name);

/// {"dtype", "shape", "data" | "bits"}: "data" is nested like the shape, or flat in row-major order; "bits" is the
/// little-endian bytes of the elements in base64. Throws malformed_case.
tensor tensor_from_json(const nlohmann::json& j, const std::string& name);

/// {"dtype", "shape", "bits"}; t is contiguous.
nlohmann::json tensor_to_json(const tensor_view& t);

std::string base64(std::span<const std::byte> bytes);
/// Throws malformed_case.
std::vector<std::byte> from_base64(std::string_view text);

}  // namespace halfulp::analysis
