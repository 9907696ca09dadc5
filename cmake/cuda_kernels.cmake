# Which ops have a CUDA kernel, and for which types: read from the objects that define them, so that it is written nowhere.
#
#   cmake -DNM=nm -DOBJECTS="a.o;b.o" -DHEADER=cuda_kernels.hpp -P cuda_kernels.cmake

execute_process(COMMAND ${NM} --demangle --defined-only ${OBJECTS} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "void halfulp::kernels::compute(_found)?_on_cuda<halfulp::op::[^(]+>\\(" defined "${symbols}")
list(REMOVE_DUPLICATES defined)
list(SORT defined)

set(lines "")
foreach(symbol IN LISTS defined)
  if(NOT symbol MATCHES "_on_cuda<halfulp::op::([a-z0-9_]+), (.+)>\\($")
    message(FATAL_ERROR "cuda_kernels.cmake: ${symbol}... is no kernel of an op and a type")
  endif()
  string(APPEND lines
    "template <>\ninline constexpr bool has_cuda_kernel<op::${CMAKE_MATCH_1}, ${CMAKE_MATCH_2}> = true;\n")
endforeach()

file(WRITE "${HEADER}" "#pragma once

#include <halfulp/oracle/ops.hpp>

namespace halfulp::kernels {

/// Whether Op has a CUDA kernel for elements of T.
template <class Op, class T>
inline constexpr bool has_cuda_kernel = false;
${lines}
}  // namespace halfulp::kernels
")
