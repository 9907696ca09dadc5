// What the bits of eigvals may not depend on, and which tier decides.
#include <catch2/catch.hpp>

#include <complex>
#include <vector>

#include <omp.h>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "instruction_sets.hpp"
#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::general_kind;

template <class T>
using part = op::eigvals::part_t<T>;

/// Matrices of several kinds, one after the other: easy ones, direct sums, defective ones and a NaN.
template <class T>
tensor mixed_batch(random_source& r, int n) {
  const general_kind kinds[] = {general_kind::uniform, general_kind::grcar,   general_kind::triangular,
                                general_kind::uniform, general_kind::skew,    general_kind::jordan,
                                general_kind::uniform, general_kind::uniform, general_kind::zero};
  std::vector<T> all;
  for (const auto k : kinds) {
    const auto x = gallery::elements<T>(gallery::make<T>(k, n, r.bits()));
    all.insert(all.end(), x.begin(), x.end());
  }
  all[static_cast<std::size_t>(6 * n * n)] = canonical_nan<component_t<T>>();
  return make_tensor<T>({static_cast<std::int64_t>(std::size(kinds)), n, n}, all);
}

template <class R>
std::vector<bits_t<R>> bits_of(const std::vector<std::complex<R>>& w) {
  std::vector<bits_t<R>> bits;
  for (const auto& v : w) {
    bits.push_back(to_bits(v.real()));
    bits.push_back(to_bits(v.imag()));
  }
  return bits;
}

kernels::result run_kernel(const tensor& x) {
  return kernels::compute("eigvals", call_of("eigvals", {{x.view()}}));
}

template <class T>
auto bits_of_kernel(const tensor& x) {
  return bits_of(values_of<std::complex<part<T>>>(run_kernel(x).outputs.at(0)));
}

template <class T>
tensor one(general_kind k, int n, std::uint64_t seed) {
  return make_tensor<T>({n, n}, gallery::elements<T>(gallery::make<T>(k, n, seed)));
}

}  // namespace

TEMPLATE_TEST_CASE("eigvals: the bits depend neither on the threads, nor on the batch, nor on the instruction set", "",
                   float16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 197);
  for (const int n : {3, 9}) {
    const tensor x = mixed_batch<TestType>(r, n);
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    const auto want = bits_of_kernel<TestType>(x);
    omp_set_num_threads(2);
    CHECK((bits_of_kernel<TestType>(x) == want));
    omp_set_num_threads(threads);
    for_each_instruction_set([&] { CHECK((bits_of_kernel<TestType>(x) == want)); });
    std::vector<bits_t<part<TestType>>> loop;
    const auto all = values_of<TestType>(x);
    for (std::size_t m = 0; m < all.size(); m += static_cast<std::size_t>(n * n)) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(m);
      const auto w = bits_of_kernel<TestType>(make_tensor<TestType>({n, n}, std::vector(first, first + n * n)));
      loop.insert(loop.end(), w.begin(), w.end());
    }
    CHECK((loop == want));
  }
}

TEMPLATE_TEST_CASE("eigvals: the kernel's bits are the oracle's on every kind of matrix", "", float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 199);
  for (std::size_t k = 0; k < gallery::general_kind_names.size(); ++k)
    for (const int n : {2, 5, 8}) {
      const auto a = gallery::make<TestType>(static_cast<general_kind>(k), n, r.bits());
      std::vector<std::complex<part<TestType>>> want;
      for (const auto& v : halfulp::linalg::general_eigenvalues<part<TestType>>(a, halfulp::linalg::question::rounding))
        want.emplace_back(v.re.rounded, v.im.rounded);
      INFO(gallery::general_kind_names[k] << ", n = " << n);
      const auto got = bits_of_kernel<TestType>(make_tensor<TestType>({n, n}, gallery::elements<TestType>(a)));
      CHECK((got == bits_of(want)));
    }
}

TEST_CASE("eigvals: random matrices are decided in binary64 or double-double, float32 nearly always in binary64") {
  HALFULP_RANDOM(r, 211);
  for (const int n : {8, 32}) {
    tier_counts real, complex, wide;
    for (int k = 0; k < 8; ++k) {
      real += run_kernel(one<float>(general_kind::uniform, n, r.bits())).decided;
      complex += run_kernel(one<std::complex<float>>(general_kind::uniform, n, r.bits())).decided;
      wide += run_kernel(one<double>(general_kind::uniform, n, r.bits())).decided;
    }
    for (const tier_counts& t : {real, complex}) {
      CHECK(t[tier::binary64] >= 8 * n);
      CHECK(t[tier::binary64] + t[tier::double_double] == 16 * n);
    }
    CHECK(wide[tier::double_double] == 16 * n);
  }
}

TEST_CASE("eigvals: a triangular matrix costs no arithmetic at all, whatever its entries") {
  constexpr int n = 12;
  HALFULP_RANDOM(r, 223);
  std::vector<double> x(n * n);
  std::vector<std::complex<double>> want;
  for (int i = 0; i < n; ++i) {
    for (int j = i; j < n; ++j) x[static_cast<std::size_t>(i * n + j)] = r.any_finite<double>();
    want.emplace_back(x[static_cast<std::size_t>(i * n + i)] + 0.0, 0.0);
  }
  std::sort(want.begin(), want.end(), op::eigvals::precedes<double>);
  const tensor a = make_tensor<double>({n, n}, x);
  CHECK((bits_of_kernel<double>(a) == bits_of(want)));
  CHECK(run_kernel(a).decided[tier::exact] == 2 * n);
}

}  // namespace halfulp::tests
