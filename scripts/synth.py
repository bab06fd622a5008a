#!/usr/bin/env python3
"""Synthesizes the RTL for a Lattice ECP5-85 with Yosys and prints the size of each block.

usage: synth.py --out build/synth [--config nano] [--top wren_top] [--block NAME] [--board ulx3s] [--param NAME=VALUE]... [--depth N] [--hierarchy]
                [--multipliers 156] [--accept] [--table] [FILE.sv ...]

Reads rtl/wren.f unless files are given. Writes <out>/<config>.json (the netlist), <config>.size.json (the table) and
<config>.log (Yosys' output). Fails on latches, when the design does not fit the part, and when it is larger than
regress/synth/<config>.json allows; --accept writes that file anew, 2% above what was measured.
--board ulx3s synthesizes what surrounds wren_top on that board, fpga/<board>/wren_<board>.sv and fpga/soc, into
<out>/<config>-<board>.netlist.json; wren_top stays a box, which pnr.py fills with <out>/<config>.json.
--block wren_gta synthesizes that block of the top alone, with the parameters it has there, into <out>/<config>-wren_gta.json.
--table synthesizes nothing: it prints, as Markdown, what earlier runs wrote into <out>: LUT, FF, multipliers and memories of the configuration's
blocks, and of those that scripts/pnr.py has routed alone the clock rate.
The blocks of wren_core stay modules, what is inside them is flattened (--hierarchy: nothing is, for a finer and larger table).
Products of at most 9 x 9 bits are built from LUTs, as many as the part (or --multipliers) has too few multipliers for.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCKS = ["wren_core", "wren_cmd", "wren_csr", "wren_softrst", "wren_dma", "wren_ab", "wren_wb", "wren_acc", "wren_mxe", "wren_vm",
          "wren_gta", "wren_l2"]  # kept as modules
LIMITS = {"LUT4": 83640, "MULT18X18D": 156, "DP16KD": 208}
COLUMNS = ["LUT4", "FF", "MULT18X18D", "DP16KD", "DPR16X4", "CCU2C"]
CELLS = {"LUT4": "LUT4", "TRELLIS_FF": "FF", "MULT18X18D": "MULT18X18D", "DP16KD": "DP16KD", "CCU2C": "CCU2C",
         "TRELLIS_DPR16X4": "DPR16X4"}  # Yosys cell -> column


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", default="nano")
    p.add_argument("--out", default="build/synth")
    p.add_argument("--top", default="wren_top")
    p.add_argument("--block", default="")
    p.add_argument("--board", default="")
    p.add_argument("--param", action="append", default=[])
    p.add_argument("--depth", type=int, default=3, help="levels of the hierarchy in the table")
    p.add_argument("--multipliers", type=int, default=LIMITS["MULT18X18D"])
    p.add_argument("--hierarchy", action="store_true")
    p.add_argument("--accept", action="store_true")
    p.add_argument("--table", action="store_true", help="print the table of earlier runs as Markdown")
    p.add_argument("--flag", action="append", default=[], help="passed to read_slang")
    p.add_argument("files", nargs="*")
    return p.parse_args()


def file_list(board):
    """The files and flags of rtl/wren.f, with fpga/prim's module where it has one of the same name, and those of a board."""
    entries = []
    lines = (ROOT / "rtl/wren.f").read_text().splitlines()
    if board:
        lines += (ROOT / "fpga/soc/soc.f").read_text().splitlines()
        lines += sorted(str(p.relative_to(ROOT)) for p in (ROOT / "fpga" / board).glob("*.sv"))
    for line in lines:
        entry = line.split("//")[0].strip()
        if not entry:
            continue
        if entry.startswith("+incdir+"):
            entries.append("-I" + entry.removeprefix("+incdir+"))
            continue
        replacement = pathlib.Path("fpga/prim") / pathlib.Path(entry).name
        entries.append(str(replacement) if (ROOT / replacement).exists() else entry)
    return entries


def netlist(args, out):
    return f"{out}.netlist.json" if args.board else f"{out}.json"


