#include <halfulp/oracle/ops/index_add.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

tensor y_of(const tensor& x, const tensor& index, std::int64_t axis, const tensor& value,
            const named_arguments& named = {}) {
  return output_of("index_add", call_of("index_add", {{x.view()}, {index.view()}, {axis}, {value.view()}}, named));
}
template <class T>
std::vector<T> added(const tensor& x, const tensor& index, std::int64_t axis, const tensor& value,
                     const named_arguments& named = {}) {
  return values_of<T>(y_of(x, index, axis, value, named));
}

/// Everything to the one element of x.
template <class T>
T total(T x, const std::vector<T>& values, double alpha = 1) {
  const auto n = static_cast<std::int64_t>(values.size());
  const tensor index(dtype::int64, {n});
  return added<T>(make_tensor<T>({1}, {x}), index, 0, make_tensor<T>({n}, values), {{"alpha", {alpha}}})[0];
}

std::string refusal(const extents& x, const std::vector<std::int64_t>& index, std::int64_t axis, const extents& value) {
  const auto n = static_cast<std::int64_t>(index.size());
  return refusal_of("index_add", {{tensor(dtype::float32, x).view()},
                                  {make_tensor<std::int64_t>({n}, index).view()},
                                  {axis},
                                  {tensor(dtype::float32, value).view()}});
}

}  // namespace

TEST_CASE("index_add: rows and columns are added where the index says, as worked out by hand") {
  const auto x = make_tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const auto index = make_tensor<std::int64_t>({3}, {2, 0, 2});
  const auto value = make_tensor<float>({3, 2}, {10, 20, 30, 40, 50, 60});
  CHECK(added<float>(x, index, 0, value) == std::vector<float>{31, 42, 3, 4, 65, 86});
  CHECK(added<float>(x, index, -2, value) == std::vector<float>{31, 42, 3, 4, 65, 86});
  const auto columns = make_tensor<std::int32_t>({1}, {1});
  const auto column = make_tensor<float>({3, 1}, {7, 8, 9});
  CHECK(added<float>(x, columns, 1, column) == std::vector<float>{1, 9, 3, 12, 5, 15});
  const auto middle = make_tensor<float>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto twice = make_tensor<std::int64_t>({2}, {1, 1});
  CHECK(added<float>(middle, twice, 1, make_tensor<float>({2, 2, 2}, {10, 20, 30, 40, 50, 60, 70, 80})) ==
        std::vector<float>{0, 1, 42, 63, 4, 5, 126, 147});
}

TEST_CASE("index_add: a sum is exact and rounded once, by alpha too") {
  CHECK(total<float>(3e38f, {3e38f, -3e38f}) == 3e38f);  // no intermediate sum overflows
  CHECK(total<double>(1e300, {1e308, 1e308, -1e308, -1e308, 1}) == 1e300);
  CHECK(total<double>(1, {0x1p-53, 0x1p-200}) == 1 + 0x1p-52);  // just above a tie
  CHECK(total<double>(1, {0x1p-53}) == 1);
  CHECK(total<float>(0x1p24f, {1}, 1 + 0x1p-52) == 0x1p24f + 2);  // above a tie by 2^-52
  CHECK(total<float>(0x1p24f, {1}) == 0x1p24f);
}

TEST_CASE("index_add: float16 and bfloat16 sums of 20,000 repeats are right, where peers lose all but 5 %") {
  const std::vector<float16> sixteenths(20000, narrow<float16>(0.0625));
  CHECK(total(narrow<float16>(0), sixteenths) == narrow<float16>(1250));
  const std::vector<bfloat16> ones(20000, narrow<bfloat16>(1));
  CHECK(total(narrow<bfloat16>(0), ones) == narrow<bfloat16>(20000));
}

TEST_CASE("index_add: a float16 sum of a million terms is exact") {
  HALFULP_RANDOM(r, 71);
  constexpr std::int64_t n = 1000000;
  std::vector<float16> values(n);
  std::int64_t sum = 0;  // in units of the least subnormal, 2^-24
  for (auto& v : values) {
    v = narrow<float16>(r.uniform());
    sum += static_cast<std::int64_t>(widen(v) * 0x1p24);
  }
  CHECK(total(narrow<float16>(0), values) == narrow<float16>(static_cast<double>(sum) * 0x1p-24));
}

