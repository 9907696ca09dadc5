# What a build contains. Each optional part is on, off, or (only here) AUTO: on where it is found. The
# summary at the end of the configuration says which, and why.

option(HALFULP_ANALYSIS "Build the analysis library and the program halfulp" ON)
option(HALFULP_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(HALFULP_CUDA "Build the CUDA kernels (needs nvcc)" OFF)
option(HALFULP_EVALUATE "Build the oracle's evaluation of whole calls; without it the kernels alone can be used" ON)
option(HALFULP_WERROR "Make warnings errors" OFF)
option(BUILD_SHARED_LIBS "Build shared libraries" OFF)

set(HALFULP_LIBTORCH AUTO CACHE STRING "Build the worker that runs LibTorch: ON, OFF, or AUTO (where found)")
set_property(CACHE HALFULP_LIBTORCH PROPERTY STRINGS AUTO ON OFF)
if(NOT HALFULP_EVALUATE AND (HALFULP_ANALYSIS OR HALFULP_TESTS))
  message(FATAL_ERROR "HALFULP_EVALUATE is OFF; then HALFULP_ANALYSIS and HALFULP_TESTS, which evaluate calls, must be OFF, too")
endif()
set(HALFULP_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them: address,undefined")

if(NOT HALFULP_LIBTORCH MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "HALFULP_LIBTORCH is '${HALFULP_LIBTORCH}'; it may be AUTO, ON or OFF")
endif()

# A plain `cmake ..` without a build type would be unoptimised: index templates are then 4 times slower.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  find_program(HALFULP_CCACHE ccache)
  mark_as_advanced(HALFULP_CCACHE)
  if(HALFULP_CCACHE)
    # ccache takes a unit with a precompiled header only when told that its macros and times do not matter. Two checkouts
    # share objects, wherever they lie: paths below the source are taken relative to the build.
    set(halfulp_ccache ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${HALFULP_CCACHE})
    foreach(language CXX CUDA)
      if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
        set(CMAKE_${language}_COMPILER_LAUNCHER ${halfulp_ccache})
      endif()
    endforeach()
  endif()
endif()
