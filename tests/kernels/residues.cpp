// The arithmetic of products by residues, on the host: every step against its definition, and sums against exact ones.
#include <halfulp/kernels/core/residue_sums.hpp>

#include <algorithm>
#include <vector>

#include <halfulp/oracle/core/exact_sum.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels::cuda;

constexpr residue_table table = make_residue_table();

std::int64_t modulo(__int128 x, std::uint32_t p) {
  const auto r = static_cast<std::int64_t>(x % static_cast<std::int64_t>(p));
  return r < 0 ? r + p : r;
}
/// A byte as tensor cores take it.
std::int64_t signed_byte(std::uint32_t bits) {
  return static_cast<std::int8_t>(bits & 255);
}

float binary32_above(double x) {
  const auto near = static_cast<float>(x);
  return static_cast<double>(near) < x ? std::nextafter(near, INFINITY) : near;
}
/// The integer that a number becomes.
__int128 integer_of(const cut_number& c) {
  return (static_cast<__int128>(c.word[2]) << part_bits) + (static_cast<__int128>(c.word[1]) << 32) + c.word[0] -
         (static_cast<__int128>(1) << integer_bits) - (static_cast<__int128>(1) << part_bits);
}

struct line {
  std::vector<cut_number> number;
  residue_line known;
};

line cut_line(const std::vector<double>& x) {
  double largest = 0, total = 0;
  for (const double v : x) {
    largest = std::max(largest, std::abs(v));
    total += std::abs(v);
  }
  total *= total_excess;
  const int exponent = line_exponent(largest, total);
  const double scale = std::ldexp(1, -exponent);
  line l{{}, {0, exponent, 0, binary32_above(largest * scale), binary32_above(total * scale)}};
  for (const double v : x) {
    l.number.push_back(cut(v, scale));
    if (!l.number.back().is_whole) ++l.known.lost;
  }
  return l;
}

joined_sum multiply(const line& row, const line& column) {
  std::uint32_t residue[moduli];
  for (int i = 0; i < moduli; ++i) {
    const residue_steps& s = table.of[i];
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < row.number.size(); ++k)
      sum +=
          signed_byte(residue_of(row.number[k], s.factor, s)) * signed_byte(residue_of(column.number[k], s.image, s));
    REQUIRE(std::abs(sum) <= std::int64_t{1} << 30);
    residue[i] = reduced(static_cast<std::int32_t>(sum), offset_of(s.p), s.p, s.reciprocal);
    REQUIRE(residue[i] <= 255);
  }
  return join_residues(table, [&](int i) { return residue[i]; });
}

/// |exact - (high + low) 2^exponent| of the sum of the products.
double error_of(const std::vector<double>& a, const std::vector<double>& b, const joined_sum& got, int exponent) {
  exact_sum<double> error;
  for (std::size_t k = 0; k < a.size(); ++k) error.add_product(a[k], b[k]);
  error.subtract(std::ldexp(got.high, exponent));
  error.subtract(std::ldexp(got.low, exponent));
  return std::abs(error.round<double>());
}

template <class Draw>
std::vector<double> drawn(std::int64_t n, Draw draw) {
  std::vector<double> x;
  for (std::int64_t k = 0; k < n; ++k) x.push_back(draw());
  return x;
}

/// The error of a sum is within its bound; returns how many numbers were cut off.
double check_sum(const std::vector<double>& a, const std::vector<double>& b) {
  const line row = cut_line(a), column = cut_line(b);
  const joined_sum got = multiply(row, column);
  const int exponent = row.known.exponent + column.known.exponent;
  const double bound = residue_bound(row.known, column.known, got.rest);
  CHECK(error_of(a, b, got, exponent) <= std::ldexp(bound, exponent));
  if (got.rest == 0 && row.known.lost == 0 && column.known.lost == 0) CHECK(bound == 0);
  return static_cast<double>(row.known.lost + column.known.lost);
}

}  // namespace

TEST_CASE("residues: numbers are rounded to integers, and it is told") {
  HALFULP_RANDOM(r, 1);
  for (std::int64_t k = 0; k < repeats(100000); ++k) {
    const double x = k % 3 == 0 ? std::ldexp(r.uniform(), -1040) : r.any_finite<double>();
    const int least = std::max(std::ilogb(x) + 1 - integer_bits, -1022);
    const int exponent = k % 5 == 0 ? least : std::min(least + static_cast<int>(r.between(0, 2 * integer_bits)), 1022);
    const cut_number c = cut(x, std::ldexp(1.0, -exponent));
    const __int128 integer = integer_of(c);
    exact_sum<double> rest;  // x - integer 2^exponent, over 2^exponent; numbers of 53 bits and 2^-1074 and more
    const int down = std::max(exponent, -900);
    rest.add_product(x, std::ldexp(1.0, -down));
    for (const auto part : {static_cast<double>(static_cast<std::int64_t>(integer >> 40)) * 0x1p40,
                            static_cast<double>(static_cast<std::int64_t>(integer & 0xffffffffff))})
      rest.subtract(std::ldexp(part, exponent - down));
    const double left = std::ldexp(rest.round<double>(), down - exponent);
    CHECK(std::abs(left) <= .5);
    CHECK(c.is_whole == (rest.round<double>() == 0));
  }
  CHECK(!cut(0x1p-1074, 0x1p-950).is_whole);
  CHECK(cut(-0.0, 0x1p-950).is_whole);
}

