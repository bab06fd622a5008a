// EmitAttention on the instruction-set model, against softmax in double precision on the same
// quantized operands.
#include "wren/compiler/attention.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <utility>

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

struct Shape {
  int rows, keys, head;
  int heads = 1, group = 1;
  bool causal = false;
  int diag = 0;
  double spread = 1;  // of the scores
  int two_below = 0;
};

size_t Z(int n) { return static_cast<size_t>(n); }

// Operands in plain order, and what they stand for.
struct Operands {
  Operands(const Shape& shape, uint64_t seed) : s(shape) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    const auto kv = Z(s.heads / s.group);
    const auto fill = [&](std::vector<float>* x, size_t n, double unit) {
      x->resize(n);
      for (float& v : *x) v = normal(random) * static_cast<float>(unit);
    };
    fill(&q, Z(s.heads) * Z(s.rows) * Z(s.head), s.spread);
    fill(&k, kv * Z(s.keys) * Z(s.head), 1);
    fill(&v, kv * Z(s.keys) * Z(s.head), 1);
  }
  void Quantize() {
    const auto blocks = [](std::vector<float>* x, size_t block, std::vector<int8_t>* to,
                           std::vector<uint16_t>* scales) {
      to->resize(x->size());
      scales->resize(x->size() / block);
      for (size_t b = 0; b < scales->size(); ++b) {
        float amax = 0;
        for (size_t i = 0; i < block; ++i) amax = std::max(amax, std::fabs((*x)[b * block + i]));
        const float d = fp::F16ToF32(fp::F32ToF16(amax / 127));
        (*scales)[b] = fp::F32ToF16(d);
        for (size_t i = 0; i < block; ++i) {
          const float r = d == 0 ? 0 : std::round((*x)[b * block + i] / d);
          const int8_t n = static_cast<int8_t>(std::clamp(r, -127.0f, 127.0f));
          (*to)[b * block + i] = n;
          (*x)[b * block + i] = static_cast<float>(n) * d;
        }
      }
    };
    blocks(&q, 32, &q8, &qd);
    blocks(&k, 32, &k8, &kd);
    blocks(&v, Z(s.head), &v8, &vd);
  }
  struct Element {
    double value, sigma;  // sigma: what rounding the probabilities to 8 bits costs, see Row
  };
  // Row `row` of head `head`, in double. Probabilities are rounded to multiples of d, 1/127 (up to
  // 0.8% more) of the largest product with a value's scale in their block of 32 keys: each adds an
  // error of d * value, evenly distributed between -0.5 and 0.5.
  std::vector<Element> Row(int head, int row) const {
    const size_t d = Z(s.head), kv = Z(head / s.group) * Z(s.keys);
    const int seen = s.causal ? std::clamp(row + s.diag + 1, 0, s.keys) : s.keys;
    std::vector<double> p(Z(seen));
    double largest = -1e300, sum = 0;
    for (size_t c = 0; c < p.size(); ++c) {
      double dot = 0;
      for (size_t i = 0; i < d; ++i)
        dot += static_cast<double>(q[(Z(head) * Z(s.rows) + Z(row)) * d + i]) *
               static_cast<double>(k[(kv + c) * d + i]);
      p[c] = dot / std::sqrt(static_cast<double>(d));
      largest = std::max(largest, p[c]);
    }
    for (double& x : p) sum += x = std::exp(x - largest);
    std::vector<Element> out(d, Element{0, 0});
    for (size_t b = 0; b < p.size(); b += 32) {
      const size_t end = std::min(b + 32, p.size());
      double amax = 0;
      for (size_t c = b; c < end; ++c)
        amax = std::max(amax, p[c] * static_cast<double>(fp::F16ToF32(vd[kv + c])));
      const double unit = amax / 126.5 / sum;
      for (size_t c = b; c < end; ++c) {
        for (size_t i = 0; i < d; ++i) {
          out[i].value += p[c] / sum * static_cast<double>(v[(kv + c) * d + i]);
          const double step = unit * v8[(kv + c) * d + i];
          out[i].sigma += step * step / 12;
        }
      }
    }
    // The second number has 1/254 of the first one's steps.
    const double left = Two(row) ? 1.0 / 254 : 1;
    for (Element& e : out) e.sigma = std::sqrt(e.sigma) * left;
    return out;
  }
  bool Two(int row) const {
    const int first = s.causal ? std::min(s.keys, row / 32 * 32 + s.diag + 1) : s.keys;
    return first < s.two_below;
  }
  Shape s;
  std::vector<float> q, k, v;
  std::vector<int8_t> q8, k8, v8;
  std::vector<uint16_t> qd, kd, vd;
};

