// The matrix engine alone, on the three shapes: every ACC write in order and to the bit, under
// traffic on all other ports.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "Vmxe_tb_full.h"
#include "Vmxe_tb_nano.h"
#include "Vmxe_tb_nano_flat.h"
#include "Vmxe_tb_small.h"
#include "Vmxe_tb_small_deep.h"
#include "mxe_bench.h"
#if WREN_HOST_ARITHMETIC
#include "Vmxe_tb_full_host.h"
#include "wren/sim/flush.h"
#endif
#include "wren/isa/model.h"

namespace wren::mxe {
namespace {

// kGap: cycles between two steps on one ACC word, kEnds: of a command beside its steps, kLead:
// until the first one beside the load of its weights; kNote: in a test's name, beside the shape's
// name.
struct Nano {
  static constexpr const char* kName = "nano";
  static constexpr const char* kNote = "nano";
  static constexpr int kGap = 7, kEnds = 26, kLead = 2;
  using Dut = Vmxe_tb_nano;
  static constexpr Shape kShape{2, 1, 16, 16384, 8192, 4096};
};
struct NanoFlat {
  static constexpr const char* kName = "nano";
  static constexpr const char* kNote = "nano_flat";
  static constexpr int kGap = 4, kEnds = 15, kLead = 0;
  using Dut = Vmxe_tb_nano_flat;
  static constexpr Shape kShape = Nano::kShape;
};
struct Small {
  static constexpr const char* kName = "small";
  static constexpr const char* kNote = "small";
  static constexpr int kGap = 4, kEnds = 15, kLead = 0;
  using Dut = Vmxe_tb_small;
  static constexpr Shape kShape{4, 8, 64, 131072, 32768, 32768};
};
struct SmallDeep {
  static constexpr const char* kName = "small";
  static constexpr const char* kNote = "small_deep";
  static constexpr int kGap = 7, kEnds = 26, kLead = 2;
  using Dut = Vmxe_tb_small_deep;
  static constexpr Shape kShape = Small::kShape;
};
struct Full {
  static constexpr const char* kName = "full";
  static constexpr const char* kNote = "full";
  static constexpr int kGap = 4, kEnds = 15, kLead = 0;
  using Dut = Vmxe_tb_full;
  static constexpr Shape kShape{8, 16, 64, 524288, 131072, 131072};
};
#if WREN_HOST_ARITHMETIC
struct FullHost : Full {  // whose sums and products the host computes
  static constexpr const char* kNote = "full_host";
  using Dut = Vmxe_tb_full_host;
  sim::Flush flush;
};
#endif

enum class Values { kPlain, kExtreme, kSpecial };

template <class Config>
class Mxe : public ::testing::Test {
 protected:
  using BenchT = Bench<typename Config::Dut>;

  Mxe() : bench_(Config::kShape, Seed()) {}

  const Shape& shape() { return bench_.shape(); }
  int Random(int n) { return bench_.Random(n); }

  // A scale of either format: ordinary ones around 2^-8, or the corners of the format, or any bits.
  uint16_t Scale(Values values) {
    static const uint16_t kCorners[] = {
        0x0000, 0x8000, 0x0001, 0x8001, 0x03ff, 0x0400, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7c01,
        0x7e00, 0xffff, 0x7f7f, 0xff7f, 0x7f80, 0xff80, 0x7f81, 0x0080, 0x007f, 0x0081, 0x2000};
    if (values == Values::kSpecial && bench_.Chance(40)) {
      return bench_.Chance(60) ? kCorners[Random(static_cast<int>(std::size(kCorners)))]
                               : static_cast<uint16_t>(bench_.rng()());
    }
    return static_cast<uint16_t>(0x1800 + Random(0x1000) +
                                 (Random(2) << 15));  // normal in both formats
  }

  void Fill(Values values) {
    auto& mem = bench_.mem();
    auto bytes = [&](std::vector<int8_t>& v) {
      for (auto& x : v) {
        int kind = values == Values::kPlain ? 9 : Random(4);
        x = static_cast<int8_t>(values == Values::kExtreme ? -128
                                : kind == 0                ? 0
                                : kind == 1                ? Random(3) - 1
                                                           : Random(256) - 128);
      }
    };
    bytes(mem.ab), bytes(mem.wb);
    for (auto& x : mem.ab_scale) x = Scale(values);
    for (auto& x : mem.wb_scale) x = Scale(values);
    bench_.LoadAll();
  }

