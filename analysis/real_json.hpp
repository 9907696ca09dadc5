#pragma once

#include <nlohmann/json.hpp>

namespace halfulp::analysis {

/// A binary64 number in JSON with all its digits; JSON has no infinities and NaNs, which are "inf", "-inf", "nan".
nlohmann::json json_of(double x);
/// Throws nlohmann::json::type_error.
double double_from(const nlohmann::json& j);

}  // namespace halfulp::analysis
