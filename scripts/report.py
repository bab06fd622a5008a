#!/usr/bin/env python3
"""Draws what wren-bench wrote.

usage: report.py [--in build/bench] [--out build/bench/report.html]

Reads every *.json of the folder and writes one HTML page that needs no network and no other file: the results as a table, a
roofline of the array and of each memory, where the cycles of each engine went, and the ledger of layers where a result has one.
Results without cycles (bandwidths, build times) are listed as they are. Exit status 1 when there is nothing to draw.
"""

import argparse
import html
import json
import math
import pathlib
import sys

# Bytes per cycle of a configuration's ports. A cycle is a nanosecond: bytes per cycle are GB/s.
PORT = {"nano": 16, "small": 64, "full": 64}
# Peaks of the kinds of external memory (docs/dram.md).
MEMORY = {"lpddr5": 51.2, "hbm2e_307": 307.3, "hbm2e_461": 460.4}
BUCKETS = [("working", "#2f7d4f"), ("starved", "#d98b2b"), ("blocked", "#b5473c"), ("draining", "#8a63a8"),
           ("wait_sem", "#a9b7c6"), ("idle", "#e9edf1")]
ENGINES = ["ld", "st", "mxe", "gta"]
COLORS = ["#1f5fa8", "#c2571a", "#2f7d4f", "#8a3f8f", "#a02c2c", "#5b6770", "#0f8b8d", "#9a7b00"]

STYLE = """
:root { color: #1c2630; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
body { max-width: 1200px; margin: 2.5rem auto; padding: 0 1.5rem; background: #fff; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; font-weight: 600; }
p, li { color: #46535f; max-width: 75ch; } code { font-size: .9em; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .82rem; }
th, td { padding: .3rem .5rem; text-align: right; border-bottom: 1px solid #e1e6eb; white-space: nowrap; }
th { color: #46535f; font-weight: 600; border-bottom: 2px solid #c5ced6; } th:first-child, td:first-child { text-align: left; }
.meter { display: inline-block; width: 52px; height: .7em; background: #e9edf1; margin-right: .5em; border-radius: 2px; }
.meter i { display: block; height: 100%; background: #2f7d4f; border-radius: 2px; }
.share { display: inline-block; min-width: 3.2em; }
.scroll { overflow-x: auto; } svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #46535f; }
.key { display: flex; gap: 1.2rem; flex-wrap: wrap; font-size: .85rem; color: #46535f; margin: .4rem 0 .8rem; }
.key i { display: inline-block; width: .9em; height: .9em; margin-right: .4em; vertical-align: -.1em; border-radius: 2px; }
"""


def text(value):
    return html.escape(str(value))


def number(value):
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else text(value)


def load(folder):
    """The results of every file, each with the name of its file and the command that made it."""
    results = []
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text())
        if not isinstance(data, dict) or not isinstance(data.get("results"), list):
            continue  # a timeline, or build times
        for r in data["results"]:
            results.append({"file": path.name, "command": data.get("command", ""), "dram": data.get("dram", ""), **r})
    return results


def table(rows):
    head = ["", "config", "memory", "cycles", "MACs", "of the array", "of the bound", "bytes", "ext. B/cycle", "sim kHz"]
    out = ["<div class=scroll><table><tr>" + "".join(f"<th>{h}" for h in head) + "</tr>"]
    for r in rows:
        meter = lambda share: (f"<span class=meter><i style='width:{min(100, 100 * share):.1f}%'></i></span>"
                               f"<span class=share>{100 * share:.1f}%</span>") if share is not None else "&ndash;"
        cells = [text(r["name"]), text(r["config"]), text(r.get("dram", "")), number(r["cycles"]), number(r.get("macs", 0)),
                 meter(r.get("utilization")), meter(r.get("share_of_bound")), number(r.get("bytes", 0)),
                 f"{r['ext_bytes_per_cycle']:.2f}" if "ext_bytes_per_cycle" in r else "&ndash;",
                 f"{r['sim_khz']:.0f}" if "sim_khz" in r else "&ndash;"]
        out.append("<tr>" + "".join(f"<td>{c}" for c in cells) + "</tr>")
    return "\n".join(out + ["</table></div>"])


def drawable(r):
    return r.get("macs") and r.get("bytes") and r.get("utilization")


def mark(i, x, y, tip=""):
    """The i-th result's mark: a colour, and another shape once the colours have been used."""
    paint = f"fill='{COLORS[i % len(COLORS)]}' fill-opacity='.85'"
    if i // len(COLORS) % 2:
        return f"<rect x='{x - 5:.1f}' y='{y - 5:.1f}' width='10' height='10' {paint}>{tip}</rect>"
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='5.5' {paint}>{tip}</circle>"


