// The vector engine against the instruction-set model: random legal commands in all three
// configurations (nano with its deep pipelines, with those as FPGAs have them, and without), with
// ACC conflicts and DMA traffic around them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "Vgta_tb_flat.h"
#include "Vgta_tb_fpga.h"
#include "Vgta_tb_full.h"
#if WREN_HOST_ARITHMETIC
#include "Vgta_tb_full_host.h"
#include "wren/sim/flush.h"
#endif
#include "Vgta_tb_nano.h"
#include "Vgta_tb_small.h"
#include "gta_bench.h"
#include "random_commands.h"

namespace wren::gta {
namespace {

using isa::Config;
using isa::GtaOp;
using isa::OperandFormat;
using isa::OperandMode;
using isa::OutFormat;
using isa::OutSpace;
using isa::ReduceOp;
using isa::XFormat;
using isa::XSpace;

struct Nano {
  using Dut = Vgta_tb_nano;
  static constexpr const char* kName = "nano";
  static constexpr uint64_t kPipe = 160;  // more cycles than a command's last beat is under way
};
struct Fpga {
  using Dut = Vgta_tb_fpga;
  static constexpr const char* kName = "nano";
  static constexpr uint64_t kPipe = Nano::kPipe;
};
struct Flat {
  using Dut = Vgta_tb_flat;
  static constexpr const char* kName = "nano";
  static constexpr uint64_t kPipe = 100;
};
struct Small {
  using Dut = Vgta_tb_small;
  static constexpr const char* kName = "small";
  static constexpr uint64_t kPipe = 100;
};
struct Full {
  using Dut = Vgta_tb_full;
  static constexpr const char* kName = "full";
  static constexpr uint64_t kPipe = 100;
};
#if WREN_HOST_ARITHMETIC
struct FullHost : Full {  // whose sums and products the host computes
  using Dut = Vgta_tb_full_host;
  sim::Flush flush;
};
#endif

// Pieces of VM a command reads and writes.
struct Piece {
  uint32_t begin, end;
  bool write;
};
std::vector<Piece> Pieces(const GtaOp& c) {
  std::vector<Piece> pieces;
  const uint32_t blocks = (c.cols + 31) / 32;
  const auto add = [&](uint32_t base, uint32_t stride, uint32_t size, bool write) {
    pieces.push_back({base, base + (c.rows - 1) * stride + size, write});
  };
  static constexpr uint32_t kX[] = {128, 64, 64, 128, 32}, kOut[] = {128, 64, 64, 128, 32, 32, 32};
  if (c.x_space == XSpace::kVm)
    add(c.x, c.x_stride, blocks * kX[static_cast<int>(c.x_format)], false);
  const auto operand = [&](OperandMode mode, OperandFormat format, uint32_t base, uint32_t stride) {
    const uint32_t size = format == OperandFormat::kF32 ? 4 : 2;
    if (mode == OperandMode::kMat) add(base, stride, blocks * 32 * size, false);
    if (mode == OperandMode::kCol) add(base, 0, blocks * 32 * size, false);
    if (mode == OperandMode::kRow) add(base, stride, size, false);
    if (mode == OperandMode::kBlk) add(base, stride, blocks * size, false);
  };
  operand(c.a_mode, c.a_format, c.a, c.a_stride);
  operand(c.b_mode, c.b_format, c.b, c.b_stride);
  operand(c.m_mode, c.m_format, c.m, c.m_stride);
  operand(c.c_mode, c.c_format, c.c, c.c_stride);
  if (c.out_space == OutSpace::kVm) {
    add(c.out, c.out_stride, blocks * kOut[static_cast<int>(c.out_format)], true);
    if (c.out_format >= OutFormat::kQ80) add(c.out_scale, c.out_stride >> 4, 2 * blocks, true);
  }
  if (c.red_op != ReduceOp::kNone) add(c.red, c.red_stride, 4 * (c.red_blk ? blocks : 1), true);
  return pieces;
}
bool Independent(const GtaOp& a, const GtaOp& b) {
  for (const Piece& p : Pieces(a)) {
    for (const Piece& q : Pieces(b)) {
      if ((p.write || q.write) && p.begin < q.end && q.begin < p.end) return false;
    }
  }
  return true;
}

template <class Shape>
class Gta : public testing::Test {
 protected:
  using TheBench = Bench<typename Shape::Dut>;

  Gta() {
    config_ = Config::Named(Shape::kName);
    usable_ = config_;
    usable_.vm -= TheBench::kDmaBytes;
    usable_.tables -= 1;
  }

