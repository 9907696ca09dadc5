#include "shards.hpp"

#include <algorithm>
#include <charconv>
#include <istream>
#include <sstream>

namespace halfulp::tests {
namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// One line that line_of wrote, taken apart.
struct shard_line {
  std::string what;
  shard part;
  tally counts;
};

std::optional<shard_line> parsed(const std::string& text) {
  const std::string mark = " shard=";
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream words(text.substr(at + mark.size()));
  std::string word;
  words >> word;
  const auto part = shard_of(word);
  if (!part) return std::nullopt;
  shard_line line{text.substr(0, at), *part, {}};
  while (words >> word) {
    const std::size_t equals = word.find('=');
    const auto value =
        equals == std::string::npos ? std::nullopt : integer_of(std::string_view(word).substr(equals + 1));
    if (!value) return std::nullopt;
    line.counts[word.substr(0, equals)] += *value;
  }
  return line;
}

}  // namespace

std::optional<shard> shard_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto index = integer_of(std::string_view(text).substr(0, slash));
  const auto count = integer_of(std::string_view(text).substr(slash + 1));
  if (!index || !count || *index < 0 || *index >= *count) return std::nullopt;
  return shard{*index, *count};
}

std::int64_t& tally::operator[](const std::string& name) {
  const auto found = std::find_if(counts_.begin(), counts_.end(), [&](const auto& c) { return c.first == name; });
  if (found != counts_.end()) return found->second;
  counts_.emplace_back(name, 0);
  return counts_.back().second;
}

std::int64_t tally::of(const std::string& name) const {
  const auto found = std::find_if(counts_.begin(), counts_.end(), [&](const auto& c) { return c.first == name; });
  return found == counts_.end() ? 0 : found->second;
}

tally& tally::operator+=(const tally& other) {
  for (const auto& [name, count] : other.counts_) (*this)[name] += count;
  return *this;
}

std::string tally::text() const {
  std::string text;
  for (const auto& [name, count] : counts_) text += (text.empty() ? "" : " ") + name + "=" + std::to_string(count);
  return text;
}

std::string line_of(const std::string& what, const shard& s, const tally& t) {
  return what + " shard=" + std::to_string(s.index) + "/" + std::to_string(s.count) + " " + t.text();
}

merged_campaign merged_lines(std::istream& lines) {
  merged_campaign all;
  std::map<std::string, std::vector<int>> seen;  // how often each shard came
  for (std::string text; std::getline(lines, text);) {
    const auto line = parsed(text);
    if (!line) continue;
    const std::string name = line->what + " shards=" + std::to_string(line->part.count);
    auto& times = seen[name];
    times.resize(static_cast<std::size_t>(line->part.count));
    ++times[static_cast<std::size_t>(line->part.index)];
    all.sums[name] += line->counts;
  }
  for (const auto& [name, times] : seen)
    for (std::size_t k = 0; k < times.size(); ++k)
      if (times[k] != 1)
        all.missing.push_back(name + ": shard " + std::to_string(k) + " came " + std::to_string(times[k]) + " times");
  return all;
}

}  // namespace halfulp::tests
