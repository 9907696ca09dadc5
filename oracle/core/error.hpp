// The errors that the library throws. It never prints, aborts or exits.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace halfulp {

// An argument as the caller gave it.
struct argument_value {
  std::string name, value;
};

// A wrong argument: the op, what is allowed, and what was given.
//   conv2d: stride[0] is 0; stride must lie in 1 .. 2147483647
struct invalid_argument : std::invalid_argument {
  std::string op, rule;
  std::vector<argument_value> values;

  invalid_argument(std::string op_name, std::string rule_text, std::vector<argument_value> given)
      : std::invalid_argument(text(op_name, rule_text, given)),
        op(std::move(op_name)),
        rule(std::move(rule_text)),
        values(std::move(given)) {}

 private:
  static std::string text(const std::string& op, const std::string& rule, const std::vector<argument_value>& values) {
    std::string s = op + ": ";
    for (const auto& v : values) s += (&v == values.data() ? "" : ", ") + v.name + " is " + v.value;
    return s + (values.empty() ? "" : "; ") + rule;
  }
};

// The rounding of an output element stayed undecided within the caller's budget.
struct undecided : std::runtime_error {
  std::string op;
  undecided(std::string op_name, const std::string& what)
      : std::runtime_error(op_name + ": " + what), op(std::move(op_name)) {}
};

// A call to a device library failed.
struct device_error : std::runtime_error {
  std::string call;
  int code;
  device_error(std::string call_text, int error_code)
      : std::runtime_error(call_text + " failed with code " + std::to_string(error_code)),
        call(std::move(call_text)),
        code(error_code) {}
};

}  // namespace halfulp
