// What the dispatcher refuses, with which code and info, and that a refused command changes
// nothing.
#include <gtest/gtest.h>

#include <functional>

#include "naive.h"
#include "random_commands.h"
#include "wren/error.h"
#include "wren/isa/model.h"

namespace wren::isa {
namespace {

using csr::Operand;

class Checks : public ::testing::Test {
 protected:
  Checks() : ext_(4096), model_(Config::Named("nano"), ext_) {}

  Status Of(const Command& command) { return model_.Check(EncodeUnchecked(command).data()); }

  void ExpectOperand(const Command& command, Fault fault, Operand operand) {
    const Status status = Of(command);
    EXPECT_EQ(status.fault, fault) << Disassemble(command) << ": " << status.ToString();
    EXPECT_EQ(status.info, static_cast<uint32_t>(operand))
        << Disassemble(command) << ": " << status.ToString();
    EXPECT_EQ(status.engine, EngineOf(command));
  }
  void ExpectOk(const Command& command) {
    EXPECT_TRUE(Of(command).ok()) << Disassemble(command) << ": " << Of(command).ToString();
  }
  void ExpectField(const Command& command, uint32_t msb) {
    const Status status = Of(command);
    EXPECT_EQ(status.fault, Fault::kBadField) << Disassemble(command);
    EXPECT_EQ(status.info, msb) << Disassemble(command);
    EXPECT_EQ(status.engine, EngineOf(command));
  }

