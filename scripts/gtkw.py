#!/usr/bin/env python3
"""Writes a GTKWave view of a trace that shows one engine: its command port, states and architectural writes.

usage: gtkw.py TRACE.fst OUT.gtkw [--engine ld|st|mxe|gta|ctl|all] [--marker TIME]

States are shown as words from the enum types in the trace, opcodes through the translation file in sim/waves. The signal
names come from the trace itself (fst2vcd, part of GTKWave).
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
    ("clock, which stops while it is idle", r"\.u_core\.(?:u_cmd|u_gta|u_vm|u_dma\.u_ld|u_dma\.u_st)\.clk_i$"),
    ("commands", r"(?:^|\.)(?:\w*cmd_valid_i|\w*cmd_ready_o|\w*cmd_i|\w*done_o|\w*bucket_o|\w*err_valid_o)$"),
    ("states", r"state_q$"),
    ("architectural writes", r"mon_\w+_q(?:\[\d+\])?$"),
]
# Fields of a 512-bit command that are shown as signals of their own: name, bits, GTKWave format, translation file.
COMMAND_FIELDS = [("opcode", 7, 0, "@2022", "opcode.txt"), ("tag", 63, 32, "@24", None)]
ENUM = "@100000028"  # words, from the enum types that the trace carries


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


def command_fields(path):
    """Lines that show fields of a command bus `path` (name[511:0])."""
    lines = []
    for name, msb, lsb, form, table in COMMAND_FIELDS:
        lines += [form] + ([f"^1 {WAVES / table}"] if table else [])
        bits = " ".join(f"({511 - bit}){path}" for bit in range(msb, lsb - 1, -1))
        lines.append(f"#{{{path.split('.')[-1].split('[')[0]}.{name}}} {bits}")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--engine", choices=[*INSTANCES, "all"], default="all")
    parser.add_argument("--marker", type=int, default=None, help="time of the primary marker")
    args = parser.parse_args()

    every = signals(args.trace)
    if not every:
        print(f"gtkw.py: {args.trace} holds no signal; is it a trace?", file=sys.stderr)
        return 2
    instances = list(dict.fromkeys(i for e, names in INSTANCES.items() if args.engine in (e, "all") for i in names))
    lines = [f'[dumpfile] "{args.trace.resolve()}"', f"[timestart] {max(0, (args.marker or 0) - 150)}", "[size] 1600 900", "[pos] 0 0", "*-4.000000 " + str(args.marker or 0) + " -1" * 26, "[sst_width] 240", "[signals_width] 420"]
    clock = [p for p, _ in every if re.search(r"\.clk_i$", p)][:1]
    lines += ["@28", *clock]
    shown = 0
    for instance in instances:
        inside = [(p, w) for p, w in every if f".{instance}." in p]
        for title, pattern in GROUPS:
            chosen = [(p, w) for p, w in inside if re.search(pattern, re.sub(r"\[\d+:\d+\]$", "", p))]
            if title == "commands":  # the engine's own ports, not those of its parts
                depth = min((p.count(".") for p, _ in chosen), default=0)
                chosen = [(p, w) for p, w in chosen if p.count(".") == depth]
            if args.engine in ("ld", "st"):  # both live in the DMA
                other = "st" if args.engine == "ld" else "ld"
                chosen = [(p, w) for p, w in chosen if not re.search(rf"(\.|_){other}[._]", p.split(f".{instance}.")[1])]
            if not chosen:
                continue
            lines += ["@200", f"-{instance[2:]}: {title}"]
            for path, width in chosen:
                if path.endswith("cmd_i[511:0]"):
                    lines += command_fields(path)
                elif re.search(r"(state_q|bucket_o)\[", path):
                    lines += [ENUM, path]
                else:
                    lines += ["@28" if width == 1 else "@22", path]
                shown += 1
    args.out.write_text("\n".join(lines) + "\n")
    print(f"wrote {args.out}: {shown} signals of {', '.join(i[2:] for i in instances)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
