// wren_fp_pkg against the host: SSE arithmetic with FTZ and DAZ, F16C, and the C library in double
// for the rest.
#include <gtest/gtest.h>
#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include WREN_FP_TB_H
#include "verilated.h"

namespace wren {
namespace {

constexpr uint32_t kNan = 0x7FC00000, kInf = 0x7F800000, kSign = 0x80000000, kMag = 0x7FFFFFFF;

uint32_t Bits(float f) {
  uint32_t u;
  std::memcpy(&u, &f, 4);
  return u;
}
float Value(uint32_t u) {
  float f;
  std::memcpy(&f, &u, 4);
  return f;
}
uint32_t Canonical(uint32_t u) {
  if ((u & kMag) > kInf) return kNan;
  return (u & kInf) == 0 ? u & kSign : u;
}
uint32_t Canonical(float f) { return Canonical(Bits(f)); }

// Ends of ranges, powers of two and their neighbours, rounding ties, special values of every
// format.
const std::vector<uint32_t>& Edges() {
  static const std::vector<uint32_t> edges = [] {
    std::vector<uint32_t> v = {
        0,          1,          0x007FFFFF, 0x00800000, 0x00800001, 0x7F7FFFFF, 0x7F800000,
        0x7FC00000, 0x7F800001, 0x7FFFFFFF, 0x3F000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001,
        0x40000000, 0x3FC00000, 0x40200000, 0x4B000000, 0x4B800000, 0x4B7FFFFF, 0x4B000001,
        0x4AFFFFFF, 0x4EFFFFFF, 0x4F000000, 0x4F000001, 0x42FE0000, 0x42FEFFFF, 0x42FF0000,
        0x42FDFFFF, 0x43000000, 0x43800000, 0x4380FFFF, 0x477FFF00, 0x477FFFFF, 0x47800000,
        0x47800001, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x33000000, 0x33000001, 0x32FFFFFF,
        0x33800000, 0x38800000, 0x387FC000, 0x387FE000, 0x387FFFFF, 0x387FF000, 0x38000000,
        0x34000000, 0x3EFFFFFF, 0x3EFFFFFE, 0x7E800000, 0x01000000, 0x00FFFFFF, 0x20000000,
        0x5F800000, 0x1F800000, 0x7F000000, 0x0000FFFF, 0x00007C00, 0x00008000, 0x0000FC00,
        0x000003FF, 0x00000400, 0x00007BFF, 0x3F808000, 0x3F818000, 0x3F807FFF, 0x3F808001,
        0x7F7F8000, 0x7F7F7FFF};
    const size_t n = v.size();
    for (size_t i = 0; i < n; ++i) v.push_back(v[i] ^ kSign);
    return v;
  }();
  return edges;
}

class Fp : public testing::Test {
 protected:
  Fp() : seed_(Seed()), rng_(seed_) {
    _mm_setcsr(_mm_getcsr() | 0x8040);
    dut_ = std::make_unique<WREN_FP_TB>(&context_);
  }
  ~Fp() override { _mm_setcsr(_mm_getcsr() & ~0x8040u); }

  static uint64_t Seed() {
    const char* text = std::getenv("WREN_SEED");
    return text ? std::strtoull(text, nullptr, 0) : 1;
  }

  uint32_t Random32() { return static_cast<uint32_t>(rng_()); }
  // Bit patterns of several styles, so that sums cancel, products end at the ends of the range, and
  // ties happen.
  uint32_t RandomFloat() {
    const uint32_t r = Random32();
    switch (rng_() % 8) {
      case 0:
        return r;
      case 1:
        return Edges()[rng_() % Edges().size()];
      case 2:
        return (r & 0x807FFFFF) | static_cast<uint32_t>(117 + rng_() % 20) << 23;
      case 3:
        return (r & 0x80000007) | static_cast<uint32_t>(125 + rng_() % 4) << 23 |
               (rng_() % 3 ? 0x7FFFF8 : 0);
      case 4:
        return (r & 0x807FFFFF) |
               static_cast<uint32_t>(rng_() % 2 ? 60 + rng_() % 8 : 187 + rng_() % 8) << 23;
      case 5:
        return (r & 0x807F0000) | static_cast<uint32_t>(110 + rng_() % 34) << 23;
      case 6:
        return (r & 0x80FFFFFF) | static_cast<uint32_t>(rng_() % 6) << 23;
      default:
        return (r & 0x807FFFFF) | static_cast<uint32_t>(100 + rng_() % 60) << 23;
    }
  }