  FlatMemory ext_;
  Model model_;
};

// nano: AB 256 words of 2 blocks, WB 256 sets of 1, VM 32768 bytes, ACC 512 words of 2 x 1, L2
// 131072, 4 tables.

TEST_F(Checks, UnknownOpcodesAreNamed) {
  for (int opcode = 0; opcode < 256; ++opcode) {
    Bytes bytes = EncodeUnchecked(CtlNop{});
    bytes[0] = static_cast<uint8_t>(opcode);
    if (OpcodeKnown(bytes[0])) continue;
    const Status status = model_.Check(bytes.data());
    EXPECT_EQ(status.fault, Fault::kBadOpcode);
    EXPECT_EQ(status.info, static_cast<uint32_t>(opcode));
    EXPECT_EQ(status.engine, Engine::kCtl);
  }
}

TEST_F(Checks, FieldsAreJudgedAsTheCodecJudgesThem) {
  naive::RandomCommands random(model_.config(), 4096, naive::Seed(31));
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<uint8_t> vm(model_.config().vm);
    const Command commands[] = {random.Copy(),      random.Fill(),  random.Gather(&vm),
                                random.Transpose(), random.Store(), random.Gemm(),
                                random.Gta(),       CtlNop{},       CtlFence{}};
    Bytes bytes = Encode(commands[i % 9]);
    const int flips = 1 + static_cast<int>(random.Below(2));
    for (int k = 0; k < flips; ++k) {
      const uint32_t bit = 8 + random.Below(504);
      bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
    const FieldCheck want = CheckFields(bytes);
    const Status got = model_.Check(bytes.data());
    ASSERT_EQ(want.bad || (got.fault == Fault::kBadField && got.info == 387),
              got.fault == Fault::kBadField)
        << Disassemble(bytes);
    if (want.bad) {
      ++refused;
      ASSERT_EQ(got.info, static_cast<uint32_t>(want.msb)) << Disassemble(bytes);
    }
  }
  EXPECT_GT(refused, 2000);
}

TEST_F(Checks, LegalRandomCommandsPass) {
  naive::RandomCommands random(model_.config(), 4096, naive::Seed(32));
  for (int i = 0; i < 300; ++i) {
    ExpectOk(random.Gta());
    ExpectOk(random.Gemm());
    ExpectOk(random.Copy());
    ExpectOk(random.Store());
  }
}

TEST_F(Checks, ReservedBitsAndRangesGiveTheFieldsHighestBit) {
  CtlNop nop;
  Bytes bytes = EncodeUnchecked(nop);
  bytes[9] = 0x00;
  bytes[8] = 0x20;  // wait0_core
  EXPECT_EQ(model_.Check(bytes.data()).fault, Fault::kBadField);
  EXPECT_EQ(model_.Check(bytes.data()).info, 71u);
  bytes = EncodeUnchecked(nop);
  bytes[63] = 0x80;
  EXPECT_EQ(model_.Check(bytes.data()).info, 511u);

  LdCopy ld;
  ld.len = 16;
  ExpectOk(ld);
  ld.n2 = 0;
  ExpectField(ld, 263);
  ld.dst_space = static_cast<LdDst>(7);  // comes before n2
  ExpectField(ld, 172);
  LdTranspose transpose;
  transpose.dst_space = LdDst::kVm;
  ExpectField(transpose, 172);
  MxeGemm gemm;
  gemm.w_format = static_cast<WeightFormat>(4);
  ExpectField(gemm, 295);
  GtaOp gta;
  gta.a_mode = OperandMode::kSelf;
  ExpectField(gta, 206);
  gta.a_mode = OperandMode::kNone;
  gta.a_format = static_cast<OperandFormat>(3);  // ignored with mode none
  gta.out_format = static_cast<OutFormat>(7);    // ignored with out_space none
  gta.m_mode = OperandMode::kSelf;
  ExpectOk(gta);
  gta.x_space = XSpace::kAcc;
  gta.x_format = XFormat::kF16;
  ExpectField(gta, 163);
  gta.x_format = XFormat::kI32;
  gta.x_swap = 1;
  ExpectField(gta, 12);
  gta.x_swap = 0;
  gta.out_space = OutSpace::kAb;
  gta.out_format = OutFormat::kF32;
  ExpectField(gta, 432);
}

TEST_F(Checks, TableNumbersStayBelowTheConfiguration) {
  GtaOp c;
  c.table = 4;
  ExpectOk(c);  // no function, no table
  c.fn = 1;
  ExpectField(c, 387);
  c.table = 3;
  ExpectOk(c);
}

TEST_F(Checks, LoadOperandsEndAtTheirMemories) {
  LdCopy c;
  c.dst_space = LdDst::kVm;
  c.len = 32;
  c.n1 = 3;
  c.t1 = 64;
  c.n2 = 2;
  c.t2 = 1024;
  const uint32_t extent = 2 * 64 + 1024 + 32;
  c.dst = 32768 - extent;
  ExpectOk(c);
  c.dst += 16;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kDst);
  const std::pair<LdDst, uint32_t> capacities[] = {
      {LdDst::kAb, 16384}, {LdDst::kAbScale, 1024}, {LdDst::kWb, 8192},  {LdDst::kWbScale, 1024},
      {LdDst::kVm, 32768}, {LdDst::kLut, 16384},    {LdDst::kL2, 131072}};
  for (const auto& [space, bytes] : capacities) {
    LdFill f;
    f.dst_space = space;
    f.len = 16;
    f.dst = bytes - 16;
    ExpectOk(f);
    f.dst = bytes;
    ExpectOperand(f, Fault::kOutOfRange, Operand::kDst);
  }
  c = LdCopy{};
  c.len = 16;
  c.src = kExtBytes - 16;
  ExpectOk(c);
  c.n3 = 2;
  c.s3 = 16;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kSrc);
  c.src_space = ExtSpace::kL2;
  c.src = 131072 - 32;
  ExpectOk(c);
  c.src += 16;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kSrc);
  LdTranspose t;
  t.n1 = 64;
  t.len = 64;
  t.t1 = 2048;
  t.dst = 4096;
  ExpectOk(t);
  t.dst += 32;
  ExpectOperand(t, Fault::kOutOfRange, Operand::kDst);
  LdGather g;
  g.len = 16;
  g.n1 = 5;
  g.t1 = 16;
  g.s1 = 1 << 31;  // the indices' matter, when the run is reached
  g.idx = 32768 - 20;
  ExpectOk(g);
  g.idx += 4;
  ExpectOperand(g, Fault::kOutOfRange, Operand::kIdx);
}