TEST_CASE("index_add: special values go by the rules of sums") {
  const float inf = INFINITY;
  CHECK(to_bits(total<float>(inf, {-inf})) == to_bits(canonical_nan<float>()));
  CHECK(total<float>(inf, {1, 2}) == inf);
  CHECK(total<float>(3e38f, {3e38f}) == inf);
  CHECK(to_bits(total<float>(-0.0f, {-0.0f, -0.0f})) == to_bits(-0.0f));
  CHECK(to_bits(total<float>(-0.0f, {0.0f})) == to_bits(0.0f));
  CHECK(to_bits(total<float>(1, {-1, -0.0f})) == to_bits(0.0f));
  CHECK(to_bits(total<float>(from_bits<float>(0xffc12345u), {1})) == to_bits(canonical_nan<float>()));
  CHECK(to_bits(total<float>(1, {inf}, 0)) == to_bits(canonical_nan<float>()));
  CHECK(to_bits(total<double>(-0.0, {-1}, 0)) == to_bits(-0.0));
}

TEST_CASE("index_add: an element to which nothing is added keeps its bits") {
  const auto x = make_tensor<std::int32_t>({3}, {-8314043, INT32_MIN, 0x3f800000});  // a signalling NaN, -0, 1
  tensor floats(dtype::float32, {3});
  std::copy(x.bytes().begin(), x.bytes().end(), floats.bytes().begin());
  const auto y = added<float>(floats, make_tensor<std::int64_t>({1}, {2}), 0, make_tensor<float>({1}, {1}));
  CHECK(to_bits(y[0]) == static_cast<std::uint32_t>(-8314043));
  CHECK(to_bits(y[1]) == to_bits(-0.0f));
  CHECK(y[2] == 2);
}

TEST_CASE("index_add: integers wrap, bools are or, complex numbers are added by components") {
  const auto twice = make_tensor<std::int64_t>({2}, {0, 0});
  CHECK(added<std::int8_t>(make_tensor<std::int8_t>({1}, {100}), twice, 0, make_tensor<std::int8_t>({2}, {100, 100})) ==
        std::vector<std::int8_t>{44});
  CHECK(added<std::int64_t>(make_tensor<std::int64_t>({1}, {INT64_MAX}), twice, 0,
                            make_tensor<std::int64_t>({2}, {1, 0})) == std::vector<std::int64_t>{INT64_MIN});
  CHECK(added<std::uint8_t>(make_tensor<std::uint8_t>({1}, {1}), twice, 0, make_tensor<std::uint8_t>({2}, {100, 3}),
                            {{"alpha", {std::int64_t{-2}}}}) == std::vector<std::uint8_t>{51});
  CHECK(added<bool>(make_tensor<bool>({2}, {false, false}), twice, 0, make_tensor<bool>({2}, {true, true})) ==
        std::vector<bool>{true, false});
  using complex = std::complex<float>;
  CHECK(added<complex>(make_tensor<complex>({1}, {{1, 2}}), twice, 0,
                       make_tensor<complex>({2}, {{1e30f, 3}, {-1e30f, 4}})) == std::vector<complex>{{1, 9}});
}

TEST_CASE("index_add: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    std::vector<std::int64_t> index;
    std::int64_t axis;
    extents value;
    bool valid;
  };
  const row table[] = {
      {{0, 3}, {}, 0, {0, 3}, true},    {{2, 3}, {}, 0, {0, 3}, true},
      {{2, 0}, {0}, 0, {1, 0}, true},   {{2, 0}, {7}, 0, {1, 0}, false},
      {{0, 3}, {0}, 0, {1, 3}, false},  {{2, 0}, {}, 1, {2, 0}, true},
      {{2, 0}, {0}, 1, {2, 1}, false},  {{2, 3}, {-1}, 0, {1, 3}, false},
      {{2, 3}, {2}, 0, {1, 3}, false},  {{0, 3}, {5}, 1, {0, 1}, false},
      {{0, 3}, {1}, 1, {0, 1}, true},   {{0}, {}, 0, {0}, true},
      {{101, 3}, {}, 0, {3, 3}, false}, {{10, 0}, {0, 0, 0, 0}, -1, {10, 4}, false},
  };
  for (const auto& [x, index, axis, value, valid] : table) {
    INFO("x " << to_string(x) << ", " << index.size() << " indices, axis " << axis << ", value " << to_string(value));
    CHECK(refusal(x, index, axis, value).empty() == valid);
    if (!valid) continue;
    tensor before(dtype::float32, x);
    for (float& v : before.elements<float>()) v = 1.5f;
    const auto n = static_cast<std::int64_t>(index.size());
    const tensor y = y_of(before, make_tensor<std::int64_t>({n}, index), axis, tensor(dtype::float32, value));
    CHECK(y.shape() == x);
    CHECK(values_of<float>(y) == values_of<float>(before));
  }
  for (const auto& [x, index, axis, value, valid] : table) {
    INFO("gradient, x " << to_string(x) << ", " << index.size() << " indices, value " << to_string(value));
    const tensor dy(dtype::float32, x), v(dtype::float32, value);
    for (float& d : dy.elements<float>()) d = 2;
    const auto at = make_tensor<std::int64_t>({static_cast<std::int64_t>(index.size())}, index);
    const argument::list given{{dy.view()}, {dy.view()}, {at.view()}, {axis}, {v.view()}};
    CHECK(refusal_of("index_add_value_grad", given).empty() == valid);
    if (!valid) continue;
    const tensor dvalue = output_of("index_add_value_grad", given);
    CHECK(dvalue.shape() == value);
    CHECK(dvalue.numel() == 0);
  }
}

