// All 2^32 pairs of binary16 (or bfloat16) through the copysign kernel, each compared with the operation of
// IEEE 754 on its bits. Takes minutes; the line that a shard prints adds up with the others' (campaigns/shards.hpp).
//   halfulp_campaign_copysign [float16|bfloat16 [SHARD/SHARDS]]

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "campaigns/shards.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::tests;

constexpr std::int64_t all = 65536;
constexpr std::int64_t rows = 64;  // values of x a call; 64 * 65536 results

tensor every_number(dtype type, std::int64_t first, std::int64_t count, const extents& shape) {
  tensor t(type, shape);
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(count));
  std::iota(bits.begin(), bits.end(), static_cast<std::uint16_t>(first));
  std::memcpy(t.bytes().data(), bits.data(), t.bytes().size());
  return t;
}

/// How many of the results for x in [first, first + rows) and every y are wrong.
std::int64_t wrong_bits(dtype type, std::int64_t first) {
  const tensor x = every_number(type, first, rows, {rows, 1});
  const tensor y = every_number(type, 0, all, {all});
  const auto z =
      kernels::compute("copysign", {signature_named("copysign"), {{x.view()}, {y.view()}}, {}}).outputs.at(0);
  std::vector<std::uint16_t> got(static_cast<std::size_t>(rows * all));
  std::memcpy(got.data(), z.bytes().data(), z.bytes().size());
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < rows * all; ++i) {
    const std::int64_t want = ((first + i / all) & 0x7fff) | ((i % all) & 0x8000);
    wrong += got[static_cast<std::size_t>(i)] != want;
  }
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const auto type = dtype_named(argc > 1 ? argv[1] : "float16");
  const auto part = argc > 2 ? shard_of(argv[2]) : shard{};
  if (argc > 3 || !part || (type != dtype::float16 && type != dtype::bfloat16)) {
    std::fprintf(stderr, "halfulp_campaign_copysign: the arguments are float16 or bfloat16, and a shard such as 0/4\n");
    return 2;
  }
  tally counted;
  for (std::int64_t first = part->index * rows; first < all; first += part->count * rows) {
    counted["pairs"] += rows * all;
    counted["wrong"] += wrong_bits(*type, first);
  }
  std::printf("%s\n", line_of("copysign " + std::string(name_of(*type)), *part, counted).c_str());
  return counted.of("wrong") == 0 ? 0 : 1;
}
