// The DMA alone: every command kind against a plain reference, on both bus widths, under stalls and
// latencies.
#include <functional>

#include "Vdma16.h"
#include "Vdma16___024root.h"
#include "Vdma16_deep.h"
#include "Vdma16_deep___024root.h"
#include "Vdma64.h"
#include "Vdma64___024root.h"
#include "Vdma64_deep.h"
#include "Vdma64_deep___024root.h"
#include "dma_bench.h"

namespace wren::tb {
namespace {

using namespace isa;

uint64_t Seed() {
  const char* env = std::getenv("WREN_SEED");
  return env != nullptr ? std::strtoull(env, nullptr, 0) : 1;
}

struct Narrow : Bench<Vdma16, 16> {
  static constexpr int kBus = 16;
  using Bench::Bench;
};
struct Wide : Bench<Vdma64, 64> {
  static constexpr int kBus = 64;
  using Bench::Bench;
};
struct NarrowDeep : Bench<Vdma16_deep, 16> {
  static constexpr int kBus = 16;
  using Bench::Bench;
};
struct WideDeep : Bench<Vdma64_deep, 64> {
  static constexpr int kBus = 64;
  using Bench::Bench;
};

// --- Random commands, legal by construction ---
struct Region {
  uint64_t first, size;
};

struct Generator {
  std::mt19937_64 random;
  // What LD may read and write, and ST; disjoint when both run at once.
  Region ld_ext{0, 1 << 19}, ld_l2{0, 65536}, ld_vm{8192, 24576};
  Region st_ext{1 << 19, 1 << 19}, st_l2{0, 65536}, st_vm{0, 32768};

  uint64_t Below(uint64_t n) { return random() % n; }
  uint32_t Pick(uint32_t lo, uint32_t hi, uint32_t align) {
    return (lo + uint32_t(Below(hi - lo + 1))) / align * align;
  }

  uint32_t Count() { return Below(3) == 0 ? 1 + uint32_t(Below(6)) : 1 + uint32_t(Below(2)); }

  // Strides of three dimensions such that base + sum (n-1)*stride + len <= size; returns a base.
  uint64_t Strides(uint64_t size, uint32_t len, const uint32_t n[3], uint32_t align, uint32_t s[3],
                   bool dense) {
    uint64_t left = size - len;
    for (int d = 0; d < 3; ++d) {
      s[d] = 0;
      if (n[d] == 1) {
        if (Below(2)) s[d] = uint32_t(Below(4096)) / align * align;  // of no consequence
        continue;
      }
      const uint64_t most = left / (n[d] - 1) / align * align;
      uint64_t stride =
          Below(4) == 0 ? most : Below(std::min<uint64_t>(most, 1024) + 1) / align * align;
      if (d == 0 && dense && len % align == 0 && len <= most) stride = len;
      s[d] = uint32_t(stride);
      left -= stride * (n[d] - 1);
    }
    return Below(left + 1) / align * align;
  }

  // Halves of L2 so that a copy inside L2 does not overlap itself.
  static Region Half(Region r, bool upper) {
    return {r.first + (upper ? r.size / 2 : 0), r.size / 2};
  }

  Region Destination(LdDst dst, bool upper) {
    switch (dst) {
      case LdDst::kVm:
        return ld_vm;
      case LdDst::kL2:
        return Half(ld_l2, upper);
      default:
        return {0, kBytes[int(dst)]};
    }
  }

  template <class C>
  void Shape(C* c, Region to, uint32_t align) {
    const uint32_t most = uint32_t(std::min<uint64_t>(to.size, Below(8) == 0 ? 6000 : 300));
    c->len = std::max(align, Pick(align, most, align));
    c->n1 = Count();
    c->n2 = Count();
    c->n3 = Count();
  }
  template <class C>
  void To(C* c, Region to, uint32_t align, bool dense) {
    const uint32_t n[3] = {c->n1, c->n2, c->n3};
    uint32_t t[3];
    c->dst = uint32_t(to.first + Strides(to.size, c->len, n, align, t, dense));
    c->t1 = t[0];
    c->t2 = t[1];
    c->t3 = t[2];
  }
  template <class C>
  void From(C* c, Region from, uint32_t align, bool dense) {
    const uint32_t n[3] = {c->n1, c->n2, c->n3};
    uint32_t s[3];
    c->src = uint32_t(from.first + Strides(from.size, c->len, n, align, s, dense));
    c->s1 = s[0];
    c->s2 = s[1];
    c->s3 = s[2];
  }

