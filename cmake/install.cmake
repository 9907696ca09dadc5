# Installing and exporting. Each of the three libraries is a component of the package, with its own file of
# targets, so that a user of the kernels needs neither z3 nor anything else of the analysis.

include(CMakePackageConfigHelpers)
set(halfulp_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/halfulp")

# halfulp_library(<folder>): the properties that the libraries have in common.
function(halfulp_library folder)
  set(target halfulp_${folder})
  add_library(halfulp::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${folder}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${halfulp_include_dir}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:halfulp_build_flags>)

  install(TARGETS ${target} EXPORT halfulp-${folder} COMPONENT ${folder})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/halfulp/${folder}"
    COMPONENT ${folder}
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cuh")
  install(EXPORT halfulp-${folder}
    FILE halfulp-${folder}-targets.cmake
    NAMESPACE halfulp::
    DESTINATION "${halfulp_package_dir}"
    COMPONENT ${folder})
endfunction()

function(halfulp_install_package)
  set(package_components oracle kernels)
  if(HALFULP_ANALYSIS)
    list(APPEND package_components analysis)
  endif()
  configure_package_config_file(cmake/halfulp-config.cmake.in "${PROJECT_BINARY_DIR}/halfulp-config.cmake"
    INSTALL_DESTINATION "${halfulp_package_dir}")
  # Up to 1.0 a minor version may change the interface.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/halfulp-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/halfulp-config.cmake"
    "${PROJECT_BINARY_DIR}/halfulp-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/libraries.cmake"
    DESTINATION "${halfulp_package_dir}" COMPONENT oracle)
  install(FILES "${halfulp_include_dir}/halfulp/build_info.hpp"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/halfulp" COMPONENT oracle)
endfunction()
