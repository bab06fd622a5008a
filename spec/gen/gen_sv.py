"""SystemVerilog packages."""

from dataclasses import replace

from model import camel, gaps, operand_of

BANNER = "// Generated from {src} by `make spec`; do not edit.\n"
# SystemVerilog keywords among the field names.
RENAME = {"table": "tbl"}


def member(name):
    return RENAME.get(name, name)


def _enum(e, prefix, ctype):
    w = e.width
    out = [f"  typedef enum logic [{w - 1}:0] {{"]
    items = [f"    {prefix}{camel(n)} = {w}'d{v}" for n, v in e.values.items()]
    out.append(",\n".join(items))
    out.append(f"  }} {ctype};\n")
    return "\n".join(out)


def _struct(name, fields, bits, enums_typed=True):
    """A packed struct, most significant bit first, reserved bits as rsvd_<lsb>."""
    rows = [(f.msb, f.lsb, f) for f in fields] + [(m, l, None) for m, l in gaps(fields, bits)]
    rows.sort(key=lambda r: -r[0])
    out = ["  typedef struct packed {"]
    for msb, lsb, f in rows:
        w = msb - lsb + 1
        if f is None:
            t, n = f"logic [{w - 1}:0]", f"rsvd_{lsb}"
        elif f.enum and enums_typed and f.enum.width == w:
            t, n = f"{f.enum.name}_e", member(f.name)
        else:
            sign = "logic signed" if f.signed else "logic"
            t, n = (sign if w == 1 else f"{sign} [{w - 1}:0]"), member(f.name)
        out.append(f"    {t:<22} {n + ';':<14} // [{msb}:{lsb}]")
    out.append(f"  }} {name};\n")
    return "\n".join(out)


def _bits(f):
    return f"cmd[{f.msb}]" if f.width == 1 else f"cmd[{f.msb}:{f.lsb}]"


def _lit(f, v):
    return f"{f.width}'d{v}"


def _illegal(f, only):
    """Expression that is true when the field holds none of the legal numbers; None when all are legal."""
    legal = f.enum.legal(only)
    if len(legal) == f.mask + 1:
        return None
    if legal == list(range(len(legal))):
        return f"{_bits(f)} > {_lit(f, legal[-1])}" if legal[-1] else f"{_bits(f)} != {_lit(f, 0)}"
    return "!(" + " || ".join(f"{_bits(f)} == {_lit(f, v)}" for v in legal) + ")"


def _conditions(f, fields):
    """Expressions that are true when a check of this field fails."""
    out = []
    if f.zero:
        out.append(f"{_bits(f)} != {_lit(f, 0)}")
    if f.enum:
        e = _illegal(f, f.only)
        if e:
            out.append(e)
    if f.min == 1 and not f.signed:
        out.append(f"{_bits(f)} == {_lit(f, 0)}")
    elif f.min > 1:
        out.append(f"{_bits(f)} < {_lit(f, f.min)}")
    if f.max is not None and f.max < f.mask:
        out.append(f"{_bits(f)} > {_lit(f, f.max)}")
    if f.also:
        other = f.also["field"]
        cond = f"{_bits(other)} == {_lit(other, f.also['value'])}"
        if f.also["only"]:
            bad = _illegal(f, f.also["only"])
        else:
            bad = f"{_bits(f)} != {_lit(f, 0)}" if f.also["max"] == 0 else f"{_bits(f)} > {_lit(f, f.also['max'])}"
        out.append(f"({cond} && {'(' + bad + ')' if '||' not in bad else bad})")
    if f.when and out:
        other = next(g for g in fields if g.name == f.when)
        joined = " || ".join(out)
        out = [f"({_bits(other)} != {_lit(other, 0)} && ({joined}))"]
    return out


def _checks(fields, all_fields, indent):
    out = []
    for f in fields:
        for c in _conditions(f, all_fields):
            out.append(f"{indent}if (!r.bad && {c if c.startswith('(') else '(' + c + ')'}) "
                       f"r = '{{bad: 1'b1, msb: 9'd{f.msb}}};  // {f.name}")
    return out


