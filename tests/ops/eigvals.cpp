#include <halfulp/oracle/ops/eigvals.hpp>

#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using c64 = std::complex<float>;
using c128 = std::complex<double>;

/// What kernel and oracle say alike, bit for bit.
template <class T>
std::vector<std::complex<op::eigvals::part_t<T>>> eigenvalues_of(const extents& shape, const std::vector<T>& x) {
  const auto a = make_tensor<T>(shape, x);
  return values_of<std::complex<op::eigvals::part_t<T>>>(output_of("eigvals", {{a.view()}}));
}

/// Equal, and so are the signs of zeros.
template <class R>
bool same(const std::vector<std::complex<R>>& x, const std::vector<std::complex<R>>& y) {
  return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), [](auto a, auto b) {
           return to_bits(a.real()) == to_bits(b.real()) && to_bits(a.imag()) == to_bits(b.imag());
         });
}

}  // namespace

TEST_CASE("eigvals: matrices worked out by hand") {
  CHECK(same(eigenvalues_of<float>({1, 1}, {-3}), {{-3, 0}}));
  CHECK(same(eigenvalues_of<float>({2, 2}, {1, 2, 3, 2}), {{-1, 0}, {4, 0}}));
  CHECK(same(eigenvalues_of<double>({2, 2}, {0, -1, 1, 0}), {{0, 1}, {0, -1}}));
  CHECK(same(eigenvalues_of<double>({2, 2}, {1, -2, 2, 1}), {{1, 2}, {1, -2}}));
  CHECK(same(eigenvalues_of<c64>({2, 2}, {0, {0, 1}, {0, 1}, 0}), {{0, 1}, {0, -1}}));
  CHECK(same(eigenvalues_of<c64>({2, 2}, {{1, 1}, 5, 0, {1, -1}}), {{1, 1}, {1, -1}}));
  // x^3 = 1
  const double h = std::sqrt(3.0) / 2;
  CHECK(same(eigenvalues_of<double>({3, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0}), {{-0.5, h}, {-0.5, -h}, {1, 0}}));
  // x^2 = 2 i: 1 + i and its negative
  CHECK(same(eigenvalues_of<c128>({2, 2}, {0, {0, 2}, 1, 0}), {{-1, -1}, {1, 1}}));
}

TEST_CASE("eigvals: the wide matrix of which peers return 1 and 1") {
  // 1 +- sqrt(1e300 * 1e-300), of the doubles nearest to these powers
  const auto w = eigenvalues_of<double>({2, 2}, {1, 1e300, 1e-300, 1});
  CHECK(same(w, {{-3.878192604520659e-17, 0}, {2, 0}}));
}

TEST_CASE("eigvals: a matrix of subnormal numbers of which a peer returns zeros") {
  const double t = 0x1p-1060;
  CHECK(same(eigenvalues_of<double>({2, 2}, {t, 2 * t, 3 * t, 2 * t}), {{-t, 0}, {4 * t, 0}}));
}

TEST_CASE("eigvals: only the result overflows") {
  const double huge = std::numeric_limits<double>::max(), inf = std::numeric_limits<double>::infinity();
  CHECK(same(eigenvalues_of<double>({2, 2}, {huge, huge, huge, huge}), {{0, 0}, {inf, 0}}));
  CHECK(same(eigenvalues_of<double>({2, 2}, {huge, -huge, huge, huge}), {{huge, huge}, {huge, -huge}}));
  CHECK(same(eigenvalues_of<double>({2, 2}, {huge, huge / 2, huge / 2, huge}), {{huge / 2, 0}, {inf, 0}}));
}

TEST_CASE("eigvals: a real part that rounds to 0 keeps its sign") {
  const float least = std::numeric_limits<float>::denorm_min();
  // the small eigenvalue is -2 least^2 to first order
  CHECK(same(eigenvalues_of<float>({2, 2}, {0, least, 2 * least, 1}), {{-0.0F, 0}, {1, 0}}));
  CHECK(same(eigenvalues_of<float>({2, 2}, {0, least, 2 * least, -1}), {{-1, 0}, {0, 0}}));
}

TEST_CASE("eigvals: a NaN in a complex matrix, at which a peer crashes") {
  const float q = canonical_nan<float>(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const c64 bad : {c64(nan, 1), c64(1, nan)})
    CHECK(same(eigenvalues_of<c64>({2, 2}, {1, bad, 2, 3}), {{q, q}, {q, q}}));
  CHECK(same(eigenvalues_of<float>({3, 3}, {1, 2, 3, 4, nan, 6, 7, 8, 9}), {{q, q}, {q, q}, {q, q}}));
}