TEST_F(Checks, AlignmentComesBeforeRangeAndSourceBeforeDestination) {
  LdCopy c;
  c.len = 16;
  c.src = 8;
  c.dst = 0xFFFFFFF0;
  ExpectOperand(c, Fault::kMisaligned, Operand::kSrc);
  c.src = 0;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kDst);
  c.dst = 0xFFFFFFF8;
  ExpectOperand(c, Fault::kMisaligned, Operand::kDst);
  c.len = 8;
  ExpectOperand(c, Fault::kMisaligned, Operand::kSrc);  // len belongs to the source
  LdFill f;
  f.len = 8;
  ExpectOperand(f, Fault::kMisaligned, Operand::kDst);
  LdTranspose t;
  t.n1 = 48;
  ExpectOperand(t, Fault::kMisaligned, Operand::kSrc);
  t.n1 = 32;
  t.dst = 16;
  ExpectOperand(t, Fault::kMisaligned, Operand::kDst);
  StCopy s;
  s.len = 2;
  s.dst = 2;
  s.src = 2;
  ExpectOk(s);
  s.t3 = 1;
  ExpectOperand(s, Fault::kMisaligned, Operand::kDst);
  s.src = 1;
  ExpectOperand(s, Fault::kMisaligned, Operand::kSrc);
  LdGather g;
  g.len = 16;
  g.idx = 2;
  ExpectOperand(g, Fault::kMisaligned, Operand::kIdx);
}

TEST_F(Checks, GemmOperandsEndAtTheirMemories) {
  MxeGemm c;
  c.rows = 5;  // three groups
  c.kb = 4;
  c.ab_gs = 10;
  c.ab = 256 - 24;
  c.ncg = 3;
  c.wb_ns = 7;
  c.wb_ks = 2;
  c.wb = 256 - (14 + 6 + 1);
  c.acc_gs = 5;
  c.acc = 512 - 13;
  ExpectOk(c);
  ++c.acc;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kAcc);
  ++c.wb;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kWb);
  ++c.ab;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kAb);
}

TEST_F(Checks, GtaOperandsEndAtTheirMemories) {
  GtaOp c;
  c.rows = 3;
  c.cols = 33;
  c.x = 32768 - 3 * 256;
  c.x_stride = 256;
  ExpectOk(c);
  c.x += 128;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kX);
  c.x += 64;
  ExpectOperand(c, Fault::kMisaligned, Operand::kX);
  c.x_format = XFormat::kF16;
  c.x = 32768 - 2 * 256 - 128;
  ExpectOk(c);
  c.x_stride = 32;
  ExpectOperand(c, Fault::kMisaligned, Operand::kX);

  c = GtaOp{};
  c.x_space = XSpace::kAcc;
  c.rows = 3;
  c.cols = 33;  // 64 columns of 1 per word: 64 words
  c.x_stride = 40;
  c.x = 512 - 104;
  ExpectOk(c);
  c.x += 2;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kX);
  c.x = 1;
  ExpectOperand(c, Fault::kMisaligned, Operand::kX);
  c.x = 0;
  c.x_stride = 41;
  ExpectOperand(c, Fault::kMisaligned, Operand::kX);

  struct Place {
    Operand operand;
    OperandMode GtaOp::*mode;
    OperandFormat GtaOp::*format;
    uint32_t GtaOp::*base;
    uint32_t GtaOp::*stride;
  };
  const Place places[] = {
      {Operand::kA, &GtaOp::a_mode, &GtaOp::a_format, &GtaOp::a, &GtaOp::a_stride},
      {Operand::kB, &GtaOp::b_mode, &GtaOp::b_format, &GtaOp::b, &GtaOp::b_stride},
      {Operand::kM, &GtaOp::m_mode, &GtaOp::m_format, &GtaOp::m, &GtaOp::m_stride},
      {Operand::kC, &GtaOp::c_mode, &GtaOp::c_format, &GtaOp::c, &GtaOp::c_stride}};
  for (const Place& p : places) {
    c = GtaOp{};
    c.rows = 3;
    c.cols = 40;
    c.*p.mode = OperandMode::kMat;
    c.*p.format = OperandFormat::kBf16;
    c.*p.stride = 192;
    c.*p.base = 32768 - 2 * 192 - 128;
    ExpectOk(c);
    c.*p.base += 64;
    ExpectOperand(c, Fault::kOutOfRange, p.operand);
    c.*p.stride = 16;
    ExpectOperand(c, Fault::kMisaligned, p.operand);
    c.*p.mode = OperandMode::kCol;
    c.*p.format = OperandFormat::kF32;
    c.*p.base = 32768 - 256;
    ExpectOk(c);  // a stride that is not used
    c.*p.base += 128;
    ExpectOperand(c, Fault::kOutOfRange, p.operand);
    c.*p.mode = OperandMode::kRow;
    c.*p.stride = 12;
    c.*p.base = 32768 - 28;
    ExpectOk(c);
    c.*p.base += 4;
    ExpectOperand(c, Fault::kOutOfRange, p.operand);
    c.*p.base -= 2;
    ExpectOperand(c, Fault::kMisaligned, p.operand);
    c.*p.mode = OperandMode::kBlk;
    c.*p.format = OperandFormat::kF16;
    c.*p.stride = 10;
    c.*p.base = 32768 - 24;
    ExpectOk(c);
    c.*p.base += 2;
    ExpectOperand(c, Fault::kOutOfRange, p.operand);
    c.*p.mode = OperandMode::kImm;
    c.*p.base = 0xFFFFF;
    ExpectOk(c);
  }
}

