# The libraries that bring no CMake package of their own, as imported targets. The build and the installed
# package both read this file, so that a target has one name and one definition in both.

# halfulp_find_library(<target> <header> <library> <Debian package>)
# appends to `halfulp_missing` in the caller what was not found.
macro(halfulp_find_library target header library package)
  if(NOT TARGET ${target})
    string(MAKE_C_IDENTIFIER "HALFULP_${library}" halfulp_id)
    string(TOUPPER "${halfulp_id}" halfulp_id)
    find_path(${halfulp_id}_INCLUDE_DIR ${header})
    find_library(${halfulp_id}_LIBRARY ${library})
    mark_as_advanced(${halfulp_id}_INCLUDE_DIR ${halfulp_id}_LIBRARY)
    if(${halfulp_id}_INCLUDE_DIR AND ${halfulp_id}_LIBRARY)
      add_library(${target} UNKNOWN IMPORTED)
      set_target_properties(${target} PROPERTIES
        IMPORTED_LOCATION "${${halfulp_id}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${${halfulp_id}_INCLUDE_DIR}")
    else()
      list(APPEND halfulp_missing "${header} and lib${library} (Debian: ${package})")
    endif()
  endif()
endmacro()

macro(halfulp_find_oracle_libraries)
  halfulp_find_library(GMP::GMP gmp.h gmp libgmp-dev)
  halfulp_find_library(MPFR::MPFR mpfr.h mpfr libmpfr-dev)
  halfulp_find_library(FLINT::FLINT flint/flint.h flint libflint-dev)
  # FLINT 3 holds Arb; up to FLINT 2.9 it is a library of its own, which Debian calls flint-arb.
  halfulp_find_library(Arb::Arb arb.h flint-arb libflint-arb-dev)
  halfulp_find_library(LAPACKE::LAPACKE lapacke.h lapacke liblapacke-dev)
  halfulp_find_library(OpenBLAS::OpenBLAS cblas.h openblas libopenblas-dev)
endmacro()

macro(halfulp_find_analysis_libraries)
  halfulp_find_library(Z3::Z3 z3++.h z3 libz3-dev)
endmacro()
