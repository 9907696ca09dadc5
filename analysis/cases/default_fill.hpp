#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/tensor_json.hpp>

namespace halfulp::analysis {

/// What a tensor without data and fill holds, as PaddleAPITest draws it, but from a seed: floats from U(-0.5, 0.5),
/// integers from -65535 .. 65535 cast to the dtype, bool evenly; eigvalsh's matrix A A^T + 1e-6 I, where complex
/// A + A^H; index_sample's index valid columns of x. `tensors` are the headers of all tensor arguments, by parameter.
nlohmann::json default_fill(std::string_view op, const std::string& parameter,
                            const std::map<std::string, tensor_header>& tensors);

}  // namespace halfulp::analysis
