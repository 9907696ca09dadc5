#include <catch2/catch.hpp>

#include <cstring>
#include <set>
#include <sstream>
#include <tuple>

#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/cases/tensor_json.hpp>
#include <halfulp/oracle/ops.hpp>
#include <halfulp/oracle/oracle.hpp>

using namespace halfulp;
using namespace halfulp::analysis;

namespace {

/// What is wrong with a line, in words; empty if nothing is.
std::string refusal(const std::string& line) {
  try {
    prepare(parse_case(line, "cases.jsonl:17"));
  } catch (const malformed_case& e) {
    return e.what();
  } catch (const invalid_argument& e) {
    return e.what();
  }
  return {};
}

std::string sample_of(const std::string& tensor) {
  return R"({"api": "paddle.index_sample", "args": [{"tensor": )" + tensor +
         R"(}, {"tensor": {"dtype": "int64", "shape": [0, 0]}}]})";
}

prepared_case prepared(const std::string& line) {
  return prepare(parse_case(line, "here"));
}

template <class T>
std::vector<T> elements_of(const tensor& t) {
  const auto x = t.elements<const T>();
  return {x.begin(), x.end()};
}

std::vector<float> floats_of(const std::string& tensor) {
  return elements_of<float>(prepared(sample_of(tensor)).tensors[0]);
}

}  // namespace

TEST_CASE("cases: a line that is no case is refused with its file and line") {
  using Catch::Contains;
  using Catch::StartsWith;
  const std::vector<std::pair<std::string, std::string>> table{
      {R"({"api": "paddle.copysign", "args": [)", "unexpected end of input"},
      {R"([1, 2])", "a case is an object with an api"},
      {R"({"args": []})", "a case is an object with an api"},
      {R"({"api": 3})", "api is 3; it must be text"},
      {R"({"api": "paddle.copysign", "args": {}})", "args is {}; it must be a list"},
      {R"({"api": "paddle.copysign", "kwargs": []})", "kwargs is []; it must be an object"},
      {R"({"api": "paddle.copysign", "name": 1})", "name is 1; it must be text"},
      {R"({"api": "paddle.copysign", "api": "paddle.copysign"})", "the key \"api\" is given twice"},
      {sample_of(R"({"dtype": "float64", "shape": [1], "data": [1e400]})"),
       "the number at column 100 is 1e400; it must be within binary64's range, or text"},
      {R"({"api": "paddle.copysign", "args": [{"slice": 1}]})", "an object may be a tensor or a tuple"},
      {R"({"api": "paddle.copysign", "args": [18446744073709551615]})", "an integer may be up to 2^63 - 1"},
      {sample_of(R"({"shape": [1]})"), "x: a tensor needs a dtype and a shape"},
      {sample_of(R"({"dtype": "float8", "shape": [1]})"), R"(x: dtype is "float8"; it may be bool, uint8)"},
      {sample_of(R"({"dtype": "float32", "shape": 3})"), "x: shape is 3; it may be a list of up to 8 sizes"},
      {sample_of(R"({"dtype": "float32", "shape": [1,1,1,1,1,1,1,1,1]})"), "up to 8 sizes"},
      {sample_of(R"({"dtype": "float32", "shape": [2, -1]})"), "a size may be 0 .. 2^62"},
      {sample_of(R"({"dtype": "float32", "shape": [1.5]})"), "a size may be 0 .. 2^62"},
      {sample_of(R"({"dtype": "float32", "shape": [1048576, 1048576]})"), "up to 2^31 bytes"},
      {sample_of(R"({"dtype": "float32", "shape": [2], "data": [1]})"), "x: data holds 1 items; shape [2] needs"},
      {sample_of(R"({"dtype": "float32", "shape": [2, 2], "data": [[1, 2], [3]]})"), "needs a flat list of 4 elements"},
      {sample_of(R"({"dtype": "float32", "shape": [2], "data": 1})"), "data holds no list"},
      {sample_of(R"({"dtype": "int32", "shape": [2], "data": [1, 1.5]})"), "x: element 1 of data: 1.5"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fil": {}})"), "a tensor has no member \"fil\""},
      {sample_of(R"({"dtype": "float32", "shape": [1], "data": [1], "fill": {}})"), "one of fill, data and bits"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "bits": "AAA"})"), "no base64"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "bits": "AAA="})"), "bits holds 2 bytes; it needs 4"},
      {sample_of(R"({"dtype": "bool", "shape": [1], "bits": "Ag=="})"), "neither 0 nor 1"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": 3})"), "it must be an object with a kind"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": {"kind": "zipf"}})"), "is unknown; it may be constant"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": {"kind": "uniform", "max": 1}})"), "has no member max"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": {"kind": "uniform", "low": "x"}})"), "has low \"x\""},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": {"kind": "uniform", "seed": -1}})"), "has seed -1"},
      {sample_of(R"({"dtype": "int32", "shape": [1], "fill": {"kind": "uniform"}})"), "not int32"},
      {sample_of(R"({"dtype": "int8", "shape": [1], "fill": {"kind": "integers", "high": 300}})"), "too wide for int8"},
      {sample_of(R"({"dtype": "float32", "shape": [1], "fill": {"kind": "constant"}})"), "needs a value"},
      {sample_of(R"({"dtype": "uint8", "shape": [1], "fill": {"kind": "constant", "value": 300}})"), "300"},
      {sample_of(R"({"dtype": "float32", "shape": [2, 3], "fill": {"kind": "hilbert"}})"), "fills square matrices"},
      {sample_of(R"({"dtype": "int32", "shape": [2, 2], "fill": {"kind": "hilbert"}})"), "not int32"},
  };
  for (const auto& [line, words] : table) {
    CAPTURE(line);
    CHECK_THAT(refusal(line), StartsWith("cases.jsonl:17: ") && Contains(words));
  }
}