  Command Load() {
    const int kind = int(Below(8));
    const bool upper = Below(2), l2_source = Below(2);
    const bool dense = Below(3) == 0;
    const LdDst dst = LdDst(Below(7));
    const bool inside_l2 = l2_source && dst == LdDst::kL2;
    const Region from = inside_l2 ? Half(ld_l2, !upper) : l2_source ? ld_l2 : ld_ext;
    const ExtSpace from_space = l2_source ? ExtSpace::kL2 : ExtSpace::kExt;
    if (kind == 0) {
      LdFill c;
      c.dst_space = dst;
      c.pattern = uint32_t(random());
      Shape(&c, Destination(dst, upper), 16);
      To(&c, Destination(dst, upper), 16, dense);
      return c;
    }
    if (kind == 1) {
      LdGather c;
      c.dst_space = dst;
      c.src_space = from_space;
      Shape(&c, Destination(dst, upper), 16);
      c.n1 = 1 + uint32_t(Below(12));
      c.n2 = 1 + uint32_t(Below(2));
      c.n3 = 1 + uint32_t(Below(2));
      c.len = std::min(c.len, 128u);
      To(&c, Destination(dst, upper), 16, dense);
      c.s1 = uint32_t(Below(200)) * 16;  // indices are below 4
      c.s2 = uint32_t(Below(64)) * 16;
      c.s3 = uint32_t(Below(64)) * 16;
      c.src = from.first + Below((from.size - 3 * 3200 - 2048 - 128) / 16) * 16;
      c.idx = uint32_t(Below((8192 - 4 * c.n1) / 4)) * 4;
      return c;
    }
    if (kind == 2) {
      LdTranspose c;
      const Region from = l2_source ? ld_l2 : ld_ext;
      c.src_space = from_space;
      c.dst_space = LdDst::kWb;
      c.n1 = 32 * (1 + uint32_t(Below(2)));
      c.len = 32 * (1 + uint32_t(Below(3)));
      c.n2 = 1 + uint32_t(Below(2));
      c.s1 = 16 * uint32_t(Below(20));
      c.s2 = 16 * uint32_t(Below(100));
      c.s3 = 16 * uint32_t(Below(100));
      const uint64_t extent = 63 * 320 + 1600 + 96;
      c.src = from.first + Below((from.size - extent) / 16) * 16;
      const uint32_t n[3] = {c.n1 / 32, c.n2, 1};
      uint32_t t[3];
      c.dst = uint32_t(Strides(8192, c.len * 32, n, 32, t, false));
      c.t1 = t[0];
      c.t2 = t[1];
      c.t3 = t[2];
      return c;
    }
    LdCopy c;
    c.dst_space = dst;
    c.src_space = from_space;
    Shape(&c, Destination(dst, upper), 16);
    To(&c, Destination(dst, upper), 16, dense);
    From(&c, from, 16, dense);
    return c;
  }

