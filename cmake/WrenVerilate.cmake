# wren_verilate: RTL to a C++ library that tests and programs link.
#
#   wren_verilate(top_nano TOP wren_top CONFIG nano PREFIX Vwren_top_nano [TRACE] [ASSERT] [COVERAGE] [HOST]
#                 [SOURCES extra.sv ...] [NO_FILELIST] [PARAMS -GDEPTH=4 ...] [FLAGS verilator flags])
#
# The target <name> carries the model's headers and libraries: name it in DEPS or VERILATED of a
# wren_test. SOURCES are added after rtl/wren.f (wrappers that live beside a test bench); with
# NO_FILELIST they are all there is. CONFIG adds that configuration's parameters (spec: configs).
# With ASSERT the RTL's assertions are live; benches use it unless they measure speed. With TRACE the
# consumer is compiled with WREN_TRACE=1 and may include verilated_fst_c.h. With HOST files of sim/host
# stand in for those of their names in SOURCES: the model computes with the arithmetic of the machine
# it runs on (x86-64 with FTZ and DAZ set, sim/host/wren_host_arith.h), and a cycle's functions are compiled as one.

if(WREN_VERILATOR STREQUAL "5.48")
  set(wren_verilator_path ${WREN_VENV}/bin/verilator)
else()
  find_program(wren_verilator_path_${WREN_VERILATOR} NAMES ${WREN_VERILATOR})
  set(wren_verilator_path ${wren_verilator_path_${WREN_VERILATOR}})
endif()
if(NOT wren_verilator_path OR NOT EXISTS ${wren_verilator_path})
  message(FATAL_ERROR "Verilator '${WREN_VERILATOR}' not found. Run scripts/setup.sh "
    "(5.48: scripts/setup.sh --with verilator), or pass -DWREN_VERILATOR=/path/to/verilator.")
endif()

execute_process(
  COMMAND bash -c "verilator='${wren_verilator_path}'; . '${CMAKE_SOURCE_DIR}/scripts/verilator_env.sh'; printf '%s;%s' $verilator_version $verilator_include"
  OUTPUT_VARIABLE wren_verilator_info RESULT_VARIABLE wren_verilator_rc)
if(NOT wren_verilator_rc EQUAL 0)
  message(FATAL_ERROR "${wren_verilator_path} does not run")
endif()
list(GET wren_verilator_info 0 WREN_VERILATOR_VERSION)
list(GET wren_verilator_info 1 WREN_VERILATOR_INCLUDE)
message(STATUS "Verilator ${WREN_VERILATOR_VERSION}: ${wren_verilator_path}")

# Verilator's wide signals, aligned: a vector that crosses a cache line is two accesses (docs/simulation-speed.md).
# Its header with that one line changed stands in front of its own folder, for models and what uses them.
set(WREN_VERILATED_ALIGNED ${CMAKE_BINARY_DIR}/verilated/include)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/aligned_verilated.sh ${WREN_VERILATOR_INCLUDE} ${WREN_VERILATED_ALIGNED}
  RESULT_VARIABLE rc)
if(NOT rc EQUAL 0)
  message(FATAL_ERROR "scripts/aligned_verilated.sh failed (see above)")
endif()

# Verilator's runtime, once for all models; it always has FST so that traced and untraced models mix.
add_library(wren_verilated STATIC
  ${WREN_VERILATOR_INCLUDE}/verilated.cpp
  ${WREN_VERILATOR_INCLUDE}/verilated_threads.cpp
  ${WREN_VERILATOR_INCLUDE}/verilated_cov.cpp
  ${WREN_VERILATOR_INCLUDE}/verilated_fst_c.cpp)
target_include_directories(wren_verilated SYSTEM PUBLIC
  ${WREN_VERILATED_ALIGNED} ${WREN_VERILATOR_INCLUDE} ${WREN_VERILATOR_INCLUDE}/vltstd)
target_compile_definitions(wren_verilated PUBLIC VERILATOR=1 VM_SC=0)
target_compile_options(wren_verilated PRIVATE -w)
target_link_libraries(wren_verilated PUBLIC Threads::Threads ZLIB::ZLIB atomic)
if(WREN_VERILATOR_VERSION VERSION_GREATER_EQUAL 5.40)  # its FST writer uses the system's LZ4
  find_library(WREN_LZ4 lz4)
  if(NOT WREN_LZ4)
    message(FATAL_ERROR "liblz4 not found. Run scripts/setup.sh --with verilator.")
  endif()
  target_link_libraries(wren_verilated PUBLIC ${WREN_LZ4})
endif()