  // Gives every ACC word a value.
  void FillAcc() {
    Gemm c;
    c.rows = 16 * shape().rows, c.ncg = shape().AccWords() / 16, c.kb = 1, c.acc_gs = c.ncg,
    c.ab_gs = 1, c.wb_ns = 1;
    bench_.Push(c);
    Run();
  }

  long Run() {
    long cycles = bench_.Drain();
    EXPECT_EQ(bench_.fault(), "");
    return cycles;
  }

  // A legal command: extents fit, everything else is open.
  Gemm RandomGemm(int max_groups, int max_kb, int max_ncg) {
    Gemm c;
    int groups = 1 + Random(max_groups);
    c.rows = (groups - 1) * shape().rows + 1 + Random(shape().rows);
    if (Random(2)) c.rows = groups * shape().rows;
    c.kb = 1 + Random(max_kb);
    c.ncg = 1 + Random(max_ncg);
    auto stride = [&](int n, int natural, int room) {  // of n places with `room` to spread over
      int most = n > 1 ? room / (n - 1) : 1000;
      int pick = Random(4);
      return std::min(most, pick == 0 ? Random(most + 1) : pick == 1 ? Random(3) : natural);
    };
    c.ab_gs = stride(groups, c.kb, shape().AbWords() - c.kb);
    c.ab = Random(shape().AbWords() - (groups - 1) * c.ab_gs - c.kb + 1);
    c.acc_gs = stride(groups, c.ncg, shape().AccWords() - c.ncg);
    c.acc = Random(shape().AccWords() - (groups - 1) * c.acc_gs - c.ncg + 1);
    c.format = Random(2) ? 0 : 1 + Random(3);
    const int sets = shape().WbSets(c.format);
    c.wb_ks = stride(c.kb, 1, sets - 1);
    c.wb_ns = stride(c.ncg, c.kb, sets - 1 - (c.kb - 1) * c.wb_ks);
    c.wb = Random(sets - (c.ncg - 1) * c.wb_ns - (c.kb - 1) * c.wb_ks);
    c.accumulate = Random(2);
    c.k_outer = Random(2);
    c.int_mode = Random(4) == 0;
    c.a_bf16 = Random(2);
    c.w_bf16 = Random(2);
    return c;
  }

  // Lets the disturbances use what the commands do not.
  void FreeTheRest(const std::vector<Gemm>& commands) {
    bench_.Settle();
    std::set<int> ab, wb, acc;
    for (const Gemm& c : commands) {
      for (int g = 0; g < c.Groups(shape()); ++g) {
        for (int k = 0; k < c.kb; ++k) ab.insert(c.ab + g * c.ab_gs + k);
        for (int n = 0; n < c.ncg; ++n) acc.insert((c.acc + g * c.acc_gs + n) & ~1);
      }
      for (int n = 0; n < c.ncg; ++n)
        for (int k = 0; k < c.kb; ++k)
          wb.insert((c.wb + n * c.wb_ns + k * c.wb_ks) / (c.format == 0 ? 1 : 2));
    }
    auto rest = [](int count, int step, const std::set<int>& used) {
      std::vector<int> list;
      for (int i = 0; i < count; i += step)
        if (!used.count(i)) list.push_back(i);
      return list;
    };
    bench_.free_ab = rest(shape().AbWords(), 1, ab);
    bench_.free_wb = rest(shape().WbSets(), 1, wb);
    bench_.free_acc = rest(shape().AccWords(), 2, acc);
  }

  void Quiet() {
    bench_.cmd_percent = 100;
    bench_.x_percent = bench_.g_percent = bench_.ld_percent = 0;
  }

  // Cycles and buckets of some commands, offered without a pause to an idle engine with nothing
  // else going on.
  long Time(const std::vector<Gemm>& commands) {
    Quiet();
    std::fill(std::begin(bench_.buckets), std::end(bench_.buckets), 0);
    for (const Gemm& c : commands) bench_.Push(c);
    return Run();
  }

  // G groups of full rows, kb blocks, ncg column groups, packed densely.
  Gemm Dense(int groups, int kb, int ncg, bool k_outer = false) {
    Gemm c;
    c.rows = groups * shape().rows, c.kb = kb, c.ncg = ncg, c.k_outer = k_outer;
    c.ab_gs = kb, c.acc_gs = ncg, c.wb_ns = kb, c.wb_ks = 1;
    return c;
  }

