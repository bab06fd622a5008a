#!/usr/bin/env python3
"""Compares two results of `wren run --json`: text, tokens and cycles must be equal.

usage: compare_runs.py FIRST.json SECOND.json
"""

import json
import sys

KEYS = ("text", "tokens", "cycles")


def main():
    if len(sys.argv) != 3 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help") else 2
    runs = []
    for name in sys.argv[1:]:
        with open(name) as f:
            run = json.load(f)
        missing = [k for k in KEYS if k not in run]
        if missing:
            sys.exit(f"error: {name} has no {', '.join(missing)}")
        runs.append(run)
    bad = [k for k in KEYS if runs[0][k] != runs[1][k]]
    for k in bad:
        print(f"{k} differ:\n  {sys.argv[1]}: {runs[0][k]!r}\n  {sys.argv[2]}: {runs[1][k]!r}")
    if not bad:
        print(f"same text, tokens and cycles ({runs[0]['cycles']} cycles): {runs[0]['text']!r}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
