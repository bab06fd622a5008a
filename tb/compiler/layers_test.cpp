// BuildMlp and BuildNorm on the instruction-set model against the formulas in double precision,
// also in every order the machine may choose; and networks without weights.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

#include "engines.h"
#include "gtest/gtest.h"
#include "wren/compiler/language_model.h"
#include "wren/compiler/mlp.h"
#include "wren/compiler/norm.h"
#include "wren/error.h"
#include "wren/fp.h"
#include "wren/tables/tables.h"

namespace wren::compiler::test {
namespace {

uint64_t Seed() {
  const char* seed = std::getenv("WREN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 0);
}

void Run(const Program& program, bool shuffled, isa::Model* model, std::mt19937_64* random) {
  if (shuffled) {
    const Interleaving run = Interleave(program, model, random);
    ASSERT_EQ(run.error, "");
    for (const int left : run.left) ASSERT_EQ(left, 0);
  } else {
    const isa::RunResult run = model->RunProgram(program.bytes(), program.commands.size());
    ASSERT_TRUE(run.status.ok()) << "command " << run.executed << " " << run.status.ToString();
  }
}

void PutTable(tables::Function function, isa::Model* model) {
  const std::vector<uint8_t> table = tables::BuildTable(function);
  std::copy(table.begin(), table.end(), model->lut().begin());
}

float Value(const std::vector<uint8_t>& memory, uint64_t at) {
  float value;
  std::memcpy(&value, &memory[at], 4);
  return value;
}

// A matrix of Q8_0 blocks: q, scales, and the values they stand for.
struct Matrix {
  Matrix(int rows, int k, float scale, std::mt19937_64* random)
      : q(static_cast<size_t>(rows) * static_cast<size_t>(k)), d(q.size() / 32), v(q.size()) {
    for (uint16_t& s : d)
      s = fp::F32ToF16(scale * (1.0f + static_cast<float>((*random)() % 1024) / 1024.0f));
    for (size_t i = 0; i < q.size(); ++i) {
      q[i] = static_cast<uint8_t>((*random)() % 255 - 127);
      v[i] = static_cast<int8_t>(q[i]) * static_cast<double>(fp::F16ToF32(d[i / 32]));
    }
  }
  std::vector<uint8_t> q;
  std::vector<uint16_t> d;
  std::vector<double> v;
};

void CheckMlp(const char* name, int m, int d, int hidden, bool bias, bool ext, bool shuffled) {
  SCOPED_TRACE(std::string(name) + " " + std::to_string(m) + " x " + std::to_string(d) + " x " +
               std::to_string(hidden) + " WREN_SEED=" + std::to_string(Seed()));
  const isa::Config config = isa::Config::Named(name);
  std::mt19937_64 random(Seed() + static_cast<uint64_t>(m + d + hidden));
  MlpProblem p;
  p.m = m, p.d = d, p.hidden = hidden, p.bias = bias;
  p.space = ext ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
  const uint64_t end = PlaceMlp(&p, config, ext ? 0x1000 : 0);
  isa::FlatMemory memory(ext ? end : 4096);
  isa::Model model(config, memory);
  std::vector<uint8_t>& bytes = ext ? memory.bytes() : model.l2();
  ASSERT_LE(end, bytes.size());
  PutTable(tables::Function::kPhi, &model);
  const Matrix x(m, d, 0.01f, &random), up(hidden, d, 0.001f, &random),
      down(d, hidden, 0.001f, &random);
  const auto lanes = static_cast<int>(config.rows);
  const int blocks = d / 32;
  for (int r = 0; r < m; ++r) {
    for (int b = 0; b < blocks; ++b) {
      const auto from = static_cast<size_t>(r * blocks + b),
                 to = static_cast<size_t>((r / lanes * blocks + b) * lanes + r % lanes);
      std::memcpy(&bytes[p.x + (m == 1 ? from : to) * 32], &x.q[from * 32], 32);
      std::memcpy(&bytes[p.x_scale + to * 2], &x.d[from], 2);
    }
  }
  const auto put = [&](uint64_t at, const std::vector<uint8_t>& w) {
    std::copy(w.begin(), w.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(p.up, PackWeights(p.UpPlan(config), up.q, up.d, config));
  put(p.down, PackWeights(p.DownPlan(config), down.q, down.d, config));
  std::vector<float> biases(static_cast<size_t>(hidden + d));
  for (float& b : biases) b = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  std::memcpy(&bytes[p.up_bias], biases.data(), static_cast<size_t>(hidden) * 4);
  std::memcpy(&bytes[p.down_bias], &biases[static_cast<size_t>(hidden)],
              static_cast<size_t>(d) * 4);
  Run(BuildMlp(p, config), shuffled, &model, &random);

  // What 8 bits for the activations between the products allow: half a step each, at random.
  const auto value = [](const std::vector<double>& v, int row, int k, int i) {
    return v[static_cast<size_t>(row) * static_cast<size_t>(k) + static_cast<size_t>(i)];
  };
  for (int r = 0; r < m; ++r) {
    std::vector<double> h(static_cast<size_t>(hidden));
    double largest = 0;
    for (int c = 0; c < hidden; ++c) {
      double sum = bias ? static_cast<double>(biases[static_cast<size_t>(c)]) : 0;
      for (int i = 0; i < d; ++i) sum += value(x.v, r, d, i) * value(up.v, c, d, i);
      h[static_cast<size_t>(c)] = sum * 0.5 * std::erfc(-sum / std::sqrt(2.0));
      largest = std::max(largest, std::fabs(h[static_cast<size_t>(c)]));
    }
    for (int c = 0; c < d; ++c) {
      double want = bias ? static_cast<double>(biases[static_cast<size_t>(hidden + c)]) : 0;
      double squares = 0;
      for (int i = 0; i < hidden; ++i) {
        want += h[static_cast<size_t>(i)] * value(down.v, c, hidden, i);
        squares += value(down.v, c, hidden, i) * value(down.v, c, hidden, i);
      }
      const double got =
          static_cast<double>(Value(bytes, p.c + static_cast<uint64_t>(r * d + c) * 4));
      ASSERT_NEAR(got, want, 2.0 * largest / 127 * std::sqrt(squares)) << r << " " << c;
    }
  }
}

TEST(Mlp, IsTheFormulaOnEveryConfiguration) {
  CheckMlp("nano", 6, 64, 96, true, false, false);
  CheckMlp("nano", 1, 64, 128, false, true, false);
  CheckMlp("small", 50, 96, 320, true, false, false);
  CheckMlp("full", 128, 96, 384, true, false, false);
  CheckMlp("full", 64, 384, 512, true, true, false);
}

TEST(Mlp, MeansTheSameInEveryOrderTheMachineMayChoose) {
  for (int i = 0; i < 3; ++i) {
    CheckMlp("nano", 6, 64, 96, true, i == 0, true);
    CheckMlp("full", 72, 160, 416, true, i == 1, true);
  }
}

TEST(Mlp, SaysWhatDoesNotFit) {
  MlpProblem p;
  p.m = 512, p.d = 384, p.hidden = 1536;
  try {
    BuildMlp(p, isa::Config::Named("full"));
    FAIL() << "512 rows are no panel";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("use fewer rows"), std::string::npos);
  }
}

void CheckNorm(const char* name, bool layer, int rows, int cols, bool q8, bool shuffled) {
  SCOPED_TRACE(std::string(name) + (layer ? " layer " : " RMS ") + std::to_string(rows) + " x " +
               std::to_string(cols) + " WREN_SEED=" + std::to_string(Seed()));
  const isa::Config config = isa::Config::Named(name);
  std::mt19937_64 random(Seed() + static_cast<uint64_t>(rows + cols));
  NormProblem p;
  p.layer = layer, p.rows = rows, p.cols = cols;
  p.space = q8 ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
  p.result = q8 ? ResultFormat::kQ80 : ResultFormat::kF32;
  const uint64_t end = PlaceNorm(&p, q8 ? 0x1000 : 0);
  isa::FlatMemory memory(q8 ? end : 4096);
  isa::Model model(config, memory);
  std::vector<uint8_t>& bytes = q8 ? memory.bytes() : model.l2();
  ASSERT_LE(end, bytes.size());
  PutTable(tables::Function::kRsqrt, &model);
  const auto fill = [&](uint64_t at, size_t n) {
    std::vector<double> v(n);
    for (size_t i = 0; i < n; ++i) {
      const float value = static_cast<float>(random() % 5001) / 1000.0f - 2.0f;
      std::memcpy(&bytes[at + i * 4], &value, 4);
      v[i] = static_cast<double>(value);
    }
    return v;
  };
  const auto n = static_cast<size_t>(cols);
  const std::vector<double> x = fill(p.x, static_cast<size_t>(rows) * n), gamma = fill(p.gamma, n),
                            beta = fill(p.beta, n);
  Run(BuildNorm(p, config), shuffled, &model, &random);
  for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
    double mean = 0, squares = 0;
    for (size_t c = 0; c < n; ++c) mean += layer ? x[r * n + c] / cols : 0;
    for (size_t c = 0; c < n; ++c) squares += (x[r * n + c] - mean) * (x[r * n + c] - mean) / cols;
    const double scale = 1 / std::sqrt(squares + static_cast<double>(p.eps));
    for (size_t c = 0; c < n; ++c) {
      const double want = (x[r * n + c] - mean) * scale * gamma[c] + (layer ? beta[c] : 0);
      if (!q8) {
        ASSERT_NEAR(static_cast<double>(Value(bytes, p.c + (r * n + c) * 4)), want, 2e-5);
        continue;
      }
      uint16_t d;
      std::memcpy(&d, &bytes[p.c_scale + (r * n + c) / 32 * 2], 2);
      const auto step = static_cast<double>(fp::F16ToF32(d));
      ASSERT_NEAR(static_cast<int8_t>(bytes[p.c + r * n + c]) * step, want, 0.57 * step + 2e-5);
    }
  }
}

TEST(Norm, IsTheFormulaOnEveryConfiguration) {
  for (const bool layer : {false, true}) {
    for (const bool q8 : {false, true}) {
      CheckNorm("nano", layer, 11, 96, q8, false);
      CheckNorm("small", layer, 70, 384, q8, false);
      CheckNorm("full", layer, 33, 384, q8, false);
      CheckNorm("full", layer, 5, 4096, q8, false);
      CheckNorm("full", layer, 1, 32, q8, false);
    }
  }
}

TEST(Norm, MeansTheSameInEveryOrderTheMachineMayChoose) {
  for (const bool layer : {false, true}) {
    CheckNorm("nano", layer, 37, 128, layer, true);
    CheckNorm("full", layer, 11, 4096, !layer, true);
  }
}

TEST(Norm, SaysWhatDoesNotFit) {
  NormProblem p;
  p.rows = 1, p.cols = 65536;
  EXPECT_THROW(BuildNorm(p, isa::Config::Named("full")), Error);
  p.cols = 33;
  EXPECT_THROW(BuildNorm(p, isa::Config::Named("full")), Error);
}

// Every byte that a step reads from external memory is an image's, a hole's or its own result.
TEST(NetworkWithoutWeights, NamesEveryByteThatItsStepReads) {
  for (const char* name : {"nano", "full"}) {
    const isa::Config config = isa::Config::Named(name);
    Hyperparameters hp;
    hp.dim = 128, hp.hidden = 352, hp.n_layers = 2, hp.n_heads = 4, hp.n_kv_heads = 2;
    hp.head_dim = 32, hp.vocab = 96, hp.context = 64;
    hp.norm_eps = 1e-5f, hp.rope_theta = 10000.0f, hp.rope_dim = 32;
    CompileOptions options;
    options.max_rows = 1;
    LanguageModel plan(hp, isa::WeightFormat::kQ40, config, options);
    const uint64_t weights = 2 * (128 * (128 + 2 * 64) + 128 * 128 + 3 * 128 * 352) + 96 * 128;
    EXPECT_EQ(plan.matrix_bytes(), weights / 32 * 18);
    std::vector<bool> known(plan.ext_end());
    const auto mark = [&](uint64_t begin, uint64_t end) {
      ASSERT_LE(end, known.size());
      std::fill(known.begin() + static_cast<std::ptrdiff_t>(begin),
                known.begin() + static_cast<std::ptrdiff_t>(end), true);
    };
    for (const Image& image : plan.images())
      mark(image.address, image.address + image.bytes.size());
    for (const Hole& hole : plan.holes()) {
      for (uint64_t i = hole.address; i < hole.address + hole.bytes; ++i)
        ASSERT_FALSE(known[i]) << name << " " << i;
      mark(hole.address, hole.address + hole.bytes);
    }
    mark(plan.tokens_address(), plan.tokens_address() + 16);
    uint64_t read = 0;
    for (const CommandBytes& command : plan.BuildStep(31, 1, false).commands) {
      for (const Access& access : AccessesOf(command, config)) {
        if (access.region != Region::kExt) continue;
        if (access.write) {
          mark(access.begin, access.end);
          continue;
        }
        const uint64_t end =
            std::min<uint64_t>(access.end, known.size());  // a gather's end is open
        if (access.end != isa::kExtBytes) {
          for (uint64_t i = access.begin; i < end; ++i)
            ASSERT_TRUE(known[i]) << name << " " << i << " " << isa::Disassemble(command);
          read += access.end - access.begin;
        }
      }
    }
    EXPECT_GT(read, plan.matrix_bytes());
  }
}

}  // namespace
}  // namespace wren::compiler::test
