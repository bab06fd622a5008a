#!/usr/bin/env python3
"""Proves properties of small blocks for every input and every length of time (formal/*.sv), with Yosys and ABC.

usage: prove.py [--out build/prove] [--self-check] [--seconds 300] [--depth 45] [NAME...]

Each proof is a module formal/prove_<block>.sv around one block of rtl/, with assumptions about what drives it and assertions.
Yosys (pyosys) makes a circuit of and-gates and registers of it, with reset low in the first cycle and any values in registers that
have none. ABC checks the first cycles, then proves the step from k cycles to the next (induction), or, where the step does not hold from
any state whatever, finds an invariant itself (property-directed reachability, "pdr"): either way "proved" holds for every number of
cycles. When neither ends in --seconds, the assertions hold for the cycles that were checked, at most --depth: "bounded".
--self-check breaks each block in the ways MUTANTS says, one at a time, and demands that its assertions fail: so they can, and
the assumptions allow what leads there.
"""

import argparse
import os
import pathlib
import re
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FIFO = ["rtl/prim/wren_rf_1r1w.sv", "rtl/common/wren_fifo.sv"]
SEM = ["rtl/pkg/wren_fp_pkg.sv", "rtl/pkg/wren_pkg.sv", "rtl/pkg/wren_isa_pkg.sv", "rtl/cmd/wren_cmd_pkg.sv", "rtl/prim/wren_rf_1r1w.sv",
       "rtl/common/wren_rr_arb.sv", "rtl/cmd/wren_sem.sv"]
