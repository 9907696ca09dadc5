# What else builds with the kernels, outside of CMake (custom_op/setup.py), reads here what to link with: one file a line,
# in link order.
function(halfulp_write_link_line)
  set(lines "$<TARGET_FILE:halfulp_kernels>" "$<TARGET_FILE:halfulp_oracle>")
  foreach(library IN ITEMS hwy::hwy LAPACKE::LAPACKE OpenBLAS::OpenBLAS Arb::Arb FLINT::FLINT MPFR::MPFR GMP::GMP)
    list(APPEND lines "$<TARGET_LINKER_FILE:${library}>")
  endforeach()
  list(JOIN lines "\n" text)
  file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/link_line.txt" CONTENT "${text}\n")
endfunction()
