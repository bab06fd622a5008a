// How far the GTA's functions are from mathematics: each within 4e-6 absolute or 4e-6 relative of a
// long double reference, over every BF16 value and random FP32 values, by the model's own table
// function. WREN_TABLE_SAMPLES sets the number of random values (10,000,000 for the full claim; the
// default is less).
#include "wren/tables/tables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <set>

#include "wren/error.h"
#include "wren/fp.h"
#include "wren/isa/model.h"

namespace wren::tables {
namespace {

using Real = long double;
constexpr Real kTolerance = 4e-6L;

uint64_t EnvNumber(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

struct Case {
  const char* name;
  Function table;
  bool times_x;  // the program multiplies the table's result by x
  std::function<Real(Real)> reference;
  float interesting;  // half of the random values lie in [-interesting, interesting]
};

const Case kCases[] = {
    {"gelu", Function::kPhi, true, [](Real x) { return x * std::erfc(-x / std::sqrt(2.0L)) / 2; },
     8},
    {"silu", Function::kSigmoid, true, [](Real x) { return x / (1 + std::exp(-x)); }, 20},
    {"sigmoid", Function::kSigmoid, false, [](Real x) { return 1 / (1 + std::exp(-x)); }, 20},
    {"tanh", Function::kTanh, false, [](Real x) { return std::tanh(x); }, 9},
    {"exp", Function::kExp, false, [](Real x) { return std::exp(x); }, 95},
    {"rsqrt", Function::kRsqrt, false, [](Real x) { return 1 / std::sqrt(x); }, 100},
    {"reciprocal", Function::kReciprocal, false, [](Real x) { return 1 / x; }, 100},
    {"sqrt", Function::kSqrt, false, [](Real x) { return std::sqrt(x); }, 100},
    {"log2", Function::kLog2, false, [](Real x) { return std::log2(x); }, 100},
    {"gelu_tanh", Function::kGeluTanhGate, true,
     [](Real x) {
       const Real u = std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x);
       return x / (1 + std::exp(-2 * u));
     },
     8},
};

struct Errors {
  uint64_t count = 0, outside = 0;
  Real max = 0, sum = 0, max_ulp = 0, sum_ulp = 0;  // error: the smaller of absolute and relative
  uint64_t normal = 0;  // references that are normal numbers: ULP counts these
  float worst = 0, first_outside = 0;
};

// The unit in the last place of a normal FP32 number at `reference`.
Real Ulp(Real reference) {
  int exponent;
  std::frexp(reference, &exponent);
  return std::ldexp(1.0L, exponent - 24);
}

WREN_NOINLINE void MultiplyFlushed(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] *= x[i];
}

void Measure(const Case& c, const std::vector<uint8_t>& table, const std::vector<float>& x,
             Errors* e) {
  std::vector<float> y(x.size());
  isa::EvalTable(table.data(), x.data(), y.data(), x.size());
  if (c.times_x) {
    const fp::FlushScope flush;
    MultiplyFlushed(x.data(), y.data(), x.size());
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const float in = x[i];
    if (!std::isfinite(in) || in == 0 || std::fabs(in) < 0x1p-126f)
      continue;  // ends have tests of their own
    const Real want = c.reference(in);
    ++e->count;
    if (std::isnan(want)) {
      if (!std::isnan(y[i]) && e->outside++ == 0) e->first_outside = in;
      continue;
    }
    // Results beyond the largest float are infinity; just below it, infinity is within the
    // tolerance.
    if (std::fabs(want) * (1 + kTolerance) > std::numeric_limits<float>::max() &&
        std::isinf(y[i]) && std::signbit(y[i]) == std::signbit(want)) {
      continue;
    }
    const Real absolute = std::fabs(y[i] - want);
    const Real error = std::min(absolute, absolute / std::max<Real>(std::fabs(want), 1e-4000L));
    if (!(error <= kTolerance) && e->outside++ == 0) e->first_outside = in;
    if (error > e->max) {
      e->max = error;
      e->worst = in;
    }
    e->sum += error;
    if (std::fabs(want) < 0x1p-126L) continue;
    const Real ulp = absolute / Ulp(want);
    ++e->normal;
    e->max_ulp = std::max(e->max_ulp, ulp);
    e->sum_ulp += ulp;
  }
}

TEST(Tables, StayWithinFourMillionthsOfTheReference) {
  const uint64_t seed = EnvNumber("WREN_SEED", 7);
  const uint64_t samples = EnvNumber("WREN_TABLE_SAMPLES", 400000);
  std::printf(
      "Error is the smaller of absolute and relative. Tails that are constant 0 have large ULP by "
      "design.\n");
  std::printf("%-11s %10s %10s %10s %9s %9s  worst x\n", "function", "inputs", "max error",
              "mean error", "max ULP", "mean ULP");
  for (const Case& c : kCases) {
    const std::vector<uint8_t> table = BuildTable(c.table);
    Errors e;
    std::vector<float> x;
    for (uint32_t b = 0; b < 65536; ++b) x.push_back(fp::FromBits(b << 16));
    Measure(c, table, x, &e);
    std::mt19937_64 rng(seed);
    std::uniform_real_distribution<float> near(-c.interesting, c.interesting);
    for (uint64_t done = 0; done < samples; done += x.size()) {
      x.resize(std::min<uint64_t>(samples - done, 1 << 16));
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = i % 2 == 0 ? near(rng) : fp::FromBits(static_cast<uint32_t>(rng()));
      Measure(c, table, x, &e);
    }
    std::printf("%-11s %10llu %10.2Le %10.2Le %9.3Lg %9.3Lg  %.9g\n", c.name,
                static_cast<unsigned long long>(e.count), e.max, e.sum / e.count, e.max_ulp,
                e.sum_ulp / e.normal, static_cast<double>(e.worst));
    EXPECT_EQ(e.outside, 0u) << c.name << ": first at x = " << e.first_outside
                             << ", WREN_SEED=" << seed;
    EXPECT_GT(e.count, samples / 3) << c.name;
  }
}

float Eval(Function f, float x) {
  float y;
  isa::EvalTable(BuildTable(f).data(), &x, &y, 1);
  return y;
}

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Tables, AreExactWhereProgramsRelyOnIt) {
  EXPECT_EQ(Eval(Function::kExp, 0.0f), 1.0f);
  EXPECT_EQ(Eval(Function::kExp, -kInf), 0.0f);
  EXPECT_EQ(Eval(Function::kExp, kInf), kInf);
  EXPECT_EQ(Eval(Function::kTanh, 0.0f), 0.0f);
  EXPECT_EQ(Eval(Function::kTanh, -kInf), -1.0f);
  EXPECT_EQ(Eval(Function::kTanh, kInf), 1.0f);
  EXPECT_EQ(Eval(Function::kSigmoid, 0.0f), 0.5f);
  EXPECT_EQ(Eval(Function::kPhi, 0.0f), 0.5f);
  EXPECT_EQ(Eval(Function::kSin, 0.0f), 0.0f);
  EXPECT_EQ(Eval(Function::kCos, 0.0f), 1.0f);
  for (int e = -126; e < 127; ++e) {
    EXPECT_EQ(Eval(Function::kReciprocal, std::ldexp(-1.0f, e)), std::ldexp(-1.0f, -e));
    EXPECT_EQ(Eval(Function::kLog2, std::ldexp(1.0f, e)), static_cast<float>(e));
  }
  for (int e = -63; e < 63; ++e) {
    EXPECT_EQ(Eval(Function::kRsqrt, std::ldexp(1.0f, 2 * e)), std::ldexp(1.0f, -e));
    EXPECT_EQ(Eval(Function::kSqrt, std::ldexp(1.0f, 2 * e)), std::ldexp(1.0f, e));
  }
}

