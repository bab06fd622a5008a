// The command unit alone: order, semaphores, posts, checks, errors, CSRs.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cmd_bench.h"
#include "wren/isa/model.h"

namespace wren::cmd {
namespace {

using isa::Bytes;
using isa::Command;

// The smallest legal command of an engine; tag tells them apart.
Command Small(int engine, uint32_t tag) {
  Command c;
  switch (engine) {
    case 0:
      c = isa::CtlNop{};
      break;
    case 1: {
      isa::LdFill f;
      f.dst_space = isa::LdDst::kVm;
      f.len = 16;
      c = f;
      break;
    }
    case 2: {
      isa::StCopy s;
      s.len = 2;
      c = s;
      break;
    }
    case 3:
      c = isa::MxeGemm{};
      break;
    default:
      c = isa::GtaOp{};
      break;
  }
  isa::HeaderOf(c).tag = tag;
  return c;
}

// Programs that are legal one command after the other: a wait asks for no more than is there. A
// semaphore belongs to one engine, which alone waits for it.
class ProgramMaker {
 public:
  explicit ProgramMaker(Bench* bench) : b_(*bench) {}
  Bytes Next() {
    const int engine = b_.Chance(6) ? 0 : 1 + static_cast<int>(b_.Random(4));
    Command c = Small(engine, index_++);
    if (engine == 0 && b_.Chance(30)) {
      const uint32_t tag = isa::HeaderOf(c).tag;
      c = isa::CtlFence{};
      isa::HeaderOf(c).tag = tag;
    }
    isa::Header& h = isa::HeaderOf(c);
    h.irq = b_.Chance(5);
    if (b_.Chance(60)) Wait(engine, &h.wait0_sem, &h.wait0_cnt);
    if (b_.Chance(40)) Wait(engine, &h.wait1_sem, &h.wait1_cnt);
    if (b_.Chance(70)) Post(&h.post0_sem, &h.post0_cnt);
    if (b_.Chance(40)) Post(&h.post1_sem, &h.post1_cnt);
    for (auto [sem, count] :
         {std::pair(h.post0_sem, h.post0_cnt), std::pair(h.post1_sem, h.post1_cnt)})
      level_[sem] += count;
    return isa::Encode(c);
  }
  const std::array<uint32_t, 32>& level() const { return level_; }