TEST_F(Checks, GtaResultsEndAtTheirMemories) {
  GtaOp c;
  c.rows = 3;
  c.cols = 33;
  c.out_space = OutSpace::kVm;
  c.out_format = OutFormat::kQ80;
  c.out_stride = 96;
  c.out = 32768 - 2 * 96 - 64;
  c.out_scale = 32768 - 2 * 6 - 4;
  ExpectOk(c);
  c.out_scale += 2;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kOutScale);
  c.out_scale = 1;
  ExpectOperand(c, Fault::kMisaligned, Operand::kOutScale);
  c.out += 32;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kOut);
  c.out += 16;
  ExpectOperand(c, Fault::kMisaligned, Operand::kOut);
  c.out_format = OutFormat::kI8;  // no scale plane: out_scale is ignored
  c.out = 0;
  ExpectOk(c);

  c = GtaOp{};
  c.rows = 3;
  c.cols = 64;
  c.out_space = OutSpace::kAb;
  c.out_format = OutFormat::kI8;
  c.out_stride = 9;
  c.out = 256 - 11;
  c.out_scale = 1;  // ignored
  ExpectOk(c);
  ++c.out;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kOut);

  c = GtaOp{};
  c.rows = 3;
  c.cols = 64;
  c.red = 2;
  c.red_stride = 2;
  ExpectOk(c);  // no reduction
  c.red_op = ReduceOp::kMax;
  ExpectOperand(c, Fault::kMisaligned, Operand::kRed);
  c.red_stride = 8;
  c.red = 32768 - 20;
  ExpectOk(c);
  c.red_blk = 1;
  ExpectOperand(c, Fault::kOutOfRange, Operand::kRed);
  c.red -= 4;
  ExpectOk(c);
}

TEST_F(Checks, ARefusedCommandChangesNothing) {
  naive::RandomCommands random(model_.config(), 4096, naive::Seed(33));
  naive::FillMemories(model_, ext_, random.rng(), false);
  const naive::Machine before(model_, ext_);
  GtaOp c;
  c.cols = 32;
  c.out_space = OutSpace::kVm;
  c.red_op = ReduceOp::kSum;
  c.red = 32768 - 4;
  c.rows = 2;
  c.red_stride = 4;
  c.wait0_sem = 3;
  c.wait0_cnt = 1;
  model_.semaphores()[3] = 1;
  const Status status = model_.Step(Encode(c).data());
  EXPECT_EQ(status.fault, Fault::kOutOfRange);
  EXPECT_EQ(model_.semaphores()[3], 1);
  EXPECT_EQ(before.Difference(model_, ext_), "");
}

