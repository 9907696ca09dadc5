#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <halfulp/oracle/core/error.hpp>
#include <halfulp/oracle/core/tensor.hpp>

namespace halfulp {

/// One argument of a call as a framework passes it.
struct argument {
  using list = std::vector<argument>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, tensor_view, list> value;

  bool is_none() const { return std::holds_alternative<std::monostate>(value); }
};

/// "3", "[1, 2]", "\"SAME\"", "a float32 tensor of shape [2, 3]"
std::string to_string(const argument& a);

/// One parameter of a schema: `Tensor? bias=None`, `int[2] stride=1`, `Tensor x|input` (a second name is an alias).
struct parameter {
  std::string type;
  std::string name;
  std::string alias;
  std::optional<argument> fallback;
};

/// A signature in the frameworks' notation, parsed: `conv2d(Tensor x, Tensor weight, int[2] stride=1) -> Tensor`.
/// A parameter of type `any<int[2]|str>` takes what its op's `bind` accepts; the types named are those that frameworks with
/// typed signatures offer.
struct signature {
  std::string op;
  std::vector<parameter> parameters;

  static signature parse(std::string_view schema);
};

/// By which op an input of a spec is differentiated. That op's parameters are, by name: those of the spec; `<input>_shape`;
/// and one other, the gradient by the output. No op (""): the gradient by the output is that by the input, too.
struct gradient {
  const char* input;
  const char* op;
};

/// A call bound to its signature: every parameter has a value. Each getter throws `invalid_argument` naming the
/// argument, its value and what is allowed.
class call {
 public:
  /// Binds positional and named arguments as Python does; `name=...` is taken and ignored, as the frameworks do.
  /// Throws invalid_argument: an unknown or repeated name, too many arguments, a missing one, a wrong kind of value.
  call(const signature& s, const argument::list& positional, const std::map<std::string, argument>& named);

  const std::string& op() const { return op_; }
  const argument& at(std::string_view name) const;
  const tensor_view& tensor(std::string_view name) const;
  /// nullptr for None
  const tensor_view* optional_tensor(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  bool boolean(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  /// A list of integers of any length.
  std::vector<std::int64_t> integers(std::string_view name) const;
  /// An integer, standing for both, or a list of two (or of one).
  std::array<std::int64_t, 2> pair(std::string_view name) const;

  /// Throws invalid_argument{op, rule, name: value}.
  [[noreturn]] void refuse(std::string_view name, std::string_view rule) const;

 private:
  std::string op_;
  std::map<std::string, argument, std::less<>> values_;
};

}  // namespace halfulp