# One model compiles at a time: each already uses WREN_JOBS compilers.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS wren_verilate=1)

file(GLOB_RECURSE WREN_RTL_FILES CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/rtl/*.sv ${CMAKE_SOURCE_DIR}/rtl/*.svh ${CMAKE_SOURCE_DIR}/rtl/*.f
  ${CMAKE_SOURCE_DIR}/sim/*.vlt)

# The -G flags of a configuration, from the one table in scripts/config_flags.sh.
function(wren_config_flags config out)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/config_flags.sh ${config}
    OUTPUT_VARIABLE flags RESULT_VARIABLE rc OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT rc EQUAL 0)
    message(FATAL_ERROR "unknown configuration '${config}'")
  endif()
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(${out} ${flags} PARENT_SCOPE)
endfunction()

function(wren_verilate name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TRACE;ASSERT;COVERAGE;NO_FILELIST;HOST"
    "TOP;CONFIG;PREFIX" "SOURCES;PARAMS;FLAGS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wren_verilate(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TOP)
    message(FATAL_ERROR "wren_verilate(${name}): TOP is needed")
  endif()
  if(NOT arg_PREFIX)
    set(arg_PREFIX V${arg_TOP})
  endif()

  set(options)
  set(defines)
  if(arg_TRACE)
    list(APPEND options --trace)
    list(APPEND defines WREN_TRACE=1)
  endif()
  if(arg_ASSERT)
    list(APPEND options --assert)
  endif()
  if(arg_COVERAGE)
    list(APPEND options --coverage)
  endif()
  if(arg_HOST)
    list(APPEND options --include ${CMAKE_SOURCE_DIR}/sim/host/wren_host_arith.h --unroll 6 --whole)
  endif()

  set(sources)
  foreach(file IN LISTS arg_SOURCES)
    get_filename_component(file ${file} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    get_filename_component(base ${file} NAME)
    if(arg_HOST AND EXISTS ${CMAKE_SOURCE_DIR}/sim/host/${base})
      set(file ${CMAKE_SOURCE_DIR}/sim/host/${base})
    endif()
    list(APPEND sources ${file})
  endforeach()
  set(inputs)
  if(NOT arg_NO_FILELIST)
    set(inputs -f rtl/wren.f)
  else()
    set(inputs +incdir+rtl/common)
  endif()
  set(params ${arg_PARAMS})
  if(arg_CONFIG)
    wren_config_flags(${arg_CONFIG} config_flags)
    list(APPEND params ${config_flags})
  endif()

  set(dir ${CMAKE_BINARY_DIR}/verilated/${name})
  set(lib ${dir}/lib${arg_PREFIX}.a)
  set(header ${dir}/gen/${arg_PREFIX}.h)
  # The interface include directory must exist when consumers are configured.
  file(MAKE_DIRECTORY ${dir}/gen)
  add_custom_command(OUTPUT ${lib} ${header}
    COMMAND ${CMAKE_COMMAND} -E env WREN_VERILATOR=${wren_verilator_path} CXX=${WREN_MODEL_COMPILER}
      ${CMAKE_SOURCE_DIR}/scripts/verilate.sh --out ${dir} --aligned ${WREN_VERILATED_ALIGNED} --top ${arg_TOP} --prefix ${arg_PREFIX}
      ${options} -- ${inputs} ${sources} ${params} ${arg_FLAGS}
    DEPENDS ${WREN_RTL_FILES} ${sources} ${CMAKE_SOURCE_DIR}/scripts/verilate.sh
      ${CMAKE_SOURCE_DIR}/scripts/verilator_env.sh ${CMAKE_SOURCE_DIR}/sim/include/wren_fast_ext.h
      ${CMAKE_SOURCE_DIR}/sim/host/wren_host_arith.h ${WREN_VERILATED_ALIGNED}/verilated_types.h
    COMMENT "Verilating ${arg_TOP} ${arg_CONFIG} -> ${name}"
    JOB_POOL wren_verilate VERBATIM)
  add_custom_target(${name}_build DEPENDS ${lib} ${header})

  add_library(${name} STATIC IMPORTED GLOBAL)
  add_dependencies(${name} ${name}_build)
  set_target_properties(${name} PROPERTIES
    IMPORTED_LOCATION ${lib}
    INTERFACE_INCLUDE_DIRECTORIES ${dir}/gen
    INTERFACE_COMPILE_DEFINITIONS "${defines}"
    INTERFACE_COMPILE_OPTIONS "SHELL:-include ${CMAKE_SOURCE_DIR}/sim/include/wren_fast_ext.h"
    INTERFACE_LINK_LIBRARIES wren_verilated)
endfunction()