TEST_CASE("cases: lists and objects may lie in one another, but not without end") {
  const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
    std::string text = R"({"api": "paddle.copysign", "args": [)";
    for (std::size_t k = 0; k < depth; ++k) text += open;
    for (std::size_t k = 0; k < depth; ++k) text += close;
    return text + "]}";
  };
  const std::size_t outside = 2;  // the case and its args
  CHECK_THAT(refusal(nested(deepest_nesting - outside, "[", "]")),
             Catch::Contains("x must be a tensor") || Catch::Contains("y is missing") || Catch::Equals(""));
  for (const std::size_t depth : {deepest_nesting - outside + 1, std::size_t{200000}}) {
    CHECK_THAT(refusal(nested(depth, "[", "]")),
               Catch::StartsWith("cases.jsonl:17: lists and objects lie more than 64"));
    CHECK_THAT(refusal(nested(depth, R"({"tuple": )", "}")), Catch::Contains("lie more than 64"));
  }
}

TEST_CASE("cases: a message shows as much of a number as it needs") {
  const std::string digits(100000, '9');
  for (const std::string& text : {digits, digits + "x"})
    CHECK(refusal(sample_of(R"({"dtype": "float32", "shape": [1], "data": [")" + text + R"("]})")).size() < 300);
}

TEST_CASE("cases: an unknown api is refused, and the known ops are listed") {
  CHECK_THAT(refusal(R"({"api": "paddle.sin"})"), Catch::Contains("paddle.sin") && Catch::Contains("eigvalsh"));
}

TEST_CASE("cases: data may be nested or flat, of numbers or text") {
  const std::vector<float> want{1, -0.0f, 0.5f, 3};
  CHECK(floats_of(R"({"dtype": "float32", "shape": [2, 2], "data": [[1, "-0"], [0.5, "0x1.8p+1"]]})") == want);
  CHECK(floats_of(R"({"dtype": "float32", "shape": [2, 2], "data": [1, -0, 5e-1, 3]})") == want);
  CHECK(std::signbit(floats_of(R"({"dtype": "float32", "shape": [1], "data": [-0]})")[0]));
  CHECK(floats_of(R"({"dtype": "float32", "shape": [], "data": 7})") == std::vector<float>{7});
  CHECK(floats_of(R"({"dtype": "float32", "shape": [], "data": [7]})") == std::vector<float>{7});
  CHECK(floats_of(R"({"dtype": "float32", "shape": [0, 3], "data": []})").empty());
}

TEST_CASE("cases: a JSON number with a fraction is rounded once to its tensor's dtype") {
  const auto t = prepared(sample_of(R"({"dtype": "float16", "shape": [1], "data": [1.000488281250000000000000001]})"));
  CHECK(to_bits(t.tensors[0].elements<const float16>()[0]) == 0x3c01);
}

