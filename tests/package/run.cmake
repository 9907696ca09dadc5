# Installs the build in `binary_dir` to a fresh prefix, then configures, builds and runs the project in
# `source_dir` against that prefix alone.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "this failed with ${result}: ${line}")
  endif()
endfunction()

file(REMOVE_RECURSE "${work_dir}")
set(flags "")
if(sanitize)
  set(flags "-fsanitize=${sanitize}")
endif()

run(${CMAKE_COMMAND} --install "${binary_dir}" --prefix "${work_dir}/prefix")
run(${CMAKE_COMMAND} -S "${source_dir}" -B "${work_dir}/build" -G "${generator}"
  "-DCMAKE_PREFIX_PATH=${work_dir}/prefix"
  "-DCMAKE_CXX_COMPILER=${compiler}"
  "-DCMAKE_BUILD_TYPE=${build_type}"
  "-DCMAKE_CXX_FLAGS=${flags}"
  -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run(${CMAKE_COMMAND} --build "${work_dir}/build")
run("${work_dir}/build/user")
run("${work_dir}/build/user_of_all")
