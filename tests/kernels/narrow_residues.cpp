// The arithmetic of products of short numbers by residues, on the host: every step against its definition, and sums
// against exact ones.
#include <halfulp/kernels/core/narrow_residues.hpp>

#include <algorithm>
#include <vector>

#include <halfulp/oracle/core/exact_sum.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels::cuda;

template <class Form>
constexpr narrow_table<Form> table_of = make_narrow_table<Form>();

std::int64_t modulo(std::int64_t x, std::uint32_t p) {
  const auto r = x % static_cast<std::int64_t>(p);
  return r < 0 ? r + p : r;
}
std::int64_t signed_byte(std::uint32_t bits) {
  return static_cast<std::int8_t>(bits & 255);
}
template <class Form>
std::int64_t integer_of(const narrow_number& n) {
  return (static_cast<std::int64_t>(n.high) << Form::part_bits) + static_cast<std::int64_t>(n.low - to_integer);
}
/// The product of the moduli.
template <class Form>
__int128 all_of() {
  __int128 all = 1;
  for (int i = 0; i < Form::moduli; ++i) all *= modulus[i];
  return all;
}

template <class Form>
int image_exponent(const std::vector<float>& x) {
  std::uint32_t bits = 0;
  for (const float v : x) bits = std::max(bits, std::bit_cast<std::uint32_t>(std::abs(v)));
  return exponent_above(bits) - Form::image_bits;
}

template <class Form>
void check_cut(float x, int exponent) {
  const auto n = narrow_cut<Form>(x, std::ldexp(1.F, -exponent));
  const double exact = std::ldexp(static_cast<double>(x), -exponent);
  CAPTURE(x, exponent);
  REQUIRE(static_cast<double>(integer_of<Form>(n)) == std::nearbyint(exact));
  REQUIRE(n.is_whole == (std::nearbyint(exact) == exact));
  for (const narrow_steps& s : table_of<Form>.of) {
    const std::int64_t byte = signed_byte(narrow_residue(n, s));
    REQUIRE(modulo(byte, s.p) == modulo(integer_of<Form>(n), s.p));
    REQUIRE(2 * std::abs(byte) <= s.p);
  }
}

template <class Form>
void check_cuts(random_source& r) {
  const auto most = static_cast<float>(std::int64_t{1} << Form::image_bits);
  for (const int e : {0, -100, 80}) {
    for (std::int64_t k = 0; k < repeats(2000); ++k)
      check_cut<Form>(static_cast<float>(std::ldexp(r.uniform() * most, e - static_cast<int>(r.between(0, 60)))), e);
    for (const float x : {0.F, -0.F, .5F, 1.5F, -2.5F, most, -most, std::nextafter(most, 0.F), 8192.F, -8192.F, 8191.5F,
                          0x1p27F, 0x1.8p28F, -0x1.7ffffep28F})
      if (std::abs(x) <= most) check_cut<Form>(std::ldexp(x, e), e);
  }
  // What vanishes altogether is not whole.
  CHECK(!narrow_cut<Form>(0x1p-149F, 0x1p-60F).is_whole);
}

/// Joins sums that are congruent to `x` times the inverses, each within 2^30; how far x is from what is joined, over what the
/// sums allow.
template <class Form>
double joined_error(random_source& r, __int128 x) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  const auto& t = table_of<Form>;
  std::uint64_t fraction = 0;
  double bound = 1;
  for (const narrow_steps& s : t.of) {
    std::int64_t sum = modulo(static_cast<std::int64_t>(x % static_cast<std::int64_t>(s.p)), s.p) * s.factor % s.p;
    const std::int64_t room = (most - sum) / s.p, which = r.between(0, 3);
    sum += s.p * (which == 0 ? room : which == 1 ? -room - sum / s.p : r.between(-room, room));
    REQUIRE(std::abs(sum) <= most);
    add_share(fraction, static_cast<std::int32_t>(sum), parts_of_share(s.share));
    bound += static_cast<double>(std::abs(sum)) / s.p;
  }
  // In units of M 2^-64; a long double holds 64 bits.
  const long double whole = std::ldexp(static_cast<long double>(x) / static_cast<long double>(all_of<Form>()), 64);
  return static_cast<double>(std::abs(static_cast<long double>(static_cast<std::int64_t>(fraction)) - whole)) / bound;
}

template <class Form>
void check_joining(random_source& r) {
  static_assert(sizeof(long double) > sizeof(double));
  const __int128 half = all_of<Form>() / 2 - all_of<Form>() / 1024;
  double worst = 0;
  for (std::int64_t k = 0; k < repeats(20000); ++k) {
    __int128 x = (static_cast<__int128>(r.bits()) << 64 | r.bits()) % half;
    if (k % 3 == 1) x >>= r.between(0, 90);
    if (k % 7 == 0) x = half;
    if (k % 11 == 0) x = 0;
    worst = std::max(worst, joined_error<Form>(r, k % 2 == 0 ? x : -x));
  }
  CHECK(worst <= 1);
  CHECK(worst > .05);  // the bound is not out of sight
}

