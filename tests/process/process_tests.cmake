# tests/process/*_test.py as process/<name>: pytest over the programs of this build ($SMHOST_BIN), in the Python that
# scripts/setup made. Each has the machine for itself: they measure time and kill what they started.
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/setup --print-python
  OUTPUT_VARIABLE test_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT test_python)
  message(STATUS "process tests: no Python for them: left out; run scripts/setup")
  return()
endif()

file(GLOB process_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.py)
foreach(file ${process_tests})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  add_test(NAME process/${name} COMMAND ${test_python} -m pytest -q -rs -p no:cacheprovider ${file})
  set_tests_properties(process/${name} PROPERTIES LABELS process RUN_SERIAL ON TIMEOUT 600
    SKIP_REGULAR_EXPRESSION "(^|\n)[0-9]+ skipped in" # of a file of which nothing ran
    ENVIRONMENT "SMHOST_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONDONTWRITEBYTECODE=1")
endforeach()

# Programs that die where they are told to.
set_tests_properties(process/failpoint PROPERTIES
  ENVIRONMENT "SMHOST_BIN=${CMAKE_BINARY_DIR}/asan/bin;PYTHONDONTWRITEBYTECODE=1")
