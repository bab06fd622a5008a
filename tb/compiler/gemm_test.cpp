// BuildGemm on the instruction-set model, bit for bit against the plain sum over blocks.
#include "wren/compiler/gemm.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

#include "engines.h"
#include "gtest/gtest.h"
#include "wren/error.h"
#include "wren/fp.h"

namespace wren::compiler::test {
namespace {

uint64_t Seed() {
  const char* seed = std::getenv("WREN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 0);
}

// Q8_0 matrices in plain order: row r, block b.
struct Blocks {
  Blocks(int rows, int k, std::mt19937_64* random)
      : blocks(k / 32), q(static_cast<size_t>(rows) * static_cast<size_t>(k)), d(q.size() / 32) {
    for (int8_t& v : q) v = static_cast<int8_t>(static_cast<int>((*random)() % 255) - 127);
    for (uint16_t& v : d)
      v = static_cast<uint16_t>((*random)() % 64 == 0 ? 0 : 0x1C00 + (*random)() % 0x1800);
  }
  // As L2 holds it: groups of `lanes` rows, then blocks, then the rows of the group.
  void PutInto(std::vector<uint8_t>* l2, uint32_t data, uint32_t scale, int lanes) const {
    const int rows = static_cast<int>(d.size()) / blocks;
    for (int r = 0; r < rows; ++r) {
      for (int b = 0; b < blocks; ++b) {
        const auto from = static_cast<size_t>(r * blocks + b),
                   to = static_cast<size_t>((r / lanes * blocks + b) * lanes + r % lanes);
        std::memcpy(&(*l2)[data + to * 32], &q[from * 32], 32);
        std::memcpy(&(*l2)[scale + to * 2], &d[from], 2);
      }
    }
  }
  int blocks;
  std::vector<int8_t> q;
  std::vector<uint16_t> d;
};

// numerics, point 2: acc = acc + float(S) * (fa * fw), blocks in ascending k.
float Element(const Blocks& a, int row, const Blocks& w, int col) {
  float acc = 0.0f;
  for (int b = 0; b < a.blocks; ++b) {
    const auto ai = static_cast<size_t>(row * a.blocks + b),
               wi = static_cast<size_t>(col * w.blocks + b);
    int sum = 0;
    for (size_t i = 0; i < 32; ++i) sum += a.q[ai * 32 + i] * w.q[wi * 32 + i];
    const float scale = fp::F16ToF32(a.d[ai]) * fp::F16ToF32(w.d[wi]);
    const float product = static_cast<float>(sum) * scale;
    acc = acc + product;
  }
  return acc;
}

void Check(const char* name, int m, int n, int k, bool shuffled) {
  SCOPED_TRACE(std::string(name) + " " + std::to_string(m) + " x " + std::to_string(n) + " x " +
               std::to_string(k) + " WREN_SEED=" + std::to_string(Seed()));
  const isa::Config config = isa::Config::Named(name);
  std::mt19937_64 random(Seed() * 31 + static_cast<uint64_t>(m * 7 + n * 3 + k));
  GemmProblem p;
  p.m = m, p.n = n, p.k = k;
  ASSERT_LE(PlaceGemm(&p), config.l2);
  isa::FlatMemory ext(4096);
  isa::Model model(config, ext);
  const Blocks a(m, k, &random), w(n, k, &random);
  a.PutInto(&model.l2(), p.a, p.a_scale, static_cast<int>(config.rows));
  w.PutInto(&model.l2(), p.w, p.w_scale, static_cast<int>(config.cols));
  const Program program = BuildGemm(p, config);
  if (shuffled) {
    const Interleaving run = Interleave(program, &model, &random);
    ASSERT_EQ(run.error, "");
    for (const int left : run.left) ASSERT_EQ(left, 0);
  } else {
    const isa::RunResult run = model.RunProgram(program.bytes(), program.commands.size());
    ASSERT_TRUE(run.status.ok()) << "command " << run.executed << " " << run.status.ToString();
  }
  EXPECT_FALSE(model.numeric());
  int wrong = 0;
  for (int r = 0; r < m; ++r) {
    for (int c = 0; c < n; ++c) {
      const float want = Element(a, r, w, c);
      uint32_t got;
      std::memcpy(&got, &model.l2()[p.c + static_cast<size_t>(r * n + c) * 4], 4);
      if (got != fp::Bits(want) && ++wrong <= 3)
        ADD_FAILURE() << "row " << r << " column " << c << ": " << fp::FromBits(got) << ", want "
                      << want;
    }
  }
  EXPECT_EQ(wrong, 0);
}

struct Shape {
  int m, n, k;
};

TEST(Gemm, IsExactOnNano) {
  for (const Shape& s : {Shape{2, 32, 32},
                         {6, 64, 96},
                         {34, 32, 128},
                         {64, 96, 64},
                         {130, 160, 32},
                         {128, 32, 128},
                         {258, 32, 64},
                         {302, 32, 96}})
    Check("nano", s.m, s.n, s.k, false);
}

TEST(Gemm, IsExactOnSmall) {
  for (const Shape& s : {Shape{4, 32, 32},
                         {20, 64, 512},
                         {36, 352, 96},
                         {260, 96, 160},
                         {300, 64, 480},
                         {64, 512, 128}})
    Check("small", s.m, s.n, s.k, false);
}

TEST(Gemm, IsExactOnFull) {
  for (const Shape& s :
       {Shape{8, 32, 32}, {24, 96, 2048}, {136, 288, 544}, {520, 64, 1056}, {64, 1024, 256}})
    Check("full", s.m, s.n, s.k, false);
}

TEST(Gemm, IsExactInEveryOrderTheMachineMayChoose) {
  for (int i = 0; i < 4; ++i) {
    Check("nano", 66, 96, 96, true);
    Check("small", 52, 160, 288, true);
    Check("full", 72, 320, 160, true);
  }
}

TEST(Gemm, IsExactForRandomShapes) {
  std::mt19937_64 random(Seed());
  const auto pick = [&](int unit, int most) {
    return unit * (1 + static_cast<int>(random() % static_cast<uint64_t>(most)));
  };
  for (int i = 0; i < 12; ++i) {
    Check("nano", pick(2, 40), pick(32, 5), pick(32, 4), i % 2 == 1);
    Check("small", pick(4, 40), pick(32, 12), pick(32, 16), i % 2 == 1);
    Check("full", pick(8, 16), pick(32, 12), pick(32, 20), i % 2 == 1);
  }
}

std::string MessageOf(const GemmProblem& problem, const char* config) {
  GemmProblem p = problem;
  PlaceGemm(&p);
  try {
    BuildGemm(p, isa::Config::Named(config));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Gemm, SaysWhatDoesNotFit) {
  GemmProblem p;
  const auto of = [&](int m, int n, int k) {
    p.m = m, p.n = n, p.k = k;
    return p;
  };
  EXPECT_NE(MessageOf(of(3, 32, 32), "nano").find("not a multiple of 2 rows"), std::string::npos);
  EXPECT_NE(MessageOf(of(2, 33, 32), "nano").find("32 columns"), std::string::npos);
  EXPECT_NE(MessageOf(of(2, 32, 40), "nano").find("32 of k"), std::string::npos);
  EXPECT_NE(MessageOf(of(0, 32, 32), "nano"), "");
  EXPECT_NE(MessageOf(of(1024, 1024, 32), "nano").find("bytes of L2"), std::string::npos);
  EXPECT_NE(MessageOf(of(2, 32, 160), "nano").find("k = 160 do not fit half of WB"),
            std::string::npos);
  EXPECT_EQ(MessageOf(of(2, 32, 128), "nano"), "");
}

}  // namespace
}  // namespace wren::compiler::test
