"""The tables of what synth.py and pnr.py measured, as Markdown, and their places in the documents.

A document has a table between two lines, of which the first says which:
  <!-- synth: configurations -->         one row per configuration
  <!-- synth: blocks nano -->            one row per block of a configuration; "nano-gowin" is that of another family
  <!-- synth: end -->
--update writes them anew. A table or a row that the folder has no results of stays as it is.
"""

import json
import pathlib
import re
import sys

from fpga_family import FAMILIES
from pnr import clock_rate

CONFIGS = ["nano", "small", "full"]
MARKED = re.compile(r"(<!-- synth: (configurations|blocks ([\w-]+)) -->\n)(.*?)(<!-- synth: end -->)", re.S)


def sizes(out, config):
    """Of each block the latest that synthesis wrote."""
    blocks, files = {}, [f for f in out.glob(f"{config}*.size.json") if re.fullmatch(rf"{config}(-wren_\w+)?\.size\.json", f.name)]
    for file in sorted(files, key=lambda f: f.stat().st_mtime):
        for b in json.loads(file.read_text())["blocks"]:
            blocks[b["block"].split(" x")[0]] = {**b, "from": file}
    return blocks


def rate(out, config, block):
    """MHz of a block that was routed alone, or of the whole (on a board if not alone); none of a netlist that was made anew since."""
    stem = config if block == "wren_top" else f"{config}-{block}"
    made = max([f.stat().st_mtime for f in (out / f"{stem}.json", out / f"{config}.json") if f.exists()], default=0)
    current = lambda f: f.exists() and f.stat().st_mtime > made
    if current(out / f"{stem}.pnr.json"):
        return f"{clock_rate(json.loads((out / f'{stem}.pnr.json').read_text()), family_of(config))[0]:.1f}"
    if block == "wren_top" and current(out / f"{config}-ulx3s.json"):
        return f"{json.loads((out / f'{config}-ulx3s.json').read_text())['fmax_mhz']:.1f}"
    return ""


def family_of(config):
    return config.split("-")[1] if "-" in config else "ecp5"


def line(cells):
    return "| " + " | ".join(cells) + " |"


def head(names):
    return [line(names), "|---" * len(names) + "|"]


def blocks_table(out, config):
    found = sizes(out, config)
    if not found:
        return []
    family = FAMILIES[family_of(config)]
    columns = family["columns"]
    order = sorted(found.items(), key=lambda s: -s[1][columns[0]])
    return [*head(["block", *columns, "MHz", "CPU s"]),
            *(line([f"`{name}`", *(f"{b[c]:,}" for c in columns), rate(out, config, name), f"{b['cpu_s']:,}" if "cpu_s" in b else ""])
              for name, b in order)]


def configurations_table(out):
    table = head(["configuration", "part", "LUT4 sites", "FF", "multipliers", "block RAMs", "MHz", "fits"])
    for config in CONFIGS:
        file = out / f"{config}.size.json"
        if not file.exists():
            continue
        run = json.loads(file.read_text())
        family = FAMILIES[run["family"]]
        share = lambda r: f"{run['used'][r]:,} of {run['limits'][r]:,}"
        first, *_ = family["limits"]
        table.append(line([f"`{config}`", run["part"], share(first), f"{run['blocks'][0]['FF']:,}", share(family["mult"]), share(family["ram"]),
                           rate(out, config, "wren_top"), "yes" if run["fits"] else "no"]))
    return table if len(table) > 2 else []


def merged(new, old):
    """The new table; rows of the old one that the new one has no results for stay, as do its rates that were not measured again."""
    first = lambda row: row.split("|")[1].strip() if row.count("|") > 1 else ""
    names = [first(r) for r in new]
    return [*new, *(r for r in old[2:] if first(r) and first(r) not in names)] if old[:1] == new[:1] else new


def update(out, file):
    """Writes a document's tables anew; the names of those that there were results for."""
    done = []

    def table(match):
        opening, what, config, old, closing = match.groups()
        new = blocks_table(out, config) if config else configurations_table(out)
        if not new:
            return match.group(0)
        done.append(what)
        if not config:
            new = merged(new, old.splitlines())
        return opening + "\n".join(new) + "\n" + closing

    text = file.read_text()
    if not MARKED.search(text):
        sys.exit(f"error: {file} has no table; it begins with a line <!-- synth: configurations --> and ends with <!-- synth: end -->")
    file.write_text(MARKED.sub(table, text))
    return done


def main(out, configs, files):
    for file in files:
        print(f"{file}: {', '.join(update(out, file)) or 'nothing to write, since ' + str(out) + ' has no results'}")
    if files:
        return
    named = configs or [f.name.removesuffix(".size.json") for f in sorted(out.glob("*.size.json")) if "wren_" not in f.name]
    named = [name for name in named if family_of(name) in FAMILIES]  # boards' netlists have no table
    tables = [t for t in [configurations_table(out) if not configs else [], *(blocks_table(out, c) for c in named)] if t]
    if not tables:
        sys.exit(f"error: {out}/{configs[0] if configs else '*'}.size.json is missing; run scripts/synth.py --config CONFIG --out {out} first")
    print("\n\n".join("\n".join(t) for t in tables))
