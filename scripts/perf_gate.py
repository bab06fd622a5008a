#!/usr/bin/env python3
"""Compares what wren-bench counts with checked-in figures.

usage: perf_gate.py --bench build/bin/wren-bench --config nano --list gemm [--accept]

Cycles are deterministic: one that differs by more than 1% from regress/baselines/<list>_<config>.json fails, whichever way it
moved, until it is accepted on purpose with --accept (which rewrites the file; look at the diff before you commit it).
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOLERANCE = 0.01


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--list", required=True)
    parser.add_argument("--accept", action="store_true")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as work:
        out = pathlib.Path(work) / "out.json"
        subprocess.run([args.bench, "--config", args.config, "--list", args.list, "--out", out], check=True)
        results = json.loads(out.read_text())["results"]
    measured = {r["name"]: {"cycles": r["cycles"], "utilization": round(r["utilization"], 4)} for r in results}

    path = ROOT / "regress" / "baselines" / f"{args.list}_{args.config}.json"
    if args.accept:
        path.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
        print(f"accepted into {path.relative_to(ROOT)}")
        return 0
    if not path.exists():
        print(f"{path.relative_to(ROOT)} is missing: run this with --accept and commit it")
        return 1
    want = json.loads(path.read_text())
    bad = 0
    for name in sorted(set(want) | set(measured)):
        if name not in measured or name not in want:
            print(f"{name}: {'no longer measured' if name in want else 'not in the baseline'}")
            bad += 1
            continue
        change = measured[name]["cycles"] / want[name]["cycles"] - 1
        verdict = "ok" if abs(change) <= TOLERANCE else "CHANGED"
        bad += verdict != "ok"
        print(f"{name}: {measured[name]['cycles']} cycles, baseline {want[name]['cycles']} ({change:+.2%}) {verdict}")
    if bad:
        print(f"{bad} figures moved; if that is meant: scripts/perf_gate.py --bench {args.bench} --config {args.config} --list {args.list} --accept")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
