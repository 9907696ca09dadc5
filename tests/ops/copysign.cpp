#include <halfulp/oracle/ops/copysign_y_grad.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

template <class T>
std::vector<bits_t<T>> result(const extents& x_shape, const std::vector<T>& x, const extents& y_shape,
                              const std::vector<T>& y) {
  const auto a = make_tensor<T>(x_shape, x);
  const auto b = make_tensor<T>(y_shape, y);
  return bits_of_output<T>("copysign", call_of("copysign", {{a.view()}, {b.view()}}));
}

/// Both signs of zero, subnormals, ordinary numbers, the largest, infinity, quiet and signalling NaNs with payloads.
template <class T>
std::vector<T> special_values() {
  using e = encoding<T>;
  std::vector<T> values;
  for (const bool negative : {false, true})
    for (const bits_t<T> magnitude :
         {bits_t<T>{0}, bits_t<T>{1}, e::fraction, static_cast<bits_t<T>>(e::fraction + 1), to_bits(narrow<T>(1.0)),
          static_cast<bits_t<T>>(e::infinity - 1), e::infinity, e::quiet_nan, static_cast<bits_t<T>>(e::infinity + 1),
          static_cast<bits_t<T>>(e::quiet_nan + 5), e::magnitude})
      values.push_back(signed_bits<T>(negative, magnitude));
  return values;
}

template <class T>
void check_all_special_pairs() {
  const auto values = special_values<T>();
  const auto n = static_cast<std::int64_t>(values.size());
  const auto got = result<T>({n, 1}, values, {n}, values);  // broadcast to every pair
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j) {
      // IEEE 754, 5.5.1, on the encoding: all bits of x but its sign bit, the sign bit of y
      constexpr int sign = format_of<T>.bits - 1;
      const std::uint64_t x = to_bits(values[i]);
      const std::uint64_t y = to_bits(values[j]);
      CHECK(std::uint64_t{got[i * values.size() + j]} == ((x & ~(std::uint64_t{1} << sign)) | (y >> sign << sign)));
    }
}

}  // namespace

TEST_CASE("copysign: all pairs of special values, NaN signs and payloads included") {
  check_all_special_pairs<float16>();
  check_all_special_pairs<bfloat16>();
  check_all_special_pairs<float>();
  check_all_special_pairs<double>();
}

TEST_CASE("copysign: every binary16 and bfloat16 x with either sign") {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    std::vector<T> all;
    for (int k = 0; k < 65536; ++k) all.push_back(from_bits<T>(static_cast<std::uint16_t>(k)));
    const auto got = result<T>({1, 65536}, all, {2, 1}, {zero_of<T>(false), zero_of<T>(true)});
    for (std::size_t k = 0; k < 65536; ++k) {
      CHECK(got[k] == (k & 0x7fff));
      CHECK(got[65536 + k] == (k | 0x8000));
    }
  };
  check(float16{});
  check(bfloat16{});
}

TEST_CASE("copysign: float32 and float64 agree with the C library on numbers") {
  HALFULP_RANDOM(r, 59);
  std::vector<float> x, y;
  for (std::int64_t k = repeats(20000); k > 0; --k) {
    x.push_back(r.any_finite<float>());
    y.push_back(r.any_finite<float>());
  }
  const auto n = static_cast<std::int64_t>(x.size());
  const auto got = result<float>({n}, x, {n}, y);
  for (std::size_t k = 0; k < x.size(); ++k) {
    CHECK(got[k] == to_bits(std::copysign(x[k], y[k])));
    const double wide[] = {widen(x[k]), widen(y[k])};
    CHECK(result<double>({}, {wide[0]}, {}, {wide[1]})[0] == to_bits(std::copysign(wide[0], wide[1])));
    if (k > 200) break;
  }
}

TEST_CASE("copysign: shapes are broadcast, as worked out by hand") {
  const auto x = rounded_tensor<float>({2, 1, 2}, {1, 2, 3, 4});
  const auto y = rounded_tensor<float>({3, 1}, {1, -1, -0.0});
  const call c = call_of("copysign", {{x.view()}, {y.view()}});
  const auto z = kernels::compute("copysign", c).outputs.at(0);
  CHECK(z.shape() == extents{2, 3, 2});
  CHECK(values_of<float>(z) == std::vector<float>{1, 2, -1, -2, -1, -2, 3, 4, -3, -4, -3, -4});
}

