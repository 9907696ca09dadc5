#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/oracle/truth.hpp>

namespace halfulp::analysis {

/// Why a backend gave no outputs: the "kind" of an error line of `halfulp eval`.
enum class failure : std::uint8_t {
  malformed,         ///< the line is no case
  invalid_argument,  ///< the op's rules refuse the call
  refused,           ///< a peer refuses the call
  unsupported,       ///< the backend lacks the op or the dtype
  undecided,         ///< a rounding stayed undecided
  failed,            ///< anything else that was thrown
  crashed,           ///< the backend's process died
  timed_out          ///< no answer in time
};
inline constexpr std::string_view failure_names[] = {"malformed", "invalid_argument", "refused", "unsupported",
                                                     "undecided", "failed",           "crashed", "timed_out"};
constexpr std::string_view name_of(failure f) {
  return failure_names[static_cast<std::size_t>(f)];
}

/// What a backend says to one case: a line of `halfulp eval` (docs/eval.md).
struct answer {
  std::optional<failure> kind;  ///< none: there are outputs
  std::string error;

  std::vector<tensor> outputs;
  std::vector<truth> truths;  ///< the oracle's only: one for each output, and outputs[k] = truths[k].rounded
  /// Empty, or one for each truth: where it is there, components are left out, though numbers are rounded, since each is
  /// exactly that of the output and has these bounds.
  std::vector<std::optional<ulp_bounds>> exact;
  std::optional<tier_counts> decided;  ///< halfulp's kernels only
  double seconds = 0;                  ///< wall time of the computation; 0 where it was not asked for

  bool ok() const { return !kind; }
  static answer of(failure f, std::string message) { return {f, std::move(message), {}, {}, {}, {}, 0}; }
};

/// How the elements of tensors are written.
enum class element_notation {
  text,  ///< "data": hexadecimal-float strings and the like, to be read by people and other programs
  bits   ///< "bits": the bytes in base64, between halfulp's own processes
};

/// Writes the answer as one JSON object, without a line end; element by element, since an output may have millions.
/// An element_notation::bits answer is for programs: outputs whose bits are moved come without their enclosures, and so do
/// those whose numbers are all exact, with the same bounds.
void write(std::ostream& out, const answer& a, element_notation notation, bool with_time);
/// Throws malformed_case where j is no answer.
answer answer_from_json(const nlohmann::json& j);

}  // namespace halfulp::analysis