  Command Store() {
    StCopy c;
    const bool upper = Below(2), dense = Below(3) == 0;
    c.src_space = Below(2) ? StSrc::kVm : StSrc::kL2;
    c.dst_space = Below(3) ? ExtSpace::kExt : ExtSpace::kL2;
    const Region from = c.src_space == StSrc::kVm ? st_vm : Half(st_l2, !upper);
    const Region to = c.dst_space == ExtSpace::kExt ? st_ext : Half(st_l2, upper);
    const uint32_t align = Below(3) == 0 ? 32 : 2;
    Shape(&c, from, align);
    To(&c, to, align, dense);
    From(&c, from, align, dense);
    return c;
  }
};

template <class B>
void SmallIndices(B* b) {
  for (int i = 0; i < 8192; i += 4) {
    const uint32_t index = uint32_t(i * 2654435761u >> 13) % 4;
    std::memcpy(&b->mem[kVm][i], &index, 4);
  }
}

template <class B>
void ExpectSame(B* b, const Reference& ref, bool order, const std::string& what) {
  b->FetchExt();
  for (int s = 0; s < kSpaces; ++s) {
    if (b->mem[s] == ref.m[s]) continue;
    size_t i = 0;
    while (b->mem[s][i] == ref.m[s][i]) ++i;
    ADD_FAILURE() << what << ": space " << s << " differs first at 0x" << std::hex << i << ": got "
                  << int(b->mem[s][i]) << " want " << int(ref.m[s][i]);
  }
  if (!order) return;
  for (size_t i = 0; i < std::max(b->ld_writes.size(), ref.ld_writes.size()); ++i) {
    ASSERT_LT(i, b->ld_writes.size()) << what << ": writes are missing";
    ASSERT_LT(i, ref.ld_writes.size()) << what << ": too many writes, first " << b->ld_writes[i];
    ASSERT_EQ(b->ld_writes[i], ref.ld_writes[i]) << what << ": write " << i;
  }
}

template <class B>
class Dma : public ::testing::Test {
 protected:
  // Runs commands (all pushed at once) and compares everything.
  void RunAndCompare(B* b, const std::vector<Command>& commands, bool order = true) {
    Reference ref{b->mem, {}};
    std::string text;
    for (const Command& c : commands) {
      ref.Run(c);
      b->Push(c);
      text += Disassemble(c) + "\n";
      if (::testing::Test::HasFatalFailure()) return;
    }
    if (!b->Drain()) {
      ADD_FAILURE() << text;
      return;
    }
    ExpectSame(b, ref, order, "seed " + std::to_string(Seed()) + "\n" + text);
    b->ld_writes.clear();
    for (int i = 0; i < 20; ++i) b->Step();
    EXPECT_TRUE(b->top->idle_o) << text;
    EXPECT_EQ(b->ld_done, b->ld_sent);
    EXPECT_EQ(b->st_done, b->st_sent);
    EXPECT_TRUE(b->ld_errors.empty() && b->st_errors.empty());
  }
};

using Benches = ::testing::Types<Narrow, Wide, NarrowDeep, WideDeep>;
class BusName {
 public:
  template <class T>
  static std::string GetName(int) {
    return "Bus" + std::to_string(T::kBus) +
           (std::is_same_v<T, NarrowDeep> || std::is_same_v<T, WideDeep> ? "Deep" : "");
  }
};
TYPED_TEST_SUITE(Dma, Benches, BusName);

LdCopy Linear(ExtSpace from, uint64_t src, LdDst to, uint32_t dst, uint32_t len) {
  LdCopy c;
  c.src_space = from;
  c.src = src;
  c.dst_space = to;
  c.dst = dst;
  c.len = len;
  return c;
}

TYPED_TEST(Dma, CopiesToEveryMemory) {
  TypeParam b({.seed = Seed()});
  for (int d = 0; d < 7; ++d) {
    const uint32_t len = uint32_t(kBytes[d] / 2);
    this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x1230, LdDst(d), 0x20, len)});
    this->RunAndCompare(&b, {Linear(ExtSpace::kL2, 0x80, LdDst(d), d == 6 ? 0x8010 : 0x10,
                                    std::min(len, 0x4000u))});
  }
}

TYPED_TEST(Dma, StoresFromVmAndL2) {
  TypeParam b({.seed = Seed()});
  for (int from = 0; from < 2; ++from) {
    for (int to = 0; to < 2; ++to) {
      StCopy c;
      c.src_space = StSrc(from);
      c.dst_space = ExtSpace(to);
      c.src = 0x102;
      c.dst = 0xA04E;
      c.len = 5002;
      this->RunAndCompare(&b, {c});
    }
  }
}

TYPED_TEST(Dma, RunsRandomLoads) {
  for (const Timing& timing : {Timing{20, 20, 0, 2, Seed()}, Timing{1, 60, 30, 3, Seed() + 1},
                               Timing{1, 1, 60, 9, Seed() + 2}}) {
    TypeParam b(timing);
    SmallIndices(&b);
    Generator g{std::mt19937_64(timing.seed)};
    for (int round = 0; round < 60; ++round) {
      std::vector<Command> commands;
      for (int i = int(g.Below(6)); i >= 0; --i) commands.push_back(g.Load());
      this->RunAndCompare(&b, commands);
      if (this->HasFailure()) return;
    }
  }
}