TEST_CASE("cases: complex data are pairs, and a number alone has the imaginary part 0") {
  const auto read = [](const std::string& data, const std::string& shape) {
    return elements_of<std::complex<float>>(
        prepared(sample_of(R"({"dtype": "complex64", "shape": )" + shape + R"(, "data": )" + data + "}")).tensors[0]);
  };
  using c = std::complex<float>;
  CHECK(read("[[1, 2], [3, 4]]", "[2]") == std::vector<c>{{1, 2}, {3, 4}});
  CHECK(read("[[1, 2], [3, 4]]", "[2, 2]") == std::vector<c>{1, 2, 3, 4});
  CHECK(read("[[[1, 2], [3, 4]]]", "[1, 2]") == std::vector<c>{{1, 2}, {3, 4}});
  CHECK(read("[5, [6, \"-0\"]]", "[2]") == std::vector<c>{5, 6});
  CHECK(read("[1, 2]", "[]") == std::vector<c>{{1, 2}});
}

TEST_CASE("cases: the text of a case leaves out spaces, order and names, and seeds its fills") {
  const std::string a = R"({"api": "paddle.copysign", "args": [{"tensor": {"dtype": "float32", "shape": [4]}},
                           {"tensor": {"shape": [4], "dtype": "float32"}}], "kwargs": {}})";
  const std::string b = R"({"name": "n", "kwargs":{},"origin":"o","args":[{"tensor":{"shape":[4],"dtype":"float32"}},
                           {"tensor":{"dtype":"float32","shape":[4]}}],"api":"paddle.copysign"})";
  const auto x = parse_case(a, "a:1"), y = parse_case(b, "b:2");
  CHECK(x.text() == y.text());
  CHECK(x.hash() == y.hash());
  CHECK(parse_case(x.text(), "again").text() == x.text());
  CHECK(elements_of<float>(prepare(x).tensors[1]) == elements_of<float>(prepare(y).tensors[1]));
  CHECK(elements_of<float>(prepare(x).tensors[0]) != elements_of<float>(prepare(x).tensors[1]));
}

TEST_CASE("cases: tensors without data are drawn as the regression suite draws them") {
  const auto p =
      prepared(R"({"api": "paddle.index_sample", "args": [{"tensor": {"dtype": "float64", "shape": [50, 7]}}],
                             "kwargs": {"index": {"tensor": {"dtype": "int32", "shape": [50, 9]}}}})");
  for (const double x : p.tensors[0].elements<const double>()) CHECK((x >= -0.5 && x < 0.5));
  for (const std::int32_t k : p.tensors[1].elements<const std::int32_t>()) CHECK((k >= 0 && k < 7));
  const auto e =
      prepared(R"({"api": "paddle.linalg.eigvalsh", "args": [{"tensor": {"dtype": "float32", "shape": [6, 6]}}]})");
  const auto a = e.tensors[0].elements<const float>();
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(a[7 * i] > 0);
    for (std::size_t j = 0; j < 6; ++j) CHECK(a[6 * i + j] == a[6 * j + i]);
  }
}

TEST_CASE("cases: the normalized case is the same call") {
  const auto c = parse_case(R"({"api": "paddle.nn.functional.conv2d", "args": [
      {"tensor": {"dtype": "bfloat16", "shape": [1, 2, 5, 5]}}, {"tensor": {"dtype": "bfloat16", "shape": [3, 1, 2, 2]}}],
      "kwargs": {"stride": {"tuple": [2, 1]}, "groups": 2, "padding": "SAME"}})",
                            "a:1");
  const prepared_case p = prepare(c);
  const auto n = normalized(call(signature_named(p.op), p.args, p.kwargs));
  CHECK(n["kwargs"]["data_format"] == "NCHW");
  CHECK(n["kwargs"]["stride"] == nlohmann::json({2, 1}));
  CHECK(n["kwargs"]["bias"].is_null());
  const prepared_case q = prepare(parse_case(n.dump(), "b:1"));
  REQUIRE(q.tensors.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(
        std::memcmp(q.kwargs.empty() ? nullptr : std::get<tensor_view>(q.kwargs.at(k == 0 ? "x" : "weight").value).data,
                    p.tensors[k].bytes().data(), p.tensors[k].bytes().size()) == 0);
  }
}

