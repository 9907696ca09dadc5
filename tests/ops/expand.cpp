#include <halfulp/oracle/ops/expand_grad.hpp>

#include <cmath>
#include <complex>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

tensor expanded(const tensor& x, const argument& shape) {
  return output_of("expand", {{x.view()}, shape});
}
tensor summed(const tensor& dy, const std::vector<std::int64_t>& x_shape) {
  return output_of("expand_grad", {{dy.view()}, list_of(x_shape)});
}

std::string refusal_of_expand(const extents& x, const std::vector<std::int64_t>& shape) {
  return refusal_of("expand", {{tensor(dtype::float32, x).view()}, list_of(shape)});
}

}  // namespace

TEST_CASE("expand: dimensions of 1 are repeated, as worked out by hand") {
  const auto x = make_tensor<float>({2, 1, 2}, {1, 2, 3, 4});
  const tensor y = expanded(x, list_of({2, 2, 3, -1}));
  CHECK(y.shape() == extents{2, 2, 3, 2});
  const std::vector<float> half{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4};
  std::vector<float> whole = half;
  whole.insert(whole.end(), half.begin(), half.end());
  CHECK(values_of<float>(y) == whole);
  CHECK(values_of<float>(expanded(make_tensor<float>({2, 1}, {5, 6}), list_of({-1, 3}))) ==
        std::vector<float>{5, 5, 5, 6, 6, 6});
  CHECK(values_of<float>(expanded(make_tensor<float>({}, {7}), list_of({}))) == std::vector<float>{7});
  CHECK(values_of<float>(expanded(make_tensor<float>({}, {7}), list_of({2}))) == std::vector<float>{7, 7});
}

TEST_CASE("expand: the shape may be an integer tensor") {
  const auto x = make_tensor<float>({1, 2}, {1, 2});
  CHECK(expanded(x, {make_tensor<std::int32_t>({2}, {3, -1}).view()}).shape() == extents{3, 2});
  CHECK(expanded(x, {make_tensor<std::int64_t>({3}, {0, 1, 2}).view()}).shape() == extents{0, 1, 2});
  const auto none = make_tensor<std::int64_t>({0}, {});  // ended Paddle's process
  CHECK(expanded(make_tensor<float>({}, {7}), {none.view()}).shape() == extents{});
  CHECK(refusal_of("expand", {{x.view()}, {none.view()}}) ==
        "expand: the rank of shape is 0, the rank of x is 2; shape must have at least as many dimensions as x");
  CHECK(refusal_of("expand", {{x.view()}, {make_tensor<std::int64_t>({1, 2}, {3, 2}).view()}}) ==
        "expand: shape is a int64 tensor of shape [1, 2]; shape must be a list of integers or a tensor with one "
        "dimension");
}

TEST_CASE("expand: every dtype is moved bit for bit, NaN payloads included") {
  for (int k = 0; k < dtype_count; ++k) {
    visit_dtype(static_cast<dtype>(k), [](auto tag) {
      using T = typename decltype(tag)::type;
      HALFULP_RANDOM(r, 61);
      tensor x(dtype_of<T>, {3, 1, 5, 1});
      for (auto& b : x.bytes()) b = static_cast<std::byte>(dtype_of<T> == dtype::boolean ? r.bits() & 1 : r.bits());
      const tensor y = expanded(x, list_of({2, 3, 4, 5, 2}));
      for (std::size_t i = 0; i < 240; ++i) {
        const std::size_t from = i / 40 % 3 * 5 + i / 2 % 5;
        CHECK(std::equal(y.bytes().begin() + i * sizeof(T), y.bytes().begin() + (i + 1) * sizeof(T),
                         x.bytes().begin() + from * sizeof(T)));
      }
    });
  }
}

