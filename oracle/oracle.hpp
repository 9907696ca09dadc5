#pragma once

#include <string_view>
#include <vector>

#include <halfulp/oracle/core/call.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp {

/// What is true of each output of the op of this name or framework function. Throws invalid_argument for an unknown op
/// or a call that is not valid; never `undecided`: a component says itself whether its rounding is known.
std::vector<truth> evaluate(std::string_view op, const call& c);

/// The signature of the op of this name or framework function; throws invalid_argument for an unknown one.
const signature& signature_named(std::string_view op);

}  // namespace halfulp
