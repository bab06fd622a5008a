// The DRAM timing model: single accesses against sums done by hand, rates of streams, and the AXI
// memory that it times.
#include "wren/sim/dram.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "wren/error.h"
#include "wren/sim/axi_memory.h"

namespace wren::sim {
namespace {

// Addresses of LPDDR5: byte [4:0], group [5], channel [7:6], column [13:8], group [14], bank
// [16:15], row from 17 up. Row 16 is the next one whose hash leaves the bank alone.
constexpr uint64_t kOtherGroup = 32, kOtherColumn = 256, kOtherRow = uint64_t{16} << 17;
// Column command of a read to its data at the port: RL 21.25 + burst 2.5 + controller 20 ns.
constexpr uint64_t kReadTail = 21250 + 2500 + 20000;

DramModel Lpddr5() { return DramModel(DramTiming::Of(MemoryKind::kLpddr5)); }

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

TEST(Dram, KnowsThePeaksOfItsKinds) {
  EXPECT_DOUBLE_EQ(DramTiming::Of(MemoryKind::kLpddr5).peak(), 51.2);
  EXPECT_DOUBLE_EQ(DramTiming::Of(MemoryKind::kIdeal).peak(), 64.0);
  EXPECT_NEAR(DramTiming::Of(MemoryKind::kHbm2e307).peak(), 307.2, 0.5);
  EXPECT_NEAR(DramTiming::Of(MemoryKind::kHbm2e461).peak(), 460.8, 0.5);
  EXPECT_THROW(DramTiming::Of(MemoryKind::kFixed), Error);
  for (const MemoryKind kind : kMemoryKinds) EXPECT_EQ(ParseMemoryKind(MemoryKindName(kind)), kind);
  EXPECT_THROW(ParseMemoryKind("ddr9"), Error);
}

TEST(Dram, PutsEveryAccessInAPlaceOfItsOwn) {
  for (const MemoryKind kind : {MemoryKind::kLpddr5, MemoryKind::kHbm2e307}) {
    const DramModel dram(DramTiming::Of(kind));
    std::set<std::tuple<uint32_t, uint32_t, uint32_t, uint64_t>> seen;
    for (uint64_t a = 0; a < 1 << 20; a += 32) {
      const DramModel::Place p = dram.Map(a);
      EXPECT_LT(p.channel, dram.timing().channels);
      EXPECT_LT(p.bank, 16u);
      EXPECT_LT(p.column, dram.timing().page_bytes / 32);
      EXPECT_TRUE(seen.insert({p.channel, p.bank, p.column, p.row}).second) << a;
      const DramModel::Place q = dram.Map(a + 31);
      EXPECT_EQ(std::tie(p.channel, p.bank, p.column, p.row),
                std::tie(q.channel, q.bank, q.column, q.row));
    }
  }
}

TEST(Dram, SpreadsRowsAPowerOfTwoApartOverAllBanks) {
  const DramModel dram = Lpddr5();
  std::set<uint32_t> banks;
  for (uint64_t row = 0; row < 16; ++row) banks.insert(dram.Map(row << 17).bank);
  EXPECT_EQ(banks.size(), 16u);
}

TEST(Dram, OpensARowBeforeTheFirstRead) {
  DramModel dram = Lpddr5();
  EXPECT_EQ(dram.Access(0, 0, false), 18000 + kReadTail);  // tRCD
  EXPECT_EQ(dram.stats().activates, 1u);
  EXPECT_EQ(dram.stats().conflicts, 0u);
}

TEST(Dram, ReadsAnOpenRowWithoutActivating) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);
  EXPECT_EQ(dram.Access(100000, kOtherColumn, false), 100000 + kReadTail);
  EXPECT_EQ(dram.stats().hits, 1u);
}

TEST(Dram, KeepsTheColumnDistanceOfABankGroup) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);  // column command at 18 ns
  EXPECT_EQ(dram.Access(0, kOtherColumn, false), 18000 + 5000 + kReadTail);  // tCCD_L
  dram.Access(100000, kOtherGroup, false);
  dram.Access(200000, kOtherGroup, false);
  EXPECT_EQ(dram.Access(200000, 0, false), 200000 + 2500 + kReadTail);  // tCCD_S
}

TEST(Dram, ClosesARowAfterTrasAndReopensAfterTrc) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);
  // Precharge at tRAS = 42, activate at 42 + tRP = tRC = 60, column at 78 ns.
  EXPECT_EQ(dram.Access(0, kOtherRow, false), 78000 + kReadTail);
  EXPECT_EQ(dram.stats().conflicts, 1u);

  DramTiming slow = DramTiming::Of(MemoryKind::kLpddr5);
  slow.t_rc = 70000;
  DramModel other(slow);
  other.Access(0, 0, false);
  EXPECT_EQ(other.Access(0, kOtherRow, false), 88000 + kReadTail);
}

