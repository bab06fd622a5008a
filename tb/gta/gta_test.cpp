// The vector engine against the instruction-set model: random legal commands in all three configurations, with ACC conflicts and
// DMA traffic around them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "Vgta_tb_full.h"
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
};
struct Small {
  using Dut = Vgta_tb_small;
  static constexpr const char* kName = "small";
};
struct Full {
  using Dut = Vgta_tb_full;
  static constexpr const char* kName = "full";
};

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
  static constexpr uint32_t kX[] = {128, 64, 64, 128, 32}, kOut[] = {128, 64, 64, 128, 32, 32};
  if (c.x_space == XSpace::kVm) add(c.x, c.x_stride, blocks * kX[static_cast<int>(c.x_format)], false);
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
    if (c.out_format == OutFormat::kQ80) add(c.out_scale, c.out_stride >> 4, 2 * blocks, true);
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
            (op.out_format == OutFormat::kF32) == (op.x_format == XFormat::kF32) && op.out_format != OutFormat::kQ80 &&
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
      bench.CheckVm();
      ASSERT_EQ(bench.fault(), "");
    }
    ASSERT_GT(bench.checked(), 1000u);
    std::printf("  %s: %llu values in %llu cycles\n", Shape::kName, static_cast<unsigned long long>(bench.checked()),
                static_cast<unsigned long long>(bench.cycle()));
  }

  Config config_, usable_;
};

using Shapes = testing::Types<Nano, Small, Full>;
struct ShapeNames {
  template <class Shape>
  static std::string GetName(int) {
    return Shape::kName;
  }
};
TYPED_TEST_SUITE(Gta, Shapes, ShapeNames);

TYPED_TEST(Gta, EqualsTheModelOnModerateData) { this->Random(1, 6, 25, false, 0, 0, 0); }

TYPED_TEST(Gta, EqualsTheModelOnSpecialValues) { this->Random(2, 6, 25, true, 0, 0, 0); }

TYPED_TEST(Gta, EqualsTheModelUnderConflictsAndTraffic) { this->Random(3, 6, 25, false, 30, 40, 60); }

TYPED_TEST(Gta, EqualsTheModelOnSpecialValuesUnderConflicts) { this->Random(4, 4, 25, true, 60, 10, 90); }

}  // namespace
}  // namespace wren::gta
