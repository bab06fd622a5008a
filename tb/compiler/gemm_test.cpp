// BuildGemm on the instruction-set model, bit for bit against the plain sum over blocks.
#include "wren/compiler/gemm.h"

#include <algorithm>
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

// Matrices of blocks in plain order: row r, block b.
struct Blocks {
  Blocks(int rows, int k, isa::WeightFormat format, std::mt19937_64* random)
      : blocks(k / 32),
        v(static_cast<size_t>(rows) * static_cast<size_t>(k)),
        q(format == isa::WeightFormat::kQ8 ? v.size() : v.size() / 2),
        d(v.size() / 32) {
    for (uint16_t& s : d)
      s = static_cast<uint16_t>((*random)() % 64 == 0 ? 0 : 0x1C00 + (*random)() % 0x1800);
    for (size_t i = 0; i < q.size(); ++i) {
      if (format == isa::WeightFormat::kQ8) {
        v[i] = static_cast<int8_t>(static_cast<int>((*random)() % 255) - 127);
        q[i] = static_cast<uint8_t>(v[i]);
      } else {  // Q4_0: low nibbles elements 0..15, high ones 16..31, each minus 8
        q[i] = static_cast<uint8_t>((*random)());
        v[i / 16 * 32 + i % 16] = static_cast<int8_t>((q[i] & 15) - 8);
        v[i / 16 * 32 + 16 + i % 16] = static_cast<int8_t>((q[i] >> 4) - 8);
      }
    }
  }
  // As the schedule reads A: groups of `lanes` rows, then blocks, then the rows of the group; a
  // single row has its data alone.
  void PutInto(std::vector<uint8_t>* memory, uint64_t data, uint64_t scale, int lanes) const {
    const int rows = static_cast<int>(d.size()) / blocks;
    for (int r = 0; r < rows; ++r) {
      for (int b = 0; b < blocks; ++b) {
        const auto from = static_cast<size_t>(r * blocks + b),
                   to = static_cast<size_t>((r / lanes * blocks + b) * lanes + r % lanes);
        std::memcpy(&(*memory)[data + (rows == 1 ? from : to) * 32], &q[from * 32], 32);
        std::memcpy(&(*memory)[scale + to * 2], &d[from], 2);
      }
    }
  }
  int blocks;
  std::vector<int8_t> v;
  std::vector<uint8_t> q;
  std::vector<uint16_t> d;
};

// numerics, point 2: acc = acc + float(S) * (fa * fw), blocks in ascending k.
float Element(const Blocks& a, int row, const Blocks& w, int col) {
  float acc = 0.0f;
  for (int b = 0; b < a.blocks; ++b) {
    const auto ai = static_cast<size_t>(row * a.blocks + b),
               wi = static_cast<size_t>(col * w.blocks + b);
    int sum = 0;
    for (size_t i = 0; i < 32; ++i) sum += a.v[ai * 32 + i] * w.v[wi * 32 + i];
    const float scale = fp::F16ToF32(a.d[ai]) * fp::F16ToF32(w.d[wi]);
    const float product = static_cast<float>(sum) * scale;
    acc = acc + product;
  }
  return acc;
}

// Numerics, point 3, for finite values.
void Quantize(const float* x, int8_t* q, uint16_t* d) {
  float amax = 0.0f;
  for (int i = 0; i < 32; ++i) amax = std::max(amax, std::fabs(x[i]));
  const float scale = amax / 127.0f, inverse = scale == 0.0f ? 0.0f : 1.0f / scale;
  for (int i = 0; i < 32; ++i)
    q[i] = static_cast<int8_t>(std::clamp(std::round(x[i] * inverse), -127.0f, 127.0f));
  *d = fp::F32ToF16(scale);
}

struct Kind {
  bool ext = false, q4 = false, q8_result = false, shuffled = false;
};

void Check(const char* name, int m, int n, int k, const Kind& kind) {
  SCOPED_TRACE(std::string(name) + " " + std::to_string(m) + " x " + std::to_string(n) + " x " +
               std::to_string(k) + (kind.ext ? " external" : "") + (kind.q4 ? " Q4_0" : "") +
               (kind.q8_result ? " to Q8_0" : "") + " WREN_SEED=" + std::to_string(Seed()));
  const isa::Config config = isa::Config::Named(name);
  std::mt19937_64 random(Seed() * 31 + static_cast<uint64_t>(m * 7 + n * 3 + k));
  GemmProblem p;
  p.m = m, p.n = n, p.k = k;
  if (kind.ext) p.a_space = p.w_space = p.c_space = isa::ExtSpace::kExt;
  if (kind.q4) p.format = isa::WeightFormat::kQ40;
  if (kind.q8_result) p.result = ResultFormat::kQ80;
  const GemmBytes end = PlaceGemm(&p, config, 0x1000);
  ASSERT_LE(end.l2, config.l2);
  isa::FlatMemory ext(end.ext);
  isa::Model model(config, ext);
  std::vector<uint8_t>& memory = kind.ext ? ext.bytes() : model.l2();
  const Blocks a(m, k, isa::WeightFormat::kQ8, &random), w(n, k, p.format, &random);
  a.PutInto(&memory, p.a, p.a_scale, static_cast<int>(config.rows));
  const WeightPlan plan = PlanWeights(m, n, k, p.format, config);
  const std::vector<uint8_t> weights = PackWeights(plan, w.q, w.d, config);
  ASSERT_EQ(weights.size(), w.q.size() + 2 * w.d.size());
  std::copy(weights.begin(), weights.end(), memory.begin() + static_cast<std::ptrdiff_t>(p.w));
  const Program program = BuildGemm(p, config);
  if (kind.shuffled) {
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
    for (int c = 0; c < n; c += 32) {
      float want[32];
      for (int i = 0; i < 32; ++i) want[i] = Element(a, r, w, c + i);
      const auto at = static_cast<size_t>(r * n + c);
      uint8_t bytes[128];
      if (kind.q8_result) {
        uint16_t d;
        Quantize(want, reinterpret_cast<int8_t*>(bytes), &d);
        wrong += std::memcmp(&memory[p.c_scale + at / 16], &d, 2) != 0;
        wrong += std::memcmp(&memory[p.c + at], bytes, 32) != 0;
      } else {
        std::memcpy(bytes, want, 128);
        wrong += std::memcmp(&memory[p.c + at * 4], bytes, 128) != 0;
      }
      if (wrong == 1) ADD_FAILURE() << "row " << r << ", columns from " << c;
      if (wrong > 0) ++wrong;
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
                         {128, 32, 160},
                         {258, 32, 64},
                         {1, 160, 512},
                         {302, 32, 96}})
    Check("nano", s.m, s.n, s.k, {});
}

