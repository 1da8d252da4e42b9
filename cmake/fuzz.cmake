# tests/fuzz/*_fuzz.cc under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer: built by clang in a folder of their own
# beneath this one by the target fuzz_tests, run as fuzz/<name>, each for a minute. scripts/test does both. What a run finds
# new stays in build/fuzz/corpus and is where the next one begins, beside the seeds in tests/fuzz/corpus/<name>.
#
# SMHOST_FUZZ: this is that inner build.

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cc)
set(fuzz_names "")
foreach(source ${fuzz_sources})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  list(APPEND fuzz_names ${name})
endforeach()

if(SMHOST_FUZZ)
  add_custom_target(fuzz_programs)
  foreach(name ${fuzz_names})
    add_executable(${name}_fuzz ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cc)
    target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name}_fuzz PRIVATE smhost_api smhost_state smhost_resources smhost_wire smhost_base)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_programs ${name}_fuzz)
  endforeach()
  return()
endif()

# The newest clang that Debian 12 has with its libFuzzer in the packages of scripts/setup.
find_program(FUZZ_C clang-14)
find_program(FUZZ_CXX clang++-14)
if(NOT FUZZ_C OR NOT FUZZ_CXX OR NOT fuzz_names OR SMHOST_SANITIZE)
  if(NOT SMHOST_SANITIZE)
    message(STATUS "fuzz tests: no clang-14 for them: left out; run scripts/setup")
  endif()
  return()
endif()

set(fuzz_folder ${CMAKE_BINARY_DIR}/fuzz)
add_custom_target(fuzz_tests
  COMMAND ${CMAKE_COMMAND} -S ${CMAKE_SOURCE_DIR} -B ${fuzz_folder} -G ${CMAKE_GENERATOR} -DCMAKE_BUILD_TYPE=Debug
          -DCMAKE_C_COMPILER=${FUZZ_C} -DCMAKE_CXX_COMPILER=${FUZZ_CXX} "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1"
          -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=8
          -DSMHOST_SANITIZE=fuzzer-no-link,address,undefined -DSMHOST_FUZZ=ON --log-level=WARNING
  COMMAND ${CMAKE_COMMAND} --build ${fuzz_folder} --target fuzz_programs
  COMMENT "Building the fuzz tests"
  USES_TERMINAL VERBATIM)
foreach(name ${fuzz_names})
  file(MAKE_DIRECTORY ${fuzz_folder}/corpus/${name})
  set(seeds ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(NOT EXISTS ${seeds})
    set(seeds "")
  endif()
  add_test(NAME fuzz/${name} COMMAND ${fuzz_folder}/bin/${name}_fuzz -max_total_time=60 -timeout=30 -rss_limit_mb=2048
    -verbosity=0 -print_final_stats=1 -artifact_prefix=${fuzz_folder}/${name}- ${fuzz_folder}/corpus/${name} ${seeds})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 300
    ENVIRONMENT "ASAN_OPTIONS=strict_string_checks=1;UBSAN_OPTIONS=print_stacktrace=1")
endforeach()
