#include <halfulp/oracle/ops/unique.hpp>

#include <cmath>
#include <limits>
#include <map>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The kernel's outputs; the oracle must say the same, bit for bit.
std::vector<tensor> outputs_of(std::string_view op, const tensor& x, const named_arguments& named) {
  const call c = call_of(op, {{x.view()}}, named);
  const auto got = kernels::compute(op, c).outputs;
  const auto want = evaluate(op, c);
  REQUIRE(want.size() == got.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    CHECK(got[k].type() == want[k].rounded.type());
    CHECK(got[k].shape() == want[k].rounded.shape());
    const auto a = got[k].bytes(), b = want[k].rounded.bytes();
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
  return got;
}

const named_arguments everything{{"return_index", {true}}, {"return_inverse", {true}}, {"return_counts", {true}}};

named_arguments all_but(named_arguments extra) {
  named_arguments named = everything;
  named.merge(extra);
  return named;
}

using numbers = std::vector<std::int64_t>;

template <class T>
void check(const std::vector<tensor>& got, const std::vector<T>& values, const numbers& index, const numbers& inverse,
           const numbers& counts) {
  REQUIRE(got.size() == 4);
  CHECK(values_of<T>(got[0]) == values);
  CHECK(values_of<std::int64_t>(got[1]) == index);
  CHECK(values_of<std::int64_t>(got[2]) == inverse);
  CHECK(values_of<std::int64_t>(got[3]) == counts);
}

}  // namespace

TEST_CASE("unique: values, index, inverse and counts, as worked out by hand") {
  const auto x = make_tensor<std::int64_t>({2, 3}, {3, -1, 3, 7, -1, 3});
  const auto got = outputs_of("unique", x, everything);
  check<std::int64_t>(got, {-1, 3, 7}, {1, 0, 3}, {1, 0, 1, 2, 0, 1}, {2, 3, 1});
  CHECK(got[0].shape() == extents{3});
  CHECK(got[2].shape() == extents{2, 3});
  CHECK(outputs_of("unique", x, {}).size() == 1);
  CHECK(outputs_of("unique", x, {{"return_counts", {true}}})[1].shape() == extents{3});
}

TEST_CASE("unique: unsorted values come by their first occurrences") {
  const auto x = make_tensor<std::int32_t>({6}, {3, -1, 3, 7, -1, 3});
  check<std::int32_t>(outputs_of("unique", x, all_but({{"sorted", {false}}})), {3, -1, 7}, {0, 1, 3},
                      {0, 1, 0, 2, 1, 0}, {3, 2, 1});
}

TEST_CASE("unique: rows and columns, as worked out by hand") {
  const auto x = make_tensor<float>({3, 2}, {2, 1, 0, 5, 2, 1});
  const auto rows = outputs_of("unique", x, all_but({{"axis", {std::int64_t{0}}}}));
  check<float>(rows, {0, 5, 2, 1}, {1, 0}, {1, 0, 1}, {1, 2});
  CHECK(rows[0].shape() == extents{2, 2});
  CHECK(rows[2].shape() == extents{3});
  const auto y = make_tensor<float>({2, 3}, {2, 0, 2, 1, 5, 1});
  const auto columns = outputs_of("unique", y, all_but({{"axis", {std::int64_t{-1}}}}));
  check<float>(columns, {0, 2, 5, 1}, {1, 0}, {1, 0, 1}, {1, 2});
  CHECK(columns[0].shape() == extents{2, 2});
}

TEST_CASE("unique: the middle axis compares whole slices in row-major order") {
  // slices (0, 1 | 2, 9), (0, 1 | 2, 3), (0, 1 | 2, 9)
  const auto x = make_tensor<std::int16_t>({2, 3, 2}, {0, 1, 0, 1, 0, 1, 2, 9, 2, 3, 2, 9});
  const auto got = outputs_of("unique", x, all_but({{"axis", {std::int64_t{1}}}}));
  check<std::int16_t>(got, {0, 1, 0, 1, 2, 3, 2, 9}, {1, 0}, {1, 0, 1}, {1, 2});
  CHECK(got[0].shape() == extents{2, 2, 2});
}