TEST_CASE("residues: a byte is congruent to its number, times the inverse for factors") {
  HALFULP_RANDOM(r, 2);
  for (std::int64_t k = 0; k < repeats(20000); ++k) {
    const double edge[] = {0, 0x1p72, -0x1p72, 0x1p41, -0x1p41, 0x1p42 + 0x1p41, 1};
    const cut_number c = cut(k < 7 ? edge[k] : std::ldexp(r.uniform(), 72 - static_cast<int>(r.between(0, 74))), 1);
    const __int128 number = integer_of(c);
    for (int i = 0; i < moduli; ++i) {
      const residue_steps& s = table.of[i];
      const std::int64_t others = remainder(product_of_moduli(i, i + 1), s.p);
      const std::int64_t of_image = signed_byte(residue_of(c, s.image, s)),
                         of_factor = signed_byte(residue_of(c, s.factor, s));
      CHECK(modulo(of_image, s.p) == modulo(number, s.p));
      CHECK(modulo(of_factor * others, s.p) == modulo(number, s.p));
    }
  }
}

TEST_CASE("residues: every sum of bytes times weights is reduced to a byte") {
  for (const residue_steps& s : table.of)
    for (std::uint32_t x = 0; x < 1 << 20; ++x) {
      const cut_number nothing{};
      const byte_weights begins{{}, 0x4b000000 + x};
      const std::int64_t got = signed_byte(residue_of(nothing, begins, s));
      if (modulo(got, s.p) != (x + (1 << 23)) % s.p) FAIL("modulus " << s.p << ", sum " << x);
    }
}

TEST_CASE("residues: sums of products are reduced to a byte") {
  HALFULP_RANDOM(r, 3);
  const std::int64_t most = std::int64_t{1} << 30;
  for (const residue_steps& s : table.of)
    for (std::int64_t k = 0; k < repeats(20000); ++k) {
      const std::int64_t near[] = {-most, most, 0, -1, 1, most / s.p * s.p, most / s.p * s.p - 1};
      const std::int64_t sum = k < 7        ? near[k]
                               : k % 2 == 0 ? r.between(-most, most)
                                            : r.between(-most, most) / s.p * s.p;
      const std::uint32_t got = reduced(static_cast<std::int32_t>(sum), offset_of(s.p), s.p, s.reciprocal);
      CHECK(got <= std::min(s.p, 255u));
      CHECK(got % s.p == modulo(sum, s.p));
    }
}

TEST_CASE("residues: sums are within their bound of the exact ones") {
  HALFULP_RANDOM(r, 4);
  double lost = 0;
  for (std::int64_t k = 0; k < repeats(300); ++k) {
    const std::int64_t terms = r.between(1, 400);
    const int spread = static_cast<int>(r.between(0, 90)), at = static_cast<int>(r.between(-300, 300));
    const auto draw = [&] { return std::ldexp(r.uniform(), at - static_cast<int>(r.between(0, spread))); };
    lost += check_sum(drawn(terms, draw), drawn(terms, draw));
  }
  CHECK(lost > 0);
}

TEST_CASE("residues: halves that are all rounded the same way cost what the bound says") {
  for (const std::int64_t terms : {2, 10, 1000}) {
    // The first number sets the scale of its line, and meets 0; of the others, small odd multiples of a half unit that
    // are rounded up, each meets the largest number of the other line.
    std::vector<double> a(static_cast<std::size_t>(terms), 0), b(a.size(), 1);
    a[0] = 0x1p71;
    b[0] = 0;
    for (std::size_t k = 1; k < a.size(); ++k) a[k] = std::ldexp(1.5, cut_line(a).known.exponent);
    const line row = cut_line(a), column = cut_line(b);
    const joined_sum got = multiply(row, column);
    const int exponent = row.known.exponent + column.known.exponent;
    const double error = error_of(a, b, got, exponent),
                 bound = std::ldexp(residue_bound(row.known, column.known, got.rest), exponent);
    CHECK(row.known.lost == static_cast<float>(terms - 1));
    CHECK(error <= bound);
    CHECK(error >= .99 * bound);
  }
}

TEST_CASE("residues: numbers of one size make exact sums, ties and zeros among them") {
  HALFULP_RANDOM(r, 5);
  for (std::int64_t k = 0; k < repeats(300); ++k) {
    const std::int64_t terms = r.between(1, 400);
    const int bits = static_cast<int>(r.between(1, 53));
    const auto draw = [&] {
      return std::ceil(std::ldexp(1 - r.uniform() / 2, bits)) * (r.between(0, 1) == 0 ? -1 : 1);
    };
    CHECK(check_sum(drawn(terms, draw), drawn(terms, draw)) == 0);
  }
}

TEST_CASE("residues: the largest sums are told from multiples of the product of the moduli") {
  HALFULP_RANDOM(r, 6);
  for (const std::int64_t terms : {std::int64_t{1}, std::int64_t{1000}, std::int64_t{3000}, most_residue_terms}) {
    for (const double sign : {1.0, -1.0})
      for (const double size : {0x1.fffffffffffffp0, 1.0, 0x1.6p0}) {
        const auto draw = [&] { return size; };
        const auto other = [&] { return sign * size; };
        CHECK(check_sum(drawn(terms, draw), drawn(terms, other)) == 0);
      }
    // Some much larger than the others, so that norms are what bounds the sum.
    const auto draw = [&] { return r.between(0, 99) == 0 ? 0x1.fffffffffffffp9 : 0x1p0; };
    check_sum(drawn(terms, draw), drawn(terms, draw));
  }
}

}  // namespace halfulp::tests