  Config environment_;
  BenchT bench_;
};

#if WREN_HOST_ARITHMETIC
using Shapes = ::testing::Types<Nano, NanoFlat, Small, SmallDeep, Full, FullHost>;
#else
using Shapes = ::testing::Types<Nano, NanoFlat, Small, SmallDeep, Full>;
#endif
struct Names {
  template <class T>
  static std::string GetName(int) {
    return T::kNote;
  }
};
TYPED_TEST_SUITE(Mxe, Shapes, Names);

TYPED_TEST(Mxe, ComputesOneGemm) {
  this->Fill(Values::kPlain);
  this->bench_.Push(this->Dense(2, 3, 2));
  this->Run();
  EXPECT_EQ(this->bench_.writes, 12);
  EXPECT_EQ(this->bench_.dones, 1);
}

TYPED_TEST(Mxe, ExecutesRandomCommandsUnderTraffic) {
  for (Values values : {Values::kPlain, Values::kSpecial, Values::kExtreme, Values::kSpecial}) {
    this->Quiet();
    this->Fill(values);
    this->FillAcc();
    for (int batch = 0; batch < 30 && !this->HasFailure(); ++batch) {
      std::vector<Gemm> commands;
      int count = 1 + this->Random(8);
      bool tiny = this->Random(3) == 0;  // hazards, and commands faster than they are fetched
      for (int i = 0; i < count; ++i) {
        commands.push_back(tiny ? this->RandomGemm(2, 3, 2) : this->RandomGemm(6, 7, 5));
        if (tiny && i > 0 && this->Random(2)) {
          commands.back().acc = commands[0].acc;  // onto the same words again
          commands.back().acc_gs = commands[0].acc_gs;
          commands.back().ncg = commands[0].ncg;
          commands.back().wb_ns = 0;
          commands.back().rows = commands[0].rows;
          commands.back().ab_gs = 0;
        }
      }
      this->FreeTheRest(commands);
      this->bench_.cmd_percent = this->Random(2) ? 100 : 1 + this->Random(30);
      this->bench_.x_percent = this->Random(101);
      this->bench_.g_percent = this->Random(60);
      this->bench_.ld_percent = this->Random(101);
      for (const Gemm& c : commands) this->bench_.Push(c);
      this->Run();
    }
    this->Quiet();
    this->bench_.CheckAcc();
    ASSERT_EQ(this->bench_.fault(), "");
  }
  EXPECT_GT(this->bench_.x_reads, 1000);
  EXPECT_GT(this->bench_.x_conflicts, 100);
  EXPECT_GT(this->bench_.buckets[kBlocked], 0);
}

// Every pair of corner scales meets integers around 0 and the largest dot product.
TYPED_TEST(Mxe, AgreesWithTheHostOnSpecialScales) {
  auto& mem = this->bench_.mem();
  for (int round = 0; round < 4 && !this->HasFailure(); ++round) {
    this->Fill(Values::kSpecial);
    for (size_t i = 0; i < mem.ab.size(); ++i)
      if (i % 32 > 1 && this->Random(8)) mem.ab[i] = 0;  // small and zero dot products
    for (size_t i = 0; i < mem.ab_scale.size(); ++i)
      mem.ab_scale[i] = static_cast<uint16_t>(this->bench_.rng()());
    this->bench_.LoadAll();
    for (int formats = 0; formats < 4; ++formats) {
      Gemm c = this->Dense(16, 4, 8);
      c.accumulate = formats != 0;
      c.a_bf16 = formats & 1;
      c.w_bf16 = formats >> 1;
      this->bench_.Push(c);
    }
    this->Run();
  }
}

TYPED_TEST(Mxe, RaisesNumericExactlyWhenInt32Wraps) {
  this->Fill(Values::kExtreme);  // every dot product is 2^19
  auto& mem = this->bench_.mem();
  std::fill(mem.ab_scale.begin(), mem.ab_scale.end(),
            0x7e00);  // NaN: 7FC00000 as an integer, 2^22 below the wrap
  this->bench_.LoadAll();
  Gemm nan = this->Dense(2, 1, 2), sum = this->Dense(2, 16, 2);
  sum.accumulate = sum.int_mode = true;
  sum.rows = nan.rows = this->shape().rows + 1;
  this->bench_.Push(nan);
  this->bench_.Push(sum);
  this->Run();
  EXPECT_EQ(this->bench_.wraps, 4);  // one step of each word
  Gemm fresh = this->Dense(2, 16, 2);
  fresh.int_mode = true;
  this->bench_.Push(fresh);
  this->Run();
  EXPECT_EQ(this->bench_.wraps, 4);
}

TYPED_TEST(Mxe, KeepsTheArrayBusyInsideACommand) {
  this->Fill(Values::kPlain);
  for (bool k_outer : {false, true}) {
    Gemm c = this->Dense(16, 16, 8, k_outer);
    long cycles = this->Time({c});
    EXPECT_GE(cycles, c.Steps(this->shape()));
    EXPECT_LT(cycles, c.Steps(this->shape()) + TypeParam::kEnds);
    EXPECT_EQ(this->bench_.buckets[kWorking], c.Steps(this->shape()));
    EXPECT_EQ(this->bench_.buckets[kBlocked], 0);
  }
}

TYPED_TEST(Mxe, SustainsOneStepPerCycleWithAGroupForEveryCycleOfTheGap) {
  this->Fill(Values::kPlain);
  for (bool k_outer : {false, true}) {
    for (int ncg : {1, 2, 5}) {
      Gemm c = this->Dense(TypeParam::kGap, 9, ncg, k_outer);
      EXPECT_LT(this->Time({c}), c.Steps(this->shape()) + TypeParam::kEnds);
    }
  }
}

TYPED_TEST(Mxe, RunsCommandsBackToBack) {
  this->Fill(Values::kPlain);
  for (bool accumulate : {false, true}) {
    std::vector<Gemm> commands;
    long steps = 0;
    for (int i = 0; i < 40; ++i) {
      // From the smallest that never waits for ACC, one weight set of as many groups as its gap,
      // upwards; alternating words so that none waits for ACC.
      Gemm c = this->Dense(TypeParam::kGap + this->Random(3), 1 + i % 3, 1 + i % 2, i % 5 == 0);
      c.acc = i % 2 * 64;
      c.accumulate = accumulate;
      steps += c.Steps(this->shape());
      commands.push_back(c);
    }
    EXPECT_LT(this->Time(commands), steps + TypeParam::kEnds);
    EXPECT_LE(this->bench_.buckets[kStarved], this->shape().LoadCycles() + TypeParam::kLead);
    EXPECT_EQ(this->bench_.buckets[kBlocked], 0);
  }
}

// The shortest command that the weight port can feed: one weight set for four groups. Takes a queue
// that is deep enough.
TYPED_TEST(Mxe, RunsTheShortestCommandsBackToBack) {
  this->Fill(Values::kPlain);
  std::vector<Gemm> commands;
  for (int i = 0; i < 40; ++i) {
    commands.push_back(this->Dense(4, 1, 1));
    commands.back().acc = i % 2 * 64;
  }
  EXPECT_LT(this->Time(commands), 40 * 4 + TypeParam::kEnds);
}

TYPED_TEST(Mxe, IsAsFastWithFourBitWeights) {
  this->Fill(Values::kPlain);
  for (int format : {1, 2, 3}) {
    for (bool k_outer : {false, true}) {
      Gemm c = this->Dense(TypeParam::kGap, 9, 5, k_outer);
      c.format = format;
      EXPECT_LT(this->Time({c}), c.Steps(this->shape()) + TypeParam::kEnds);
    }
    Gemm c = this->Dense(1, 8, 8, true);
    c.rows = 1, c.format = format;
    EXPECT_LT(this->Time({c}), 64 * this->shape().LoadCycles() + TypeParam::kEnds);
  }
}

// Formats alternate from command to command, and sets of one touch those of the other.
TYPED_TEST(Mxe, MixesWeightFormats) {
  this->Fill(Values::kPlain);
  const int last = this->shape().WbSets(1) - 1;
  for (int i = 0; i < 40; ++i) {
    Gemm c = this->Dense(1 + i % 2, 2, 2, i % 3 == 0);
    c.format = i % 4;
    c.wb = c.format == 0 ? last / 2 - 3 : last - 3;
    c.acc = i % 2 * 64;
    this->bench_.Push(c);
  }
  this->Run();
}

// One row against many columns: the weight port is the limit, and it never rests.
TYPED_TEST(Mxe, LoadsWeightsWithoutAPauseForOneRow) {
  this->Fill(Values::kPlain);
  Gemm c = this->Dense(1, 8, 8, true);
  c.rows = 1;
  long sets = 64, expected = sets * this->shape().LoadCycles();
  EXPECT_LT(this->Time({c}), expected + TypeParam::kEnds);
}

TYPED_TEST(Mxe, WaitsForAWordThatIsStillInThePipe) {
  this->Fill(Values::kPlain);
  Gemm c = this->Dense(4, 6, 1);
  c.acc_gs = 0;  // all groups into one word
  long cycles = this->Time({c});
  EXPECT_GE(cycles, TypeParam::kGap * (c.Steps(this->shape()) - 1));
  EXPECT_GE(this->bench_.buckets[kBlocked], 3 * 3 * 6);
  Gemm one = this->Dense(1, 12, 1);
  one.accumulate = true;
  this->Time({one, one, one});
}

// Collects the ACC writes of the instruction-set model.
class AccSink : public isa::WriteSink {
 public:
  explicit AccSink(int cells) : cells_(cells) {}
  void Acc(uint32_t word, uint32_t rowmask, const uint32_t* data) override {
    AccWrite w;
    w.word = static_cast<int>(word);
    w.mask = rowmask;
    w.data.assign(data, data + cells_);
    writes.push_back(std::move(w));
  }
  void Gta(uint32_t, const uint8_t*, uint32_t) override {}
  void GtaScale(uint32_t, uint16_t) override {}
  void GtaAb(uint32_t, uint32_t, const uint8_t*, uint16_t) override {}
  void Red(uint32_t, uint32_t) override {}
  void Ld(isa::Space, uint64_t, const uint8_t*, uint32_t) override {}
  void St(isa::Space, uint64_t, const uint8_t*, uint32_t) override {}