TEST_CASE("unique: NaN with inverse gives every NaN a value of its own, and no uninitialised index") {
  const auto x = rounded_tensor<double>({5}, {nan, 1, nan, 1, -2});
  const auto got = outputs_of("unique", x, everything);
  CHECK(values_of<std::int64_t>(got[1]) == numbers{4, 1, 0, 2});
  CHECK(values_of<std::int64_t>(got[2]) == numbers{2, 1, 3, 1, 0});
  CHECK(values_of<std::int64_t>(got[3]) == numbers{1, 2, 1, 1});
  const auto values = values_of<double>(got[0]);
  CHECK(values[0] == -2);
  CHECK(values[1] == 1);
  CHECK((std::isnan(values[2]) && std::isnan(values[3])));
}

TEST_CASE("unique: the bits of NaNs and of the first zero are kept") {
  const auto x = make_tensor<float>({6}, {0, -0.0F, from_bits<float>(0xffc00001), 1, from_bits<float>(0x7f800005), 0});
  const auto got = outputs_of("unique", x, everything);
  const auto values = values_of<float>(got[0]);
  REQUIRE(values.size() == 4);
  CHECK(to_bits(values[0]) == 0);
  CHECK(to_bits(values[2]) == 0xffc00001);
  CHECK(to_bits(values[3]) == 0x7f800005);
  CHECK(values_of<std::int64_t>(got[3]) == numbers{3, 1, 1, 1});
  const auto negative = outputs_of("unique", make_tensor<float>({2}, {-0.0F, 0}), {});
  CHECK(to_bits(values_of<float>(negative[0])[0]) == 0x80000000);
}

TEST_CASE("unique: rows with NaN are each their own, and the others are not repeated") {
  std::vector<double> x;
  for (int row = 0; row < 100; ++row) {
    x.push_back(1);
    x.push_back(row % 3 == 0 ? nan : row % 2);
  }
  const auto got = outputs_of("unique", rounded_tensor<float>({100, 2}, x), all_but({{"axis", {std::int64_t{0}}}}));
  CHECK(got[0].shape() == extents{36, 2});  // (1, 0), (1, 1), and 34 rows with NaN
  const auto counts = values_of<std::int64_t>(got[3]);
  CHECK((counts[0] == 33 && counts[1] == 33));
  CHECK(std::all_of(counts.begin() + 2, counts.end(), [](std::int64_t c) { return c == 1; }));
}

TEST_CASE("unique_consecutive: NaN and 1 are two values") {
  const auto got = outputs_of("unique_consecutive", rounded_tensor<double>({2}, {nan, 1}),
                              {{"return_inverse", {true}}, {"return_counts", {true}}});
  CHECK(got[0].shape() == extents{2});
  CHECK(values_of<std::int64_t>(got[1]) == numbers{0, 1});
  CHECK(values_of<std::int64_t>(got[2]) == numbers{1, 1});
}

TEST_CASE("unique_consecutive: runs, as worked out by hand") {
  const named_arguments both{{"return_inverse", {true}}, {"return_counts", {true}}};
  const auto x = make_tensor<std::int8_t>({8}, {1, 1, 2, 2, 3, 1, 1, 2});
  const auto got = outputs_of("unique_consecutive", x, both);
  CHECK(values_of<std::int8_t>(got[0]) == std::vector<std::int8_t>{1, 2, 3, 1, 2});
  CHECK(values_of<std::int64_t>(got[1]) == numbers{0, 0, 1, 1, 2, 3, 3, 4});
  CHECK(values_of<std::int64_t>(got[2]) == numbers{2, 2, 1, 2, 1});
  auto rows = both;
  rows["axis"] = {std::int64_t{0}};
  const auto by_row = outputs_of("unique_consecutive", make_tensor<float>({3, 2}, {1, 2, 1, 2, 0, 2}), rows);
  CHECK(values_of<float>(by_row[0]) == std::vector<float>{1, 2, 0, 2});
  CHECK(values_of<std::int64_t>(by_row[2]) == numbers{2, 1});
}