TEST_F(Checks, AxiErrorsCarryAddressAndResponse) {
  LdCopy ld;
  ld.dst_space = LdDst::kVm;
  ld.len = 32;
  ld.src = 4096 - 16;
  Status status = model_.Execute(Encode(ld).data());
  EXPECT_EQ(status.fault, Fault::kAxiRead);
  EXPECT_EQ(status.engine, Engine::kLd);
  EXPECT_EQ(status.info, 3u);
  EXPECT_EQ(status.addr, 4096u);
  StCopy st;
  st.len = 2;
  st.dst = 0x5000;
  status = model_.Execute(Encode(st).data());
  EXPECT_EQ(status.fault, Fault::kAxiWrite);
  EXPECT_EQ(status.engine, Engine::kSt);
  EXPECT_EQ(status.addr, 0x5000u);
}

TEST_F(Checks, AGatherIndexBeyondTheSourceStopsAtItsRun) {
  const uint32_t index[3] = {1, 0xFFFFFFFF, 0};
  std::memcpy(model_.vm().data(), index, sizeof index);
  model_.l2()[16] = 7;
  LdGather g;
  g.src_space = ExtSpace::kL2;
  g.dst_space = LdDst::kAb;
  g.len = 16;
  g.n1 = 3;
  g.s1 = 16;
  g.t1 = 16;
  const Status status = model_.Execute(Encode(g).data());
  EXPECT_EQ(status.fault, Fault::kOutOfRange);
  EXPECT_EQ(status.info, static_cast<uint32_t>(Operand::kSrc));
  EXPECT_EQ(model_.ab()[0], 7);
}

TEST_F(Checks, ProgramsRunInOrderAndCountSemaphores) {
  CtlNop post;
  post.post0_sem = 5;
  post.post0_cnt = 3;
  post.post1_sem = 6;
  post.post1_cnt = 1;
  CtlNop wait;
  wait.wait0_sem = 5;
  wait.wait0_cnt = 2;
  wait.wait1_sem = 6;
  wait.wait1_cnt = 1;
  std::vector<uint8_t> program;
  const auto add = [&program](const Command& c) {
    const Bytes b = Encode(c);
    program.insert(program.end(), b.begin(), b.end());
  };
  add(post);
  add(wait);
  RunResult result = model_.RunProgram(program.data(), 2);
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.executed, 2u);
  EXPECT_EQ(model_.semaphores()[5], 1);
  EXPECT_EQ(model_.semaphores()[6], 0);
  add(wait);  // 6 is 0 now
  model_.SoftReset();
  try {
    model_.RunProgram(program.data(), 3);
    FAIL() << "a wait that never holds was not noticed";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("command 2"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("semaphore 5"), std::string::npos) << e.what();
  }
}

TEST_F(Checks, TwoWaitsOnOneSemaphoreNeedTheSum) {
  CtlNop wait;
  wait.wait0_sem = wait.wait1_sem = 4;
  wait.wait0_cnt = 2;
  wait.wait1_cnt = 3;
  model_.semaphores()[4] = 4;
  EXPECT_THROW(model_.Step(Encode(wait).data()), Error);
  EXPECT_EQ(model_.semaphores()[4], 4);
  model_.semaphores()[4] = 5;
  EXPECT_TRUE(model_.Step(Encode(wait).data()).ok());
  EXPECT_EQ(model_.semaphores()[4], 0);
}

TEST_F(Checks, SemaphoresStopAt255) {
  CtlNop post;
  post.post0_sem = 9;
  post.post0_cnt = 200;
  EXPECT_TRUE(model_.Step(Encode(post).data()).ok());
  post.post0_cnt = 55;
  EXPECT_TRUE(model_.Step(Encode(post).data()).ok());
  post.post0_cnt = 1;
  const Status status = model_.Step(Encode(post).data());
  EXPECT_EQ(status.fault, Fault::kSemOverflow);
  EXPECT_EQ(status.info, 9u);
}

}  // namespace
}  // namespace wren::isa