TEST_CASE("copysign: empty shapes return what the mathematics says") {
  struct row {
    extents x, y, z;
    bool valid;
  };
  const row table[] = {
      {{0}, {0}, {0}, true},          {{0, 20}, {0, 20}, {0, 20}, true},
      {{0, 20}, {20}, {0, 20}, true}, {{0, 20}, {1, 20}, {0, 20}, true},
      {{}, {0}, {0}, true},           {{1}, {0}, {0}, true},
      {{2, 0}, {1}, {2, 0}, true},    {{0}, {3}, {}, false},
      {{0, 20}, {10, 20}, {}, false}, {{2}, {3}, {}, false},
      {{3, 0}, {2, 0}, {}, false},    {{2, 0}, {1, 0}, {2, 0}, true},
      {{2, 0}, {0}, {2, 0}, true},    {{2}, {}, {2}, true},
  };
  for (const auto& [x, y, z, valid] : table) {
    INFO("x " << to_string(x) << ", y " << to_string(y));
    const tensor a(dtype::float32, x), b(dtype::float32, y);
    CHECK(refusal_of("copysign", {{a.view()}, {b.view()}}).empty() == valid);
    if (valid)
      CHECK(kernels::compute("copysign", call_of("copysign", {{a.view()}, {b.view()}})).outputs.at(0).shape() == z);
  }
}

TEST_CASE("copysign: wrong dtypes are named with what is allowed") {
  const tensor a(dtype::float32, {2}), b(dtype::float64, {2}), c(dtype::complex64, {2});
  CHECK(refusal_of("copysign", {{a.view()}, {b.view()}}) ==
        "copysign: y is a float64 tensor of shape [2]; y must be of dtype float32");
  CHECK(refusal_of("copysign", {{c.view()}, {c.view()}}) ==
        "copysign: x is a complex64 tensor of shape [2]; x must be of dtype bool, uint8, "
        "int8, int16, int32, int64, float16, bfloat16, float32, float64");
}

namespace {

/// The kernel's integers; the oracle must say the same.
template <class T>
std::vector<T> integers(const std::vector<T>& x, const std::vector<T>& y) {
  const auto a = make_tensor<T>({static_cast<std::int64_t>(x.size())}, x);
  const auto b = make_tensor<T>({static_cast<std::int64_t>(y.size())}, y);
  const call c = call_of("copysign", {{a.view()}, {b.view()}});
  const auto z = values_of<T>(kernels::compute("copysign", c).outputs.at(0));
  CHECK(values_of<T>(evaluate("copysign", c).at(0).rounded) == z);
  return z;
}

template <class T>
void check_every_pair_but_the_least() {
  std::vector<T> x, y;
  for (int a = -127; a <= 127; ++a)
    for (int b = -128; b <= 127; ++b) {
      x.push_back(static_cast<T>(a));
      y.push_back(static_cast<T>(b));
    }
  const auto z = integers<T>(x, y);
  for (std::size_t k = 0; k < z.size(); ++k) CHECK(z[k] == (y[k] < 0 ? -std::abs(x[k]) : std::abs(x[k])));
}

}  // namespace

TEST_CASE("copysign: integers are exact, 2^53 + 1 and both ends of int64 included") {
  constexpr std::int64_t odd = (std::int64_t{1} << 53) + 1;
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(integers<std::int64_t>({odd, odd, -odd, -odd, most, least, 0, 0}, {1, -1, 0, -7, -1, least, -1, 1}) ==
        std::vector<std::int64_t>{odd, -odd, odd, -odd, -most, least, 0, 0});
  check_every_pair_but_the_least<std::int8_t>();
  check_every_pair_but_the_least<std::int16_t>();
  check_every_pair_but_the_least<std::int32_t>();
  CHECK(integers<std::int8_t>({-128, -128}, {-1, -128}) == std::vector<std::int8_t>{-128, -128});
}

