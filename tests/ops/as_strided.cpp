#include <halfulp/oracle/ops/as_strided.hpp>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using numbers = std::vector<std::int64_t>;

/// The kernel's y; the oracle must say the same, bit for bit.
tensor view_of(const tensor& x, const numbers& size, const numbers& stride, std::int64_t offset = 0) {
  const call c = call_of("as_strided", {{x.view()}, list_of(size), list_of(stride), {offset}});
  const tensor y = kernels::compute("as_strided", c).outputs.at(0);
  const tensor want = evaluate("as_strided", c).at(0).rounded;
  CHECK(want.shape() == y.shape());
  CHECK(std::equal(y.bytes().begin(), y.bytes().end(), want.bytes().begin(), want.bytes().end()));
  return y;
}

std::string refusal_of_view(const extents& x, const numbers& size, const numbers& stride, std::int64_t offset = 0) {
  return refusal_of("as_strided", {{tensor(dtype::float32, x).view()}, list_of(size), list_of(stride), {offset}});
}

std::vector<float> counted(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i);
  return x;
}

}  // namespace

TEST_CASE("as_strided: overlapping, repeated, transposed and reversed views, as worked out by hand") {
  const auto x = make_tensor<float>({2, 3}, counted(6));
  CHECK(values_of<float>(view_of(x, {3, 2}, {1, 3})) == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(values_of<float>(view_of(x, {4, 3}, {1, 1})) == std::vector<float>{0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5});
  CHECK(values_of<float>(view_of(x, {2, 2}, {0, 4}, 1)) == std::vector<float>{1, 5, 1, 5});
  CHECK(values_of<float>(view_of(x, {6}, {-1}, 5)) == std::vector<float>{5, 4, 3, 2, 1, 0});
  CHECK(values_of<float>(view_of(x, {2, 2}, {-2, 1}, 3)) == std::vector<float>{3, 4, 1, 2});
  CHECK(values_of<float>(view_of(x, {}, {}, 4)) == std::vector<float>{4});
  CHECK(view_of(x, {3, 1, 2}, {2, 99, 1}).shape() == extents{3, 1, 2});  // the stride of a size of 1 leads nowhere
}

TEST_CASE("as_strided: every dtype is moved bit for bit, NaN payloads included") {
  for (int k = 0; k < dtype_count; ++k) {
    visit_dtype(static_cast<dtype>(k), [](auto tag) {
      using T = typename decltype(tag)::type;
      HALFULP_RANDOM(r, 73);
      tensor x(dtype_of<T>, {20});
      for (auto& b : x.bytes()) b = static_cast<std::byte>(dtype_of<T> == dtype::boolean ? r.bits() & 1 : r.bits());
      const tensor y = view_of(x, {3, 4}, {5, 2}, 2);
      for (std::size_t i = 0; i < 12; ++i)
        CHECK(std::equal(y.bytes().begin() + i * sizeof(T), y.bytes().begin() + (i + 1) * sizeof(T),
                         x.bytes().begin() + (2 + i / 4 * 5 + i % 4 * 2) * sizeof(T)));
    });
  }
}

TEST_CASE("as_strided: random views are refused if and only if an element lies outside") {
  HALFULP_RANDOM(r, 79);
  int taken = 0;
  for (std::int64_t n = repeats(2000); n > 0; --n) {
    const std::int64_t elements = r.between(0, 30), offset = r.between(0, 12);
    numbers size, stride;
    for (std::int64_t k = r.between(0, 4); k > 0; --k) {
      size.push_back(r.between(r.between(0, 9) == 0 ? 0 : 1, 4));
      stride.push_back(r.between(-3, 6));
    }
    std::int64_t least = offset, greatest = offset, count = 1;
    for (std::size_t k = 0; k < size.size(); ++k) {
      (stride[k] < 0 ? least : greatest) += (size[k] - 1) * stride[k];
      count *= size[k];
    }
    const bool valid = count == 0 || (least >= 0 && greatest < elements);
    CHECK(refusal_of_view({elements}, size, stride, offset).empty() == valid);
    tensor x(dtype::int16, {elements});
    for (auto& v : x.elements<std::int16_t>()) v = static_cast<std::int16_t>(r.bits());
    if (valid) CHECK(view_of(x, size, stride, offset).numel() == count);
    taken += valid;
  }
  CHECK(taken > 0);
}

TEST_CASE("as_strided: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    numbers size, stride;
    std::int64_t offset;
    bool valid;
  };
  const row table[] = {
      {{0}, {0}, {1}, 0, true},      {{0, 32}, {3}, {1}, 0, false}, {{32, 0}, {3, 4}, {32, 1}, 0, false},
      {{6}, {0}, {-5}, 99, true},    {{6}, {3, 0}, {100, 100}, 0, true}, {{6}, {0}, {1}, -1, false},
      {{0}, {}, {}, 0, false},       {{0, 3}, {0, 8}, {1, 1}, 7, true},  {{6}, {6}, {1}, 0, true},
      {{6}, {7}, {1}, 0, false},     {{2, 0, 6}, {8, 6}, {6, 1}, 0, false},
  };
  for (const auto& [x, size, stride, offset, valid] : table) {
    INFO("x " << to_string(x) << ", shape " << to_string(list_of(size)) << ", offset " << offset);
    CHECK(refusal_of_view(x, size, stride, offset).empty() == valid);
    if (valid) CHECK(view_of(tensor(dtype::float32, x), size, stride, offset).shape().rank == static_cast<int>(size.size()));
  }
}

TEST_CASE("as_strided: a view outside the elements of x is refused before anything is read") {
  CHECK(refusal_of_view({6}, {7}, {1}) ==
        "as_strided: shape[0] is 7, stride[0] is 1, offset is 0, the number of elements of x is 6; the view must end "
        "within the elements of x");
  CHECK(refusal_of_view({6}, {2}, {100000000}).ends_with("the view must end within the elements of x"));
  CHECK(refusal_of_view({6}, {2}, {-100000000}).ends_with("the view must begin within the elements of x"));
  CHECK(refusal_of_view({6}, {1}, {1}, 4000000000).ends_with("offset must be less than the number of elements of x"));
  CHECK(refusal_of_view({6}, {2}, {1}, -1) == "as_strided: offset is -1; offset must be at least 0");
  CHECK(refusal_of_view({6}, {2}, {std::numeric_limits<std::int64_t>::min()}).ends_with("a stride must lie in -2^62 .. 2^62"));
  CHECK(refusal_of_view({15, 3}, {15, 3}, {2}) == "as_strided: stride is [2]; stride must have one number for each of shape");
  CHECK(refusal_of_view({6}, {-1}, {1}) == "as_strided: shape[0] is -1; a dimension must lie in 0 .. 2^62");
}

}  // namespace halfulp::tests
