#!/usr/bin/env bash
# Prints the Verilator -G flags of wren_top for one configuration: scripts/config_flags.sh nano
set -euo pipefail
case ${1:-} in
  nano)  echo "-GConfig=0" ;;
  small) echo "-GConfig=1" ;;
  full)  echo "-GConfig=2" ;;
  *) echo "error: configuration '${1:-}' is not one of nano, small, full" >&2; exit 1 ;;
esac
