# One function per kind of target.
#
#   wren_library(wren_formats [DIR dir] [SOURCES file...] DEPS wren_common fmt::fmt)
#   wren_executable(wren SOURCES main.cpp DEPS wren_runtime CLI11::CLI11)
#   wren_test(formats_test SOURCES q8_test.cpp DEPS wren_formats LEVEL L0)
#   wren_test(fifo_test SOURCES fifo_test.cpp VERILATED fifo_rtl LEVEL L0)

# A static library: sources DIR/src/*.cpp (or SOURCES), public headers DIR/include; header-only when
# there are no sources. DIR is the current directory by default. wren_x is also known as wren::x.
function(wren_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIR" "SOURCES;DEPS;VERILATED")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wren_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_DIR)
    set(arg_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  get_filename_component(arg_DIR ${arg_DIR} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${arg_DIR}/src/*.cpp)
  endif()
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_compile_options(${name} PRIVATE ${WREN_WARNINGS})
    target_include_directories(${name} PUBLIC ${arg_DIR}/include PRIVATE ${arg_DIR}/src)
    target_link_libraries(${name} PUBLIC ${arg_DEPS} ${arg_VERILATED})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${arg_DIR}/include)
    target_link_libraries(${name} INTERFACE ${arg_DEPS} ${arg_VERILATED})
  endif()
  if(name MATCHES "^wren_(.+)$")
    add_library(wren::${CMAKE_MATCH_1} ALIAS ${name})
  endif()
endfunction()

# A program in build/bin.
function(wren_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;VERILATED")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wren_executable(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${WREN_WARNINGS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ${arg_VERILATED} Threads::Threads)
endfunction()

# A plug-in build/lib/<name>.so, for what a program loads on demand (one per RTL configuration).
function(wren_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;VERILATED;DEFINES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wren_module(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES PREFIX "")
  target_compile_options(${name} PRIVATE ${WREN_WARNINGS})
  target_compile_definitions(${name} PRIVATE ${arg_DEFINES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ${arg_VERILATED} Threads::Threads)
endfunction()

# A GoogleTest binary in build/tests and one ctest entry of the same name. LEVEL (L0 by default) is
# its ctest label; LABELS adds more. The binary reads WREN_SEED; WREN_DATA_DIR and WREN_SOURCE_DIR are
# compile definitions (strings), and the environment variable WREN_DATA_DIR carries the first too.
function(wren_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LEVEL;TIMEOUT" "SOURCES;DEPS;VERILATED;DEFINES;LABELS;ARGS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wren_test(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_LEVEL)
    set(arg_LEVEL L0)
  endif()
  if(NOT arg_LEVEL MATCHES "^L[0-4]$")
    message(FATAL_ERROR "wren_test(${name}): LEVEL ${arg_LEVEL} is not one of L0 L1 L2 L3 L4")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${WREN_TEST_TIMEOUT})
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_options(${name} PRIVATE ${WREN_WARNINGS})
  target_compile_definitions(${name} PRIVATE
    WREN_DATA_DIR="${WREN_DATA_DIR}" WREN_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ${arg_DEFINES})
  target_link_libraries(${name} PRIVATE
    ${arg_DEPS} ${arg_VERILATED} GTest::gmock GTest::gtest GTest::gtest_main Threads::Threads)
  add_test(NAME ${name}
    COMMAND ${name} --gtest_output=xml:${CMAKE_BINARY_DIR}/reports/${name}.xml ${arg_ARGS}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LEVEL};${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "WREN_DATA_DIR=${WREN_DATA_DIR}")
endfunction()
