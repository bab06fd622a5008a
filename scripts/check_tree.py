#!/usr/bin/env python3
"""Checks the rules of the source tree that no compiler checks.

usage: check_tree.py

  * rtl/wren.f lists every file below rtl/ once, and every file it lists exists
  * a SystemVerilog file holds one module or package of the file's name, with a header comment
  * no interface, initial block, delay or `ifdef in rtl/ (wren_assert.svh excepted)
  * C++ includes follow the layers: each library of sw/ includes only those below it, and nothing in sw/
    includes a Verilated header
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Library of sw/ (by the directory below include/wren) -> the ones whose headers it may include.
LAYERS = {
    "common": set(),
    "golden": {"common"},
    "formats": {"common", "golden"},
    "isa": {"common"},
    "link": {"common"},
    "compiler": {"common", "formats", "isa", "tables"},
    "runtime": {"common", "formats", "golden", "isa", "link", "tables", "compiler", "sim"},
    "cli": {"common", "formats", "golden", "isa", "link", "tables", "compiler", "runtime", "sim"},
}


def rtl(problems):
    listed = []
    for line in (ROOT / "rtl/wren.f").read_text().splitlines():
        line = line.split("//")[0].strip()
        if line and not line.startswith("+"):
            listed.append(line)
    for name in sorted({n for n in listed if listed.count(n) > 1}):
        problems.append(f"rtl/wren.f lists {name} twice")
    for name in listed:
        if not (ROOT / name).exists():
            problems.append(f"rtl/wren.f lists {name}, which does not exist")
    for path in sorted((ROOT / "rtl").rglob("*.sv")):
        name = str(path.relative_to(ROOT))
        if name not in listed:
            problems.append(f"{name} is not in rtl/wren.f")
        text = path.read_text()
        if not text.startswith("//"):
            problems.append(f"{name} has no header comment")
        code = re.sub(r'//[^\n]*|/\*.*?\*/|"(\\.|[^"\\])*"', " ", text, flags=re.S)
        units = re.findall(r"^\s*(?:module|package)\s+(?:automatic\s+)?(\w+)", code, flags=re.M)
        if units != [path.stem]:
            problems.append(f"{name} holds {', '.join(units) or 'no unit'}, not one module or package {path.stem}")
        for pattern, what in ((r"^\s*interface\b", "an interface"), (r"\binitial\b", "an initial block"),
                              (r"`ifn?def\b", "an `ifdef"), (r"#\s*\d", "a delay")):
            if re.search(pattern, code, flags=re.M):
                problems.append(f"{name} has {what}")


def layers(problems):
    for library, below in LAYERS.items():
        base = ROOT / "sw" / library
        for path in sorted(base.rglob("*.h")) + sorted(base.rglob("*.cpp")):
            name = path.relative_to(ROOT)
            for include in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', path.read_text(), flags=re.M):
                if include.startswith(("verilated", "Vwren")):
                    problems.append(f"{name} includes {include}; only sim/ and tb/ may")
                parts = include.split("/")
                if len(parts) > 2 and parts[0] == "wren" and parts[1] != library and parts[1] not in below:
                    problems.append(f"{name} includes {include}; {library} lies below {parts[1]}")


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    problems = []
    rtl(problems)
    layers(problems)
    for p in problems:
        print(f"error: {p}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