  void Eval(uint32_t a, uint32_t b) {
    a_ = a, b_ = b;
    dut_->a_i = a;
    dut_->b_i = b;
    dut_->eval();
  }
  ::testing::AssertionResult Is(uint32_t got, uint32_t want) const {
    if (got == want) return ::testing::AssertionSuccess();
    char text[160];
    std::snprintf(text, sizeof text, "a %08x b %08x: got %08x, want %08x (WREN_SEED=%llu)", a_, b_,
                  got, want, static_cast<unsigned long long>(seed_));
    return ::testing::AssertionFailure() << text;
  }

  template <class Check>
  void EdgesThenRandom(int random, Check check) {
    for (uint32_t a : Edges()) {
      for (uint32_t b : Edges()) {
        Eval(a, b);
        check(a, b);
        if (HasFailure()) return;
      }
    }
    for (int i = 0; i < random; ++i) {
      const uint32_t a = RandomFloat(), b = rng_() % 16
                                                ? RandomFloat()
                                                : a ^ kSign ^ (rng_() % 4 ? 0 : Random32() & 15);
      Eval(a, b);
      check(a, b);
      if (HasFailure()) return;
    }
  }

  uint64_t seed_;
  std::mt19937_64 rng_;
  VerilatedContext context_;
  std::unique_ptr<WREN_FP_TB> dut_;
  uint32_t a_ = 0, b_ = 0;
};

TEST_F(Fp, MultiplyRoundsAsTheHost) {
  EdgesThenRandom(1000000, [&](uint32_t a, uint32_t b) {
    volatile float r = Value(a) * Value(b);
    ASSERT_TRUE(Is(dut_->mul_o, Canonical(r)));
    ASSERT_TRUE(Is(dut_->parts_mul_o, Canonical(r)));
  });
}

TEST_F(Fp, AddRoundsAsTheHost) {
  EdgesThenRandom(1000000, [&](uint32_t a, uint32_t b) {
    volatile float r = Value(a) + Value(b);
    ASSERT_TRUE(Is(dut_->add_o, Canonical(r)));
    ASSERT_TRUE(Is(dut_->parts_add_o, Canonical(r)));
  });
}

TEST_F(Fp, MaximumPutsNanFirstAndPlusZeroAboveMinusZero) {
  EdgesThenRandom(300000, [&](uint32_t a, uint32_t b) {
    const uint32_t x = Canonical(a), y = Canonical(b);
    if (x != a || y != b) return;
    const auto larger = [](uint32_t p, uint32_t q) {
      if (p == kNan || q == kNan) return kNan;
      if (p != q && (p | q) == kSign) return uint32_t{0};  // the two zeros
      return Value(p) > Value(q) ? p : q;
    };
    ASSERT_TRUE(Is(dut_->max_o, larger(x, y)));
    ASSERT_TRUE(Is(dut_->max_magnitude_o, larger(x & kMag, y & kMag)));
  });
}

TEST_F(Fp, ConvertsFromIntegersAndHalves) {
  for (uint32_t h = 0; h < 65536; ++h) {
    Eval(h, 0);
    ASSERT_TRUE(Is(dut_->from_f16_o, Canonical(_cvtsh_ss(static_cast<uint16_t>(h)))));
    ASSERT_TRUE(Is(dut_->parts_from_f16_o, dut_->from_f16_o));
  }
  EdgesThenRandom(300000, [&](uint32_t a, uint32_t) {
    ASSERT_TRUE(Is(dut_->from_i32_o, Canonical(static_cast<float>(static_cast<int32_t>(a)))));
    ASSERT_TRUE(Is(dut_->parts_from_i32_o, dut_->from_i32_o));
    ASSERT_TRUE(Is(dut_->canonical_o, Canonical(a)));
  });
  for (int bit = 0; bit < 32; ++bit) {
    for (int64_t near = -3; near <= 3; ++near) {
      const uint32_t v = static_cast<uint32_t>((int64_t{1} << bit) + near);
      Eval(v, 0);
      ASSERT_TRUE(Is(dut_->from_i32_o, Canonical(static_cast<float>(static_cast<int32_t>(v)))));
      ASSERT_TRUE(Is(dut_->parts_from_i32_o, dut_->from_i32_o));
    }
  }
}

TEST_F(Fp, ConvertsToHalvesWithSubnormals) {
  EdgesThenRandom(500000, [&](uint32_t a, uint32_t) {
    const uint32_t x = Canonical(a);
    const uint16_t host = _cvtss_sh(Value(x), 0);
    ASSERT_TRUE(Is(dut_->to_f16_o, x == kNan ? (a & kSign) >> 16 | 0x7E00 : host));
    ASSERT_TRUE(Is(dut_->parts_to_f16_o, x == kNan ? 0x7E00 : host));
    ASSERT_TRUE(Is(dut_->parts_none_o, x));
  });
  // every half and what lies halfway to its neighbour
  for (uint32_t h = 0; h < 0x7C00; ++h) {
    const float low = _cvtsh_ss(static_cast<uint16_t>(h));
    const float high = h == 0x7BFF ? 65536.0f : _cvtsh_ss(static_cast<uint16_t>(h + 1));
    const float middle = low + (high - low) / 2;
    for (float v : {low, middle, std::nextafterf(middle, 0.0f), std::nextafterf(middle, 1e9f)}) {
      Eval(Bits(v), 0);
      ASSERT_TRUE(Is(dut_->to_f16_o, _cvtss_sh(v, 0)));
      ASSERT_TRUE(Is(dut_->parts_to_f16_o, _cvtss_sh(v, 0)));
    }
  }
}

TEST_F(Fp, ConvertsToBrainFloat) {
  EdgesThenRandom(500000, [&](uint32_t a, uint32_t) {
    const uint32_t x = Canonical(a);
    uint32_t want = x >> 16;
    if (x == kNan) {
      want = 0x7FC0;
    } else if ((x & kMag) != kInf) {
      const uint32_t rest = x & 0xFFFF;
      if (rest > 0x8000 || (rest == 0x8000 && (want & 1))) ++want;
    }
    ASSERT_TRUE(Is(dut_->to_bf16_o, want));
    ASSERT_TRUE(Is(dut_->parts_to_bf16_o, want));
  });
}

TEST_F(Fp, ConvertsToIntegersHalfAwayAndSaturates) {
  EdgesThenRandom(1000000, [&](uint32_t a, uint32_t) {
    const uint32_t x = Canonical(a);
    const double v = Value(x);
    int32_t i32 = 0, i8 = 0;
    if (x != kNan) {
      const double r = std::round(v);
      i32 = r >= 2147483647.0    ? INT32_MAX
            : r <= -2147483648.0 ? INT32_MIN
                                 : static_cast<int32_t>(r);
      i8 = r >= 127 ? 127 : r <= -127 ? -127 : static_cast<int32_t>(r);
    }
    ASSERT_TRUE(Is(dut_->to_i32_o, static_cast<uint32_t>(i32)));
    ASSERT_TRUE(Is(dut_->to_i8_o, static_cast<uint32_t>(i8)));
    ASSERT_TRUE(Is(dut_->parts_to_i32_o, static_cast<uint32_t>(i32)));
    ASSERT_TRUE(Is(dut_->parts_to_i8_o, static_cast<uint32_t>(i8) & 0xFF));
    ASSERT_TRUE(Is(dut_->beyond_i32_o,
                   x == kNan || std::round(v) > 2147483647.0 || std::round(v) < -2147483648.0));
    ASSERT_TRUE(Is(dut_->beyond_i8_o, x == kNan || std::fabs(std::round(v)) > 127));
  });
}

TEST_F(Fp, ScalesByPowersOfTwoAndFlushes) {
  const int edges = static_cast<int>(Edges().size());
  for (int i = 0; i < edges * 601 + 500000; ++i) {
    const uint32_t a = i < edges * 601 ? Edges()[i / 601] : RandomFloat(), x = Canonical(a);
    const int n = i < edges * 601 ? i % 601 - 300 : static_cast<int>(rng_() % 601) - 300;
    Eval(a, static_cast<uint32_t>(n));
    uint32_t want = x;
    if ((x & kInf) != 0 && (x & kInf) != kInf) {
      const double v = std::ldexp(static_cast<double>(Value(x)), n);
      want = std::fabs(v) < 0x1p-126   ? x & kSign
             : std::fabs(v) >= 0x1p128 ? (x & kSign) | kInf
                                       : Bits(static_cast<float>(v));
    }
    ASSERT_TRUE(Is(dut_->scale_o, want));
    ASSERT_TRUE(Is(dut_->parts_scale_o, want));
  }
}

TEST_F(Fp, FloorSaturates) {
  EdgesThenRandom(500000, [&](uint32_t a, uint32_t) {
    const uint32_t x = Canonical(a);
    if (x == kNan) return;  // callers do not use it
    const double f = std::floor(static_cast<double>(Value(x)));
    const int32_t want = f > 65535 ? 65535 : f < -65536 ? -65536 : static_cast<int32_t>(f);
    ASSERT_TRUE(Is(dut_->floor_o, static_cast<uint32_t>(want)));
    ASSERT_TRUE(Is(dut_->parts_floor_o, static_cast<uint32_t>(want)));
  });
}

TEST_F(Fp, DividesBy127AndTakesReciprocals) {
  EdgesThenRandom(500000, [&](uint32_t a, uint32_t) {
    const uint32_t x = Canonical(a) & kMag;
    volatile float d = Value(x) / 127.0f;
    ASSERT_TRUE(Is(dut_->div127_o, Canonical(d)));
    ASSERT_TRUE(Is(dut_->parts_div127_o, Canonical(d)));
    volatile float r = 1.0f / Value(x);
    ASSERT_TRUE(Is(dut_->recip_o, x == 0 ? 0 : Canonical(r)));
    ASSERT_TRUE(Is(dut_->parts_recip_o, x == 0 ? 0 : Canonical(r)));
  });
  for (uint32_t m = 0; m < 1 << 23; m += 5) {  // mantissas of one binade
    Eval(0x3F800000 + m, 0);
    volatile float d = Value(0x3F800000 + m) / 127.0f, r = 1.0f / Value(0x3F800000 + m);
    ASSERT_TRUE(Is(dut_->div127_o, Bits(d)));
    ASSERT_TRUE(Is(dut_->recip_o, Bits(r)));
    ASSERT_TRUE(Is(dut_->parts_div127_o, Bits(d)));
    ASSERT_TRUE(Is(dut_->parts_recip_o, Bits(r)));
  }
}

TEST_F(Fp, FractionsAreExact) {
  for (uint32_t m = 0; m < 65536; ++m) {
    Eval(0, m);
    ASSERT_TRUE(Is(dut_->fraction_o, Bits(static_cast<float>(m) * 0x1p-16f)));
    ASSERT_TRUE(Is(dut_->parts_fraction_o, Bits(static_cast<float>(m) * 0x1p-16f)));
  }
}

}  // namespace
}  // namespace wren
