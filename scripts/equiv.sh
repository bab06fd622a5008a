#!/usr/bin/env bash
# Runs the synthesized netlist of a configuration beside its RTL and compares them in every cycle (tb/equiv). Synthesizes first
# when there is no netlist or a source of it is newer.
#
# usage: scripts/equiv.sh [--build build] [--config nano] [arguments of wren-equiv: --tokens 8 --programs 100 --break CELL ...]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=build config=nano
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift 2 ;;
    --config) config=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) break ;;
  esac
done
cd "$root"
[ "$config" = nano ] || { echo "error: only nano fits the part that netlists are made for; use CONFIG=nano" >&2; exit 2; }
netlist=$build/synth/$config.json
if [ ! -e "$netlist" ] || [ -n "$(find rtl fpga/prim fpga/synth scripts/synth.py -newer "$netlist" -type f)" ]; then
  WREN_QUIET=1 scripts/setup.sh --with synth
  .venv/bin/python scripts/synth.py --config "$config" --out "$build/synth"
fi
exec "$build/bin/wren-equiv" --netlist "$netlist" --config "$config" "$@"
