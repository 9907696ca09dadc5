#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace halfulp::analysis {

/// A line that is no case; the message says where and why in one sentence.
struct malformed_case : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses one line of JSON. Numbers with a fraction or an exponent inside a "data" list stay as they are written, as
/// strings, so that each is rounded once, to the dtype of its tensor. Throws malformed_case: a syntax error, a key
/// given twice.
nlohmann::json parse_json_line(std::string_view line);

}  // namespace halfulp::analysis
