#include <halfulp/build_info.hpp>
#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include <string_view>
#include <tuple>
#include <vector>

namespace {

std::vector<std::string_view> names_of_all_ops() {
  std::vector<std::string_view> names;
  halfulp::for_each_op([&](auto tag) { names.emplace_back(decltype(tag)::type::name); });
  return names;
}

}  // namespace

TEST_CASE("the list of ops: the build and the oracle name the same ops in the same order") {
  const auto& built = halfulp::build_info::ops;
  CHECK(names_of_all_ops() == std::vector<std::string_view>(built.begin(), built.end()));
}