TYPED_TEST(Dma, RunsRandomStores) {
  for (const Timing& timing : {Timing{20, 20, 0, 2, Seed()}, Timing{1, 60, 30, 3, Seed() + 1},
                               Timing{1, 1, 60, 9, Seed() + 2}}) {
    TypeParam b(timing);
    Generator g{std::mt19937_64(timing.seed)};
    for (int round = 0; round < 80; ++round) {
      std::vector<Command> commands;
      for (int i = int(g.Below(6)); i >= 0; --i) commands.push_back(g.Store());
      this->RunAndCompare(&b, commands);
      if (this->HasFailure()) return;
    }
  }
}

TYPED_TEST(Dma, RunsLoadsAndStoresAtOnce) {
  for (int percent : {0, 35}) {
    TypeParam b({1, 100, percent, 4, Seed()});
    SmallIndices(&b);
    Generator g{std::mt19937_64(Seed() + percent)};
    g.ld_l2 = {0, 32768};
    g.st_l2 = {32768, 32768};
    g.ld_vm = {8192, 8192};
    g.st_vm = {16384, 16384};
    for (int round = 0; round < 40; ++round) {
      std::vector<Command> commands;
      for (int i = 0; i < 12; ++i) commands.push_back(g.Below(2) ? g.Load() : g.Store());
      this->RunAndCompare(&b, commands);
      if (this->HasFailure()) return;
    }
  }
}

// The same commands give the same writes at every latency.
TYPED_TEST(Dma, GivesTheSameResultAtAnyLatency) {
  std::vector<Write16> first;
  Memories memories;
  for (const auto& [lo, hi, stall] :
       {std::array{1, 1, 0}, std::array{1, 2000, 0}, std::array{2000, 2000, 0},
        std::array{1, 2000, 40}, std::array{300, 700, 10}}) {
    TypeParam b({lo, hi, stall, 2 + stall / 10, Seed()});
    SmallIndices(&b);
    std::mt19937_64 fixed(5);
    for (size_t i = 8192; i < kBytes[kVm]; ++i) b.mem[kVm][i] = uint8_t(i * 37);
    for (int s : {kL2, kExt}) {
      for (uint8_t& x : b.mem[s]) x = uint8_t(fixed());
    }
    b.axi.Write(0, b.mem[kExt].data(), b.mem[kExt].size());
    for (int s : {kAb, kAbScale, kWb, kWbScale, kLut})
      std::fill(b.mem[s].begin(), b.mem[s].end(), 0);
    Generator g{std::mt19937_64(Seed() + 99)};
    g.ld_l2 = {0, 32768};
    g.st_l2 = {32768, 32768};
    g.ld_vm = {8192, 8192};
    g.st_vm = {16384, 16384};
    for (int i = 0; i < 40; ++i) {
      b.Push(g.Load());
      b.Push(g.Store());
    }
    ASSERT_TRUE(b.Drain(400000));
    b.FetchExt();
    if (first.empty()) {
      first = b.ld_writes;
      memories = b.mem;
      ASSERT_FALSE(first.empty());
    }
    EXPECT_TRUE(b.ld_writes == first) << "latency " << lo << ".." << hi;
    EXPECT_TRUE(b.mem == memories) << "latency " << lo << ".." << hi;
  }
}

TYPED_TEST(Dma, SplitsBurstsAt4KiBBoundaries) {
  const int bus = TypeParam::kBus;
  TypeParam b({.seed = Seed()});
  // 8192 bytes from 64 before a boundary: the memory model and the checker stop any burst that
  // crosses.
  this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x1FC0, LdDst::kAb, 0, 8192)});
  EXPECT_EQ(b.axi.read_bursts(), bus == 64 ? 3u : 9u);
  StCopy c;
  c.src_space = StSrc::kVm;
  c.dst = 0x9FF0;
  c.len = 8192;
  this->RunAndCompare(&b, {c});
  EXPECT_EQ(b.axi.write_bursts(), bus == 64 ? 3u : 9u);
}

