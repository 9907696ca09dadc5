#include <halfulp/build_info.hpp>
#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include <string_view>
#include <tuple>
#include <vector>

namespace {

std::vector<std::string_view> names_of_all_ops() {
  return std::apply([](const auto&... op) { return std::vector<std::string_view>{op.name...}; },
                    halfulp::all_ops);
}

}  // namespace

TEST_CASE("the list of ops: the build and the oracle name the same ops in the same order") {
  const auto& built = halfulp::build_info::ops;
  CHECK(names_of_all_ops() == std::vector<std::string_view>(built.begin(), built.end()));
}
