#!/usr/bin/env python3
"""Lists the longest paths of a placed, or placed and routed, design by the register in which they end.

usage: sta.py build/synth/nano-ulx3s.sdf|NETLIST.json [--count 40] [--over NS] [--hops] [--to TEXT] [--from TEXT]

Reads the delays that nextpnr wrote (--sdf; scripts/pnr.py --place-only has it written): of cells, of wires (before routing nextpnr's
estimate by distance), and set-up times. Prints of each register (all bits of one name) the longest path: its ns, the cells and the ns
of wire in it, how many of its bits are no more than a tenth shorter, where it begins, and the blocks it passes. A path between a
rising and a falling edge counts twice, since it has half a period. --hops prints what each path is made of; --to and --from take
paths whose end or beginning has that text in its name. Of a netlist (what scripts/synth.py --block writes, or pnr.py's flat
<config>.wrap.json) nothing is placed: cells have their delays, and a wire one that grows with the cells at it, so that a block's
paths can be compared within a minute of its synthesis. What pnr.py put on the clock network gets the time that it allows for it.
"""

import argparse
import json
import math
import re
import sys
from collections import defaultdict

GLOBAL = "wren_global_"  # names of nets that scripts/pnr.py put on the clock network
GLOBAL_NS = 3.0  # allowed for the way over it, which nextpnr takes to be free

EDGE = re.compile(r"\(IOPATH (?:\(posedge )?(\S+?)\)? (\S+) \([^:]*:[^:]*:(\d+)\)")
WIRE = re.compile(r"\(INTERCONNECT (\S+) (\S+) \([^:]*:[^:]*:(\d+)\)")
CHECK = re.compile(r"\(SETUPHOLD \(posedge (\S+)\) \((pos|neg)edge (\S+)\) \((?:[^:]*:[^:]*:)?(\d+)")
CLOCKS = {"CLK", "WCK", "CLKA", "CLKB", "CLK0", "CLK1", "CLK2", "CLK3", "SCLK"}


def register(cell):
    """The part of a cell's name that comes from the RTL."""
    return re.sub(r"_TRELLIS_FF.*|_LUT[1-4].*|_CCU2C.*|_DP16KD.*|_TRELLIS_DPR.*|_MULT[12].*|_DFF[A-Z]*_.*|_ALU_.*|_CC_.*|\.mem\..*|_PFUMX.*|_L6MUX21.*", "", cell)


def read(path):
    """Cells' paths, wires and set-up times of an SDF file; pins are (cell, pin)."""
    starts, checks, falling = {}, {}, set()
    edges, wires = [], defaultdict(list)
    cell, kind = "", ""
    names = {}

    def pin(text):
        at, port = text.rsplit("/", 1)
        at = names.setdefault(at, at.replace("\\", ""))
        return at, port

    with open(path) as f:
        for line in f:
            word = line.lstrip()
            if word.startswith("(INTERCONNECT"):
                a, b, ps = WIRE.match(word).groups()
                a, b = pin(a), pin(b)
                ns = int(ps) / 1000
                if a[0].startswith(GLOBAL):
                    ns += GLOBAL_NS
                wires[a].append((b, ns))
            elif word.startswith("(IOPATH"):
                a, b, ps = EDGE.match(word).groups()
                if a in CLOCKS:
                    starts[(cell, b)] = max(starts.get((cell, b), 0), int(ps) / 1000)
                else:
                    edges.append(((cell, a), (cell, b), int(ps) / 1000))
            elif word.startswith("(SETUPHOLD (pos"):
                port, edge, clock, ps = CHECK.match(word).groups()
                checks[(cell, port)] = int(ps) / 1000
                if edge == "neg":
                    falling.add(cell)
            elif word.startswith("(INSTANCE"):
                cell = names.setdefault(word[10:].rstrip(")\n"), word[10:].rstrip(")\n").replace("\\", ""))
    return starts, checks, falling, edges, wires


# Delays in ns at speed grade 6, as nextpnr has them, by kind of cell and pins (regular expressions): clock to output, through, set-up.
CLOCKED = {"TRELLIS_FF": [("Q", 0.52)], "DP16KD": [("DO[AB].*", 5.83)]}
THROUGH = {"LUT4": [("[ABCD]", "Z", 0.24)], "MULT18X18D": [("[AB].*", "P.*", 3.93)], "TRELLIS_DPR16X4": [("RAD", "DO", 0.24)],
           "CCU2C": [("[ABCD][01]", "COUT", 0.45), ("CIN", "COUT", 0.07), ("[ABCD]0", "S0", 0.24), ("[ABCD]0", "S1", 0.55), ("[ABCD]1", "S1", 0.24),
                     ("CIN", "S[01]", 0.44)]}
SETUP = {"TRELLIS_FF": "DI|M|CE|LSR", "DP16KD": "(AD|DI|WE|CE|OCE|RST).*", "TRELLIS_DPR16X4": "WAD|DI|WRE"}


def wire_ns(sinks):
    return 0.9 + 0.15 * math.log2(sinks)