// The operands laid out for `config`, and the program.
struct Machine {
  Machine(const char* name, const Operands& o) : config(isa::Config::Named(name)) {
    const Shape& s = o.s;
    problem.heads = s.heads, problem.group = s.group, problem.rows = s.rows, problem.keys = s.keys;
    problem.head = s.head, problem.causal = s.causal, problem.diag = s.diag;
    problem.two_below = s.two_below;
    problem.base = 4096;
    PlaceAttention(&problem, config);
    const AttentionTask& t = problem.task;
    // What is not written below, padding too, is noise.
    std::mt19937_64 random(Seed() + 5);
    std::vector<uint8_t> bytes(problem.end);
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      const uint64_t noise = random();
      std::memcpy(&bytes[i], &noise, 8);
    }
    const auto put = [&](uint64_t at, const void* from, size_t n) {
      std::memcpy(&bytes[at], from, n);
    };
    const size_t p = Z(s.head / 32), lanes = config.rows, cols = config.cols;
    const size_t unit = lanes * 8 / std::gcd<size_t>(8, lanes * p),
                 groups = (Z(s.rows) + unit - 1) / unit * unit / lanes;
    for (size_t h = 0; h < Z(s.heads); ++h) {
      for (size_t r = 0; r < Z(s.rows); ++r) {
        for (size_t b = 0; b < p; ++b) {
          const size_t from = (h * Z(s.rows) + r) * p + b,
                       to = ((h * groups + r / lanes) * p + b) * lanes + r % lanes;
          put(t.q + to * 32, &o.q8[from * 32], 32);
          put(t.q_scale + to * 2, &o.qd[from], 2);
        }
      }
    }
    for (size_t h = 0; h < Z(s.heads / s.group); ++h) {
      for (size_t c = 0; c < Z(s.keys); ++c) {
        const size_t from = h * Z(s.keys) + c, to = h * Z(t.capacity) + c;
        for (size_t b = 0; b < p; ++b) {
          const size_t block = h * Z(t.capacity) * p + (c / cols * p + b) * cols + c % cols;
          put(t.k + block * 32, &o.k8[(from * p + b) * 32], 32);
          put(t.k_scale + block * 2, &o.kd[from * p + b], 2);
        }
        put(t.v + to * Z(s.head), &o.v8[from * Z(s.head)], Z(s.head));
        put(t.v_scale + to * 2, &o.vd[from], 2);
      }
    }
    const std::vector<uint8_t> tables = AttentionConstants();
    put(problem.tables, tables.data(), tables.size());
    ext = std::make_unique<isa::FlatMemory>(problem.end);
    ext->bytes() = bytes;
    model = std::make_unique<isa::Model>(config, *ext);
    program = BuildAttention(problem, config);
  }
  std::vector<float> Execute() {
    const isa::RunResult run = model->RunProgram(program.bytes(), program.commands.size());
    EXPECT_TRUE(run.status.ok()) << "command " << run.executed << " " << run.status.ToString();
    return Result();
  }
  std::vector<float> Result() const {
    std::vector<float> out(Z(problem.heads) * Z(problem.rows) * Z(problem.head));
    for (size_t i = 0; i < out.size(); ++i) {
      uint16_t bits;
      std::memcpy(&bits, &ext->bytes()[problem.task.out + 2 * i], 2);
      out[i] = fp::F16ToF32(bits);
    }
    return out;
  }
  isa::Config config;
  AttentionProblem problem;
  std::unique_ptr<isa::FlatMemory> ext;
  std::unique_ptr<isa::Model> model;
  Program program;
};

