#include <halfulp/oracle/ops/expand.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

/// The kernel's y; the oracle must say the same, bit for bit.
tensor expanded(const tensor& x, const argument& shape) {
  const call c = call_of("expand", {{x.view()}, shape});
  const tensor y = kernels::compute("expand", c).outputs.at(0);
  const tensor want = evaluate("expand", c).at(0).rounded;
  CHECK(want.shape() == y.shape());
  CHECK(std::equal(y.bytes().begin(), y.bytes().end(), want.bytes().begin(), want.bytes().end()));
  return y;
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
  CHECK(refusal_of("expand", {{x.view()}, {make_tensor<std::int64_t>({1, 2}, {3, 2}).view()}}) ==
        "expand: shape is a int64 tensor of shape [1, 2]; shape must be a list of integers or a tensor with one dimension");
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
  CHECK(expanded(make_tensor<std::int32_t>({40000, 1}, std::vector<std::int32_t>(40000, 9)), list_of({-1, 3})).shape() ==
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
      {{1}, {0}, {0}, true},          {{0}, {0}, {0}, true},          {{0}, {3}, {}, false},
      {{1, 3}, {0, 3}, {0, 3}, true}, {{1, 0}, {4, 0}, {4, 0}, true}, {{1, 0}, {4, -1}, {4, 0}, true},
      {{3}, {0, 3}, {0, 3}, true},    {{3}, {0, -1}, {0, 3}, true},   {{3}, {-1, 3}, {}, false},
      {{}, {0}, {0}, true},           {{2}, {0}, {}, false},          {{0}, {1}, {}, false},
      {{3}, {-2}, {}, false},         {{0, 1}, {0, 0}, {0, 0}, true}, {{1}, {3, -5}, {}, false},
      {{0}, {-1}, {0}, true},         {{}, {}, {}, true},             {{2, 2}, {2}, {}, false},
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
  CHECK(refusal_of_expand({2, 3}, {4, 3}) ==
        "expand: shape[0] is 4, x.shape[0] is 2; a dimension must be -1 or that of x, aligned at the right; where x has "
        "1, any from 0");
  CHECK(refusal_of_expand({3}, {-1, 3}) ==
        "expand: shape[0] is -1; a dimension that x does not have must be at least 0");
  CHECK(refusal_of_expand({}, std::vector<std::int64_t>(9, 1)) ==
        "expand: its rank is 9; shape must have at most 8 dimensions");
  const std::int64_t most = std::int64_t{1} << 62;
  CHECK(refusal_of_expand({1, 1}, {most, 2}).starts_with("expand: shape[1] is 2; a tensor has at most 2^62 elements"));
}

}  // namespace halfulp::tests
