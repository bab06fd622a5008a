"""Reads spec/isa.yaml and spec/csr.yaml, checks them and gives the generators plain objects."""

import pathlib
from dataclasses import dataclass, field

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class SpecError(Exception):
    """A mistake in a spec file, in one line."""


@dataclass
class Enum:
    name: str
    values: dict  # member -> number
    width: int = 0

    def legal(self, only=None):
        """Sorted legal numbers."""
        names = only if only else self.values
        return sorted(self.values[n] for n in names)


@dataclass
class Field:
    name: str
    msb: int
    lsb: int
    doc: str = ""
    enum: Enum = None
    signed: bool = False
    min: int = 0
    max: int = None
    align: int = 1
    only: list = None
    zero: bool = False
    when: str = None       # checked only when that field is not 0
    also: dict = None      # {field, value, only | max}: a further condition when field == value

    @property
    def width(self):
        return self.msb - self.lsb + 1

    @property
    def mask(self):
        return (1 << self.width) - 1

    def limits(self):
        """Smallest and largest legal value, as the bits alone or the spec's min and max say."""
        if self.signed:
            return -(1 << (self.width - 1)), (1 << (self.width - 1)) - 1
        return self.min, self.mask if self.max is None else self.max


@dataclass
class Command:
    name: str
    opcode: int
    engine: str
    doc: str
    fields: list  # without the header's

    @property
    def ident(self):
        return camel(self.name)


@dataclass
class Register:
    name: str
    offset: int
    access: str
    doc: str
    reset: int = 0
    words: int = 1
    fields: list = field(default_factory=list)


@dataclass
class Isa:
    version: int
    enums: dict
    header: list
    commands: list
    command_bits: int


@dataclass
class Csr:
    version: int
    enums: dict
    registers: list


def camel(name):
    """ld.copy_x -> LdCopyX"""
    return "".join(p[:1].upper() + p[1:].lower() for p in name.replace(".", "_").split("_"))


KNOWN = {"name", "bits", "doc", "enum", "signed", "min", "max", "align", "only", "zero", "when", "also"}


def _field(raw, enums, where):
    extra = set(raw) - KNOWN
    if extra:
        raise SpecError(f"{where}: field '{raw.get('name')}' has unknown attributes {sorted(extra)}")
    msb, lsb = raw["bits"]
    if msb < lsb:
        raise SpecError(f"{where}: field '{raw['name']}' has bits [{msb}, {lsb}]")
    f = Field(raw["name"], msb, lsb, raw.get("doc", ""), None, raw.get("signed", False), raw.get("min", 0),
              raw.get("max"), raw.get("align", 1), raw.get("only"), raw.get("zero", False), raw.get("when"), None)
    if "enum" in raw:
        if raw["enum"] not in enums:
            raise SpecError(f"{where}: field '{f.name}' names unknown enum '{raw['enum']}'")
        f.enum = enums[raw["enum"]]
        if max(f.enum.values.values()) > f.mask:
            raise SpecError(f"{where}: field '{f.name}' is too narrow for enum '{f.enum.name}'")
        f.enum.width = max(f.enum.width, f.width)
    if f.align & (f.align - 1):
        raise SpecError(f"{where}: field '{f.name}' has align {f.align}, not a power of two")
    return f


def _check_layout(fields, bits, where):
    owner = {}
    names = set()
    for f in fields:
        if f.name in names:
            raise SpecError(f"{where}: two fields are called '{f.name}'")
        names.add(f.name)
        if f.msb >= bits:
            raise SpecError(f"{where}: field '{f.name}' ends at bit {f.msb}, beyond {bits - 1}")
        for b in range(f.lsb, f.msb + 1):
            if b in owner:
                raise SpecError(f"{where}: fields '{owner[b]}' and '{f.name}' share bit {b}")
            owner[b] = f.name


