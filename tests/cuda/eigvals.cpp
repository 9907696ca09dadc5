#include <complex>
#include <limits>

#include <halfulp/analysis/cases/gallery/general.hpp>

#include "cuda/case_turns.hpp"
#include "cuda/general_matrices.hpp"
#include "cuda/scaled.hpp"

namespace halfulp::tests {
namespace {

using gallery::general_kind;

/// The bits of the CPU in the order of the spec, and both parts of every eigenvalue counted once.
template <class T>
comparison check_eigenvalues(const tensor& x) {
  const auto c = compare<op::eigvals, T>(eigvals_of(x));
  INFO(name_of(dtype_of<T>) << " " << to_string(x.shape()) << ": " << c.first_wrong);
  check_bits(c, 2);
  return c;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda eigvals: every kind of matrix in every format has the bits of the CPU", "", float16, bfloat16,
                   float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 120);
  using T = TestType;
  std::size_t turn = 0;
  for (std::size_t kind = 0; kind < gallery::general_kind_names.size(); ++kind)
    for (const int n : {1, 2, 3, 6, 9}) {
      if (!has_turn(turn++, dtype_of<T>)) continue;
      INFO(gallery::general_kind_names[kind]);
      check_eigenvalues<T>(
          make_tensor<T>({n, n}, gallery::elements<T>(gallery::make<T>(static_cast<general_kind>(kind), n, r.bits()))));
    }
}

TEMPLATE_TEST_CASE("cuda eigvals: random matrices of every size that a block takes have the bits of the CPU", "",
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 121);
  using T = TestType;
  for (std::int64_t k = 0; k < repeats(6); ++k)
    check_eigenvalues<T>(uniform_matrices<T>(r, r.between(1, 8), r.between(1, 40)));
  if (has_turn(3, dtype_of<T>)) check_eigenvalues<T>(uniform_matrices<T>(r, 2, r.between(65, 128)));
  // more than the library is given, in device memory
  if (has_turn(1, dtype_of<T>)) check_eigenvalues<T>(uniform_matrices<T>(r, 3, scaled(r.between(82, 128), 82)));
}

TEST_CASE("cuda eigvals: matrices that cuSOLVER takes have the bits of the CPU") {
  HALFULP_RANDOM(r, 122);
  check_eigenvalues<float>(uniform_matrices<float>(r, scaled(2, 1), scaled(129, 83)));
  check_eigenvalues<double>(uniform_matrices<double>(r, 1, scaled(131, 85)));
  check_eigenvalues<std::complex<float>>(uniform_matrices<std::complex<float>>(r, 1, scaled(130, 84)));
}

TEST_CASE("cuda eigvals: random matrices are decided on the GPU, by the tier that is for them") {
  HALFULP_RANDOM(r, 123);
  const auto narrow_ones = check_eigenvalues<float>(uniform_matrices<float>(r, 100, 12));
  CHECK(narrow_ones.decided[tier::binary64] > narrow_ones.outputs);
  CHECK(narrow_ones.by_host == 0);
  const auto wide_ones = check_eigenvalues<double>(uniform_matrices<double>(r, 100, 12));
  CHECK(wide_ones.decided[tier::double_double] > 2 * wide_ones.outputs * 9 / 10);
}

TEST_CASE("cuda eigvals: what is not finite makes its matrix NaN, and leaves the others alone") {
  HALFULP_RANDOM(r, 124);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const tensor x = uniform_matrices<float>(r, 5, 7);
    x.elements<float>()[3 * 49 + 17] = bad;
    check_eigenvalues<float>(x);
    const tensor z = uniform_matrices<std::complex<double>>(r, 3, 4);
    z.elements<std::complex<double>>()[20] = {1, static_cast<double>(bad)};
    check_eigenvalues<std::complex<double>>(z);
  }
}

TEST_CASE("cuda eigvals: eigenvalues that are proved to be real, one by one and beside pairs") {
  // symmetric: all of them; a rotation beside two numbers: two of four
  check_eigenvalues<float>(make_tensor<float>({3, 3}, {2, 1, 0.25F, 1, -1, 0.5F, 0.25F, 0.5F, 0.75F}));
  check_eigenvalues<double>(make_tensor<double>({4, 4}, {1, -2, 0, 0.5, 2, 1, 0.25, 0, 0, 0, 3, 1, 0, 0, 0, -5}));
  // a pair that is nearly real: x^2 + 2^-40
  check_eigenvalues<float>(make_tensor<float>({2, 2}, {1, 0x1p-20F, -0x1p-20F, 1}));
  check_eigenvalues<double>(make_tensor<double>({2, 2}, {1, 1e300, 1e-300, 1}));
}

TEST_CASE("cuda eigvals: empty shapes") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}})
    check_eigenvalues<float>(tensor(dtype::float32, shape));
}

}  // namespace halfulp::tests
