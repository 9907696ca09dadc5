#pragma once

#include <nlohmann/json.hpp>

#include <halfulp/oracle/truth.hpp>

namespace halfulp::analysis {

/// A binary64 number in JSON with all its digits; JSON has no infinities and NaNs, which are "inf", "-inf", "nan".
nlohmann::json json_of(double x);
/// Throws nlohmann::json::type_error.
double double_from(const nlohmann::json& j);

nlohmann::json json_of(const ulp_bounds& b);
/// Throws nlohmann::json::type_error, or out_of_range where one is missing.
ulp_bounds bounds_from(const nlohmann::json& j);

}  // namespace halfulp::analysis
