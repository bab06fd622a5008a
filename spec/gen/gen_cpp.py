"""C++ headers and tables."""

import textwrap

from model import camel, gaps, operand_of

BANNER = "// Generated from {src} by `make spec`; do not edit.\n"


def comment(text, indent=""):
    return "\n".join(f"{indent}// {line}" for para in text.splitlines() for line in textwrap.wrap(para, 96) or [""])


def ctype(f):
    if f.enum:
        return camel(f.enum.name)
    if f.signed:
        return "int32_t"
    return "uint64_t" if f.width > 32 else "uint32_t"


def default(f):
    if f.enum:
        lowest = f.enum.legal(f.only)[0]
        name = next(n for n, v in f.enum.values.items() if v == lowest)
        return f"{camel(f.enum.name)}::k{camel(name)}"
    return str(f.min)


def _member(f):
    lines = []
    if f.doc:
        lines.append(comment(f.doc, "  "))
    lines.append(f"  {ctype(f)} {f.name} = {default(f)};")
    return "\n".join(lines)


def _stored(fields):
    return [f for f in fields if not f.zero and f.name != "opcode"]


def _imm_operands(c):
    names = {f.name for f in c.fields}
    return [f.name[:-5] for f in c.fields
            if f.enum and f.enum.name == "operand_mode" and {f.name[:-5], f.name[:-5] + "_stride"} <= names]