def read_netlist(path):
    """The same of a netlist of one module, with delays of wires by fan-out."""
    with open(path) as f:
        modules = json.load(f)["modules"].values()
    cells = max((m for m in modules if "blackbox" not in m["attributes"]), key=lambda m: len(m["cells"]))["cells"]
    starts, checks, edges, wires = {}, {}, [], {}
    drivers, loads = {}, defaultdict(list)
    for name, cell in cells.items():
        kind = cell["type"].split("\\")[-1]
        pins = [(f"{port}{i if len(bits) > 1 else ''}", port, bit) for port, bits in cell["connections"].items() for i, bit in enumerate(bits)]
        used = [(p, port, bit) for p, port, bit in pins if not isinstance(bit, str)]
        for p, port, bit in used:
            if cell["port_directions"][port] == "output":
                drivers[bit] = (name, p)
                for match, ns in CLOCKED.get(kind, []):
                    if re.fullmatch(match, port):
                        starts[(name, p)] = ns
            elif port not in CLOCKS:
                loads[bit].append((name, p))
                if re.fullmatch(SETUP.get(kind, "-"), port):
                    checks[(name, p)] = 0.0
        for a, b, ns in THROUGH.get(kind, []):
            edges += [((name, p), (name, q), ns) for p, port, _ in used if re.fullmatch(a, port) for q, other, _ in used if re.fullmatch(b, other)]
    for bit, sinks in loads.items():
        if bit in drivers:
            chain = drivers[bit][1] == "COUT"
            wires[drivers[bit]] = [(s, 0.0 if chain or (len(sinks) == 1 and s[1] == "DI") else wire_ns(len(sinks))) for s in sinks]
    return starts, checks, set(), edges, wires


def analyse(path):
    """The latest arrival at every clocked pin: (ns, cell, pin, arrivals, came from)."""
    starts, checks, falling, edges, wires = read_netlist(path) if str(path).endswith(".json") else read(path)
    follow, waits = defaultdict(list), defaultdict(int)
    for a, b, ns in edges:
        follow[a].append((b, ns))
        waits[b] += 1
    for a, sinks in wires.items():
        if a[1] in CLOCKS:
            continue
        for b, ns in sinks:
            follow[a].append((b, ns))
            waits[b] += 1
    at, before = {}, {}
    ready = []
    for p in list(follow) + list(starts):
        if not waits[p] and p not in at:
            at[p] = starts.get(p, -1e9)  # what comes from pads and constants is not timed
            ready.append(p)
    while ready:
        p = ready.pop()
        for q, ns in follow[p]:
            t = at[p] + ns
            if t > at.get(q, -2e9):
                at[q], before[q] = t, p
            waits[q] -= 1
            if not waits[q]:
                ready.append(q)
    ends = []
    for p, setup in checks.items():
        if at.get(p, -1) > 0:
            begin = p
            while begin in before:
                begin = before[begin]
            twice = 2 if (begin[0] in falling) != (p[0] in falling) else 1
            ends.append(((at[p] + setup) * twice, p, begin))
    ends.sort(key=lambda e: -e[0])
    return ends, at, before


def blocks(name):
    return name.rsplit(".", 1)[0] if "." in name else "-"


def steps(end, before):
    path = [end]
    while path[-1] in before:
        path.append(before[path[-1]])
    return path[::-1]


def report(path, count=40, over=0.0, hops=False, to="", start="", out=sys.stdout):
    """Prints the paths; returns the longest path's ns."""
    ends, at, before = analyse(path)
    groups = {}
    for ns, p, begin in ends:
        name = register(p[0])
        if to not in name or start not in begin[0]:
            continue
        g = groups.setdefault(name, [ns, p, begin, 0])
        g[3] += ns > 0.9 * g[0]
    for name, (ns, p, begin, bits) in list(groups.items())[:count]:
        if ns < over:
            break
        path_ = steps(p, before)
        cells, wire, passed = [], 0.0, []
        for a, b in zip(path_, path_[1:]):
            if a[0] != b[0]:
                wire += at[b] - at[a]
            elif not cells or cells[-1] != a[0]:
                cells.append(a[0])
        for cell in [c for c, _ in path_]:
            where = blocks(register(cell)).replace("u_soc.u_wren.", "").replace("u_core.", "")
            if not passed or passed[-1] != where:
                passed.append(where)
        print(f"{ns:6.1f} ns {len(cells):3} cells {wire:5.1f} wire {bits:5} bits  {register(begin[0])} -> {name} ({p[1]})", file=out)
        print(f"          {' > '.join(passed)}", file=out)
        if hops:
            for a, b in zip(path_, path_[1:]):
                print(f"            {at[b]:6.2f} +{at[b] - at[a]:5.2f} {'wire' if a[0] != b[0] else 'cell'} {b[0]}/{b[1]}", file=out)
    return ends[0][0] if ends else 0.0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("sdf")
    p.add_argument("--count", type=int, default=40, help="registers")
    p.add_argument("--over", type=float, default=0, help="only paths longer than that many ns")
    p.add_argument("--hops", action="store_true")
    p.add_argument("--to", default="")
    p.add_argument("--from", dest="start", default="")
    args = p.parse_args()
    report(args.sdf, args.count, args.over, args.hops, args.to, args.start)


if __name__ == "__main__":
    main()