  std::vector<AccWrite> writes;

 private:
  int cells_;
};

// The engine is held to reference.h above; here reference.h and the instruction-set model hold each
// other.
TYPED_TEST(Mxe, ReferenceAgreesWithTheInstructionSetModel) {
  const Shape& s = this->shape();
  isa::FlatMemory ext(64);
  isa::Model model(isa::Config::Named(TypeParam::kName), ext);
  ASSERT_EQ(static_cast<int>(model.config().AbWords()), s.AbWords());
  ASSERT_EQ(static_cast<int>(model.config().WbSets()), s.WbSets());
  ASSERT_EQ(static_cast<int>(model.config().AccWords()), s.AccWords());
  Memories& mem = this->bench_.mem();
  for (int round = 0; round < 3; ++round) {
    this->Fill(round == 0 ? Values::kPlain : Values::kSpecial);
    std::memcpy(model.ab().data(), mem.ab.data(), mem.ab.size());
    std::memcpy(model.wb().data(), mem.wb.data(), mem.wb.size());
    std::memcpy(model.ab_scale().data(), mem.ab_scale.data(), 2 * mem.ab_scale.size());
    std::memcpy(model.wb_scale().data(), mem.wb_scale.data(), 2 * mem.wb_scale.size());
    for (int i = 0; i < 100; ++i) {
      Gemm c = this->RandomGemm(5, 6, 4);
      AccSink sink(s.rows * s.cols);
      model.ClearNumeric();
      isa::Status status =
          model.Execute(reinterpret_cast<const uint8_t*>(c.Encode().data()), &sink);
      ASSERT_TRUE(status.ok()) << status.ToString();
      auto writes = Execute(s, c, mem);
      bool wraps = false;
      ASSERT_EQ(writes.size(), sink.writes.size());
      for (size_t n = 0; n < writes.size(); ++n) {
        ASSERT_EQ(writes[n].word, sink.writes[n].word)
            << "write " << n << " of command " << i << ", WREN_SEED=" << Seed();
        ASSERT_EQ(writes[n].mask, sink.writes[n].mask)
            << "write " << n << " of command " << i << ", WREN_SEED=" << Seed();
        ASSERT_EQ(writes[n].data, sink.writes[n].data)
            << "write " << n << " of command " << i << ", WREN_SEED=" << Seed();
        wraps |= writes[n].wraps;
      }
      ASSERT_EQ(model.numeric(), wraps);
    }
  }
}

TYPED_TEST(Mxe, CountsEveryCycleInOneBucket) {
  this->Fill(Values::kPlain);
  std::fill(std::begin(this->bench_.buckets), std::end(this->bench_.buckets), 0);
  long before = this->bench_.cycle();
  for (int i = 0; i < 5; ++i) this->bench_.Push(this->RandomGemm(4, 4, 4));
  this->bench_.cmd_percent = 5;
  this->Run();
  for (int i = 0; i < 10; ++i) this->bench_.Cycle();
  long sum = 0;
  for (long b : this->bench_.buckets) sum += b;
  EXPECT_EQ(sum, this->bench_.cycle() - before);
  EXPECT_EQ(this->bench_.buckets[kWorking], this->bench_.writes);
  EXPECT_EQ(this->bench_.buckets[kWaitSem], 0);
  EXPECT_GE(this->bench_.buckets[kIdle], 10);
}

}  // namespace
}  // namespace wren::mxe
