// Packs, checks, prints and parses commands by the tables of isa_gen.cpp.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::isa {
namespace {

// The eight bytes that hold bits [lsb, lsb + width): fields have at most 40 bits, so they fit.
size_t WordAt(unsigned lsb) { return std::min<size_t>(lsb / 8, kCommandBytes - 8); }

uint64_t Mask(unsigned width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

uint64_t GetBits(const Bytes& bytes, unsigned lsb, unsigned width) {
  const size_t at = WordAt(lsb);
  uint64_t word;
  std::memcpy(&word, &bytes[at], 8);
  return word >> (lsb - 8 * at) & Mask(width);
}

void SetBits(Bytes& bytes, unsigned lsb, unsigned width, uint64_t value) {
  const size_t at = WordAt(lsb);
  const unsigned shift = lsb - static_cast<unsigned>(8 * at);
  uint64_t word;
  std::memcpy(&word, &bytes[at], 8);
  word = (word & ~(Mask(width) << shift)) | (value & Mask(width)) << shift;
  std::memcpy(&bytes[at], &word, 8);
}

void Unpack(const CommandSpec& spec, const Bytes& bytes, uint64_t* values) {
  for (unsigned i = 0; i < spec.field_count; ++i) {
    const FieldSpec& f = spec.fields[i];
    uint64_t v = GetBits(bytes, f.lsb, f.width);
    if (f.is_signed && (v >> (f.width - 1)) & 1) v |= ~uint64_t{0} << f.width;
    values[i] = v;
  }
}

Bytes Pack(const CommandSpec& spec, const uint64_t* values) {
  Bytes bytes{};
  for (unsigned i = 0; i < spec.field_count; ++i) {
    SetBits(bytes, spec.fields[i].lsb, spec.fields[i].width, values[i]);
  }
  return bytes;
}

std::string ValueText(const FieldSpec& f, uint64_t value) {
  if (f.enumeration && value < f.enumeration->count && f.enumeration->members[value]) {
    return f.enumeration->members[value];
  }
  if (f.is_signed) return std::to_string(static_cast<int64_t>(value));
  return std::to_string(value);
}

std::string LegalText(const FieldSpec& f, uint32_t legal) {
  std::string text;
  for (uint32_t v = 0; v < f.enumeration->count; ++v) {
    if ((legal >> v) & 1)
      text += (text.empty() ? "" : ", ") + std::string(f.enumeration->members[v]);
  }
  return text;
}

bool InLegal(uint32_t legal, uint64_t value) { return value < 32 && ((legal >> value) & 1); }

bool Applies(const FieldSpec& f, const uint64_t* values) {
  return f.when < 0 || values[f.when] != 0;
}

bool Restricted(const FieldSpec& f, const uint64_t* values) {
  return f.also >= 0 && values[f.also] == f.also_value;
}

// Why a field's value is illegal, as the end of "field 'x' is 7, "; empty when it is legal.
std::string RangeProblem(const CommandSpec& spec, const uint64_t* values, unsigned i) {
  const FieldSpec& f = spec.fields[i];
  const uint64_t v = values[i];
  if (f.zero) return v ? "it is reserved and must be 0" : "";
  if (f.is_signed) {
    const int64_t s = static_cast<int64_t>(v);
    if (s < f.min) return "the smallest value is " + std::to_string(f.min);
    if (s > f.max) return "the largest value is " + std::to_string(f.max);
    return "";
  }
  if (f.width < 64 && (v >> f.width) != 0) return "it has " + std::to_string(f.width) + " bits";
  if (!Applies(f, values)) return "";
  if (f.enumeration && !InLegal(f.legal, v)) return "legal are " + LegalText(f, f.legal);
  if (v < static_cast<uint64_t>(f.min)) return "the smallest value is " + std::to_string(f.min);
  if (v > static_cast<uint64_t>(f.max)) return "the largest value is " + std::to_string(f.max);
  if (Restricted(f, values)) {
    const FieldSpec& other = spec.fields[f.also];
    const std::string when =
        " when '" + std::string(other.name) + "' is " + ValueText(other, values[f.also]);
    if (f.enumeration && !InLegal(f.also_legal, v))
      return "legal are " + LegalText(f, f.also_legal) + when;
    if (v > static_cast<uint64_t>(f.also_max)) {
      return "the largest value is " + std::to_string(f.also_max) + when;
    }
  }
  return "";
}

const CommandSpec& SpecOrThrow(uint8_t opcode) {
  const CommandSpec* spec = SpecOf(opcode);
  if (!spec)
    throw Error("unknown opcode " + std::to_string(opcode) + "; docs/isa.md lists the commands");
  return *spec;
}

std::string Complaint(const CommandSpec& spec, const uint64_t* values, unsigned i,
                      const std::string& problem) {
  const FieldSpec& f = spec.fields[i];
  return std::string(spec.name) + ": field '" + f.name + "' is " + ValueText(f, values[i]) + ", " +
         problem;
}

// Index of a header field by name; the tables always have it.
unsigned HeaderIndex(const CommandSpec& spec, const std::string& name) {
  for (unsigned i = 0; i < spec.header_fields; ++i) {
    if (name == spec.fields[i].name) return i;
  }
  throw Error("command header has no field '" + name + "'");
}

uint64_t ParseNumber(const std::string& text, const std::string& where) {
  char* end = nullptr;
  errno = 0;
  const bool negative = !text.empty() && text[0] == '-';
  const uint64_t value = negative ? static_cast<uint64_t>(std::strtoll(text.c_str(), &end, 0))
                                  : std::strtoull(text.c_str(), &end, 0);
  if (text.empty() || *end != '\0' || errno != 0) {
    throw Error(where + ": '" + text + "' is not a number");
  }
  return value;
}

uint64_t ParseValue(const CommandSpec& spec, const FieldSpec& f, const std::string& text) {
  const std::string where = std::string(spec.name) + ": field '" + f.name + "'";
  const bool numeric =
      !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '-');
  if (f.enumeration && !numeric) {
    for (uint32_t v = 0; v < f.enumeration->count; ++v) {
      if (f.enumeration->members[v] && text == f.enumeration->members[v]) return v;
    }
    throw Error(where + ": '" + text + "' is not one of " + LegalText(f, f.legal));
  }
  const uint64_t value = ParseNumber(text, where);
  const bool fits =
      f.is_signed ? static_cast<int64_t>(value) >= f.min && static_cast<int64_t>(value) <= f.max
                  : (value >> f.width) == 0;
  if (!fits)
    throw Error(where + ": " + text + " does not fit " + std::to_string(f.width) + " bits");
  return value;
}

}  // namespace

