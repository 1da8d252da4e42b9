# libtorch without torch's own CMake package, which insists on a CUDA toolkit.
#
# In:  SMHOST_TORCH_ROOT   a folder with include/ and lib/: what scripts/setup unpacks, or a site-packages/torch
# Out: SMHOST_HAVE_TORCH   ON if it is there; if OFF, the target is not defined
#      smhost::torch       headers, libtorch_cpu, libc10, and an empty libtorch.so. Compiled AOTInductor packages ask for that
#                          name, and the real one pulls in libtorch_cuda, which a machine without a GPU cannot load. Where there
#                          is a GPU, a program opens libtorch_cuda.so itself, beside libtorch_cpu.so.

set(SMHOST_TORCH_ROOT "" CACHE PATH "folder with torch's include/ and lib/; empty: what scripts/setup unpacked")
set(SMHOST_HAVE_TORCH OFF)

# Asked at each run, not cached: a build folder configured before scripts/setup finds torch the next time.
set(torch_root "${SMHOST_TORCH_ROOT}")
if(NOT torch_root)
  execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../scripts/setup" --print-torch
    OUTPUT_VARIABLE torch_root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()

if(NOT EXISTS "${torch_root}/lib/libtorch_cpu.so" OR NOT EXISTS "${torch_root}/include/torch/script.h")
  if(SMHOST_TORCH_ROOT)
    message(STATUS "torch: SMHOST_TORCH_ROOT=${SMHOST_TORCH_ROOT} has no lib/libtorch_cpu.so or no include/torch/script.h: building without the worker")
  else()
    message(STATUS "torch: not found: building without the worker; run scripts/setup, or give -DSMHOST_TORCH_ROOT=<folder with include/ and lib/>")
  endif()
  return()
endif()

set(torch_version "")
if(EXISTS "${torch_root}/include/torch/headeronly/version.h")
  file(STRINGS "${torch_root}/include/torch/headeronly/version.h" torch_version REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  list(TRANSFORM torch_version REPLACE "^.* " "")
  list(JOIN torch_version "." torch_version)
endif()
if(torch_version VERSION_LESS 2.11)
  message(STATUS "torch: ${torch_root} is version '${torch_version}', 2.11 is the oldest that will do: building without the worker")
  return()
endif()

set(SMHOST_HAVE_TORCH ON)
message(STATUS "torch: ${torch_version} in ${torch_root}")

add_library(smhost_c10 SHARED IMPORTED GLOBAL)
set_target_properties(smhost_c10 PROPERTIES IMPORTED_LOCATION "${torch_root}/lib/libc10.so" IMPORTED_SONAME libc10.so)
add_library(smhost_torch_cpu SHARED IMPORTED GLOBAL)
set_target_properties(smhost_torch_cpu PROPERTIES IMPORTED_LOCATION "${torch_root}/lib/libtorch_cpu.so" IMPORTED_SONAME libtorch_cpu.so)

if(EXISTS "${torch_root}/lib/stub/libtorch.so")
  add_library(smhost_torch_empty SHARED IMPORTED GLOBAL)
  set_target_properties(smhost_torch_empty PROPERTIES IMPORTED_LOCATION "${torch_root}/lib/stub/libtorch.so" IMPORTED_SONAME libtorch.so)
else()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/torch-stub/empty.cc" CONTENT "")
  add_library(smhost_torch_empty SHARED "${CMAKE_BINARY_DIR}/torch-stub/empty.cc")
  set_target_properties(smhost_torch_empty PROPERTIES OUTPUT_NAME torch LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/torch-stub")
endif()

# Nothing in the empty library is ever called, so a linker that leaves out unneeded libraries must be told.
set(CMAKE_CXX_LINK_LIBRARY_USING_smhost_always_SUPPORTED TRUE)
set(CMAKE_CXX_LINK_LIBRARY_USING_smhost_always "LINKER:--push-state,--no-as-needed" "<LINK_ITEM>" "LINKER:--pop-state")

add_library(smhost_torch INTERFACE)
add_library(smhost::torch ALIAS smhost_torch)
target_include_directories(smhost_torch SYSTEM INTERFACE
  "${torch_root}/include" "${torch_root}/include/torch/csrc/api/include")
target_compile_features(smhost_torch INTERFACE cxx_std_20)
# The empty library first: its folder then comes first in the program's run path, before that of a real libtorch.so.
target_link_libraries(smhost_torch INTERFACE
  "$<LINK_LIBRARY:smhost_always,smhost_torch_empty>" smhost_torch_cpu smhost_c10)
