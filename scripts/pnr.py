#!/usr/bin/env python3
"""Places and routes a synthesized configuration on an FPGA, a Lattice ECP5-85 unless told otherwise, and prints size, clock rate and critical path.

usage: pnr.py --out build/synth [--config nano] [--family ecp5] [--block NAME | --board ulx3s] [--freq MHZ] [--seed 1] [--placer static]
              [--router router1] [--need MHZ] [--accept] [--place-only] [--paths 40] [--placed FILE]

Takes <out>/<config>.json from synth.py, or what it made for --board. With --block NAME it takes what synth.py --block made, or that
block out of <out>/<config>.json if that is newer. Prints the critical path, and the five registers at which the longest paths end: what to cut next. The ports of wren_top are more than the package has pins, so they are wrapped: inputs come
from one shift register, outputs are registered and folded into one pin. Writes <out>/<config>.pnr.json (nextpnr's report),
<config>.config (the placed and routed design), <config>.sdf (its delays, for scripts/sta.py) and <config>.pnr.log; of a family other than
ecp5 (fpga_family.py) <config>-<family>.* and also the bitstream, whose pins are no board's. Fails when the design does not place or route, and when its
clock is slower than --need.
--board ulx3s takes the board's pins (fpga/<board>/<board>.lpf) instead and also writes <config>-<board>.bit, the bitstream, and
<config>-<board>.json: the clock rates of the PLL and of the routed design and what it occupies. It then fails when the design is
slower than its PLL, or a figure is not in its range of regress/synth/<config>-<board>.json; --accept writes those ranges anew.
--place-only stops after placing, a fifth of the time, and estimates: it prints the longest path of each of the --paths registers with the
longest ones, out of nextpnr's estimates of wires (scripts/sta.py), and the clock rate that the longest of them allows. It writes
<config>.placed.json, which --placed routes: the best of several placements (--seed, --placer).
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

import sta
from fpga_family import FAMILIES
from sta import GLOBAL, GLOBAL_NS, register

PADS = {"ulx3s": "sdram_"}  # of a board, beginning of the names of pins whose output registers are to be in the pads

FF = ("TRELLIS_FF #(.GSR(\"DISABLED\"), .CEMUX(\"1\"), .CLKMUX(\"CLK\"), .LSRMUX(\"LSR\"), .REGSET(\"RESET\"), .SRMODE(\"LSR_OVER_CE\")) "
      "{name} (.CLK(clk_i), .LSR(1'b0), .DI({d}), .Q({q}));")


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", default="nano")
    p.add_argument("--family", default="ecp5", choices=FAMILIES)
    p.add_argument("--out", default="build/synth")
    p.add_argument("--block", default="", help="a block that synth.py --block made")
    p.add_argument("--board", default="", help="a board that synth.py --board made")
    p.add_argument("--accept", action="store_true", help="of a board: accept its figures")
    p.add_argument("--freq", type=float, default=0, help="MHz to aim at (60 for a board, else 50)")
    p.add_argument("--need", type=float, default=0, help="MHz below which this is an error")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--placer", default="", help="of nextpnr: static (the default for ecp5) or heap")
    p.add_argument("--router", default="", help="of nextpnr: router1 (the default for ecp5) or router2")
    p.add_argument("--place-only", action="store_true", help="for ecp5: stop after placing and estimate the longest paths")
    p.add_argument("--placed", default="", help="for ecp5: route this placement, which --place-only wrote")
    p.add_argument("--paths", type=int, default=40, help="of --place-only: paths to print")
    args = p.parse_args()
    args.freq = args.freq or (60 if args.board else 50)
    return args


def wrapper(top, ports, family):
    """Verilog around a module: two pins for all its ports but clock and reset. For ECP5 out of cells, else for Yosys to map."""
    inputs = [(n, len(p["bits"])) for n, p in ports.items() if p["direction"] == "input" and n not in ("clk_i", "rst_ni")]
    outputs = [(n, len(p["bits"])) for n, p in ports.items() if p["direction"] == "output"]
    ins, outs = sum(w for _, w in inputs), sum(w for _, w in outputs)
    lines = ["module wren_pins (input clk_i, input rst_ni, input sd_i, output sd_o);"]
    if family == "ecp5":
        lines += [f"wire [{ins}:0] in; wire [{outs - 1}:0] out, held; wire [{outs}:0] fold, sum;",
                  "assign in[0] = sd_i; assign fold[0] = 1'b0; assign sd_o = fold[" + str(outs) + "];"]
        for i in range(ins):
            lines.append(FF.format(name=f"in_{i}", d=f"in[{i}]", q=f"in[{i + 1}]"))
        for i in range(outs):
            lines.append(FF.format(name=f"held_{i}", d=f"out[{i}]", q=f"held[{i}]"))
            lines.append(f"LUT4 #(.INIT(16'h6666)) sum_{i} (.A(fold[{i}]), .B(held[{i}]), .C(1'b0), .D(1'b0), .Z(sum[{i}]));")
            lines.append(FF.format(name=f"fold_{i}", d=f"sum[{i}]", q=f"fold[{i + 1}]"))
    else:
        lines += [f"reg [{ins}:0] in; wire [{outs - 1}:0] out; reg [{outs - 1}:0] held, fold; assign sd_o = fold[{outs - 1}];",
                  f"always @(posedge clk_i) begin in <= {{in, sd_i}}; held <= out; fold <= {{fold, 1'b0}} ^ held; end"]
    pins = [f".{n}({n})" for n in ("clk_i", "rst_ni") if n in ports]
    at = 1
    for n, w in inputs:
        pins.append(f".{n}(in[{at + w - 1}:{at}])")
        at += w
    at = 0
    for n, w in outputs:
        pins.append(f".{n}(out[{at + w - 1}:{at}])")
        at += w
    lines += [f"{top} u_top (" + ", ".join(pins) + ");", "endmodule"]
    if family != "ecp5":
        lines += [f"(* blackbox *) module {top} (" + ", ".join(f"{p['direction']} [{len(p['bits']) - 1}:0] {n}" for n, p in ports.items()) + "); endmodule"]
    return "\n".join([*lines, ""])


def promote(wrapped, sinks):
    """Puts a net that drives that many clock enables or resets of flip-flops in one block on the clock network, as nextpnr does with clocks.

    Through the fabric such a net is thousands of long routes, and routing does not end. Returns how many sinks each such net has.
    """
    design, found = json.loads(pathlib.Path(wrapped).read_text()), {}
    for module in (m for m in design["modules"].values() if "blackbox" not in m["attributes"]):
        loads = {}
        for cell in module["cells"].values():
            for pin in ("CE", "LSR") if cell["type"].split("\\")[-1] == "TRELLIS_FF" else ():
                for bit in cell["connections"].get(pin, []):
                    if not isinstance(bit, str):
                        loads.setdefault((bit, pin), []).append(cell["connections"])
        free = 1 + max((b for n in module["netnames"].values() for b in n["bits"] if not isinstance(b, str)), default=0)
        for (bit, pin), cells in loads.items():
            if len(cells) < sinks:
                continue
            name = f"{GLOBAL}{free}"
            for connections in cells:
                connections[pin] = [free]
            module["cells"][name] = {"hide_name": 0, "type": "DCCA", "parameters": {}, "attributes": {},
                                     "port_directions": {"CLKI": "input", "CE": "input", "CLKO": "output"},
                                     "connections": {"CLKI": [bit], "CE": ["1"], "CLKO": [free]}}
            module["netnames"][name] = {"hide_name": 0, "bits": [free], "attributes": {}}
            found[name] = len(cells)
            free += 1
    pathlib.Path(wrapped).write_text(json.dumps(design))
    return found


def pad_registers(wrapped, prefix):
    """Puts the registers of a board's pins into the pads: those that drive a pin of that name, or whether it is driven, and nothing else.

    A pin is driven while a register is set where the pad wants it clear, so each pad gets a register of its own with the inverse.
    Returns their number.
    """
    design, found = json.loads(pathlib.Path(wrapped).read_text()), 0
    module = next(m for m in design["modules"].values() if "blackbox" not in m["attributes"])
    cells, drivers, loads = module["cells"], {}, {}
    for name, cell in cells.items():
        for port, bits in cell["connections"].items():
            for bit in bits:
                if cell["port_directions"].get(port) == "output":
                    drivers[bit] = name
                else:
                    loads[bit] = loads.get(bit, 0) + 1
    free = 1 + max(b for n in module["netnames"].values() for b in n["bits"] if not isinstance(b, str))
    attributes = {"syn_useioff": "00000000000000000000000000000001", "ioff_dir": "output"}
    is_ff = lambda bit: bit in drivers and cells[drivers[bit]]["type"] == "TRELLIS_FF"
    pins = [bit for name, port in module["ports"].items() if name.startswith(prefix) for bit in port["bits"]]
    pads = [c for c in cells.values() if c["type"] == "TRELLIS_IO" and c["connections"]["B"][0] in pins]
    for bit in [*pins, *(c["connections"]["I"][0] for c in pads)]:
        if is_ff(bit) and loads.get(bit, 0) == (bit not in pins):
            cells[drivers[bit]]["attributes"].update(attributes)
            found += 1
    inverses = {}
    for pad in pads:
        inverter = cells.get(drivers.get(pad["connections"]["T"][0]))
        used = [b[0] for p, b in inverter["connections"].items() if p != "Z" and not isinstance(b[0], str)] if inverter and inverter["type"] == "LUT4" else []
        if len(used) != 1 or not is_ff(used[0]):
            continue
        register = cells[drivers[used[0]]]
        data = register["connections"]["DI"][0]
        if data not in inverses:
            inverses[data] = free
            lut = json.loads(json.dumps(inverter))
            lut["connections"] = {p: [free] if p == "Z" else [data] if b == used else b for p, b in inverter["connections"].items()}
            cells[f"pad_off_{free}"] = lut
            module["netnames"][f"pad_off_{free}"] = {"hide_name": 0, "bits": [free], "attributes": {}}
            free += 1
        own = json.loads(json.dumps(register))
        own["connections"].update(DI=[inverses[data]], Q=[free])
        own["parameters"]["REGSET"] = "RESET" if register["parameters"]["REGSET"].strip() == "SET" else "SET"
        own["attributes"].update(attributes)
        cells[f"pad_off_{free}"] = own
        module["netnames"][f"pad_off_{free}"] = {"hide_name": 0, "bits": [free], "attributes": {}}
        pad["connections"]["T"] = [free]
        free += 1
        found += 1
    pathlib.Path(wrapped).write_text(json.dumps(design))
    return found


def bitstream(args, out, report, fmax, pll):
    """Packs the bitstream, writes the summary and checks it; returns what is wrong with it."""
    bin_dir = pathlib.Path(sys.executable).parent.resolve()
    with open(f"{out}.pack.log", "w") as log:
        subprocess.run([bin_dir / "yowasp-ecppack", "--compress", "--input", f"{out.name}.config", "--bit", f"{out.name}.bit"],
                       check=True, stdout=log, stderr=log, cwd=out.parent)
    used = lambda cell: report["utilization"][cell]["used"]
    summary = {"fmax_mhz": round(fmax, 2), "pll_mhz": round(pll, 2), "lut4": used("TRELLIS_COMB"),
               "ff": used("TRELLIS_FF"), "mult18x18d": used("MULT18X18D"), "dp16kd": used("DP16KD")}
    pathlib.Path(f"{out}.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(f"  bitstream      {out}.bit, {pathlib.Path(f'{out}.bit').stat().st_size} bytes")
    gate = pathlib.Path(__file__).resolve().parents[1] / f"regress/synth/{out.name}.json"
    if args.accept:
        near = lambda n, part: [round(n * (1 - part), 2), round(n * (1 + part), 2)] if isinstance(n, float) else [n - int(n * part), n + int(n * part)]
        gate.write_text(json.dumps({k: near(v, 0.1 if k == "fmax_mhz" else 0.02) for k, v in summary.items() if k != "pll_mhz"}, indent=2) + "\n")
    wrong = []
    if fmax < pll:
        wrong.append(f"{fmax:.1f} MHz are routed where the PLL makes {pll:.1f} MHz")
    if gate.exists():
        wrong += [f"{k} is {summary[k]}, not in {low} to {high}" for k, (low, high) in json.loads(gate.read_text()).items()
                  if not low <= summary[k] <= high]
    return wrong


def clock_rate(report, family="ecp5"):
    """MHz of the slowest clock, the paths over the clock network included, and what was aimed at.

    Of the other families the report's rate leaves out some ends of paths, as those at block RAMs: the longest of all ends counts.
    """
    clock = min(report["fmax"].values(), key=lambda c: c["achieved"] / c["constraint"])
    late = [max(e["delay"]) + GLOBAL_NS for n in report["detailed_net_timings"] if GLOBAL in n["net"] for e in n["endpoints"]]
    if family != "ecp5":
        late += [max(e["delay"]) for n in report["detailed_net_timings"] for e in n["endpoints"] if e["event"].startswith("posedge")]
    return min([clock["achieved"], *(1000 / ns for ns in late)]), clock["constraint"]


def pll_rate(wrapped):
    """MHz that the board's PLL makes of the 25 MHz of its oscillator."""
    cells = [c for m in json.loads(pathlib.Path(wrapped).read_text())["modules"].values() for c in m["cells"].values()]
    pll = next(c["parameters"] for c in cells if c["type"].split("\\")[-1] == "EHXPLLL")
    return 25 * int(pll["CLKFB_DIV"], 2) / int(pll["CLKI_DIV"], 2)


