#!/usr/bin/env python3
"""Writes a GTKWave view of a trace that shows one engine: its command port, states and architectural writes.

usage: gtkw.py TRACE.fst OUT.gtkw [--engine ld|st|mxe|gta|ctl|all] [--marker TIME] [--tables DIR]

Commands and states are shown as words through GTKWave's translation files (sim/waves, and what fsm_tables.py writes to
--tables). The signal names come from the trace itself (fst2vcd, part of GTKWave).
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
WAVES = ROOT / "sim" / "waves"

# Per engine: instances of wren_core whose signals belong to its view.
INSTANCES = {
    "ctl": ["u_cmd", "u_csr", "u_softrst"],
    "ld": ["u_dma"],
    "st": ["u_dma"],
    "mxe": ["u_mxe", "u_acc", "u_wb"],
    "gta": ["u_gta", "u_vm", "u_ab"],
}
# What of an instance is shown, in this order: (title, pattern of the path below the core).
GROUPS = [
    ("commands", r"(?:^|\.)(?:\w*cmd_valid_i|\w*cmd_ready_o|\w*done_o|\w*bucket_o|\w*err_valid_o)$"),
    ("states", r"state_q$"),
    ("architectural writes", r"mon_\w+_q$"),
]
TABLES = [(r"bucket_o$", "csr_bucket.txt"), (r"engine_q$", "engine.txt"), (r"opcode\w*$", "opcode.txt")]


def signals(trace):
    """Paths and widths of every signal, in the trace's order."""
    found, scope = [], []
    with subprocess.Popen(["fst2vcd", "-f", str(trace)], stdout=subprocess.PIPE, text=True) as vcd:
        for line in vcd.stdout:
            words = line.split()
            if not words:
                continue
            if words[0] == "$scope":
                scope.append(words[2])
            elif words[0] == "$upscope":
                scope.pop()
            elif words[0] == "$var":
                name = words[4] + (words[5] if words[5] != "$end" else "")
                found.append((".".join(scope + [name]), int(words[2])))
            elif words[0] == "$enddefinitions":
                vcd.kill()
                break
    return found


def translation(path, tables):
    """The translation file for a signal, or None."""
    bare = re.sub(r"\[[^]]*\]$", "", path)
    for pattern, table in TABLES:
        if re.search(pattern, bare):
            return WAVES / table
    if tables and bare.endswith("state_q"):
        # One state machine per module: the table whose module name ends as the instance does.
        instance = bare.split(".")[-2].removeprefix("u_")
        match = sorted(tables.glob(f"*{instance}.*state.txt"))
        if match:
            return match[0]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--engine", choices=[*INSTANCES, "all"], default="all")
    parser.add_argument("--marker", type=int, default=None, help="time of the primary marker")
    parser.add_argument("--tables", type=pathlib.Path, default=None)
    args = parser.parse_args()

    every = signals(args.trace)
    if not every:
        print(f"gtkw.py: {args.trace} holds no signal; is it a trace?", file=sys.stderr)
        return 2
    instances = sorted({i for e, names in INSTANCES.items() if args.engine in (e, "all") for i in names})
    lines = [f'[dumpfile] "{args.trace.resolve()}"', "[size] 1600 900", "[pos] 0 0", "*-6.000000 " + str(args.marker or 0) + " -1" * 26, "[sst_width] 240", "[signals_width] 420"]
    clock = [p for p, _ in every if re.search(r"\.clk_i$", p)][:1]
    lines += ["@28", *clock]
    shown = 0
    for instance in instances:
        inside = [(p, w) for p, w in every if f".{instance}." in p]
        for title, pattern in GROUPS:
            chosen = [(p, w) for p, w in inside if re.search(pattern, re.sub(r"\[[^]]*\]$", "", p))]
            if args.engine in ("ld", "st"):  # both live in the DMA
                other = "st" if args.engine == "ld" else "ld"
                chosen = [(p, w) for p, w in chosen if not re.search(rf"(\.|_){other}_", p.split(f".{instance}.")[1])]
            if not chosen:
                continue
            lines += ["@200", f"-{instance[2:]}: {title}"]
            for path, width in chosen:
                table = translation(path, args.tables)
                if table is not None:
                    lines += ["@2022", f"^1 {table}", path]
                else:
                    lines += ["@28" if width == 1 else "@22", path]
                shown += 1
    args.out.write_text("\n".join(lines) + "\n")
    print(f"wrote {args.out}: {shown} signals of {', '.join(i[2:] for i in instances)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