TEST_CASE("index_add: wrong arguments are named with their value and what is allowed") {
  CHECK(refusal({2, 3}, {0, 2}, 0, {2, 3}) ==
        "index_add: index is 2, its position is 1; every index must lie in 0 .. x.shape[axis] - 1");
  CHECK(refusal({2, 3}, {-1}, 0, {1, 3}) ==
        "index_add: index is -1, its position is 0; every index must lie in 0 .. x.shape[axis] - 1");
  CHECK(refusal({2, 3}, {0}, 2, {1, 3}) ==
        "index_add: axis is 2, rank of x is 2; axis must lie in -rank .. rank - 1 of x");
  CHECK(refusal({2, 3}, {0}, std::int64_t{1} << 32, {1, 3}) ==
        "index_add: axis is 4294967296; axis must lie in -rank .. rank - 1 of x");
  CHECK(refusal({}, {}, 0, {}) == "index_add: rank of x is 0; x must have at least 1 dimension");
  CHECK(
      refusal({2, 3}, {0}, 0, {2, 3}) ==
      "index_add: value.shape[0] is 2, required is 1; value must have the shape of x, and along the axis that of index");
  const auto x = make_tensor<std::int32_t>({1}, {1});
  const auto index = make_tensor<std::int64_t>({1}, {0});
  CHECK(refusal_of("index_add", {{x.view()}, {index.view()}, {std::int64_t{0}}, {x.view()}, {0.5}}) ==
        "index_add: alpha is 0.5; alpha must be an integer where x holds integers or bools");
  const auto other = make_tensor<float>({1}, {1});
  CHECK(refusal_of("index_add", {{x.view()}, {index.view()}, {std::int64_t{0}}, {other.view()}}) ==
        "index_add: value is a float32 tensor of shape [1]; value must be of dtype int32");
}

TEST_CASE("index_add: any permutation of the updates gives the same bits") {
  HALFULP_RANDOM(r, 73);
  for (std::int64_t round = 0; round < repeats(8); ++round) {
    constexpr std::int64_t n = 3000, bins = 40;
    std::vector<std::int64_t> order(n);
    std::vector<float> values(n);
    std::vector<std::int64_t> bin(n);
    for (std::size_t k = 0; k < n; ++k) {
      order[k] = static_cast<std::int64_t>(k);
      bin[k] = r.between(0, bins - 1);
      values[k] = round % 2 == 0 ? r.any_finite<float>() : static_cast<float>(r.uniform());
    }
    const tensor x(dtype::float32, {bins});
    std::vector<std::uint32_t> first;
    for (int permutation = 0; permutation < 3; ++permutation) {
      std::vector<float> v;
      std::vector<std::int64_t> b;
      for (const std::int64_t k : order) {
        v.push_back(values[static_cast<std::size_t>(k)]);
        b.push_back(bin[static_cast<std::size_t>(k)]);
      }
      std::vector<std::uint32_t> got;
      for (const float y : added<float>(x, make_tensor<std::int64_t>({n}, b), 0, make_tensor<float>({n}, v)))
        got.push_back(to_bits(y));
      if (permutation == 0) first = got;
      CHECK(got == first);
      for (std::size_t k = n; k-- > 1;)
        std::swap(order[k], order[static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(k)))]);
    }
  }
}

}  // namespace halfulp::tests