const CommandSpec* SpecOf(uint8_t opcode) {
  for (size_t i = 0; i < kCommandCount; ++i) {
    if (static_cast<uint8_t>(kCommands[i].opcode) == opcode) return &kCommands[i];
  }
  return nullptr;
}

bool OpcodeKnown(uint8_t opcode) { return SpecOf(opcode) != nullptr; }

Opcode OpcodeOf(const Command& command) {
  return std::visit([](const auto& c) { return c.kOpcode; }, command);
}
Engine EngineOf(const Command& command) {
  return std::visit([](const auto& c) { return c.kEngine; }, command);
}
const char* NameOf(const Command& command) {
  return SpecOf(static_cast<uint8_t>(OpcodeOf(command)))->name;
}
const Header& HeaderOf(const Command& command) {
  return std::visit([](const auto& c) -> const Header& { return c; }, command);
}
Header& HeaderOf(Command& command) {
  return std::visit([](auto& c) -> Header& { return c; }, command);
}

Bytes EncodeUnchecked(const Command& command) {
  uint64_t values[kMaxFields] = {};
  GetValues(command, values);
  return Pack(SpecOrThrow(static_cast<uint8_t>(OpcodeOf(command))), values);
}

Bytes Encode(const Command& command) {
  Bytes bytes;
  if (TryEncode(command, &bytes)) return bytes;
  const CommandSpec& spec = SpecOrThrow(static_cast<uint8_t>(OpcodeOf(command)));
  uint64_t values[kMaxFields] = {};
  GetValues(command, values);
  for (unsigned i = 0; i < spec.field_count; ++i) {
    const FieldSpec& f = spec.fields[i];
    std::string problem = RangeProblem(spec, values, i);
    if (problem.empty() && values[i] % f.align != 0)
      problem = "it must be a multiple of " + std::to_string(f.align);
    if (!problem.empty()) throw Error(Complaint(spec, values, i, problem));
  }
  throw Error(std::string(spec.name) +
              ": TryEncode refuses what the tables allow; run `make spec`");
}

