#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

template <class T>
std::vector<T> sampled(const tensor& x, const tensor& index) {
  const call c = call_of("index_sample", {{x.view()}, {index.view()}});
  const tensor y = kernels::compute("index_sample", c).outputs.at(0);
  CHECK(values_of<T>(evaluate("index_sample", c).at(0).rounded) == values_of<T>(y));
  return values_of<T>(y);
}

/// x and index of these shapes, every index 0.
std::string refusal_of_shapes(const extents& x, const extents& index) {
  return refusal_of("index_sample", {{tensor(dtype::float32, x).view()}, {tensor(dtype::int64, index).view()}});
}

}  // namespace

TEST_CASE("index_sample: each row picks its own columns, as worked out by hand") {
  const auto x = make_tensor<float>({2, 3}, {10, 11, 12, 20, 21, 22});
  const auto index = make_tensor<std::int64_t>({2, 4}, {2, 0, 0, 1, 1, 1, 2, 0});
  CHECK(sampled<float>(x, index) == std::vector<float>{12, 10, 10, 11, 21, 21, 22, 20});
  const auto narrow_index = make_tensor<std::int32_t>({2, 1}, {1, 2});
  CHECK(sampled<float>(x, narrow_index) == std::vector<float>{11, 22});
}

TEST_CASE("index_sample: every dtype is moved bit for bit, NaN payloads included") {
  for (int k = 0; k < dtype_count; ++k) {
    visit_dtype(static_cast<dtype>(k), [](auto tag) {
      using T = typename decltype(tag)::type;
      HALFULP_RANDOM(r, 53);
      tensor x(dtype_of<T>, {3, 5});
      for (auto& b : x.bytes()) b = static_cast<std::byte>(dtype_of<T> == dtype::boolean ? r.bits() & 1 : r.bits());
      const auto index = make_tensor<std::int64_t>({3, 2}, {4, 0, 2, 2, 0, 3});
      const auto y =
          kernels::compute("index_sample", call_of("index_sample", {{x.view()}, {index.view()}})).outputs.at(0);
      const std::size_t from[] = {4, 0, 7, 7, 10, 13};
      for (std::size_t i = 0; i < 6; ++i)
        CHECK(std::equal(y.bytes().begin() + i * sizeof(T), y.bytes().begin() + (i + 1) * sizeof(T),
                         x.bytes().begin() + from[i] * sizeof(T)));
    });
  }
}

TEST_CASE("index_sample: empty shapes return what the mathematics says") {
  struct row {
    extents x, index;
    bool valid;
  };
  const row table[] = {
      {{0, 3}, {0, 2}, true},  {{2, 3}, {2, 0}, true}, {{2, 0}, {2, 0}, true},
      {{0, 0}, {0, 0}, true},  {{0, 0}, {0, 3}, true}, {{2, 0}, {2, 2}, false},
      {{2, 3}, {0, 2}, false}, {{3}, {3}, false},      {{2, 3, 1}, {2, 1}, false},
  };
  for (const auto& [x, index, valid] : table) {
    INFO("x " << to_string(x) << ", index " << to_string(index));
    CHECK(refusal_of_shapes(x, index).empty() == valid);
    if (!valid) continue;
    const tensor xs(dtype::float32, x), at(dtype::int64, index);
    const auto y = kernels::compute("index_sample", call_of("index_sample", {{xs.view()}, {at.view()}})).outputs.at(0);
    CHECK(y.shape() == index);
    CHECK(y.numel() == 0);
  }
}

