// What the bits of eigvalsh may not depend on, and which tier decides.
#include <catch2/catch.hpp>

#include <complex>
#include <vector>

#include <omp.h>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "instruction_sets.hpp"
#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::kind;

/// Matrices of several kinds, one after the other: easy ones, clusters, direct sums, graded ones and a NaN.
template <class T>
tensor mixed_batch(random_source& r, int n) {
  const kind kinds[] = {kind::uniform, kind::clustered, kind::block_diagonal, kind::graded_reversed, kind::wilkinson,
                        kind::uniform, kind::uniform,   kind::zero,           kind::identity};
  std::vector<T> all;
  for (const kind k : kinds) {
    const auto x = gallery::elements<T>(gallery::make<T>(k, n, r.bits()));
    all.insert(all.end(), x.begin(), x.end());
  }
  all[static_cast<std::size_t>(5 * n * n)] = canonical_nan<component_t<T>>();
  return make_tensor<T>({static_cast<std::int64_t>(std::size(kinds)), n, n}, all);
}

template <class T>
std::vector<bits_t<component_t<T>>> bits_of(const tensor& x) {
  const auto w = kernels::compute("eigvalsh", call_of("eigvalsh", {{x.view()}})).outputs.at(0);
  std::vector<bits_t<component_t<T>>> bits;
  for (const auto v : values_of<component_t<T>>(w)) bits.push_back(to_bits(v));
  return bits;
}

tier_counts tiers_of(const tensor& x) {
  return kernels::compute("eigvalsh", call_of("eigvalsh", {{x.view()}})).decided;
}

template <class T>
tensor one(kind k, int n, std::uint64_t seed) {
  return make_tensor<T>({n, n}, gallery::elements<T>(gallery::make<T>(k, n, seed)));
}

}  // namespace

TEMPLATE_TEST_CASE("eigvalsh: the bits depend neither on the threads nor on the instruction set", "", float16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 167);
  for (const int n : {5, 19}) {
    const tensor x = mixed_batch<TestType>(r, n);
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    const auto want = bits_of<TestType>(x);
    omp_set_num_threads(2);
    CHECK((bits_of<TestType>(x) == want));
    omp_set_num_threads(threads);
    for_each_instruction_set([&] { CHECK((bits_of<TestType>(x) == want)); });
  }
}

TEST_CASE(
    "eigvalsh: nearly all eigenvalues of a random float32 matrix are decided in binary64, and none needs more than "
    "double-double") {
  HALFULP_RANDOM(r, 173);
  for (const int n : {8, 32, 100}) {
    const tier_counts real = tiers_of(one<float>(kind::uniform, n, r.bits()));
    const tier_counts complex = tiers_of(one<std::complex<float>>(kind::uniform, n, r.bits()));
    for (const tier_counts& t : {real, complex}) {
      CHECK(10 * t[tier::binary64] >= 9 * n);
      CHECK(t[tier::binary64] + t[tier::double_double] == n);
    }
  }
  CHECK(tiers_of(one<double>(kind::uniform, 50, r.bits()))[tier::double_double] == 50);
}

TEST_CASE("eigvalsh: a diagonal matrix costs no arithmetic at all, whatever its entries") {
  constexpr int n = 40;
  HALFULP_RANDOM(r, 179);
  std::vector<double> x(n * n), diagonal;
  for (int i = 0; i < n; ++i) {
    diagonal.push_back(i % 8 == 0 ? -0.0 : r.any_finite<double>());
    x[static_cast<std::size_t>(i * n + i)] = diagonal.back();
  }
  const tensor a = make_tensor<double>({n, n}, x);
  std::sort(diagonal.begin(), diagonal.end());
  std::vector<bits_t<double>> want;
  for (const double v : diagonal) want.push_back(to_bits(v + 0.0));
  CHECK((bits_of<double>(a) == want));
  CHECK(tiers_of(a)[tier::exact] == n);
}

}  // namespace halfulp::tests
