"""The registers as a C header, for the driver."""

BANNER = "Generated from spec/csr.yaml and spec/isa.yaml by `make spec`; do not edit."


def registers(isa, csr):
    o = [f"// Control and status registers of Wren: byte offsets, fields and enums.\n// {BANNER}",
         "#ifndef WREN_REGS_H_\n#define WREN_REGS_H_\n",
         f"#define WREN_ISA_VERSION {isa.version}u",
         "#define WREN_COMMAND_BYTES 64u\n"]
    for e in csr.enums.values():
        for member, value in e.values.items():
            o.append(f"#define WREN_{e.name.upper()}_{member.upper()} {value}u")
        o.append("")
    for r in csr.registers:
        o.append(f"#define WREN_{r.name} 0x{r.offset:03X}u")
        if r.reset:
            o.append(f"#define WREN_{r.name}_RESET 0x{r.reset:08X}u")
        for f in r.fields:
            mask = (1 << f.width) - 1 << f.lsb
            o.append(f"#define WREN_{r.name}_{f.name} 0x{mask:08X}u")
            if f.lsb or f.width > 1:
                o.append(f"#define WREN_{r.name}_{f.name}_SHIFT {f.lsb}")
    o.append("\n#endif")
    return "\n".join(o) + "\n"
