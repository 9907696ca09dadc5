// The long comparison of eigvals with the CPU: halfulp_tests_cuda "[campaign]".
#include <cmath>

#include "cuda/campaign.hpp"
#include "cuda/general_matrices.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t largest_n = 128;

/// How many matrices of a size: more than 10^5 of all sizes together, and fewer of the large ones, which the CPU takes long for.
std::int64_t matrices_of(std::int64_t n) {
  return repeats(40 + static_cast<std::int64_t>(40000 / std::pow(static_cast<double>(n), 1.5)));
}

template <class T>
void compare_matrices(random_source& r) {
  comparison all;
  std::int64_t count = 0;
  for (std::int64_t n = 1; n <= largest_n; ++n) {
    count += matrices_of(n);
    all += compare<op::eigvals, T>(eigvals_of(uniform_matrices<T>(r, matrices_of(n), n)));
  }
  report(op::eigvals::name, dtype_of<T>, ", " + std::to_string(count) + " matrices", all, true);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda campaign: eigvals of random matrices of every size", "[.campaign]", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 64);
  compare_matrices<TestType>(r);
}

}  // namespace halfulp::tests