TEST_CASE("index_sample: wrong arguments are named with their value and what is allowed") {
  const auto x = make_tensor<float>({1, 3}, {1, 2, 3});
  const auto refusal = [&](std::int64_t i) {
    return refusal_of("index_sample", {{x.view()}, {make_tensor<std::int64_t>({1, 2}, {0, i}).view()}});
  };
  CHECK(refusal(3) == "index_sample: index is 3, its position is 1; every index must lie in 0 .. x.shape[1] - 1");
  CHECK(refusal(-1) == "index_sample: index is -1, its position is 1; every index must lie in 0 .. x.shape[1] - 1");
  CHECK(refusal_of_shapes({2, 0}, {2, 2}) ==
        "index_sample: index is 0, its position is 0; every index must lie in 0 .. x.shape[1] - 1");
  CHECK(refusal_of("index_sample", {{x.view()}, {x.view()}}) ==
        "index_sample: index is a float32 tensor of shape [1, 3]; index must be of dtype int32 or int64");
}

TEST_CASE("index_sample_grad: repeated columns are added, as worked out by hand") {
  const auto dy = rounded_tensor<float>({2, 3}, {1, 2, 4, 8, 16, 32});
  const auto index = make_tensor<std::int64_t>({2, 3}, {2, 0, 2, 1, 1, 1});
  const tensor dx = output_of("index_sample_grad", {{dy.view()}, {index.view()}, list_of({2, 4})});
  CHECK(values_of<float>(dx) == std::vector<float>{2, 0, 5, 0, 0, 56, 0, 0});
}

TEST_CASE("index_sample_grad: repeated float16 terms are summed exactly, in any order") {
  HALFULP_RANDOM(r, 109);
  constexpr std::int64_t terms = 20000, columns = 7;
  tensor dy(dtype::float16, {1, terms}), index(dtype::int32, {1, terms});
  std::vector<std::int64_t> sum(columns, 0);  // in units of 2^-24, the least of float16
  std::vector<std::pair<float16, std::int32_t>> updates;
  for (std::int64_t j = 0; j < terms; ++j) {
    updates.emplace_back(r.any_finite<float16>(), static_cast<std::int32_t>(r.between(0, columns - 1)));
    sum[static_cast<std::size_t>(updates.back().second)] +=
        static_cast<std::int64_t>(widen(updates.back().first) * 0x1p24);
  }
  for (int order = 0; order < 3; ++order) {
    for (std::size_t j = updates.size() - 1; j > 0; --j)
      std::swap(updates[j], updates[static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(j)))]);
    for (std::size_t j = 0; j < updates.size(); ++j) {
      dy.elements<float16>()[j] = updates[j].first;
      index.elements<std::int32_t>()[j] = updates[j].second;
    }
    const auto dx =
        values_of<float16>(output_of("index_sample_grad", {{dy.view()}, {index.view()}, list_of({1, columns})}));
    for (std::size_t c = 0; c < columns; ++c) CHECK(dx[c] == narrow<float16>(static_cast<double>(sum[c]) * 0x1p-24));
  }
}

TEST_CASE("index_sample_grad: empty shapes give zeros") {
  struct row {
    extents dy, index;
    std::vector<std::int64_t> x;
    bool valid;
  };
  const row table[] = {
      {{0, 2}, {0, 2}, {0, 3}, true},  {{2, 0}, {2, 0}, {2, 3}, true},  {{2, 0}, {2, 0}, {2, 0}, true},
      {{0, 0}, {0, 0}, {0, 0}, true},  {{0, 3}, {0, 3}, {0, 0}, true},  {{2, 2}, {2, 2}, {2, 0}, false},
      {{0, 2}, {0, 2}, {2, 3}, false}, {{2, 1}, {2, 2}, {2, 3}, false}, {{2}, {2, 1}, {2, 3}, false},
  };
  for (const auto& [dy, index, x, valid] : table) {
    INFO("dy " << to_string(dy) << ", index " << to_string(index) << ", x_shape " << to_string(list_of(x)));
    const tensor terms(dtype::float32, dy), at(dtype::int64, index);
    CHECK(refusal_of("index_sample_grad", {{terms.view()}, {at.view()}, list_of(x)}).empty() == valid);
    if (!valid) continue;
    for (const float v : values_of<float>(output_of("index_sample_grad", {{terms.view()}, {at.view()}, list_of(x)})))
      CHECK(to_bits(v) == 0);
  }
}

}  // namespace halfulp::tests
