#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace halfulp::analysis {

/// A line that is no case; the message says where and why in one sentence.
struct malformed_case : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Lists and objects within one another. No case comes near it, and what walks over a case may recurse.
inline constexpr std::size_t deepest_nesting = 64;

/// Parses one line of JSON. Numbers with a fraction or an exponent inside a "data" list stay as they are written, as
/// strings, so that each is rounded once, to the dtype of its tensor. Throws malformed_case: a syntax error, a key
/// given twice, lists or objects more than `deepest_nesting` deep, a number that is none of binary64.
nlohmann::json parse_json_line(std::string_view line);

/// What an error says; one of the JSON library without its name for it: "key 'api' not found".
std::string words_of(const std::exception& e);

}  // namespace halfulp::analysis
