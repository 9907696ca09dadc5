#pragma once

#include <complex>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/random.hpp>
#include <halfulp/oracle/core/tensor.hpp>

namespace halfulp::analysis {

/// The members of a "fill" object, read with defaults; every member must be read by its kind.
class fill_parameters {
 public:
  /// Throws malformed_case: no object, or one without a kind.
  fill_parameters(const nlohmann::json& fill, std::string name);

  const std::string& kind() const { return kind_; }
  double real(const char* member, double fallback);
  std::int64_t integer(const char* member, std::int64_t fallback);
  std::string text(const char* member, const char* fallback);
  std::uint64_t seed(std::uint64_t fallback);
  const nlohmann::json& any(const char* member);

  /// Throws malformed_case naming the members that no one asked for.
  void require_all_read() const;
  [[noreturn]] void refuse(const std::string& rule) const;

 private:
  const nlohmann::json* find(const char* member);
  nlohmann::json fill_;
  std::string name_;  ///< of the argument, for messages
  std::string kind_;
  std::set<std::string> read_;
};

/// Fills t as {"kind": ..., "seed": ..., ...} says (docs/cases.md lists the kinds and their members); the same bits on
/// every machine. default_seed serves where "seed" is not given. Throws malformed_case.
void fill(const tensor& t, const nlohmann::json& fill, std::uint64_t default_seed, const std::string& name);

/// Kinds whose tensors are batches of square matrices. False if p.kind() is none of them.
bool fill_matrices(const tensor& t, fill_parameters& p, random_source& random);
const std::vector<std::string>& matrix_fill_kinds();

/// Every kind, for messages and the command line.
const std::vector<std::string>& fill_kinds();

}  // namespace halfulp::analysis
