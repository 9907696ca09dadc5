#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/backend.hpp>

namespace halfulp::analysis {

/// What a backend cannot do: an op or a dtype that it lacks, or has in another sense.
struct unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Prepares the case, binds it to its op's signature, and times `compute` where it does not give a time itself. What it
/// throws is the answer: malformed_case, invalid_argument, undecided, unsupported; anything else has `failed`. A dtype
/// that halfulp's op is not defined for is unsupported by every backend, so that no verdict is passed on it.
answer answer_with(const test_case& c, const std::function<answer(const std::string& op, const call& k)>& compute);

/// The settings that every program of ours has: compiler, build type, sanitizers.
nlohmann::json build_settings();
/// Which OpenBLAS runs, for which processor, with how many threads.
nlohmann::json openblas_settings();

inline std::vector<std::string> no_command() {
  return {};
}
inline std::string nothing_missing() {
  return {};
}

}  // namespace halfulp::analysis