def isa_header(isa, csr):
    o = ["// The commands: one struct each, and their forms as 64 bytes and as one line of text.", BANNER.format(src="spec/isa.yaml")]
    o.append("""#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>

namespace wren::isa {
""")
    o.append(f"constexpr int kVersion = {isa.version};")
    o.append(f"constexpr size_t kCommandBytes = {isa.command_bits // 8};")
    o.append("// A command as memory holds it: little-endian, bit 0 is bit 0 of byte 0.")
    o.append("using Bytes = std::array<uint8_t, kCommandBytes>;\n")
    for e in isa.enums.values():
        items = ", ".join(f"k{camel(n)} = {v}" for n, v in e.values.items())
        o.append(f"enum class {camel(e.name)} : uint32_t {{ {items} }};")
        o.append(f"const char* ToString({camel(e.name)} value);  // \"?\" for an undefined value")
    o.append("\nenum class Opcode : uint8_t {")
    for c in isa.commands:
        o.append(f"  k{c.ident} = 0x{c.opcode:02X},")
    o.append("};\n")
    o.append("// What every command has. A count of 0 means no wait or no post.")
    o.append("struct Header {")
    for f in _stored(isa.header):
        o.append(_member(f))
    o.append("};\n")
    for c in isa.commands:
        o.append(comment(f"{c.name}: {c.doc}"))
        o.append(f"struct {c.ident} : Header {{")
        o.append(f"  static constexpr Opcode kOpcode = Opcode::k{c.ident};")
        o.append(f"  static constexpr Engine kEngine = Engine::k{camel(c.engine)};")
        for f in c.fields:
            o.append(_member(f))
        for k in _imm_operands(c):
            o.append(f"  // Operand {k} as an immediate: all 32 bits of an FP32 value.")
            o.append(f"""  void Set{camel(k)}Imm(float value) {{
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    {k}_mode = OperandMode::kImm;
    {k} = bits & 0xFFFFF;
    {k}_stride = bits >> 20;
  }}
  float {camel(k)}Imm() const {{
    const uint32_t bits = {k} | ({k}_stride << 20);
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }}""")
        o.append("};\n")
    o.append("using Command = std::variant<" + ", ".join(c.ident for c in isa.commands) + ">;\n")
    o.append("""Opcode OpcodeOf(const Command& command);
Engine EngineOf(const Command& command);
const char* NameOf(const Command& command);  // "ld.copy"
const Header& HeaderOf(const Command& command);
Header& HeaderOf(Command& command);

// The 64 bytes of a command. Throws wren::Error that names the field and its limit when a field is out of
// range, misaligned, or excluded by another field.
Bytes Encode(const Command& command);
// The same without checks (values are cut to their field's width): for tests of the error paths.
Bytes EncodeUnchecked(const Command& command);
// Throws wren::Error on an unknown opcode, a field out of range or a reserved bit that is set.
Command Decode(const Bytes& bytes);

// One line of assembly: the name, fields that differ from their defaults, then irq, tag, wait=(sem,count)
// and post=(sem,count), e.g. "ld.copy src=4096 dst_space=vm len=64 tag=3 wait=(3,1) post=(4,1)".
std::string Disassemble(const Command& command);
// As above for bytes that may be illegal: "illegal: opcode 0xFF", or the text with the bad field named.
std::string Disassemble(const Bytes& bytes);
// The inverse; fields that are not named keep their defaults, text after '#' is ignored.
// Throws wren::Error on an unknown name or value; ranges are checked by Encode.
Command Assemble(const std::string& text);

// Encode and Decode without a word about what is wrong, and fast: false when the command is illegal
// (for TryDecode also when the opcode is unknown). `misaligned` as CheckAlign returns it.
bool TryEncode(const Command& command, Bytes* bytes);
bool TryDecode(const Bytes& bytes, Command* command, uint32_t* misaligned);

// What the control unit checks before it dispatches a command, in its order.
bool OpcodeKnown(uint8_t opcode);
struct FieldCheck {
  bool bad = false;
  int msb = 0;  // highest bit of the field or reserved range: ERR_INFO of the error bad_field
};
// Header fields, then the command's fields in the order of spec/isa.yaml, then reserved bits.
FieldCheck CheckFields(const Bytes& bytes);
// Static alignment (the spec's `align`): bit n is set when operand n (csr::Operand) breaks it. The caller
// ignores operands the command does not use.
uint32_t CheckAlign(const Bytes& bytes);

// Tables behind the functions above, for generators of random commands.
struct EnumSpec {
  const char* name;
  const char* const* members;  // by value; nullptr where undefined
  uint32_t count;
};
struct FieldSpec {
  const char* name;
  uint16_t lsb;
  uint8_t width;
  bool is_signed;
  bool zero;             // reserved by name, must be 0
  int64_t min, max;      // inclusive
  uint32_t align;        // power of two
  int8_t align_operand;  // csr::Operand the alignment belongs to, or -1
  const EnumSpec* enumeration;
  uint32_t legal;        // enums: bit n set when value n is legal
  int16_t when;          // index of the field that must not be 0 for checks to apply, or -1
  int16_t also;          // index of a field that restricts this one, or -1
  uint32_t also_value;   // ... when it has this value
  int64_t also_max;      // ... to at most this,
  uint32_t also_legal;   // ... and for enums to these values
};
struct BitRange {
  uint16_t msb, lsb;
};
struct CommandSpec {
  const char* name;
  Opcode opcode;
  Engine engine;
  const FieldSpec* fields;  // header fields first
  uint16_t header_fields, field_count;
  const BitRange* reserved;
  uint16_t reserved_count;
};
constexpr size_t kMaxFields = 64;
extern const CommandSpec* const kCommands;
extern const size_t kCommandCount;
// nullptr for an unknown opcode.
const CommandSpec* SpecOf(uint8_t opcode);
// Field values in the table's order; signed ones sign-extended. `values` holds kMaxFields.
void GetValues(const Command& command, uint64_t* values);
Command FromValues(Opcode opcode, const uint64_t* values);
""")
    o.append("}  // namespace wren::isa")
    return "\n".join(o) + "\n"


def _legal_mask(e, only):
    m = 0
    for v in e.legal(only):
        m |= 1 << v
    return m


