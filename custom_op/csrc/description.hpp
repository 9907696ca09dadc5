#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <halfulp/oracle/core/call.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

/// What the front ends know of ops, all of it from the specs.
namespace halfulp::custom_op {

/// Every op in the order of all_ops, as JSON: name; apis; dtypes of its elements; parameters with name, alias, type and,
/// where there is one, default; overloads, with the type of each parameter; gradients, {input: op}; the argument whose
/// dtype is that of the elements; whether that argument is what the output is made from by scattered updates, and so has
/// its shape; whether a list is returned.
const std::string& description();

/// The signature of each op, in the order of all_ops.
const std::vector<signature>& signatures();

/// Whether the op returns a list of tensors, whose length depends on its arguments.
bool returns_list(std::string_view op);

/// The signature of the op of this name. Throws invalid_argument for an unknown one.
const signature& signature_called(std::string_view op);

/// The parameter of this name, or of this second name; nullptr if there is none.
const parameter* parameter_called(const signature& s, std::string_view name);

/// The input that this op is the gradient by; nullptr if it is no gradient.
const char* differentiated_input(std::string_view op);

/// dtypes and shapes of the outputs of a call whose tensors may have no data; nothing where they depend on the data.
/// Throws invalid_argument as far as the shapes alone show that the call is not valid.
std::optional<std::vector<tensor_type>> output_types(const call& c);

/// A contiguous tensor of this type, without its memory.
tensor_view row_major(const tensor_type& type);

/// The types that a parameter may be given as: {"int[2]", "str"} of any<int[2]|str>, else its type alone.
std::vector<std::string> alternatives(const parameter& p);

/// One way to call an op whose parameters take values of several types: "default", or the type that tells it from that
/// one; and the type of each parameter.
struct overload {
  std::string name;
  std::vector<std::string> types;
};

/// The default first.
std::vector<overload> overloads_of(const signature& s);

}  // namespace halfulp::custom_op
