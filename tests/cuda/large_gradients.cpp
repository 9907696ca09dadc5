// More than 2^31 elements: gradients of copysign and as_strided, and unique: halfulp_tests_cuda "[.large]".
#include <halfulp/oracle/core/error.hpp>
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/ops/as_strided_grad.hpp>
#include <halfulp/oracle/ops/copysign_x_grad.hpp>
#include <halfulp/oracle/ops/unique.hpp>

#include "cuda/large.hpp"

namespace halfulp::tests {
namespace {

/// -2, -1, 1 and 2, of a prime period as repeated_bytes.
tensor signed_numbers(const repeated_bytes& bytes, const extents& shape, std::int64_t shift) {
  constexpr std::int64_t period = 1000003;
  constexpr double numbers[] = {-2, -1, 1, 2};
  std::vector<float16> line;
  for (std::int64_t k = 0; k < period; ++k) line.push_back(narrow<float16>(numbers[bytes[k + shift] % 4]));
  tensor t(dtype::float16, shape);
  auto* const to = t.elements<float16>().data();
  for (std::int64_t k = 0; k < t.numel(); k += period)
    std::copy_n(line.data(), std::min(period, t.numel() - k), to + k);
  return t;
}

bool is_negative(float16 v) {
  return (to_bits(v) & 0x8000) != 0;
}

}  // namespace

TEST_CASE("cuda large: the gradient of copysign's x in more than 2^31 elements, of one shape and summed up",
          "[.large]") {
  HALFULP_RANDOM(r, 90);
  const repeated_bytes bytes(r);
  const tensor x = signed_numbers(bytes, {rows, even}, 0), y = signed_numbers(bytes, {1, even}, 5),
               dz = signed_numbers(bytes, {rows, even}, 11);
  const auto *from = x.elements<float16>().data(), *sign = y.elements<float16>().data(),
             *term = dz.elements<float16>().data();
  {
    const tensor dx = computed<op::copysign_x_grad, float16>(
        call_for<op::copysign_x_grad>({{x.view()}, {y.view()}, {dz.view()}}), {rows, even});
    const auto* got = dx.elements<float16>().data();
    std::int64_t wrong = 0;
#pragma omp parallel for reduction(+ : wrong)
    for (std::int64_t k = 0; k < dx.numel(); ++k) {
      const bool turned = is_negative(from[k]) != is_negative(sign[k % even]);
      wrong += to_bits(got[k]) != (turned ? to_bits(term[k]) ^ 0x8000 : to_bits(term[k]));
    }
    CHECK(wrong == 0);
  }
  const tensor dy = computed<op::copysign_x_grad, float16>(
      call_for<op::copysign_x_grad>({{y.view()}, {x.view()}, {dz.view()}}), {1, even});
  const auto one = to_bits(narrow<float16>(1.0));
  std::vector<std::int64_t> want(even);
#pragma omp parallel for  // columns, a few cache lines of each row at a time
  for (std::int64_t first = 0; first < even; first += 256)
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = first; j < std::min<std::int64_t>(first + 256, even); ++j) {
        const std::int64_t size = (to_bits(term[i * even + j]) & 0x7fff) == one ? 1 : 2;
        const bool minus = is_negative(term[i * even + j]) != (is_negative(from[i * even + j]) != is_negative(sign[j]));
        want[static_cast<std::size_t>(j)] += minus ? -size : size;
      }
  std::int64_t wrong = 0;
  for (std::size_t j = 0; j < want.size(); ++j)
    wrong += to_bits(dy.elements<float16>()[j]) != to_bits(narrow<float16>(static_cast<double>(want[j])));
  CHECK(wrong == 0);
}