def isa_pkg(isa, csr):
    o = ["// wren_isa_pkg: the commands, as packed structs, and their field checks.", BANNER.format(src="spec/isa.yaml")]
    o.append("package wren_isa_pkg;\n")
    o.append(f"  localparam int unsigned IsaVersion   = {isa.version};")
    o.append(f"  localparam int unsigned CommandBytes = {isa.command_bits // 8};\n")
    for e in isa.enums.values():
        o.append(_enum(e, camel(e.name), f"{e.name}_e"))
    o.append("  typedef enum logic [7:0] {")
    o.append(",\n".join(f"    Op{c.ident} = 8'h{c.opcode:02X}" for c in isa.commands))
    o.append("  } opcode_e;\n")
    o.append("  // What all commands share; bits of single commands read as reserved here.")
    o.append(_struct("cmd_header_t", isa.header, isa.command_bits))
    for c in isa.commands:
        first = c.doc.splitlines()[0]
        o.append(f"  // {c.name}: {first if len(first) < 110 else first[:107] + '...'}")
        o.append(_struct(f"{c.name.replace('.', '_')}_t", isa.header + c.fields, isa.command_bits))

    o.append("  // Whether the opcode names a command.")
    o.append("  function automatic logic opcode_known(input logic [7:0] op);")
    o.append("    case (op)")
    o.append("      " + ", ".join(f"8'h{c.opcode:02X}" for c in isa.commands) + ": return 1'b1;")
    o.append("      default: return 1'b0;\n    endcase\n  endfunction\n")

    o.append("  // The engine that executes an opcode; ctl for unknown ones.")
    o.append("  function automatic engine_e opcode_engine(input logic [7:0] op);")
    o.append("    case (op)")
    for name in isa.enums["engine"].values:
        ops = [c for c in isa.commands if c.engine == name]
        if ops and name != "ctl":
            o.append("      " + ", ".join(f"8'h{c.opcode:02X}" for c in ops) + f": return Engine{camel(name)};")
    o.append("      default: return EngineCtl;\n    endcase\n  endfunction\n")

    o.append("  // The first field that breaks its range: header fields, then the command's fields in the spec's\n"
             "  // order, then reserved bits from the lowest. msb is the field's (or gap's) highest bit. Alignment\n"
             "  // is not judged here, nor is the opcode.")
    o.append("  typedef struct packed {\n    logic       bad;\n    logic [8:0] msb;\n  } field_check_t;\n")
    o.append("  function automatic field_check_t check_fields(input logic [511:0] cmd);")
    o.append("    field_check_t r;\n    r = '0;")
    o += _checks(isa.header, isa.header, "    ")
    o.append("    case (cmd[7:0])")
    for c in isa.commands:
        allf = isa.header + c.fields
        o.append(f"      8'h{c.opcode:02X}: begin  // {c.name}")
        o += _checks(c.fields, allf, "        ")
        for msb, lsb in gaps(allf, isa.command_bits):
            w = msb - lsb + 1
            bits = f"cmd[{msb}]" if w == 1 else f"cmd[{msb}:{lsb}]"
            o.append(f"        if (!r.bad && ({bits} != {w}'d0)) r = '{{bad: 1'b1, msb: 9'd{msb}}};  // reserved")
        o.append("      end")
    o.append("      default: ;\n    endcase\n    return r;\n  endfunction\n")

    o += _field_tests(isa)

    o.append("  // Static alignments (the spec's `align`), one bit per operand number of the CSR enum `operand`. An\n"
             "  // operand's address and strides belong to it; len and n1 belong to src (dst for ld.fill). The\n"
             "  // caller ignores operands that the command does not use.")
    n = max(csr.enums["operand"].values.values()) + 1
    o.append(f"  function automatic logic [{n - 1}:0] check_align(input logic [511:0] cmd);")
    o.append(f"    logic [{n - 1}:0] r;\n    r = '0;\n    case (cmd[7:0])")
    for c in isa.commands:
        per = {}
        for f in c.fields:
            if f.align > 1:
                low = f.align.bit_length() - 2
                sl = f"cmd[{f.lsb}]" if low == 0 else f"cmd[{f.lsb + low}:{f.lsb}]"
                per.setdefault(operand_of(c, f), []).append(f"({sl} != {low + 1}'d0)")
        if per:
            o.append(f"      8'h{c.opcode:02X}: begin  // {c.name}")
            for op, terms in per.items():
                o.append(f"        r[{csr.enums['operand'].values[op]}] = " + " ||\n               ".join(terms) + f";  // {op}")
            o.append("      end")
    o.append("      default: ;\n    endcase\n    return r;\n  endfunction\n")
    o.append("endpackage")
    return "\n".join(o) + "\n"