struct Errors {
  double largest = 0, rms = 0;
  double sigmas = 0;    // the largest in units of its sigma
  double relative = 0;  // rms in units of sigma
};

Errors Compare(const Operands& o, const std::vector<float>& got, int every) {
  Errors e;
  size_t n = 0;
  for (int h = 0; h < o.s.heads; ++h) {
    for (int r = 0; r < o.s.rows; r += every) {
      const std::vector<Operands::Element> want = o.Row(h, r);
      for (size_t i = 0; i < want.size(); ++i, ++n) {
        const double error =
            std::fabs(static_cast<double>(got[(Z(h) * Z(o.s.rows) + Z(r)) * want.size() + i]) -
                      want[i].value);
        const double sigma =  // and FP16, FP32, tables
            want[i].sigma + std::fabs(want[i].value) / 4096 + 2e-5;
        e.largest = std::max(e.largest, error);
        e.sigmas = std::max(e.sigmas, error / sigma);
        e.rms += error * error;
        e.relative += error * error / (sigma * sigma);
      }
    }
  }
  e.rms = std::sqrt(e.rms / static_cast<double>(n));
  e.relative = std::sqrt(e.relative / static_cast<double>(n));
  return e;
}

// Runs on `config`; the error must be what rounding the probabilities explains. Every `every`-th
// row is compared.
std::vector<float> Check(const char* config, const Operands& o, int every = 1) {
  const Shape& s = o.s;
  Machine run(config, o);
  const std::vector<float> got = run.Execute();
  EXPECT_FALSE(run.model->numeric());
  const Errors e = Compare(o, got, every);
  std::printf(
      "  %-5s %4d rows %4d keys head %3d heads %d/%d %s %+d two below %d: error %.1e, rms %.1e; in "
      "sigmas %.1f, "
      "%.2f; %zu commands\n",
      config, s.rows, s.keys, s.head, s.heads, s.group, s.causal ? "causal" : "all", s.diag,
      s.two_below, e.largest, e.rms, e.sigmas, e.relative, run.program.commands.size());
  EXPECT_LE(e.sigmas, 6.5);
  EXPECT_LE(e.relative, 1.1);
  return got;
}

TEST(Attention, IsNearDoublePrecisionAndTheSameOnEveryConfiguration) {
  for (const Shape& s :
       {Shape{64, 64, 64}, Shape{130, 200, 64, 2, 1}, Shape{96, 96, 128, 4, 2, true},
        Shape{200, 200, 64, 1, 1, true}, Shape{40, 333, 32, 2, 1, true, 293},
        Shape{7, 77, 96, 3, 3}, Shape{1, 300, 64, 4, 4}, Shape{33, 5, 64, 1, 1, true, -3},
        Shape{130, 200, 64, 2, 1, false, 0, 1, 201}, Shape{200, 200, 64, 2, 2, true, 0, 1, 70},
        Shape{40, 333, 32, 2, 1, true, 293, 1, 310}, Shape{7, 77, 96, 3, 3, false, 0, 1, 78},
        Shape{33, 5, 64, 1, 1, true, -3, 1, 4096}, Shape{72, 100, 128, 2, 1, true, 20, 1, 200}}) {
    Operands o(s, Seed() * 131 + Z(s.rows));
    o.Quantize();
    SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
    const std::vector<float> full = Check("full", o);
    EXPECT_EQ(std::memcmp(full.data(), Check("small", o).data(), full.size() * 4), 0);
    if (s.head == 96) continue;  // eight rows, the least its scales come in, do not fit nano
    EXPECT_EQ(std::memcmp(full.data(), Check("nano", o).data(), full.size() * 4), 0);
  }
}

