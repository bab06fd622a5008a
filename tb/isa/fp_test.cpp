// wren/fp.h against definitions in double arithmetic.
#include "wren/fp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "naive.h"

namespace wren::fp {
namespace {

TEST(Fp, EveryHalfConvertsExactly) {
  for (uint32_t h = 0; h < 65536; ++h) {
    const uint16_t half = static_cast<uint16_t>(h);
    ASSERT_EQ(F16ToF32Bits(half), isa::naive::FromHalf(half)) << h;
    ASSERT_EQ(Bits(F16ToF32Fast(half)), F16ToF32Bits(half)) << h;
    ASSERT_EQ(Bf16ToF32Bits(half), isa::naive::FromBrain(half)) << h;
    if (!IsNan(F16ToF32Bits(half))) {
      ASSERT_EQ(F32ToF16(F16ToF32Bits(half)), half);
    }
  }
}

TEST(Fp, FloatsRoundToHalvesToNearestEven) {
  std::mt19937 rng(static_cast<uint32_t>(isa::naive::Seed(3)));
  const auto check = [](uint32_t x) {
    ASSERT_EQ(F32ToF16(x), isa::naive::ToHalf(x)) << std::hex << x;
    ASSERT_EQ(F32ToF16Fast(x), F32ToF16(x)) << std::hex << x;
    ASSERT_EQ(F32ToBf16(x), isa::naive::ToBrain(x)) << std::hex << x;
  };
  for (int i = 0; i < 300000; ++i) check(static_cast<uint32_t>(rng()));
  // Ties and their neighbours, at every exponent.
  for (uint32_t high = 0; high < 65536; ++high) {
    for (const uint32_t low :
         {0u, 1u, 0x0FFFu, 0x1000u, 0x1001u, 0x7FFFu, 0x8000u, 0x8001u, 0xFFFFu})
      check(high << 16 | low);
  }
}

// Volatile: two calls with equal arguments on both sides of a scope's end must not become one.
WREN_NOINLINE float MultiplyHere(float a, float b) {
  volatile float x = a;
  return x * b;
}
WREN_NOINLINE float AddHere(float a, float b) {
  volatile float x = a;
  return x + b;
}

TEST(Fp, FlushScopeFlushesInputsAndResultsAndRestores) {
  const float tiny = 0x1p-140f, small = 0x1p-126f;
  EXPECT_FALSE(FlushScope::Active());
  {
    const FlushScope scope;
    EXPECT_TRUE(FlushScope::Active());
    EXPECT_EQ(Bits(MultiplyHere(small, 0.5f)), 0u);
    EXPECT_EQ(Bits(MultiplyHere(small, -0.5f)), kSign);
    EXPECT_EQ(Bits(MultiplyHere(tiny, 1e30f)), 0u);
    EXPECT_EQ(Bits(AddHere(FromBits(0x80000001u), -0.0f)), kSign);
    // 2^-126 * (1 - 2^-24) rounds to 2^-126 without a limit on exponents, so it is not tiny after
    // rounding.
    EXPECT_EQ(Bits(MultiplyHere(FromBits(0x3F7FFFFFu), FromBits(0x00800001u))),
              isa::naive::Mul(0x3F7FFFFFu, 0x00800001u));
    {
      const FlushScope inner;
      EXPECT_EQ(Bits(MultiplyHere(small, 0.5f)), 0u);
    }
    EXPECT_TRUE(FlushScope::Active());
  }
  EXPECT_FALSE(FlushScope::Active());
  EXPECT_NE(Bits(MultiplyHere(small, 0.5f)), 0u);
}

TEST(Fp, HostArithmeticInTheScopeEqualsTheDefinition) {
  std::mt19937_64 rng(isa::naive::Seed(4));
  const FlushScope scope;
  for (int i = 0; i < 300000; ++i) {
    uint32_t a = isa::naive::RandomFloat(rng, true), b = isa::naive::RandomFloat(rng, true);
    // Results near the flush threshold, every other time.
    if (i % 2 == 0) b = (b & 0x807FFFFF) | ((127 - 126 + 127 - (a >> 23 & 255)) & 255) << 23;
    ASSERT_EQ(Canonical(Bits(MultiplyHere(FromBits(a), FromBits(b)))), isa::naive::Mul(a, b))
        << std::hex << a << " " << b;
    ASSERT_EQ(Canonical(Bits(AddHere(FromBits(a), FromBits(b)))), isa::naive::Add(a, b))
        << std::hex << a << " " << b;
  }
}

TEST(Fp, MaxKeysOrderNanAboveAllAndPlusZeroAboveMinusZero) {
  std::mt19937_64 rng(isa::naive::Seed(5));
  EXPECT_GT(MaxKey(kNan), MaxKey(kInf));
  EXPECT_GT(MaxKey(0), MaxKey(kSign));
  for (int i = 0; i < 100000; ++i) {
    const uint32_t a = Canonical(isa::naive::RandomFloat(rng, true)),
                   b = Canonical(isa::naive::RandomFloat(rng, true));
    ASSERT_EQ(FromMaxKey(MaxKey(a)), a);
    ASSERT_EQ(MaxKey(a) > MaxKey(b) ? a : b, isa::naive::Max(a, b)) << std::hex << a << " " << b;
  }
}

}  // namespace
}  // namespace wren::fp