TEST_CASE("eigvals: the order is by real part, then by the magnitude of the imaginary part, +im first") {
  const auto w = eigenvalues_of<c64>({6, 6}, {{1, -2}, 0, 0,      0, 0,       0, 0, {1, 1}, 0, 0,       0, 0,  //
                                              0,       0, {1, 2}, 0, 0,       0, 0, 0,      0, {-3, 9}, 0, 0,  //
                                              0,       0, 0,      0, {1, -1}, 0, 0, 0,      0, 0,       0, 1});
  CHECK(same(w, {{-3, 9}, {1, 0}, {1, 1}, {1, -1}, {1, 2}, {1, -2}}));
}

TEST_CASE("eigvals: Jordan blocks and their multiples") {
  CHECK(same(eigenvalues_of<float>({3, 3}, {2, 1, 0, 0, 2, 1, 0, 0, 2}), {{2, 0}, {2, 0}, {2, 0}}));
  // I + N with N^2 = 0, no zero entry to see it by: [[1 + 2, -4], [1, 1 - 2]]
  CHECK(same(eigenvalues_of<float>({2, 2}, {3, -4, 1, -1}), {{1, 0}, {1, 0}}));
  CHECK(same(eigenvalues_of<c64>({2, 2}, {{3, 1}, -4, 1, {-1, 1}}), {{1, 1}, {1, 1}}));
}

TEST_CASE("eigvals: parts half way between two numbers go to even") {
  const float one = 1, next = 1 + 0x1p-23F;
  // (1 + next) / 2 is the midpoint, to the even 1; with imaginary parts +-sqrt(4 - 2^-48)
  const auto w = eigenvalues_of<float>({2, 2}, {one, -2, 2, next});
  CHECK(same(w, {{1, 2}, {1, -2}}));
  const auto v = eigenvalues_of<float>({2, 2}, {next, -2, 2, next + 0x1p-23F});
  CHECK(same(v, {{1 + 0x1p-22F, 2}, {1 + 0x1p-22F, -2}}));
}

TEST_CASE("eigvals: an exact zero is +0 in either part") {
  CHECK(same(eigenvalues_of<double>({2, 2}, {-0.0, -0.0, -0.0, -0.0}), {{0, 0}, {0, 0}}));
  CHECK(same(eigenvalues_of<float>({2, 2}, {1, -1, 1, -1}), {{0, 0}, {0, 0}}));
  CHECK(same(eigenvalues_of<float>({2, 2}, {1, 1, 1, 1}), {{0, 0}, {2, 0}}));
  CHECK(same(eigenvalues_of<c64>({1, 1}, {{-0.0F, -0.0F}}), {{0, 0}}));
}

TEST_CASE("eigvals: a NaN or an infinity makes all eigenvalues of its matrix NaN, and of no other") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float q = canonical_nan<float>();
  for (const float bad : {-std::numeric_limits<float>::quiet_NaN(), inf, -inf})
    for (std::size_t place = 0; place < 4; ++place) {
      std::vector<float> x{2, 1, 1, 2, 0, 0, 0, 0, 0, 1, 1, 0};
      x[4 + place] = bad;
      CHECK(same(eigenvalues_of<float>({3, 2, 2}, x), {{1, 0}, {3, 0}, {q, q}, {q, q}, {-1, 0}, {1, 0}}));
    }
}

TEST_CASE("eigvals: empty batches and empty matrices") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}, extents{3, 0, 2, 2}}) {
    const auto x = make_tensor<float>(shape, {});
    const auto w = output_of("eigvals", {{x.view()}});
    extents want;
    for (int axis = 0; axis + 1 < shape.rank; ++axis) want.push_back(shape[axis]);
    CHECK(w.shape() == want);
    CHECK(w.type() == dtype::complex64);
  }
}

TEST_CASE("eigvals: 16-bit matrices have complex64 eigenvalues") {
  const auto x = rounded_tensor<float16>({2, 2}, {1, 1, 1, 0});
  const auto w = output_of("eigvals", {{x.view()}});
  CHECK(w.type() == dtype::complex64);
  const auto golden = static_cast<float>((1 + std::sqrt(5.0)) / 2);
  CHECK(same(values_of<c64>(w), {{static_cast<float>((1 - std::sqrt(5.0)) / 2), 0}, {golden, 0}}));
}

TEST_CASE("eigvals: what is no batch of square matrices is refused") {
  const auto refused = [](const extents& shape) {
    const tensor x(dtype::float32, shape);
    return refusal_of("eigvals", {{x.view()}});
  };
  CHECK(refused({}).find("at least 2 dimensions") != std::string::npos);
  CHECK(refused({5, 0}).find("square") != std::string::npos);
  CHECK(refused({2, 3, 4}).find("square") != std::string::npos);
  const tensor integers(dtype::int32, {2, 2});
  CHECK(!refusal_of("eigvals", {{integers.view()}}).empty());
}

}  // namespace halfulp::tests
