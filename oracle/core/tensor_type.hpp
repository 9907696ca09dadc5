#pragma once

#include <halfulp/oracle/core/dtype.hpp>
#include <halfulp/oracle/core/extents.hpp>

namespace halfulp {

/// The dtype and shape of an output.
struct tensor_type {
  dtype type{};
  extents shape;
};

}  // namespace halfulp
