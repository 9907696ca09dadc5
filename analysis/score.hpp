#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/analysis/distribution.hpp>
#include <halfulp/oracle/real/ulp_error.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::analysis {

/// What kind of number one real component of an output is, by truth and by what was got. Each has its own counts.
enum class component_class : std::uint8_t {
  finite,       ///< the exact result is not 0, and neither RN nor what was got is infinite or NaN
  zero,         ///< the exact result is 0: an ulp of 0 is the smallest subnormal, so errors here stay apart
  infinite,     ///< RN of the exact result or what was got is infinite, and no NaN is near
  not_a_number  ///< the exact result or what was got is NaN
};
inline constexpr std::array<std::string_view, 4> component_class_names{"finite", "zero", "infinite", "nan"};
constexpr std::string_view name_of(component_class c) {
  return component_class_names[static_cast<std::size_t>(c)];
}

/// What is to be said of a component (DESIGN: bounds). A verdict against a peer is passed only where it is proved: by
/// the lower end of the certified error.
enum class verdict : std::uint8_t {
  correct,    ///< the bits are those of RN of the exact result
  explained,  ///< wrong by no more than the componentwise bound
  avoidable,  ///< certainly beyond the componentwise bound, within the normwise one
  beyond,     ///< certainly beyond both bounds; every wrong NaN, and every wrong bit where bits are moved
  unknown     ///< the oracle left the rounding undecided; never counted as correct
};
inline constexpr std::array<std::string_view, 5> verdict_names{"correct", "explained", "avoidable", "beyond",
                                                               "unknown"};
constexpr std::string_view name_of(verdict v) {
  return verdict_names[static_cast<std::size_t>(v)];
}

/// One real component of an output, judged.
struct component_score {
  component_class kind = component_class::finite;
  verdict judged = verdict::correct;
  ulp_error error;  ///< certified, in ULPs of the exact result; exactly 0 where the bits are right
};

/// One component with its numbers, to be shown: everything needed to check it by hand.
struct witness {
  std::int64_t output = 0;          ///< which of the op's outputs
  std::vector<std::int64_t> index;  ///< of the element in that output
  int part = 0;                     ///< 1: the imaginary part
  component_score score;
  ulp_bounds bounds;
  std::string got;                   ///< hexadecimal, as `halfulp eval` writes it
  std::string want;                  ///< RN of the exact result, likewise; "undecided" where it is not known
  std::array<std::string, 2> range;  ///< the enclosure of the exact result, exact hexadecimal numbers
};

/// Every component of one or many outputs, counted. Merging is associative; witnesses keep the first of equals.
struct score {
  std::int64_t components = 0;
  std::array<std::int64_t, 4> by_class{};  ///< components of each component_class
  std::array<std::int64_t, 4>
      wrong_by_class{};  ///< of them, those whose bits are wrong (undecided ones are in neither)
  std::array<std::int64_t, 5> by_verdict{};

  /// Upper ends of the certified errors. finite_errors: class finite, right ones as 0, undecided ones left out;
  /// zero_errors: class zero; infinite_errors: class infinite, counted as DESIGN says; normwise_errors: complex
  /// elements whose truth is not zero, infinite or NaN, both components right as 0.
  error_distribution finite_errors;
  error_distribution zero_errors;
  error_distribution infinite_errors;
  error_distribution normwise_errors;
  /// Lower ends of the certified errors of class finite, to be printed where they differ.
  double greatest_finite_lower = 0;

  /// The wrong component of each class with the greatest error; of class finite also the one whose error is the
  /// greatest multiple of its componentwise bound.
  std::array<std::optional<witness>, 4> worst;
  std::optional<witness> worst_by_bound;

  std::int64_t correct() const { return by_verdict[static_cast<std::size_t>(verdict::correct)]; }
  std::int64_t undecided() const { return by_verdict[static_cast<std::size_t>(verdict::unknown)]; }
  /// Merges another score into this one.
  void merge(const score& other);
};

/// What came of one case on one backend.
enum class outcome : std::uint8_t {
  scored,            ///< both gave outputs of the same dtypes and shapes: see `scored`
  refused_by_both,   ///< the case is invalid, and the backend says so
  accepted_invalid,  ///< the op's rules refuse the case, the backend gave an answer
  refused_valid,     ///< the op's rules take the case, the backend refuses it
  wrong_type,        ///< another number of outputs, another dtype or shape
  unsupported,       ///< the backend has no such op or dtype, and says so; or the oracle has not
  crashed,           ///< the backend's process died
  timed_out,         ///< the backend gave no answer in time
  unknown            ///< the oracle has no answer (undecided, crashed, timed out); says nothing of the backend
};
inline constexpr std::array<std::string_view, 9> outcome_names{"scored",        "refused by both", "accepted invalid",
                                                               "refused valid", "wrong type",      "unsupported",
                                                               "crashed",       "timed out",       "unknown"};
constexpr std::string_view name_of(outcome o) {
  return outcome_names[static_cast<std::size_t>(o)];
}

/// One case on one backend: a row of results.jsonl.
struct case_result {
  std::string backend;
  std::string op;         ///< the name of the spec, "conv2d"; the api as given where no spec has it
  std::string api;        ///< the framework function as the case names it
  std::string name;       ///< the case's own name, or empty
  std::string origin;     ///< where the case comes from, or empty
  std::string case_text;  ///< the case on one line: the whole of a reproduction
  std::string format;     ///< the dtype of the op's element argument, "float32"; empty where it has none
  outcome came_out = outcome::unknown;
  std::string message;       ///< of the refusal or failure, else empty
  score scored;              ///< outcome::scored only
  ulp_bounds worst_bounds;   ///< the greatest bounds of any component of class finite
  double seconds = 0;        ///< wall time of the backend on this case, its process's own start left out
  tier_counts oracle_tiers;  ///< how many components each tier of the oracle decided
};

/// The verdict on one component. `rounded` are the bits of RN, `got` the candidate's; T is a real storage type.
template <class T>
component_score judge(const component_truth& truth, T rounded, T got, bool nan_bits_matter);

/// Compares every component of `given` with the truth of output number `output`; matched first, where that is a multiset.
/// exact: the bounds of all components, where the truth has none because each is exactly what it is rounded to.
/// Precondition: same dtype and shape.
score score_output(const truth& t, const tensor& given, std::int64_t output,
                   const std::optional<ulp_bounds>& exact = {});

/// What came of a case, from the answers of the oracle and of a backend (analysis/answer.hpp). Fills came_out,
/// message, scored, worst_bounds, oracle_tiers and seconds; the caller fills the rest.
struct answer;
case_result compare(const answer& oracle, const answer& backend);

void to_json(nlohmann::json& j, const witness& w);
void from_json(const nlohmann::json& j, witness& w);
void to_json(nlohmann::json& j, const score& s);
void from_json(const nlohmann::json& j, score& s);
void to_json(nlohmann::json& j, const case_result& r);
void from_json(const nlohmann::json& j, case_result& r);

}  // namespace halfulp::analysis