def roofline(config, rows):
    """MACs per cycle over MACs per byte, both logarithmic."""
    width, height, left, right, top, bottom = 1000, 470, 62, 250, 16, 46
    points = [(r["macs"] / r["bytes"], r["macs"] / r["cycles"], r) for r in rows if drawable(r)]
    peak = round(max(r["macs"] / r["utilization"] / r["cycles"] for _, _, r in points))
    port = PORT[config]
    roofs = {f"port, {port} B/cycle each way": port}
    for r in rows:
        if MEMORY.get(r.get("dram"), port) < port:
            roofs[f"{r['dram']}, {MEMORY[r['dram']]:g} B/cycle"] = MEMORY[r["dram"]]
    x0 = min([p[0] for p in points] + [peak / port / 8])
    x1 = max([p[0] for p in points] + [peak / min(roofs.values()) * 4])
    x0, x1 = 2 ** math.floor(math.log2(x0) - 0.3), 2 ** math.ceil(math.log2(x1) + 0.2)
    y1 = 2 ** math.ceil(math.log2(peak) + 0.3)
    y0 = min([p[1] for p in points] + [x0 * min(roofs.values())])
    y0 = 2 ** math.floor(math.log2(y0) - 0.2)
    fx = lambda v: left + (width - left - right) * math.log2(v / x0) / math.log2(x1 / x0)
    fy = lambda v: height - bottom - (height - top - bottom) * math.log2(v / y0) / math.log2(y1 / y0)
    out = [f"<svg viewBox='0 0 {width} {height}' role='img' aria-label='roofline of {config}'>"]
    for axis, low, high in (("x", x0, x1), ("y", y0, y1)):
        v, step = low, 1 if math.log2(high / low) <= 9 else 2
        while v <= high * 1.001:
            label = f"{v:g}" if v >= 1 else f"1/{1 / v:g}"
            if axis == "x":
                out.append(f"<line x1='{fx(v):.1f}' y1='{top}' x2='{fx(v):.1f}' y2='{height - bottom}' stroke='#eef1f4'/>"
                           f"<text x='{fx(v):.1f}' y='{height - bottom + 18}' text-anchor='middle'>{label}</text>")
            else:
                out.append(f"<line x1='{left}' y1='{fy(v):.1f}' x2='{width - right}' y2='{fy(v):.1f}' stroke='#eef1f4'/>"
                           f"<text x='{left - 8}' y='{fy(v) + 4:.1f}' text-anchor='end'>{label}</text>")
            v *= 2 ** step
    out.append(f"<text x='{(left + width - right) / 2}' y='{height - 6}' text-anchor='middle'>MACs per byte that must move</text>"
               f"<text x='14' y='{(top + height - bottom) / 2}' text-anchor='middle' "
               f"transform='rotate(-90 14 {(top + height - bottom) / 2})'>MACs per cycle</text>")
    for i, (label, rate) in enumerate(sorted(roofs.items(), key=lambda item: -item[1])):
        knee = peak / rate
        first = max(x0, y0 / rate)
        dash = "" if i == 0 else " stroke-dasharray='6 4'"
        path = f"M{fx(first):.1f},{fy(first * rate):.1f} L{fx(knee):.1f},{fy(peak):.1f}"
        if i == 0:
            path += f" L{fx(x1):.1f},{fy(peak):.1f}"
        out.append(f"<path d='{path}' fill='none' stroke='#1c2630' stroke-width='1.6'{dash}/>")
    out.append(f"<text x='{fx(x1) - 6:.1f}' y='{fy(peak) - 7:.1f}' text-anchor='end'>array, {peak:,} MACs per cycle</text>")
    for i, (x, y, r) in enumerate(points):
        tip = text(f"{r['name']}: {y:.1f} MACs per cycle, {x:.2f} MACs per byte")
        out.append(mark(i, fx(x), fy(y), f"<title>{tip}</title>"))
    y = top + 10
    for i, (x, rate, r) in enumerate(points):
        out.append(mark(i, width - right + 24, y - 4) + f"<text x='{width - right + 36}' y='{y}'>{text(r['name'])}</text>")
        y += 19
    y += 8
    for i, label in enumerate(sorted(roofs, key=lambda name: -roofs[name])):
        dash = "" if i == 0 else " stroke-dasharray='6 4'"
        out.append(f"<line x1='{width - right + 14}' y1='{y - 4}' x2='{width - right + 34}' y2='{y - 4}' stroke='#1c2630'{dash}/>"
                   f"<text x='{width - right + 40}' y='{y}'>{text(label)}</text>")
        y += 19
    return "".join(out) + "</svg>"


