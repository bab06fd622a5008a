// Programs: the order in which writes are reported, masked rows, and results that do not depend on
// the configuration.
#include <gtest/gtest.h>

#include <cmath>

#include "naive.h"
#include "random_commands.h"
#include "wren/isa/model.h"
#include "wren/tables/tables.h"

namespace wren::isa {
namespace {

using naive::Seed;

// Writes as short texts, one list per stream.
class Log : public WriteSink {
 public:
  std::vector<std::string> acc, gta, scale, red, ld, st;
  void Acc(uint32_t word, uint32_t mask, const uint32_t*) override {
    acc.push_back(std::to_string(word) + "/" + std::to_string(mask));
  }
  void Gta(uint32_t addr, const uint8_t*, uint32_t n) override {
    gta.push_back(std::to_string(addr) + "+" + std::to_string(n));
  }
  void GtaScale(uint32_t addr, uint16_t) override { scale.push_back(std::to_string(addr)); }
  void GtaAb(uint32_t word, uint32_t lane, const uint8_t*, uint16_t) override {
    gta.push_back(std::to_string(word) + "." + std::to_string(lane));
  }
  void Red(uint32_t addr, uint32_t) override { red.push_back(std::to_string(addr)); }
  void Ld(Space space, uint64_t addr, const uint8_t*, uint32_t n) override {
    ld.push_back(std::string(Name(space)) + " " + std::to_string(addr) + "+" + std::to_string(n));
  }
  void St(Space space, uint64_t addr, const uint8_t*, uint32_t n) override {
    st.push_back(std::string(Name(space)) + " " + std::to_string(addr) + "+" + std::to_string(n));
  }
};

using Texts = std::vector<std::string>;

TEST(Order, GemmStepsFollowTheLoopOrder) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  MxeGemm c;
  c.rows = 3;
  c.ncg = 2;
  c.kb = 2;
  c.ab_gs = 2;
  c.acc_gs = 10;
  c.acc = 100;
  Log n_outer;
  ASSERT_TRUE(model.Execute(Encode(c).data(), &n_outer).ok());
  EXPECT_EQ(n_outer.acc,
            (Texts{"100/3", "110/1", "100/3", "110/1", "101/3", "111/1", "101/3", "111/1"}));
  c.order = LoopOrder::kKOuter;
  Log k_outer;
  ASSERT_TRUE(model.Execute(Encode(c).data(), &k_outer).ok());
  EXPECT_EQ(k_outer.acc,
            (Texts{"100/3", "110/1", "101/3", "111/1", "100/3", "110/1", "101/3", "111/1"}));
}

TEST(Order, GtaGoesByRowsThenBlocks) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  GtaOp c;
  c.rows = 2;
  c.cols = 40;
  c.out_space = OutSpace::kVm;
  c.out_format = OutFormat::kQ80;
  c.out = 1024;
  c.out_stride = 64;
  c.out_scale = 2048;
  c.red_op = ReduceOp::kSum;
  c.red = 4096;
  c.red_stride = 16;
  Log log;
  ASSERT_TRUE(model.Execute(Encode(c).data(), &log).ok());
  EXPECT_EQ(log.gta, (Texts{"1024+32", "1056+32", "1088+32", "1120+32"}));
  EXPECT_EQ(log.scale, (Texts{"2048", "2050", "2052", "2054"}));
  EXPECT_EQ(log.red, (Texts{"4096", "4112"}));
  c.red_blk = 1;
  c.out_space = OutSpace::kAb;
  c.out = 5;
  c.out_stride = 7;
  c.rows = 3;
  Log blocks;
  ASSERT_TRUE(model.Execute(Encode(c).data(), &blocks).ok());
  EXPECT_EQ(blocks.gta, (Texts{"5.0", "6.0", "5.1", "6.1", "12.0", "13.0"}));
  EXPECT_EQ(blocks.red, (Texts{"4096", "4100", "4112", "4116", "4128", "4132"}));
}