TEST_CASE("expand: random shapes, kernel and oracle agree") {
  HALFULP_RANDOM(r, 67);
  for (std::int64_t n = repeats(300); n > 0; --n) {
    extents x, y;
    for (std::int64_t k = r.between(0, 6); k > 0; --k) {
      y.push_back(r.between(r.between(0, 8) == 0 ? 0 : 1, 5));
      if (x.rank > 0 || r.between(0, 1) == 0) x.push_back(r.between(0, 1) == 0 ? 1 : y[y.rank - 1]);
    }
    tensor t(dtype::int32, x);
    for (auto& v : t.elements<std::int32_t>()) v = static_cast<std::int32_t>(r.bits());
    INFO(to_string(x) << " to " << to_string(y));
    CHECK(expanded(t, list_of({y.begin(), y.end()})).shape() == y);
  }
}

TEST_CASE("expand: more elements than a thread's block") {
  const auto x = make_tensor<std::int32_t>({1, 70001}, std::vector<std::int32_t>(70001, 3));
  const tensor y = expanded(x, list_of({3, 70001}));
  CHECK(std::count(y.elements<std::int32_t>().begin(), y.elements<std::int32_t>().end(), 3) == 3 * 70001);
  CHECK(
      expanded(make_tensor<std::int32_t>({40000, 1}, std::vector<std::int32_t>(40000, 9)), list_of({-1, 3})).shape() ==
      extents{40000, 3});
}

TEST_CASE("expand: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    std::vector<std::int64_t> asked;
    extents y;
    bool valid;
  };
  const row table[] = {
      {{1}, {0}, {0}, true},
      {{0}, {0}, {0}, true},
      {{0}, {3}, {}, false},
      {{1, 3}, {0, 3}, {0, 3}, true},
      {{1, 0}, {4, 0}, {4, 0}, true},
      {{1, 0}, {4, -1}, {4, 0}, true},
      {{3}, {0, 3}, {0, 3}, true},
      {{3}, {0, -1}, {0, 3}, true},
      {{3}, {-1, 3}, {}, false},
      {{}, {0}, {0}, true},
      {{2}, {0}, {}, false},
      {{0}, {1}, {}, false},
      {{3}, {-2}, {}, false},
      {{0, 1}, {0, 0}, {0, 0}, true},
      {{1}, {3, -5}, {}, false},
      {{0}, {-1}, {0}, true},
      {{}, {}, {}, true},
      {{2, 2}, {2}, {}, false},
  };
  for (const auto& [x, asked, y, valid] : table) {
    INFO("x " << to_string(x) << ", shape " << to_string(list_of(asked)));
    CHECK(refusal_of_expand(x, asked).empty() == valid);
    if (valid) CHECK(expanded(tensor(dtype::float32, x), list_of(asked)).shape() == y);
  }
}

TEST_CASE("expand: wrong arguments are named with their value and what is allowed") {
  CHECK(refusal_of_expand({2, 3}, {3}) ==
        "expand: the rank of shape is 1, the rank of x is 2; shape must have at least as many dimensions as x");
  CHECK(
      refusal_of_expand({2, 3}, {4, 3}) ==
      "expand: shape[0] is 4, x.shape[0] is 2; a dimension must be -1 or that of x, aligned at the right; where x has "
      "1, any from 0");
  CHECK(refusal_of_expand({3}, {-1, 3}) ==
        "expand: shape[0] is -1; a dimension that x does not have must be at least 0");
  CHECK(refusal_of_expand({}, std::vector<std::int64_t>(9, 1)) ==
        "expand: its rank is 9; shape must have at most 8 dimensions");
  const std::int64_t most = std::int64_t{1} << 62;
  CHECK(refusal_of_expand({1, 1}, {most, 2}).starts_with("expand: shape[1] is 2; a tensor has at most 2^62 elements"));
}

TEST_CASE("expand_grad: sums over what was repeated, as worked out by hand") {
  const auto dy = rounded_tensor<float>({2, 2, 3}, {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60});
  CHECK(values_of<float>(summed(dy, {2, 1})) == std::vector<float>{66, 165});
  CHECK(values_of<float>(summed(dy, {1, 3})) == std::vector<float>{55, 77, 99});
  CHECK(values_of<float>(summed(dy, {2, 1, 1})) == std::vector<float>{21, 210});
  CHECK(values_of<float>(summed(dy, {})) == std::vector<float>{231});
  CHECK(values_of<float>(summed(dy, {2, 2, 3})) == values_of<float>(dy));
}