TYPED_TEST(Dma, JoinsAdjacentRuns) {
  TypeParam b({.seed = Seed()});
  LdCopy c = Linear(ExtSpace::kExt, 0x4000, LdDst::kAb, 0, 16);
  c.n1 = 16;
  c.s1 = c.t1 = 16;
  c.n2 = 4;
  c.s2 = c.t2 = 256;
  this->RunAndCompare(&b, {c});
  EXPECT_EQ(b.axi.read_bursts(), TypeParam::kBus == 64 ? 1u : 1u);
  StCopy s;
  s.src_space = StSrc::kVm;
  s.dst = 0x8000;
  s.len = 2;
  s.n1 = 512;
  s.s1 = s.t1 = 2;
  this->RunAndCompare(&b, {s});
  EXPECT_EQ(b.axi.write_bursts(), 1u);
}

TYPED_TEST(Dma, KeepsSixteenReadsAndWritesOutstanding) {
  TypeParam b({500, 500, 0, 2, Seed()});
  LdCopy c = Linear(ExtSpace::kExt, 0, LdDst::kAb, 0, 64);
  c.n1 = 64;
  c.s1 = 192;
  c.t1 = 64;
  StCopy s;
  s.src_space = StSrc::kVm;
  s.dst = 0x80000;
  s.len = 2;
  s.n1 = 64;
  s.s1 = 2;
  s.t1 = 64;
  this->RunAndCompare(&b, {c, s});
  EXPECT_GE(b.axi.max_reads_outstanding(), 16);
  EXPECT_GE(b.axi.max_writes_outstanding(), 16);
}

// Commands of a channel see what the commands before wrote.
TYPED_TEST(Dma, OrdersCommandsThroughL2AndIndices) {
  for (int percent : {0, 50}) {
    TypeParam b({1, 200, percent, 5, Seed()});
    SmallIndices(&b);
    const uint32_t indices[8] = {7, 0, 3, 3, 9, 1, 12, 5};
    b.axi.Write(0x100, indices, sizeof(indices));
    b.FetchExt();
    LdGather g;
    g.src = 0x400;
    g.dst_space = LdDst::kAb;
    g.len = 48;
    g.n1 = 8;
    g.s1 = 0x50;
    g.t1 = 64;
    g.idx = 0x2000;
    StCopy s1, s2;
    s1.src_space = StSrc::kVm;
    s1.src = 0x4000;
    s1.dst_space = ExtSpace::kL2;
    s1.dst = 0xC002;
    s1.len = 700;
    s2.src_space = StSrc::kL2;
    s2.src = 0xC000;
    s2.dst = 0x90000;
    s2.len = 704;
    this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x100, LdDst::kVm, 0x2000, 32), g,
                             Linear(ExtSpace::kExt, 0x7770, LdDst::kL2, 0x1010, 640),
                             Linear(ExtSpace::kL2, 0x1000, LdDst::kAb, 0x1000, 672), s1, s2});
  }
}

TYPED_TEST(Dma, TransposesTilesOfEveryShape) {
  for (int percent : {0, 40}) {
    TypeParam b({1, 40, percent, 3, Seed()});
    for (uint32_t len : {32u, 64u, 96u, 128u}) {
      for (uint32_t dst : {0u, 32u}) {
        for (uint32_t skew : {0u, 16u, 48u}) {
          LdTranspose c;
          c.src = 0x2000 + skew;
          c.dst_space = LdDst::kWb;
          c.dst = dst;
          c.len = len;
          c.n1 = 32;
          c.s1 = 144;
          // Neighbours in the queue that do not transpose
          this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x40, LdDst::kWb, 0, 256), c,
                                   Linear(ExtSpace::kL2, 0x40, LdDst::kWb, 96, 256), c});
          if (this->HasFailure()) return;
        }
      }
    }
  }
}

