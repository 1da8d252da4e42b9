# tests/clients/*_test.py as clients/<name>: pytest with real AWS clients over the programs of this build ($SMHOST_BIN), in the
# Python that tests/clients/setup made.
execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/setup --print-python
  OUTPUT_VARIABLE clients_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT clients_python)
  message(STATUS "client tests: no clients for them: left out; run tests/clients/setup")
  return()
endif()

file(GLOB client_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.py)
foreach(file ${client_tests})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  add_test(NAME clients/${name} COMMAND ${clients_python} -m pytest -q -rs -p no:cacheprovider ${file})
  set_tests_properties(clients/${name} PROPERTIES LABELS clients RUN_SERIAL ON TIMEOUT 900
    SKIP_REGULAR_EXPRESSION "(^|\n)[0-9]+ skipped in" # of a file of which nothing ran
    ENVIRONMENT "SMHOST_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONDONTWRITEBYTECODE=1")
endforeach()