TEST(Order, DmaReportsWholeRunsInLoopOrder) {
  FlatMemory ext(4096);
  Model model(Config::Named("nano"), ext);
  LdCopy c;
  c.dst_space = LdDst::kWb;
  c.len = 16;
  c.n1 = c.n2 = 2;
  c.t1 = 16;
  c.t2 = 256;
  Log log;
  ASSERT_TRUE(model.Execute(Encode(c).data(), &log).ok());
  EXPECT_EQ(log.ld, (Texts{"WB 0+16", "WB 16+16", "WB 256+16", "WB 272+16"}));
  LdTranspose t;
  t.n1 = 64;
  t.len = 32;
  t.s1 = 32;
  t.t1 = 1024;
  Log transposed;
  ASSERT_TRUE(model.Execute(Encode(t).data(), &transposed).ok());
  ASSERT_EQ(transposed.ld.size(), 64u);
  EXPECT_EQ(transposed.ld[1], "WB 32+32");
  EXPECT_EQ(transposed.ld[32], "WB 1024+32");
  StCopy s;
  s.len = 6;
  s.n1 = 2;
  s.t1 = 100;
  Log stored;
  ASSERT_TRUE(model.Execute(Encode(s).data(), &stored).ok());
  EXPECT_EQ(stored.st, (Texts{"EXT 0+6", "EXT 100+6"}));
}

constexpr uint32_t kExp = 0, kRecip = 1;

void LoadTables(Model& model) {
  for (const auto& [slot, function] : {std::pair{kExp, tables::Function::kExp},
                                       std::pair{kRecip, tables::Function::kReciprocalOrZero}}) {
    const std::vector<uint8_t> table = tables::BuildTable(function);
    std::copy(table.begin(), table.end(), model.lut().begin() + slot * kTableBytes);
  }
}

float At(Model& model, uint32_t addr) {
  float v;
  std::memcpy(&v, &model.vm()[addr], 4);
  return v;
}

// softmax over rows of VM at 0 to rows at 16384, with the maximum of each row taken off first.
void Softmax(Model& model, uint32_t rows, uint32_t cols, bool causal, int diag) {
  const uint32_t stride = (cols + 31) / 32 * 128;
  GtaOp largest;
  largest.rows = rows;
  largest.cols = cols;
  largest.causal = causal;
  largest.diag = diag;
  largest.x_stride = stride;
  largest.red_op = ReduceOp::kMax;
  largest.red = 30000;
  largest.red_stride = 4;
  ASSERT_TRUE(model.Execute(Encode(largest).data()).ok());
  GtaOp minus;  // -max: the scalars as part of a row of 32
  minus.x = 29952;
  minus.cols = 32;
  minus.SetAImm(-1.0f);
  minus.out_space = OutSpace::kVm;
  minus.out = 29952;
  minus.x_stride = minus.out_stride = 128;
  ASSERT_TRUE(model.Execute(Encode(minus).data()).ok());
  GtaOp exponent = largest;
  exponent.red_op = ReduceOp::kSum;
  exponent.red = 31000;
  exponent.b_mode = OperandMode::kRow;
  exponent.b = 30000;
  exponent.b_stride = 4;
  exponent.fn = 1;
  exponent.table = kExp;
  exponent.out_space = OutSpace::kVm;
  exponent.out = 16384;
  exponent.out_stride = stride;
  ASSERT_TRUE(model.Execute(Encode(exponent).data()).ok());
  GtaOp inverse;
  inverse.cols = 32;
  inverse.x = 30976;
  inverse.x_stride = inverse.out_stride = 128;
  inverse.fn = 1;
  inverse.table = kRecip;
  inverse.out_space = OutSpace::kVm;
  inverse.out = 30976;
  ASSERT_TRUE(model.Execute(Encode(inverse).data()).ok());
  GtaOp scale;
  scale.rows = rows;
  scale.cols = cols;
  scale.x = 16384;
  scale.x_stride = stride;
  scale.a_mode = OperandMode::kRow;
  scale.a = 31000;
  scale.a_stride = 4;
  scale.out_space = OutSpace::kVm;
  scale.out = 16384;
  scale.out_stride = stride;
  ASSERT_TRUE(model.Execute(Encode(scale).data()).ok());
}

TEST(Programs, SoftmaxIsAccurateAtEveryRowLength) {
  std::mt19937_64 rng(Seed(41));
  std::normal_distribution<float> normal(0, 3);
  FlatMemory ext(64);
  for (const uint32_t cols : {1, 2, 3, 5, 7, 31, 32, 33, 1023}) {
    Model model(Config::Named("nano"), ext);
    LoadTables(model);
    std::vector<float> x(cols);
    for (float& v : x) v = normal(rng);
    std::memcpy(model.vm().data(), x.data(), 4 * cols);
    Softmax(model, 1, cols, false, 0);
    double largest = x[0], sum = 0;
    for (const float v : x) largest = std::max<double>(largest, v);
    for (const float v : x) sum += std::exp(v - largest);
    for (uint32_t i = 0; i < cols; ++i)
      EXPECT_NEAR(At(model, 16384 + 4 * i), std::exp(x[i] - largest) / sum, 4e-6) << cols;
  }
}

