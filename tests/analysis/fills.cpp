#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/fill.hpp>
#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/oracle/core/round.hpp>

using namespace halfulp;
using namespace halfulp::analysis;
using nlohmann::json;

namespace {

tensor filled(dtype type, const extents& shape, const json& how) {
  const tensor t(type, shape);
  fill(t, how, 0, "x");
  return t;
}

std::uint64_t hash_of(const tensor& t) {
  std::uint64_t h = 0xcbf29ce484222325;  // 64-bit FNV-1a of the bytes
  for (const std::byte b : t.bytes()) h = (h ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3;
  return h;
}

template <class T>
std::vector<double> values(const tensor& t) {
  std::vector<double> v;
  for (const T x : t.elements<const T>()) v.push_back(widen(x));
  return v;
}

}  // namespace

TEST_CASE("fills: the generator is the standard's: its 10,000th number from seed 5489") {
  random_source random(5489);
  std::uint64_t last = 0;
  for (int k = 0; k < 10000; ++k) last = random.bits();
  CHECK(last == 9981545732273789042u);  // ISO C++ [rand.predef]
}

TEST_CASE("fills: each kind gives the same bits on every machine") {
  struct golden {
    const char* kind;
    dtype type;
    extents shape;
    std::uint64_t hash;
  };
  const golden table[] = {
      {"constant", dtype::float16, {5}, 0xf2631ced73ab1a75},
      {"constant", dtype::complex64, {3}, 0xfca52dbc4fb7293b},
      {"uniform", dtype::float16, {64}, 0xe505b664e2b2bb33},
      {"uniform", dtype::bfloat16, {64}, 0x353d859f50622cbd},
      {"uniform", dtype::float32, {64}, 0xadc9ab6140889d6b},
      {"uniform", dtype::float64, {64}, 0xaaec4a7007f66c31},
      {"uniform", dtype::complex128, {32}, 0xaaec4a7007f66c31},
      {"integers", dtype::boolean, {64}, 0x3967a115ced82adc},
      {"integers", dtype::int64, {64}, 0xa28cd944ec5a0ee4},
      {"integers", dtype::float32, {64}, 0x2cc16351865def38},
      {"wrapped_integers", dtype::uint8, {64}, 0x70da4901e9920f07},
      {"wrapped_integers", dtype::int32, {64}, 0xe9cb0fca7fd200e1},
      {"binades", dtype::float16, {64}, 0x306bdd47557c1fe4},
      {"binades", dtype::float64, {64}, 0x36773755d7b3f87e},
      {"bits", dtype::int16, {64}, 0xc28aef4d472d8829},
      {"bits", dtype::complex64, {64}, 0x5c0ce229495b6b5b},
      {"specials", dtype::bfloat16, {30}, 0xbceddf1f60024f65},
      {"specials", dtype::float64, {30}, 0x55faac33e7253595},
      {"cancellation", dtype::float32, {2, 6, 5}, 0xd5015a2498c0904c},
      {"hermitian", dtype::float32, {2, 5, 5}, 0xa317fae0cf61e62f},
      {"hermitian", dtype::complex64, {5, 5}, 0x0a167736e7c81b2d},
      {"suite_hermitian", dtype::float64, {6, 6}, 0xe442772e85de5124},
      {"suite_hermitian", dtype::complex128, {6, 6}, 0xd7c2fff43ed92d61},
      {"graded", dtype::float32, {6, 6}, 0x7acf8d2f653df6b9},
      {"clustered", dtype::float64, {6, 6}, 0xc3b15ff6e4a0522b},
      {"hilbert", dtype::float32, {7, 7}, 0x52015227caf3bc94},
      {"integer_gram", dtype::float16, {5, 5}, 0xad8ffa8082ac1bbe},
      {"integer_gram", dtype::complex64, {5, 5}, 0x4c11b34ae9de079e},
      {"ties", dtype::bfloat16, {5, 5}, 0x73b36e95c840928d},
      {"ties", dtype::float64, {4, 4}, 0xeca2ded64d1f29fd},
      {"wilkinson", dtype::float32, {8, 8}, 0xfce3b2fcdbdbe375},
      {"half", dtype::boolean, {64}, 0x213f480e6d3659e5},
      {"gallery", dtype::float32, {2, 6, 6}, 0xe954f0ebbe573cd1},
      {"gallery", dtype::complex128, {7, 7}, 0xdaab97b9cd201356},
      {"general_gallery", dtype::float32, {2, 6, 6}, 0xd323606c09432d8c},
  };
  for (const golden& g : table) {
    CAPTURE(g.kind, std::string(name_of(g.type)));
    json how{{"kind", g.kind}, {"seed", 7}};
    if (std::string(g.kind) == "constant") how["value"] = "0.1";
    if (std::string(g.kind) == "gallery") how["matrix"] = "lapack_9";
    if (std::string(g.kind) == "general_gallery") how["matrix"] = "prescribed_defective";
    CHECK(hash_of(filled(g.type, g.shape, how)) == g.hash);
  }
  for (const std::string& kind : fill_kinds()) {
    const bool tested =
        std::any_of(std::begin(table), std::end(table), [&](const golden& g) { return g.kind == kind; });
    CAPTURE(kind);
    CHECK(tested);
  }
}

TEST_CASE("fills: a seed decides, and another seed differs") {
  const auto a = filled(dtype::float32, {64}, {{"kind", "uniform"}, {"seed", 1}});
  const auto b = filled(dtype::float32, {64}, {{"kind", "uniform"}, {"seed", 1}});
  const auto c = filled(dtype::float32, {64}, {{"kind", "uniform"}, {"seed", 2}});
  CHECK(hash_of(a) == hash_of(b));
  CHECK(hash_of(a) != hash_of(c));
}

TEST_CASE("fills: integers reach both ends and no further, also over all of int64") {
  const auto t = filled(dtype::int8, {2000}, {{"kind", "integers"}, {"low", -3}, {"high", 3}});
  const auto x = t.elements<const std::int8_t>();
  CHECK(*std::min_element(x.begin(), x.end()) == -3);
  CHECK(*std::max_element(x.begin(), x.end()) == 3);
  const auto wide = filled(dtype::int64, {100}, {{"kind", "integers"}, {"low", INT64_MIN}, {"high", INT64_MAX}});
  const auto y = wide.elements<const std::int64_t>();
  CHECK(*std::min_element(y.begin(), y.end()) < -(std::int64_t{1} << 60));
  CHECK(*std::max_element(y.begin(), y.end()) > std::int64_t{1} << 60);
}

TEST_CASE("fills: specials hold both zeros, subnormals, infinities and NaNs quiet and signalling") {
  const auto t = filled(dtype::float16, {24}, {{"kind", "specials"}});
  std::vector<std::uint16_t> bits;
  for (const float16 x : t.elements<const float16>()) bits.push_back(x.bits);
  for (const std::uint16_t want :
       {0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0xfe00, 0x7c01})
    CHECK(std::count(bits.begin(), bits.end(), want) == 1);
  std::sort(bits.begin(), bits.end());
  CHECK(std::adjacent_find(bits.begin(), bits.end()) == bits.end());
}

TEST_CASE("fills: cancellation pairs nearly cancel and are not equal") {
  const auto x = values<float>(filled(dtype::float32, {2, 8, 3}, {{"kind", "cancellation"}, {"gap", 1e-4}}));
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t c = 0; c < 8; c += 2)
      for (std::size_t p = 0; p < 3; ++p) {
        const double a = x[(n * 8 + c) * 3 + p], b = x[(n * 8 + c + 1) * 3 + p];
        CHECK(std::abs(a + b) <= 2e-4 * std::abs(a));
      }
}

