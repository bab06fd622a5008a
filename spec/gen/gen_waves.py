"""GTKWave translation tables: one `value text` per line, values in hex as GTKWave shows them."""


def _table(width, pairs):
    digits = (width + 3) // 4
    return "".join(f"{v:0{digits}x} {n}\n" for n, v in pairs)


def tables(isa, csr):
    out = {"sim/waves/opcode.txt": _table(8, [(c.name, c.opcode) for c in isa.commands])}
    for e in isa.enums.values():
        out[f"sim/waves/{e.name}.txt"] = _table(e.width, e.values.items())
    for name in ("error", "bucket"):
        e = csr.enums[name]
        out[f"sim/waves/csr_{name}.txt"] = _table(e.width, e.values.items())
    out["sim/waves/csr_offset.txt"] = _table(12, [(r.name if w == 0 else f"{r.name}+{4 * w}", r.offset + 4 * w)
                                                  for r in csr.registers for w in range(r.words)])
    return out
