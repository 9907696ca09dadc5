// The arithmetic of the float64 tiles of a GPU, on the host: within its bound, and in one binade.
#include <halfulp/kernels/core/extraction.hpp>

#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/expansion.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using kernels::cuda::extracted_sum;

constexpr int rows = 2, columns = 3;

struct factors {
  std::vector<double> a, b;  // of each term: rows numbers, and columns numbers
};

template <class Draw>
factors drawn(std::int64_t terms, Draw draw) {
  factors f;
  for (std::int64_t k = 0; k < terms * rows; ++k) f.a.push_back(draw());
  for (std::int64_t k = 0; k < terms * columns; ++k) f.b.push_back(draw());
  return f;
}

/// The totals of parts of at most `part` terms, joined by two_sum, as a tile joins them, and how many joins there were.
struct joined_sums {
  double_double total[rows][columns] = {};
  std::int64_t joins = 0;
};

joined_sums add_up(const factors& f, double span, std::int64_t part) {
  joined_sums all;
  const auto terms = static_cast<std::int64_t>(f.a.size()) / rows;
  for (std::int64_t first = 0; first < terms; first += part, ++all.joins) {
    extracted_sum sum[rows][columns];
    for (auto& row : sum)
      for (auto& s : row) s = extracted_sum(span);
    for (std::int64_t k = first; k < std::min(terms, first + part); ++k) {
      double b[columns];
      for (int j = 0; j < columns; ++j) b[j] = f.b[static_cast<std::size_t>(k * columns + j)];
      kernels::cuda::add_products<rows>(sum, f.a.data() + k * rows, b);
      for (const auto& row : sum)
        for (const auto& s : row) REQUIRE((s.high >= span && s.high < 2 * span));
    }
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) {
        const double_double s = two_sum(all.total[i][j].hi, sum[i][j].high - 1.5 * span);
        all.total[i][j] = {s.hi, all.total[i][j].lo + (sum[i][j].low + s.lo)};
      }
  }
  return all;
}

/// The largest |high + low - exact| of the sums, over the span.
double error_of(const factors& f, const joined_sums& got, double span) {
  double largest = 0;
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      exact_sum<double> error;
      for (std::size_t k = 0; k * rows < f.a.size(); ++k) error.add_product(f.a[k * rows + i], f.b[k * columns + j]);
      error.subtract(got.total[i][j].hi);
      error.subtract(got.total[i][j].lo);
      largest = std::max(largest, std::abs(error.round<double>()) / span);
    }
  return largest;
}

/// Four times the magnitudes of so many products of numbers below 1.
double span_for(std::int64_t terms) {
  return std::exp2(std::ceil(std::log2(static_cast<double>(4 * terms))));
}

}  // namespace

TEST_CASE("extraction: sums stay in their binade, and within their bound of the exact ones") {
  HALFULP_RANDOM(r, 1);
  for (std::int64_t k = 0; k < repeats(200); ++k) {
    const std::int64_t terms = r.between(1, 300), part = r.between(0, 1) == 0 ? terms : r.between(1, terms);
    const int spread = static_cast<int>(r.between(0, 60));
    const factors f = drawn(terms, [&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, spread))); });
    const double span = span_for(part);
    const joined_sums got = add_up(f, span, part);
    CHECK(error_of(f, got, span) <= kernels::cuda::extraction_bound(terms, part, got.joins));
  }
}

TEST_CASE("extraction: nothing is rounded where the lowest bits leave room") {
  HALFULP_RANDOM(r, 2);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    const std::int64_t terms = r.between(1, 300), part = r.between(1, terms);
    const int bits = static_cast<int>(r.between(10, 40));
    const factors f = drawn(terms, [&] { return std::ldexp(std::floor(std::ldexp(r.uniform(), bits)), -bits); });
    const double span = span_for(part), lowest = std::ldexp(1.0, -2 * bits);
    const joined_sums got = add_up(f, span, part);
    if (kernels::cuda::extraction_total(terms, got.joins) * span <= 0x1p53 * lowest) CHECK(error_of(f, got, span) == 0);
  }
}

}  // namespace halfulp::tests
