#!/usr/bin/env bash
# Verilates one top module and compiles the result into one static library.
#
# usage: scripts/verilate.sh --out DIR --top MODULE --prefix NAME [options] -- FILE_OR_FLAG...
#
#   --out DIR        receives gen/ (C++ and headers) and lib<prefix>.a
#   --top MODULE     top module
#   --prefix NAME    class name of the model
#   --trace          FST tracing compiled in
#   --assert         SystemVerilog assertions and covers compiled in
#   --coverage       line and toggle coverage compiled in
#   --define X=Y     compiled into the C++ as -DX=Y (repeatable)
#   --include FILE   header in front of the generated C++ (repeatable)
#   --unroll N       clang unrolls loops of up to N turns (default 8, which the dot products of the RTL's array have)
#   --aligned DIR    Verilator's headers of scripts/aligned_verilated.sh, in front of its own
#   --whole          a cycle's functions are compiled as one: for models with the arithmetic of the host (docs/simulation-speed.md)
#   -- ...           passed to Verilator: -f rtl/wren.f, -GROWS=2, extra .sv files
#
# Environment: WREN_VERILATOR (default verilator), CXX (default clang++-22, else clang++-16), WREN_JOBS (default: all cores).
# Prints nothing unless something is wrong; Verilator's warnings go to DIR/verilator.log (`make lint`
# is where they count), its errors to the terminal.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

out='' top='' prefix='' trace=0 coverage=0 verilator_args=() defines=() aligned=() unroll=8 whole=0
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    --top) top=$2; shift 2 ;;
    --prefix) prefix=$2; shift 2 ;;
    --trace) trace=1; verilator_args+=(--trace-fst --trace-structs); shift ;;
    --assert) verilator_args+=(--assert); shift ;;
    --coverage) coverage=1; verilator_args+=(--coverage-line --coverage-toggle); shift ;;
    --define) defines+=("-D$2"); shift 2 ;;
    --unroll) unroll=$2; shift 2 ;;
    --whole) whole=1; shift ;;
    --aligned) aligned=(-I"$(realpath "$2")"); shift 2 ;;
    --include) defines+=(-include "$(realpath "$2")"); shift 2 ;;
    --) shift; break ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "verilate.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done
[ -n "$out" ] && [ -n "$top" ] && [ -n "$prefix" ] || { echo "verilate.sh: --out, --top and --prefix are needed" >&2; exit 2; }

verilator=${WREN_VERILATOR:-verilator}
cxx=${CXX:-$(command -v clang++-22 || echo clang++-16)}
jobs=${WREN_JOBS:-$(nproc)}
. "$root/scripts/verilator_env.sh"   # verilator_include, verilator_flags

gen=$out/gen
rm -rf "$gen" "$out/obj"
mkdir -p "$gen" "$out/obj"

cd "$root"
public=()
[ -e sim/wren_public.vlt ] && public=(sim/wren_public.vlt)  # the monitors' signals
if ! "$verilator" --cc --top-module "$top" --prefix "$prefix" --Mdir "$gen" \
    "${verilator_flags[@]}" -Wno-fatal "${public[@]}" "${verilator_args[@]}" "$@" >"$out/verilator.log" 2>&1; then
  grep -A4 '%Error' "$out/verilator.log" >&2 || cat "$out/verilator.log" >&2
  echo "verilate.sh: $verilator stopped on $top; its whole output is $out/verilator.log" >&2
  exit 1
fi

launcher=()
command -v ccache >/dev/null && launcher=(ccache)
export CCACHE_BASEDIR=$out CCACHE_NOHASHDIR=1
flags=(-std=c++17 -O3 -march=native -ffp-contract=off -fPIC -w
       -include "$root/sim/include/wren_fast_ext.h"
       -I"$gen" "${aligned[@]}" -I"$verilator_include" -I"$verilator_include/vltstd"
       -DVERILATOR=1 -DVM_SC=0 -DVM_TRACE="$trace" -DVM_TRACE_FST="$trace" -DVM_TRACE_VCD=0
       -DVM_COVERAGE="$coverage" "${defines[@]}")
# Less unrolling: the code of a core's cycle is larger than the processor's first cache for instructions (docs/simulation-speed.md).
# And no scheduling of instructions before registers are given out, which in functions of that size costs more moves to and from the stack.
case $("$cxx" --version) in
  *clang*) flags+=(-mllvm -unroll-threshold-default=60 -mllvm "-unroll-full-max-count=$unroll" -mllvm -enable-misched=0) ;;
esac
cd "$out"
# Verilator splits what a cycle does into many functions, in several files, and each is called from one place (VL_INLINE_OPT marks them).
sources=(gen/*.cpp)
if [ "$whole" = 1 ]; then
  sources=()
  for f in gen/*.cpp; do
    case $f in
      *Slow.cpp | *__Syms.cpp | *__ConstPool*.cpp | *__Dpi.cpp | "gen/$prefix.cpp") sources+=("$f") ;;
      *) printf '#include "%s"\n' "$(basename "$f")" >>gen/whole.cxx ;;
    esac
  done
  flags+=('-DVL_INLINE_OPT=__attribute__((always_inline)) inline')
  sources=(gen/whole.cxx "${sources[@]}")
fi
printf '%s\0' "${sources[@]}" | xargs -0 -P "$jobs" -I{} sh -c '
  src=$1; shift
  exec "$@" -c "$src" -o "obj/$(basename "${src%.c*}").o"' _ {} "${launcher[@]}" "$cxx" "${flags[@]}"

lib=lib$prefix.a
rm -f "$lib"
ar=$(command -v llvm-ar-16 || command -v ar)
"$ar" qcs "$lib" obj/*.o
rm -rf obj