def _also(f, raw, fields, where):
    """also: {<field>: <member or number>, only: [...] | max: n}"""
    spec = dict(raw["also"])
    only, top = spec.pop("only", None), spec.pop("max", None)
    if len(spec) != 1 or (only is None) == (top is None):
        raise SpecError(f"{where}: field '{f.name}': 'also' needs one other field and one of only, max")
    (name, value), = spec.items()
    other = next((g for g in fields if g.name == name), None)
    if other is None:
        raise SpecError(f"{where}: field '{f.name}': 'also' names unknown field '{name}'")
    f.also = {"field": other, "member": value, "value": other.enum.values[value] if other.enum else value,
              "only": only, "max": top}


def load_isa(path=None):
    raw = yaml.safe_load((path or ROOT / "spec/isa.yaml").read_text())
    bits = raw["command_bytes"] * 8
    enums = {n: Enum(n, v) for n, v in raw["enums"].items()}
    for e in enums.values():
        e.width = max(1, max(e.values.values()).bit_length())
    header = [_field(f, enums, "header") for f in raw["header"]]

    anchors = {c["name"].replace(".", "_"): c["fields"] for c in raw["commands"]}
    anchors["ld_fields"] = next(c["fields"] for c in raw["commands"] if c["name"] == "ld.copy")
    commands = []
    for c in raw["commands"]:
        flat = []
        for f in c["fields"]:
            flat.extend(anchors[f["include"]] if "include" in f else [f])
        fields = [_field(f, enums, c["name"]) for f in flat]
        _check_layout(header + fields, bits, c["name"])
        for f, r in zip(fields, flat):
            if f.when and f.when not in {g.name for g in fields}:
                raise SpecError(f"{c['name']}: field '{f.name}': 'when' names unknown field '{f.when}'")
            if "also" in r:
                _also(f, r, fields, c["name"])
        if c["engine"] not in enums["engine"].values:
            raise SpecError(f"{c['name']}: unknown engine '{c['engine']}'")
        commands.append(Command(c["name"], c["opcode"], c["engine"], c["doc"].strip(), fields))
    if len({c.opcode for c in commands}) != len(commands):
        raise SpecError("two commands share an opcode")
    return Isa(raw["version"], enums, header, commands, bits)


def load_csr(path=None):
    raw = yaml.safe_load((path or ROOT / "spec/csr.yaml").read_text())
    enums = {n: Enum(n, v) for n, v in raw["enums"].items()}
    for e in enums.values():
        e.width = max(1, max(e.values.values()).bit_length())
    registers = []
    used = {}
    for r in raw["registers"]:
        fields = [_field(f, enums, r["name"]) for f in r.get("fields", [])]
        _check_layout(fields, 32, r["name"])
        reg = Register(r["name"], r["offset"], r["access"], r["doc"], r.get("reset", 0), r.get("words", 1), fields)
        for w in range(reg.words):
            at = reg.offset + 4 * w
            if at in used or at % 4:
                raise SpecError(f"{reg.name}: offset {at:#x} is taken by {used.get(at)} or not a multiple of 4")
            used[at] = reg.name
        registers.append(reg)
    return Csr(raw["version"], enums, registers)


def gaps(fields, bits):
    """Reserved bit ranges (msb, lsb), lowest first."""
    free = [True] * bits
    for f in fields:
        for b in range(f.lsb, f.msb + 1):
            free[b] = False
    out, b = [], 0
    while b < bits:
        if free[b]:
            lsb = b
            while b < bits and free[b]:
                b += 1
            out.append((b - 1, lsb))
        else:
            b += 1
    return out


def operand_of(command, f):
    """The operand (csr enum `operand`) that a static alignment belongs to."""
    first = "dst" if command.name == "ld.fill" else "src"
    table = {"src": "src", "s1": "src", "s2": "src", "s3": "src", "len": first, "n1": first,
             "dst": "dst", "t1": "dst", "t2": "dst", "t3": "dst", "idx": "idx",
             "red": "red", "red_stride": "red", "out_scale": "out_scale"}
    if f.name not in table:
        raise SpecError(f"{command.name}: no operand known for the aligned field '{f.name}'")
    return table[f.name]