TEST_CASE("fills: matrices are Hermitian") {
  for (const char* kind :
       {"hermitian", "suite_hermitian", "graded", "clustered", "hilbert", "integer_gram", "ties", "wilkinson"}) {
    CAPTURE(kind);
    const auto t = filled(dtype::complex128, {2, 5, 5}, {{"kind", kind}});
    const auto a = t.elements<const std::complex<double>>();
    for (std::size_t m = 0; m < 2; ++m)
      for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t j = 0; j < 5; ++j) CHECK(a[25 * m + 5 * i + j] == std::conj(a[25 * m + 5 * j + i]));
  }
}

TEST_CASE("fills: an integer matrix of rank 1 has every 2 x 2 minor 0") {
  const auto a =
      values<double>(filled(dtype::float64, {4, 4}, {{"kind", "integer_gram"}, {"rank", 1}, {"low", 1}, {"high", 9}}));
  for (std::size_t i = 1; i < 4; ++i)
    for (std::size_t j = 1; j < 4; ++j) CHECK(a[0] * a[4 * i + j] == a[4 * i] * a[j]);
}

TEST_CASE("fills: the matrix of ties has eigenvalues halfway between two numbers of the format") {
  const auto a = values<float>(filled(dtype::float32, {4, 4}, {{"kind", "ties"}}));
  for (const std::size_t k : {0u, 2u}) {
    const double center = a[5 * k], half = a[5 * k + 1];  // the block at k, and the entry right of its corner
    CHECK(a[5 * (k + 1)] == center);
    CHECK(half == 0x1p-24);
    const double ulps = (center + half) * 0x1p23;
    CHECK(ulps - std::floor(ulps) == 0.5);
  }
}