def main():
    args = parse()
    family, ecp5 = FAMILIES[args.family], args.family == "ecp5"
    name = f"wren_{args.board}" if args.board else args.block or "wren_top"
    stem = args.config if ecp5 else f"{args.config}-{args.family}"
    out = pathlib.Path(args.out) / "-".join(filter(None, (stem, args.board or args.block)))
    source = f"{out}.netlist.json" if args.board else f"{out}.json"
    core = f"{pathlib.Path(args.out) / stem}.json"
    written = lambda f: pathlib.Path(f).stat().st_mtime if pathlib.Path(f).exists() else 0
    if args.block and written(core) > written(source):
        extract(core, args.block, source)
    missing = [f for f in (source, core if args.board else source) if not pathlib.Path(f).exists()]
    if missing:
        sys.exit(f"error: {missing[0]} is missing; run make {f'bitstream BOARD={args.board}' if args.board else 'synth'} CONFIG={args.config} first")
    steps = [f"read_json {source}"]
    options = ["--lpf-allow-unconstrained"] if ecp5 else []
    if args.board:
        lpf = pathlib.Path(__file__).resolve().parents[1] / f"fpga/{args.board}/{args.board}.lpf"
        pathlib.Path(f"{out}.lpf").write_text(lpf.read_text() + f'FREQUENCY NET "clk" {args.freq} MHZ;\n')  # more than the PLL's rate
        options = ["--lpf", f"{out.name}.lpf"]
        steps += [f"delete =* {name} %d", f"read_json {core}", f"hierarchy -top {name}"]
    else:
        netlist = json.loads(pathlib.Path(source).read_text())
        top = next(m for m in netlist["modules"] if m.lstrip("\\") == name)
        pathlib.Path(f"{out}.wrap.v").write_text(wrapper(name, netlist["modules"][top]["ports"], args.family))
        if ecp5:
            steps += [f"read_verilog {out}.wrap.v", "hierarchy -top wren_pins"]
        else:  # the pins' logic is mapped with the block as a box, which is then filled
            steps = [f"read_verilog {out}.wrap.v", f"{family['pins']} -top wren_pins", "delete =* wren_pins %d", f"read_json {source}", "hierarchy -top wren_pins"]
    steps += ["setattr -mod -unset keep_hierarchy", "flatten", "opt_clean", "setattr -unset src", "setattr -mod -unset src", f"write_json {out}.wrap.json"]
    bin_dir = pathlib.Path(sys.executable).parent.resolve()
    if (args.placed or args.place_only) and not ecp5:
        sys.exit("error: --place-only and --placed are for ecp5")
    if args.placed and not pathlib.Path(args.placed).exists():
        sys.exit(f"error: {args.placed} is missing; --place-only writes it")
    if family["constraints"]:
        pathlib.Path(f"{out}.pins").write_text(family["constraints"])
    with open(f"{out}.pnr.log", "w") as log:
        subprocess.run([sys.executable, "-c", "import sys; from pyosys import libyosys as ys; d = ys.Design()\n"
                        "for c in sys.argv[1].split('; '): ys.run_pass(c, d)", "; ".join(steps)], check=True, stdout=log, stderr=log)
        start = time.time()
        if args.board in PADS:
            print(f"pnr: {pad_registers(f'{out}.wrap.json', PADS[args.board])} registers in the pads of {PADS[args.board]}*", flush=True)
        for net, count in promote(f"{out}.wrap.json", 2000).items() if ecp5 else ():
            print(f"pnr: {net}, which {count} flip-flops take, goes over the clock network", flush=True)
        router = args.router or family["router"]
        if args.placed:  # its settings count for nextpnr, and not the command line's
            text = pathlib.Path(args.placed).read_text()
            pathlib.Path(f"{out}.unrouted.json").write_text(re.sub(r'"router": "\w+"', f'"router": "{router}"', text, count=1))
        for option, value in (("--placer", args.placer or family["placer"]), ("--router", router)):
            options += [option, value] if value else []
        if ecp5:
            options += ["--sdf", f"{out.name}.sdf"]
        if args.place_only:
            options += ["--no-route", "--write", f"{out.name}.placed.json"]
        if args.placed:
            options += ["--no-pack", "--no-place"]
        nextpnr = subprocess.Popen([bin_dir / family["nextpnr"][0], *(o.format(out=out.name) for o in family["nextpnr"][1:]), "--json",
                                    f"{out.name}.{'unrouted' if args.placed else 'wrap'}.json", "--report", f"{out.name}.pnr.json",
                                    "--detailed-timing-report", "--freq", str(args.freq), "--seed", str(args.seed), "--timing-allow-fail", *options],
                                   stdout=log, stderr=log, cwd=out.parent)  # it sees files below its working directory only
        print(f"pnr: {name} {args.config}{'' if args.block or args.place_only else ', which takes more than an hour'}; log in {out}.pnr.log", flush=True)
        follow(nextpnr, pathlib.Path(f"{out}.pnr.log"), start)
    text = pathlib.Path(f"{out}.pnr.log").read_text(errors="replace")
    if nextpnr.returncode != 0:
        errors = [line for line in text.splitlines() if line.startswith("ERROR")]
        sys.exit("\n".join(errors[-5:] or text.splitlines()[-5:]) + f"\nerror: nextpnr stopped; see {out}.pnr.log")
    report = json.loads(pathlib.Path(f"{out}.pnr.json").read_text())
    print(f"{family['part']}, {time.time() - start:.0f} s to place{'' if args.place_only else ' and route'}:")
    for cell, n in report["utilization"].items():
        if n["used"] and n["available"]:
            print(f"  {cell:<14} {n['used']:>7} of {n['available']:>6}  {100 * n['used'] / n['available']:5.1f}%")
    if args.place_only:
        longest = sta.report(f"{out}.sdf", args.paths)
        print(f"  clock          {1000 / longest:.1f} MHz, estimated: nothing is routed")
        return
    fmax, aim = clock_rate(report, args.family)
    print(f"  clock          {fmax:.1f} MHz (aimed at {aim:.0f})")
    for path in report["critical_paths"]:
        if path["from"].startswith("posedge") and path["from"] == path["to"]:
            hops, delay = path["path"], sum(s["delay"] for s in path["path"])
            print(f"  critical path  {delay:.1f} ns, {sum(s['type'] == 'logic' for s in hops)} cells: "
                  f"{register(hops[0]['from']['cell'])} -> {register(hops[-1]['to']['cell'])}")
    for name, delay, bits in endpoints(report)[:5]:
        print(f"  ends           {delay:.1f} ns at {name}, {bits} bits")
    wrong = bitstream(args, out, report, fmax, pll_rate(f"{out}.wrap.json")) if args.board else []
    if "pack" in family:
        with open(f"{out}.pack.log", "w") as log:
            subprocess.run([bin_dir / family["pack"][0], *(o.format(out=out.name) for o in family["pack"][1:])], check=True, stdout=log, stderr=log, cwd=out.parent)
        packed = pathlib.Path(f"{out}.{family['bitstream']}")
        print(f"  bitstream      {packed}, {packed.stat().st_size} bytes")
    if fmax < args.need:
        wrong.append(f"{fmax:.1f} MHz where {args.need:.0f} are needed")
    if wrong:
        sys.exit("error: " + "; ".join(wrong))


