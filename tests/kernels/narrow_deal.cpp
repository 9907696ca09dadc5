// How the moduli of tiles are dealt, on the host.
#include <halfulp/kernels/core/narrow_deal.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

namespace halfulp::tests {
namespace {

using kernels::narrow_deal, kernels::narrow_run;

/// Every modulus of every tile is some block's, once, and a tile is stored whole, or as what one block begins and the next ends.
void check_deal(const narrow_deal& deal) {
  CAPTURE(deal.tiles, deal.moduli, deal.blocks);
  std::vector<int> done(static_cast<std::size_t>(deal.tiles * deal.moduli)),
      ended(static_cast<std::size_t>(deal.tiles)), beginner(static_cast<std::size_t>(deal.tiles), -1);
  std::int64_t least = deal.tiles * deal.moduli, most = 0;
  for (int b = 0; b < deal.blocks; ++b) {
    std::int64_t all = 0;
    for (narrow_run run(deal, b); !run.is_over(); run.next(), ++all) {
      const auto tile = static_cast<std::size_t>(run.tile());
      ++done.at(tile * static_cast<std::size_t>(deal.moduli) + static_cast<std::size_t>(run.modulus()));
      if (!run.ends_part()) continue;
      if (run.begins_only()) {
        CHECK(beginner.at(tile) == -1);
        beginner.at(tile) = b;
      } else {
        ++ended.at(tile);
        CHECK((beginner.at(tile) == -1 || beginner.at(tile) == b - 1));
      }
    }
    least = std::min(least, all);
    most = std::max(most, all);
  }
  CHECK(most - least <= 1);
  CHECK(done == std::vector<int>(done.size(), 1));
  CHECK(ended == std::vector<int>(ended.size(), 1));
  std::vector<int> found;
  for (std::int64_t t = 0; t < deal.tiles; ++t) found.push_back(deal.beginner_of(t));
  CHECK(found == beginner);
}

}  // namespace

TEST_CASE("narrow deal: every modulus of every tile is dealt once, and no tile to more than two blocks") {
  for (const int moduli : {1, 2, 8, 11})
    for (const int blocks : {1, 2, 3, 7, 132})
      for (const int more : {0, 1, 2, 5, 131, 132, 332}) check_deal({blocks + more, moduli, blocks});
}

}  // namespace halfulp::tests
