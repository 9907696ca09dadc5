#include <halfulp/analysis/distribution.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include <halfulp/analysis/real_json.hpp>

namespace halfulp::analysis {
namespace {

/// Sign, exponent and four bits of the significand: errors >= 0 are ordered by it.
std::uint16_t bin_of(double error) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint64_t>(error + 0.0) >> 48);
}

constexpr std::uint16_t infinity_bin = 0x7ff0;

}  // namespace

void error_distribution::add(double error, std::int64_t times) {
  bin& b = bins_[bin_of(error)];
  b.count += times;
  b.greatest = std::max(b.greatest, error);
  count_ += times;
}

void error_distribution::merge(const error_distribution& other) {
  for (const auto& [key, from] : other.bins_) {
    bin& b = bins_[key];
    b.count += from.count;
    b.greatest = std::max(b.greatest, from.greatest);
  }
  count_ += other.count_;
}

double error_distribution::quantile(double q) const {
  const auto rank = static_cast<std::int64_t>(std::ceil(q * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (const auto& [key, b] : bins_)
    if ((seen += b.count) >= rank) return b.greatest;
  return greatest();
}

std::map<int, std::int64_t> error_distribution::binades() const {
  std::map<int, std::int64_t> counts;
  for (const auto& [key, b] : bins_)
    if (b.greatest > 0 && key != infinity_bin) counts[std::ilogb(b.greatest)] += b.count;
  return counts;
}

std::int64_t error_distribution::zeros() const {
  const auto it = bins_.find(0);
  return it == bins_.end() || it->second.greatest > 0 ? 0 : it->second.count;
}

std::int64_t error_distribution::infinities() const {
  const auto it = bins_.find(infinity_bin);
  return it == bins_.end() ? 0 : it->second.count;
}

void to_json(nlohmann::json& j, const error_distribution& d) {
  j = nlohmann::json::array();
  for (const auto& [key, b] : d.bins_) j.push_back({key, b.count, json_of(b.greatest)});
}

void from_json(const nlohmann::json& j, error_distribution& d) {
  d = {};
  for (const auto& item : j) {
    const error_distribution::bin b{item.at(1).get<std::int64_t>(), double_from(item.at(2))};
    d.bins_[item.at(0).get<std::uint16_t>()] = b;
    d.count_ += b.count;
  }
}

}  // namespace halfulp::analysis