def _field_row(f, fields, command, csr):
    lo, hi = f.limits()
    operand = csr.enums["operand"].values[operand_of(command, f)] if command and f.align > 1 else -1
    enum = f"&k{camel(f.enum.name)}Spec" if f.enum else "nullptr"
    legal = f"0x{_legal_mask(f.enum, f.only):x}" if f.enum else "0"
    index = {g.name: i for i, g in enumerate(fields)}
    when = index[f.when] if f.when else -1
    also, value, top, alegal = -1, 0, 0, "0"
    if f.also:
        also, value = index[f.also["field"].name], f.also["value"]
        top = hi if f.also["max"] is None else f.also["max"]
        alegal = f"0x{_legal_mask(f.enum, f.also['only']):x}" if f.also["only"] else ("0xffffffff" if not f.enum else legal)
    flag = lambda b: "true" if b else "false"
    suffix = "LL" if abs(hi) >= 1 << 31 else ""
    return (f'    {{"{f.name}", {f.lsb}, {f.width}, {flag(f.signed)}, {flag(f.zero)}, {lo}, {hi}{suffix}, {f.align}, {operand}, '
            f"{enum}, {legal}, {when}, {also}, {value}, {top}, {alegal}}},")


HELPERS = """// What the tables say as straight code, for TryEncode and TryDecode. A command is eight words of 64 bits.
template <unsigned kLsb, unsigned kWidth>
inline uint64_t Get(const uint64_t* w) {
  constexpr unsigned kWord = kLsb / 64, kShift = kLsb % 64;
  uint64_t v = w[kWord] >> kShift;
  if constexpr (kShift + kWidth > 64) v |= w[kWord + 1] << (64 - kShift);
  return v & ((uint64_t{1} << kWidth) - 1);
}

template <unsigned kLsb, unsigned kWidth, class T>
inline void Set(uint64_t* w, T value) {
  constexpr unsigned kWord = kLsb / 64, kShift = kLsb % 64;
  const uint64_t v = static_cast<uint64_t>(value) & ((uint64_t{1} << kWidth) - 1);
  w[kWord] |= v << kShift;
  if constexpr (kShift + kWidth > 64) w[kWord + 1] |= v >> (64 - kShift);
}

template <unsigned kLsb, unsigned kWidth>
inline int32_t GetSigned(const uint64_t* w) {
  return static_cast<int32_t>(static_cast<uint32_t>(Get<kLsb, kWidth>(w)) << (32 - kWidth)) >> (32 - kWidth);
}

template <class T>
inline bool In(uint32_t legal, T value) {
  return static_cast<uint32_t>(value) < 32 && (legal >> static_cast<uint32_t>(value) & 1) != 0;
}

template <class... T>
inline uint64_t Or(T... values) {
  return (uint64_t{0} | ... | static_cast<uint64_t>(values));
}
"""


def _or(fields):
    return "Or(" + ", ".join(f"c.{f.name}" for f in fields) + ")"


def _by(fields, key):
    groups = {}
    for f in fields:
        groups.setdefault(key(f), []).append(f)
    return sorted(groups.items())


def _fits(fields):
    """Conditions that break: values beyond their width, and misaligned ones."""
    narrow = [f for f in fields if not f.signed and f.width != 32]  # a member has 32 bits, or 64
    bad = [f"({_or(group)} >> {width}) != 0" for width, group in _by(narrow, lambda f: f.width)]
    bad += [f"(c.{f.name} < {f.limits()[0]} || c.{f.name} > {f.limits()[1]})" for f in fields if f.signed]
    bad += [f"({_or(group)} & {align - 1}) != 0" for align, group in _by([f for f in fields if f.align > 1], lambda f: f.align)]
    return bad


