#!/usr/bin/env python3
"""Synthesizes the RTL with Yosys for an FPGA family, a Lattice ECP5-85 unless told otherwise, and prints the size of each block.

usage: synth.py --out build/synth [--config nano] [--family ecp5] [--top wren_top] [--block NAME] [--board ulx3s] [--apart | --whole] [--again]
                [--param NAME=VALUE]... [--depth N] [--hierarchy] [--multipliers 156] [--accept] [--memory GIB] [FILE.sv ...]
       synth.py --out build/synth --table [--config NAME]... [--update FILE.md...]

Reads rtl/wren.f unless files are given. Writes <out>/<config>.json (the netlist), <config>.size.json (the table) and
<config>.log (Yosys' output); of a family other than ecp5, <config>-<family>.*. Fails on latches, when the design is larger than
regress/synth/<config>.json (or <config>-<family>.json) allows, and when it does not fit the part, unless that file says "fits": false.
--accept writes that file anew, 2% above what was measured.
--board ulx3s synthesizes what surrounds wren_top on that board, fpga/<board>/wren_<board>.sv and fpga/soc, into
<out>/<config>-<board>.netlist.json; wren_top stays a box, which pnr.py fills with <out>/<config>.json.
--block wren_gta synthesizes that block of the top alone, with the parameters it has there, into <out>/<config>-wren_gta.json.
--apart, the default of small and full, does this with one block after the other, each in a process of its own, and adds them up; there is no
netlist of the whole. A block whose elaborated RTL and steps are those of an earlier run is not done again (--again: it is).
Of small and full, Yosys' step `share` is left out (it compares all pairs of multipliers and shifters), and all products take multipliers.
--table synthesizes nothing: it prints, as Markdown, what earlier runs wrote into <out>; --update writes these tables into files instead
(scripts/synth_table.py).
The blocks of wren_core stay modules, what is inside them is flattened (--hierarchy: nothing is, for a finer and larger table).
Products of at most 9 x 9 bits are built from LUTs, as many as the part (or --multipliers) has too few multipliers for.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

import synth_table
from fpga_family import FAMILIES

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCKS = ["wren_core", "wren_cmd", "wren_csr", "wren_softrst", "wren_dma", "wren_ab", "wren_wb", "wren_acc", "wren_mxe", "wren_vm",
          "wren_gta", "wren_l2"]  # kept as modules
LARGE_LAST = ["wren_dma", "wren_gta", "wren_mxe"]  # --apart does these after the others
APART = ["small", "full"]  # block by block, and without `share`
BLOCK_FAILED = 2
SPREAD_UP_TO = 9  # bits of a product's operands that may be built from LUTs


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", action="append", default=[])
    p.add_argument("--family", default="ecp5", choices=FAMILIES)
    p.add_argument("--out", default="build/synth")
    p.add_argument("--top", default="wren_top")
    p.add_argument("--block", default="")
    p.add_argument("--board", default="")
    p.add_argument("--apart", action="store_true", help="block by block (the default of small and full)")
    p.add_argument("--whole", action="store_true", help="all blocks in one netlist (the default of nano)")
    p.add_argument("--again", action="store_true", help="with --apart: also blocks that have not changed")
    p.add_argument("--memory", type=float, default=0.9 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
                   help="GiB that Yosys may take before it stops with an error (the default is nine tenths of the machine's)")
    p.add_argument("--param", action="append", default=[])
    p.add_argument("--depth", type=int, default=3, help="levels of the hierarchy in the table")
    p.add_argument("--multipliers", type=int, default=None)
    p.add_argument("--hierarchy", action="store_true")
    p.add_argument("--accept", action="store_true")
    p.add_argument("--table", action="store_true", help="print the tables of earlier runs as Markdown")
    p.add_argument("--update", nargs="+", default=[], metavar="FILE.md", help="with --table: write them between the markers of these files")
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


def block_of(module):
    """The module's name in the RTL: Yosys appends the path of the instance."""
    return module.lstrip("\\").split("$")[0].split(".")[-1]