  // `batches` times fresh memories and `commands` random commands.
  void Random(uint64_t salt, int batches, int commands, bool wild, int gap, int acc, int dma) {
    const uint64_t seed = isa::naive::Seed(20 + salt);
    TheBench bench(config_, seed);
    isa::naive::RandomCommands random(usable_, 64, seed * 7919 + salt);
    bench.command_gap = gap;
    bench.acc_conflict = acc;
    bench.dma_traffic = dma;
    for (int b = 0; b < batches; ++b) {
      isa::naive::FillMemories(bench.model(), bench.ext(), bench.rng(), wild);
      bench.Load();
      GtaOp last;
      for (int i = 0; i < commands; ++i) {
        GtaOp op = random.Gta();
        // In place: each block is read before it is written.
        if (op.out_space == OutSpace::kVm && op.x_space == XSpace::kVm && random.OneIn(3) &&
            (op.out_format == OutFormat::kF32) == (op.x_format == XFormat::kF32) &&
            op.out_format < OutFormat::kQ80 &&
            op.x_format == static_cast<XFormat>(static_cast<int>(op.out_format))) {
          op.out = op.x;
          op.out_stride = op.x_stride;
        }
        if (i == 0 || !Independent(last, op)) op.overlap = 0;
        last = op;
        bench.Push(op);
        // Some commands alone, so that NUMERIC is compared command by command
        if (random.OneIn(3)) {
          bench.Drain();
          ASSERT_EQ(bench.fault(), "") << isa::Disassemble(op);
        }
      }
      bench.Drain();
      ASSERT_EQ(bench.fault(), "");
      // The table that was loaded meanwhile
      bench.dma_traffic = 0;
      bench.TakeTable();
      GtaOp op;
      op.rows = 4, op.cols = 256, op.x_stride = 1024, op.x = 0;
      op.fn = 1, op.table = config_.tables - 1;
      op.out_space = OutSpace::kVm, op.out = 8192, op.out_stride = 1024;
      bench.Push(op);
      bench.Drain();
      ASSERT_EQ(bench.fault(), "");
      bench.CheckVm();
      ASSERT_EQ(bench.fault(), "");
      bench.dma_traffic = dma;
    }
    ASSERT_GT(bench.checked(), 1000u);
    std::printf("  %s: %llu values in %llu cycles\n", Shape::kName,
                static_cast<unsigned long long>(bench.checked()),
                static_cast<unsigned long long>(bench.cycle()));
  }