def _illegal(fields):
    """Conditions that break, beyond what the bits and the alignment say."""
    bad = []
    for f in fields:
        lo, hi = f.limits()
        mine = []
        if f.enum:
            mine.append(f"!In(0x{_legal_mask(f.enum, f.only):x}, c.{f.name})")
        elif not f.signed:
            if lo > 0:
                mine.append(f"c.{f.name} < {lo}")
            if hi < f.mask:
                mine.append(f"c.{f.name} > {hi}")
        if f.also:
            other = f.also["field"]
            value = f"{camel(other.enum.name)}::k{camel(f.also['member'])}" if other.enum else f.also["value"]
            test = f"!In(0x{_legal_mask(f.enum, f.also['only']):x}, c.{f.name})" if f.also["only"] else f"c.{f.name} > {f.also['max']}"
            mine.append(f"(c.{other.name} == {value} && {test})")
        if f.when and mine:
            other = next(g for g in fields if g.name == f.when)
            zero = f"static_cast<uint32_t>(c.{other.name}) != 0"
            mine = [f"({zero} && ({' || '.join(mine)}))"]
        bad += mine
    return bad


def _none_of(head, conditions):
    if not conditions:
        return f"{head} {{ return true; }}"
    return f"{head} {{\n  return !(" + " ||\n           ".join(conditions) + ");\n}"