class Yosys:
    """A design in this process, whose output goes to a log."""

    def __init__(self, log):
        from pyosys import libyosys
        self.ys, self.design, self.stage = libyosys, libyosys.Design(), lambda name: None
        self.log(log)

    @staticmethod
    def log(path):  # Yosys writes to stdout directly: give it the log
        sys.stdout.flush()
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)

    def run(self, command):
        self.ys.run_pass(command, self.design)

    def modules(self):
        return {m.name.str()[1:]: m for m in self.design.modules_.values()}

    def read(self, args):
        params = [f"-G{p}" for p in args.param]
        if args.top == "wren_top" or args.board:
            params += subprocess.check_output([ROOT / "scripts/config_flags.sh", args.config], text=True).split()
        boxes = ["--blackboxed-module", "wren_top"] if args.board else []
        self.run(" ".join(["read_slang", *boxes, "--keep-hierarchy", "--unroll-limit", "4096", "-DSYNTHESIS", *args.flag, *params,
                           *(args.files or file_list(args.board)), "--top", args.top]))
        if args.board:  # the box is what its netlist is: one configuration
            self.run("setparam -unset Config -unset C -unset Bus -unset BusBits t:wren_top")

    def only(self, block, boxes=()):
        """Makes a block the top; those of boxes below it become empty."""
        [found] = [m for m in self.modules() if m.split("$")[0] == block]
        for module in [m for m in self.modules() if block_of(m) in boxes and m != found]:
            self.run(f"blackbox {module}")
        self.run(f"hierarchy -top {found}")
        if found != block:
            self.run(f"rename {found} {block}")

    def map(self, args, out, top):
        """From elaborated RTL to the family's cells."""
        family = FAMILIES[args.family]
        run = self.run
        self.stage("elaborated")
        run(f"hierarchy -check -top {top}")
        run("proc")
        run(f"tee -q -o {out}.pre.json stat -json")
        if not args.hierarchy:
            for name, module in self.modules().items():
                if block_of(name) in BLOCKS:
                    module.set_bool_attribute(self.ys.IdString("\\keep_hierarchy"), True)
            run("flatten")
        for step in ("opt_expr", "opt_clean", "wreduce", "opt_clean"):
            run(step)
        if args.family == "ecp5":
            self.spread_products(args.multipliers)
        for step in family["before"]:
            run(step)
        run("scratchpad -set abc9.verify false")
        command = f"{family['synth']} -top {top}"
        if args.config not in APART:
            run(f"{command} -json {netlist(args, out)}")
        else:
            run(f"{command} -run begin:{family['labels'][0]}")
            for step in family["coarse"]:
                run(step)
            labels = family["labels"][1:]
            for label, following in zip(labels, labels[1:]):
                self.stage(label)
                run(f"{command} -run {label}:{following}")
            run(f"write_json {netlist(args, out)}")
        run(f"tee -q -o {out}.stat.json stat -json")
        run("check -assert")

    def spread_products(self, available):
        """Builds small products from LUTs until the others fit the part's 18 x 18 multipliers."""
        width = lambda cell, port: cell.getParam(self.ys.IdString(f"\\{port}_WIDTH")).as_int()
        products = [(m, c) for m in self.design.modules_.values() for c in m.cells_.values() if c.type.str() == "$mul"]
        need = {id(c): -(-width(c, "A") // 18) * -(-width(c, "B") // 18) for _, c in products}
        surplus = sum(need.values()) - available
        small = [(m, c) for m, c in products if max(width(c, "A"), width(c, "B")) <= SPREAD_UP_TO]
        chosen = small[:max(0, surplus)]
        print(f"products: {len(products)}, of which {len(chosen)} from LUTs; multipliers wanted: {sum(need.values())} of {available}")
        for module, cell in chosen:
            self.run(f"booth {module.name.str()[1:]}/{cell.name.str()[1:] if cell.name.str()[0] == chr(92) else cell.name.str()}")

    def fingerprint(self, args, out):
        """Of the elaborated design and of what is done with it."""
        self.run(f"write_rtlil {out}.elaborated")
        file = pathlib.Path(f"{out}.elaborated")
        text = re.sub(r"\n *attribute \\src [^\n]*", "", file.read_text())
        file.unlink()
        family = FAMILIES[args.family]
        maps = [(ROOT / f).read_text() for step in family["before"] for f in re.findall(r"fpga/\S+", step)]
        steps = json.dumps([importlib.metadata.version("pyosys"), family["synth"], family["before"], family["coarse"] if args.config in APART else "", args.multipliers])
        return hashlib.sha256("\0".join([text, steps, *maps]).encode()).hexdigest()


def child(work):
    """Runs work in a process of its own; (exit status, seconds of processor time with those it started, MB at most)."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work() or 0
            sys.stdout.flush()
        except BaseException as e:  # also what Yosys throws
            print(f"ERROR: {type(e).__name__}: {e}", flush=True)
        os._exit(status)
    _, status, usage = os.wait4(pid, 0)
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def errors_of(out):
    lines = pathlib.Path(f"{out}.log").read_text(errors="replace").splitlines()
    if any("bad_alloc" in line for line in lines):
        return [*lines[-2:], f"error: Yosys wants more memory than --memory allows, after what {out}.log ends with"]
    return [*([line for line in lines if "error" in line.lower()] or lines)[-10:], f"error: Yosys stopped; see {out}.log"]


def totals(family, modules, name, cache):
    """Cells of a module and everything below it, by column."""
    if name not in cache:
        t = dict.fromkeys(family["columns"], 0)
        for kind, n in modules[name]["num_cells_by_type"].items():
            if kind in family["cells"]:
                column, weight = family["cells"][kind]
                t[column] += weight * n
            elif key(modules, kind):
                sub = totals(family, modules, key(modules, kind), cache)
                for c in family["columns"]:
                    t[c] += n * sub[c]
        cache[name] = t
    return cache[name]


def key(modules, kind):
    return kind if kind in modules else ("\\" + kind if "\\" + kind in modules else None)


def rows(family, modules, name, label, depth, cache, level=0):
    yield label, level, totals(family, modules, name, cache)
    if level + 1 >= depth:
        return
    for kind, n in sorted(modules[name]["num_cells_by_type"].items()):
        sub = key(modules, kind)
        if sub and kind not in family["cells"] and any(totals(family, modules, sub, cache).values()):
            yield from rows(family, modules, sub, f"{block_of(kind)}{f' x{n}' if n > 1 else ''}", depth, cache, level + 1)


def measured(args, out, name):
    """What a run of Yosys made: its blocks and the latches before mapping."""
    family = FAMILIES[args.family]
    pre = json.loads(pathlib.Path(f"{out}.pre.json").read_text())["modules"]
    latches = {m: n for m, s in pre.items() for k, n in s["num_cells_by_type"].items() if "dlatch" in k.lower()}
    modules = json.loads(pathlib.Path(f"{out}.stat.json").read_text())["modules"]
    table = list(rows(family, modules, key(modules, name), name, args.depth, {}))
    return [{"block": label, "level": level, **t} for label, level, t in table], latches


def whole(args, out):
    """One run of Yosys."""
    name = args.block or args.top

    def work():
        yosys = Yosys(f"{out}.log")
        yosys.read(args)
        if args.block:
            yosys.only(args.block)
        yosys.map(args, out, name)

    print(f"synth: {name} {args.config}{'' if args.family == 'ecp5' else ', ' + args.family}, log in {out}.log", flush=True)
    status, cpu, mb = child(work)
    if status != 0:
        sys.exit("\n".join(errors_of(out)))
    blocks, latches = measured(args, out, name)
    blocks[0] |= {"cpu_s": round(cpu), "mb": mb}
    return blocks, latches


def apart(args, out):
    """One run of Yosys for each block, out of one that reads the RTL."""
    terminal = os.dup(1)
    say = lambda text: os.write(terminal, (text + "\n").encode())
    target = lambda block: f"{out}-{block}"
    order = [args.top, *(b for b in BLOCKS if b not in LARGE_LAST), *LARGE_LAST]

    def one(yosys, block, before):
        yosys.log(f"{target(block)}.log")
        yosys.only(block, BLOCKS)
        mark = yosys.fingerprint(args, target(block))
        earlier = pathlib.Path(f"{target(block)}.size.json")
        if not args.again and earlier.exists() and json.loads(earlier.read_text()).get("fingerprint") == mark:
            say(f"  {block:<13} as before")
            return
        earlier.unlink(missing_ok=True)
        start = time.time()
        own = lambda: sum(os.times()[:4]) - before
        yosys.stage = lambda name: own() > 60 and say(f"  {block:<13} {name} after {own():.0f} s of processor time, {time.time() - start:.0f} s")
        yosys.map(args, target(block), block)
        blocks, latches = measured(args, target(block), block)
        mb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
        blocks[0] |= {"cpu_s": round(own()), "mb": mb}
        earlier.write_text(json.dumps({"top": block, "config": args.config, "family": args.family, "fingerprint": mark, "latches": latches, "blocks": blocks}, indent=1) + "\n")
        say(f"  {block:<13} " + ", ".join(f"{blocks[0][c]} {c}" for c in FAMILIES[args.family]["columns"] if blocks[0][c]) +
            f": {own():.0f} s of processor time, {time.time() - start:.0f} s, {mb} MB")

    def work():
        yosys = Yosys(f"{out}.log")
        yosys.read(args)
        found = [block_of(m) for m in yosys.modules()]
        for block in (b for b in order if b in found):
            if child(lambda: one(yosys, block, sum(os.times()[:4])))[0] != 0:
                say("\n".join(errors_of(target(block))))
                return BLOCK_FAILED

    print(f"synth: {args.top} {args.config}{'' if args.family == 'ecp5' else ', ' + args.family}, block by block", flush=True)
    status = os.waitstatus_to_exitcode(child(work)[0])
    if status != 0:
        sys.exit(f"error: Yosys stopped; see {out}-*.log" if status == BLOCK_FAILED else "\n".join(errors_of(out)))
    done = [json.loads(pathlib.Path(f"{target(b)}.size.json").read_text()) for b in order if pathlib.Path(f"{target(b)}.size.json").exists()]
    columns = FAMILIES[args.family]["columns"]
    parts = [d["blocks"][0] for d in done]
    total = {"block": args.top, "level": 0, **{c: sum(p[c] for p in parts) for c in columns}, "cpu_s": sum(p["cpu_s"] for p in parts),
             "mb": max(p["mb"] for p in parts)}
    blocks = [total, *({**p, "level": 1} for p in parts if p["block"] != args.top and any(p[c] for c in columns))]
    return blocks, {m: n for d in done for m, n in d["latches"].items()}


def main():
    args = parse()
    if args.table:
        synth_table.main(pathlib.Path(args.out), args.config, [pathlib.Path(f) for f in args.update])
        return
    args.config = args.config[-1] if args.config else "nano"
    files = args.files
    os.chdir(ROOT)
    if args.board:
        args.top = f"wren_{args.board}"
    one_by_one = args.apart or (args.config in APART and args.top == "wren_top" and not (args.whole or args.block or args.board or files))
    family = FAMILIES[args.family]
    if args.multipliers is None:
        args.multipliers = sys.maxsize if args.config in APART else family["limits"].get(family["mult"], 0)
    pathlib.Path(args.out).mkdir(parents=True, exist_ok=True)
    variant = "" if args.family == "ecp5" else args.family
    out = pathlib.Path(args.out) / "-".join(filter(None, (args.config, variant, args.board, args.block)))
    resource.setrlimit(resource.RLIMIT_AS, (int(args.memory * 2**30),) * 2)
    start = time.time()
    blocks, latches = (apart if one_by_one else whole)(args, out)
    width = max(len(b["block"]) + 2 * b["level"] for b in blocks)
    print(f"{'block':<{width}}  " + "".join(f"{c:>12}" for c in family["columns"]))
    for b in blocks:
        print(f"{'  ' * b['level'] + b['block']:<{width}}  " + "".join(f"{b[c]:>12}" for c in family["columns"]))

    used = family["sites"](blocks[0])
    print(f"\n{family['part']}, {blocks[0]['cpu_s']} s of processor time, {time.time() - start:.0f} s by the clock, at most {blocks[0]['mb']} MB:")
    for cell, limit in family["limits"].items():
        print(f"  {cell:<11} {used[cell]:>7} of {limit:>7}  {100 * used[cell] / limit:6.1f}%{'  does not fit' if used[cell] > limit else ''}")
    print(f"  latches     {sum(latches.values()):>7}")
    fits = all(used[cell] <= limit for cell, limit in family["limits"].items())
    name = args.block or args.top
    pathlib.Path(f"{out}.size.json").write_text(json.dumps(
        {"top": name, "config": args.config, "family": args.family, "part": family["part"], "apart": one_by_one, "fits": fits, "used": used,
         "limits": family["limits"], "wall_s": round(time.time() - start), "blocks": blocks}, indent=1) + "\n")
    gated = name == "wren_top" and not args.hierarchy and not files
    wrong = gate(ROOT / f"regress/synth/{'-'.join(filter(None, (args.config, variant)))}.json", used, fits, gated, args.accept)
    if latches:
        wrong.insert(0, f"latches in {', '.join(sorted(latches))}")
    if wrong:
        sys.exit("error: " + "; ".join(wrong))


def gate(file, used, fits, gated, accept):
    """What is wrong with a size by what is accepted of the configuration: that it does not fit, and of its top how large it is."""
    if gated and accept:
        file.write_text(json.dumps({**({} if fits else {"fits": False}), **{cell: n + n // 50 for cell, n in used.items()}}, indent=2) + "\n")
    accepted = json.loads(file.read_text()) if file.exists() else {}
    need_not_fit = accepted.pop("fits", True) is False
    wrong = [] if fits or need_not_fit else ["the design does not fit the part"]
    larger = [f"{used[cell]} {cell} where {most} are allowed" for cell, most in accepted.items() if used[cell] > most] if gated else []
    if larger:
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        wrong.append(f"larger than {name}: {', '.join(larger)}; make it smaller, or accept it with --accept")
    return wrong


if __name__ == "__main__":
    main()
