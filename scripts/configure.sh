#!/usr/bin/env bash
# Configures a build directory when it is new or an option changes (CMake itself notices edited lists).
#
# usage: scripts/configure.sh DIR [cmake flags] [--rtl nano|small|full|all]
#
#   --rtl    a configuration whose RTL the programs wren and wren-bench hold; added to those the
#            directory already has
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in ''|-h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;; esac
dir=$1; shift
rtl=() flags=()
while [ $# -gt 0 ]; do
  case $1 in
    --rtl) [ "${2:-}" = all ] && rtl+=(nano small full) || rtl+=("${2:-}"); shift 2 ;;
    *) flags+=("$1"); shift ;;
  esac
done
for c in "${rtl[@]}"; do "$root/scripts/config_flags.sh" "$c" >/dev/null; done

have='' want=''
[ -e "$dir/CMakeCache.txt" ] && have=$(sed -n 's/^WREN_RTL:STRING=//p' "$dir/CMakeCache.txt")
for c in nano small full; do
  case " ${rtl[*]} ${have//;/ } " in *" $c "*) want+=${want:+;}$c ;; esac
done
[ ${#rtl[@]} -eq 0 ] || [ "$want" = "$have" ] || flags+=("-DWREN_RTL=$want")
if [ -e "$dir/build.ninja" ] && [ ${#flags[@]} -eq 0 ]; then exit 0; fi

log=$(mktemp); trap 'rm -f "$log"' EXIT
cmake -G Ninja -S "$root" -B "$dir" -DCMAKE_C_COMPILER=clang-16 -DCMAKE_CXX_COMPILER=clang++-16 "${flags[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
echo "configured $dir${want:+ (RTL in wren: $want)}"