TEST_CASE("cuda large: the gradient of as_strided from more than 2^31 elements, and into as many", "[.large]") {
  HALFULP_RANDOM(r, 91);
  const repeated_bytes bytes(r);
  {
    const tensor dy = large_tensor(bytes, dtype::uint8, {rows, even});
    constexpr std::int64_t places = rows + even - 1;
    const tensor dx = computed<op::as_strided_grad, std::uint8_t>(
        call_for<op::as_strided_grad>({{dy.view()}, list_of({places}), list_of({1, 1})}), {places});
    std::vector<std::uint8_t> want(places);
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto* const line = dy.elements<std::uint8_t>().data() + i * even;
      auto* const sums = want.data() + i;
      for (std::int64_t j = 0; j < even; ++j) sums[j] = static_cast<std::uint8_t>(sums[j] + line[j]);
    }
    CHECK(std::memcmp(dx.bytes().data(), want.data(), want.size()) == 0);
  }
  constexpr std::int64_t places = rows * odd, lines = 1000, step = places / lines - 3;
  const tensor dy = large_tensor(bytes, dtype::uint8, {lines, 3});
  const tensor dx = computed<op::as_strided_grad, std::uint8_t>(
      call_for<op::as_strided_grad>({{dy.view()}, list_of({places}), list_of({step, 7})}), {places});
  auto* const got = dx.elements<std::uint8_t>().data();
  std::int64_t wrong = 0, elsewhere = 0;
  for (std::int64_t i = 0; i < lines; ++i)
    for (std::int64_t j = 0; j < 3; ++j) {
      wrong += got[i * step + 7 * j] != bytes[3 * i + j];
      got[i * step + 7 * j] = 0;
    }
  for (const std::byte b : dx.bytes()) elsewhere += b != std::byte{0};
  CHECK(wrong == 0);
  CHECK(elsewhere == 0);
}

TEST_CASE("cuda large: unique rows of more than 2^31 elements, and the number of rows that is refused", "[.large]") {
  HALFULP_RANDOM(r, 92);
  const repeated_bytes bytes(r);
  constexpr std::int64_t slices = (std::int64_t{1} << 30) + 5, width = 3;
  {
    const tensor x = large_tensor(bytes, dtype::uint8, {slices, width});
    std::vector<std::int64_t> times(1 << 24);
    for (std::int64_t k = 0; k < slices; ++k) {
      const auto* const row = x.elements<std::uint8_t>().data() + k * width;
      ++times[static_cast<std::size_t>(row[0] << 16 | row[1] << 8 | row[2])];
    }
    const call c = call_for<op::unique>({{x.view()}}, {{"return_counts", {true}}, {"axis", {std::int64_t{0}}}});
    device_copies keep;
    const auto device = on_device(op::unique::bind<std::uint8_t>(c), keep);
    const device_outputs out({{dtype::uint8, {slices, width}}, {dtype::int64, {slices}}});
    const device_bytes number(sizeof(std::int64_t));
    const device_queue queue;
    kernels::compute_found_on_cuda<op::unique, std::uint8_t>(device, out.view,
                                                             static_cast<std::int64_t*>(number.data()), queue.get());
    (void)queue.finish();
    std::int64_t found = 0;
    std::memcpy(&found, number.read().data(), sizeof found);
    std::vector<std::uint8_t> values;
    std::vector<std::int64_t> counts;
    for (std::size_t v = 0; v < times.size(); ++v)
      if (times[v] > 0) {
        for (const int shift : {16, 8, 0}) values.push_back(static_cast<std::uint8_t>(v >> shift));
        counts.push_back(times[v]);
      }
    REQUIRE(found == static_cast<std::int64_t>(counts.size()));
    std::vector<std::uint8_t> got_values(values.size());
    std::vector<std::int64_t> got_counts(counts.size());
    check_cuda(cudaMemcpy(got_values.data(), out.memory[0]->data(), got_values.size(), cudaMemcpyDefault));
    check_cuda(cudaMemcpy(got_counts.data(), out.memory[1]->data(), got_counts.size() * sizeof(std::int64_t),
                          cudaMemcpyDefault));
    CHECK(got_values == values);
    CHECK(got_counts == counts);
  }
  constexpr std::int64_t too_many = std::int64_t{1} << 31;
  const tensor x = large_tensor(bytes, dtype::uint8, {too_many});
  device_copies keep;
  const auto device = on_device(op::unique::bind<std::uint8_t>(call_for<op::unique>({{x.view()}})), keep);
  const device_outputs out({{dtype::uint8, {too_many}}});
  const device_bytes number(sizeof(std::int64_t));
  const device_queue queue;
  CHECK_THROWS_AS((kernels::compute_found_on_cuda<op::unique, std::uint8_t>(
                      device, out.view, static_cast<std::int64_t*>(number.data()), queue.get())),
                  device_error);
}

}  // namespace halfulp::tests