TEST(Gemm, IsExactOnSmall) {
  for (const Shape& s : {Shape{4, 32, 32},
                         {20, 64, 512},
                         {36, 352, 96},
                         {260, 96, 160},
                         {300, 64, 480},
                         {1, 96, 1024},
                         {63, 512, 1184}})
    Check("small", s.m, s.n, s.k, {});
}

TEST(Gemm, IsExactOnFull) {
  for (const Shape& s : {Shape{8, 32, 32},
                         {24, 96, 2048},
                         {136, 288, 544},
                         {520, 64, 1056},
                         {1, 64, 4096},
                         {300, 352, 512},
                         {64, 1024, 256}})
    Check("full", s.m, s.n, s.k, {});
}

// One to four panels, thin slices and whole ones, 4-bit weights, both results, both memories.
TEST(Gemm, IsExactFromAndToEveryMemory) {
  for (const bool ext : {false, true}) {
    for (const bool q4 : {false, true}) {
      for (const bool q8_result : {false, true}) {
        const Kind kind{ext, q4, q8_result, false};
        Check("nano", 1, 96, 160, kind);
        Check("nano", 37, 64, 128, kind);
        Check("small", 70, 96, 256, kind);
        Check("full", 1, 288, 1056, kind);
        Check("full", 72, 320, 160, kind);
        Check("full", 128, 544, 544, kind);
        Check("full", 260, 192, 1024, kind);
      }
    }
  }
}

TEST(Gemm, IsExactInEveryOrderTheMachineMayChoose) {
  for (int i = 0; i < 4; ++i) {
    const Kind kind{(i & 1) != 0, (i & 2) != 0, i > 1, true};
    Check("nano", 66, 96, 96, kind);
    Check("small", 52, 160, 288, kind);
    Check("full", 72, 320, 160, kind);
    Check("full", 1, 192, 1024, kind);
    Check("full", 264, 160, 544, kind);
  }
}

TEST(Gemm, IsExactForRandomShapes) {
  std::mt19937_64 random(Seed());
  const auto pick = [&](int unit, int most) {
    return unit * (1 + static_cast<int>(random() % static_cast<uint64_t>(most)));
  };
  for (int i = 0; i < 12; ++i) {
    const auto any = [&] { return random() % 2 == 1; };
    Check("nano", pick(1, 80), pick(32, 5), pick(32, 6), {any(), any(), any(), any()});
    Check("small", pick(1, 160), pick(32, 12), pick(32, 16), {any(), any(), any(), any()});
    Check("full", pick(1, 300), pick(32, 12), pick(32, 20), {any(), any(), any(), any()});
  }
}

// What a stream from a DRAM needs: the schedule reads W once, from its first byte to its last.
TEST(Gemm, ReadsWeightsInTheOrderInWhichTheyLie) {
  for (const char* name : {"nano", "small", "full"}) {
    const isa::Config config = isa::Config::Named(name);
    GemmProblem p;
    p.m = 1, p.n = 224, p.k = 544;
    p.format = isa::WeightFormat::kQ40;
    p.a_space = p.w_space = p.c_space = isa::ExtSpace::kExt;
    PlaceGemm(&p, config, 0x1000);
    const uint64_t bytes = PlanWeights(p.m, p.n, p.k, p.format, config).bytes;
    uint64_t next = p.w;
    for (const CommandBytes& command : BuildGemm(p, config).commands) {
      for (const Access& access : AccessesOf(command, config)) {
        if (access.region != Region::kExt || access.write || access.begin < p.w ||
            access.begin >= p.w + bytes)
          continue;
        EXPECT_EQ(access.begin, next) << name;
        next = access.end;
      }
    }
    EXPECT_EQ(next, p.w + bytes) << name;
  }
}

std::string MessageOf(const GemmProblem& problem, const char* config) {
  const isa::Config shape = isa::Config::Named(config);
  try {
    GemmProblem p = problem;
    PlaceGemm(&p, shape);
    BuildGemm(p, shape);
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
  EXPECT_NE(MessageOf(of(2, 33, 32), "nano").find("multiples of 32"), std::string::npos);
  EXPECT_NE(MessageOf(of(2, 32, 40), "nano").find("multiples of 32"), std::string::npos);
  EXPECT_NE(MessageOf(of(0, 32, 32), "nano").find("must be positive"), std::string::npos);
  EXPECT_NE(MessageOf(of(1024, 1024, 32), "nano").find("bytes of L2"), std::string::npos);
  EXPECT_NE(MessageOf(of(2, 32, 32 * 257), "nano").find("do not fit AB"), std::string::npos);
  EXPECT_EQ(MessageOf(of(2, 32, 128), "nano"), "");
}

}  // namespace
}  // namespace wren::compiler::test
