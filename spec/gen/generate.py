#!/usr/bin/env python3
"""Writes everything that follows from spec/isa.yaml and spec/csr.yaml.

usage: generate.py           write the files that changed
       generate.py --check   write nothing; exit 1 when a file is stale, and name it
"""

import argparse
import sys

import model

sys.path.insert(0, str(model.ROOT / "spec/gen"))
import gen_c
import gen_cpp
import gen_docs
import gen_sv
import gen_waves


def outputs():
    isa, csr = model.load_isa(), model.load_csr()
    files = {
        "sw/isa/include/wren/isa/isa.h": gen_cpp.isa_header(isa, csr),
        "sw/isa/src/isa_gen.cpp": gen_cpp.isa_source(isa, csr),
        "sw/isa/include/wren/isa/csr.h": gen_cpp.csr_header(csr),
        "driver/include/wren_regs.h": gen_c.registers(isa, csr),
        "docs/isa.md": gen_docs.isa_page(isa),
        "docs/registers.md": gen_docs.csr_page(csr),
        "rtl/pkg/wren_isa_pkg.sv": gen_sv.isa_pkg(isa, csr),
        "rtl/pkg/wren_csr_pkg.sv": gen_sv.csr_pkg(csr),
    }
    files.update(gen_waves.tables(isa, csr))
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only report stale files")
    args = parser.parse_args()
    try:
        files = outputs()
    except model.SpecError as e:
        sys.exit(f"error: {e}")
    stale = []
    for name, text in files.items():
        path = model.ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not args.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    if args.check and stale:
        sys.exit("error: stale, run `make spec`: " + ", ".join(stale))


if __name__ == "__main__":
    main()
