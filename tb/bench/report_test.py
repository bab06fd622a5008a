#!/usr/bin/env python3
"""Draws a report of made-up results and reads it back.

usage: report_test.py
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

REPORT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "report.py"
BUCKETS = ["working", "wait_sem", "starved", "blocked", "draining", "idle"]


def result(name, config="nano", **more):
    engines = {e: dict(zip(BUCKETS, (400, 300, 100, 50, 50, 100))) for e in ("ld", "st", "mxe", "gta")}
    return {"name": name, "config": config, "cycles": 1000, "macs": 64000, "utilization": 0.5, "share_of_bound": 0.75, "bytes": 8000,
            "sim_khz": 500.0, "ext_bytes_per_cycle": 8.0, "engines": engines, **more}


class Report(unittest.TestCase):
    def draw(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files.items():
                (pathlib.Path(folder) / name).write_text(json.dumps(data))
            run = subprocess.run([sys.executable, REPORT, "--in", folder], capture_output=True, text=True)
            page = pathlib.Path(folder) / "report.html"
            return run, page.read_text() if page.exists() else ""

    def test_every_result_is_in_table_roofline_bars_and_ledger(self):
        layers = [{"name": f"blk.{i}", "cycles": 100 * (i + 1), "mxe": 25} for i in range(3)]
        run, page = self.draw({
            "gemm.json": {"command": "wren-bench --list gemm", "dram": "fixed",
                          "results": [result("gemm_64"), result("big <&>", "full", dram="lpddr5", macs=4000000)]},
            "text.json": {"command": "wren-bench --list text", "results": [result("decode", layers=layers)]},
            "dram.json": {"results": [{"name": "dram_lpddr5", "peak_gb_per_s": 51.2}]},
            "timeline.json": [1, 2]})
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("4 results", run.stdout)
        for words in ("gemm_64", "big &lt;&amp;&gt;", "decode", "dram_lpddr5", "51.2", "blk.2", "<td>12.5%", "wren-bench --list text",
                      "Roofline of nano", "Roofline of full", "lpddr5, 51.2 B/cycle"):
            self.assertIn(words, page)
        self.assertNotIn("http", page)  # nothing from the network
        drawings = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, flags=re.S)]
        self.assertEqual(len(drawings), 2 + 3 + 1)
        # Two results on nano, one on full; each twice, as a point and in the key.
        self.assertEqual([len(d.findall("circle")) for d in drawings[:2]], [4, 2])
        # The parts of each engine's bar fill it: 1000 wide, 44 of them for the name.
        for bars in drawings[2:5]:
            widths = sum(float(r.get("width")) for r in bars.findall("rect"))
            self.assertAlmostEqual(widths, 4 * (1000 - 44), delta=1)
        self.assertAlmostEqual(sum(float(r.get("width")) for r in drawings[5].findall("rect")), 1000, delta=1)
        # A point lies where its figures say: gemm_64 has 8 MACs per byte and 64 per cycle, decode the same.
        first, second = drawings[0].findall("circle")[:2]
        self.assertEqual((first.get("cx"), first.get("cy")), (second.get("cx"), second.get("cy")))

    def test_an_empty_folder_is_an_error(self):
        run, page = self.draw({})
        self.assertEqual((run.returncode, page), (1, ""))
        self.assertIn("make bench", run.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(__doc__)
        sys.exit(0 if sys.argv[1] in ("-h", "--help") else 2)
    unittest.main()