TEST_CASE("cases: the drawn case is the call as it was written, with the bits that its fills come to") {
  const auto c = parse_case(
      R"({"api": "paddle.copysign", "name": "one", "args": [{"tensor": {"dtype": "float32", "shape": [2], "data": [1, -2]}}],
          "kwargs": {"y": {"tensor": {"dtype": "float16", "shape": [3]}}}})",
      "here");
  const auto d = drawn(c);
  CHECK(d["api"] == "paddle.copysign");
  CHECK(d["args"].dump() == R"([{"tensor":{"bits":"AACAPwAAAMA=","dtype":"float32","shape":[2]}}])");
  const auto again = prepare(parse_case(d.dump(), "there"));
  const auto first = prepare(c);
  REQUIRE(again.tensors.size() == 2);
  for (std::size_t k = 0; k < 2; ++k)
    CHECK(tensor_to_json(again.tensors[k].view()) == tensor_to_json(first.tensors[k].view()));
  CHECK(drawn(parse_case(d.dump(), "there")) == d);
}

TEST_CASE("cases: base64 is RFC 4648's, and reads back") {
  const auto bytes = [](std::string_view s) { return std::as_bytes(std::span(s.data(), s.size())); };
  CHECK(base64(bytes("")) == "");
  CHECK(base64(bytes("f")) == "Zg==");
  CHECK(base64(bytes("fo")) == "Zm8=");
  CHECK(base64(bytes("foo")) == "Zm9v");
  CHECK(base64(bytes("foobar")) == "Zm9vYmFy");
  for (const std::string text : {"", "f", "fo", "foo", "foobar\xff"}) {
    const auto read = from_base64(base64(bytes(text)));
    CHECK(std::string(reinterpret_cast<const char*>(read.data()), read.size()) == text);
  }
  CHECK_THROWS_AS(from_base64("Zg="), malformed_case);
  CHECK_THROWS_AS(from_base64("Z*=="), malformed_case);
}

TEST_CASE("cases: blank lines are passed over, and lines are counted with them") {
  std::istringstream in("\n  \n{}\n\n[]\n");
  case_lines lines(in, "f");
  std::string line, where;
  REQUIRE(lines.next(line, where));
  CHECK(where == "f:3");
  REQUIRE(lines.next(line, where));
  CHECK(where == "f:5");
  CHECK_FALSE(lines.next(line, where));
}

TEST_CASE("cases: a file that cannot be read is named") {
  CHECK_THROWS_WITH(read_cases("/nowhere/cases.jsonl"), Catch::Contains("/nowhere/cases.jsonl does not exist"));
  CHECK_THROWS_WITH(read_cases("/tmp"), Catch::Contains("/tmp is a folder"));
}

TEST_CASE("cases: the built-in ones show every matrix of the galleries in every dtype of eigvalsh and eigvals") {
  std::set<std::tuple<std::string, std::string, std::string>> shown;
  for (const auto& c : built_in_cases())
    for (const auto& argument : c.args)
      if (argument.is_object() && argument.contains("tensor") && argument["tensor"].contains("fill"))
        shown.emplace(argument["tensor"]["fill"].value("kind", ""), argument["tensor"]["fill"].value("matrix", ""),
                      argument["tensor"]["dtype"]);
  for (const std::string type : {"float16", "bfloat16", "float32", "float64", "complex64", "complex128"}) {
    for (const std::string_view matrix : gallery::kind_names)
      CHECK(shown.contains({"gallery", std::string(matrix), type}));
    for (const std::string_view matrix : gallery::general_kind_names)
      CHECK(shown.contains({"general_gallery", std::string(matrix), type}));
  }
}

TEST_CASE("cases: extents that nobody gave are small") {
  const auto c = prepared(R"({"api": "paddle.expand", "args": [{"tensor": {"dtype": "float32", "shape": [1]}},
      {"tensor": {"dtype": "int32", "shape": [3]}}]})");
  for (const std::int32_t extent : c.tensors[1].elements<const std::int32_t>()) CHECK((extent >= 1 && extent <= 4));
}

TEST_CASE("cases: every built-in case can be made, has a name or an origin, and its op is known") {
  const auto cases = built_in_cases();
  CHECK(cases.size() > 100);
  for (const auto& c : cases) {
    CAPTURE(c.where);
    CHECK_FALSE((c.name.empty() && c.origin.empty()));
    CHECK_NOTHROW(prepare(c));
    CHECK_FALSE(format_of_case(c).empty());
  }
}

TEST_CASE("cases: every op has built-in ones") {
  std::set<std::string> shown;
  for (const auto& c : built_in_cases()) shown.insert(signature_named(c.api).op);
  for_each_op([&](auto tag) {
    CAPTURE(decltype(tag)::type::name);
    CHECK(shown.contains(decltype(tag)::type::name));
  });
}
