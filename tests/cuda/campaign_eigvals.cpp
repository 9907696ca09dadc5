// The long comparison of eigvals with the CPU: halfulp_tests_cuda "[campaign]".
#include <cmath>
#include <cstdio>

#include "cuda/general_matrices.hpp"

namespace halfulp::tests {
namespace {

constexpr std::int64_t matrices = 100000, of_batch = 1000;

template <class T>
void compare_matrices(random_source& r) {
  comparison all;
  std::int64_t count = 0;
  for (; count < repeats(matrices); count += of_batch) {
    const double u = (r.uniform() + 1) / 2;  // large ones, which the CPU takes long for, are the rarer ones
    const auto n = static_cast<std::int64_t>(std::exp2(7.005 * u * u * u));
    all += compare<op::eigvals, T>(eigvals_of(uniform_matrices<T>(r, of_batch, n)));
  }
  std::printf(
      "eigvals %s: %lld matrices, %lld of %lld eigenvalues wrong; parts by tier %lld %lld %lld %lld, left to the CPU "
      "%lld\n",
      std::string(name_of(dtype_of<T>)).c_str(), static_cast<long long>(count), static_cast<long long>(all.wrong),
      static_cast<long long>(all.outputs), static_cast<long long>(all.decided.count[0]),
      static_cast<long long>(all.decided.count[1]), static_cast<long long>(all.decided.count[2]),
      static_cast<long long>(all.decided.count[3]), static_cast<long long>(all.by_host));
  std::fflush(stdout);
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

}  // namespace

TEST_CASE("cuda campaign: eigvals of random matrices, n = 1 .. 128", "[.campaign]") {
  HALFULP_RANDOM(r, 64);
  for_each_matrix_format([&](auto tag) { compare_matrices<typename decltype(tag)::type>(r); });
}

}  // namespace halfulp::tests