TEST(Dram, ClosesARowAfterTheReadsAndWritesInIt) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);
  dram.Access(100000, 0, false);
  // tRTP 10 + tRP 18 + tRCD 18
  EXPECT_EQ(dram.Access(100000, kOtherRow, false), 146000 + kReadTail);

  DramModel written = Lpddr5();
  written.Access(0, 0, true);  // data until 18 + WL 11.25 + 2.5 = 31.75
  // tWR 34 + tRP 18 + tRCD 18
  EXPECT_EQ(written.Access(0, kOtherRow, false), 31750 + 34000 + 18000 + 18000 + kReadTail);
}

TEST(Dram, SpacesActivatesByTrrdAndTfaw) {
  DramTiming timing = DramTiming::Of(MemoryKind::kLpddr5);
  timing.t_faw = 30000;
  DramModel dram(timing);
  const uint64_t banks[] = {0, 32, 1 << 14, (1 << 14) + 32, 1 << 15};
  const uint64_t activates[] = {0, 5000, 10000, 15000, 30000};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(dram.Access(0, banks[i], false), activates[i] + 18000 + kReadTail) << i;
}

TEST(Dram, TurnsFromWritesToReads) {
  for (const bool same : {true, false}) {
    DramModel dram = Lpddr5();
    EXPECT_EQ(dram.Access(0, 0, true), 31750u + 20000u);
    // tWTR after the last write data: 12 ns in the same bank group, 6.25 ns in another.
    EXPECT_EQ(dram.Access(0, same ? kOtherColumn : kOtherGroup, false),
              31750 + (same ? 12000 : 6250) + kReadTail);
    EXPECT_EQ(dram.stats().turnarounds, 1u);
  }
}

TEST(Dram, TurnsFromReadsToWrites) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);  // data until 18 + 21.25 + 2.5 = 41.75
  // A clock of silence, then the burst.
  EXPECT_EQ(dram.Access(0, kOtherColumn, true), 41750u + 1250u + 2500u + 20000u);
}

TEST(Dram, RefreshesEveryTrefi) {
  DramModel dram = Lpddr5();
  dram.Access(0, 0, false);
  EXPECT_EQ(dram.Access(3905000, 0, false), 3905000 + kReadTail);
  EXPECT_EQ(dram.stats().refreshes, 0u);
  // The open row's precharge may follow its last read by tRTP: 3905 + 10. Then all banks close
  // (tRPab), refresh (tRFC) and the row opens again.
  EXPECT_EQ(dram.Access(3906000, 0, false), 3915000 + 21000 + 210000 + 18000 + kReadTail);
  EXPECT_EQ(dram.stats().refreshes, 1u);
  // After a second, every interval has had its refresh.
  dram.Access(1000000000000, 0, false);
  EXPECT_EQ(dram.stats().refreshes, 1000000000000u / 3906000u);
}

TEST(Dram, LooksOnlyAQueueAhead) {
  DramTiming timing = DramTiming::Of(MemoryKind::kLpddr5);
  timing.queue = 1;
  DramModel dram(timing);
  dram.Access(0, 0, false);
  // The second bank opens only when the first access's column command (18 ns) is out.
  EXPECT_EQ(dram.Access(0, kOtherGroup, false), 18000 + 18000 + kReadTail);
}

TEST(Dram, NeverPutsTwoBurstsOnOneBusAtOnce) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("WREN_SEED=" + std::to_string(seed));
  for (const MemoryKind kind :
       {MemoryKind::kLpddr5, MemoryKind::kHbm2e307, MemoryKind::kHbm2e461}) {
    DramModel dram(DramTiming::Of(kind)), again(DramTiming::Of(kind));
    std::mt19937_64 random(seed);
    std::map<uint32_t, uint64_t> end;
    uint64_t now = 0;
    for (int i = 0; i < 100000; ++i) {
      if (random() % 4 == 0) now += random() % 20000;
      if (random() % 5000 == 0) now += 20000000;
      const uint64_t address = random() % (1 << 24);
      const bool write = random() % 3 == 0;
      const uint64_t done = dram.Access(now, address, write);
      ASSERT_GE(done, now + dram.timing().controller + dram.timing().t_burst);
      uint64_t& last = end[dram.Map(address).channel];
      ASSERT_GE(done, last + dram.timing().t_burst) << "access " << i;
      last = done;
      ASSERT_EQ(again.Access(now, address, write), done) << "the same twice";
    }
    const DramStats& s = dram.stats();
    EXPECT_EQ(s.hits + s.activates, s.reads + s.writes);
    EXPECT_GT(s.refreshes, 0u);
    EXPECT_GT(s.turnarounds, 0u);
  }
}