TEST(Attention, IsTheSameInEveryOrderTheMachineMayChoose) {
  std::mt19937_64 random(Seed());
  for (const char* name : {"nano", "small", "full"}) {
    for (const Shape& s : {Shape{150, 190, 64, 2, 2, true, 40}, Shape{70, 300, 128, 4, 1},
                           Shape{150, 190, 64, 2, 2, true, 40, 1, 120}}) {
      Operands o(s, random());
      o.Quantize();
      Machine plain(name, o), mixed(name, o);
      const std::vector<float> want = plain.Execute();
      const Interleaving run = Interleave(mixed.program, mixed.model.get(), &random);
      ASSERT_EQ(run.error, "") << name;
      for (const int left : run.left) ASSERT_EQ(left, 0);
      EXPECT_EQ(std::memcmp(want.data(), mixed.Result().data(), want.size() * 4), 0) << name;
    }
  }
}

// The bound of two numbers per probability: every element of every row (`every`-th of long ones)
// within 2e-3 of double precision on the same quantized operands, values of variance 1. Prints by
// the number of keys a row sees what one number gives, and two.
constexpr double kBound = 2e-3;

void HoldsTheBound(const Shape& shape, int every) {
  Shape s = shape;
  constexpr int kEnds[] = {32, 64, 128, 256, 512, 1024, 2048, 4096};
  Operands o(s, Seed() * 31 + Z(s.keys));
  o.Quantize();
  std::string lines[2];
  for (const int numbers : {1, 2}) {
    o.s.two_below = numbers == 2 ? s.keys + 1 : 0;
    const auto n = Z(numbers - 1);
    Machine run("full", o);
    const std::vector<float> got = run.Execute();
    EXPECT_FALSE(run.model->numeric());
    double most = 0, squares = 0, bin_most = 0, bin_squares = 0;
    size_t count = 0, bin_count = 0, bin = 0;
    const auto close = [&] {
      if (bin_count == 0) return;
      char text[64];
      std::snprintf(text, sizeof text, " <=%d: %.1e (%.1e)", kEnds[bin], bin_most,
                    std::sqrt(bin_squares / static_cast<double>(bin_count)));
      lines[n] += text;
      bin_most = bin_squares = 0;
      bin_count = 0;
    };
    for (int r = 0; r < s.rows; r += every) {
      const int seen = s.causal ? r + 1 : s.keys;
      while (seen > kEnds[bin]) {
        close();
        ++bin;
      }
      for (int h = 0; h < s.heads; ++h) {
        const std::vector<Operands::Element> want = o.Row(h, r);
        for (size_t i = 0; i < want.size(); ++i, ++count, ++bin_count) {
          const double error =
              std::fabs(static_cast<double>(got[(Z(h) * Z(s.rows) + Z(r)) * want.size() + i]) -
                        want[i].value);
          most = std::max(most, error), bin_most = std::max(bin_most, error);
          squares += error * error, bin_squares += error * error;
        }
      }
    }
    close();
    std::printf("  head %3d, %4d %s keys, %d heads, %d: largest %.1e, rms %.1e; by keys%s\n",
                s.head, s.keys, s.causal ? "causal" : "all   ", s.heads, numbers, most,
                std::sqrt(squares / static_cast<double>(count)), lines[n].c_str());
    if (numbers == 2) EXPECT_LE(most, kBound);
  }
}

TEST(Attention, TwoNumbersHoldTheBoundInEveryElement) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  for (const int keys : {1, 31, 128, 512}) {
    for (const int head : {64, 128}) {
      for (const bool causal : {false, true})
        HoldsTheBound({keys, keys, head, keys > 128 ? 1 : 4, 1, causal}, 1);
    }
  }
}

TEST(Attention, TwoNumbersHoldTheBoundOnLongRows) {
  SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()));
  HoldsTheBound({2048, 2048, 128, 1, 1, true}, 13);
  HoldsTheBound({2048, 2048, 128}, 29);
  HoldsTheBound({2048, 2048, 64, 1, 1, true}, 13);
  HoldsTheBound({2048, 2048, 64}, 29);
  HoldsTheBound({128, 4096, 128}, 5);
  HoldsTheBound({4096, 4096, 64, 1, 1, true}, 61);
}