TEMPLATE_TEST_CASE("unique: random elements of few values agree with a map", "", bool, std::uint8_t, std::int8_t,
                   std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 83);
  for (std::int64_t n = repeats(20); n > 0; --n) {
    const auto size = r.between(0, 400);
    std::map<int, numbers> occurrences;
    std::vector<TestType> x;
    for (std::int64_t i = 0; i < size; ++i) {
      const int v =
          static_cast<int>(r.between(std::is_signed_v<TestType> || !std::is_integral_v<TestType> ? -9 : 0, 9));
      if constexpr (std::is_same_v<TestType, bool>) {
        x.push_back(v % 2 != 0);
      } else if constexpr (std::is_integral_v<TestType>) {
        x.push_back(static_cast<TestType>(v));
      } else {
        x.push_back(narrow<TestType>(v));
      }
      occurrences[std::is_same_v<TestType, bool> ? v % 2 : v].push_back(i);
    }
    const bool narrow_index = r.between(0, 1) == 1;
    const auto t = make_tensor<TestType>({size}, x);
    const std::vector<tensor> got =
        outputs_of("unique", t, all_but({{"dtype", {std::string(narrow_index ? "int32" : "int64")}}}));
    REQUIRE(got[0].numel() == static_cast<std::int64_t>(occurrences.size()));
    if (narrow_index) continue;
    std::size_t k = 0;
    for (const auto& [value, at] : occurrences) {
      CHECK(values_of<std::int64_t>(got[1])[k] == at.front());
      CHECK(values_of<std::int64_t>(got[3])[k] == static_cast<std::int64_t>(at.size()));
      for (const std::int64_t i : at)
        if (got[2].elements<std::int64_t>()[static_cast<std::size_t>(i)] != static_cast<std::int64_t>(k))
          FAIL("inverse");
      ++k;
    }
  }
}

TEMPLATE_TEST_CASE("unique: every bit pattern of 16 bits, and random ones of more", "", float16, bfloat16, float,
                   double) {
  HALFULP_RANDOM(r, 89);
  std::vector<TestType> x;
  for (std::uint64_t i = 0; i < 65536; ++i)
    x.push_back(sizeof(TestType) == 2 ? from_bits<TestType>(static_cast<bits_t<TestType>>(i * 40503))
                                      : r.any<TestType>());
  const auto got = outputs_of("unique", make_tensor<TestType>({256, 256}, x), everything);
  const auto values = values_of<TestType>(got[0]);
  const auto inverse = values_of<std::int64_t>(got[2]);
  std::int64_t wrong = 0, disorder = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const TestType v = values[static_cast<std::size_t>(inverse[i])];
    wrong += to_bits(v) != to_bits(x[i]) && !(is_zero(v) && is_zero(x[i]));
  }
  for (std::size_t k = 1; k < values.size(); ++k)
    disorder += !is_nan(values[k]) && !(widen(values[k - 1]) < widen(values[k]));
  CHECK(wrong == 0);
  CHECK(disorder == 0);
}

TEST_CASE("unique: random slices along any axis, kernel and oracle agree") {
  HALFULP_RANDOM(r, 97);
  for (std::int64_t n = repeats(200); n > 0; --n) {
    extents shape;
    for (std::int64_t k = r.between(1, 4); k > 0; --k) shape.push_back(r.between(1, 6));
    tensor x(dtype::float32, shape);
    for (auto& v : x.elements<float>())
      v = static_cast<float>(r.between(0, 12) == 0 ? nan : static_cast<double>(r.between(-1, 1)));
    const std::int64_t axis = r.between(-shape.rank, shape.rank - 1);
    (void)outputs_of("unique", x, all_but({{"axis", {axis}}, {"sorted", {r.between(0, 1) == 1}}}));
    (void)outputs_of("unique_consecutive", x,
                     {{"axis", {axis}}, {"return_inverse", {true}}, {"return_counts", {true}}});
  }
}

