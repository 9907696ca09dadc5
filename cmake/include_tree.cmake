# One include spelling everywhere: <halfulp/oracle/ops/conv2d.hpp>. In the build tree, links lead to the
# sources; an installed tree has the same layout.

set(halfulp_include_dir "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${halfulp_include_dir}/halfulp")
foreach(folder oracle kernels analysis)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${halfulp_include_dir}/halfulp/${folder}" SYMBOLIC)
endforeach()

# What was built: the version, the ops of cmake/ops.cmake, the optional parts.
list(TRANSFORM halfulp_ops REPLACE "(.+)" "\"\\1\"" OUTPUT_VARIABLE halfulp_quoted_ops)
list(JOIN halfulp_quoted_ops ", " HALFULP_OPS_LITERAL)
list(LENGTH halfulp_ops HALFULP_OPS_COUNT)
foreach(part CUDA HAVE_LIBTORCH)
  if(HALFULP_${part})
    set(HALFULP_${part}_LITERAL true)
  else()
    set(HALFULP_${part}_LITERAL false)
  endif()
endforeach()
configure_file(cmake/build_info.hpp.in "${halfulp_include_dir}/halfulp/build_info.hpp" @ONLY)
