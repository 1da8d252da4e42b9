# The unit tests once more under sanitizers: built without torch in folders of their own beneath this one by the targets
# asan_tests and tsan_tests, run as asan/<folder> and tsan/<folder>. scripts/test does both.
if(SMHOST_SANITIZE)
  return()
endif()

# Where address spaces are laid out with more randomness than this gcc's ThreadSanitizer knows, it needs them fixed.
set(tsan_runner "")
find_program(SETARCH setarch)
if(SETARCH)
  execute_process(COMMAND ${SETARCH} -R true RESULT_VARIABLE refused ERROR_QUIET)
  if(NOT refused)
    set(tsan_runner ${SETARCH} -R)
  endif()
endif()

# What gcc 12 warns of wrongly, in the standard library's headers and Asio's, once instrumented. The build proper warns.
set(quiet "-Wno-maybe-uninitialized -Wno-tsan")

# Whose tests have several threads: the others have nothing that it could find.
set(tsan_folders base wire state telemetry api gateway worker)

# With failpoints, for process/failpoint_test.py: one sanitizer is enough for that.
set(asan_programs smhostd smhost scripted_worker)

function(smhost_sanitized_tests name sanitizers environment)
  set(folder ${CMAKE_BINARY_DIR}/${name})
  set(targets ${${name}_programs})
  get_property(folders GLOBAL PROPERTY SMHOST_UNIT_TESTS)
  if(${name}_folders)
    set(folders ${${name}_folders})
  endif()
  foreach(tested ${folders})
    list(APPEND targets unit_${tested})
  endforeach()
  # Several sources in one: their headers are then read once, which is most of the work here.
  add_custom_target(${name}_tests
    COMMAND ${CMAKE_COMMAND} -S ${CMAKE_SOURCE_DIR} -B ${folder} -G ${CMAKE_GENERATOR} -DCMAKE_BUILD_TYPE=Debug
            -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=8 "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1 ${quiet}" "-DSMHOST_SANITIZE=${sanitizers}" -DSMHOST_FAILPOINTS=ON
            --log-level=WARNING
    COMMAND ${CMAKE_COMMAND} --build ${folder} --target ${targets}
    COMMENT "Building the unit tests with -fsanitize=${sanitizers}"
    USES_TERMINAL VERBATIM)
  foreach(tested ${folders})
    add_test(NAME ${name}/${tested} COMMAND ${ARGN} ${folder}/bin/unit_${tested})
    set_tests_properties(${name}/${tested} PROPERTIES LABELS sanitizer TIMEOUT 300 ENVIRONMENT "${environment}")
  endforeach()
endfunction()

smhost_sanitized_tests(asan "address,undefined" "ASAN_OPTIONS=strict_string_checks=1;UBSAN_OPTIONS=print_stacktrace=1")
smhost_sanitized_tests(tsan thread "TSAN_OPTIONS=second_deadlock_stack=1" ${tsan_runner})