TEST_CASE("copysign: int8 -128 under a y that is not negative is refused, not returned as -128") {
  const auto x = make_tensor<std::int8_t>({2, 1}, {5, -128});
  const auto y = make_tensor<std::int8_t>({2}, {-1, 0});
  CHECK(refusal_of("copysign", {{x.view()}, {y.view()}}) ==
        "copysign: x is -128, its position is 1, y is 0; the least int8 has no positive counterpart: there y must be "
        "negative");
  const auto wide = make_tensor<std::int64_t>({}, {std::numeric_limits<std::int64_t>::min()});
  const auto one = make_tensor<std::int64_t>({}, {1});
  CHECK(refusal_of("copysign", {{wide.view()}, {one.view()}}).starts_with("copysign: x is -9223372036854775808"));
}

TEST_CASE("copysign: what has no sign stays as it is") {
  CHECK(integers<std::uint8_t>({0, 1, 128, 255}, {0, 255, 1, 128}) == std::vector<std::uint8_t>{0, 1, 128, 255});
  const auto x = make_tensor<bool>({3}, {false, true, true});
  const auto y = make_tensor<bool>({3}, {true, true, false});
  CHECK(values_of<bool>(kernels::compute("copysign", call_of("copysign", {{x.view()}, {y.view()}})).outputs.at(0)) ==
        std::vector<bool>{false, true, true});
}

TEST_CASE("copysign: random broadcast shapes, kernel and oracle agree") {
  HALFULP_RANDOM(r, 71);
  for (std::int64_t n = repeats(300); n > 0; --n) {
    extents x, y;
    for (std::int64_t k = r.between(0, 6); k > 0; --k) {
      const std::int64_t d = r.between(r.between(0, 8) == 0 ? 0 : 1, 5);
      if (x.rank > 0 || r.between(0, 2) > 0) x.push_back(r.between(0, 2) == 0 ? 1 : d);
      if (y.rank > 0 || r.between(0, 2) > 0) y.push_back(r.between(0, 2) == 0 ? 1 : d);
    }
    tensor a(dtype::float16, x), b(dtype::float16, y);
    for (auto& v : a.elements<float16>()) v = r.any<float16>();
    for (auto& v : b.elements<float16>()) v = r.any<float16>();
    INFO(to_string(x) << " and " << to_string(y));
    (void)bits_of_output<float16>("copysign", call_of("copysign", {{a.view()}, {b.view()}}));
  }
}

TEST_CASE("copysign: the inputs stay as they were") {
  const auto x = rounded_tensor<float>({2}, {1, -2});
  const auto y = rounded_tensor<float>({2}, {-1, 1});
  (void)kernels::compute("copysign", call_of("copysign", {{x.view()}, {y.view()}}));
  CHECK(values_of<float>(x) == std::vector<float>{1, -2});
  CHECK(values_of<float>(y) == std::vector<float>{-1, 1});
}

namespace {

template <class T>
std::vector<T> x_gradient(const extents& x_shape, const std::vector<T>& x, const extents& y_shape,
                          const std::vector<T>& y, const extents& dz_shape, const std::vector<T>& dz) {
  const auto a = make_tensor<T>(x_shape, x), b = make_tensor<T>(y_shape, y), c = make_tensor<T>(dz_shape, dz);
  return values_of<T>(output_of("copysign_x_grad", {{a.view()}, {b.view()}, {c.view()}}));
}

/// All special x, y and dz: dx is dz or -dz by the signs; 0 times dz where x is 0; NaN where x or dz is, or 0 times an
/// infinity.
template <class T>
void check_all_special_gradients() {
  const auto values = special_values<T>();
  const auto n = static_cast<std::int64_t>(values.size());
  for (const T x : values)
    for (const T y : values) {
      const std::vector<T> same_x(values.size(), x);
      const auto dx = x_gradient<T>({n}, same_x, {}, {y}, {n}, values);
      for (std::size_t k = 0; k < dx.size(); ++k) {
        const double s = std::isnan(widen(x))                       ? NAN
                         : widen(x) == 0                            ? 0
                         : std::signbit(widen(x)) == is_negative(y) ? 1
                                                                    : -1;
        const double want = widen(values[k]) * s;
        if (std::isnan(want)) {
          CHECK(to_bits(dx[k]) == encoding<T>::quiet_nan);
        } else {
          CHECK(to_bits(dx[k]) == to_bits(narrow<T>(want)));
        }
      }
    }
}

}  // namespace

