#!/usr/bin/env python3
"""Checks what scripts/synth.py and scripts/pnr.py do beside Yosys and nextpnr, with made-up results: tables and their places in documents,
what is accepted of sizes, pins around a block. With Yosys in the venv also that products are mapped to multipliers that compute them.

usage: synth_test.py [VENV]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import pnr
import synth
import synth_table
from fpga_family import FAMILIES

VENV = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ROOT / ".venv")
PYTHON = VENV / "bin/python"
ECP5 = FAMILIES["ecp5"]


def block(name, level=1, **more):
    return {"block": name, "level": level, **dict.fromkeys(ECP5["columns"], 0), "cpu_s": 7, **more}


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.out = pathlib.Path(self.temporary.name)
        self.age = 0

    def write(self, name, data):
        """Files are written one second apart."""
        file = self.out / name
        file.write_text(data if isinstance(data, str) else json.dumps(data))
        self.age += 1
        os.utime(file, (1000 + self.age, 1000 + self.age))
        return file

    def size(self, config, blocks, name="", fits=True):
        used = ECP5["sites"](blocks[0])
        return self.write(f"{config}{name}.size.json", {"top": blocks[0]["block"], "config": config, "family": "ecp5", "part": ECP5["part"],
                                                        "fits": fits, "used": used, "limits": ECP5["limits"], "blocks": blocks})

    def rate(self, name, mhz):
        return self.write(f"{name}.pnr.json", {"fmax": {"clk": {"achieved": mhz, "constraint": 50}, "other": {"achieved": mhz + 9, "constraint": 50}},
                                               "detailed_net_timings": []})

    def document(self, *parts):
        text = "before\n"
        for what, rows in parts:
            text += f"<!-- synth: {what} -->\n{rows}<!-- synth: end -->\nbetween\n"
        return self.write("doc.md", text)


class Tables(Folder):
    def test_blocks_are_sorted_and_a_block_made_later_replaces_what_the_whole_had(self):
        self.size("nano", [block("wren_top", 0, LUT4=5000, FF=9), block("wren_gta", LUT4=3000), block("wren_l2", LUT4=10, DP16KD=64)])
        self.size("nano", [block("wren_l2", 0, LUT4=4000, DP16KD=65)], "-wren_l2")
        self.size("nano", [block("wren_ulx3s", 0, LUT4=1)], "-ulx3s")
        rows = synth_table.blocks_table(self.out, "nano")
        self.assertEqual([r.split("|")[1].strip() for r in rows[2:]], ["`wren_top`", "`wren_l2`", "`wren_gta`"])
        self.assertIn("| `wren_l2` | 4,000 | 0 | 0 | 65 | 0 | 0 |  | 7 |", rows)

    def test_a_rate_is_shown_until_the_netlist_is_made_anew(self):
        self.size("nano", [block("wren_top", 0, LUT4=5000), block("wren_l2", LUT4=10)])
        self.write("nano-wren_l2.json", "{}")
        self.rate("nano-wren_l2", 92.04)
        self.assertIn("| 92.0 | 7 |", synth_table.blocks_table(self.out, "nano")[-1])
        self.write("nano-wren_l2.json", "{}")
        self.assertIn("|  | 7 |", synth_table.blocks_table(self.out, "nano")[-1])

    def test_the_whole_takes_the_rate_of_the_board_when_it_was_not_routed_alone(self):
        self.size("nano", [block("wren_top", 0, LUT4=80000, CCU2C=100, DPR16X4=10, MULT18X18D=132, DP16KD=165, FF=28000)])
        self.write("nano.json", "{}")
        self.assertTrue(synth_table.configurations_table(self.out)[-1].endswith("|  | yes |"))
        self.write("nano-ulx3s.json", {"fmax_mhz": 33.96})
        self.assertEqual(synth_table.configurations_table(self.out)[-1],
                         "| `nano` | ECP5-85 | 80,260 of 83,640 | 28,000 | 132 of 156 | 165 of 208 | 34.0 | yes |")
        self.rate("nano", 51.26)
        self.assertIn("| 51.3 | yes |", synth_table.configurations_table(self.out)[-1])

    def test_a_document_gets_what_there_are_results_for_and_keeps_the_rest(self):
        self.size("nano", [block("wren_top", 0, LUT4=50)])
        old = "\n".join(synth_table.configurations_table(self.out)[:2]) + "\n| `nano` | old |\n| `full` | kept |\n"
        file = self.document(("configurations", old), ("blocks nano", "stale\n"), ("blocks small", "kept too\n"))
        self.assertEqual(synth_table.update(self.out, file), ["configurations", "blocks nano"])
        text = file.read_text()
        for words in ("before\n", "| `full` | kept |", "kept too", "| `wren_top` | 50 |", "| `nano` | ECP5-85 | 50 of 83,640 |"):
            self.assertIn(words, text)
        self.assertEqual(text.count("between"), 3)
        self.assertNotIn("stale", text)
        self.assertNotIn("old", text)
        synth_table.update(self.out, file)
        self.assertEqual(file.read_text(), text)  # again: the same

    def test_a_document_without_markers_and_a_folder_without_results_are_errors(self):
        with self.assertRaises(SystemExit):
            synth_table.update(self.out, self.write("plain.md", "no table\n"))
        with self.assertRaises(SystemExit):
            synth_table.main(self.out, [], [])

    def test_the_documents_of_the_tree_have_their_places(self):
        for name in ("README.md", "docs/fpga.md"):
            self.assertTrue(synth_table.MARKED.search((ROOT / name).read_text()), name)


class Gates(Folder):
    used = {"LUT4": 100, "MULT18X18D": 10, "DP16KD": 5}

    def test_what_does_not_fit_is_an_error_unless_it_is_accepted(self):
        file = self.out / "small.json"
        self.assertEqual(synth.gate(file, self.used, False, True, False), ["the design does not fit the part"])
        self.assertEqual(synth.gate(file, self.used, True, True, False), [])
        self.assertEqual(synth.gate(file, self.used, False, True, True), [])
        self.assertEqual(json.loads(file.read_text()), {"fits": False, "LUT4": 102, "MULT18X18D": 10, "DP16KD": 5})
        self.assertEqual(synth.gate(file, self.used, False, False, False), [])  # a block of it

    def test_growth_is_an_error_also_of_what_does_not_fit(self):
        file = self.out / "small.json"
        synth.gate(file, self.used, False, True, True)
        [wrong] = synth.gate(file, {**self.used, "DP16KD": 6}, False, True, False)
        self.assertIn("6 DP16KD where 5 are allowed", wrong)
        self.assertEqual(synth.gate(file, {**self.used, "DP16KD": 6}, False, False, False), [])  # a block alone has no size to keep

    def test_accepted_sizes_of_the_tree_name_resources_of_their_family(self):
        for file in (ROOT / "regress/synth").glob("*.json"):
            family = FAMILIES.get(file.stem.split("-")[-1]) or (ECP5 if "-" not in file.stem else None)
            if family:
                self.assertLessEqual(set(json.loads(file.read_text())) - {"fits"}, set(family["limits"]), file.name)


class Counting(unittest.TestCase):
    def test_cells_of_a_hierarchy_add_up_by_column(self):
        modules = {"\\top": {"num_cells_by_type": {"leaf": 2, "LUT4": 1}}, "leaf": {"num_cells_by_type": {"LUT4": 3, "TRELLIS_FF": 4, "unknown": 9}}}
        rows = list(synth.rows(ECP5, modules, "\\top", "top", 2, {}))
        self.assertEqual([(label, level, t["LUT4"], t["FF"]) for label, level, t in rows], [("top", 0, 7, 8), ("leaf x2", 1, 3, 4)])

    def test_every_family_counts_into_its_columns_and_limits_what_it_counts(self):
        for name, family in FAMILIES.items():
            self.assertEqual({c for c, _ in family["cells"].values()}, set(family["columns"]), name)
            self.assertEqual(set(family["sites"](dict.fromkeys(family["columns"], 1))), set(family["limits"]), name)


class Rates(unittest.TestCase):
    def test_the_slowest_clock_counts_and_what_goes_over_the_clock_network_or_ends_unreported(self):
        end = lambda ns: [{"event": "posedge clk", "delay": [ns / 2, ns]}]
        report = {"fmax": {"a": {"achieved": 80.0, "constraint": 50}, "b": {"achieved": 60.0, "constraint": 50}},
                  "detailed_net_timings": [{"net": "n", "endpoints": end(25.0)}]}
        self.assertEqual(pnr.clock_rate(report), (60.0, 50))
        self.assertEqual(pnr.clock_rate(report, "gowin"), (40.0, 50))
        report["detailed_net_timings"][0]["net"] = f"{pnr.GLOBAL}7"
        self.assertEqual(pnr.clock_rate(report), (1000 / 28.0, 50))


class Pins(unittest.TestCase):
    ports = {"clk_i": {"direction": "input", "bits": [2]}, "rst_ni": {"direction": "input", "bits": [3]},
             "a_i": {"direction": "input", "bits": [4, 5, 6]}, "y_o": {"direction": "output", "bits": [7, 8]}}

    def test_all_ports_hang_on_two_pins(self):
        for family in FAMILIES:
            text = pnr.wrapper("wren_x", self.ports, family)
            self.assertIn("module wren_pins (input clk_i, input rst_ni, input sd_i, output sd_o);", text)
            self.assertIn("wren_x u_top (.clk_i(clk_i), .rst_ni(rst_ni), .a_i(in[3:1]), .y_o(out[1:0]));", text)

    def test_a_block_without_reset_gets_none(self):
        ports = {k: p for k, p in self.ports.items() if k != "rst_ni"}
        self.assertIn("u_top (.clk_i(clk_i), .a_i", pnr.wrapper("wren_x", ports, "ecp5"))


# Products of both signs and of widths on both sides of each multiplier's; Yosys computes them as mapped and compares.
PRODUCTS = """
import itertools, sys
from pyosys import libyosys as ys
text = '''
module MULT12X12(output signed [23:0] DOUT, input signed [11:0] A, B, input [1:0] CLK, CE, RESET); assign DOUT = A * B; endmodule
module MULT27X36(output signed [62:0] DOUT, input signed [26:0] A, input signed [35:0] B, input [25:0] D, input [1:0] CLK, CE, RESET,
                 input PSEL, PADDSUB); assign DOUT = A * B; endmodule
'''
uses, wrong, count = [], [], 0
for wa, wb, signed in ((8, 8, 1), (12, 12, 1), (13, 5, 1), (11, 11, 0), (24, 24, 0), (27, 36, 1), (36, 27, 1), (26, 35, 0), (35, 26, 0)):
    w, s, name = wa + wb, "signed" if signed else "", f"t{wa}_{wb}_{signed}"
    value = lambda x, n: x - 2 ** n if signed and x >> (n - 1) else x
    uses.append(name)
    text += f"module {name}(input {s} [{wa-1}:0] a, input {s} [{wb-1}:0] b, output {s} [{w-1}:0] y); assign y = a * b; endmodule\\n"
    for a, b in itertools.product((0, 1, 2 ** (wa - 1) - 1, 2 ** (wa - 1), 2 ** wa - 1, 0xb6d5a93 % 2 ** wa),
                                  (1, 2 ** (wb - 1), 2 ** wb - 1, 0x5e3c971 % 2 ** wb)):
        want = value(a, wa) * value(b, wb) % 2 ** w
        wrong.append(f"wire [{w-1}:0] y{count}; {name} u{count}(.a({wa}'d{a}), .b({wb}'d{b}), .y(y{count})); assign wrong[{count}] = y{count} != {w}'d{want};")
        count += 1
text += f"module t(output [{count-1}:0] wrong);" + "\\n".join(wrong) + " endmodule"
open(sys.argv[1], "w").write(text)
d = ys.Design()
for c in (f"read_verilog -sv {sys.argv[1]}", "proc", "techmap -map fpga/synth/gowin_mul.v t*_*/t:$mul", "select -assert-none t*_*/t:$mul",
          f"select -assert-count {len(uses)} t*_*/t:MULT*", "hierarchy -top t", "flatten", "opt -full", f"sat -prove wrong {count}'d0 -verify t"):
    ys.run_pass(c, d)
"""


class Maps(Folder):
    @unittest.skipUnless(list(VENV.glob("lib/python3*/site-packages/pyosys")), "needs Yosys: scripts/setup.sh --with synth")
    def test_products_become_gowin_multipliers_that_compute_them(self):
        run = subprocess.run([PYTHON, "-c", PRODUCTS, str(self.out / "t.v")], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-2000:] + run.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
