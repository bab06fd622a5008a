#!/usr/bin/env python3
"""Writes GTKWave translation tables for the state machines of the RTL.

usage: fsm_tables.py DIR

One file per `typedef enum ... {...} <x>_e;` in a module: DIR/<module>.<x>.txt, lines "value name", values in hex as
GTKWave shows them. (FST files from Verilator already carry enums; VCD files do not.)
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ENUM = re.compile(r"typedef\s+enum\s+logic\s*(?:\[(\d+)\s*:\s*0\])?\s*\{([^}]*)\}\s*(\w+?)_e\s*;")


def value(text):
    """An enum item's number: plain decimal or a sized literal."""
    m = re.fullmatch(r"(?:\d+)?'([hdb])([0-9a-fA-F_]+)|(\d+)", text.strip())
    if m is None:
        raise ValueError(text)
    return int(m[3]) if m[3] else int(m[2].replace("_", ""), {"h": 16, "d": 10, "b": 2}[m[1]])


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted((ROOT / "rtl").rglob("*.sv")):
        if path.stem.endswith("_pkg"):
            continue
        code = re.sub(r"//[^\n]*", "", path.read_text())
        for msb, body, name in ENUM.findall(code):
            digits = (int(msb or 0) + 4) // 4
            number, lines = 0, []
            for item in filter(None, (i.strip() for i in body.split(","))):
                label, _, text = (p.strip() for p in item.partition("="))
                number = value(text) if text else number
                lines.append(f"{number:0{digits}x} {label}\n")
                number += 1
            (out / f"{path.stem}.{name}.txt").write_text("".join(lines))
            count += 1
    print(f"{count} tables in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
