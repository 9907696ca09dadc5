// More than 2^31 elements that are added up, or added to: halfulp_tests_cuda "[.large]".
#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>

#include "cuda/large.hpp"

namespace halfulp::tests {

TEST_CASE("cuda large: index_add of more than 2^31 elements into few", "[.large]") {
  HALFULP_RANDOM(r, 28);
  const repeated_bytes bytes(r);
  constexpr std::int64_t bins = 3;
  const tensor x = large_tensor(bytes, dtype::uint8, {bins, even}),
               value = large_tensor(bytes, dtype::uint8, {rows, even});
  tensor index(dtype::int64, {rows});
  for (std::int64_t& i : index.elements<std::int64_t>()) i = r.between(0, bins - 1);
  const tensor y = computed<op::index_add, std::uint8_t>(
      call_for<op::index_add>({{x.view()}, {index.view()}, {std::int64_t{0}}, {value.view()}}), {bins, even});
  tensor want = large_tensor(bytes, dtype::uint8, {bins, even});
  for (std::int64_t i = 0; i < rows; ++i) {
    auto* const to =
        want.elements<std::uint8_t>().data() + index.elements<std::int64_t>()[static_cast<std::size_t>(i)] * even;
    const auto* const from = value.elements<std::uint8_t>().data() + i * even;
    for (std::int64_t j = 0; j < even; ++j) to[j] = static_cast<std::uint8_t>(to[j] + from[j]);
  }
  CHECK(std::memcmp(y.bytes().data(), want.bytes().data(), want.bytes().size()) == 0);
}

TEST_CASE("cuda large: put_along_axis and index_put into more than 2^31 elements", "[.large]") {
  HALFULP_RANDOM(r, 29);
  const repeated_bytes bytes(r);
  constexpr std::int64_t bins = narrow_rows * narrow_width, updates = 1000;
  const tensor x = large_tensor(bytes, dtype::int8, {bins}), value = large_tensor(bytes, dtype::int8, {updates});
  tensor index(dtype::int64, {updates}), high(dtype::int64, {updates}), low(dtype::int64, {updates});
  for (std::size_t k = 0; k < updates; ++k) {
    const std::int64_t i = k < 8 ? bins - 1 - static_cast<std::int64_t>(k) % 3 : r.between(0, bins - 1);
    index.elements<std::int64_t>()[k] = i;
    high.elements<std::int64_t>()[k] = i / narrow_width;
    low.elements<std::int64_t>()[k] = i % narrow_width - (k % 2 == 0 ? narrow_width : 0);
  }
  const auto check = [&](const tensor& y, auto combine) {
    tensor want = large_tensor(bytes, dtype::int8, {bins});
    for (std::size_t k = 0; k < updates; ++k) {
      auto& to = want.elements<std::int8_t>()[static_cast<std::size_t>(index.elements<std::int64_t>()[k])];
      to = static_cast<std::int8_t>(combine(to, value.elements<std::int8_t>()[k]));
    }
    CHECK(std::memcmp(y.bytes().data(), want.bytes().data(), want.bytes().size()) == 0);
  };
  const auto put = [&](const char* how) {
    return computed<op::put_along_axis, std::int8_t>(
        call_for<op::put_along_axis>({{x.view()}, {index.view()}, {value.view()}, {std::int64_t{0}}},
                                     {{"reduce", {std::string(how)}}}),
        {bins});
  };
  check(put("assign"), [](int, int b) { return b; });
  check(put("amax"), [](int a, int b) { return std::max(a, b); });
  const tensor plane = large_tensor(bytes, dtype::int8, {narrow_rows, narrow_width});
  check(computed<op::index_put, std::int8_t>(
            call_for<op::index_put>({{plane.view()}, {argument::list{{high.view()}, {low.view()}}}, {value.view()}},
                                    {{"accumulate", {true}}}),
            {bins}),
        [](int a, int b) { return a + b; });
}

}  // namespace halfulp::tests
