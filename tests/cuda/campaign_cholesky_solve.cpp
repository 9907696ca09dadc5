// The long comparison of cholesky_solve with the CPU: halfulp_tests_cuda "[campaign]".
#include <cmath>
#include <cstdio>

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
  std::printf("cholesky_solve %s: %lld systems, %lld of %lld outputs wrong; by tier %lld %lld %lld %lld\n",
              std::string(name_of(dtype_of<T>)).c_str(), static_cast<long long>(count),
              static_cast<long long>(all.wrong), static_cast<long long>(all.outputs),
              static_cast<long long>(all.decided.count[0]), static_cast<long long>(all.decided.count[1]),
              static_cast<long long>(all.decided.count[2]), static_cast<long long>(all.decided.count[3]));
  std::fflush(stdout);
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

}  // namespace

TEST_CASE("cuda campaign: cholesky_solve of random systems, n = 1 .. 128", "[.campaign]") {
  HALFULP_RANDOM(r, 63);
  for_each_solve_format([&](auto tag) { compare_systems<typename decltype(tag)::type>(r); });
}

}  // namespace halfulp::tests
