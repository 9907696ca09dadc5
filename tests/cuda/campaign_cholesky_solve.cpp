// The long comparison of cholesky_solve with the CPU: halfulp_tests_cuda "[campaign]".
#include <cmath>

#include "cuda/campaign.hpp"
#include "cuda/cholesky_systems.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t systems = 100000, of_batch = 1000;

template <class T>
void compare_systems(random_source& r) {
  comparison all;
  std::int64_t count = 0;
  for (; count < repeats(systems); count += of_batch) {
    const auto n = static_cast<std::int64_t>(std::exp2(3.502 * (r.uniform() + 1)));
    all += compare<op::cholesky_solve, T>(random_batch<T>(r, of_batch, n, 1).solve());
  }
  report(op::cholesky_solve::name, dtype_of<T>, ", " + std::to_string(count) + " systems", all, true);
}

}  // namespace

TEST_CASE("cuda campaign: cholesky_solve of random systems, n = 1 .. 128", "[.campaign]") {
  HALFULP_RANDOM(r, 63);
  for_each_solve_format([&](auto tag) { compare_systems<typename decltype(tag)::type>(r); });
}

}  // namespace halfulp::tests
