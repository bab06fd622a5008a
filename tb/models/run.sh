#!/usr/bin/env bash
# Runs a test of models/ with the Python of a venv; exit status 77 (skipped) when packages are missing there.
# usage: run.sh VENV TEST.py [ARGUMENT]...
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 2; }
python=$1/bin/python
shift
for package in numpy gguf; do
  if [ ! -x "$python" ] || ! "$python" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$package') is None)"; then
    echo "skipped: $python has no package $package; scripts/setup.sh installs it (models/requirements.txt)"
    exit 77
  fi
done
exec "$python" "$@"
