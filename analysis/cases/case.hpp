#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/oracle/core/call.hpp>

namespace halfulp::analysis {

/// One call of a framework function, as a line of a case file says it (docs/cases.md). Tensors are not made yet.
struct test_case {
  std::string api;
  nlohmann::json args = nlohmann::json::array();
  nlohmann::json kwargs = nlohmann::json::object();
  std::string name;    ///< or empty
  std::string origin;  ///< or empty
  std::string where;   ///< "cases.jsonl:17"

  /// The call on one line with sorted keys; name and origin left out. Two lines that say the same call have one text.
  std::string text() const;
  /// 64-bit FNV-1a of text(): seeds the fills that state none, and names the case.
  std::uint64_t hash() const;
};

/// A case whose tensors are there.
struct prepared_case {
  std::string op;  ///< the name of the spec that api stands for
  argument::list args;
  std::map<std::string, argument> kwargs;
  std::vector<tensor> tensors;  ///< own what the arguments view
};

/// Reads one line. Throws malformed_case, its message beginning with `where`.
test_case parse_case(std::string_view line, const std::string& where);

/// Makes the tensors: reads data, runs fills. Throws malformed_case (a tensor, fill or number that makes no sense) and
/// invalid_argument (no op stands for the api).
prepared_case prepare(const test_case& c);

/// The call as a case that any program can read: the op's name, every parameter by its name, defaults filled in,
/// tensors as "bits".
nlohmann::json normalized(const call& k);

/// The call as it was written, tensors as "bits": what its data and fills come to.
nlohmann::json drawn(const test_case& c);

/// The argument's dtype that picks the op's storage type, by name; empty where the call has none.
std::string format_of_case(const test_case& c);

}  // namespace halfulp::analysis