STAGES = [(re.compile(r"iter=(\d+) steplen"), "placing, round {0}"),
          (re.compile(r"at iteration #(\d+), type ALL: wirelen solved"), "placing, round {0}"),
          (re.compile(r"at iteration #(\d+): temp"), "refining the placement, round {0}"),
          (re.compile(r"Max frequency for clock '(.*)': ([\d.]+) MHz"), "{1} MHz for {0}"),
          (re.compile(r"iter=(\d+) wires=\d+ overused=(\d+)"), "routing, round {0}, {1} wires with more than one net"),
          (re.compile(r"^Info: +\d+ \| +\d+ +\d+ \| +\d+ +\d+ \| +(\d+)\|"), "routing, {0} arcs left")]


def follow(process, log, start):
    """Prints how far nextpnr is, at most twice a minute, until it ends."""
    seen, printed, said = 0, 0.0, ""
    while True:
        ended = process.poll() is not None
        text = log.read_text(errors="replace")
        for line in text[seen:text.rfind("\n") + 1].splitlines():
            for pattern, words in STAGES:
                match = pattern.search(line)
                if match:
                    said = words.format(*match.groups())
                    if "Max frequency" in line:
                        print(f"  {time.time() - start:5.0f} s: {said}", flush=True)
                        said = ""
        seen = text.rfind("\n") + 1
        if said and time.time() - printed > 30:
            print(f"  {time.time() - start:5.0f} s: {said}", flush=True)
            printed, said = time.time(), ""
        if ended:
            return
        time.sleep(2)


