#include "../campaigns/shards.hpp"

#include <sstream>

#include <catch2/catch.hpp>

namespace halfulp::tests {

TEST_CASE("shards: what is no I/N with I below N is refused") {
  CHECK(shard_of("3/16")->index == 3);
  CHECK(shard_of("3/16")->count == 16);
  for (const char* text : {"", "3", "3/", "/3", "3/3", "-1/3", "1/2/3", "a/3", "1/0", "0/0"}) {
    INFO(text);
    CHECK(!shard_of(text));
  }
}

TEST_CASE("shards: the lines of all shards add up, whatever stands between them") {
  tally t;
  t["matrices"] += 3;
  t["wrong"] += 1;
  const std::string what = "eigvalsh part=random";
  std::istringstream lines(line_of(what, {0, 2}, t) + "\nsome other line\n" + line_of(what, {1, 2}, t) + "\n");
  const auto all = merged_lines(lines);
  REQUIRE(all.sums.size() == 1);
  CHECK(all.sums.begin()->first == "eigvalsh part=random shards=2");
  CHECK(all.sums.begin()->second.text() == "matrices=6 wrong=2");
  CHECK(all.missing.empty());
}

TEST_CASE("shards: one that is missing or there twice is named") {
  std::istringstream lines(line_of("a", {0, 3}, {}) + "\n" + line_of("a", {2, 3}, {}) + "\n" +
                           line_of("a", {2, 3}, {}));
  const auto all = merged_lines(lines);
  REQUIRE(all.missing.size() == 2);
  CHECK(all.missing[0] == "a shards=3: shard 1 came 0 times");
  CHECK(all.missing[1] == "a shards=3: shard 2 came 2 times");
}

}  // namespace halfulp::tests
