#pragma once

#include <cstdint>
#include <map>

#include <nlohmann/json_fwd.hpp>

namespace halfulp::analysis {

/// A mergeable distribution of errors >= 0, infinity included: counts in bins of relative width 2^-4, each with the
/// greatest error seen in it. Merging in any order and grouping gives the same distribution.
class error_distribution {
 public:
  struct bin {
    std::int64_t count = 0;
    double greatest = 0;
  };

  /// error >= 0, not NaN.
  void add(double error, std::int64_t times = 1);
  void merge(const error_distribution& other);

  std::int64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// The greatest error; 0 of none.
  double greatest() const { return bins_.empty() ? 0 : bins_.rbegin()->second.greatest; }
  /// An upper bound of the q-quantile, 0 < q <= 1: of the error of rank ceil(q * count) in ascending order, and at most
  /// 1 + 2^-4 times it: the greatest error in its bin. 0 of none.
  double quantile(double q) const;
  /// The number of errors in each binade: n such that 2^n <= error < 2^(n + 1). Zeros and infinities are left out.
  std::map<int, std::int64_t> binades() const;
  std::int64_t zeros() const;
  std::int64_t infinities() const;

  friend void to_json(nlohmann::json& j, const error_distribution& d);
  friend void from_json(const nlohmann::json& j, error_distribution& d);

 private:
  std::map<std::uint16_t, bin> bins_;  ///< by the leading 16 bits of the error's binary64 encoding, which order it
  std::int64_t count_ = 0;
};

}  // namespace halfulp::analysis
