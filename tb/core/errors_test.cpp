// Everything a command can get wrong, on the whole core: the error record, the interrupt, memory
// that only earlier commands have written, and a next program that runs after a soft reset.
#include <functional>

#include "core_bench.h"

namespace wren::core {
namespace {

using csr::ErrorCode;
using csr::Operand;
using isa::Engine;

class Errors : public testing::TestWithParam<sim::Config> {};

struct Record {
  ErrorCode code;
  Engine engine;
  uint32_t index;
  uint32_t tag;
  uint32_t info;
  uint64_t addr = 0;
};

void ExpectRecord(CoreBench* b, const Record& want) {
  sim::RtlCore& rtl = b->rtl();
  EXPECT_EQ(rtl.CsrRead(csr::kStatus) & 3, 2u);
  EXPECT_EQ(static_cast<ErrorCode>(rtl.CsrRead(csr::kErrCode)), want.code) << b->Error();
  EXPECT_EQ(static_cast<Engine>(rtl.CsrRead(csr::kErrEngine)), want.engine) << b->Error();
  EXPECT_EQ(rtl.CsrRead(csr::kErrIndex), want.index);
  EXPECT_EQ(rtl.CsrRead(csr::kErrTag), want.tag);
  EXPECT_EQ(rtl.CsrRead(csr::kErrInfo), want.info);
  EXPECT_EQ(rtl.CsrRead(csr::kErrAddrLo) | static_cast<uint64_t>(rtl.CsrRead(csr::kErrAddrHi))
                                               << 32,
            want.addr);
  EXPECT_EQ(rtl.CsrRead(csr::kIrqStatus) & 2, 2u);
  EXPECT_TRUE(rtl.irq());
}

// Four commands that write memory through all of LD, GTA and ST.
void AddWork(CoreBench* b, uint64_t to) {
  b->Add(With(Load(0x1000, isa::LdDst::kVm, 0x400, 1024), 0, 0, 1, 1));
  isa::GtaOp op;
  op.x = 0x400, op.rows = 2, op.cols = 64, op.x_stride = 256, op.x_format = isa::XFormat::kI32;
  op.out_space = isa::OutSpace::kVm, op.out_format = isa::OutFormat::kF32, op.out = 0x800,
  op.out_stride = 256;
  b->Add(With(op, 1, 1, 2, 1));
  b->Add(With(Store(0x800, to, 512), 2, 1, 3, 1));
  isa::CtlNop nop;
  b->Add(With(nop, 3, 1, 0, 0));
}

// After an error: a soft reset, and the core works.
void ExpectAlive(CoreBench* b) {
  b->SoftReset();
  EXPECT_EQ(b->rtl().CsrRead(csr::kStatus), 0u);
  EXPECT_EQ(b->rtl().CsrRead(csr::kErrCode), 0u);
  EXPECT_EQ(b->rtl().CsrRead(csr::kHead), 0u);
  EXPECT_FALSE(b->rtl().irq());
  AddWork(b, 0x48000);
  b->RunAndCompare();
}

struct Illegal {
  const char* name;
  ErrorCode code;
  Engine engine;
  uint32_t info;
  isa::Bytes bytes;
};

isa::Bytes Raw(const isa::Command& c) { return isa::EncodeUnchecked(c); }
isa::Bytes RawBit(const isa::Command& c, int bit) {
  isa::Bytes bytes = isa::EncodeUnchecked(c);
  bytes[static_cast<size_t>(bit / 8)] ^= static_cast<uint8_t>(1 << bit % 8);
  return bytes;
}
template <class C>
isa::Bytes Made(const std::function<void(C*)>& change) {
  C c;
  if constexpr (std::is_same_v<C, isa::LdCopy> || std::is_same_v<C, isa::LdGather> ||
                std::is_same_v<C, isa::LdFill>)
    c.dst_space = isa::LdDst::kVm, c.len = 16;
  if constexpr (std::is_same_v<C, isa::StCopy>) c.len = 16;
  c.tag = 77;
  change(&c);
  return Raw(c);
}
constexpr uint32_t Op(Operand o) { return static_cast<uint32_t>(o); }

std::vector<Illegal> IllegalCommands(const isa::Config& s) {
  using E = ErrorCode;
  isa::Bytes unknown{};
  unknown[0] = 0x14;
  unknown[4] = 77;
  isa::LdCopy ld;
  ld.dst_space = isa::LdDst::kVm, ld.len = 16, ld.tag = 77;
  return {
      {"an unknown opcode", E::kBadOpcode, Engine::kCtl, 0x14, unknown},
      {"a reserved bit of the header", E::kBadField, Engine::kLd, 31, RawBit(ld, 20)},
      {"another core's semaphore", E::kBadField, Engine::kLd, 103, RawBit(ld, 101)},
      {"a reserved bit behind the fields", E::kBadField, Engine::kLd, 511, RawBit(ld, 490)},
      {"no length", E::kBadField, Engine::kLd, 231, Made<isa::LdCopy>([](auto* c) { c->len = 0; })},
      {"no runs", E::kBadField, Engine::kSt, 263, Made<isa::StCopy>([](auto* c) { c->n2 = 0; })},
      {"an undefined destination", E::kBadField, Engine::kLd, 172,
       Made<isa::LdCopy>([](auto* c) { c->dst_space = static_cast<isa::LdDst>(7); })},
      {"an undefined weight format", E::kBadField, Engine::kMxe, 295,
       Made<isa::MxeGemm>([](auto* c) { c->w_format = static_cast<isa::WeightFormat>(4); })},
      {"self as multiplier a", E::kBadField, Engine::kGta, 206,
       Made<isa::GtaOp>([](auto* c) { c->a_mode = isa::OperandMode::kSelf; })},
      {"i8 in ACC", E::kBadField, Engine::kGta, 163, Made<isa::GtaOp>([](auto* c) {
         c->x_space = isa::XSpace::kAcc, c->x_format = isa::XFormat::kI8;
       })},
      {"f32 to AB", E::kBadField, Engine::kGta, 432, Made<isa::GtaOp>([](auto* c) {
         c->out_space = isa::OutSpace::kAb, c->out_format = isa::OutFormat::kF32;
       })},
      {"a source that is not a multiple of 16", E::kMisaligned, Engine::kLd, Op(Operand::kSrc),
       Made<isa::LdCopy>([](auto* c) { c->src = 8; })},
      {"a destination stride that is odd", E::kMisaligned, Engine::kSt, Op(Operand::kDst),
       Made<isa::StCopy>([](auto* c) { c->t3 = 1; })},
      {"an index array that is not a multiple of 4", E::kMisaligned, Engine::kLd, Op(Operand::kIdx),
       Made<isa::LdGather>([](auto* c) { c->idx = 2; })},
      {"an odd ACC word for the GTA", E::kMisaligned, Engine::kGta, Op(Operand::kX),
       Made<isa::GtaOp>([](auto* c) { c->x_space = isa::XSpace::kAcc, c->x = 1; })},
      {"an f32 matrix that is not a multiple of 128", E::kMisaligned, Engine::kGta, Op(Operand::kX),
       Made<isa::GtaOp>([](auto* c) { c->x = 64; })},
      {"VM beyond its end", E::kOutOfRange, Engine::kLd, Op(Operand::kDst),
       Made<isa::LdCopy>([&](auto* c) { c->dst = s.vm - 16, c->len = 32; })},
      {"a source beyond the address space", E::kOutOfRange, Engine::kLd, Op(Operand::kSrc),
       Made<isa::LdCopy>(
           [](auto* c) { c->src = (uint64_t{1} << 40) - 16, c->n3 = 2, c->s3 = 16; })},
      {"L2 beyond its end", E::kOutOfRange, Engine::kSt, Op(Operand::kDst),
       Made<isa::StCopy>([&](auto* c) {
         c->dst_space = isa::ExtSpace::kL2, c->dst = s.l2 - 16, c->n1 = 2, c->t1 = 2;
       })},
      {"AB beyond its end", E::kOutOfRange, Engine::kMxe, Op(Operand::kAb),
       Made<isa::MxeGemm>([&](auto* c) { c->ab = s.AbWords() - 1, c->kb = 2; })},
      {"WB beyond its end", E::kOutOfRange, Engine::kMxe, Op(Operand::kWb),
       Made<isa::MxeGemm>([&](auto* c) { c->wb = 0xFFFF; })},
      {"ACC beyond its end", E::kOutOfRange, Engine::kMxe, Op(Operand::kAcc),
       Made<isa::MxeGemm>([&](auto* c) { c->acc = s.AccWords() - 1, c->ncg = 2; })},
      {"reductions beyond VM", E::kOutOfRange, Engine::kGta, Op(Operand::kRed),
       Made<isa::GtaOp>([&](auto* c) {
         c->rows = 2, c->red_op = isa::ReduceOp::kSum, c->red = s.vm - 4, c->red_stride = 4;
       })},
  };
}

TEST_P(Errors, IllegalCommandsStopTheCoreBetweenCommands) {
  CoreBench b(GetParam());
  for (const Illegal& bad : IllegalCommands(b.shape())) {
    SCOPED_TRACE(bad.name);
    AddWork(&b, 0x40000);
    const uint32_t index = static_cast<uint32_t>(b.size());
    b.AddRaw(bad.bytes);
    AddWork(&b, 0x44000);  // must not be seen
    b.Launch();
    ASSERT_TRUE(b.rtl().RunUntilIrq(20000)) << b.rtl().Describe();
    ExpectRecord(&b, {bad.code, bad.engine, index, 77, bad.info});
    EXPECT_EQ(b.rtl().CsrRead(csr::kHead), index);
    EXPECT_EQ(b.rtl().CsrRead(csr::kRetired), index);
    b.ExpectModel(index);
    ExpectAlive(&b);
    b.SoftReset();
    if (HasFailure()) break;
  }
}

// The commands before the failing one have finished (semaphores say so); the one after it waits for
// it.
void RunRuntimeError(CoreBench* b, const isa::Command& failing, const Record& want) {
  AddWork(b, 0x40000);
  isa::CtlFence fence;
  b->Add(fence);
  isa::Command c = failing;
  isa::HeaderOf(c).post1_sem = 9;
  isa::HeaderOf(c).post1_cnt = 1;
  isa::HeaderOf(c).tag = want.tag;
  b->Add(c);
  b->Add(With(Store(0, 0x44000, 64), 9, 1, 0, 0));
  AddWork(b, 0x46000);
  b->Launch();
  ASSERT_TRUE(b->rtl().RunUntilIrq(50000)) << b->rtl().Describe();
  ExpectRecord(b, want);
  b->ExpectModel(5);  // nothing beyond what the commands before it wrote
}

TEST_P(Errors, ReadErrorsOfLoadsNameTheBeat) {
  for (const sim::AxiResp resp : {sim::AxiResp::kSlverr, sim::AxiResp::kDecerr}) {
    CoreBench b(GetParam());
    isa::LdCopy ld = Load(0x100000, isa::LdDst::kVm, 0x1000, 1024);
    ld.n1 = 3, ld.s1 = 4096, ld.t1 = 1024;
    b.rtl().memory().AddFault(0x101100, 16, resp);
    RunRuntimeError(
        &b, ld, {ErrorCode::kAxiRead, Engine::kLd, 5, 123, static_cast<uint32_t>(resp), 0x101100});
    b.rtl().memory().ClearFaults();
    ExpectAlive(&b);
  }
}

TEST_P(Errors, LoadsBeyondTheMemoryEndInDecerr) {
  CoreBench b(GetParam());
  const uint64_t end = CoreBench::kMemory;
  RunRuntimeError(&b, Load(end - 64, isa::LdDst::kVm, 0x1000, 128),
                  {ErrorCode::kAxiRead, Engine::kLd, 5, 5, 3, end});
  ExpectAlive(&b);
}

TEST_P(Errors, WriteErrorsOfStoresLeaveOtherMemoryAlone) {
  for (const sim::AxiResp resp : {sim::AxiResp::kSlverr, sim::AxiResp::kDecerr}) {
    CoreBench b(GetParam());
    isa::StCopy st = Store(0x800, 0x100000, 256);
    b.rtl().memory().AddFault(0x100000, 4096, resp);
    AddWork(&b, 0x40000);
    const size_t before = b.size();
    isa::Command c = st;
    isa::HeaderOf(c).post1_sem = 9;
    isa::HeaderOf(c).post1_cnt = 1;
    isa::HeaderOf(c).tag = 99;
    b.Add(c);
    b.Add(With(Store(0, 0x44000, 64), 9, 1, 0, 0));
    AddWork(&b, 0x46000);
    b.Launch();
    ASSERT_TRUE(b.rtl().RunUntilIrq(50000)) << b.rtl().Describe();
    const uint64_t addr = b.rtl().CsrRead(csr::kErrAddrLo);
    EXPECT_EQ(addr & ~uint64_t{255}, 0x100000u);
    ExpectRecord(&b, {ErrorCode::kAxiWrite, Engine::kSt, static_cast<uint32_t>(before), 99,
                      static_cast<uint32_t>(resp), addr});
    b.ExpectModel(before);  // faulty addresses keep what they had
    b.rtl().memory().ClearFaults();
    ExpectAlive(&b);
  }
}

TEST_P(Errors, FetchErrorsStopBetweenCommands) {
  for (uint32_t bad = 0; bad < 9; ++bad) {
    CoreBench b(GetParam());
    AddWork(&b, 0x40000);
    AddWork(&b, 0x42000);
    AddWork(&b, 0x44000);
    const uint64_t at = CoreBench::kRing + 64 * bad;
    b.rtl().memory().AddFault(at, 64, sim::AxiResp::kSlverr);
    b.Launch();
    ASSERT_TRUE(b.rtl().RunUntilIrq(20000)) << b.rtl().Describe();
    const uint64_t beat = at / b.shape().bus * b.shape().bus;
    ExpectRecord(&b, {ErrorCode::kFetch, Engine::kCtl, bad, 0, 2, beat});
    b.ExpectModel(bad);
    b.rtl().memory().ClearFaults();
    ExpectAlive(&b);
    if (HasFailure()) break;
  }
}

TEST_P(Errors, SemaphoreWaitsTimeOut) {
  CoreBench b(GetParam());
  for (int engine = 1; engine < 5; ++engine) {
    SCOPED_TRACE(engine);
    b.rtl().CsrWrite(csr::kTimeout, 2000);
    AddWork(&b, 0x40000);
    const uint32_t index = static_cast<uint32_t>(b.size());
    isa::Command c;
    switch (engine) {
      case 1:
        c = Load(0, isa::LdDst::kVm, 0, 16);
        break;
      case 2:
        c = Store(0, 0x44000, 64);
        break;
      case 3:
        c = isa::MxeGemm{};
        break;
      default:
        c = isa::GtaOp{};
    }
    isa::HeaderOf(c).wait1_sem = 17;
    isa::HeaderOf(c).wait1_cnt = 2;
    isa::HeaderOf(c).tag = 55;
    b.Add(c);
    b.Launch();
    ASSERT_TRUE(b.rtl().RunUntilIrq(20000)) << b.rtl().Describe();
    ExpectRecord(&b, {ErrorCode::kTimeout, static_cast<Engine>(engine), index, 55, 17});
    b.ExpectModel(index);
    b.SoftReset();
    b.rtl().CsrWrite(csr::kTimeout, 0);
    ExpectAlive(&b);
    b.SoftReset();
  }
}

// A load of megabytes is under way when another engine's wait times out: it stops, and the core
// works after the reset.
TEST_P(Errors, AHaltStopsALongLoadAndTheResetRecovers) {
  CoreBench b(GetParam());
  b.rtl().CsrWrite(csr::kTimeout, 500);
  isa::LdCopy ld = Load(0, isa::LdDst::kVm, 0, 4096);
  ld.n1 = 900, ld.s1 = 4096;
  b.Add(ld);
  b.Add(With(isa::MxeGemm{}, 3, 1, 0, 0));
  b.Launch();
  ASSERT_TRUE(b.rtl().RunUntilIrq(5000)) << b.rtl().Describe();
  ExpectRecord(&b, {ErrorCode::kTimeout, Engine::kMxe, 1, 0, 3});
  b.rtl().CsrWrite(csr::kTimeout, 0);
  ExpectAlive(&b);
}

// A soft reset in the middle of everything.
TEST_P(Errors, SoftResetInMidFlightLeavesAWorkingCore) {
  CoreBench b(GetParam());
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    b.Add(Load(0x10000, isa::LdDst::kAb, 0, 4096));
    b.Add(Load(0x20000, isa::LdDst::kL2, 0, 65536));
    isa::MxeGemm mm;
    mm.rows = 4, mm.kb = 16, mm.ncg = 8, mm.ab_gs = 16, mm.acc_gs = 8, mm.wb_ks = 1, mm.wb_ns = 1;
    b.Add(mm);
    isa::GtaOp op;
    op.rows = 16, op.cols = 64, op.x_stride = 256;
    b.Add(op);
    b.Add(Store(0, 0x200000 + 0x10000, 16384));
    AddWork(&b, 0x40000);
    b.Launch();
    b.rtl().Step(37 * static_cast<uint64_t>(round) + b.rng()() % 64);
    // What the store may or may not have written is not compared: both start again from one
    // content.
    b.SoftReset();
    std::vector<uint8_t> noise(0x40000, static_cast<uint8_t>(round));
    b.Poke(0x210000, noise.data(), noise.size());
    std::vector<uint8_t> area(0x10000, static_cast<uint8_t>(round));
    b.Poke(0x40000, area.data(), area.size());
    ExpectAlive(&b);
    b.SoftReset();
  }
}

TEST_P(Errors, AGatherIndexBeyondTheSourceIsOutOfRange) {
  CoreBench b(GetParam());
  // Index array in VM: the third run leads beyond L2.
  const uint32_t index[4] = {0, 1, 0x7000000, 2};
  b.Poke(0x3000, index, sizeof(index));
  b.Add(With(Load(0x3000, isa::LdDst::kVm, 0, 16), 0, 0, 1, 1));
  isa::LdGather g;
  g.src_space = isa::ExtSpace::kL2, g.dst_space = isa::LdDst::kVm, g.dst = 0x400, g.len = 64,
  g.n1 = 4, g.s1 = 64, g.t1 = 64;
  g.tag = 31;
  b.Add(With(g, 1, 1, 2, 1));
  b.Add(With(Store(0x400, 0x40000, 64), 2, 1, 0, 0));
  b.Launch();
  ASSERT_TRUE(b.rtl().RunUntilIrq(20000)) << b.rtl().Describe();
  const uint64_t addr = b.rtl().CsrRead(csr::kErrAddrLo) |
                        static_cast<uint64_t>(b.rtl().CsrRead(csr::kErrAddrHi)) << 32;
  ExpectRecord(&b, {ErrorCode::kOutOfRange, Engine::kLd, 1, 31, Op(Operand::kSrc), addr});
  b.CompareMemory();
  ExpectAlive(&b);
}

TEST(RtlCore, RefusesBadCsrAccesses) {
  CoreBench b(kConfig);
  uint32_t value = 0;
  EXPECT_EQ(b.rtl().TryCsrWrite(csr::kId, 0), 2);
  EXPECT_EQ(b.rtl().TryCsrRead(0xFF0, &value), 2);
  EXPECT_THROW(b.rtl().CsrRead(0xFF0), wren::Error);
  EXPECT_EQ(b.rtl().CsrRead(csr::kId), 0x5752454Eu);
}

std::string Name(const testing::TestParamInfo<sim::Config>& info) {
  return sim::ConfigName(info.param);
}

INSTANTIATE_TEST_SUITE_P(Core, Errors, testing::Values(kConfig), Name);

}  // namespace
}  // namespace wren::core
