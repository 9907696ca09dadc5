#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/expand.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {
namespace {

/// Any bits: NaNs of every sign and payload among them.
tensor any_tensor(random_source& r, dtype type, const extents& shape) {
  tensor t(type, shape);
  for (std::byte& b : t.bytes()) b = static_cast<std::byte>(r.bits());
  if (type == dtype::boolean)
    for (std::byte& b : t.bytes()) b &= std::byte{1};
  return t;
}

std::vector<std::int64_t> numbers(const extents& e) {
  return {e.begin(), e.end()};
}

/// A shape that can be broadcast to `to`.
extents narrower(random_source& r, const extents& to) {
  extents e;
  for (int k = static_cast<int>(r.between(0, to.rank)); k < to.rank; ++k) e.push_back(r.between(0, 2) == 0 ? 1 : to[k]);
  return e;
}

extents random_shape(random_source& r) {
  extents e;
  for (std::int64_t k = r.between(0, 5); k > 0; --k) e.push_back(r.between(0, 12) == 0 ? 0 : r.between(1, 9));
  return e;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda movement: expand, as_strided and index_sample move every bit as the CPU does", "", bool,
                   std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 20);
  comparison all;
  for (std::int64_t k = 0; k < repeats(10); ++k) {
    const extents to = random_shape(r);
    const tensor x = any_tensor(r, dtype_of<TestType>, narrower(r, to));
    all += compare<op::expand, TestType>(call_for<op::expand>({{x.view()}, list_of(numbers(to))}));
    const std::int64_t d = r.between(1, 40), rows = r.between(0, 30);
    const tensor table = any_tensor(r, dtype_of<TestType>, {rows, d});
    tensor index(k % 2 == 0 ? dtype::int32 : dtype::int64, {rows, r.between(0, 50)});
    for (std::int64_t i = 0; i < index.numel(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (k % 2 == 0)
        index.elements<std::int32_t>()[at] = static_cast<std::int32_t>(r.between(0, d - 1));
      else
        index.elements<std::int64_t>()[at] = r.between(0, d - 1);
    }
    all += compare<op::index_sample, TestType>(call_for<op::index_sample>({{table.view()}, {index.view()}}));
    const std::int64_t n = r.between(60, 400);
    const tensor line = any_tensor(r, dtype_of<TestType>, {n});
    const std::vector<std::int64_t> size{r.between(0, 5), r.between(1, 6)}, stride{r.between(-3, 3), r.between(0, 5)};
    all += compare<op::as_strided, TestType>(
        call_for<op::as_strided>({{line.view()}, list_of(size), list_of(stride)}, {{"offset", {std::int64_t{20}}}}));
  }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("cuda movement: copysign sets the sign of every value, NaN payloads kept, as the CPU does", "", bool,
                   std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float,
                   double) {
  HALFULP_RANDOM(r, 21);
  comparison all;
  for (std::int64_t k = 0; k < repeats(10); ++k) {
    const extents to = random_shape(r);
    tensor x = any_tensor(r, dtype_of<TestType>, narrower(r, to)), y = any_tensor(r, dtype_of<TestType>, to);
    if constexpr (std::is_integral_v<TestType> && std::is_signed_v<TestType>)
      for (TestType& v : x.elements<TestType>()) v = std::max<TestType>(v, -100);  // the least integer has no magnitude
    all += compare<op::copysign, TestType>(call_for<op::copysign>({{x.view()}, {y.view()}}));
  }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("cuda movement: copysign is right for all 16-bit values and every kind of second argument", "",
                   float16, bfloat16) {
  tensor x(dtype_of<TestType>, {65536, 1}), y(dtype_of<TestType>, {9});
  for (std::size_t k = 0; k < 65536; ++k)
    x.elements<TestType>()[k] = from_bits<TestType>(static_cast<std::uint16_t>(k));
  const std::uint16_t seconds[] = {0, 0x8000, 0x3c00, 0xbc00, 0x7fff, 0xffff, 0x7fe0, 0xffe1, 0x8001};
  for (std::size_t k = 0; k < std::size(seconds); ++k) y.elements<TestType>()[k] = from_bits<TestType>(seconds[k]);
  CHECK(compare<op::copysign, TestType>(call_for<op::copysign>({{x.view()}, {y.view()}})).wrong == 0);
}

TEMPLATE_TEST_CASE("cuda movement: views are transposed tile by tile as the CPU does, whatever is beside the plane", "",
                   bool, std::int16_t, float, double, std::complex<double>) {
  HALFULP_RANDOM(r, 23);
  comparison all;
  for (std::int64_t k = 0; k < repeats(6); ++k) {
    const std::int64_t a = r.between(1, 200), b = r.between(1, 200), c = r.between(1, 4), d = r.between(0, 3);
    const tensor x = any_tensor(r, dtype_of<TestType>, {a * b * c * std::max<std::int64_t>(d, 1) + 5});
    const auto viewed = [&](const std::vector<std::int64_t>& size, const std::vector<std::int64_t>& stride,
                            std::int64_t offset) {
      all += compare<op::as_strided, TestType>(
          call_for<op::as_strided>({{x.view()}, list_of(size), list_of(stride)}, {{"offset", {offset}}}));
    };
    viewed({b, a}, {1, b}, r.between(0, 5));
    viewed({b, a}, {-1, b}, b - 1);
    viewed({b, a}, {1, -b}, (a - 1) * b);
    viewed({c, b, a}, {a * b, 1, b}, 0);
    viewed({b, c, a}, {1, b, b * c}, 1);
    viewed({c, b, d, a}, {b, 1, a * b * c, b * c}, 0);
  }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("cuda movement: views whose rows begin anywhere within 16 bytes are those of the CPU", "", bool,
                   std::int16_t, float, double) {
  HALFULP_RANDOM(r, 24);
  comparison all;
  const tensor x = any_tensor(r, dtype_of<TestType>, {2000});
  for (std::int64_t offset = 0; offset <= 16; ++offset)
    for (const std::int64_t step : {64, 65}) {
      const std::vector<std::int64_t> size{5, 48}, stride{step, 1};
      all += compare<op::as_strided, TestType>(
          call_for<op::as_strided>({{x.view()}, list_of(size), list_of(stride)}, {{"offset", {offset}}}));
    }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

}  // namespace halfulp::tests