TEST_CASE("fills: the gallery's matrices are Hermitian and finite, and the same bits on every machine") {
  std::uint64_t hash = 0;
  for (const std::string_view matrix : gallery::kind_names) {
    CAPTURE(std::string(matrix));
    const auto t = filled(dtype::complex64, {2, 7, 7}, {{"kind", "gallery"}, {"matrix", matrix}, {"seed", 3}});
    const auto a = t.elements<const std::complex<float>>();
    for (std::size_t k = 0; k < a.size(); ++k) {
      CHECK((is_finite(a[k].real()) && is_finite(a[k].imag())));
      CHECK(a[k] == std::conj(a[k / 49 * 49 + k % 7 * 7 + k % 49 / 7]));
    }
    hash = hash * 31 + hash_of(t);
  }
  CHECK(hash == 0x9efee8beb934374a);
}

TEST_CASE("fills: the gallery puts a special value at one place of each matrix and at its mirror image") {
  const auto x = values<double>(filled(dtype::float64, {20, 5, 5},
                                       {{"kind", "gallery"}, {"matrix", "uniform"}, {"special", "-inf"}, {"seed", 1}}));
  std::set<std::size_t> places;
  for (std::size_t m = 0; m < 20; ++m) {
    int count = 0;
    for (std::size_t k = 0; k < 25; ++k) {
      if (!std::isinf(x[25 * m + k])) continue;
      CHECK(x[25 * m + k] < 0);
      CHECK(std::isinf(x[25 * m + k % 5 * 5 + k / 5]));
      places.insert(k);
      ++count;
    }
    CHECK((count == 1 || count == 2));
  }
  CHECK(places.size() > 10);
}

TEST_CASE("fills: the general gallery puts a special value at one place of each matrix only") {
  const auto x = values<float>(filled(
      dtype::float32, {20, 4, 4}, {{"kind", "general_gallery"}, {"matrix", "grcar"}, {"special", "inf"}, {"seed", 1}}));
  std::set<std::size_t> places;
  for (std::size_t m = 0; m < 20; ++m) {
    const auto at = [&](std::size_t k) { return std::isinf(x[16 * m + k]); };
    int count = 0;
    for (std::size_t k = 0; k < 16; ++k) {
      count += at(k);
      if (at(k)) places.insert(k);
    }
    CHECK(count == 1);
  }
  CHECK(places.size() > 8);
}

TEST_CASE("fills: a gallery without a matrix, with an unknown one or an unknown special value is refused") {
  const auto refusal = [](const json& how) -> std::string {
    try {
      filled(dtype::float32, {3, 3}, how);
    } catch (const malformed_case& e) {
      return e.what();
    }
    return "";
  };
  using Catch::Contains;
  CHECK_THAT(refusal({{"kind", "gallery"}}), Contains("needs a matrix"));
  CHECK_THAT(refusal({{"kind", "gallery"}, {"matrix", "hilbrt"}}), Contains("\"hilbrt\"; it may be uniform, graded"));
  CHECK_THAT(refusal({{"kind", "general_gallery"}, {"matrix", "hilbert"}}), Contains("it may be uniform, frank"));
  CHECK_THAT(refusal({{"kind", "gallery"}, {"matrix", "ones"}, {"special", "x"}}), Contains("nan, inf or -inf"));
}

TEST_CASE("fills: an empty tensor takes any fill") {
  CHECK(filled(dtype::float32, {0, 3, 3}, {{"kind", "integer_gram"}, {"rank", 2}}).numel() == 0);
  CHECK(filled(dtype::float32, {2, 0}, {{"kind", "cancellation"}}).numel() == 0);
}
