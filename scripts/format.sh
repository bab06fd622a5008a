#!/usr/bin/env bash
# Formats every C++ and C file of the repository in place by .clang-format; generated files are left alone.
# usage: scripts/format.sh [--check]     --check changes nothing and fails if something would change
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in -h|--help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run -Werror)
git ls-files -co --exclude-standard '*.cpp' '*.h' '*.c' | while read -r f; do
  [ -e "$f" ] && ! grep -qm1 '^// Generated from' "$f" && echo "$f"
done | xargs clang-format "${mode[@]}"
