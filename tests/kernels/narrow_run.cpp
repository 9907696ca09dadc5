#include <halfulp/oracle/core/narrow_run.hpp>

#include <halfulp/oracle/ops/as_strided.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

/// Whether floor(a / d) comes out for every a up to the greatest. The quotient that is computed grows with a, and exceeds
/// a / d by ever more, so that it is wrong first at the greatest a that leaves the greatest remainder, if at all.
bool divides(std::int64_t d) {
  const narrow_int by = narrow_int::divisor(d);
  const std::int64_t last = (narrow_int::most + 1) / d * d - 1;
  bool right = true;
  for (const std::int64_t a : {std::int64_t{0}, d - 1, d <= narrow_int::most ? d : d - 1, last, narrow_int::most})
    right = right && (narrow_int(a) / by).value() == a / d;
  return right;
}

}  // namespace

TEST_CASE("narrow run: division by reciprocals is exact for small, large and random divisors") {
  std::int64_t wrong = 0;
  for (std::int64_t d = 1; d < 1 << 16; ++d) wrong += !divides(d) + !divides(narrow_int::most - d + 1);
  for (int k = 0; k < 31; ++k)
    for (std::int64_t d = (std::int64_t{1} << k) - 2; d <= (std::int64_t{1} << k) + 2; ++d)
      if (d >= 1 && d <= narrow_int::most) wrong += !divides(d);
  HALFULP_RANDOM(r, 50);
  for (std::int64_t k = 0; k < repeats(100000); ++k) {
    const std::int64_t d = r.between(1, narrow_int::most), a = r.between(0, narrow_int::most);
    wrong += !divides(d) + ((narrow_int(a) / narrow_int::divisor(d)).value() != a / d);
  }
  CHECK(wrong == 0);
}

TEST_CASE("narrow run: division by reciprocals is exact for every divisor", "[.campaign]") {
  std::int64_t wrong = 0;
  for (std::int64_t d = 1; d <= narrow_int::most; ++d) wrong += !divides(d);
  CHECK(wrong == 0);
}

TEST_CASE("narrow run: a view leads to the same elements as in 64 bits") {
  HALFULP_RANDOM(r, 51);
  run wide("as_strided");
  narrow_run narrow("as_strided");
  for (std::int64_t k = 0; k < repeats(200); ++k) {
    std::int64_t size[max_rank], step[max_rank], offset = 0, reach = 0;
    const int rank = static_cast<int>(r.between(0, max_rank));
    for (int d = 0; d < rank; ++d) {
      size[d] = r.between(1, d < 3 ? 40 : 4);
      step[d] = r.between(-50, 50);
      offset += std::max<std::int64_t>(0, -step[d]) * (size[d] - 1);
      reach += std::max<std::int64_t>(0, step[d]) * (size[d] - 1);
    }
    const auto g = op::as_strided::geometry<run>::of(wide, offset + reach + 1,
                                                     shape<run>::of(wide, "shape", size, rank), step, offset);
    op::as_strided::geometry<narrow_run> n;
    n.y = narrowed(g.y);
    n.offset = g.offset;
    for (int d = 0; d < rank; ++d) n.stride[d] = g.stride[d];
    for (int i = 0; i < 50; ++i) {
      const std::int64_t e = r.between(0, g.y.numel - 1);
      REQUIRE(n.source(narrow, {narrow_int(e), {}}).v.value() == g.source(wide, {e, {}}).v);
    }
  }
}

}  // namespace halfulp::tests