TEST_CASE("unique: a million different values with inverse, where a quadratic algorithm would take an hour") {
  constexpr std::int64_t n = 1000000;
  tensor x(dtype::int64, {n});
  std::int64_t i = 0;
  for (std::int64_t& v : x.elements<std::int64_t>()) v = i++ * 7919 % n;  // 7919 is prime to n: all values, mixed
  const auto got = kernels::compute("unique", call_of("unique", {{x.view()}}, {{"return_inverse", {true}}})).outputs;
  CHECK(got.at(0).shape() == extents{n});
  CHECK(values_of<std::int64_t>(got.at(1)) == values_of<std::int64_t>(x));
}

TEST_CASE("unique: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    argument axis;
    extents values, inverse;
    bool valid;
  };
  const auto along = [](std::int64_t k) { return argument{k}; };
  const row table[] = {
      {{0}, {}, {0}, {0}, true},
      {{0, 3}, {}, {0}, {0, 3}, true},
      {{3, 0}, {}, {0}, {3, 0}, true},
      {{}, {}, {1}, {}, true},
      {{0, 5, 5}, along(0), {0, 5, 5}, {0}, true},
      {{2, 0}, along(1), {2, 0}, {0}, true},
      {{0, 2}, along(0), {0, 2}, {0}, true},
      {{0}, along(0), {0}, {0}, true},
      {{2, 0}, along(0), {}, {}, false},
      {{3, 0, 5}, along(0), {}, {}, false},
      {{0, 0}, along(0), {}, {}, false},
      {{0, 5, 5}, along(1), {}, {}, false},
      {{0, 3}, along(1), {}, {}, false},
      {{3, 0}, along(1), {3, 0}, {0}, true},
      {{0, 0}, along(1), {}, {}, false},
  };
  for (const char* op : {"unique", "unique_consecutive"})
    for (const auto& [shape, axis, values, inverse, valid] : table) {
      INFO(op << " of " << to_string(shape) << " along " << to_string(axis));
      const tensor x(dtype::float32, shape);
      const named_arguments named{{"axis", axis}, {"return_inverse", {true}}, {"return_counts", {true}}};
      CHECK(refusal_of(op, {{x.view()}}, named).empty() == valid);
      if (!valid) continue;
      const auto got = outputs_of(op, x, named);
      CHECK(got[0].shape() == values);
      CHECK(got[1].shape() == inverse);
      CHECK(got[2].shape() == extents{values.rank == 1 ? values[0] : 0});
    }
}

TEST_CASE("unique: wrong arguments are named with their value and what is allowed") {
  const tensor x(dtype::float32, {2, 0});
  const auto refusal = [&](const tensor& t, const named_arguments& named) {
    return refusal_of("unique", {{t.view()}}, named);
  };
  CHECK(refusal(x, {{"axis", {std::int64_t{0}}}}) ==
        "unique: x.shape[1] is 0; along an axis, the other dimensions of x must not be 0");
  CHECK(refusal(x, {{"axis", {std::int64_t{2}}}}) ==
        "unique: axis is 2, rank of x is 2; axis must lie in -rank .. rank - 1 of x");
  CHECK(refusal(x, {{"axis", {std::string("rows")}}}) == "unique: axis is \"rows\"; axis must be an integer or None");
  CHECK(refusal(x, {{"dtype", {std::string("int8")}}}) ==
        "unique: dtype is \"int8\"; dtype must be \"int32\" or \"int64\"");
  CHECK(refusal(tensor(dtype::complex64, {2}), {})
            .starts_with("unique: x is a complex64 tensor of shape [2]; x must be of dtype bool"));
  CHECK(refusal(tensor(dtype::float32, {}), {{"axis", {std::int64_t{0}}}}) ==
        "unique: rank of x is 0; x must have at least 1 dimension");
}

}  // namespace halfulp::tests
