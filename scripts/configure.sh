#!/usr/bin/env bash
# Configures a build directory once (CMake itself notices later changes).
# usage: scripts/configure.sh DIR [cmake flags]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in ''|-h|--help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
dir=$1; shift
if [ -e "$dir/build.ninja" ] && [ $# -eq 0 ]; then exit 0; fi
cmake -G Ninja -S "$root" -B "$dir" -DCMAKE_C_COMPILER=clang-16 -DCMAKE_CXX_COMPILER=clang++-16 "$@" >"${TMPDIR:-/tmp}/wren-configure.$$" 2>&1 || {
  cat "${TMPDIR:-/tmp}/wren-configure.$$" >&2; rm -f "${TMPDIR:-/tmp}/wren-configure.$$"; exit 1; }
rm -f "${TMPDIR:-/tmp}/wren-configure.$$"
echo "configured $dir"
