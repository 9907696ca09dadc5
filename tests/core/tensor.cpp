#include <halfulp/oracle/core/tensor.hpp>

#include <numeric>

#include <catch2/catch.hpp>

namespace halfulp::tests {

TEST_CASE("tensor: a new one is zero, row-major and contiguous") {
  const tensor t(dtype::float32, {2, 3, 4});
  CHECK(t.numel() == 24);
  CHECK(t.view().strides == extents{12, 4, 1});
  CHECK(t.view().is_contiguous());
  for (const float x : t.elements<float>()) CHECK(x == 0);
  CHECK(to_string(t.shape()) == "[2, 3, 4]");
}

TEST_CASE("tensor: a zero dimension makes it empty, whatever the others") {
  const std::int64_t large = std::int64_t{1} << 40;
  CHECK(product({large, large, 0}) == 0);
  CHECK(tensor(dtype::float64, {large, 0, large}).bytes().empty());
  CHECK(product({}) == 1);  // rank 0
}

TEST_CASE("contiguous: strided, reversed and repeated elements come out row-major") {
  tensor t(dtype::int32, {2, 3});
  std::iota(t.elements<std::int32_t>().begin(), t.elements<std::int32_t>().end(), 0);
  const auto packed = [](const tensor_view& v) {
    tensor keep;
    const auto e = contiguous(v, keep).elements<std::int32_t>();
    return std::vector<std::int32_t>(e.begin(), e.end());
  };
  tensor_view v = t.view();
  v.shape = {3, 2};
  v.strides = {1, 3};  // the transpose
  CHECK(packed(v) == std::vector<std::int32_t>{0, 3, 1, 4, 2, 5});
  v.shape = {2, 2};
  v.strides = {0, 1};  // a row twice
  CHECK(packed(v) == std::vector<std::int32_t>{0, 1, 0, 1});
  v.data = t.elements<std::int32_t>().data() + 5;
  v.shape = {3};
  v.strides = {-2};
  CHECK(packed(v) == std::vector<std::int32_t>{5, 3, 1});
  v.shape = {0};
  CHECK(packed(v).empty());
}

TEST_CASE("contiguous: what is so already is not copied") {
  const tensor t(dtype::float32, {4});
  tensor keep;
  CHECK(contiguous(t.view(), keep).data == t.view().data);
}

}  // namespace halfulp::tests
