#!/usr/bin/env python3
"""Lays out a program's code by what runs of it execute (llvm-bolt), in place.

    scripts/lay_out.py LLVM_BOLT PROGRAM ARGUMENT... [-- ARGUMENT...]... [--time ARGUMENT...]

PROGRAM has been linked with --emit-relocs and writes JSON with `results` to the file after --out. It runs, instrumented, with each
list of arguments; what it executes goes together, in order, and the rest out of the way. There are several good orders, and which
is the fastest depends on how they meet the processor's caches, by up to a fifth: with --time each is timed on this machine, by a run
with these arguments (seconds: the sum of cycles / sim_khz of its results), and the fastest is kept, once the first runs take as many
cycles with it as before.

When a step fails the program stays as it was linked, correct and slower, and the script warns: the layout is no reason not to have
the program.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

SPLIT = ["-reorder-blocks=ext-tsp", "-split-functions", "-split-all-cold"]
LEAN = ["-icf=1", "-peepholes=all", "-simplify-rodata-loads", "-frame-opt=hot"]
LAYOUTS = [[f"-reorder-functions={order}", *more]
           for order in ("hfsort+", "exec-count", "hfsort") for more in (LEAN, [], ["-peepholes=all"], ["-align-macro-fusion=all"])]
ROUNDS = 3  # timings of each layout, of which the best counts
LONGEST = 300  # seconds a run may take: a program that was laid out wrongly may never end


class Failed(Exception):
    pass


def run(*command):
    try:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="replace", timeout=LONGEST)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"'{' '.join(str(c) for c in command[:4])} ...' took more than {LONGEST} s") from late
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise Failed(f"'{' '.join(str(c) for c in command[:4])} ...' failed:\n{last}")


def groups(words):
    """The lists of arguments between `--`, and the one after --time."""
    timing = None
    if "--time" in words:
        at = words.index("--time")
        words, timing = words[:at], words[at + 1:]
    lists = [[]]
    for word in words:
        if word == "--":
            lists.append([])
        else:
            lists[-1].append(word)
    return lists, timing


def results_of(out):
    return json.loads(out.read_text())["results"]


def cycles(out):
    return [r["cycles"] for r in results_of(out)]


def check(program, runs, expected, work):
    """A layout that changes what the program computes is none."""
    for arguments, wanted in zip(runs, expected):
        run(program, *arguments, "--out", work / "run.json")
        if cycles(work / "run.json") != wanted:
            raise Failed(f"laid out, the run with {' '.join(arguments)} takes {cycles(work / 'run.json')} cycles and not {wanted}")


def lay_out(bolt, program, runs, timing, work):
    instrumented, profile = work / "instrumented", work / "profile"
    run(bolt, program, "-instrument", "-o", instrumented, f"--instrumentation-file={profile}")
    profiles, expected = [], []
    for arguments in runs:
        run(instrumented, *arguments, "--out", work / "run.json")
        expected.append(cycles(work / "run.json"))
        if not profile.exists() or profile.stat().st_size == 0:
            raise Failed(f"the run with {' '.join(arguments)} left no profile")
        profiles.append(profile.rename(work / f"profile.{len(profiles)}"))
    merged = subprocess.run([bolt.parent / "merge-fdata", *profiles], capture_output=True, text=True)
    if merged.returncode != 0:
        raise Failed(f"merge-fdata failed: {merged.stderr[-300:]}")
    (work / "profiles").write_text(merged.stdout)

    layouts = LAYOUTS if timing else LAYOUTS[:1]
    candidates = []
    for i, layout in enumerate(layouts):
        out = work / f"laid_out.{i}"
        run(bolt, program, f"-data={work / 'profiles'}", "-o", out, *SPLIT, *layout)
        candidates.append(out)
    if not timing:
        check(candidates[0], runs, expected, work)
        return candidates[0], ""
    best = {}
    for _ in range(ROUNDS):  # in turn, so that all share the machine's moods
        for out in [program, *candidates]:
            try:
                run(out, *timing, "--out", work / "run.json")
            except Failed:
                if out == program or len(candidates) == 1:
                    raise
                candidates.remove(out)
                continue
            results = results_of(work / "run.json")
            seconds = sum(r["cycles"] / r["sim_khz"] / 1e3 for r in results)
            best[out] = min(best.get(out, seconds), seconds)
    chosen = min(candidates, key=best.get)
    check(chosen, runs, expected, work)
    return chosen, (f": {best[program] / best[chosen]:.2f} times as fast as linked, "
                    f"{max(best[c] for c in candidates) / best[chosen]:.2f} times the slowest of {len(candidates)} layouts")


def main():
    if len(sys.argv) < 4 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip(), file=sys.stderr)
        return 0 if "-h" in sys.argv or "--help" in sys.argv else 2
    bolt, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])  # bolt looks for its libraries beside its own path
    runs, timing = groups(sys.argv[3:])
    work = pathlib.Path(tempfile.mkdtemp(prefix=".lay_out.", dir=program.parent))
    try:
        chosen, note = lay_out(bolt, program, runs, timing, work)
        chosen.replace(program)
        print(f"{program.name} laid out{note}")
    except (Failed, OSError, KeyError, ValueError) as error:
        print(f"warning: lay_out.py: {error}\nwarning: {program} stays as it was linked, and is slower", file=sys.stderr)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