TEST(Programs, FullyMaskedRowsGiveZeros) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  LoadTables(model);
  for (uint32_t i = 0; i < 6 * 64; ++i) {
    const float v = i % 3 == 0 ? 2.0f : -1.0f;
    std::memcpy(&model.vm()[4 * i], &v, 4);
  }
  Softmax(model, 6, 40, true, -3);  // rows 0, 1 and 2 see no column, row r sees r - 2
  EXPECT_FALSE(model.numeric());
  for (uint32_t r = 0; r < 6; ++r) {
    float sum = 0;
    for (uint32_t c = 0; c < 64; ++c) {
      const float v = At(model, 16384 + r * 256 + 4 * c);
      sum += v;
      if (static_cast<int>(c) > static_cast<int>(r) - 3) {
        EXPECT_EQ(naive::U(v), 0u) << r << ", " << c;
      }
    }
    EXPECT_NEAR(sum, r < 3 ? 0.0f : 1.0f, 1e-5) << r;
  }
}

// A random chain of products and vector operations on data that is laid out for the configuration;
// the results lie in VM, whose layout is the same everywhere, and must agree to the bit.
std::vector<uint8_t> Chain(const char* name, uint64_t seed) {
  const Config config = Config::Named(name);
  FlatMemory ext(1 << 16);
  Model model(config, ext);
  std::mt19937_64 rng(seed);
  const auto below = [&rng](uint32_t n) { return static_cast<uint32_t>(rng() % n); };
  const uint32_t kRows = 1 + below(9), kKb = 1 + below(3), kCols = 32 * (1 + below(2));
  const uint32_t column_groups = kCols / config.cols;
  const auto run = [&](const Command& c) {
    const Status status = model.Execute(Encode(c).data());
    EXPECT_TRUE(status.ok()) << name << ": " << status.ToString() << ": " << Disassemble(c);
  };

  for (size_t i = 0; i < 16384; i += 4) {
    const uint32_t v = naive::RandomFloat(rng, i % 4096 == 0);
    std::memcpy(&model.vm()[i], &v, 4);
  }
  for (uint32_t t = 0; t < 4; ++t) naive::RandomTable(rng, model.lut().data() + t * kTableBytes);

  // Activations: quantized from VM into AB.
  GtaOp quantize;
  quantize.rows = kRows;
  quantize.cols = 32 * kKb - below(20);
  quantize.x_stride = 128 * kKb;
  quantize.out_space = OutSpace::kAb;
  quantize.out_format = OutFormat::kQ80;
  quantize.out_stride = kKb;
  run(quantize);

  // Weights: the same random matrix everywhere, column n and block k at set (n / COLS) * kb + k.
  std::vector<uint8_t> weights(kCols * kKb * 32), scales(kCols * kKb * 2);
  for (uint8_t& w : weights) w = static_cast<uint8_t>(rng());
  for (size_t i = 0; i < scales.size(); i += 2) {
    const uint16_t h = static_cast<uint16_t>(0x1800 + below(0x2000));
    std::memcpy(&scales[i], &h, 2);
  }
  std::copy(weights.begin(), weights.end(), ext.bytes().begin());
  std::copy(scales.begin(), scales.end(), ext.bytes().begin() + 32768);
  for (uint32_t n = 0; n < kCols; ++n) {
    for (uint32_t k = 0; k < kKb; ++k) {
      const uint32_t block = ((n / config.cols) * kKb + k) * config.cols + n % config.cols;
      LdCopy ld;
      ld.src = (n * kKb + k) * 32;
      ld.dst_space = LdDst::kWb;
      ld.dst = block * 32;
      ld.len = 32;
      run(ld);
      std::memcpy(&model.wb_scale()[block * 2], &scales[(n * kKb + k) * 2], 2);
    }
  }

  MxeGemm gemm;
  gemm.rows = kRows;
  gemm.kb = kKb;
  gemm.ab_gs = kKb;
  gemm.ncg = column_groups;
  gemm.wb_ns = kKb;
  gemm.wb_ks = 1;
  gemm.acc_gs = column_groups;
  gemm.order = below(2) ? LoopOrder::kKOuter : LoopOrder::kNOuter;
  gemm.int_mode = below(4) == 0;
  run(gemm);
  gemm.accumulate = 1;
  if (below(2)) run(gemm);

  for (int step = 0; step < 4; ++step) {
    GtaOp c;
    c.rows = kRows;
    c.cols = kCols - below(20);
    c.causal = below(2);
    c.diag = static_cast<int32_t>(below(64)) - 10;
    c.bmax = below(2);
    if (step == 0 || below(2)) {
      c.x_space = XSpace::kAcc;
      c.x_format = gemm.int_mode ? XFormat::kI32 : XFormat::kF32;
      c.x_stride = column_groups;
    } else {
      c.x = 16384;
      c.x_stride = kCols * 4;
    }
    c.a_mode = OperandMode::kMat;
    c.a = 4096;
    c.a_stride = kCols * 4;
    c.b_mode = OperandMode::kBlk;
    c.b = 128;
    c.b_stride = 8;
    c.m_mode = below(2) ? OperandMode::kSelf : OperandMode::kRow;
    c.m_stride = 4;
    c.fn = below(2);
    c.table = below(4);
    c.red_op = static_cast<ReduceOp>(below(5));
    c.red = 28672 + 256 * static_cast<uint32_t>(step);
    c.red_stride = 8;
    c.red_blk = below(2);
    c.out_space = OutSpace::kVm;
    c.out_format = step % 2 == 0 ? OutFormat::kF32 : OutFormat::kQ80;
    c.out = 16384 + 4096 * static_cast<uint32_t>(step % 3);
    c.out_stride = kCols * (c.out_format == OutFormat::kF32 ? 4 : 1);
    c.out_scale = 30720;
    run(c);
  }
  std::vector<uint8_t> result(model.vm().begin(), model.vm().begin() + 32768);
  result.push_back(model.numeric());
  return result;
}

