#include <halfulp/oracle/core/call.hpp>

#include <catch2/catch.hpp>

namespace halfulp::tests {
namespace {

const signature example = signature::parse(
    "f(Tensor x|input, Tensor? b=None, int[2] stride=1, any<int[]> pad=[0, 1], float eps=1e-5, bool flag=False, "
    "str mode=\"a, b\") -> Tensor");

call bind(const argument::list& positional, const std::map<std::string, argument>& named) {
  return {example, positional, named};
}

std::string refusal(const argument::list& positional, const std::map<std::string, argument>& named) {
  try {
    bind(positional, named);
  } catch (const invalid_argument& e) {
    return e.what();
  }
  return "";
}

argument list_of(std::initializer_list<std::int64_t> numbers) {
  argument::list list;
  for (const auto n : numbers) list.push_back({n});
  return {list};
}

}  // namespace

TEST_CASE("call: defaults, positional and named arguments and aliases") {
  const tensor t(dtype::float32, {2});
  const call c = bind({}, {{"input", {t.view()}}, {"stride", list_of({2, 3})}, {"name", {std::string("ignored")}}});
  CHECK(c.tensor("x").data == t.view().data);
  CHECK(c.optional_tensor("b") == nullptr);
  CHECK(c.pair("stride") == std::array<std::int64_t, 2>{2, 3});
  CHECK(c.integers("pad") == std::vector<std::int64_t>{0, 1});
  CHECK(c.real("eps") == 1e-5);
  CHECK_FALSE(c.boolean("flag"));
  CHECK(c.text("mode") == "a, b");
  CHECK(bind({{t.view()}, {}, {std::int64_t{4}}}, {}).pair("stride") == std::array<std::int64_t, 2>{4, 4});
}

TEST_CASE("call: wrong arguments are refused by name, with their value and what is allowed") {
  const argument x{tensor(dtype::float16, {2, 3}).view()};
  CHECK(refusal({}, {}) == "f: x is missing; it must be given");
  CHECK(refusal({{std::int64_t{3}}}, {}) == "f: x is 3; x must be a tensor");
  CHECK(refusal({x}, {{"b", {true}}}) == "f: b is True; b must be a tensor or None");
  CHECK(refusal({x}, {{"x", x}}) == "f: x is a float16 tensor of shape [2, 3]; x must be given once");
  CHECK(refusal({x}, {{"input", x}}) == "f: input is a float16 tensor of shape [2, 3]; x must be given once");
  CHECK(refusal({x}, {{"strides", {std::int64_t{1}}}}) ==
        "f: strides is 1; the arguments are x, b, stride, pad, eps, flag, mode");
  CHECK(refusal({x}, {{"stride", list_of({1, 2, 3})}}) ==
        "f: stride is [1, 2, 3]; stride must be an integer or a list of two integers");
  CHECK(refusal({x}, {{"flag", {std::int64_t{1}}}}) == "f: flag is 1; flag must be True or False");
  CHECK(refusal({x}, {{"eps", {std::string("big")}}}) == "f: eps is \"big\"; eps must be a number");
  CHECK(refusal({x, x, x, x, x, x, x, x}, {}) ==
        "f: the number of positional arguments is 8; takes at most 7 arguments");
}

TEST_CASE("signature: what is no signature is refused") {
  CHECK_THROWS_AS(signature::parse("f(Tensor)"), invalid_argument);
  CHECK_THROWS_AS(signature::parse("f(Tensor) -> Tensor"), invalid_argument);
  CHECK_THROWS_AS(signature::parse("f(int n=x) -> Tensor"), invalid_argument);
}

}  // namespace halfulp::tests