RING = ["rtl/pkg/wren_fp_pkg.sv", "rtl/pkg/wren_pkg.sv", *FIFO, "rtl/cmd/wren_fetch.sv"]
SPLIT = ["rtl/pkg/wren_fp_pkg.sv", "rtl/pkg/wren_pkg.sv", "rtl/pkg/wren_isa_pkg.sv", "rtl/dma/wren_dma_pkg.sv", "rtl/dma/wren_dma_split.sv"]
# name: module, parameters, files, what is proved
PROOFS = {
    "fifo-1": ("prove_fifo", ["Width=4", "Depth=1"], FIFO, "order, contents, full and empty"),
    "fifo-5": ("prove_fifo", ["Width=4", "Depth=5"], FIFO, "order, contents, full and empty"),
    "fifo-8": ("prove_fifo", ["Width=4", "Depth=8"], FIFO, "order, contents, full and empty"),
    "arb-2": ("prove_arb", ["N=2"], ["rtl/common/wren_rr_arb.sv"], "one grant, to a request; no waiting past N - 1 others"),
    "arb-5": ("prove_arb", ["N=5"], ["rtl/common/wren_rr_arb.sv"], "one grant, to a request; no waiting past N - 1 others"),
    **{f"sem-{n}": ("prove_sem", ["Serial=0", f"Sem={n}"], SEM, "one semaphore: counts, true holds, never below 0, overflow reported") for n in (0, 21, 31)},
    **{f"serial-{n}": ("prove_sem", ["Serial=1", f"Sem={n}"], SEM, "the same of the small form") for n in (0, 21, 31)},
    "ring-16": ("prove_ring", ["Bus=16", "Depth=4"], RING, "every command once, in the ring, only if written; room; error address"),
    "ring-64": ("prove_ring", ["Bus=64", "Depth=8"], RING, "every command once, in the ring, only if written; room; error address"),
    "split-16": ("prove_split", ["Bus=16"], SPLIT, "bursts cover the range, in order, legal, none across 4 KiB"),
    "split-64": ("prove_split", ["Bus=64"], SPLIT, "bursts cover the range, in order, legal, none across 4 KiB"),
    "split-deep": ("prove_split", ["Bus=16", "Deep=1"], SPLIT, "the same with bursts worked out one ahead"),
}
# proof, file, text, what replaces it
MUTANTS = [
    ("fifo-5", "rtl/common/wren_fifo.sv", "wr_ready_o = count_q != Cw'(Depth)", "wr_ready_o = 1'b1"),
    ("fifo-5", "rtl/common/wren_fifo.sv", "(rd_ptr_q == Last) ? '0", "(rd_ptr_q == Last) ? Aw'(1)"),
    ("fifo-5", "rtl/prim/wren_rf_1r1w.sv", "if (we_i) mem", "if (we_i && waddr_i != Aw'(3)) mem"),
    ("arb-5", "rtl/common/wren_rr_arb.sv", "req_i & mask_q", "req_i & ~mask_q"),
    ("arb-5", "rtl/common/wren_rr_arb.sv", "pool & (~pool + N'(1))", "pool"),
    ("sem-21", "rtl/cmd/wren_sem.sv", "need0 = need0 + need1;", "need0 = need0;"),
    ("sem-21", "rtl/cmd/wren_sem.sv", "if (sum[SemWidth]) begin\n          r.overflow = 1'b1;\n          r.sem      = p.sem0;", "if (sum[SemWidth]) begin\n          r.sem      = p.sem0;"),
    ("serial-21", "rtl/cmd/wren_sem.sv", "we_value = Deep ? left1_q : value1 - waits_q.cnt1;", "we_value = value1;"),
    ("serial-21", "rtl/cmd/wren_sem.sv", "same    = waits_q.sem0 == waits_q.sem1;", "same    = 1'b0;"),
    ("serial-21", "rtl/cmd/wren_sem.sv", "pick_q   <= (take_i && !Deep) ? '0 : pick;", "pick_q   <= pick;"),
    ("ring-16", "rtl/cmd/wren_fetch.sv", "if (avail < 32'(burst)) burst = avail[2:0];", ""),
    ("ring-16", "rtl/cmd/wren_fetch.sv", "if (to_end < 16'(burst)) burst = to_end[2:0] + 3'd1;", ""),
    ("ring-16", "rtl/cmd/wren_fetch.sv", "burst = 3'd4 - {1'b0, addr[7:6]};", "burst = 3'd4;"),
    ("ring-64", "rtl/cmd/wren_fetch.sv", "held   = next_q - out_q", "held   = next_q - out_q - 32'd1"),
    ("split-64", "rtl/dma/wren_dma_split.sv", "7'(BurstLen) - {1'b0, beat_q[5:0]}", "7'(BurstLen)"),
    ("split-16", "rtl/dma/wren_dma_split.sv", "+ 32'(range_addr_i[Lg-1:0]) +", "+"),
    ("split-64", "rtl/dma/wren_dma_split.sv", "left_q <= left_q - 32'(count)", "left_q <= left_q - 32'(count) - 32'd1"),
    ("split-deep", "rtl/dma/wren_dma_split.sv", "{1'b0, wait_beat_q[5:0]}", "7'd0"),
    ("split-deep", "rtl/dma/wren_dma_split.sv", "of_wait = !busy_q || last_q", "of_wait = !busy_q"),
    ("split-deep", "rtl/dma/wren_dma_split.sv", "range_ready_o = !wait_q || start", "range_ready_o = 1'b1"),
]

STEPS = 3  # one more than the cycles that an induction may look back


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", default="build/prove")
    p.add_argument("--self-check", action="store_true")
    p.add_argument("--seconds", type=int, default=300, help="for the search of an invariant, per proof")
    p.add_argument("--depth", type=int, default=45, help="cycles, where no invariant is found")
    p.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PROOFS)} (default: all)")
    args = p.parse_args()
    for name in args.names:
        if name not in PROOFS:
            p.error(f"no proof '{name}'; there are {', '.join(PROOFS)}")
    return args


