#!/usr/bin/env bash
# Checks the tools the build needs and their versions; names the cure for each that is missing or too old.
# usage: scripts/preflight.sh        exit status 1 if something is wrong
set -euo pipefail
case ${1:-} in -h|--help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

wrong=0
complain() { echo "preflight: $1 -- $2" >&2; wrong=1; }

# need NAME MINIMUM PACKAGE VERSION_COMMAND...
need() {
  local name=$1 minimum=$2 package=$3 version; shift 3
  if ! command -v "$name" >/dev/null; then
    complain "$name is missing" "scripts/setup.sh installs it (Debian package $package)"; return
  fi
  version=$("$@" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 || true)
  if [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$minimum" "$version" | sort -V | head -n 1)" != "$minimum" ]; then
    complain "$name is $version, $minimum or newer is needed" "upgrade the package $package, or put a newer one first on PATH"
  fi
}

need make 4.0 make make --version
need clang++-16 16.0 clang-16 clang++-16 --version
need cmake 3.25 cmake cmake --version
need ninja 1.10 ninja-build ninja --version
need "${WREN_VERILATOR:-verilator}" 5.006 verilator "${WREN_VERILATOR:-verilator}" --version
need python3 3.9 python3 python3 --version
/usr/bin/python3 -c 'import yaml' 2>/dev/null || complain "Python has no PyYAML" "scripts/setup.sh installs it (Debian package python3-yaml)"

# Optional: without these two CMake leaves wren-platform and its tests out.
for header in tlm:libsystemc-dev boost/program_options.hpp:libboost-program-options-dev; do
  echo "#include <${header%%:*}>" | clang++-16 -std=c++17 -E -x c++ - >/dev/null 2>&1 ||
    echo "preflight: ${header##*:} is missing -- the SystemC platform (build/bin/wren-platform) is left out; scripts/setup.sh installs it" >&2
done

memory=$(awk '/MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo 2>/dev/null || echo 99)
[ "$memory" -ge 3 ] || complain "only $memory GiB of memory are free" "the full configuration's model needs about 3 GiB to compile; close something or build with WREN_JOBS=1"
[ "$wrong" -eq 0 ]