def extract(core, block, target):
    """Writes one block of a synthesized configuration as a design of its own."""
    netlist = json.loads(pathlib.Path(core).read_text())
    found = [m for m in netlist["modules"] if m.lstrip("\\").split("$")[0] == block]
    if len(found) != 1:
        sys.exit(f"error: {core} has {len(found)} modules of the name {block}; name one of {', '.join(sorted({m.lstrip(chr(92)).split('$')[0] for m, v in netlist['modules'].items() if 'blackbox' not in v['attributes']}))}")
    modules = {m: v for m, v in netlist["modules"].items() if "blackbox" in v["attributes"]}
    netlist["modules"] = {**modules, block: netlist["modules"][found[0]]}
    pathlib.Path(target).write_text(json.dumps(netlist))


def endpoints(report):
    """Registers and memories by the longest path that ends there: (name, ns, how many of its bits are no more than a tenth faster)."""
    ends = {}
    for net in report["detailed_net_timings"]:
        for end in net["endpoints"]:
            if end["event"].startswith("posedge"):
                ends.setdefault(register(end["cell"]), []).append(max(end["delay"]))
    return sorted(((name, max(d), sum(x > 0.9 * max(d) for x in d)) for name, d in ends.items()), key=lambda e: -e[1])


if __name__ == "__main__":
    main()