TEST(DramReader, GetsMostOfTheBusInSequenceAndLittleAtRandom) {
  for (const MemoryKind kind :
       {MemoryKind::kLpddr5, MemoryKind::kHbm2e307, MemoryKind::kHbm2e461}) {
    const DramTiming timing = DramTiming::Of(kind);
    DramModel in_order(timing), scattered(timing);
    DramReader reader;
    const double sequence = reader.Run(&in_order);
    reader.random = true;
    const double random = reader.Run(&scattered);
    std::printf("%-10s sequence %.1f GB/s (%.1f%%), random 64 bytes %.1f GB/s (%.1f%%)\n",
                MemoryKindName(kind), sequence, 100 * sequence / timing.peak(), random,
                100 * random / timing.peak());
    // What refresh leaves is the most there can be.
    const double left = 1 - static_cast<double>(timing.t_rfc) / static_cast<double>(timing.t_refi);
    EXPECT_LE(sequence, timing.peak() * left * 1.001);
    EXPECT_GE(sequence, timing.peak() * (kind == MemoryKind::kLpddr5 ? 0.90 : 0.85));
    EXPECT_LT(random, 0.6 * sequence);
  }
  DramModel ideal(DramTiming::Of(MemoryKind::kIdeal));
  EXPECT_NEAR(DramReader{}.Run(&ideal), 64.0, 0.1);
}

TEST(DramReader, SeesRefreshInItsRate) {
  DramTiming timing = DramTiming::Of(MemoryKind::kLpddr5);
  DramModel with(timing);
  timing.t_refi = 0;
  DramModel without(timing);
  const double slow = DramReader{}.Run(&with), fast = DramReader{}.Run(&without);
  EXPECT_GT(fast, 0.99 * timing.peak());
  // 210 of 3906 ns, and what closing and opening all rows costs.
  EXPECT_NEAR(slow / fast, 1 - 210.0 / 3906.0, 0.03);
  EXPECT_LT(slow / fast, 1 - 210.0 / 3906.0 + 0.001);
}

AxiIn Idle() {
  AxiIn in;
  in.r_ready = in.b_ready = true;
  return in;
}

AxiIn ReadRequest(uint64_t addr, int beats, int size) {
  AxiIn in = Idle();
  in.ar_valid = true;
  in.ar_addr = addr;
  in.ar_len = uint8_t(beats - 1);
  in.ar_size = uint8_t(size);
  return in;
}

AxiMemoryConfig Memory(MemoryKind kind, int bus_bytes) {
  AxiMemoryConfig c;
  c.size = 8 << 20;
  c.bus_bytes = bus_bytes;
  c.kind = kind;
  return c;
}

TEST(DramAxi, OffersEachBeatWhenItsDataHasCome) {
  AxiMemory wide(Memory(MemoryKind::kLpddr5, 64));
  wide.Tick(Idle());
  wide.Tick(ReadRequest(0, 1, 6));
  // Two accesses in two bank groups: the second activates tRRD later, 5 + 18 + 43.75 = 66.75 ns.
  int cycles = 1;
  for (; !wide.out().r_valid; ++cycles) wide.Tick(Idle());
  EXPECT_EQ(cycles, 67);

  AxiMemory narrow(Memory(MemoryKind::kLpddr5, 16));
  narrow.Tick(Idle());
  narrow.Tick(ReadRequest(0, 4, 4));
  std::vector<int> offered;
  for (cycles = 1; offered.size() < 4; ++cycles) {
    if (narrow.out().r_valid) offered.push_back(cycles);
    ASSERT_LT(cycles, 1000);
    narrow.Tick(Idle());
  }
  // 61.75 ns for both beats of the first access, 66.75 for those of the second.
  EXPECT_EQ(offered, (std::vector<int>{62, 63, 67, 68}));
  EXPECT_EQ(narrow.dram()->stats().reads, 2u);
}

TEST(DramAxi, AnswersAWriteWhenItIsInTheDram) {
  AxiMemory memory(Memory(MemoryKind::kLpddr5, 64));
  memory.Tick(Idle());
  AxiIn in = Idle();
  in.aw_valid = in.w_valid = in.w_last = true;
  in.aw_size = 6;
  in.w_strb = ~uint64_t{0};
  in.w_data.fill(0x5A);
  memory.Tick(in);
  // The second bank group: activate 5, column 23, WL 11.25, burst 2.5, controller 20: 56.75 ns.
  int cycles = 1;
  for (; !memory.out().b_valid; ++cycles) memory.Tick(Idle());
  EXPECT_EQ(cycles, 57);
  uint8_t byte = 0;
  memory.Read(63, &byte, 1);
  EXPECT_EQ(byte, 0x5A);
  EXPECT_EQ(memory.dram()->stats().writes, 2u);
}

