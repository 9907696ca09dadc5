// eigvalsh beside the CPU at length: halfulp_tests_cuda "[campaign]".
#include "cuda/campaign.hpp"
#include "cuda/hermitian.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t matrices = 100000, largest_n = 128;

}  // namespace

TEMPLATE_TEST_CASE("cuda campaign: eigvalsh of random matrices of every size", "[.campaign]", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 70);
  comparison all;
  for (std::int64_t n = 1; n <= largest_n; ++n)
    all += compare_eigvalsh<TestType>(uniform_batch<TestType>(r, repeats(matrices) / largest_n + 1, n));
  report(op::eigvalsh::name, dtype_of<TestType>, ", random", all, true);
}

TEMPLATE_TEST_CASE("cuda campaign: eigvalsh of the gallery", "[.campaign]", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 71);
  const auto kinds = every_kind();
  comparison all;
  for (const int n : {1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 23, 24, 31, 32})
    all += compare_eigvalsh<TestType>(gallery_batch<TestType>(r, kinds, n), n % 2 == 0 ? "L" : "U");
  report(op::eigvalsh::name, dtype_of<TestType>, ", gallery", all, true);
}

}  // namespace halfulp::tests
