#!/usr/bin/env bash
# Lints the RTL: Verilator -Wall and slang, for every configuration and the tops of the boards (fpga/); any warning fails.
#
# usage: scripts/lint.sh [--top MODULE] [CONFIG...]      default: wren_top, nano small full
#
# Waivers are lint/*.vlt (Verilator) and lint/slang.f (slang), each with its reason.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
top=wren_top configs=()
while [ $# -gt 0 ]; do
  case $1 in
    --top) top=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) configs+=("$1"); shift ;;
  esac
done
[ ${#configs[@]} -gt 0 ] || configs=(nano small full)
verilator=${WREN_VERILATOR:-verilator}
venv=${WREN_VENV:-$root/.venv}
shopt -s nullglob
waivers=(lint/*.vlt)

bad=0
lint() {  # NAME TOP [FLAG_OR_FILE...]
  local name=$1 top=$2 out; shift 2
  if out=$("$verilator" --lint-only -Wall --assert "${waivers[@]}" -f rtl/wren.f --top-module "$top" "$@" 2>&1); then
    echo "verilator  $name: clean"
  else
    echo "$out" | grep -v '^ *\.\.\.' ; echo "verilator  $name: NOT clean"; bad=1
  fi
  if out=$("$venv/bin/python" scripts/slang_lint.py --top "$top" -f rtl/wren.f -f lint/slang.f "$@" 2>&1); then
    echo "slang      $name: clean"
  else
    echo "$out"; echo "slang      $name: NOT clean"; bad=1
  fi
}
for config in "${configs[@]}"; do
  flags=()
  [ "$top" = wren_top ] && read -ra flags <<<"$(scripts/config_flags.sh "$config")"
  lint "$config" "$top" "${flags[@]}"
done
if [ "$top" = wren_top ]; then
  for board in fpga/*/wren_*.sv; do
    dir=$(dirname "$board") name=$(basename "$board" .sv)
    [ "$name" = "wren_$(basename "$dir")" ] && [ "$name" != wren_soc ] && lint "${name#wren_}" "$name" -f fpga/soc/soc.f "$dir"/*.sv
  done
fi
exit $bad