TEST(Programs, ResultsAreTheSameOnEveryConfiguration) {
  for (uint64_t i = 0; i < 200; ++i) {
    const uint64_t seed = Seed(42) * 1000 + i;
    const std::vector<uint8_t> nano = Chain("nano", seed);
    ASSERT_EQ(nano, Chain("small", seed)) << "chain " << i << ", WREN_SEED=" << Seed(42);
    ASSERT_EQ(nano, Chain("full", seed)) << "chain " << i << ", WREN_SEED=" << Seed(42);
  }
}

TEST(Programs, SumsFollowTheFixedTree) {
  FlatMemory ext(64);
  Model model(Config::Named("full"), ext);
  std::mt19937_64 rng(Seed(43));
  for (const uint32_t cols : {1, 2, 3, 5, 7, 31, 32, 33, 1023}) {
    std::vector<uint32_t> x((cols + 31) / 32 * 32);
    for (uint32_t i = 0; i < cols; ++i) x[i] = naive::RandomFloat(rng, false);
    std::memcpy(model.vm().data(), x.data(), 4 * x.size());
    GtaOp c;
    c.cols = cols;
    c.red_op = ReduceOp::kSum;
    c.red = 65536;
    ASSERT_TRUE(model.Execute(Encode(c).data()).ok());
    uint32_t total = 0;
    for (size_t b = 0; b < x.size(); b += 32) {
      std::vector<uint32_t> s(x.begin() + static_cast<long>(b),
                              x.begin() + static_cast<long>(b) + 32);
      for (const size_t half : {16, 8, 4, 2, 1}) {
        for (size_t i = 0; i < half; ++i) s[i] = naive::Add(s[i], s[i + half]);
      }
      total = b == 0 ? s[0] : naive::Add(total, s[0]);
    }
    EXPECT_EQ(naive::U(At(model, 65536)), total) << cols;
  }
}

TEST(Programs, ASumOfMinusZerosIsMinusZero) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  for (uint32_t i = 0; i < 64; ++i) model.vm()[4 * i + 3] = 0x80;
  GtaOp c;
  c.cols = 64;
  c.red_op = ReduceOp::kSum;
  c.red = 4096;
  ASSERT_TRUE(model.Execute(Encode(c).data()).ok());
  EXPECT_EQ(naive::U(At(model, 4096)), 0x80000000u);
  c.cols = 63;  // a masked element is +0
  ASSERT_TRUE(model.Execute(Encode(c).data()).ok());
  EXPECT_EQ(naive::U(At(model, 4096)), 0u);
}

TEST(Programs, ResetClearsMemoriesAndSoftResetDoesNot) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  model.vm()[5] = 1;
  model.acc()[7] = 1;
  model.semaphores()[1] = 2;
  model.SoftReset();
  EXPECT_EQ(model.vm()[5], 1);
  EXPECT_EQ(model.semaphores()[1], 0);
  model.Reset();
  EXPECT_EQ(model.vm()[5], 0);
  EXPECT_EQ(model.acc()[7], 0u);
}

}  // namespace
}  // namespace wren::isa