Command Decode(const Bytes& bytes) {
  const CommandSpec& spec = SpecOrThrow(bytes[0]);
  uint64_t values[kMaxFields] = {};
  Unpack(spec, bytes, values);
  for (unsigned i = 0; i < spec.field_count; ++i) {
    const std::string problem = RangeProblem(spec, values, i);
    if (!problem.empty()) throw Error(Complaint(spec, values, i, problem));
  }
  const FieldCheck check = CheckFields(bytes);
  if (check.bad) {
    throw Error(std::string(spec.name) + ": reserved bits up to bit " + std::to_string(check.msb) +
                " are not 0");
  }
  return FromValues(spec.opcode, values);
}

FieldCheck CheckFields(const Bytes& bytes) {
  const CommandSpec* spec = SpecOf(bytes[0]);
  if (!spec) return {};
  uint64_t values[kMaxFields] = {};
  Unpack(*spec, bytes, values);
  for (unsigned i = 0; i < spec->field_count; ++i) {
    const FieldSpec& f = spec->fields[i];
    if (!RangeProblem(*spec, values, i).empty()) return {true, f.lsb + f.width - 1};
  }
  for (unsigned i = 0; i < spec->reserved_count; ++i) {
    const BitRange r = spec->reserved[i];
    for (unsigned b = r.lsb; b <= r.msb; ++b) {
      if (GetBits(bytes, b, 1)) return {true, r.msb};
    }
  }
  return {};
}

uint32_t CheckAlign(const Bytes& bytes) {
  const CommandSpec* spec = SpecOf(bytes[0]);
  if (!spec) return 0;
  uint32_t result = 0;
  for (unsigned i = 0; i < spec->field_count; ++i) {
    const FieldSpec& f = spec->fields[i];
    if (f.align_operand >= 0 && GetBits(bytes, f.lsb, f.width) % f.align != 0)
      result |= 1u << f.align_operand;
  }
  return result;
}

std::string Disassemble(const Command& command) {
  const CommandSpec& spec = *SpecOf(static_cast<uint8_t>(OpcodeOf(command)));
  uint64_t values[kMaxFields] = {};
  uint64_t defaults[kMaxFields] = {};
  GetValues(command, values);
  std::visit([&](const auto& c) { GetValues(std::decay_t<decltype(c)>{}, defaults); }, command);
  std::string text = spec.name;
  for (unsigned i = spec.header_fields; i < spec.field_count; ++i) {
    if (values[i] == defaults[i]) continue;
    text += " " + std::string(spec.fields[i].name) + "=" + ValueText(spec.fields[i], values[i]);
  }
  const Header& h = HeaderOf(command);
  if (h.irq) text += " irq=1";
  if (h.tag) text += " tag=" + std::to_string(h.tag);
  const auto pair = [&text](const char* name, uint32_t sem0, uint32_t cnt0, uint32_t sem1,
                            uint32_t cnt1) {
    const auto one = [&](uint32_t sem, uint32_t cnt) {
      text +=
          std::string(" ") + name + "=(" + std::to_string(sem) + "," + std::to_string(cnt) + ")";
    };
    const bool second = sem1 || cnt1;
    if (sem0 || cnt0 || second) one(sem0, cnt0);
    if (second) one(sem1, cnt1);
  };
  pair("wait", h.wait0_sem, h.wait0_cnt, h.wait1_sem, h.wait1_cnt);
  pair("post", h.post0_sem, h.post0_cnt, h.post1_sem, h.post1_cnt);
  return text;
}