// --- Throughput: beats per cycle between the first and the last ---
TYPED_TEST(Dma, StreamsAlignedCopiesFromExternalMemory) {
  TypeParam b({100, 100, 0, 2, Seed()});
  const uint64_t start = b.cycle;
  for (int i = 0; i < 4; ++i)
    b.Push(Linear(ExtSpace::kExt, 0x10000 + i * 0x4000, LdDst::kAb, 0, 16384));
  ASSERT_TRUE(b.Drain());
  const double rate = double(b.ld_beats - 1) / double(b.last_ld - b.first_ld);
  std::printf("EXT to AB: %.4f beats/cycle, first beat after %d cycles\n", rate,
              int(b.first_ld - start));
  EXPECT_GE(rate, 0.95);
  EXPECT_EQ(b.rd_bytes, 65536u);
}

TYPED_TEST(Dma, StreamsAlignedCopiesFromL2) {
  TypeParam b({100, 100, 0, 2, Seed()});
  for (int i = 0; i < 4; ++i) b.Push(Linear(ExtSpace::kL2, i * 0x4000, LdDst::kAb, 0, 16384));
  ASSERT_TRUE(b.Drain());
  const double rate = double(b.ld_beats - 1) / double(b.last_ld - b.first_ld);
  std::printf("L2 to AB: %.4f beats/cycle, first beat after %d cycles\n", rate, int(b.first_ld));
  EXPECT_GE(rate, 0.98);
  EXPECT_EQ(b.ld_buckets[0], b.ld_beats);
}

TYPED_TEST(Dma, StreamsUnalignedCopies) {
  TypeParam b({100, 100, 0, 2, Seed()});
  for (int i = 0; i < 4; ++i)
    b.Push(Linear(ExtSpace::kL2, 0x10 + i * 0x3000, LdDst::kAb, 0x20, 12288));
  ASSERT_TRUE(b.Drain());
  const double rate = double(b.ld_beats - 1) / double(b.last_ld - b.first_ld);
  std::printf("L2 to AB, unaligned: %.4f beats/cycle\n", rate);
  EXPECT_GE(rate, 0.97);
}

TYPED_TEST(Dma, StreamsStoresFromVm) {
  TypeParam b({100, 100, 0, 2, Seed()});
  const uint64_t beats = 4 * 16384 / TypeParam::kBus;
  uint64_t first = 0;
  for (int i = 0; i < 4; ++i) {
    StCopy c;
    c.src_space = StSrc::kVm;
    c.dst = 0x80000 + i * 0x4000;
    c.len = 16384;
    b.Push(c);
  }
  while (b.axi.write_bytes() == 0 && b.cycle < 1000) b.Step();
  first = b.last_w;
  ASSERT_TRUE(b.Drain());
  const double rate = double(beats - 1) / double(b.last_w - first);
  std::printf("VM to EXT: %.4f beats/cycle, first beat in cycle %d\n", rate, int(first));
  EXPECT_GE(rate, 0.95);
  EXPECT_EQ(b.wr_bytes, 65536u);
}

TYPED_TEST(Dma, StoresShortRunsEveryCycleOrTwo) {
  TypeParam b({30, 30, 0, 2, Seed()});
  StCopy c;
  c.src_space = StSrc::kVm;
  c.src = 0x22;
  c.dst = 0x80006;
  c.len = 2;
  c.n1 = 800;
  c.s1 = 6;
  c.t1 = 130;
  b.Push(c);
  while (b.axi.write_bytes() == 0 && b.cycle < 1000) b.Step();
  const uint64_t first = b.last_w;
  ASSERT_TRUE(b.Drain());
  const double rate = 799.0 / double(b.last_w - first);
  std::printf("2-byte runs: %.3f per cycle\n", rate);
  EXPECT_GE(rate, 0.5);
}

TYPED_TEST(Dma, TransposesAtTheRateOfTheBus) {
  TypeParam b({100, 100, 0, 2, Seed()});
  for (int i = 0; i < 8; ++i) {
    LdTranspose c;
    c.src_space = ExtSpace::kL2;
    c.dst_space = LdDst::kWb;
    c.len = 64;
    c.n1 = 128;
    c.s1 = 64;
    c.t1 = 2048;
    b.Push(c);
  }
  ASSERT_TRUE(b.Drain());
  const double rate = double(b.ld_beats - 1) / double(b.last_ld - b.first_ld);
  std::printf("transpose from L2: %.4f beats/cycle\n", rate);
  EXPECT_GE(rate, 0.9);
}

