#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Campaigns cut into shards for many machines: each shard takes every count-th item, prints what it counted as one
/// line of name=value words, and such lines can be added up.
namespace halfulp::tests {

/// Items index, index + count, index + 2 count, ... of a campaign; index from 0.
struct shard {
  std::int64_t index = 0;
  std::int64_t count = 1;
};

/// "3/16", index below count; nothing if the text says otherwise.
std::optional<shard> shard_of(const std::string& text);

/// What was counted, in the order in which the names first came.
class tally {
 public:
  std::int64_t& operator[](const std::string& name);
  std::int64_t of(const std::string& name) const;
  tally& operator+=(const tally& other);
  std::string text() const;  ///< "matrices=100 wrong=0"

 private:
  std::vector<std::pair<std::string, std::int64_t>> counts_;
};

/// The line of one shard: "<what> shard=3/16 matrices=100 wrong=0". `what` says which campaign, seed included.
std::string line_of(const std::string& what, const shard& s, const tally& t);

/// Adds up the lines of shards by what they are of; other lines are passed over. `missing` names the shards of each
/// that are not there, or there twice: then the sum proves nothing.
struct merged_campaign {
  std::map<std::string, tally> sums;
  std::vector<std::string> missing;
};
merged_campaign merged_lines(std::istream& lines);

}  // namespace halfulp::tests