  Config config_, usable_;
  Shape environment_;
};

#if WREN_HOST_ARITHMETIC
using Shapes = testing::Types<Nano, Fpga, Flat, Small, Full, FullHost>;
#else
using FullHost = void;
using Shapes = testing::Types<Nano, Fpga, Flat, Small, Full>;
#endif
struct ShapeNames {
  template <class Shape>
  static std::string GetName(int) {
    return std::is_same_v<Shape, Flat>       ? "nano_flat"
           : std::is_same_v<Shape, Fpga>     ? "nano_fpga"
           : std::is_same_v<Shape, FullHost> ? "full_host"
                                             : Shape::kName;
  }
};
TYPED_TEST_SUITE(Gta, Shapes, ShapeNames);

// A command of 64 beats in a row must take 64 cycles and the pipe's depth, whatever its operands,
// as long as they lie in different banks: x from ACC or VM, a second matrix one bank further,
// scalars read on the way.
TYPED_TEST(Gta, RunsOneBeatPerCycle) {
  const Config& config = this->config_;
  Bench<typename TypeParam::Dut> bench(config, isa::naive::Seed(40));
  isa::naive::FillMemories(bench.model(), bench.ext(), bench.rng(), false);
  bench.Load();
  const uint32_t word = config.lanes * 4, beats = 2048 / config.lanes, row = 512;
  GtaOp vm;
  vm.rows = 16, vm.cols = 128, vm.x_stride = row;
  vm.a_mode = OperandMode::kMat, vm.a = 8192 + (word == 128 ? 128 : 0), vm.a_stride = row;
  vm.out_space = OutSpace::kVm, vm.out_format = OutFormat::kF16, vm.out = 20480,
  vm.out_stride = row / 2;
  if (word < 128) vm.a_mode = OperandMode::kNone;  // blocks start in the same bank there
  GtaOp acc;
  acc.rows = 16, acc.cols = 128, acc.x_space = XSpace::kAcc;
  acc.x_stride = std::min(128 / config.cols, config.AccWords() * config.rows / 16);
  acc.cols = acc.x_stride * config.cols;
  acc.m_mode = OperandMode::kCol, acc.m = 4096;
  acc.a_mode = OperandMode::kRow, acc.a = 16384, acc.a_stride = 4;
  acc.bmax = 1, acc.fn = 1, acc.red_op = ReduceOp::kSumFn, acc.red = 17408, acc.red_stride = 4;
  acc.out_space = OutSpace::kAb, acc.out_format = OutFormat::kQ80, acc.out_stride = 4;
  for (const GtaOp& op : {vm, acc}) {
    const uint64_t begin = bench.cycle();
    bench.Push(op);
    bench.Drain();
    ASSERT_EQ(bench.fault(), "");
    const uint64_t ideal = static_cast<uint64_t>(op.rows) * op.cols / config.lanes;
    std::printf("  %s: %llu beats in %llu cycles\n", TypeParam::kName,
                static_cast<unsigned long long>(ideal),
                static_cast<unsigned long long>(bench.cycle() - begin));
    // pipe depth; a row's scalar may meet another operand in its bank once per row
    EXPECT_LE(bench.cycle() - begin, ideal + TypeParam::kPipe) << isa::Disassemble(op);
  }
  EXPECT_EQ(beats * config.lanes, vm.rows * vm.cols);
}

// Short independent commands follow each other without waiting for the pipe.
TYPED_TEST(Gta, OverlapsIndependentCommands) {
  const Config& config = this->config_;
  Bench<typename TypeParam::Dut> bench(config, isa::naive::Seed(41));
  isa::naive::FillMemories(bench.model(), bench.ext(), bench.rng(), false);
  bench.Load();
  uint64_t cycles[2];
  for (uint32_t overlap = 0; overlap < 2; ++overlap) {
    const uint64_t begin = bench.cycle();
    for (uint32_t i = 0; i < 32; ++i) {
      GtaOp op;
      op.overlap = overlap;
      op.rows = 1, op.cols = 64, op.x = 256 * i, op.x_stride = 256;
      op.red_op = i % 2 ? ReduceOp::kSum : ReduceOp::kMax,
      op.red = 16384 + 4 * i;  // results in order all the same
      op.out_space = OutSpace::kVm, op.out = 8192 + 256 * i, op.out_stride = 256;
      bench.Push(op);
    }
    bench.Drain();
    ASSERT_EQ(bench.fault(), "");
    cycles[overlap] = bench.cycle() - begin;
  }
  bench.CheckVm();
  ASSERT_EQ(bench.fault(), "");
  std::printf("  %s: 32 commands in %llu cycles, overlapped %llu\n", TypeParam::kName,
              static_cast<unsigned long long>(cycles[0]),
              static_cast<unsigned long long>(cycles[1]));
  EXPECT_LT(cycles[1] * 3, cycles[0] * 2);
}

// Results of every row lie in the bank of the reductions, so that these never find it free: the
// engine must hold blocks back.
TYPED_TEST(Gta, HoldsBlocksBackWhenReductionsFindNoBank) {
  const Config& config = this->config_;
  Bench<typename TypeParam::Dut> bench(config, isa::naive::Seed(42));
  isa::naive::FillMemories(bench.model(), bench.ext(), bench.rng(), false);
  bench.Load();
  const uint32_t round = config.lanes * 16;  // bytes from a bank to itself
  GtaOp op;
  op.rows = 150, op.cols = 32, op.x_format = XFormat::kI8, op.x = 0, op.x_stride = 32;
  op.out_space = OutSpace::kVm, op.out_format = OutFormat::kI8, op.out = 8192,
  op.out_stride = std::max(round, 32u);
  op.red_op = ReduceOp::kAbsmax, op.red = op.out + op.rows * op.out_stride, op.red_stride = round;
  op.red = (op.red + round - 1) / round * round;
  if (op.red + op.rows * round > config.vm) {
    op.rows = 60;
    op.red = 8192 + 60 * op.out_stride;
  }
  bench.Push(op);
  bench.Push(op);
  bench.Drain();
  ASSERT_EQ(bench.fault(), "");
  bench.CheckVm();
  ASSERT_EQ(bench.fault(), "");
}

TYPED_TEST(Gta, EqualsTheModelOnModerateData) { this->Random(1, 6, 25, false, 0, 0, 0); }

TYPED_TEST(Gta, EqualsTheModelOnSpecialValues) { this->Random(2, 6, 25, true, 0, 0, 0); }

TYPED_TEST(Gta, EqualsTheModelUnderConflictsAndTraffic) {
  this->Random(3, 6, 25, false, 30, 40, 60);
}

TYPED_TEST(Gta, EqualsTheModelOnSpecialValuesUnderConflicts) {
  this->Random(4, 4, 25, true, 60, 10, 90);
}

}  // namespace
}  // namespace wren::gta