/// The error of a sum is within its bound, with the numbers of `a` as an image and those of `b` as a row; whether nothing was
/// rounded.
template <class Form>
void check_sum(const std::vector<float>& a, const std::vector<float>& b, double& closest) {
  const auto& t = table_of<Form>;
  const int image = image_exponent<Form>(a);
  double largest = 0, total = 0;
  for (const float v : b) {
    largest = std::max(largest, std::abs(static_cast<double>(v)));
    total += std::abs(static_cast<double>(v));
  }
  const int exponent = narrow_exponent(t, total * (1 + 0x1p-36));
  std::vector<std::int64_t> row;
  std::vector<narrow_number> column;
  int lost_row = 0, lost = 0;
  for (const float v : b) {
    const double x = std::ldexp(static_cast<double>(v), -exponent);
    row.push_back(std::llrint(x));
    lost_row += static_cast<double>(row.back()) != x ? 1 : 0;
  }
  for (const float v : a) {
    column.push_back(narrow_cut<Form>(v, std::ldexp(1.F, -image)));
    lost += column.back().is_whole ? 0 : 1;
  }
  std::uint64_t fraction = 0;
  double residues = 0;
  for (const narrow_steps& s : t.of) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const std::int64_t of_row = narrow_factor_residue(static_cast<double>(row[k]), s);
      REQUIRE(modulo(of_row, s.p) == modulo(row[k], s.p) * s.factor % s.p);
      REQUIRE(2 * std::abs(of_row) <= s.p);
      residues += static_cast<double>(std::abs(of_row));
      sum += of_row * signed_byte(narrow_residue(column[k], s));
    }
    REQUIRE(std::abs(sum) <= std::int64_t{1} << 30);
    add_share(fraction, static_cast<std::int32_t>(sum), parts_of_share(s.share));
  }
  const narrow_row known = make_narrow_row(t, 1, lost_row, std::ldexp(largest, -exponent),
                                           std::ldexp(total * (1 + 0x1p-36), -exponent), residues);
  exact_sum<double> error;
  for (std::size_t k = 0; k < a.size(); ++k) error.add_product(static_cast<double>(a[k]), static_cast<double>(b[k]));
  const double unit = std::ldexp(1, image + exponent);
  // In two parts, neither of which is rounded.
  const auto f = static_cast<std::int64_t>(fraction);
  const auto high = static_cast<double>(f >> 32), low = static_cast<double>(f & 0xffffffff);
  const double value = (high * 0x1p-32 + low * 0x1p-64) * t.all * unit;
  error.subtract(value);
  const double bound = narrow_radius(known, lost) * unit + std::abs(value) * 0x1p-51;
  const double got = std::abs(error.round<double>());
  CHECK(got <= bound);
  closest = std::max(closest, got / bound);
}

template <class Form>
void check_sums(random_source& r) {
  double closest = 0;
  for (const int binades : {0, 4, 20, 60})
    for (std::int64_t k = 0; k < repeats(20); ++k) {
      std::vector<float> a, b;
      const std::int64_t n = r.between(1, 800);
      for (std::int64_t i = 0; i < n; ++i) {
        a.push_back(static_cast<float>(std::ldexp(r.uniform(), -static_cast<int>(r.between(0, binades)))));
        b.push_back(static_cast<float>(std::ldexp(r.uniform(), 30 - static_cast<int>(r.between(0, binades)))));
      }
      a[0] = 1;
      b[0] = 1;
      check_sum<Form>(a, b, closest);
    }
  CHECK(closest > 1e-3);
  // The largest sums there are.
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{1000}, most_narrow_terms}) {
    const std::vector<float> most(static_cast<std::size_t>(n), 0x1.fffffep0F), least(most.size(), -0x1.fffffep0F);
    check_sum<Form>(most, most, closest);
    check_sum<Form>(least, most, closest);
  }
  // Halves that are all rounded the same way.
  const double unit = std::ldexp(1, -Form::image_bits);
  for (const double x : {unit * .5, unit * 1.5, unit * 1.25}) {
    std::vector<float> a(500, static_cast<float>(x)), b(500, 1);
    a[0] = .75F;
    check_sum<Form>(a, b, closest);
  }
  // The same of a row, beside an image of whole numbers.
  const int exponent = narrow_exponent(table_of<Form>, 1 + 0x1p-36);
  std::vector<float> row(500, static_cast<float>(std::ldexp(1.5, exponent)));
  row[0] = 1;
  closest = 0;
  check_sum<Form>(std::vector<float>(row.size(), 0x1.fffffep0F), row, closest);
  CHECK(closest > .6);
}

template <class Form>
void check_form() {
  HALFULP_RANDOM(r, 1);
  check_cuts<Form>(r);
  check_joining<Form>(r);
  check_sums<Form>(r);
}

}  // namespace

TEST_CASE("narrow residues: integers, their residues, joined sums and their bounds") {
  check_form<narrow_form<8, 26>>();
  check_form<narrow_form<7, 22>>();
}

}  // namespace halfulp::tests