TEST_CASE("expand_grad: a sum of a million float16 terms is rounded once") {
  HALFULP_RANDOM(r, 101);
  constexpr std::int64_t terms = 1000000;
  tensor dy(dtype::float16, {terms, 2});
  const auto t = dy.elements<float16>();
  std::int64_t sum[2] = {0, 0};  // in units of 2^-24, the least of float16
  for (std::size_t i = 0; i < t.size(); ++i) {
    do t[i] = r.any_finite<float16>();
    while (std::abs(widen(t[i])) > (i % 2 == 0 ? 0x1p-9 : 0x1p15));
    sum[i % 2] += static_cast<std::int64_t>(widen(t[i]) * 0x1p24);
  }
  const auto dx = values_of<float16>(summed(dy, {2}));
  CHECK(dx[0] == narrow<float16>(static_cast<double>(sum[0]) * 0x1p-24));
  CHECK(dx[1] == narrow<float16>(static_cast<double>(sum[1]) * 0x1p-24));
}

TEST_CASE("expand_grad: nothing overflows, cancels or underflows on the way") {
  const auto dx = [](const std::vector<double>& dy) {
    const auto n = static_cast<std::int64_t>(dy.size());
    return values_of<float16>(summed(rounded_tensor<float16>({n}, dy), {}))[0];
  };
  CHECK(widen(dx({60000, 60000, -60000, -60000, 0x1p-24})) == 0x1p-24);
  CHECK(widen(dx({2048, 1, 1, -2048})) == 2);
  CHECK(is_infinite(dx({60000, 60000})));
  CHECK(is_nan(dx({INFINITY, -INFINITY})));
  CHECK(is_negative(dx({-0.0, -0.0})));
  CHECK_FALSE(is_negative(dx({-0.0, 0})));
}

TEST_CASE("expand_grad: every dtype is summed: integers modulo 2^w, bool by or, complex by components") {
  CHECK(values_of<std::int8_t>(summed(make_tensor<std::int8_t>({3}, {100, 100, 100}), {1})) ==
        std::vector<std::int8_t>{44});
  CHECK(values_of<bool>(summed(make_tensor<bool>({2, 2}, {false, true, false, false}), {2, 1})) ==
        std::vector<bool>{true, false});
  using complex = std::complex<float>;
  CHECK(values_of<complex>(summed(make_tensor<complex>({2}, {{1, 2}, {0x1p25F, 4}}), {}))[0] == complex(0x1p25F, 6));
}

TEST_CASE("expand_grad: empty shapes give sums without terms") {
  struct row {
    extents dy;
    std::vector<std::int64_t> x;
    bool valid;
  };
  const row table[] = {
      {{0}, {1}, true},       {{0}, {0}, true},       {{3}, {0}, false},    {{0, 3}, {1, 3}, true},
      {{4, 0}, {1, 0}, true}, {{0, 3}, {3}, true},    {{0}, {}, true},      {{0}, {2}, false},
      {{1}, {0}, false},      {{0, 0}, {0, 1}, true}, {{3}, {3, 1}, false}, {{3}, {-1}, false},
  };
  for (const auto& [dy, x, valid] : table) {
    INFO("dy " << to_string(dy) << ", x_shape " << to_string(list_of(x)));
    const tensor t(dtype::float32, dy);
    CHECK(refusal_of("expand_grad", {{t.view()}, list_of(x)}).empty() == valid);
    if (!valid) continue;
    for (const float v : values_of<float>(summed(t, x))) CHECK(to_bits(v) == 0);
  }
  CHECK(refusal_of("expand_grad", {{tensor(dtype::float32, {4}).view()}, list_of({3})}) ==
        "expand_grad: dy.shape[0] is 4, x.shape[0] is 3; a dimension must be -1 or that of x, aligned at the right; "
        "where "
        "x has 1, any from 0");
}

}  // namespace halfulp::tests
