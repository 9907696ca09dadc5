#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {

/// How a backend departs from the exact result or from the op's rules, the worst first: numbers that are wrong without
/// anyone noticing, dead processes, numbers that could be right, then calls that are taken or refused against the rules.
enum class finding_kind : std::uint8_t {
  beyond,            ///< an error that no bound explains
  crashed,           ///< the process died
  timed_out,         ///< no answer in time
  avoidable,         ///< an error that the best known algorithms do not make
  wrong_type,        ///< another number of outputs, another dtype or shape
  accepted_invalid,  ///< an answer where the op's rules refuse the call
  refused_valid      ///< a refusal where the op's rules take the call
};
inline constexpr std::array<std::string_view, 7> finding_kind_names{
    "beyond", "crashed", "timed out", "avoidable", "wrong type", "accepted invalid", "refused valid"};
constexpr std::string_view name_of(finding_kind k) {
  return finding_kind_names[static_cast<std::size_t>(k)];
}
inline constexpr finding_kind all_finding_kinds[] = {
    finding_kind::beyond,     finding_kind::crashed,          finding_kind::timed_out,    finding_kind::avoidable,
    finding_kind::wrong_type, finding_kind::accepted_invalid, finding_kind::refused_valid};

/// One case on one backend with something to be said against it.
struct finding {
  finding_kind kind = finding_kind::beyond;
  std::string op;
  std::string backend;
  std::string format;
  std::string case_text;
  std::string name;
  std::string origin;
  std::string message;           ///< of the refusal or failure, else empty
  std::int64_t components = 0;   ///< how many components are beyond, or avoidable
  std::optional<witness> shown;  ///< the worst of them
};

/// What is to be said against a backend's answer, or nothing. An outcome `unknown` or `unsupported` says nothing.
std::optional<finding> finding_of(const case_result& r);

/// How many times the bound that makes it a finding an error is, certainly: its lower end over the componentwise bound
/// for an avoidable one, else over the normwise bound; infinite over a bound of 0 and for a NaN on one side only.
double times_bound(const witness& w);

/// Whether a number of a witness, as text, is a NaN.
bool is_nan_text(const std::string& number);

/// Whether the number is one of those that are moved, not computed: no error is allowed, and nothing is rounded.
bool moves_bits(const witness& w);

/// A total order: by kind; then finite numbers that were computed wrongly, NaNs on one side and moved bits, wrong bits of
/// NaNs, and numbers whose truth is zero; then by `times_bound`, by the error, frameworks before libraries, the shorter case
/// first, and last by op, backend, format and case, so that equals never depend on who came first.
bool worse(const finding& a, const finding& b);

/// The worst `count` of many, in that order, and as different as can be: first one of each sort (numbers computed wrongly,
/// NaNs, moved bits, avoidable errors, failures, calls taken or refused), of a framework where one has it, then one for
/// each op and backend, and one for each op and case, as long as there are enough of those.
std::vector<finding> worst_of(std::vector<finding> findings, std::size_t count);

}  // namespace halfulp::analysis
