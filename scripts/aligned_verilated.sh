#!/usr/bin/env bash
# Copies Verilator's verilated.h and verilated_types.h with wide signals (VlWide) aligned to the vectors that move them.
#
# usage: scripts/aligned_verilated.sh INCLUDE_DIR OUT_DIR
#
# Signals of a multiple of 512 bits begin at a multiple of 64 bytes, those of 256 bits at 32; sizes stay. Files that are
# as they should be are not touched.
set -euo pipefail
[ $# = 2 ] || { sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
in=$1 out=$2
mkdir -p "$out"
new=$(mktemp -d); trap 'rm -rf "$new"' EXIT
cp "$in/verilated.h" "$new"
awk '/^template <std::size_t [A-Za-z_]+>$/ { words = $3; sub(/>$/, "", words) }
     /^struct VlWide final \{$/ { sub(/struct/, "struct alignas(" words " % 16 == 0 ? 64 : " words " % 8 == 0 ? 32 : 4)") }
     { print }' "$in/verilated_types.h" >"$new/verilated_types.h"
grep -q '^struct alignas([A-Za-z_]* % 16' "$new/verilated_types.h" ||
  { echo "aligned_verilated.sh: $in/verilated_types.h has no line 'struct VlWide final {' to change" >&2; exit 1; }
for file in verilated.h verilated_types.h; do
  cmp -s "$new/$file" "$out/$file" || cp "$new/$file" "$out/$file"
done
