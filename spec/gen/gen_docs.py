"""Manual pages."""

from model import gaps

BANNER = "<!-- Generated from {src} by `make spec`; do not edit. -->\n"


def _bits(msb, lsb):
    return str(msb) if msb == lsb else f"{msb}:{lsb}"


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def _range(f):
    if f.zero:
        return "0"
    parts = []
    if f.enum:
        parts.append(", ".join(f"{n} = {v}" for n, v in f.enum.values.items() if not f.only or n in f.only))
    else:
        lo, hi = f.limits()
        if f.width == 1:
            parts.append("0, 1")
        elif f.width > 20 and f.max is None:
            parts.append(f"{lo} .. 2^{f.width} - 1")
        else:
            parts.append(f"{lo} .. {hi}")
    if f.align > 1:
        parts.append(f"multiple of {f.align}")
    if f.when:
        parts.append(f"checked when `{f.when}` is not 0")
    if f.also:
        what = "only " + ", ".join(f.also["only"]) if f.also["only"] else f"at most {f.also['max']}"
        parts.append(f"{what} when `{f.also['field'].name}` is {f.also['member']}")
    return "; ".join(parts)


def _table(fields, reserved):
    rows = [(f.lsb, f"| {_bits(f.msb, f.lsb)} | `{f.name}` | {_range(f)} | {_cell(f.doc)} |") for f in fields]
    rows += [(lsb, f"| {_bits(msb, lsb)} | | 0 | Reserved. |") for msb, lsb in reserved]
    return ["| bits | field | values | meaning |", "|---|---|---|---|"] + [r for _, r in sorted(rows)]


def isa_page(isa):
    o = ["# Commands", BANNER.format(src="spec/isa.yaml")]
    o.append(f"A command is {isa.command_bits // 8} bytes, little-endian; bit 0 is bit 0 of byte 0. ISA version {isa.version}. "
             "The memories' layouts, the arithmetic and the checks are in [spec-notes.md](spec-notes.md), the registers in "
             "[registers.md](registers.md).\n")
    o.append("In assembly a command is one line: its name, the fields that are not at their default (the smallest legal value), "
             "then `irq=1`, `tag=n`, `wait=(semaphore,count)` and `post=(semaphore,count)`, each at most twice:\n")
    o.append("```\nld.copy src=65536 dst_space=vm len=256 tag=7 post=(3,1)\ngta.op rows=1 cols=64 x=0 out_space=vm out=1024 wait=(3,1)\n```\n")
    o.append("| command | opcode | engine |\n|---|---|---|")
    for c in isa.commands:
        o.append(f"| [`{c.name}`](#{c.name.replace('.', '')}) | 0x{c.opcode:02X} | {c.engine} |")
    o.append("\nThe control unit checks a command before it dispatches it: the opcode, then the header's fields, then the command's "
             "fields in the order of this page's source, then reserved bits, all as the error `bad_field` with the field's highest bit; "
             "then, operand by operand, alignment and range.\n")
    o.append("## Header\nThe same in every command; some commands give bits 31:9 a meaning of their own.\n")
    o += _table(isa.header, gaps(isa.header, 128))
    for c in isa.commands:
        o.append(f"\n## {c.name}\nOpcode 0x{c.opcode:02X}, engine {c.engine}.\n\n{c.doc}\n")
        if c.fields:
            o += _table(c.fields, gaps(isa.header + c.fields, isa.command_bits))
    return "\n".join(o) + "\n"


ACCESS = {"ro": "read only", "rw": "read, write", "w1c": "read; write 1 to clear", "wo": "write only", "w1s": "write 1, clears itself"}


def csr_page(csr):
    o = ["# Registers", BANNER.format(src="spec/csr.yaml")]
    o.append("AXI4-Lite, 32 bits, byte offsets. Reads of undefined offsets and writes to read-only registers answer SLVERR and change nothing. "
             "Registers of several words hold the low word first.\n")
    o.append("| offset | register | access | reset | meaning |\n|---|---|---|---|---|")
    for r in csr.registers:
        end = f" .. 0x{r.offset + 4 * r.words - 4:03X}" if r.words > 1 else ""
        reset = f"0x{r.reset:08X}" if r.reset else ("" if r.access == "ro" else "0")
        o.append(f"| 0x{r.offset:03X}{end} | `{r.name}` | {ACCESS[r.access]} | {reset} | {_cell(r.doc)} |")
    for r in csr.registers:
        if r.fields:
            o.append(f"\n## {r.name}\n\n| bits | field | meaning |\n|---|---|---|")
            for f in r.fields:
                o.append(f"| {_bits(f.msb, f.lsb)} | `{f.name}` | {_cell(f.doc)} |")
    for e in csr.enums.values():
        o.append(f"\n## Values of `{e.name}`\n\n| value | name |\n|---|---|")
        for n, v in e.values.items():
            o.append(f"| {v} | `{n}` |")
    return "\n".join(o) + "\n"
