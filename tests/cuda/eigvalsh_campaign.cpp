// eigvalsh beside the CPU at length: halfulp_tests_cuda "[campaign]".
#include <cstdio>

#include "cuda/hermitian.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t matrices = 100000, largest_n = 128;

void print(const char* what, dtype type, const comparison& c) {
  const auto number = [](std::int64_t n) { return static_cast<long long>(n); };
  std::printf("eigvalsh %s, %s: %lld of %lld eigenvalues wrong; by tier %lld %lld %lld %lld, left to the CPU %lld\n",
              std::string(name_of(type)).c_str(), what, number(c.wrong), number(c.outputs), number(c.decided.count[0]),
              number(c.decided.count[1]), number(c.decided.count[2]), number(c.decided.count[3]), number(c.by_host));
  std::fflush(stdout);
  CAPTURE(c.first_wrong);
  CHECK(c.wrong == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda campaign: eigvalsh of random matrices of every size", "[.campaign]", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 70);
  comparison all;
  for (std::int64_t n = 1; n <= largest_n; ++n)
    all += compare_eigvalsh<TestType>(uniform_batch<TestType>(r, repeats(matrices) / largest_n + 1, n));
  print("random", dtype_of<TestType>, all);
}

TEMPLATE_TEST_CASE("cuda campaign: eigvalsh of the gallery", "[.campaign]", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 71);
  const auto kinds = every_kind();
  comparison all;
  for (const int n : {1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 23, 24, 31, 32})
    all += compare_eigvalsh<TestType>(gallery_batch<TestType>(r, kinds, n), n % 2 == 0 ? "L" : "U");
  print("gallery", dtype_of<TestType>, all);
}

}  // namespace halfulp::tests