def yosys(args, out):
    """Runs Yosys in this process; its output goes to the log."""
    from pyosys import libyosys as ys

    design = ys.Design()
    params = [f"-G{p}" for p in args.param]
    if args.top == "wren_top" or args.board:
        params += subprocess.check_output([ROOT / "scripts/config_flags.sh", args.config], text=True).split()
    sources = args.files or file_list(args.board)
    run = lambda cmd: ys.run_pass(cmd, design)
    boxes = ["--blackboxed-module", "wren_top"] if args.board else []
    run(" ".join(["read_slang", *boxes, "--keep-hierarchy", "--unroll-limit", "4096", "-DSYNTHESIS", *args.flag, *params,
                  *sources, "--top", args.top]))
    if args.board:  # the box is what its netlist is: one configuration
        run("setparam -unset Config -unset C -unset Bus -unset BusBits t:wren_top")
    top = args.top
    if args.block:
        top = args.block
        [found] = [m for m in design.modules_.values() if m.name.str()[1:].split("$")[0] == args.block]
        run(f"hierarchy -top {found.name.str()[1:]}")
        run(f"rename {found.name.str()[1:]} {top}")
    run(f"hierarchy -check -top {top}")
    run("proc")
    run(f"tee -q -o {out}.pre.json stat -json")
    if not args.hierarchy:
        for module in list(design.modules_.values()):
            if module.name.str()[1:].split("$")[0].split(".")[-1] in BLOCKS:
                module.set_bool_attribute(ys.IdString("\\keep_hierarchy"), True)
        run("flatten")
    for step in ("opt_expr", "opt_clean", "wreduce", "opt_clean"):
        run(step)
    spread_products(design, ys, args.multipliers, run)
    run("techmap -map fpga/synth/add_alu.v t:$add")
    run("scratchpad -set abc9.verify false")
    run(f"synth_ecp5 -noflatten -nowidelut -top {top} -json {netlist(args, out)}")
    run(f"tee -q -o {out}.stat.json stat -json")
    run("check -assert")