// What a problem has that does not ask: exactness where rates are not at stake.
TEST(Attention, ShortProblemsHaveTwoNumbersAndLongOnesInTheirFirstRows) {
  EXPECT_EQ(DefaultTwoBelow(256, false), 257);
  EXPECT_EQ(DefaultTwoBelow(512, true), 0);
  EXPECT_EQ(DefaultTwoBelow(2048, true), 256);
  EXPECT_EQ(DefaultTwoBelow(2048, false), 0);
  for (const auto& [keys, below] : {std::pair{200, 201}, {1024, 128}}) {
    Operands o(Shape{keys, keys, 64, 1, 1, true, 0, 1, below}, Seed());
    o.Quantize();
    const std::vector<float> want = Machine("full", o).Execute();
    o.s.two_below = -1;
    const std::vector<float> got = Machine("full", o).Execute();
    EXPECT_EQ(std::memcmp(want.data(), got.data(), want.size() * 4), 0) << keys;
  }
}

TEST(Attention, TakesLongRows) {
  Operands o(Shape{4096, 4096, 64, 1, 1, true}, Seed());
  o.Quantize();
  Check("full", o, 61);
}

TEST(Attention, RowsThatSeeNoKeyAreZero) {
  for (const int two_below : {0, 33}) {
    for (const char* name : {"nano", "full"}) {
      Operands o(Shape{200, 40, 64, 2, 1, true, -150, 1, two_below}, Seed());
      o.Quantize();
      const std::vector<float> got = Check(name, o);
      for (size_t h = 0; h < 2; ++h) {
        for (size_t i = 0; i < 150 * 64; ++i) ASSERT_EQ(got[h * 200 * 64 + i], 0.0f);
        for (size_t r = 150; r < 200; ++r) {
          const auto row = got.begin() + static_cast<std::ptrdiff_t>((h * 200 + r) * 64);
          EXPECT_NE(std::count(row, row + 64, 0.0f), 64) << "row " << r;
        }
      }
    }
  }
}

// Scores far above those of the first 32 keys.
TEST(Attention, FollowsScoresThatRiseAndNeverGivesAFiniteWrongResult) {
  for (const double rise : {20.0, 60.0, 80.0, 84.0, 86.0, 88.0, 90.0, 120.0}) {
    Shape s{32, 160, 64};
    Operands o(s, Seed() + 3);
    // Queries and keys along one direction: score = key's height; the fourth block stands out.
    for (size_t i = 0; i < o.q.size(); ++i) o.q[i] = i % 64 == 0 ? 8.0f : 0.0f;
    for (size_t c = 0; c < 160; ++c) {
      for (size_t i = 0; i < 64; ++i) o.k[c * 64 + i] = 0;
      o.k[c * 64] = static_cast<float>(c / 32 == 3 ? rise : 0.01 * static_cast<double>(c % 7));
    }
    o.Quantize();
    Machine run("full", o);
    const std::vector<float> got = run.Execute();
    const Errors e = Compare(o, got, 1);
    bool finite = true;
    for (const float x : got) finite = finite && std::isfinite(x);
    std::printf("  %.0f above: numeric %d, finite %d, error %.1e\n", rise, run.model->numeric(),
                finite, e.largest);
    if (rise <= 84) {
      EXPECT_FALSE(run.model->numeric());
      EXPECT_LE(e.sigmas, 6.5);
    } else if (rise >= 90) {
      EXPECT_TRUE(run.model->numeric());
    } else if (finite && !run.model->numeric()) {
      EXPECT_LE(e.sigmas, 6.5);
    }
  }
}

TEST(Attention, SaysWhatDoesNotFit) {
  AttentionProblem p;
  p.rows = p.keys = 64, p.head = 512;
  PlaceAttention(&p, isa::Config::Named("nano"));
  try {
    BuildAttention(p, isa::Config::Named("nano"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("heads of 512"), std::string::npos) << error.what();
  }
  p.head = 40;
  PlaceAttention(&p, isa::Config::Named("full"));
  EXPECT_THROW(BuildAttention(p, isa::Config::Named("full")), Error);
}

}  // namespace
}  // namespace wren::compiler::test