def circuit(name, files, out):
    """Writes <out>.aig; returns the assertions in the order of its outputs. Runs Yosys in a child, whose output goes to a log."""
    module, params, _, _ = PROOFS[name]
    child = os.fork()
    if child == 0:
        log = os.open(f"{out}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        from pyosys import libyosys as ys

        design = ys.Design()
        run = lambda cmd: ys.run_pass(cmd, design)
        run(" ".join(["read_slang", "-DSYNTHESIS", "-Irtl/common", *(f"-G{p}" for p in params), *map(str, files), f"formal/{module}.sv", "--top", module]))
        for step in (f"hierarchy -check -top {module}", "proc", "flatten", "chformal -lower", "opt_clean", "memory_map", "async2sync", "opt -keepdc",
                     "setundef -undriven -anyseq", f"tee -q -o {out}.stat stat", "techmap", "dffunmap", "techmap", "opt_clean", "aigmap", "opt_clean",
                     f"write_aiger -zinit {out}.aig"):
            run(step)
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        lines = pathlib.Path(f"{out}.log").read_text(errors="replace").splitlines()
        sys.exit("\n".join([line for line in lines if "error" in line.lower()][-5:] + [f"error: Yosys stopped on {name}; see {out}.log"]))
    found = re.search(r"(\d+)\s+\$assert", pathlib.Path(f"{out}.stat").read_text())
    return int(found.group(1)) if found else 0


def abc(out, commands, seconds):
    import pyosys

    tool = pathlib.Path(pyosys.__file__).parent / "yosys-abc"
    text = f"read_aiger {out}.aig; fold; orpos; strash; {commands}"
    done = subprocess.run([tool, "-c", text], capture_output=True, text=True, timeout=seconds + 120)
    with open(f"{out}.log", "a") as log:
        log.write(f"\n$ yosys-abc -c '{text}'\n{done.stdout}{done.stderr}")
    return done.stdout


def spent():
    """Seconds of processor time of Yosys and ABC so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def prove(name, files, out, seconds, depth):
    """('proved' | 'bounded' | 'failed', words about it)"""
    count = circuit(name, files, out)
    if count == 0:
        sys.exit(f"error: {name} has no assertions")
    def failure(text):
        found = re.search(r"asserted in frame\s+(\d+)", text)
        return found and ("failed", f"an assertion of {count} fails in cycle {found.group(1)}")

    for k in range(2, STEPS + 1):  # ABC's ind -F k: k - 1 cycles hold, so does the next
        text = abc(out, f"bmc3 -F {k + 1} -T {seconds}", seconds)
        if failure(text):
            return failure(text)
        if f"No output asserted in {k + 1} frames" in text and "Networks are equivalent" in abc(out, f"ind -F {k} -T {seconds}", seconds):
            return "proved", f"{count} assertions by induction over {k - 1}"
    text = abc(out, f"bmc3 -F {depth} -T {seconds}", seconds)
    if failure(text):
        return failure(text)
    frames = re.search(r"No output asserted in (\d+) frames", text)
    text = abc(out, f"pdr -T {seconds}", seconds)
    if "Property proved" in text:
        return "proved", f"{count} assertions by pdr"
    return failure(text) or ("bounded", f"{count} assertions for the first {frames.group(1) if frames else '0'} cycles")


def main():
    args = parse()
    os.chdir(ROOT)
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    bad = 0
    print(f"{'block':<11} {'result':<8} {'CPU s':>7}  what")
    for name in args.names or PROOFS:
        start = spent()
        result, words = prove(name, PROOFS[name][2], out / name, args.seconds, args.depth)
        bad += result == "failed"
        print(f"{name:<11} {result:<8} {spent() - start:>7.1f}  {words}: {PROOFS[name][3]}", flush=True)
    if args.self_check:
        seen = 0
        chosen = [m for m in MUTANTS if not args.names or m[0] in args.names]
        for i, (name, file, old, new) in enumerate(chosen):
            source = (ROOT / file).read_text()
            if source.count(old) != 1:
                sys.exit(f"error: the mutant of {file} does not fit it any more: '{old}' is there {source.count(old)} times")
            broken = out / f"mutant{i}-{pathlib.Path(file).name}"
            broken.write_text(source.replace(old, new))
            files = [broken if f == file else f for f in PROOFS[name][2]]
            start = spent()
            result, words = prove(name, files, out / f"mutant{i}", args.seconds, args.depth)
            seen += result == "failed"
            print(f"{name:<11} {'refuted' if result == 'failed' else 'MISSED':<8} {spent() - start:>7.1f}  {' '.join(old.split())} -> {' '.join(new.split()) or 'nothing'}: {words}", flush=True)
        print(f"{seen} of {len(chosen)} broken blocks refuted")
        bad += seen < len(chosen)
    if bad:
        sys.exit("error: not everything holds")


if __name__ == "__main__":
    main()
