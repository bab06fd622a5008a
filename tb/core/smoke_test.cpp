// One command of each engine through the whole core, then programs that use all of them.
#include <algorithm>

#include "core_bench.h"

namespace wren::core {
namespace {

class Smoke : public testing::TestWithParam<sim::Config> {};

// LD, then ST: what was loaded comes back.
TEST_P(Smoke, LoadsIntoVmAndStoresBack) {
  CoreBench b(GetParam());
  b.Add(With(Load(0x1000, isa::LdDst::kVm, 0x400, 2048), 0, 0, 1, 1));
  b.Add(With(Store(0x400, 0x3002, 2046), 1, 1, 0, 0));
  b.RunAndCompare();
}

// Verilator keeps one context per thread, that of the youngest model: both orders of ending must
// do.
TEST_P(Smoke, TwoModelsLiveAtOnceAndEndInEitherOrder) {
  for (const bool younger_first : {true, false}) {
    auto older = std::make_unique<CoreBench>(GetParam());
    auto younger = std::make_unique<CoreBench>(GetParam());
    const auto work = [](CoreBench* b) {
      b->Add(With(Load(0x1000, isa::LdDst::kVm, 0x400, 256), 0, 0, 1, 1));
      b->Add(With(Store(0x400, 0x3000, 256), 1, 1, 0, 0));
      b->RunAndCompare();
    };
    work(older.get());
    work(younger.get());
    (younger_first ? younger : older).reset();
    work(younger_first ? older.get() : younger.get());
  }
}

TEST_P(Smoke, LoadsIntoL2AndStoresBack) {
  CoreBench b(GetParam());
  b.Add(With(Load(0x1000, isa::LdDst::kL2, 0x1400, 8192), 0, 0, 1, 1));
  isa::StCopy st = Store(0x1400, 0x8000, 1024);
  st.src_space = isa::StSrc::kL2;
  st.n1 = 4, st.s1 = 2048, st.t1 = 1040;
  b.Add(With(st, 1, 1, 0, 0));
  b.RunAndCompare();
}

// GTA: y = x * 1.5 + x, to VM as f16.
TEST_P(Smoke, RunsOneVectorCommand) {
  CoreBench b(GetParam());
  std::vector<float> x(64 * 3);
  for (float& v : x) v = static_cast<float>(static_cast<int>(b.rng()() % 2001) - 1000) / 64.0f;
  b.Poke(0x1000, x.data(), x.size() * 4);
  b.Add(With(Load(0x1000, isa::LdDst::kVm, 0, 64 * 3 * 4), 0, 0, 2, 1));
  isa::GtaOp op;
  op.rows = 3, op.cols = 50, op.x_stride = 256;
  op.SetAImm(1.5f);
  op.b_mode = isa::OperandMode::kMat, op.b = 0, op.b_stride = 256;
  op.red_op = isa::ReduceOp::kSum, op.red = 0x1800, op.red_stride = 4;
  op.out_space = isa::OutSpace::kVm, op.out_format = isa::OutFormat::kF16, op.out = 0x1000,
  op.out_stride = 128;
  b.Add(With(op, 2, 1, 3, 1));
  b.Add(With(Store(0x1000, 0x4000, 64 * 3 * 2), 3, 1, 3, 1));
  b.Add(With(Store(0x1800, 0x5000, 12), 3, 1, 0, 0));
  b.RunAndCompare();
}

// Scores of a small product: A (rows x k, Q8_0) and W (n x k, Q8_0) from memory, product to ACC,
// GTA to VM, ST to memory.
void Product(CoreBench* b, uint32_t rows, uint32_t ncg, uint32_t kb, bool int_mode,
             isa::OutFormat format) {
  const isa::Config& s = b->shape();
  const uint32_t groups = (rows + s.rows - 1) / s.rows;
  const uint32_t cols = ncg * s.cols;
  // Blocks of random bytes with scales of moderate size (f16 1/64 .. 1).
  const uint32_t a_blocks = groups * s.rows * kb, w_blocks = ncg * s.cols * kb;
  std::vector<uint16_t> scales(std::max(a_blocks, w_blocks) * 2);
  for (uint16_t& v : scales) v = static_cast<uint16_t>(0x2400 + b->rng()() % 0x1800);
  const auto up16 = [](uint32_t n) { return (n + 15) / 16 * 16; };
  b->Poke(0x20000, scales.data(), scales.size() * 2);
  b->Add(Load(0x10000, isa::LdDst::kAb, 0, a_blocks * 32));
  b->Add(Load(0x20000, isa::LdDst::kAbScale, 0, up16(a_blocks * 2)));
  b->Add(Load(0x18000, isa::LdDst::kWb, 0, w_blocks * 32));
  b->Add(With(Load(0x20000 + up16(w_blocks * 2), isa::LdDst::kWbScale, 0, up16(w_blocks * 2)), 0, 0,
              4, 1));
  isa::MxeGemm mm;
  mm.rows = rows, mm.ncg = ncg, mm.kb = kb;
  mm.ab_gs = kb, mm.wb_ns = kb, mm.wb_ks = 1, mm.acc_gs = (ncg + 1) / 2 * 2;
  mm.int_mode = int_mode;
  b->Add(With(mm, 4, 1, 5, 1));
  isa::GtaOp op;
  op.rows = rows, op.cols = cols;
  op.x_space = isa::XSpace::kAcc, op.x_format = int_mode ? isa::XFormat::kI32 : isa::XFormat::kF32;
  op.x_stride = mm.acc_gs;
  op.SetAImm(0.125f);
  op.out_space = isa::OutSpace::kVm, op.out_format = format;
  const uint32_t element = format == isa::OutFormat::kF32 || format == isa::OutFormat::kI32 ? 4 : 1;
  const uint32_t stride = (cols + 31) / 32 * 32 * element;
  op.out = 0, op.out_stride = stride, op.out_scale = 0x1f00;
  b->Add(With(op, 5, 1, 6, 1));
  // A count left in a semaphore would let the next program's store run early.
  b->Add(With(Store(0, 0x30000, stride * rows), 6, 1, 6, format == isa::OutFormat::kQ80));
  isa::StCopy scale = Store(0x1f00, 0x38000, (cols + 31) / 32 * 2);
  scale.n1 = rows, scale.s1 = stride / 16, scale.t1 = 64;
  if (format == isa::OutFormat::kQ80) b->Add(With(scale, 6, 1, 0, 0));
  isa::CtlFence fence;
  fence.irq = 1;
  b->Add(fence);
}

TEST_P(Smoke, MultipliesAndStoresThroughAllEngines) {
  CoreBench b(GetParam());
  const uint32_t ncg = 32 / b.shape().cols;
  Product(&b, b.shape().rows * 2 - 1, ncg, 3, false, isa::OutFormat::kF32);
  b.RunAndCompare();
  EXPECT_TRUE(b.rtl().irq());
  EXPECT_EQ(b.rtl().CsrRead(csr::kIrqStatus), 1u);
  b.rtl().CsrWrite(csr::kIrqStatus, 1);
  EXPECT_FALSE(b.rtl().irq());
  // The same engines again, without a reset between: integers, then the quantizer.
  Product(&b, b.shape().rows, ncg, 2, true, isa::OutFormat::kI32);
  b.RunAndCompare();
  Product(&b, b.shape().rows * 2, ncg, 4, false, isa::OutFormat::kQ80);
  b.RunAndCompare();
}

TEST_P(Smoke, WorksWithASlowAndAHostileMemory) {
  for (const bool hostile : {false, true}) {
    sim::RtlOptions options;
    options.memory.latency_min = hostile ? 1 : 300;
    options.memory.latency_max = 300;
    options.memory.stall_percent = hostile ? 50 : 0;
    options.memory.interleave = hostile;
    CoreBench b(GetParam(), options);
    Product(&b, b.shape().rows * 2 - 1, 32 / b.shape().cols, 4, false, isa::OutFormat::kF32);
    b.RunAndCompare();
  }
}

// GTA results into AB feed the next product.
TEST_P(Smoke, FeedsTheVectorEnginesResultToTheMatrixEngine) {
  CoreBench b(GetParam());
  const isa::Config& s = b.shape();
  const uint32_t rows = s.rows, kb = 2, ncg = 32 / s.cols, w_blocks = ncg * s.cols * kb;
  std::vector<float> x(rows * kb * 32);
  for (float& v : x) v = static_cast<float>(static_cast<int>(b.rng()() % 4001) - 2000) / 128.0f;
  b.Poke(0x1000, x.data(), x.size() * 4);
  std::vector<uint16_t> scales(w_blocks);
  for (uint16_t& v : scales) v = static_cast<uint16_t>(0x2400 + b.rng()() % 0x1800);
  b.Poke(0x20000, scales.data(), scales.size() * 2);
  b.Add(With(Load(0x1000, isa::LdDst::kVm, 0, static_cast<uint32_t>(x.size() * 4)), 0, 0, 1, 1));
  b.Add(Load(0x18000, isa::LdDst::kWb, 0, w_blocks * 32));
  b.Add(With(Load(0x20000, isa::LdDst::kWbScale, 0, w_blocks * 2), 0, 0, 2, 1));
  isa::GtaOp q;
  q.rows = rows, q.cols = kb * 32, q.x_stride = kb * 128;
  q.out_space = isa::OutSpace::kAb, q.out_format = isa::OutFormat::kQ80, q.out = 5,
  q.out_stride = kb;
  b.Add(With(q, 1, 1, 3, 1));
  isa::MxeGemm mm;
  mm.rows = rows, mm.ncg = ncg, mm.kb = kb, mm.ab = 5, mm.ab_gs = kb, mm.wb_ns = kb, mm.wb_ks = 1,
  mm.acc = 2, mm.acc_gs = ncg;
  mm = With(mm, 2, 1, 4, 1);
  mm.wait1_sem = 3, mm.wait1_cnt = 1;
  b.Add(mm);
  isa::GtaOp out;
  out.rows = rows, out.cols = 32, out.x_space = isa::XSpace::kAcc, out.x = 2, out.x_stride = ncg;
  out.out_space = isa::OutSpace::kVm, out.out = 0x1000, out.out_stride = 128;
  b.Add(With(out, 4, 1, 5, 1));
  b.Add(With(Store(0x1000, 0x30000, rows * 128), 5, 1, 0, 0));
  b.RunAndCompare();
}

// Buckets and byte counters of a real run.
TEST_P(Smoke, CountsEveryCycleOnce) {
  CoreBench b(GetParam());
  Product(&b, b.shape().rows * 2, 32 / b.shape().cols, 4, false, isa::OutFormat::kF32);
  b.RunAndCompare();
  const auto read64 = [&](uint32_t at) {
    const uint64_t low = b.rtl().CsrRead(at);
    return low | static_cast<uint64_t>(b.rtl().CsrRead(at + 4)) << 32;
  };
  const uint64_t cycles = read64(csr::kPerfCycles);
  EXPECT_GT(cycles, 100u);
  for (uint32_t base : {csr::kPerfLd, csr::kPerfSt, csr::kPerfMxe, csr::kPerfGta}) {
    uint64_t sum = 0;
    for (uint32_t k = 0; k < 6; ++k) sum += read64(base + 8 * k);
    EXPECT_EQ(sum, cycles) << std::hex << base;
    EXPECT_GT(read64(base), 0u) << "never working: " << std::hex << base;
  }
  EXPECT_EQ(read64(csr::kPerfRdBytes) + read64(csr::kPerfFetchBytes),
            b.rtl().memory().read_bytes());
  EXPECT_EQ(read64(csr::kPerfWrBytes), b.rtl().memory().write_bytes());
}

std::string Name(const testing::TestParamInfo<sim::Config>& info) {
  return sim::ConfigName(info.param);
}

INSTANTIATE_TEST_SUITE_P(Core, Smoke, testing::Values(kConfig), Name);

}  // namespace
}  // namespace wren::core