def _field_tests(isa):
    """check_fields in two functions that a register may part: all tests at once, and the field that each one looks at."""
    tests_of = lambda fields, allf: [(c if c.startswith("(") else f"({c})", f.msb, f.name) for f in fields for c in _conditions(f, allf)]
    header = tests_of(isa.header, isa.header)
    tests = {}
    for c in isa.commands:
        allf = isa.header + c.fields
        tests[c.opcode] = tests_of(c.fields, allf)
        for msb, lsb in gaps(allf, isa.command_bits):
            bits = f"cmd[{msb}]" if msb == lsb else f"cmd[{msb}:{lsb}]"
            tests[c.opcode].append((f"({bits} != {msb - lsb + 1}'d0)", msb, "reserved"))
    most = len(header) + max(len(t) for t in tests.values())
    o = ["  // check_fields in two steps: bit i is the i-th of its tests; the field that test i of a command looks at.",
         f"  localparam int unsigned FieldTests = {most};",
         "  function automatic logic [FieldTests-1:0] field_faults(input logic [511:0] cmd);",
         "    logic [FieldTests-1:0] r;\n    r = '0;"]
    o += [f"    r[{i}] = {cond};  // {name}" for i, (cond, _, name) in enumerate(header)]
    o.append("    case (cmd[7:0])")
    for opcode, list_ in tests.items():
        o.append(f"      8'h{opcode:02X}: begin")
        o += [f"        r[{i}] = {cond};  // {name}" for i, (cond, _, name) in enumerate(list_, len(header))]
        o.append("      end")
    o.append("      default: ;\n    endcase\n    return r;\n  endfunction\n")
    o.append(f"  function automatic logic [8:0] field_tested(input logic [7:0] op, input logic [{(most - 1).bit_length() - 1}:0] test);")
    o.append("    logic [FieldTests-1:0][8:0] m;\n    m = '0;")
    o += [f"    m[{i}] = 9'd{msb};" for i, (_, msb, _) in enumerate(header)]
    o.append("    case (op)")
    for opcode, list_ in tests.items():
        o.append(f"      8'h{opcode:02X}: m[{len(header) + len(list_) - 1}:{len(header)}] = {{"
                 + ", ".join(f"9'd{msb}" for _, msb, _ in reversed(list_)) + "};")
    o.append("      default: ;\n    endcase\n    return m[test];\n  endfunction\n")
    return o


def csr_pkg(csr):
    o = ["// wren_csr_pkg: addresses, fields and enums of the control and status registers.",
         BANNER.format(src="spec/csr.yaml")]
    o.append("package wren_csr_pkg;\n")
    for e in csr.enums.values():
        o.append(_enum(e, "Csr" + camel(e.name), f"csr_{e.name}_e"))
    o.append("  // Byte offsets.")
    width = max(len(camel(r.name)) for r in csr.registers)
    for r in csr.registers:
        more = f"{r.words} words; " if r.words > 1 else ""
        o.append(f"  localparam logic [11:0] Csr{camel(r.name):<{width}} = 12'h{r.offset:03X};  // {r.access}; {more}{r.doc.splitlines()[0][:90]}")
    o.append("\n  // Reset values that are not 0.")
    for r in csr.registers:
        if r.reset:
            o.append(f"  localparam logic [31:0] Csr{camel(r.name)}Reset = 32'h{r.reset:08X};")
    o.append("")
    for r in csr.registers:
        if r.fields:
            o.append(f"  // {r.name}: {r.doc.splitlines()[0]}")
            fields = [replace(f, name=f.name.lower()) for f in r.fields]
            o.append(_struct(f"csr_{r.name.lower()}_t", fields, 32))
    o.append("endpackage")
    return "\n".join(o) + "\n"
