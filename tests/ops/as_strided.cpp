#include <halfulp/oracle/ops/as_strided_grad.hpp>

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using numbers = std::vector<std::int64_t>;

tensor view_of(const tensor& x, const numbers& size, const numbers& stride, std::int64_t offset = 0) {
  return output_of("as_strided", {{x.view()}, list_of(size), list_of(stride), {offset}});
}
tensor summed(const tensor& dy, const numbers& x_shape, const numbers& stride, std::int64_t offset = 0) {
  return output_of("as_strided_grad", {{dy.view()}, list_of(x_shape), list_of(stride), {offset}});
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

TEST_CASE("as_strided: transposed planes larger than a tile, between other dimensions") {
  HALFULP_RANDOM(r, 113);
  for (const numbers& size : {numbers{70, 45}, numbers{3, 70, 45}, numbers{70, 3, 45}, numbers{2, 33, 3, 40}}) {
    std::int64_t elements = 1;
    numbers stride(size.size());
    for (std::size_t k = 0; k < size.size(); elements *= size[k], ++k) stride[k] = elements;  // the first runs fastest
    tensor x(dtype::int32, {elements});
    for (auto& v : x.elements<std::int32_t>()) v = static_cast<std::int32_t>(r.bits());
    const tensor y = view_of(x, size, stride);
    if (size.size() == 2) CHECK(y.elements<std::int32_t>()[45 * 69 + 44] == x.elements<std::int32_t>()[69 + 44 * 70]);
  }
}

TEST_CASE("as_strided: empty shapes return what the mathematics says") {
  struct row {
    extents x;
    numbers size, stride;
    std::int64_t offset;
    bool valid;
  };
  const row table[] = {
      {{0}, {0}, {1}, 0, true},   {{0, 32}, {3}, {1}, 0, false},         {{32, 0}, {3, 4}, {32, 1}, 0, false},
      {{6}, {0}, {-5}, 99, true}, {{6}, {3, 0}, {100, 100}, 0, true},    {{6}, {0}, {1}, -1, false},
      {{0}, {}, {}, 0, false},    {{0, 3}, {0, 8}, {1, 1}, 7, true},     {{6}, {6}, {1}, 0, true},
      {{6}, {7}, {1}, 0, false},  {{2, 0, 6}, {8, 6}, {6, 1}, 0, false},
  };
  for (const auto& [x, size, stride, offset, valid] : table) {
    INFO("x " << to_string(x) << ", shape " << to_string(list_of(size)) << ", offset " << offset);
    CHECK(refusal_of_view(x, size, stride, offset).empty() == valid);
    if (valid)
      CHECK(view_of(tensor(dtype::float32, x), size, stride, offset).shape().rank == static_cast<int>(size.size()));
  }
}

TEST_CASE("as_strided: views of 6 elements and of none, and their gradients") {
  constexpr std::int64_t far = std::int64_t{1} << 62, wide = std::int64_t{1} << 40;
  struct row {
    std::int64_t elements;
    numbers size, stride;
    std::int64_t offset;
    bool valid;
    std::vector<float> view;
  };
  const row table[] = {
      {6, {0, 3}, {3, 1}, 0, true, {}},
      {6, {2, 3}, {3, 1}, 0, true, {0, 1, 2, 3, 4, 5}},
      {6, {2, 3}, {3, 1}, 1, false, {}},
      {6, {0}, {1}, 100, true, {}},
      {6, {0}, {-1}, 0, true, {}},
      {6, {2}, {-1}, 1, true, {1, 0}},
      {0, {0}, {1}, 0, true, {}},
      {0, {1}, {1}, 0, false, {}},
      {6, {}, {}, 3, true, {3}},
      {0, {}, {}, 0, false, {}},
      {6, {2, 2}, {0, 0}, 5, true, {5, 5, 5, 5}},
      {6, {3}, {far}, 0, false, {}},
      {6, {0, wide}, {1, 1}, 0, true, {}},
      {6, {2}, {1}, -1, false, {}},
      {6, {1}, {1}, 6, false, {}},
  };
  for (const auto& [elements, size, stride, offset, valid, view] : table) {
    INFO("of " << elements << ": " << to_string(list_of(size)) << " by " << to_string(list_of(stride)) << " at "
               << offset);
    CHECK(refusal_of_view({elements}, size, stride, offset).empty() == valid);
    extents dy_shape;
    for (const std::int64_t d : size) dy_shape.push_back(d);
    const tensor dy(dtype::float32, dy_shape);
    for (float& d : dy.elements<float>()) d = 1;
    const argument::list back{{dy.view()}, list_of({elements}), list_of(stride), {offset}};
    CHECK(refusal_of("as_strided_grad", back).empty() == valid);
    if (!valid) continue;
    const tensor x = rounded_tensor<float>({elements}, std::vector<double>(static_cast<std::size_t>(elements)));
    float next = 0;
    for (float& v : x.elements<float>()) v = next++;
    CHECK(values_of<float>(view_of(x, size, stride, offset)) == view);
    std::vector<float> times(static_cast<std::size_t>(elements));  // how often each element is seen
    for (const float at : view) ++times[static_cast<std::size_t>(at)];
    CHECK(values_of<float>(summed(dy, {elements}, stride, offset)) == times);
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
  CHECK(refusal_of_view({6}, {2}, {std::numeric_limits<std::int64_t>::min()})
            .ends_with("a stride must lie in -2^62 .. 2^62"));
  CHECK(refusal_of_view({15, 3}, {15, 3}, {2}) ==
        "as_strided: stride is [2]; stride must have one number for each of shape");
  CHECK(refusal_of_view({6}, {-1}, {1}) == "as_strided: shape[0] is -1; a dimension must lie in 0 .. 2^62");
}

TEST_CASE("as_strided_grad: overlapping views are added, not overwritten") {
  const auto ones = rounded_tensor<float>({4, 3}, std::vector<double>(12, 1));
  CHECK(values_of<float>(summed(ones, {2, 3}, {1, 1})) == std::vector<float>{1, 2, 3, 3, 2, 1});
  const auto dy = rounded_tensor<float>({2, 2}, {1, 2, 3, 4});
  CHECK(values_of<float>(summed(dy, {6}, {0, 4}, 1)) == std::vector<float>{0, 4, 0, 0, 0, 6});
  CHECK(values_of<float>(summed(dy, {2, 2}, {-2, 1}, 2)) == std::vector<float>{3, 4, 1, 2});
  CHECK(values_of<float>(summed(rounded_tensor<float>({}, {7}), {3}, {}, 1)) == std::vector<float>{0, 7, 0});
}

TEST_CASE("as_strided_grad: a million float16 terms on one element are rounded once") {
  HALFULP_RANDOM(r, 103);
  tensor dy(dtype::float16, {1000, 1000});
  std::int64_t sum = 0;
  for (auto& v : dy.elements<float16>()) {
    do v = r.any_finite<float16>();
    while (std::abs(widen(v)) > 0x1p-3);
    sum += static_cast<std::int64_t>(widen(v) * 0x1p24);
  }
  const auto dx = values_of<float16>(summed(dy, {3}, {0, 0}, 1));
  CHECK(dx[1] == narrow<float16>(static_cast<double>(sum) * 0x1p-24));
  CHECK((to_bits(dx[0]) == 0 && to_bits(dx[2]) == 0));
}

TEST_CASE("as_strided_grad: random overlapping views agree with sums in integers") {
  HALFULP_RANDOM(r, 107);
  for (std::int64_t n = repeats(200); n > 0; --n) {
    numbers size, stride;
    std::int64_t least = 0, greatest = 0;
    for (std::int64_t k = r.between(0, 4); k > 0; --k) {
      size.push_back(r.between(0, 9) == 0 ? 0 : r.between(1, 5));
      stride.push_back(r.between(-2, 4));
      (stride.back() < 0 ? least : greatest) += std::max<std::int64_t>(size.back() - 1, 0) * stride.back();
    }
    const std::int64_t offset = -least, elements = greatest - least + 1;
    extents shape;
    for (const std::int64_t d : size) shape.push_back(d);
    tensor dy(dtype::float32, shape);
    std::vector<float> want(static_cast<std::size_t>(elements), 0);
    const auto terms = dy.elements<float>();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      terms[i] = static_cast<float>(r.between(-1000, 1000));
      std::int64_t at = offset, rest = static_cast<std::int64_t>(i);
      for (std::size_t k = size.size(); k-- > 0; rest /= size[k]) at += rest % size[k] * stride[k];
      want[static_cast<std::size_t>(at)] += terms[i];
    }
    CHECK(values_of<float>(summed(dy, {elements}, stride, offset)) == want);
  }
}

TEST_CASE("as_strided_grad: empty shapes give zeros, and a dy that is no view is refused") {
  const auto refusal = [](const extents& dy, const numbers& x, const numbers& stride, std::int64_t offset) {
    return refusal_of("as_strided_grad", {{tensor(dtype::float32, dy).view()}, list_of(x), list_of(stride), {offset}});
  };
  const tensor nothing(dtype::float32, {0, 2});
  CHECK(values_of<float>(summed(nothing, {2, 2}, {-9, 9}, 99)) == std::vector<float>{0, 0, 0, 0});
  CHECK(summed(nothing, {0, 3}, {1, 1}).shape() == extents{0, 3});
  CHECK(refusal({3}, {0, 32}, {1}, 0).ends_with("offset must be less than the number of elements of x"));
  CHECK(refusal({7}, {6}, {1}, 0).ends_with("the view must end within the elements of x"));
  CHECK(refusal({2}, {6}, {-1}, 0).ends_with("the view must begin within the elements of x"));
  CHECK(refusal({2, 2}, {6}, {1}, 0) ==
        "as_strided_grad: stride is [1]; stride must have one number for each dimension of dy");
}

}  // namespace halfulp::tests