TEST_CASE("copysign_x_grad: at infinities it is 1 or -1 times dz, not NaN") {
  const float inf = INFINITY;
  CHECK(x_gradient<float>({4}, {inf, -inf, inf, -inf}, {4}, {1, 1, -2, -inf}, {4}, {3, 3, 3, 3}) ==
        std::vector<float>{3, -3, -3, 3});
}

TEST_CASE("copysign_x_grad: at zeros it is 0") {
  const auto dx = x_gradient<float>({4}, {0, -0.0F, 0, -0.0F}, {2, 1}, {1, -1}, {2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(dx == std::vector<float>{0, 0, 0, 0});
}

TEST_CASE("copysign_x_grad: all special x, y and dz") {
  check_all_special_gradients<float16>();
  check_all_special_gradients<bfloat16>();
  check_all_special_gradients<float>();
  check_all_special_gradients<double>();
}

TEST_CASE("copysign_x_grad: what x was broadcast to is summed exactly and rounded once") {
  // 0x1p24 + 1 + 1 - 0x1p24 = 2, and 1 is half an ulp of 0x1p24
  const auto dx = x_gradient<float>({1}, {5}, {4}, {1, 2, -3, -4}, {4}, {0x1p24F, 1, -1, 0x1p24F});
  CHECK(dx == std::vector<float>{2});
  const auto half = x_gradient<float16>({}, {narrow<float16>(-1)}, {3}, std::vector<float16>(3, narrow<float16>(1)),
                                        {3}, {narrow<float16>(60000), narrow<float16>(60000), narrow<float16>(-60000)});
  CHECK(widen(half[0]) == widen(narrow<float16>(-60000)));
}

TEST_CASE("copysign_y_grad: it is 0 whatever the arguments") {
  const auto values = special_values<double>();
  const auto n = static_cast<std::int64_t>(values.size());
  const auto x = make_tensor<double>({n}, values), y = make_tensor<double>({n, 1}, values);
  const tensor dz(dtype::float64, {n, n});
  for (const double v : values_of<double>(output_of("copysign_y_grad", {{x.view()}, {y.view()}, {dz.view()}})))
    CHECK(to_bits(v) == 0);
}

TEST_CASE("copysign: empty shapes give gradients of zeros, and a dz of another shape is refused") {
  struct row {
    extents x, y, dz;
    bool valid;
  };
  const row table[] = {
      {{0}, {0}, {0}, true},  {{1}, {0}, {0}, true},       {{0, 20}, {1, 20}, {0, 20}, true},
      {{}, {0}, {0}, true},   {{2, 0}, {1}, {2, 0}, true}, {{3}, {0, 3}, {0, 3}, true},
      {{0}, {3}, {0}, false}, {{2}, {2}, {1}, false},      {{2}, {2}, {2, 1}, false},
      {{1}, {0}, {1}, false}, {{2, 0}, {0}, {2, 0}, true}, {{2}, {}, {2}, true},
  };
  for (const auto& [x, y, dz, valid] : table) {
    INFO("x " << to_string(x) << ", y " << to_string(y) << ", dz " << to_string(dz));
    const tensor a(dtype::float32, x), b(dtype::float32, y), c(dtype::float32, dz);
    for (const char* op : {"copysign_x_grad", "copysign_y_grad"}) {
      CHECK(refusal_of(op, {{a.view()}, {b.view()}, {c.view()}}).empty() == valid);
      if (!valid) continue;
      const tensor g = output_of(op, {{a.view()}, {b.view()}, {c.view()}});
      CHECK(g.shape() == (std::string(op) == "copysign_x_grad" ? x : y));
      for (const float v : values_of<float>(g)) CHECK(to_bits(v) == 0);
    }
  }
}

}  // namespace halfulp::tests
