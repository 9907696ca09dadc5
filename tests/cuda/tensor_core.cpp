// What the certificates of the CUDA kernels rest on: each product-sum of a tensor core is rounded once, to nearest even,
// as a fused multiply-add is.
#include "cuda/tensor_core.hpp"

#include <cmath>

#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

/// The chain of fused multiply-adds in the order of the terms.
double chained(const small_product& p, int i, int j) {
  double sum = p.start[i][j];
  for (int k = 0; k < 8; ++k) sum = std::fma(p.image[i][k], p.factor[k][j], sum);
  return sum;
}

template <class Draw>
small_product drawn(Draw draw) {
  small_product p{};
  for (auto& row : p.image)
    for (double& v : row) v = draw();
  for (auto& row : p.factor)
    for (double& v : row) v = draw();
  for (auto& row : p.start)
    for (double& v : row) v = draw();
  return p;
}

template <class Draw>
void check_chain(std::uint64_t number, Draw draw) {
  HALFULP_RANDOM(r, number);
  std::vector<small_product> products;
  for (std::int64_t k = 0; k < repeats(2000); ++k) products.push_back(drawn([&] { return draw(r); }));
  const auto sums = multiply_on_tensor_core(products);
  std::int64_t wrong = 0;
  for (std::size_t k = 0; k < products.size(); ++k)
    for (int i = 0; i < 16; ++i)
      for (int j = 0; j < 8; ++j) {
        const double want = chained(products[k], i, j), got = sums[k * 128 + static_cast<std::size_t>(i * 8 + j)];
        wrong += std::isnan(want) ? !std::isnan(got) : to_bits(want) != to_bits(got);
      }
  CHECK(wrong == 0);
}

/// One product-sum of a * b + c, in term k, every other term 0.
double alone(double a, double b, double c, int k) {
  small_product p{};
  p.image[3][k] = a;
  p.factor[k][5] = b;
  p.start[3][5] = c;
  return multiply_on_tensor_core({p})[3 * 8 + 5];
}

}  // namespace

TEST_CASE("tensor core: sums of binary64 products are chains of fused multiply-adds in the order of the terms") {
  check_chain(30, [](random_source& r) { return r.uniform(); });
  check_chain(31, [](random_source& r) { return std::ldexp(r.uniform(), static_cast<int>(r.between(-30, 30))); });
  check_chain(32, [](random_source& r) { return static_cast<double>(static_cast<float>(r.uniform())); });
}

TEST_CASE("tensor core: subnormal numbers, infinities and NaNs are those of IEEE 754") {
  check_chain(33, [](random_source& r) { return std::ldexp(r.uniform(), static_cast<int>(r.between(-560, -500))); });
  check_chain(34, [](random_source& r) { return r.any<double>(); });
}

TEST_CASE("tensor core: ties go to even, and no product is rounded before it is added") {
  for (int k = 0; k < 8; ++k) {
    CHECK(alone(1, 0x1p-53, 1, k) == 1);                                    // a tie, down to even
    CHECK(alone(1, 0x1p-53, 1 + 0x1p-52, k) == 1 + 0x1p-51);                // a tie, up to even
    CHECK(alone(1 + 0x1p-52, 0x1p-53, 1, k) == 1 + 0x1p-52);                // just above
    CHECK(alone(1 - 0x1p-53, 0x1p-53, 1, k) == 1);                          // just below
    CHECK(alone(-1, 0x1p-54, 1, k) == 1);                                   // a tie below a power of two
    CHECK(alone(1 + 0x1p-30, 1 - 0x1p-30, -1, k) == -0x1p-60);              // the product has 60 bits
    CHECK(alone(1 + 0x1p-52, 1 + 0x1p-52, -(1 + 0x1p-51), k) == 0x1p-104);  // its error alone
    CHECK(alone(0x1p-1074, 0.5, 0, k) == 0);                                // a tie with 0
    CHECK(alone(0x1p-537, 0x1p-537, 0, k) == 0x1p-1074);
  }
}

TEST_CASE("tensor core: an element's error is within the bound of the certificates, whatever the order of its terms") {
  HALFULP_RANDOM(r, 35);
  std::vector<small_product> products;
  for (std::int64_t k = 0; k < repeats(300); ++k)
    products.push_back(drawn([&] { return std::ldexp(r.uniform(), static_cast<int>(r.between(-9, 9))); }));
  const auto sums = multiply_on_tensor_core(products);
  std::int64_t outside = 0;
  for (std::size_t k = 0; k < products.size(); ++k)
    for (int i = 0; i < 16; ++i)
      for (int j = 0; j < 8; ++j) {
        exact_sum<double> error;
        double magnitude = std::abs(products[k].start[i][j]);
        error.add(products[k].start[i][j]);
        for (int t = 0; t < 8; ++t) {
          error.add_product(products[k].image[i][t], products[k].factor[t][j]);
          magnitude += std::abs(products[k].image[i][t] * products[k].factor[t][j]);
        }
        error.subtract(sums[k * 128 + static_cast<std::size_t>(i * 8 + j)]);
        outside += std::abs(error.round<double>()) > gamma(8, unit_roundoff) * magnitude * (1 + 0x1p-40);
      }
  CHECK(outside == 0);
}

}  // namespace halfulp::tests
