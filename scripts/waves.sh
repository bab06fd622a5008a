#!/usr/bin/env bash
# Reruns a window of a run with waves: builds the program with tracing, runs it, writes an FST and a GTKWave view.
#
# usage: scripts/waves.sh --test TEST [--seed N] [--from CYCLE] [--to CYCLE] [--engine ld|st|mxe|gta|ctl|all] [--build DIR]
#
#   TEST is what a failure printed: a test program and its test (workload_rtl_test:Suite.Name), or a command line
#   of wren ("wren run --backend rtl --config nano").
#
# Writes DIR/waves/<name>.fst and .gtkw and says how to open them. The program failing again is what is expected of a
# failing test, so its exit code is printed and not passed on. The build with tracing lives in DIR/trace.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build test='' seed='' from=0 to='' engine=all
while [ $# -gt 0 ]; do
  case $1 in
    --test) test=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --from) from=${2:-0}; shift 2 ;;
    --to) to=$2; shift 2 ;;
    --engine) engine=${2:-all}; shift 2 ;;
    --build) build=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "waves.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done
[ -n "$test" ] || { echo "waves.sh: TEST is needed: copy the line that the failure printed (make waves TEST=... SEED=... FROM=... TO=...)" >&2; exit 2; }
command -v fst2vcd >/dev/null || { echo "waves.sh: fst2vcd is missing; install the package gtkwave (scripts/setup.sh does)" >&2; exit 2; }
build=$(mkdir -p "$build" && cd "$build" && pwd)

out=$build/waves
mkdir -p "$out"
name=$(printf '%s' "$test" | tr -c 'A-Za-z0-9_.-' '_' | cut -c1-80)
fst=$out/$name.fst
rm -f "$fst"

case $test in
  wren\ *)
    target=wren
    config=$(sed -n 's/.*--config[ =]\(nano\|small\|full\).*/\1/p' <<<"$test"); config=${config:-nano}
    eval "words=($test)"  # the line is quoted for a shell
    command=("$build/trace/bin/wren" "${words[@]:1}")
    [ -n "$seed" ] && [[ $test != *--seed* ]] && command+=(--seed "$seed")
    rtl=(--rtl "$config") ;;
  *)
    target=${test%%:*}; filter=${test#*:}
    command=("$build/trace/tests/$target")
    [ "$filter" = "$test" ] || command+=("--gtest_filter=$filter")
    rtl=() ;;
esac

echo "building $target with tracing in $build/trace"
"$root/scripts/configure.sh" "$build/trace" -DWREN_TRACE=ON ${rtl[@]+"${rtl[@]}"}
cmake --build "$build/trace" --target "$target" -j "${WREN_JOBS:-$(nproc)}"

export WREN_TRACE_FILE=$fst WREN_TRACE_FROM=${from:-0} WREN_TRACE_TO=${to:-18446744073709551615}
[ -z "$seed" ] || export WREN_SEED=$seed
echo "running ${command[*]}"
status=0
(cd "$root" && "${command[@]}") || status=$?
echo "the program ended with exit code $status"
[ -s "$fst" ] || { echo "waves.sh: no trace was written; did the run reach cycle ${from:-0}?" >&2; exit 1; }

/usr/bin/python3 "$root/scripts/gtkw.py" "$fst" "${fst%.fst}.gtkw" --engine "$engine" --marker $((2 * (${to:-0} > 30 ? ${to:-0} - 30 : 0)))
echo "open it: gtkwave ${fst%.fst}.gtkw"
