// Random commands through every form (struct, bytes, text), and the generated RTL checks against
// the generated C++ ones.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "Vspec_check.h"
#include "gtest/gtest.h"
#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::isa {
namespace {

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 1;
}

std::string EncodeError(const Command& command) {
  try {
    Encode(command);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

class IsaCodec : public ::testing::Test {
 protected:
  void SetUp() override { RecordProperty("seed", std::to_string(Seed())); }

  uint64_t Below(uint64_t n) { return n == 0 ? rng_() : rng_() % n; }

  // A value the field may have on its own: edges often, else uniform, aligned.
  uint64_t LegalValue(const FieldSpec& f) {
    if (f.zero) return 0;
    if (f.enumeration) {
      for (;;) {
        const uint64_t v = Below(f.enumeration->count);
        if ((f.legal >> v) & 1) return v;
      }
    }
    const int64_t step = f.align;
    const int64_t lo = (f.min + step - 1) / step, hi = f.max / step;
    const uint64_t span = static_cast<uint64_t>(hi - lo) + 1;
    const uint64_t pick = Below(8);
    const uint64_t offset = pick == 0 ? 0 : pick == 1 ? span - 1 : Below(span);
    return static_cast<uint64_t>((lo + static_cast<int64_t>(offset)) * step);
  }

  Command RandomCommand() {
    const CommandSpec& spec = kCommands[Below(kCommandCount)];
    uint64_t values[kMaxFields] = {};
    for (unsigned i = 0; i < spec.field_count; ++i) values[i] = LegalValue(spec.fields[i]);
    // Repair fields that another field restricts.
    for (unsigned i = 0; i < spec.field_count; ++i) {
      const FieldSpec& f = spec.fields[i];
      if (f.also < 0 || values[f.also] != f.also_value) continue;
      if (!f.enumeration) values[i] = static_cast<uint64_t>(f.min);
      for (uint32_t v = 0; f.enumeration && v < f.enumeration->count; ++v) {
        if ((f.also_legal >> v) & 1) values[i] = v;
      }
    }
    return FromValues(spec.opcode, values);
  }

  std::mt19937_64 rng_{Seed()};
};

TEST_F(IsaCodec, EveryFormOfARandomCommandIsTheSameCommand) {
  for (int i = 0; i < 20000; ++i) {
    const Command command = RandomCommand();
    const Bytes bytes = Encode(command);
    EXPECT_EQ(bytes, EncodeUnchecked(command));
    const Command decoded = Decode(bytes);
    const std::string text = Disassemble(decoded);
    ASSERT_EQ(Encode(decoded), bytes) << text << " seed " << Seed();
    ASSERT_EQ(Encode(Assemble(text)), bytes) << text << " seed " << Seed();
    ASSERT_EQ(Disassemble(bytes), text) << " seed " << Seed();
    ASSERT_FALSE(CheckFields(bytes).bad) << text << " seed " << Seed();
    ASSERT_EQ(CheckAlign(bytes), 0u) << text << " seed " << Seed();
  }
}

// Commands with a field or two that may be anything, also wider than its place.
TEST_F(IsaCodec, StraightCodeJudgesAndPacksAsTheTablesDo) {
  int legal = 0, rounds = 40000;
  for (int i = 0; i < rounds; ++i) {
    const Command command = RandomCommand();
    const CommandSpec& spec = *SpecOf(static_cast<uint8_t>(OpcodeOf(command)));
    uint64_t values[kMaxFields] = {}, stored[kMaxFields] = {}, kept[kMaxFields] = {};
    GetValues(command, values);
    for (uint64_t k = Below(3); k > 0; --k) {
      const unsigned at = 1 + static_cast<unsigned>(Below(spec.field_count - 1u));
      const unsigned bits = spec.fields[at].width;
      values[at] = Below(4) == 0   ? rng_()
                   : Below(4) == 0 ? uint64_t{1} << bits
                                   : Below(1u << std::min(bits, 6u));
    }
    const Command changed = FromValues(spec.opcode, values);
    const Bytes want = EncodeUnchecked(changed);
    // What the struct holds survives its place in the bytes, and nothing else is wrong.
    const std::string text = Disassemble(changed) + " seed " + std::to_string(Seed());
    GetValues(changed, stored);
    Command decoded;
    uint32_t misaligned = 0;
    ASSERT_EQ(TryDecode(want, &decoded, &misaligned), !CheckFields(want).bad) << text;
    ASSERT_EQ(misaligned, CheckAlign(want)) << text;
    GetValues(decoded, kept);
    const bool fits = std::equal(stored, stored + spec.field_count, kept);
    const bool good = fits && !CheckFields(want).bad && misaligned == 0;
    legal += good ? 1 : 0;
    Bytes bytes;
    ASSERT_EQ(TryEncode(changed, &bytes), good) << text;
    ASSERT_EQ(bytes, want) << text;
    ASSERT_EQ(EncodeError(changed) == "no error", good) << text;
  }
  EXPECT_GT(legal, rounds / 4);
  EXPECT_LT(legal, rounds * 3 / 4);
}

TEST_F(IsaCodec, StraightCodeRefusesUnknownOpcodesAndReservedBits) {
  Command command;
  uint32_t misaligned = 0;
  for (size_t i = 0; i < kCommandCount; ++i) {
    Bytes bytes{};
    for (;;) {  // a command of this opcode
      command = RandomCommand();
      bytes = Encode(command);
      if (bytes[0] == static_cast<uint8_t>(kCommands[i].opcode)) break;
    }
    for (unsigned bit = 8; bit < 8 * kCommandBytes; ++bit) {
      Bytes flipped = bytes;
      flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      ASSERT_EQ(TryDecode(flipped, &command, &misaligned), !CheckFields(flipped).bad)
          << Disassemble(flipped) << " seed " << Seed();
    }
  }
  for (unsigned opcode = 0; opcode < 256; ++opcode) {
    Bytes bytes{};
    bytes[0] = static_cast<uint8_t>(opcode);
    if (!OpcodeKnown(bytes[0])) {
      EXPECT_FALSE(TryDecode(bytes, &command, &misaligned)) << opcode;
    }
  }
}

TEST_F(IsaCodec, FieldsLieWhereTheSpecPutsThem) {
  MxeGemm c;
  c.ab = 0x1234;
  c.kb = 0x00FF;
  c.order = LoopOrder::kKOuter;
  c.wait1_sem = 31;
  c.wait1_cnt = 200;
  c.tag = 0xAABBCCDD;
  const Bytes b = Encode(c);
  EXPECT_EQ(b[0], 0x30);
  EXPECT_EQ(b[4], 0xDD);
  EXPECT_EQ(b[7], 0xAA);
  EXPECT_EQ(b[10], 31);
  EXPECT_EQ(b[11], 200);
  EXPECT_EQ(b[16], 0x34);
  EXPECT_EQ(b[17], 0x12);
  EXPECT_EQ(b[34], 0xFF);
  EXPECT_EQ(b[35], 0x00);
  EXPECT_EQ(b[36], 0x02);
}

TEST_F(IsaCodec, NegativeDiagonalsSurvive) {
  GtaOp c;
  c.diag = -32768;
  const Command back = Decode(Encode(c));
  EXPECT_EQ(std::get<GtaOp>(back).diag, -32768);
  EXPECT_EQ(std::get<GtaOp>(Assemble(Disassemble(back))).diag, -32768);
}

TEST_F(IsaCodec, ImmediatesKeepAll32Bits) {
  GtaOp c;
  c.SetAImm(-1.17549449e-38f);
  const Command back = Decode(Encode(c));
  EXPECT_EQ(std::get<GtaOp>(back).AImm(), -1.17549449e-38f);
  EXPECT_EQ(std::get<GtaOp>(back).a_mode, OperandMode::kImm);
}

TEST_F(IsaCodec, EncoderNamesTheFieldAndItsLimit) {
  MxeGemm gemm;
  gemm.kb = 70000;
  EXPECT_EQ(EncodeError(gemm), "mxe.gemm: field 'kb' is 70000, it has 16 bits");
  gemm.kb = 0;
  EXPECT_EQ(EncodeError(gemm), "mxe.gemm: field 'kb' is 0, the smallest value is 1");
  gemm.kb = 1;
  gemm.w_format = static_cast<WeightFormat>(4);
  EXPECT_EQ(EncodeError(gemm),
            "mxe.gemm: field 'w_format' is 4, legal are q8, q4_0, iq4_nl, mxfp4");
  LdCopy copy;
  copy.len = 64;
  copy.src = 24;
  EXPECT_EQ(EncodeError(copy), "ld.copy: field 'src' is 24, it must be a multiple of 16");
  GtaOp op;
  op.x_space = XSpace::kAcc;
  op.x_format = XFormat::kBf16;
  EXPECT_EQ(EncodeError(op),
            "gta.op: field 'x_format' is bf16, legal are f32, i32 when 'x_space' is acc");
}

TEST_F(IsaCodec, AssemblerNamesWhatItDoesNotUnderstand) {
  const auto error = [](const char* text) -> std::string {
    try {
      Assemble(text);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_EQ(error("mxe.gem kb=1"), "unknown command 'mxe.gem'; docs/isa.md lists the commands");
  EXPECT_EQ(error("mxe.gemm kc=1"), "mxe.gemm: no field 'kc'");
  EXPECT_EQ(error("mxe.gemm kb=1 kb=2"), "mxe.gemm: field 'kb' is given twice");
  EXPECT_EQ(error("mxe.gemm order=x"),
            "mxe.gemm: field 'order': 'x' is not one of n_outer, k_outer");
  EXPECT_EQ(error("mxe.gemm wait=3"), "mxe.gemm: 'wait=3' is not wait=(semaphore,count)");
  EXPECT_EQ(error("mxe.gemm wait=(32,1)"), "mxe.gemm: field 'wait0_sem': 32 does not fit 5 bits");
  EXPECT_EQ(error("  # nothing"), "assembly line is empty");
}

TEST_F(IsaCodec, DecodeRejectsUnknownOpcodesAndReservedBits) {
  Bytes b = Encode(CtlNop{});
  b[63] = 0x80;
  EXPECT_THROW(Decode(b), Error);
  b[63] = 0;
  b[0] = 0xFF;
  EXPECT_THROW(Decode(b), Error);
  EXPECT_EQ(Disassemble(b), "illegal: opcode 255");
}

TEST_F(IsaCodec, RtlAndCppJudgeDamagedCommandsAlike) {
  VerilatedContext context;
  Vspec_check dut(&context);
  int bad = 0, misaligned = 0;
  for (int i = 0; i < 200000; ++i) {
    Bytes bytes = Encode(RandomCommand());
    // No damage, a few flipped bits, or a random field.
    const uint64_t kind = Below(3);
    if (kind == 1) {
      for (uint64_t n = 1 + Below(3); n > 0; --n)
        bytes[Below(64)] ^= static_cast<uint8_t>(1u << Below(8));
    } else if (kind == 2) {
      const uint64_t first = Below(60);
      for (uint64_t n = 0; n < 4; ++n)
        bytes[first + n] = Below(2) ? static_cast<uint8_t>(Below(256)) : 0;
    }
    for (int w = 0; w < 16; ++w) {
      dut.cmd_i[w] = bytes[4 * w] | bytes[4 * w + 1] << 8 | bytes[4 * w + 2] << 16 |
                     static_cast<uint32_t>(bytes[4 * w + 3]) << 24;
    }
    dut.eval();
    const std::string where =
        Disassemble(bytes) + " seed " + std::to_string(Seed()) + " round " + std::to_string(i);
    ASSERT_EQ(dut.known_o != 0, OpcodeKnown(bytes[0])) << where;
    if (!OpcodeKnown(bytes[0])) continue;
    ASSERT_EQ(dut.engine_o, static_cast<uint32_t>(SpecOf(bytes[0])->engine)) << where;
    const FieldCheck check = CheckFields(bytes);
    ASSERT_EQ(dut.bad_o != 0, check.bad) << where;
    if (check.bad) ASSERT_EQ(dut.msb_o, check.msb) << where;
    ASSERT_EQ(dut.align_o, CheckAlign(bytes)) << where;
    bad += check.bad;
    misaligned += CheckAlign(bytes) != 0;
  }
  // The damage reaches both kinds of check, often.
  EXPECT_GT(bad, 20000);
  EXPECT_GT(misaligned, 5000);
}

}  // namespace
}  // namespace wren::isa