 private:
  void Wait(int engine, uint32_t* sem, uint32_t* count) {
    std::vector<uint32_t> mine;
    for (uint32_t s = 0; s < 32; ++s)
      if (static_cast<int>(s) % kEngines == engine && level_[s] > 0) mine.push_back(s);
    if (mine.empty()) return;
    *sem = mine[b_.Random(mine.size())];
    *count = 1 + static_cast<uint32_t>(b_.Random(level_[*sem]));
    level_[*sem] -= *count;
  }
  void Post(uint32_t* sem, uint32_t* count) {
    *sem = static_cast<uint32_t>(b_.Random(32));
    if (level_[*sem] < 6) *count = 1 + static_cast<uint32_t>(b_.Random(2));
  }
  Bench& b_;
  uint32_t index_ = 0;
  std::array<uint32_t, 32> level_{};
};

void RunRandom(Bench* b, uint32_t commands, uint32_t ring) {
  // A ring that is not aligned to anything but 64 bytes.
  b->Start(0x1234500040ull + 64 * b->Random(64), ring);
  ProgramMaker maker(b);
  for (uint32_t n = 0; n < commands && b->fault().empty();) {
    const uint64_t batch = 1 + b->Random(ring);
    for (uint64_t i = 0; i < batch && n < commands && !b->Full(); ++i, ++n) b->Put(maker.Next());
    b->Doorbell();
    for (uint64_t i = b->Random(200); i > 0; --i) b->Cycle();
  }
  ASSERT_TRUE(b->Drain()) << b->fault();
  ASSERT_EQ(b->fault(), "");
  EXPECT_EQ(b->retired(), commands);
  EXPECT_EQ(b->Read(csr::kRetired), commands);
  EXPECT_EQ(b->Read(csr::kHead), commands);
  EXPECT_EQ(b->Read(csr::kStatus), 0u);
  EXPECT_EQ(b->Read(csr::kErrCode), 0u);
  for (uint32_t s = 0; s < 32; ++s)
    EXPECT_EQ(b->sems()[s], static_cast<int>(maker.level()[s])) << "semaphore " << s;
  // Each engine retires in program order.
  std::array<int64_t, kEngines> last;
  last.fill(-1);
  std::set<uint32_t> seen;
  for (auto [e, index] : b->retire_order()) {
    EXPECT_GT(static_cast<int64_t>(index), last[e]);
    last[e] = index;
    seen.insert(index);
  }
  EXPECT_EQ(seen.size(), commands);
}

TEST(CommandUnit, KeepsOrderAndSemaphoresOfRandomPrograms) {
  const uint64_t seed = Seed();
  for (int run = 0; run < 8; ++run) {
    Bench b(seed + static_cast<uint64_t>(run));
    b.ready_percent = run % 2 ? 100 : 30;
    b.latency_max = run % 3 == 0 ? 2 : 60;
    b.depth = 1 + run % 4;
    RunRandom(&b, 1500, 2u << (run % 7));
    if (HasFailure()) break;
  }
}

TEST(CommandUnit, FinishesEachEngineOutOfProgramOrder) {
  // A slow first engine does not hold back the others: the point of four queues.
  Bench b(Seed());
  b.latency_max = 1;
  b.Start(0x10000, 64);
  Command slow = Small(1, 0);
  isa::HeaderOf(slow).wait0_sem = 3;
  isa::HeaderOf(slow).wait0_cnt = 1;
  b.Put(isa::Encode(slow));
  b.Put(isa::Encode(Small(3, 1)));
  Command last = Small(4, 2);
  isa::HeaderOf(last).post1_sem = 3;
  isa::HeaderOf(last).post1_cnt = 1;
  b.Put(isa::Encode(last));
  b.Doorbell();
  ASSERT_TRUE(b.Drain()) << b.fault();
  ASSERT_EQ(b.fault(), "");
  ASSERT_EQ(b.retired(), 3u);
  EXPECT_EQ(b.retire_order().back().second, 0u);
}

TEST(CommandUnit, TwoWaitsOnOneSemaphoreNeedTheSum) {
  Bench b(Seed());
  b.Start(0x10000, 64);
  Command post = Small(1, 0);
  isa::HeaderOf(post).post0_sem = 7;
  isa::HeaderOf(post).post0_cnt = 3;
  Command wait = Small(4, 1);
  isa::HeaderOf(wait).wait0_sem = isa::HeaderOf(wait).wait1_sem = 7;
  isa::HeaderOf(wait).wait0_cnt = 2;
  isa::HeaderOf(wait).wait1_cnt = 3;
  b.Put(isa::Encode(post));
  b.Put(isa::Encode(wait));
  b.Doorbell();
  for (int i = 0; i < 1000; ++i) b.Cycle();
  EXPECT_EQ(b.retired(), 1u);  // 3 are not enough for 5
  b.Put(isa::Encode(post));
  b.Doorbell();
  ASSERT_TRUE(b.Drain()) << b.fault();
  ASSERT_EQ(b.fault(), "");
  EXPECT_EQ(b.retired(), 3u);
  EXPECT_EQ(b.sems()[7], 1);
}

TEST(CommandUnit, ChecksACommonCommandInAboutTwelveCycles) {
  struct Case {
    const char* name;
    Command command;
    long limit;
  };
  isa::LdCopy ld;
  ld.dst_space = isa::LdDst::kWb;
  ld.len = 64, ld.n1 = 4, ld.s1 = 4096, ld.t1 = 64;
  isa::MxeGemm mxe;
  mxe.rows = 4, mxe.kb = 8, mxe.wb_ks = 1, mxe.ncg = 2, mxe.wb_ns = 8, mxe.ab_gs = 8,
  mxe.acc_gs = 2;
  isa::GtaOp gta;
  gta.rows = 4, gta.cols = 64, gta.x_stride = 256, gta.a_mode = isa::OperandMode::kRow,
  gta.a_stride = 4;
  gta.b_mode = isa::OperandMode::kMat, gta.b_stride = 256;
  gta.out_space = isa::OutSpace::kVm, gta.out_stride = 256;
#ifdef WREN_CMD_DEEP
  const long kMoreCycles = 3;
#else
  const long kMoreCycles = 0;
#endif
  for (const Case& c :
       {Case{"ld.copy", ld, 9}, Case{"mxe.gemm", mxe, 11}, Case{"gta.op", gta, 11}}) {
    Bench b(Seed());
    b.ready_percent = 100, b.latency_max = 1, b.fetch_latency_max = 1;
    b.Start(0x10000, 256);
    for (int i = 0; i < 200; ++i) b.Put(isa::Encode(c.command));
    b.Doorbell();
    while (b.retired() < 20 && b.fault().empty()) b.Cycle();
    const long begin = b.cycle();
    while (b.retired() < 120 && b.fault().empty()) b.Cycle();
    EXPECT_LE(b.cycle() - begin, 100 * (c.limit + kMoreCycles)) << c.name;
    RecordProperty(c.name, static_cast<int>(b.cycle() - begin));
    ASSERT_EQ(b.fault(), "");
  }
}

// ------------------------------------------------------------------------------------------------
// checks Runs one command and says what the core made of it.
isa::Status Judge(Bench* b, const Bytes& bytes) {
  b->Start(0x40000, 16);
  b->Put(bytes);
  b->Doorbell();
  isa::Status s;
  if (!b->Drain(5000)) {
    b->Fault("the core hangs");
    return s;
  }
  s.fault = static_cast<isa::Fault>(b->Read(csr::kErrCode));
  s.engine = static_cast<isa::Engine>(b->Read(csr::kErrEngine));
  s.info = b->Read(csr::kErrInfo);
  const bool halted = (b->Read(csr::kStatus) & 2) != 0;
  EXPECT_EQ(halted, !s.ok());
  EXPECT_EQ(b->retired(), s.ok() ? 1u : 0u);
  EXPECT_EQ(b->Read(csr::kHead), s.ok() ? 1u : 0u);
  if (!s.ok()) {
    EXPECT_EQ(b->Read(csr::kErrIndex), 0u);
    EXPECT_EQ(b->Read(csr::kErrTag), Word(bytes, 1));
    EXPECT_EQ(b->issue_order().size(), 0u);
  }
  b->SoftReset();
  return s;
}

std::string Text(const isa::Status& s) {
  if (s.ok()) return "legal";
  return std::to_string(static_cast<int>(s.fault)) + " engine " +
         std::to_string(static_cast<int>(s.engine)) + " info " + std::to_string(s.info);
}

void Compare(Bench* b, const isa::Model& model, const Bytes& bytes) {
  const isa::Status want = model.Check(bytes.data());
  const isa::Status got = Judge(b, bytes);
  ASSERT_EQ(b->fault(), "");
  EXPECT_EQ(Text(got), Text(want)) << isa::Disassemble(bytes) << "\nWREN_SEED=" << Seed();
}

void SetField(Bytes* bytes, int lsb, int width, uint64_t value) {
  for (int i = 0; i < width; ++i) {
    const int at = lsb + i;
    uint8_t& byte = (*bytes)[static_cast<size_t>(at / 8)];
    byte = static_cast<uint8_t>((byte & ~(1 << at % 8)) | (value >> i & 1) << at % 8);
  }
}

// A command of this kind with moderate random fields; most are legal.
Bytes RandomCommand(Bench* b, const isa::CommandSpec& spec) {
  Bytes bytes{};
  bytes[0] = static_cast<uint8_t>(spec.opcode);
  for (int i = 0; i < spec.field_count; ++i) {
    const isa::FieldSpec& f = spec.fields[i];
    if (f.lsb == 0 || f.zero) continue;
    uint64_t value;
    if (f.enumeration != nullptr) {
      do value = b->Random(f.enumeration->count);
      while ((f.legal >> value & 1) == 0);
    } else {
      const bool name_n =
          f.name[0] == 'n' || std::string(f.name) == "rows" || std::string(f.name) == "kb";
      const uint64_t unit = std::max<uint64_t>(f.align, 1);
      value = static_cast<uint64_t>(std::max<int64_t>(f.min, 0));
      value = (value + unit - 1) / unit * unit;
      value += unit * b->Random(name_n ? 4 : b->Chance(50) ? 8 : 40);
      if (std::string(f.name) == "cols") value = 1 + b->Random(100);
      if (spec.engine == isa::Engine::kGta && f.width == 20) value &= ~uint64_t{127};
      if (f.width < 64) value &= (uint64_t{1} << f.width) - 1;
      if (f.lsb >= 64 && f.lsb < 128) value = 0;  // no waits: they would never hold
    }
    SetField(&bytes, f.lsb, f.width, value);
  }
  return bytes;
}

TEST(CommandCheck, JudgesRandomCommandsAsTheModelDoes) {
  Bench b(Seed());
  isa::FlatMemory memory(1 << 16);
  const isa::Model model(isa::Config::Named("nano"), memory);
  int legal = 0;
  std::map<int, int> faults;
  for (int n = 0; n < 3000 && !HasFailure(); ++n) {
    const isa::CommandSpec& spec = *(isa::kCommands + b.Random(isa::kCommandCount));
    Bytes bytes = RandomCommand(&b, spec);
    // Then break it a little, or not.
    for (uint64_t k = b.Random(3); k > 0; --k) {
      const isa::FieldSpec& f = spec.fields[b.Random(spec.field_count)];
      if (f.lsb >= 64 && f.lsb < 128 && !f.zero) continue;
      SetField(&bytes, f.lsb, f.width, b.Chance(50) ? b.rng()() : b.rng()() & 255);
      if (b.Chance(3))
        SetField(&bytes, static_cast<int>(b.Random(64)) + 128 * (1 + static_cast<int>(b.Random(3))),
                 1, 1);
    }
    const isa::Status want = model.Check(bytes.data());
    ++faults[static_cast<int>(want.fault)];
    legal += want.ok();
    Compare(&b, model, bytes);
  }
  // The mix is worth something.
  EXPECT_GT(legal, 300);
  for (isa::Fault f : {isa::Fault::kBadOpcode, isa::Fault::kBadField, isa::Fault::kOutOfRange,
                       isa::Fault::kMisaligned})
    EXPECT_GT(faults[static_cast<int>(f)], 50) << csr::ToString(f);
}

TEST(CommandCheck, FindsTheLastLegalAddressOfEveryOperand) {
  Bench b(Seed());
  isa::FlatMemory memory(1 << 16);
  const isa::Model model(isa::Config::Named("nano"), memory);
  const std::set<std::string> bases = {"src", "dst", "idx", "ab", "wb",  "acc",       "x",
                                       "a",   "b",   "m",   "c",  "out", "out_scale", "red"};
  int edges = 0;
  for (int n = 0; n < 150 && !HasFailure(); ++n) {
    const isa::CommandSpec& spec = *(isa::kCommands + b.Random(isa::kCommandCount));
    const Bytes bytes = RandomCommand(&b, spec);
    if (!model.Check(bytes.data()).ok()) continue;
    for (int i = 0; i < spec.field_count && !HasFailure(); ++i) {
      const isa::FieldSpec& f = spec.fields[i];
      if (bases.count(f.name) == 0) continue;
      // Largest multiple of 128 (in units of what the field counts) that is legal.
      const uint64_t unit = spec.engine == isa::Engine::kMxe ? 1 : 128;
      uint64_t low = 0, high = (uint64_t{1} << f.width) / unit;
      auto legal = [&](uint64_t k) {
        Bytes t = bytes;
        SetField(&t, f.lsb, f.width, k * unit);
        return model.Check(t.data()).ok();
      };
      if (!legal(0) || legal(high - 1)) continue;
      while (high - low > 1) (legal((low + high) / 2) ? low : high) = (low + high) / 2;
      for (uint64_t k : {low, high}) {
        Bytes t = bytes;
        SetField(&t, f.lsb, f.width, k * unit);
        Compare(&b, model, t);
        ++edges;
      }
    }
  }
  EXPECT_GT(edges, 100);
}

TEST(CommandCheck, RefusesEveryUnknownOpcode) {
  Bench b(Seed());
  isa::FlatMemory memory(1 << 16);
  const isa::Model model(isa::Config::Named("nano"), memory);
  for (int op = 0; op < 256 && !HasFailure(); ++op) {
    if (isa::OpcodeKnown(static_cast<uint8_t>(op))) continue;
    Bytes bytes{};
    bytes[0] = static_cast<uint8_t>(op);
    Compare(&b, model, bytes);
  }
}

TEST(CommandCheck, RefusesEveryReservedBitAndEveryFieldValueOutOfItsEnum) {
  Bench b(Seed());
  isa::FlatMemory memory(1 << 16);
  const isa::Model model(isa::Config::Named("nano"), memory);
  for (size_t n = 0; n < isa::kCommandCount; ++n) {
    const isa::CommandSpec& spec = *(isa::kCommands + n);
    Bytes base;
    do base = RandomCommand(&b, spec);
    while (!model.Check(base.data()).ok());
    for (int k = 0; k < spec.reserved_count && !HasFailure(); ++k) {
      const isa::BitRange r = spec.reserved[k];
      for (int at :
           {int{r.lsb}, int{r.msb},
            r.lsb + static_cast<int>(b.Random(static_cast<uint64_t>(r.msb - r.lsb + 1)))}) {
        Bytes t = base;
        SetField(&t, at, 1, 1);
        EXPECT_EQ(static_cast<int>(model.Check(t.data()).fault),
                  static_cast<int>(isa::Fault::kBadField));
        Compare(&b, model, t);
      }
    }
    for (int i = 0; i < spec.field_count && !HasFailure(); ++i) {
      const isa::FieldSpec& f = spec.fields[i];
      if (f.lsb == 0 || (f.lsb >= 64 && f.lsb < 128 && !f.zero)) continue;
      Bytes t = base;
      if (f.enumeration != nullptr) {
        for (uint64_t v = 0; v < (uint64_t{1} << f.width); ++v) {
          SetField(&t, f.lsb, f.width, v);
          Compare(&b, model, t);
        }
      } else {
        SetField(&t, f.lsb, f.width, 0);
        Compare(&b, model, t);
        SetField(&t, f.lsb, f.width, ~uint64_t{0});
        Compare(&b, model, t);
      }
    }
  }
}

// ------------------------------------------------------------------------------------------------
// errors A stream with one bad command: what came before retires, nothing after starts.
TEST(CommandErrors, ACheckErrorIsPrecise) {
  const uint64_t seed = Seed();
  for (int run = 0; run < 20 && !HasFailure(); ++run) {
    Bench b(seed + static_cast<uint64_t>(run));
    b.Start(0x7000040, 64);
    b.Write(csr::kIrqEnable, 3);
    ProgramMaker maker(&b);
    const uint32_t bad = static_cast<uint32_t>(b.Random(40));
    bool fence_irq = false;
    for (uint32_t i = 0; i < 60; ++i) {
      Bytes bytes = maker.Next();
      if (i < bad) fence_irq |= (bytes[1] & 1) != 0;
      if (i == bad) bytes[0] = 0xEE;
      b.Put(bytes);
    }
    b.Doorbell();
    ASSERT_TRUE(b.Drain()) << b.fault();
    ASSERT_EQ(b.fault(), "");
    EXPECT_EQ(b.Read(csr::kStatus), 2u);
    EXPECT_EQ(b.Read(csr::kErrCode), static_cast<uint32_t>(csr::ErrorCode::kBadOpcode));
    EXPECT_EQ(b.Read(csr::kErrEngine), 0u);
    EXPECT_EQ(b.Read(csr::kErrIndex), bad);
    EXPECT_EQ(b.Read(csr::kErrTag), bad);
    EXPECT_EQ(b.Read(csr::kErrInfo), 0xEEu);
    EXPECT_EQ(b.Read(csr::kHead), bad);
    EXPECT_EQ(b.Read(csr::kRetired), bad);
    EXPECT_EQ(b.retired(), bad);
    EXPECT_EQ(b.Read(csr::kIrqStatus), fence_irq ? 3u : 2u);
    EXPECT_TRUE(b.dut().irq_o);
    for (auto [e, index] : b.issue_order()) EXPECT_LT(index, bad);
    // After a soft reset the core works again.
    b.SoftReset();
    EXPECT_EQ(b.Read(csr::kErrCode), 0u);
    EXPECT_EQ(b.Read(csr::kTail), 0u);
    EXPECT_EQ(b.Read(csr::kHead), 0u);
    RunRandom(&b, 100, 32);
  }
}

TEST(CommandErrors, AFetchErrorIsPrecise) {
  const uint64_t seed = Seed();
  for (int run = 0; run < 20 && !HasFailure(); ++run) {
    Bench b(seed + static_cast<uint64_t>(run));
    const uint64_t base = 0x900000000ull + 64 * b.Random(64);
    b.Start(base, 64);
    ProgramMaker maker(&b);
    for (uint32_t i = 0; i < 60; ++i) b.Put(maker.Next());
    const uint32_t bad = static_cast<uint32_t>(b.Random(60));
    const uint64_t addr = base + 64 * bad + 16 * b.Random(4);
    b.fetch_faults[addr] = 2 + run % 2;
    b.Doorbell();
    ASSERT_TRUE(b.Drain()) << b.fault();
    ASSERT_EQ(b.fault(), "");
    EXPECT_EQ(b.Read(csr::kStatus), 2u);
    EXPECT_EQ(b.Read(csr::kErrCode), static_cast<uint32_t>(csr::ErrorCode::kFetch));
    EXPECT_EQ(b.Read(csr::kErrIndex), bad);
    EXPECT_EQ(b.Read(csr::kErrInfo), 2u + static_cast<uint32_t>(run % 2));
    EXPECT_EQ(b.Read(csr::kErrAddrLo) | static_cast<uint64_t>(b.Read(csr::kErrAddrHi)) << 32, addr);
    EXPECT_EQ(b.retired(), bad);
    for (auto [e, index] : b.issue_order()) EXPECT_LT(index, bad);
    b.fetch_faults.clear();
    b.SoftReset();
    RunRandom(&b, 60, 16);
  }
}

TEST(CommandErrors, ATransferErrorStopsNewCommandsAndReportsItsOwn) {
  const uint64_t seed = Seed();
  for (int run = 0; run < 30 && !HasFailure(); ++run) {
    Bench b(seed + static_cast<uint64_t>(run));
    b.Start(0x80000, 64);
    b.Write(csr::kIrqEnable, 2);
    ProgramMaker maker(&b);
    std::vector<uint32_t> transfers;
    for (uint32_t i = 0; i < 60; ++i) {
      const Bytes bytes = maker.Next();
      const isa::Engine e = isa::SpecOf(bytes[0])->engine;
      if (e == isa::Engine::kLd || e == isa::Engine::kSt) transfers.push_back(i);
      b.Put(bytes);
    }
    const uint32_t bad = transfers[b.Random(transfers.size())];
    const bool ld = isa::SpecOf(b.commands()[bad][0])->engine == isa::Engine::kLd;
    const uint32_t code = ld ? 5 : 6;
    b.Fail(bad, {code, 3, 0x1122334455ull});
    b.Doorbell();
    ASSERT_TRUE(b.Drain()) << b.fault();
    ASSERT_EQ(b.fault(), "");
    EXPECT_EQ(b.Read(csr::kStatus), 2u);
    EXPECT_EQ(b.Read(csr::kErrCode), code);
    EXPECT_EQ(b.Read(csr::kErrEngine), ld ? 1u : 2u);
    EXPECT_EQ(b.Read(csr::kErrIndex), bad);
    EXPECT_EQ(b.Read(csr::kErrTag), bad);
    EXPECT_EQ(b.Read(csr::kErrInfo), 3u);
    EXPECT_EQ(b.Read(csr::kErrAddrLo), 0x22334455u);
    EXPECT_EQ(b.Read(csr::kErrAddrHi), 0x11u);
    EXPECT_TRUE(b.dut().irq_o);
    for (auto [e, index] : b.retire_order()) EXPECT_NE(index, bad);
    // What the MXE and the GTA had begun has retired.
    for (auto [e, index] : b.issue_order()) {
      if (e < 3) continue;
      const auto& r = b.retire_order();
      EXPECT_TRUE(std::find(r.begin(), r.end(), std::pair(e, index)) != r.end()) << index;
    }
    b.SoftReset();
    RunRandom(&b, 60, 16);
  }
}

TEST(CommandErrors, ASemaphoreWaitTimesOut) {
  for (int engine = 0; engine < kEngines && !HasFailure(); ++engine) {
    Bench b(Seed());
    b.Start(0x80000, 64);
    b.Write(csr::kTimeout, 500);
    b.Put(isa::Encode(Small(1, 100)));
    Command c = Small(engine, 101);
    isa::HeaderOf(c).wait0_sem = 4;
    isa::HeaderOf(c).wait1_sem = 9;
    isa::HeaderOf(c).wait1_cnt = 1;
    b.Put(isa::Encode(c));
    b.Put(isa::Encode(Small(3, 102)));
    b.Doorbell();
    const long begin = b.cycle();
    ASSERT_TRUE(b.Drain()) << b.fault();
    ASSERT_EQ(b.fault(), "");
    EXPECT_GE(b.cycle() - begin, 500);
    EXPECT_LE(b.cycle() - begin, 900);
    EXPECT_EQ(b.Read(csr::kStatus), 2u);
    EXPECT_EQ(b.Read(csr::kErrCode), static_cast<uint32_t>(csr::ErrorCode::kTimeout));
    EXPECT_EQ(b.Read(csr::kErrEngine), static_cast<uint32_t>(engine));
    EXPECT_EQ(b.Read(csr::kErrIndex), 1u);
    EXPECT_EQ(b.Read(csr::kErrTag), 101u);
    EXPECT_EQ(b.Read(csr::kErrInfo), 9u);
    b.SoftReset();
    b.Write(csr::kTimeout, 0);
    RunRandom(&b, 60, 16);
  }
}

TEST(CommandErrors, APostBeyond255IsAnOverflow) {
  for (int engine = 0; engine < kEngines && !HasFailure(); ++engine) {
    Bench b(Seed());
    b.Start(0x80000, 64);
    Command c = Small(engine, 0);
    isa::HeaderOf(c).post1_sem = 30;
    isa::HeaderOf(c).post1_cnt = 128;
    b.Put(isa::Encode(c));
    b.Put(isa::Encode(c));
    b.Doorbell();
    ASSERT_TRUE(b.Drain()) << b.fault();
    EXPECT_EQ(b.Read(csr::kStatus), 2u);
    EXPECT_EQ(b.Read(csr::kErrCode), static_cast<uint32_t>(csr::ErrorCode::kSemOverflow));
    EXPECT_EQ(b.Read(csr::kErrEngine), static_cast<uint32_t>(engine));
    EXPECT_EQ(b.Read(csr::kErrIndex), 1u);
    EXPECT_EQ(b.Read(csr::kErrInfo), 30u);
    ASSERT_EQ(b.fault(), "");
    // 255 itself is legal.
    b.SoftReset();
    isa::HeaderOf(c).post0_sem = 30;
    isa::HeaderOf(c).post0_cnt = 127;
    b.Put(isa::Encode(c));
    b.Doorbell();
    ASSERT_TRUE(b.Drain()) << b.fault();
    EXPECT_EQ(b.Read(csr::kStatus), 0u);
  }
}

TEST(CommandErrors, SoftResetWaitsForTheDma) {
  Bench b(Seed());
  b.Start(0x80000, 64);
  b.latency_max = 100000;
  for (uint32_t i = 0; i < 30; ++i) b.Put(isa::Encode(Small(1 + static_cast<int>(i % 4), i)));
  b.Doorbell();
  for (int i = 0; i < 500; ++i) b.Cycle();
  b.dma_busy = true;
  b.Write(csr::kCtrl, 3);
  for (int i = 0; i < 300; ++i) {
    b.Cycle();
    EXPECT_TRUE(b.dut().core_rst_no) << "reset while a transfer is under way";
    if (i > 3) EXPECT_TRUE(b.dut().halt_o);
  }
  EXPECT_EQ(b.Read(csr::kCtrl) & 2, 2u);
  b.dma_busy = false;
  b.latency_max = 20;
  b.SoftReset();
  RunRandom(&b, 100, 16);
}

// ------------------------------------------------------------------------------------------------
// CSRs
TEST(Csr, ShowsTheConfiguration) {
  Bench b(Seed());
  EXPECT_EQ(b.Read(csr::kId), 0x5752454Eu);
  EXPECT_EQ(b.Read(csr::kVersion), static_cast<uint32_t>(isa::kVersion));
  EXPECT_EQ(b.Read(csr::kConfig0), 2u | 1u << 8 | 2u << 16 | 16u << 24);
  const isa::Config c = isa::Config::Named("nano");
  EXPECT_EQ(b.Read(csr::kAbBytes), c.ab);
  EXPECT_EQ(b.Read(csr::kWbBytes), c.wb);
  EXPECT_EQ(b.Read(csr::kVmBytes), c.vm);
  EXPECT_EQ(b.Read(csr::kAccBytes), c.acc);
  EXPECT_EQ(b.Read(csr::kL2Bytes), c.l2);
  EXPECT_EQ(b.Read(csr::kConfig1), c.tables | 32u << 8 | 1u << 16);
}

TEST(Csr, AnswersSlverrOutsideTheMap) {
  Bench b(Seed());
  const std::set<uint32_t> rw = {csr::kCtrl,   csr::kIrqStatus, csr::kIrqEnable, csr::kRingLo,
                                 csr::kRingHi, csr::kRingSize,  csr::kTail,      csr::kTimeout};
  std::set<uint32_t> ro = {csr::kId,      csr::kVersion,   csr::kConfig0,  csr::kAbBytes,
                           csr::kWbBytes, csr::kVmBytes,   csr::kAccBytes, csr::kL2Bytes,
                           csr::kConfig1, csr::kStatus,    csr::kHead,     csr::kRetired,
                           csr::kErrCode, csr::kErrEngine, csr::kErrIndex, csr::kErrTag,
                           csr::kErrInfo, csr::kErrAddrLo, csr::kErrAddrHi};
  for (uint32_t base :
       {csr::kPerfCycles, csr::kPerfRdBytes, csr::kPerfWrBytes, csr::kPerfFetchBytes})
    ro.insert({base, base + 4});
  for (uint32_t base : {csr::kPerfLd, csr::kPerfSt, csr::kPerfMxe, csr::kPerfGta})
    for (uint32_t k = 0; k < 12; ++k) ro.insert(base + 4 * k);
  for (uint32_t offset = 0; offset < 4096; offset += (offset < 0x280 ? 1 : 4)) {
    uint32_t value = 0;
    const bool known = rw.count(offset) || ro.count(offset);
    EXPECT_EQ(b.TryRead(offset, &value), known ? 0 : 2) << std::hex << offset;
    if (!known) EXPECT_EQ(value, 0u);
    if (!rw.count(offset)) EXPECT_EQ(b.TryWrite(offset, ~0u), 2) << std::hex << offset;
  }
  EXPECT_EQ(b.fault(), "");
}

TEST(Csr, WritesWhatByteStrobesSelect) {
  Bench b(Seed());
  for (auto [offset, mask] :
       {std::pair(csr::kRingLo, 0xFFFFFFC0u), std::pair(csr::kRingHi, 0xFFu),
        std::pair(csr::kRingSize, 0x1FFFFu), std::pair(csr::kTail, 0xFFFFFFFFu),
        std::pair(csr::kTimeout, 0xFFFFFFFFu), std::pair(csr::kIrqEnable, 3u)}) {
    uint32_t want = 0;
    for (int i = 0; i < 40; ++i) {
      const uint32_t data = static_cast<uint32_t>(b.rng()()),
                     strb = static_cast<uint32_t>(b.Random(16));
      EXPECT_EQ(b.TryWrite(offset, data, strb), 0);
      for (int k = 0; k < 4; ++k)
        if (strb >> k & 1) want = (want & ~(0xFFu << 8 * k)) | (data & (0xFFu << 8 * k));
      want &= mask;
      ASSERT_EQ(b.Read(offset), want) << std::hex << offset;
    }
  }
}

TEST(Csr, RaisesAndClearsInterrupts) {
  Bench b(Seed());
  b.Start(0x80000, 64);
  isa::CtlFence fence;
  fence.irq = 1;
  b.Put(isa::Encode(fence));
  b.Doorbell();
  ASSERT_TRUE(b.Drain());
  EXPECT_EQ(b.Read(csr::kIrqStatus), 1u);
  EXPECT_FALSE(b.dut().irq_o);  // masked
  b.Write(csr::kIrqEnable, 1);
  b.Cycle();
  EXPECT_TRUE(b.dut().irq_o);
  b.Write(csr::kIrqStatus, 2);  // another bit
  EXPECT_TRUE(b.dut().irq_o);
  b.Write(csr::kIrqStatus, 1);
  EXPECT_FALSE(b.dut().irq_o);
  EXPECT_EQ(b.Read(csr::kIrqStatus), 0u);
  // NUMERIC is sticky until it is cleared or a soft reset.
  const auto raise = [&] {
    b.dut().numeric_i = 1;
    b.Cycle();
    b.dut().numeric_i = 0;
    b.Cycle();
    EXPECT_EQ(b.Read(csr::kStatus), 4u);
  };
  raise();
  const uint32_t enabled = b.Read(csr::kCtrl);
  b.Write(csr::kCtrl, enabled);
  EXPECT_EQ(b.Read(csr::kStatus), 4u);
  b.Write(csr::kCtrl, enabled | csr::kCtrlNumericClear.Put(1));
  EXPECT_EQ(b.Read(csr::kStatus), 0u);
  EXPECT_EQ(b.Read(csr::kCtrl), enabled);
  raise();
  b.SoftReset();
  EXPECT_EQ(b.Read(csr::kStatus), 0u);
  EXPECT_EQ(b.Read(csr::kRingLo), 0x80000u);  // the ring registers stay
  EXPECT_EQ(b.Read(csr::kRingSize), 64u);
}

TEST(Csr, BucketsOfEachEngineSumToTheCycles) {
  Bench b(Seed());
  RunRandom(&b, 600, 64);
  const uint64_t cycles = b.Read64(csr::kPerfCycles);
  EXPECT_GT(cycles, 1000u);
  uint64_t waits = 0;
  for (uint32_t base : {csr::kPerfLd, csr::kPerfSt, csr::kPerfMxe, csr::kPerfGta}) {
    uint64_t sum = 0;
    for (uint32_t k = 0; k < 6; ++k) sum += b.Read64(base + 8 * k);
    EXPECT_EQ(sum, cycles) << std::hex << base;
    EXPECT_GT(b.Read64(base), 0u);
    waits += b.Read64(base + 8 * static_cast<uint32_t>(csr::Bucket::kWaitSem));
  }
  EXPECT_GT(waits, 0u);
  EXPECT_EQ(b.Read64(csr::kPerfFetchBytes), b.fetch_bytes());
  EXPECT_EQ(b.fetch_bytes(), 600u * 64);
  b.Write(csr::kCtrl, 5);  // PERF_CLEAR, still enabled
  EXPECT_EQ(b.Read64(csr::kPerfCycles), 0u);
  EXPECT_EQ(b.Read64(csr::kPerfLd), 0u);
  EXPECT_EQ(b.Read(csr::kCtrl), 1u);
}

}  // namespace
}  // namespace wren::cmd
