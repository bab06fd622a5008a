#!/usr/bin/env bash
# Lints the RTL: Verilator -Wall and slang, for every configuration, the tops of the boards and the RAMs of FPGA families (fpga/);
# Verible's style rules over all of it and formal/. Any warning fails. Vivado's scripts and constraints are run against a model of Vivado (fpga/vivado/lint.tcl).
#
# usage: scripts/lint.sh [--top MODULE] [CONFIG...]      default: wren_top, nano small full
#
# Waivers are lint/*.vlt (Verilator), lint/slang.f (slang) and lint/verible.waiver, each with its reason.
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
list=(-f rtl/wren.f)
lint() {  # NAME TOP [FLAG_OR_FILE...]
  local name=$1 top=$2 out; shift 2
  if out=$("$verilator" --lint-only -Wall --assert "${waivers[@]}" "${list[@]}" --top-module "$top" "$@" 2>&1); then
    echo "verilator  $name: clean"
  else
    echo "$out" | grep -v '^ *\.\.\.' ; echo "verilator  $name: NOT clean"; bad=1
  fi
  if out=$("$venv/bin/python" scripts/slang_lint.py --top "$top" "${list[@]}" -f lint/slang.f "$@" 2>&1); then
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
  lint soc wren_soc -f fpga/soc/soc.f  # with block RAM; the boards have SDRAM
  for board in fpga/*/wren_*.sv; do
    dir=$(dirname "$board") name=$(basename "$board" .sv)
    [ "$name" = "wren_$(basename "$dir")" ] && [ "$name" != wren_soc ] && lint "${name#wren_}" "$name" -f fpga/soc/soc.f "$dir"/*.sv
  done
  for config in "${configs[@]}"; do
    read -r flag <<<"$(scripts/config_flags.sh "$config")"
    lint "wren_axi $config" wren_axi "-GCONFIG=${flag##*=}" fpga/vivado/wren_axi.v
  done
  list=()
  for ram in fpga/prim fpga/vivado/prim; do
    for shape in "-GWidth=64 -GDepth=256" "-GWidth=512 -GDepth=8192 -GGran=16"; do
      read -ra flags <<<"$shape"
      lint "$ram/wren_ram_1r1w $shape" wren_ram_1r1w "${flags[@]}" "$ram/wren_ram_1r1w.sv"
    done
  done
  for file in fpga/prim/*.sv sim/prim/*.sv; do  # the RAM needs shapes
    name=$(basename "$file" .sv)
    [ "$name" = wren_ram_1r1w ] || lint "${file%.sv}" "$name" "$file"
  done
  if out=$("$venv/bin/verible-verilog-lint" --rules_config lint/verible.rules --waiver_files lint/verible.waiver rtl/*/*.sv fpga/*/*.sv fpga/vivado/prim/*.sv sim/prim/*.sv formal/*.sv 2>&1); then
    echo "verible    rtl, fpga, formal: clean"
  else
    echo "$out"; echo "verible    NOT clean"; bad=1
  fi
  tclsh fpga/vivado/lint.tcl --self-check || bad=1
fi
exit $bad
