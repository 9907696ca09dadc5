# How the project is compiled. `halfulp_build_flags` is for the project's own targets and is not exported;
# what a user of the headers needs as well stands in `halfulp_arithmetic_flags`.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# The Python ops link the static libraries into a shared module.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(halfulp_all_cxx_flags "${CMAKE_CXX_FLAGS} $ENV{CXXFLAGS}")
if(halfulp_all_cxx_flags MATCHES "-Ofast|-ffast-math|-funsafe-math|-fassociative-math|-freciprocal-math")
  message(FATAL_ERROR "CMAKE_CXX_FLAGS holds ${CMAKE_MATCH_0}: error-free transformations and certificates "
    "are wrong under it. halfulp is never built with fast-math flags.")
endif()

# A contracted a * b + c has another rounding error than the one a certificate was proved for. The
# transformations are templates in headers, so this holds for whoever includes them, too.
set(halfulp_arithmetic_flags $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ffp-contract=off>)

add_library(halfulp_build_flags INTERFACE)

set(halfulp_warnings
  -Wall -Wextra
  # An inner `n` that hides the extent `n`; g++'s plain -Wshadow also minds members that are named like types.
  $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
  -Wfloat-conversion    # a binary64 that slips into a binary32 is a second rounding
  -Wnon-virtual-dtor
  -Woverloaded-virtual
  -Wextra-semi
  -Wundef)              # a feature macro that is misspelt reads as 0
target_compile_options(halfulp_build_flags INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:${halfulp_warnings}>
  $<$<AND:$<BOOL:${HALFULP_WERROR}>,$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>>:-Werror>)

if(HALFULP_SANITIZE)
  target_compile_options(halfulp_build_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${HALFULP_SANITIZE}>
    # A finding ends the test that made it.
    $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
    # g++ 12 finds it in std::regex and std::function as soon as it instruments them.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  target_link_options(halfulp_build_flags INTERFACE -fsanitize=${HALFULP_SANITIZE})
endif()

if(HALFULP_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER)
    message(FATAL_ERROR "HALFULP_CUDA is ON and no CUDA compiler is found: put nvcc on PATH, or set CUDACXX, "
      "or configure with -DHALFULP_CUDA=OFF")
  endif()
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 90)
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  # CMake 3.25 has no C++20 for nvcc, which takes it from 12.0 on.
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
endif()