TEST(Tables, HaveTheDocumentedValuesAtZeroAndInfinity) {
  EXPECT_EQ(Eval(Function::kReciprocal, 0.0f), kInf);
  EXPECT_EQ(Eval(Function::kReciprocalOrZero, 0.0f), 0.0f);
  EXPECT_EQ(Eval(Function::kReciprocalOrZero, -0.0f), 0.0f);
  EXPECT_EQ(Eval(Function::kReciprocalOrZero, 4.0f), 0.25f);
  EXPECT_EQ(Eval(Function::kReciprocal, kInf), 0.0f);
  EXPECT_EQ(Eval(Function::kRsqrt, 0.0f), kInf);
  EXPECT_EQ(Eval(Function::kRsqrt, kInf), 0.0f);
  EXPECT_TRUE(std::isnan(Eval(Function::kRsqrt, -1.0f)));
  EXPECT_EQ(Eval(Function::kSqrt, 0.0f), 0.0f);
  EXPECT_EQ(Eval(Function::kSqrt, kInf), kInf);
  EXPECT_EQ(Eval(Function::kLog2, 0.0f), -kInf);
  EXPECT_EQ(Eval(Function::kLog2, kInf), kInf);
  EXPECT_EQ(Eval(Function::kSigmoid, -kInf), 0.0f);
  EXPECT_EQ(Eval(Function::kSigmoid, kInf), 1.0f);
  EXPECT_EQ(Eval(Function::kSigmoid, -16.5f), 0.0f);
  EXPECT_EQ(Eval(Function::kPhi, 9.0f), 1.0f);
  float y;
  const float two = 2.0f, zero = 0.0f;
  isa::EvalTable(BuildReciprocal(7.0f).data(), &zero, &y, 1);
  EXPECT_EQ(y, 7.0f);
  isa::EvalTable(BuildReciprocal(7.0f).data(), &two, &y, 1);
  EXPECT_EQ(y, 0.5f);
}

TEST(Tables, GiveNanForNan) {
  for (const Function f : AllFunctions()) EXPECT_TRUE(std::isnan(Eval(f, NAN))) << Name(f);
}

TEST(Tables, StepIsAnExactGate) {
  for (const float x : {0.0f, -0.0f, 1e-37f, 0.5f, 255.5f, 256.0f, 1e30f, kInf})
    EXPECT_EQ(Eval(Function::kStep, x), 1.0f) << x;
  for (const float x : {-1e-37f, -0.5f, -300.0f, -kInf})
    EXPECT_EQ(Eval(Function::kStep, x), 0.0f) << x;
}

TEST(Tables, SineAndCosineCoverOneTurn) {
  std::vector<float> x;
  for (int i = -3200; i <= 3200; ++i) x.push_back(static_cast<float>(i) * 1e-3f);
  std::vector<float> s(x.size()), c(x.size());
  isa::EvalTable(BuildTable(Function::kSin).data(), x.data(), s.data(), x.size());
  isa::EvalTable(BuildTable(Function::kCos).data(), x.data(), c.data(), x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(s[i], std::sin(static_cast<Real>(x[i])), 5e-7) << x[i];
    EXPECT_NEAR(c[i], std::cos(static_cast<Real>(x[i])), 5e-7) << x[i];
  }
}

TEST(Tables, HaveNamesThatAreUnderstoodBack) {
  std::set<std::string> names;
  for (const Function f : AllFunctions()) {
    EXPECT_EQ(FromName(Name(f)), f);
    EXPECT_EQ(BuildTable(f).size(), kTableBytes);
    names.insert(Name(f));
  }
  EXPECT_EQ(names.size(), AllFunctions().size());
  EXPECT_THROW(FromName("gelu9"), Error);
}

}  // namespace
}  // namespace wren::tables
