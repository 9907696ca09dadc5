# Fails where clang-format would change a source file; run in the project's folder. -D clang_format=..., -D git=...

execute_process(COMMAND ${git} ls-files *.cpp *.hpp *.cu *.cuh
  OUTPUT_VARIABLE files OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" files "${files}")
if(NOT files)
  message(FATAL_ERROR "no source file is under version control here")
endif()
execute_process(COMMAND ${clang_format} --dry-run -Werror ${files} RESULT_VARIABLE changes ERROR_VARIABLE where)
if(changes)
  message(FATAL_ERROR "make format would change:\n${where}")
endif()