// --- Errors ---
TYPED_TEST(Dma, StopsAtAReadError) {
  for (const auto& [resp, code] :
       {std::pair{sim::AxiResp::kSlverr, 2}, std::pair{sim::AxiResp::kDecerr, 3}}) {
    for (int percent : {0, 40}) {
      TypeParam b({1, 50, percent, 2, Seed()});
      const uint64_t bad = 0x3000 + 5 * 64;
      b.axi.AddFault(bad, 16, resp);
      Reference ref{b.mem, {}};
      const LdCopy good = Linear(ExtSpace::kExt, 0x8010, LdDst::kVm, 0x40, 4096);
      ref.Run(good);
      ref.Run(Linear(ExtSpace::kExt, 0x3000, LdDst::kAb, 0, uint32_t(bad - 0x3000)));
      b.Push(good);
      b.Push(Linear(ExtSpace::kExt, 0x3000, LdDst::kAb, 0, 8192));
      b.Push(Linear(ExtSpace::kExt, 0x20000, LdDst::kAb, 0x2000, 4096));
      for (int i = 0; i < 5000 && b.ld_errors.empty(); ++i) b.Step();
      ASSERT_EQ(b.ld_errors.size(), 1u);
      EXPECT_EQ(b.ld_errors[0].code, 5);
      EXPECT_EQ(b.ld_errors[0].info, uint32_t(code));
      EXPECT_EQ(b.ld_errors[0].addr, bad);
      EXPECT_EQ(b.ld_done, 1);
      b.halt = true;
      for (int i = 0; i < 2000; ++i) b.Step();
      EXPECT_TRUE(b.top->idle_o);
      EXPECT_TRUE(b.axi.idle());
      EXPECT_EQ(b.ld_errors.size(), 1u);
      EXPECT_EQ(b.ld_done, 1);
      ExpectSame(&b, ref, true, "read error");
      // After a reset everything works again.
      b.halt = false;
      b.Reset();
      b.axi.ClearFaults();
      b.ld_writes.clear();
      b.ld_errors.clear();
      b.ld_sent = b.ld_done = 0;
      this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x3000, LdDst::kAb, 0, 8192)});
    }
  }
}

TYPED_TEST(Dma, StopsAtAWriteError) {
  for (int percent : {0, 40}) {
    TypeParam b({1, 50, percent, 2, Seed()});
    b.axi.AddFault(0x91000, 2, sim::AxiResp::kSlverr);
    for (int i = 0; i < 3; ++i) {
      StCopy c;
      c.src_space = StSrc::kVm;
      c.dst = 0x90000 + 0x1000 * i;
      c.len = 4096;
      b.Push(c);
    }
    for (int i = 0; i < 20000 && b.st_errors.empty(); ++i) b.Step();
    ASSERT_EQ(b.st_errors.size(), 1u);
    EXPECT_EQ(b.st_errors[0].code, 6);
    EXPECT_EQ(b.st_errors[0].info, 2u);
    EXPECT_EQ(b.st_errors[0].addr, 0x91000u);
    b.halt = true;
    for (int i = 0; i < 2000; ++i) b.Step();
    EXPECT_EQ(b.st_done, 1);
    EXPECT_EQ(b.st_errors.size(), 1u);
    EXPECT_TRUE(b.top->idle_o);
    EXPECT_TRUE(b.axi.idle());
    b.halt = false;
    b.Reset();
    b.axi.ClearFaults();
    b.FetchExt();
    b.st_errors.clear();
    b.st_sent = b.st_done = 0;
    StCopy c;
    c.src_space = StSrc::kVm;
    c.dst = 0x91000;
    c.len = 4096;
    this->RunAndCompare(&b, {c});
  }
}