def _straight(isa, csr):
    """Fits, Legal, Misaligned, Pack and Unpack of the header and of each command."""
    o = [HELPERS]
    stored = _stored(isa.header)
    o.append(_none_of("inline bool Fits(const Header& c)", _fits(stored)))
    o.append("inline void Pack(Opcode opcode, const Header& c, uint64_t* w) {")
    for f in isa.header:
        if not f.zero:
            o.append(f"  Set<{f.lsb}, {f.width}>(w, {'opcode' if f.name == 'opcode' else 'c.' + f.name});")
    o.append("}")
    o.append("inline void Unpack(const uint64_t* w, Header* c) {")
    for f in stored:
        o.append(f"  c->{f.name} = static_cast<{ctype(f)}>(Get<{f.lsb}, {f.width}>(w));")
    o.append("}")
    for c in isa.commands:
        arg = " c" if c.fields else ""
        o.append("")
        o.append(_none_of(f"inline bool Fits(const {c.ident}&{arg})", _fits(c.fields)))
        illegal = _illegal(c.fields)
        o.append(_none_of(f"inline bool Legal(const {c.ident}&{' c' if illegal else ''})", illegal))
        aligned = _by([f for f in c.fields if f.align > 1],
                      lambda f: (csr.enums["operand"].values[operand_of(c, f)], f.align))
        o.append(f"inline uint32_t Misaligned(const {c.ident}&{' c' if aligned else ''}) {{")
        terms = [f"({_or(group)} & {align - 1}) != 0 ? 1u << {operand} : 0u" for (operand, align), group in aligned]
        o.append("  return " + (" |\n         ".join(f"({t})" for t in terms) or "0") + ";\n}")
        o.append(f"inline void Pack(const {c.ident}&{arg}, uint64_t*{' w' if c.fields else ''}) {{")
        o += [f"  Set<{f.lsb}, {f.width}>(w, c.{f.name});" for f in c.fields]
        o.append("}")
        o.append(f"inline void Unpack(const uint64_t*{' w' if c.fields else ''}, {c.ident}*{arg}) {{")
        for f in c.fields:
            get = f"GetSigned<{f.lsb}, {f.width}>(w)" if f.signed else f"static_cast<{ctype(f)}>(Get<{f.lsb}, {f.width}>(w))"
            o.append(f"  c->{f.name} = {get};")
        o.append("}")
        masks = [0] * (isa.command_bits // 64)
        ranges = gaps(isa.header + c.fields, isa.command_bits) + [(f.msb, f.lsb) for f in isa.header + c.fields if f.zero]
        for msb, lsb in ranges:
            for b in range(lsb, msb + 1):
                masks[b // 64] |= 1 << (b % 64)
        o.append(f"inline uint64_t Reserved(const uint64_t* w, const {c.ident}&) {{")
        o.append("  return " + " | ".join(f"(w[{i}] & 0x{m:x})" for i, m in enumerate(masks) if m) + ";\n}")
    o.append("""
template <class C>
bool Take(const uint64_t* w, Command* command, uint32_t* misaligned) {
  C& c = command->emplace<C>();
  Unpack(w, static_cast<Header*>(&c));
  Unpack(w, &c);
  *misaligned = Misaligned(c);
  return Reserved(w, c) == 0 && Legal(c);
}""")
    return o


def isa_source(isa, csr):
    o = ["// Field tables of the commands, and the copies between structs and tables.", BANNER.format(src="spec/isa.yaml")]
    o.append('#include "wren/isa/isa.h"\n\nnamespace wren::isa {\nnamespace {\n\n// clang-format off')
    for e in isa.enums.values():
        top = max(e.values.values())
        by = {v: n for n, v in e.values.items()}
        members = ", ".join(f'"{by[i]}"' if i in by else "nullptr" for i in range(top + 1))
        o.append(f"const char* const k{camel(e.name)}Members[] = {{{members}}};")
        o.append(f'const EnumSpec k{camel(e.name)}Spec = {{"{e.name}", k{camel(e.name)}Members, {top + 1}}};')
    for c in isa.commands:
        fields = isa.header + c.fields
        assert len(fields) <= 64
        o.append(f"\nconst FieldSpec k{c.ident}Fields[] = {{")
        for f in isa.header:
            o.append(_field_row(f, fields, None, csr))
        for f in c.fields:
            o.append(_field_row(f, fields, c, csr))
        o.append("};")
        ranges = ", ".join(f"{{{m}, {l}}}" for m, l in gaps(fields, isa.command_bits))
        o.append(f"const BitRange k{c.ident}Reserved[] = {{{ranges}}};")
    o.append("\nconst CommandSpec kCommandTable[] = {")
    for c in isa.commands:
        n = len(gaps(isa.header + c.fields, isa.command_bits))
        o.append(f'    {{"{c.name}", Opcode::k{c.ident}, Engine::k{camel(c.engine)}, k{c.ident}Fields, {len(isa.header)}, '
                 f"{len(isa.header) + len(c.fields)}, k{c.ident}Reserved, {n}}},")
    o.append("};")
    o.append("\nvoid PutHeader(Opcode opcode, const Header& h, uint64_t* v) {")
    for i, f in enumerate(isa.header):
        if f.name == "opcode":
            o.append(f"  v[{i}] = static_cast<uint64_t>(opcode);")
        else:
            o.append(f"  v[{i}] = 0;" if f.zero else f"  v[{i}] = h.{f.name};")
    o.append("}\n\nvoid TakeHeader(Header& h, const uint64_t* v) {")
    for i, f in enumerate(isa.header):
        if f.name != "opcode" and not f.zero:
            o.append(f"  h.{f.name} = static_cast<{ctype(f)}>(v[{i}]);")
    o.append("}\n")
    base = len(isa.header)
    for c in isa.commands:
        arg = " /*c*/" if not c.fields else " c"
        o.append(f"void Put(const {c.ident}&{arg}, uint64_t* {'v' if c.fields else '/*v*/'}) {{")
        for i, f in enumerate(c.fields):
            cast = "static_cast<uint64_t>(static_cast<int64_t>(c.%s))" if f.signed else "static_cast<uint64_t>(c.%s)"
            o.append(f"  v[{base + i}] = {cast % f.name};")
        o.append("}")
        o.append(f"void Take({c.ident}&{arg}, const uint64_t* {'v' if c.fields else '/*v*/'}) {{")
        for i, f in enumerate(c.fields):
            o.append(f"  c.{f.name} = static_cast<{ctype(f)}>(v[{base + i}]);")
        o.append("}")
    o.append("")
    o += _straight(isa, csr)
    o.append("// clang-format on\n\n}  // namespace\n")
    o.append("const CommandSpec* const kCommands = kCommandTable;")
    o.append(f"const size_t kCommandCount = {len(isa.commands)};\n")
    for e in isa.enums.values():
        n = camel(e.name)
        o.append(f"""const char* ToString({n} value) {{
  const uint32_t i = static_cast<uint32_t>(value);
  return i < k{n}Spec.count && k{n}Spec.members[i] ? k{n}Spec.members[i] : "?";
}}""")
    o.append("""
void GetValues(const Command& command, uint64_t* values) {
  std::visit(
      [values](const auto& c) {
        PutHeader(c.kOpcode, c, values);
        Put(c, values);
      },
      command);
}
""")
    o.append("Command FromValues(Opcode opcode, const uint64_t* values) {\n  Command command;\n  switch (opcode) {")
    for c in isa.commands:
        o.append(f"    case Opcode::k{c.ident}:\n      command = {c.ident}{{}};\n      break;")
    o.append("""  }
  std::visit(
      [values](auto& c) {
        TakeHeader(c, values);
        Take(c, values);
      },
      command);
  return command;
}
""")
    o.append("""bool TryEncode(const Command& command, Bytes* bytes) {
  uint64_t words[kCommandBytes / 8] = {};
  const bool legal = std::visit(
      [&words](const auto& c) {
        const Header& header = c;
        Pack(c.kOpcode, header, words);
        Pack(c, words);
        return Fits(header) && Fits(c) && Legal(c);
      },
      command);
  std::memcpy(bytes->data(), words, kCommandBytes);
  return legal;
}

bool TryDecode(const Bytes& bytes, Command* command, uint32_t* misaligned) {
  uint64_t words[kCommandBytes / 8];
  std::memcpy(words, bytes.data(), kCommandBytes);
  switch (static_cast<Opcode>(bytes[0])) {""")
    for c in isa.commands:
        o.append(f"    case Opcode::k{c.ident}:\n      return Take<{c.ident}>(words, command, misaligned);")
    o.append("  }\n  return false;\n}\n")
    o.append("}  // namespace wren::isa")
    return "\n".join(o) + "\n"


# Names that would read badly or collide (wren::Error).
CSR_ENUM = {"error": "ErrorCode"}


def csr_header(csr):
    o = ["// Control and status registers: byte offsets, fields and enums.", BANNER.format(src="spec/csr.yaml")]
    o.append("#pragma once\n\n#include <cstdint>\n\nnamespace wren::csr {\n")
    o.append("""// A field of a 32-bit register.
struct Field {
  unsigned lsb, width;
  constexpr uint32_t Mask() const { return (width == 32 ? 0xFFFFFFFFu : (1u << width) - 1u) << lsb; }
  constexpr uint32_t Get(uint32_t word) const { return (word & Mask()) >> lsb; }
  constexpr uint32_t Put(uint32_t value) const { return (value << lsb) & Mask(); }
};
""")
    for e in csr.enums.values():
        n = CSR_ENUM.get(e.name, camel(e.name))
        o.append(f"enum class {n} : uint32_t {{")
        for m, v in e.values.items():
            o.append(f"  k{camel(m)} = {v},")
        o.append("};")
        o.append(f"inline const char* ToString({n} value) {{\n  switch (value) {{")
        for m in e.values:
            o.append(f'    case {n}::k{camel(m)}:\n      return "{m}";')
        o.append('  }\n  return "?";\n}\n')
    for r in csr.registers:
        words = f" {r.words} words." if r.words > 1 else ""
        o.append(comment(f"{r.access}.{words} {r.doc}"))
        o.append(f"constexpr uint32_t k{camel(r.name)} = 0x{r.offset:03X};")
        if r.reset:
            o.append(f"constexpr uint32_t k{camel(r.name)}Reset = 0x{r.reset:08X};")
        for f in r.fields:
            o.append(f"constexpr Field k{camel(r.name)}{camel(f.name)}{{{f.lsb}, {f.width}}};  // {f.doc}")
    o.append("\n}  // namespace wren::csr")
    return "\n".join(o) + "\n"
