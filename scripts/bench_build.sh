#!/usr/bin/env bash
# Measures how long one configuration takes to verilate and compile from nothing, and how much memory that needs.
#
# usage: scripts/bench_build.sh [--config nano|small|full] [--out FILE.json]
#
# Uses no compiler cache. `seconds` is wall time with WREN_JOBS (default: all) compilers, `peak_mib` the largest sum of
# resident memory of Verilator and the compilers, sampled ten times a second.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
config=full out=$root/build/bench/build.json
while [ $# -gt 0 ]; do
  case $1 in
    --config) config=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "bench_build.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done
jobs=${WREN_JOBS:-$(nproc)}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
read -ra flags <<<"$("$root/scripts/config_flags.sh" "$config")"

begin=$(date +%s.%N)
CCACHE_DISABLE=1 setsid "$root/scripts/verilate.sh" --out "$work" --top wren_top --prefix Vbench --assert -- -f rtl/wren.f "${flags[@]}" &
session=$!
peak=0
while kill -0 "$session" 2>/dev/null; do
  now=$(ps -o rss= -s "$session" 2>/dev/null | awk '{sum += $1} END {print int(sum / 1024)}')
  [ "${now:-0}" -le "$peak" ] || peak=$now
  sleep 0.1
done
wait "$session"
seconds=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN {printf "%.1f", b - a}')
mkdir -p "$(dirname "$out")"
printf '{"schema": 1, "command": "scripts/bench_build.sh --config %s", "host": {"processors": %d, "jobs": %d}, "results": [{"name": "build_%s", "config": "%s", "seconds": %s, "peak_mib": %d}]}\n' \
  "$config" "$(nproc)" "$jobs" "$config" "$config" "$seconds" "$peak" >"$out"
echo "build_$config: $seconds s with $jobs compilers, peak $peak MiB (limits: 240 s, 4,096 MiB)"
echo "wrote $out"
awk -v s="$seconds" -v p="$peak" 'BEGIN {exit !(s <= 240 && p <= 4096)}'