// 32 bursts of 4 KiB under way, in sequence: bytes per cycle at the port.
double PortRate(MemoryKind kind) {
  AxiMemory memory(Memory(kind, 64));
  uint64_t next = 0;
  memory.Tick(Idle());
  while (memory.read_bytes() < memory.config().size) {
    const bool more = next < memory.config().size && memory.reads_outstanding() < 32;
    const bool taken = more && memory.out().ar_ready;
    memory.Tick(more ? ReadRequest(next, 64, 6) : Idle());
    if (taken) next += 4096;
  }
  return static_cast<double>(memory.read_bytes()) / static_cast<double>(memory.cycles());
}

TEST(DramAxi, StreamsAtTheRateOfTheDramOrOfThePort) {
  const double lpddr5 = PortRate(MemoryKind::kLpddr5);
  std::printf("lpddr5 through a port of 64 bytes: %.1f bytes per cycle\n", lpddr5);
  EXPECT_GE(lpddr5, 0.9 * 51.2);
  EXPECT_LE(lpddr5, 51.2);
  // A port of 64 GB/s in front of 307 GB/s: the port is the limit.
  EXPECT_GE(PortRate(MemoryKind::kHbm2e307), 0.97 * 64);
  EXPECT_GE(PortRate(MemoryKind::kIdeal), 0.99 * 64);
}

TEST(DramAxi, ReadsHashBytesWhereNothingWasWritten) {
  AxiMemoryConfig c = Memory(MemoryKind::kFixed, 64);
  c.procedural = true;
  c.latency_min = c.latency_max = 1;
  AxiMemory memory(c);
  std::vector<uint8_t> got(10000);
  memory.Read(4090, got.data(), got.size());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], ProceduralByte(4090 + i)) << i;
  EXPECT_GT(std::set<uint8_t>(got.begin(), got.end()).size(), 250u);
  // A write leaves its neighbours alone, across a page's end too.
  const uint8_t mine[4] = {1, 2, 3, 4};
  memory.Write(8190, mine, 4);
  memory.Read(4090, got.data(), got.size());
  for (size_t i = 0; i < got.size(); ++i) {
    const uint64_t a = 4090 + i;
    ASSERT_EQ(got[i], a >= 8190 && a < 8194 ? mine[a - 8190] : ProceduralByte(a)) << a;
  }
  // Through the port: one strobed byte, then the beat.
  memory.Tick(Idle());
  AxiIn in = Idle();
  in.aw_valid = in.w_valid = in.w_last = true;
  in.aw_addr = 65536;
  in.aw_size = 6;
  in.w_strb = 2;
  in.w_data.fill(0x77);
  memory.Tick(in);
  memory.Tick(ReadRequest(65536, 1, 6));
  while (!memory.out().r_valid) memory.Tick(Idle());
  for (size_t i = 0; i < 64; ++i)
    EXPECT_EQ(memory.out().r_data[i], i == 1 ? 0x77 : ProceduralByte(65536 + i)) << i;
  EXPECT_THROW(memory.data(), Error);
}

TEST(DramAxi, KeepsProceduralRegionsInTheirFormat) {
  AxiMemoryConfig c = Memory(MemoryKind::kFixed, 64);
  c.procedural = true;
  c.regions = {{8192, 64, 0x83FF83FFu, 0x1C001C00u}, {4096, 4096, 0x007FFFFFu, 0x3F800000u}};
  AxiMemory memory(c);
  std::vector<uint8_t> got(8192);
  const auto check = [&](const uint8_t* mine, uint64_t at) {
    memory.Read(3, got.data(), got.size());  // not aligned: the same bytes
    for (uint64_t a = 3; a < 3 + got.size(); ++a) {
      static constexpr uint8_t kKeep[2][4] = {{0xFF, 0x83, 0xFF, 0x83}, {0xFF, 0xFF, 0x7F, 0}};
      static constexpr uint8_t kSet[2][4] = {{0, 0x1C, 0, 0x1C}, {0, 0, 0x80, 0x3F}};
      uint8_t want = ProceduralByte(a);
      const int region = a < 4096 ? -1 : a < 8192 ? 1 : a < 8256 ? 0 : -1;
      if (region >= 0)
        want = static_cast<uint8_t>((want & kKeep[region][a % 4]) | kSet[region][a % 4]);
      if (mine != nullptr && a >= at && a < at + 2) want = mine[a - at];
      ASSERT_EQ(got[a - 3], want) << a;
    }
  };
  check(nullptr, 0);
  const uint8_t mine[2] = {9, 8};
  memory.Write(8191, mine, 2);
  check(mine, 8191);
  EXPECT_THROW(ProceduralContents({{0, 16}, {8, 8}}), Error);
  EXPECT_THROW(ProceduralContents({{4, 8}}), Error);
}

}  // namespace
}  // namespace wren::sim
