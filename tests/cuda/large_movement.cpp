// More than 2^31 elements: halfulp_tests_cuda "[.large]". They take up to 50 GiB of device memory and 20 GiB of the host's.
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/copysign.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include "cuda/large.hpp"

namespace halfulp::tests {

TEST_CASE("cuda large: expand moves more than 2^31 elements, packed and one by one", "[.large]") {
  HALFULP_RANDOM(r, 22);
  const repeated_bytes bytes(r);
  for (const std::int64_t columns : {even, odd}) {
    const tensor x = large_tensor(bytes, dtype::int8, {1, columns});
    const tensor y = computed<op::expand, std::int8_t>(call_for<op::expand>({{x.view()}, list_of({rows, columns})}),
                                                       {rows, columns});
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i)
      wrong += std::memcmp(y.bytes().data() + i * columns, x.bytes().data(), static_cast<std::size_t>(columns)) != 0;
    CHECK(wrong == 0);
  }
}

TEST_CASE("cuda large: copysign of more than 2^31 elements", "[.large]") {
  HALFULP_RANDOM(r, 24);
  const repeated_bytes bytes(r);
  tensor x = large_tensor(bytes, dtype::int8, {1, odd});
  for (std::int8_t& v : x.elements<std::int8_t>()) v = std::max<std::int8_t>(v, -100);
  const tensor y = large_tensor(bytes, dtype::int8, {rows, odd});
  const tensor z = computed<op::copysign, std::int8_t>(call_for<op::copysign>({{x.view()}, {y.view()}}), {rows, odd});
  std::int64_t wrong = 0;
  const auto *from = x.elements<std::int8_t>().data(), *sign = y.elements<std::int8_t>().data();
  const auto* got = z.elements<std::int8_t>().data();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < odd; ++j)
      wrong += got[i * odd + j] != ((from[j] < 0) == (sign[i * odd + j] < 0) ? from[j] : -from[j]);
  CHECK(wrong == 0);
}

TEST_CASE("cuda large: a view of more than 2^31 elements is transposed", "[.large]") {
  HALFULP_RANDOM(r, 25);
  const repeated_bytes bytes(r);
  constexpr std::int64_t wide = 46349, tall = 46343;  // x: (tall, wide), y: its transpose
  const tensor x = large_tensor(bytes, dtype::uint8, {tall * wide});
  const tensor y = computed<op::as_strided, std::uint8_t>(
      call_for<op::as_strided>({{x.view()}, list_of({wide, tall}), list_of({1, wide})}), {wide, tall});
  const auto *from = x.elements<std::uint8_t>().data(), *got = y.elements<std::uint8_t>().data();
  std::int64_t wrong = 0;
  for (std::int64_t block = 0; block < wide; block += 64)
    for (std::int64_t j = 0; j < tall; ++j)
      for (std::int64_t i = block; i < std::min(wide, block + 64); ++i)
        wrong += got[i * tall + j] != from[j * wide + i];
  CHECK(wrong == 0);
}

TEST_CASE("cuda large: index_sample and its gradient in more than 2^31 elements", "[.large]") {
  HALFULP_RANDOM(r, 26);
  const repeated_bytes bytes(r);
  constexpr std::int64_t samples = 3;
  tensor index(dtype::int32, {narrow_rows, samples});
  for (std::int32_t& i : index.elements<std::int32_t>()) i = static_cast<std::int32_t>(r.between(0, narrow_width - 1));
  const auto column = index.elements<std::int32_t>();
  const auto place = [&](std::size_t k) {
    return static_cast<std::size_t>(static_cast<std::int64_t>(k) / samples * narrow_width + column[k]);
  };
  {
    const tensor x = large_tensor(bytes, dtype::uint8, {narrow_rows, narrow_width});
    const tensor y = computed<op::index_sample, std::uint8_t>(call_for<op::index_sample>({{x.view()}, {index.view()}}),
                                                              {narrow_rows, samples});
    std::int64_t wrong = 0;
    for (std::size_t k = 0; k < column.size(); ++k)
      wrong += y.elements<std::uint8_t>()[k] != x.elements<std::uint8_t>()[place(k)];
    CHECK(wrong == 0);
  }
  const auto check_gradient = [&]<class T>(T) {
    const tensor dy = large_tensor(bytes, dtype_of<T>, {narrow_rows, samples});
    if constexpr (std::is_same_v<T, float16>)
      for (T& v : dy.elements<T>()) v = narrow<T>(static_cast<double>(r.between(-9, 9)));
    const tensor dx = computed<op::index_sample_grad, T>(
        call_for<op::index_sample_grad>({{dy.view()}, {index.view()}, list_of({narrow_rows, narrow_width})}),
        {narrow_rows, narrow_width});
    const auto got = dx.elements<T>();
    std::int64_t wrong = 0, elsewhere = 0;
    const auto number = [](T v) {
      if constexpr (std::is_same_v<T, float16>)
        return widen(v);
      else
        return v;
    };
    for (std::size_t k = 0; k < column.size(); ++k) {
      decltype(number(T{})) sum{};
      for (std::size_t l = k / samples * samples; l < k / samples * samples + samples; ++l)
        if (place(l) == place(k)) sum += number(dy.elements<T>()[l]);
      wrong += number(got[place(k)]) != sum;
    }
    for (std::size_t k = 0; k < column.size(); ++k) got[place(k)] = T{};
    for (const std::byte b : dx.bytes()) elsewhere += b != std::byte{0};
    CHECK(wrong == 0);
    CHECK(elsewhere == 0);
  };
  check_gradient(std::uint8_t{});
  check_gradient(float16{});
}

TEST_CASE("cuda large: expand_grad sums up more than 2^31 terms", "[.large]") {
  HALFULP_RANDOM(r, 27);
  const repeated_bytes bytes(r);
  tensor dy(dtype::float16, {rows, even});
  const float16 numbers[] = {narrow<float16>(-1.0), narrow<float16>(0.0), narrow<float16>(1.0), narrow<float16>(2.0)};
  std::vector<std::int64_t> by_column(even), by_row(rows);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < even; ++j) {
      const int n = bytes[i * even + j] % 4;
      dy.elements<float16>()[static_cast<std::size_t>(i * even + j)] = numbers[n];
      by_column[static_cast<std::size_t>(j)] += n - 1;
      by_row[static_cast<std::size_t>(i)] += n - 1;
    }
  const auto check_sums = [&](const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& want) {
    const tensor dx =
        computed<op::expand_grad, float16>(call_for<op::expand_grad>({{dy.view()}, list_of(shape)}), shape);
    std::int64_t wrong = 0;
    for (std::size_t k = 0; k < want.size(); ++k)
      wrong += to_bits(dx.elements<float16>()[k]) != to_bits(narrow<float16>(static_cast<double>(want[k])));
    CHECK(wrong == 0);
  };
  check_sums({1, even}, by_column);
  check_sums({rows, 1}, by_row);
}

}  // namespace halfulp::tests