def buckets(rows):
    """A bar per engine and result; its parts are the shares of that result's cycles."""
    out = ["<div class=key>" + "".join(f"<span><i style='background:{c}'></i>{b}</span>" for b, c in BUCKETS) + "</div>"]
    width, bar, gap = 1000, 15, 5
    for r in rows:
        if "engines" not in r:
            continue
        height = len(ENGINES) * (bar + gap)
        out.append(f"<h3>{text(r['name'])} <span style='font-weight:400;color:#46535f'>on {text(r['config'])}, "
                   f"{number(r['cycles'])} cycles</span></h3><svg viewBox='0 0 {width} {height}'>")
        for i, engine in enumerate(ENGINES):
            x, y = 44.0, i * (bar + gap)
            total = max(1, sum(r["engines"][engine].values()))
            out.append(f"<text x='34' y='{y + 12}' text-anchor='end'>{engine}</text>")
            for name, color in BUCKETS:
                share = r["engines"][engine].get(name, 0) / total
                w = (width - 44) * share
                if w <= 0:
                    continue
                label = f"{100 * share:.1f}%"
                out.append(f"<rect x='{x:.2f}' y='{y}' width='{w:.2f}' height='{bar}' fill='{color}'><title>{engine} {name} {label}"
                           "</title></rect>")
                if w > 44:
                    ink = "#fff" if name in ("working", "blocked", "draining") else "#1c2630"
                    out.append(f"<text x='{x + 5:.1f}' y='{y + 12}' style='fill:{ink};font-size:11px'>{label}</text>")
                x += w
        out.append("</svg>")
    return "\n".join(out)


def ledger(rows):
    """The layers of a result: a bar of their shares, and a table; of each engine the share of the layer's cycles."""
    out = []
    for r in rows:
        layers = r.get("layers")
        if not layers:
            continue
        total = max(1, sum(layer["cycles"] for layer in layers))
        out.append(f"<h3>{text(r['name'])} <span style='font-weight:400;color:#46535f'>on {text(r['config'])}</span></h3>"
                   "<svg viewBox='0 0 1000 18'>")
        x = 0.0
        for i, layer in enumerate(layers):
            w = 1000 * layer["cycles"] / total
            out.append(f"<rect x='{x:.2f}' y='0' width='{w:.2f}' height='18' fill='{COLORS[i % len(COLORS)]}' fill-opacity='.8'>"
                       f"<title>{text(layer.get('name', i))} {100 * w / 1000:.1f}%</title></rect>")
            x += w
        fields = [f for f in layers[0] if not isinstance(layers[0][f], (dict, list))]
        out.append("</svg><div class=scroll><table><tr>" + "".join(f"<th>{text(f)}" for f in fields) + "<th>share</tr>")
        for layer in layers:
            busy = lambda f: f"{100 * layer[f] / max(1, layer['cycles']):.1f}%" if f in ENGINES else number(layer.get(f, ""))
            out.append("<tr>" + "".join(f"<td>{busy(f)}" for f in fields) + f"<td>{100 * layer['cycles'] / total:.1f}%</tr>")
        out.append("</table></div>")
    return "\n".join(out)


def other(rows):
    out = []
    for r in rows:
        fields = [(k, v) for k, v in r.items() if k not in ("file", "command", "name", "dram") and not isinstance(v, (dict, list))]
        out.append(f"<tr><td>{text(r.get('name', r['file']))}<td style='text-align:left;white-space:normal'>" +
                   ", ".join(f"{text(k.replace('_', ' '))} {number(v)}" for k, v in fields) + "</tr>")
    return "<table>" + "\n".join(out) + "</table>"


def page(results):
    timed = [r for r in results if "cycles" in r and r.get("config") in PORT]
    timed.sort(key=lambda r: list(PORT).index(r["config"]))  # and by file, in the order of the file
    rest = [r for r in results if r not in timed]
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
             f"<title>Wren: measured</title><style>{STYLE}</style><h1>Wren: measured</h1>",
             "<p>Cycles are the core's own count, the same on every machine. <em>Of the array</em>: useful MACs per cycle of its "
             "peak. <em>Of the bound</em>: what array or memory would need alone, whichever is more, of the cycles taken.</p>"]
    if timed:
        parts += ["<h2>Results</h2>", table(timed)]
        for config in PORT:
            rows = [r for r in timed if r["config"] == config]
            if any(drawable(r) for r in rows):
                parts += [f"<h2>Roofline of {config}</h2>", roofline(config, rows)]
                parts.append("<p>A port moves its bytes each way at once, so a result that reads and writes much may lie above its "
                             "line; a DRAM's data bus goes one way at a time.</p>")
        if any("engines" in r for r in timed):
            parts += ["<h2>Where the cycles of each engine went</h2>", buckets(timed)]
        layers = ledger(timed)
        if layers:
            parts += ["<h2>Layers</h2>", "<p>A cycle belongs to the layer whose command retires next. Of an engine: the cycles in which it "
                      "had a command of the layer under way; the next layer's commands may have begun, so that it can be more than "
                      "100%.</p>", layers]
    if rest:
        parts += ["<h2>Also measured</h2>", other(rest)]
    commands = sorted({(r["file"], r["command"]) for r in results if r["command"]})
    parts.append("<h2>Made by</h2><ul>" + "".join(f"<li><code>{text(c)}</code> ({text(f)})" for f, c in commands) + "</ul>")
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="folder", default="build/bench", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    results = load(args.folder) if args.folder.is_dir() else []
    if not results:
        print(f"report.py: no results in {args.folder}; make bench LIST=gemm writes some", file=sys.stderr)
        return 1
    out = args.out or args.folder / "report.html"
    out.write_text(page(results))
    print(f"wrote {out}: {len(results)} results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