std::string Disassemble(const Bytes& bytes) {
  const CommandSpec* spec = SpecOf(bytes[0]);
  if (!spec) return "illegal: opcode " + std::to_string(bytes[0]);
  uint64_t values[kMaxFields] = {};
  Unpack(*spec, bytes, values);
  std::string text = Disassemble(FromValues(spec->opcode, values));
  const FieldCheck check = CheckFields(bytes);
  if (!check.bad) return text;
  for (unsigned i = 0; i < spec->field_count; ++i) {
    const std::string problem = RangeProblem(*spec, values, i);
    if (!problem.empty()) return text + "  # illegal: " + Complaint(*spec, values, i, problem);
  }
  return text + "  # illegal: reserved bits up to bit " + std::to_string(check.msb) + " are not 0";
}

Command Assemble(const std::string& line) {
  const std::string text = line.substr(0, line.find('#'));
  std::string words[kMaxFields + 8];
  size_t count = 0;
  for (size_t i = 0; i < text.size();) {
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
    if (count == kMaxFields + 8) throw Error("assembly line has too many words: " + line);
    words[count++] = text.substr(i, end - i);
    i = end;
  }
  if (count == 0) throw Error("assembly line is empty");

  const CommandSpec* spec = nullptr;
  for (size_t i = 0; i < kCommandCount; ++i) {
    if (words[0] == kCommands[i].name) spec = &kCommands[i];
  }
  if (!spec) throw Error("unknown command '" + words[0] + "'; docs/isa.md lists the commands");

  uint64_t values[kMaxFields] = {};
  const uint64_t zeros[kMaxFields] = {};
  std::visit([&](const auto& c) { GetValues(std::decay_t<decltype(c)>{}, values); },
             FromValues(spec->opcode, zeros));
  bool named[kMaxFields] = {};
  int waits = 0, posts = 0;
  for (size_t w = 1; w < count; ++w) {
    const size_t eq = words[w].find('=');
    if (eq == std::string::npos) throw Error(words[0] + ": '" + words[w] + "' is not name=value");
    const std::string name = words[w].substr(0, eq), value = words[w].substr(eq + 1);
    if (name == "wait" || name == "post") {
      int& used = name == "wait" ? waits : posts;
      const size_t comma = value.find(',');
      if (value.size() < 5 || value.front() != '(' || value.back() != ')' ||
          comma == std::string::npos) {
        throw Error(words[0] + ": '" + words[w] + "' is not " + name + "=(semaphore,count)");
      }
      if (used == 2) throw Error(words[0] + ": more than two " + name + "s");
      const std::string prefix = name + std::to_string(used++);
      const unsigned sem = HeaderIndex(*spec, prefix + "_sem"),
                     cnt = HeaderIndex(*spec, prefix + "_cnt");
      values[sem] = ParseValue(*spec, spec->fields[sem], value.substr(1, comma - 1));
      values[cnt] =
          ParseValue(*spec, spec->fields[cnt], value.substr(comma + 1, value.size() - comma - 2));
      continue;
    }
    unsigned i = 0;
    while (i < spec->field_count && name != spec->fields[i].name) ++i;
    // Of the header only irq and tag are named; the semaphores have their own form.
    if (i == spec->field_count || (i < spec->header_fields && name != "irq" && name != "tag")) {
      throw Error(words[0] + ": no field '" + name + "'");
    }
    if (named[i]) throw Error(words[0] + ": field '" + name + "' is given twice");
    named[i] = true;
    values[i] = ParseValue(*spec, spec->fields[i], value);
  }
  return FromValues(spec->opcode, values);
}

}  // namespace wren::isa