def spread_products(design, ys, available, run):
    """Builds small products from LUTs until the others fit the part's 18 x 18 multipliers."""
    width = lambda cell, port: cell.getParam(ys.IdString(f"\\{port}_WIDTH")).as_int()
    products = [(m, c) for m in design.modules_.values() for c in m.cells_.values() if c.type.str() == "$mul"]
    need = {id(c): -(-width(c, "A") // 18) * -(-width(c, "B") // 18) for _, c in products}
    surplus = sum(need.values()) - available
    small = [(m, c) for m, c in products if max(width(c, "A"), width(c, "B")) <= 9]
    chosen = small[:max(0, surplus)]
    print(f"products: {len(products)}, of which {len(chosen)} from LUTs; multipliers wanted: {sum(need.values())} of {available}")
    for module, cell in chosen:
        run(f"booth {module.name.str()[1:]}/{cell.name.str()[1:] if cell.name.str()[0] == chr(92) else cell.name.str()}")


def totals(modules, name, cache):
    """Cells of a module and everything below it, by column."""
    if name not in cache:
        t = dict.fromkeys(COLUMNS, 0)
        for kind, n in modules[name]["num_cells_by_type"].items():
            if kind in CELLS:
                t[CELLS[kind]] += n
            elif key(modules, kind):
                sub = totals(modules, key(modules, kind), cache)
                for c in COLUMNS:
                    t[c] += n * sub[c]
        cache[name] = t
    return cache[name]


def key(modules, kind):
    return kind if kind in modules else ("\\" + kind if "\\" + kind in modules else None)


def rows(modules, name, label, depth, cache, level=0):
    yield "  " * level + label, totals(modules, name, cache)
    if level + 1 >= depth:
        return
    for kind, n in sorted(modules[name]["num_cells_by_type"].items()):
        sub = key(modules, kind)
        if sub and kind not in CELLS and any(totals(modules, sub, cache).values()):
            short = kind.lstrip("\\").split("$")[0].split(".")[-1]
            yield from rows(modules, sub, f"{short}{f' x{n}' if n > 1 else ''}", depth, cache, level + 1)


def markdown(out, config):
    """The sizes that synthesis wrote and the clock rates that place and route wrote, by block."""
    sizes = {}
    for file in sorted(out.glob(f"{config}*.size.json"), key=lambda f: f.stat().st_mtime):  # of a block twice: the later run
        for b in json.loads(file.read_text())["blocks"]:
            sizes[b["block"].split(" x")[0]] = b
    if not sizes:
        sys.exit(f"error: {out}/{config}*.size.json is missing; run scripts/synth.py --config {config} --out {out} first")
    print("| block | " + " | ".join(COLUMNS) + " | MHz alone |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for name, b in sorted(sizes.items(), key=lambda s: -s[1]["LUT4"]):
        report = out / f"{config}{'' if name == 'wren_top' else '-' + name}.pnr.json"
        mhz = f"{min(c['achieved'] for c in json.loads(report.read_text())['fmax'].values()):.1f}" if report.exists() else ""
        print(f"| `{name}` | " + " | ".join(f"{b[c]:,}" for c in COLUMNS) + f" | {mhz} |")


def main():
    args = parse()
    if args.table:
        markdown(pathlib.Path(args.out), args.config)
        return
    os.chdir(ROOT)
    if args.board:
        args.top = f"wren_{args.board}"
    pathlib.Path(args.out).mkdir(parents=True, exist_ok=True)
    out = pathlib.Path(args.out) / "-".join(filter(None, (args.config, args.board, args.block)))
    start = time.time()
    child = os.fork()
    if child == 0:  # Yosys writes to stdout directly: give it the log
        log = os.open(f"{out}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        yosys(args, out)
        sys.stdout.flush()
        os._exit(0)
    print(f"synth: {args.block or args.top} {args.config}, log in {out}.log", flush=True)
    status = os.waitpid(child, 0)[1]
    if status != 0:
        lines = pathlib.Path(f"{out}.log").read_text(errors="replace").splitlines()
        errors = [line for line in lines if "error" in line.lower()]
        print("\n".join((errors or lines)[-10:]), file=sys.stderr)
        sys.exit(f"error: Yosys stopped; see {out}.log")

    pre = json.loads(pathlib.Path(f"{out}.pre.json").read_text())
    latches = {m: n for m, s in pre["modules"].items() for k, n in s["num_cells_by_type"].items() if "dlatch" in k.lower()}
    stat = json.loads(pathlib.Path(f"{out}.stat.json").read_text())
    modules = stat["modules"]
    cache = {}
    name = args.block or args.top
    top = key(modules, name)
    table = list(rows(modules, top, name, args.depth, cache))
    width = max(len(r[0]) for r in table)
    print(f"{'block':<{width}}  " + "".join(f"{c:>12}" for c in COLUMNS))
    for label, t in table:
        print(f"{label:<{width}}  " + "".join(f"{t[c]:>12}" for c in COLUMNS))

    total = dict(totals(modules, top, cache))
    # What the part's LUT4 sites are spent on: plain LUTs, two per carry cell (CCU2C), and six per 16 x 4 distributed RAM
    # (four to read, two that its write port occupies).
    used = {"LUT4": total["LUT4"] + 2 * total["CCU2C"] + 6 * total["DPR16X4"], "MULT18X18D": total["MULT18X18D"], "DP16KD": total["DP16KD"]}
    print(f"\nECP5-85, {time.time() - start:.0f} s of synthesis (LUT4 with carry cells and distributed RAM):")
    failed = False
    for cell, limit in LIMITS.items():
        over = used[cell] > limit
        failed |= over
        print(f"  {cell:<11} {used[cell]:>7} of {limit:>6}  {100 * used[cell] / limit:5.1f}%{'  DOES NOT FIT' if over else ''}")
    print(f"  latches     {sum(latches.values()):>7}")
    pathlib.Path(f"{out}.size.json").write_text(json.dumps(
        {"top": name, "config": args.config, "used": used, "limits": LIMITS,
         "blocks": [{"block": label.strip(), "level": (len(label) - len(label.lstrip())) // 2, **t} for label, t in table]}, indent=1) + "\n")
    size = ROOT / f"regress/synth/{args.config}.json"
    gate = name == "wren_top" and not args.hierarchy and not args.files
    if args.accept and gate:
        size.write_text(json.dumps({cell: n + n // 50 for cell, n in used.items()}, indent=2) + "\n")
    if latches:
        sys.exit(f"error: latches in {', '.join(sorted(latches))}")
    if failed:
        sys.exit("error: the design does not fit the part")
    if gate and size.exists():
        larger = [f"{used[cell]} {cell} where {most} are allowed" for cell, most in json.loads(size.read_text()).items()
                  if used[cell] > most]
        if larger:
            sys.exit(f"error: larger than {size.relative_to(ROOT)}: {', '.join(larger)}; make it smaller, or accept it with --accept")


if __name__ == "__main__":
    main()