TYPED_TEST(Dma, StopsAtAGatherBeyondItsMemory) {
  for (ExtSpace space : {ExtSpace::kL2, ExtSpace::kExt}) {
    TypeParam b({10, 10, 0, 2, Seed()});
    const uint32_t indices[4] = {1, 2, 0xFFFFFFF0u, 3};
    std::memcpy(&b.mem[kVm][0x100], indices, sizeof(indices));
    LdGather g;
    g.src_space = space;
    g.dst_space = LdDst::kAb;
    g.len = 32;
    g.n1 = 2;
    g.s1 = 0x1000;
    g.t1 = 32;
    g.idx = 0x100;
    Reference ref{b.mem, {}};
    ref.Run(g);
    g.n1 = 4;
    b.Push(g);
    for (int i = 0; i < 1000 && b.ld_errors.empty(); ++i) b.Step();
    ASSERT_EQ(b.ld_errors.size(), 1u);
    EXPECT_EQ(b.ld_errors[0].code, 3);
    EXPECT_EQ(b.ld_errors[0].info, 1u);
    EXPECT_EQ(b.ld_done, 0);
    for (int i = 0; i < 200; ++i) b.Step();
    EXPECT_TRUE(b.top->idle_o);
    ExpectSame(&b, ref, true, "gather");
  }
}

// Halting at any moment lets the bus run dry, and nothing new starts.
TYPED_TEST(Dma, EndsTransfersUnderWayWhenHalted) {
  for (int at = 1; at < 400; at += 7) {
    TypeParam b({1, 120, at % 3 ? 0 : 40, 4, Seed() + at});
    SmallIndices(&b);
    Generator g{std::mt19937_64(Seed() + at)};
    g.ld_l2 = {0, 32768};
    g.st_l2 = {32768, 32768};
    g.ld_vm = {8192, 8192};
    g.st_vm = {16384, 16384};
    for (int i = 0; i < 20; ++i) {
      b.Push(g.Load());
      b.Push(g.Store());
    }
    for (int i = 0; i < at; ++i) b.Step();
    b.halt = true;
    // What is under way at most: 32 bursts of 64 beats, under stalls.
    for (int i = 0; i < 20000 && !(b.top->idle_o && b.axi.idle()); ++i) b.Step();
    ASSERT_TRUE(b.top->idle_o) << "halted at " << at;
    ASSERT_TRUE(b.axi.idle()) << "halted at " << at;
    const uint64_t reads = b.axi.read_bursts(), writes = b.axi.write_bursts(), l2 = b.l2_read_beats;
    for (int i = 0; i < 100; ++i) b.Step();
    EXPECT_EQ(b.axi.read_bursts(), reads);
    EXPECT_EQ(b.axi.write_bursts(), writes);
    EXPECT_EQ(b.l2_read_beats, l2);
    b.halt = false;
    b.Reset();
    b.ld_writes.clear();
    b.ld_sent = b.ld_done = b.st_sent = b.st_done = 0;
    b.FetchExt();
    this->RunAndCompare(&b, {g.Load(), g.Store()});
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(Dma, FetchesCommandsBesideLoads) {
  for (int percent : {0, 40}) {
    TypeParam b({1, 80, percent, 2, Seed()});
    const int beats = 256 / TypeParam::kBus;
    std::vector<uint8_t> want;
    for (int i = 0; i < 40; ++i) {
      const uint64_t at = 0x6000 + 256 * ((i * 7) % 40);
      b.fetches.push_back({at, beats});
      want.insert(want.end(), b.mem[kExt].begin() + at, b.mem[kExt].begin() + at + 256);
    }
    b.axi.AddFault(0x10000, 64, sim::AxiResp::kSlverr);
    this->RunAndCompare(&b, {Linear(ExtSpace::kExt, 0x20, LdDst::kAb, 0, 8192),
                             Linear(ExtSpace::kExt, 0x4000, LdDst::kAb, 0x40, 8192)});
    for (int i = 0; i < 6000; ++i) b.Step();
    EXPECT_EQ(b.fetched, want);
    EXPECT_EQ(b.fetch_bytes, want.size());
    EXPECT_EQ(b.fetch_errors, 0);
    b.fetches.push_back({0x10000, 64 / TypeParam::kBus});
    for (int i = 0; i < 1000; ++i) b.Step();
    EXPECT_EQ(b.fetch_errors, 64 / TypeParam::kBus);
    EXPECT_TRUE(b.ld_errors.empty());
  }
}

}  // namespace
}  // namespace wren::tb
