// Q8_0 as ggml defines it, bit for bit. The two reference functions below are written from ggml's
// published scalar definitions (quantize_row_q8_0_ref and the generic vec_dot_q8_0_q8_0), in plain
// host arithmetic without flushing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "naive.h"
#include "wren/isa/model.h"

namespace wren::isa {
namespace {

struct BlockQ8 {
  uint16_t d;  // FP16
  int8_t qs[32];
};

BlockQ8 QuantizeReference(const float* x) {
  BlockQ8 b;
  float amax = 0.0f;
  for (int j = 0; j < 32; ++j) amax = std::fmax(amax, std::fabs(x[j]));
  const float d = amax / 127.0f;
  const float id = d != 0.0f ? 1.0f / d : 0.0f;
  b.d = naive::ToHalf(naive::U(d));
  for (int j = 0; j < 32; ++j) b.qs[j] = static_cast<int8_t>(std::round(x[j] * id));
  return b;
}

float DotReference(const std::vector<BlockQ8>& x, const std::vector<BlockQ8>& y) {
  float sum = 0.0f;
  for (size_t i = 0; i < x.size(); ++i) {
    int sumi = 0;
    for (int j = 0; j < 32; ++j) sumi += x[i].qs[j] * y[i].qs[j];
    const float scale = naive::F(naive::FromHalf(x[i].d)) * naive::F(naive::FromHalf(y[i].d));
    const float term = static_cast<float>(sumi) * scale;
    sum += term;
  }
  return sum;
}

// Quantizes rows of VM with one gta.op; the model's q8_0 blocks.
std::vector<BlockQ8> QuantizeOnModel(const std::vector<float>& x) {
  FlatMemory ext(64);
  Model model(Config::Named("full"), ext);
  const uint32_t blocks = static_cast<uint32_t>((x.size() + 31) / 32);
  std::memcpy(model.vm().data(), x.data(), x.size() * 4);
  GtaOp c;
  c.rows = 1;
  c.cols = static_cast<uint32_t>(x.size());
  c.x_stride = 128 * blocks;
  c.out_space = OutSpace::kVm;
  c.out_format = OutFormat::kQ80;
  c.out = 131072;
  c.out_stride = 32 * blocks;
  c.out_scale = 196608;
  const Status status = model.Execute(Encode(c).data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::vector<BlockQ8> result(blocks);
  for (uint32_t i = 0; i < blocks; ++i) {
    std::memcpy(result[i].qs, &model.vm()[c.out + 32 * i], 32);
    std::memcpy(&result[i].d, &model.vm()[c.out_scale + 2 * i], 2);
  }
  return result;
}

void ExpectEqual(const std::vector<float>& x, const std::vector<BlockQ8>& got) {
  std::vector<float> padded = x;
  padded.resize((x.size() + 31) / 32 * 32);
  for (size_t i = 0; i < got.size(); ++i) {
    const BlockQ8 want = QuantizeReference(&padded[32 * i]);
    ASSERT_EQ(got[i].d, want.d) << "block " << i;
    for (int j = 0; j < 32; ++j) {
      ASSERT_EQ(int{got[i].qs[j]}, int{want.qs[j]})
          << "block " << i << ", element " << j << ", x = " << padded[32 * i + j];
    }
  }
}

TEST(Q8, QuantizerEqualsGgmlOnRandomBlocks) {
  std::mt19937_64 rng(naive::Seed(11));
  std::normal_distribution<float> normal;
  for (int round = 0; round < 40; ++round) {
    std::vector<float> x(32 * 1024);
    for (size_t b = 0; b < x.size(); b += 32) {
      // Scales from far below FP16's range to just below its end.
      const float scale = std::ldexp(1.0f, static_cast<int>(rng() % 100) - 80);
      for (size_t j = 0; j < 32; ++j) x[b + j] = normal(rng) * scale;
    }
    ExpectEqual(x, QuantizeOnModel(x));
  }
}

TEST(Q8, QuantizerEqualsGgmlAtEveryRowLength) {
  std::mt19937_64 rng(naive::Seed(12));
  std::normal_distribution<float> normal;
  for (const size_t n : {1, 2, 3, 5, 7, 31, 32, 33, 1023}) {
    std::vector<float> x(n);
    for (float& v : x) v = normal(rng);
    ExpectEqual(x, QuantizeOnModel(x));
  }
}

TEST(Q8, QuantizerEqualsGgmlOnEdgeBlocks) {
  std::vector<float> x;
  const auto block = [&x](auto value) {
    for (int j = 0; j < 32; ++j) x.push_back(value(j));
  };
  block([](int) { return 0.0f; });
  block([](int) { return -0.0f; });
  block([](int j) {
    return j == 17 ? -127.0f : static_cast<float>(j) + 0.5f;
  });  // ties: id is exactly 1
  block([](int j) { return j == 17 ? 127.0f : -static_cast<float>(j) - 0.5f; });
  block([](int j) {
    return j == 0 ? 127.0f * 0x1p-126f : (j == 1 ? 0x1p-140f : 0.0f);
  });                                                              // smallest d that is normal
  block([](int j) { return std::ldexp(127.0f, -14 - j % 12); });   // d at FP16's subnormals
  block([](int j) { return j == 3 ? 127.0f * 65504.0f : 1.0f; });  // largest finite FP16 scale
  block([](int j) { return j % 2 == 0 ? 1.0f : std::nextafter(1.0f, 0.0f); });
  for (int k = 0; k < 254; ++k) {
    block([k](int j) {
      return j == 0 ? 254.0f : static_cast<float>(k) + (j % 2 == 0 ? 0.0f : 1e-5f);
    });  // ties at k odd
  }
  ExpectEqual(x, QuantizeOnModel(x));
}

// The one difference: below 127 * 2^-126 the quotient d is subnormal, and Wren has no subnormal
// numbers. ggml then has integers with a scale that FP16 stores as zero; Wren has zeros with the
// same scale. What they stand for is equal.
TEST(Q8, BelowTheSmallestNormalScaleBlocksAreZero) {
  std::vector<float> x(32, 0.0f);
  for (int j = 0; j < 32; ++j)
    x[static_cast<size_t>(j)] =
        std::nextafter(127.0f * 0x1p-126f, 0.0f) * static_cast<float>(j) / 32;
  const BlockQ8 reference = QuantizeReference(x.data());
  const BlockQ8 got = QuantizeOnModel(x)[0];
  EXPECT_EQ(reference.d, 0);
  EXPECT_EQ(got.d, 0);
  for (const int8_t q : got.qs) EXPECT_EQ(q, 0);
}

TEST(Q8, InfinityNanAndScaleOverflowSaturateAndRaiseNumeric) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  const auto quantize = [&](float odd) {
    for (int j = 0; j < 32; ++j) {
      const float v = j == 5 ? odd : 1.0f;
      std::memcpy(&model.vm()[4 * static_cast<size_t>(j)], &v, 4);
    }
    GtaOp c;
    c.cols = 32;
    c.out_space = OutSpace::kAb;
    c.out_format = OutFormat::kQ80;
    model.ClearNumeric();
    EXPECT_TRUE(model.Execute(Encode(c).data()).ok());
    return static_cast<int8_t>(model.ab()[5]);
  };
  const auto scale = [&] { return model.ab_scale()[0] | model.ab_scale()[1] << 8; };
  EXPECT_EQ(quantize(INFINITY), 127);
  EXPECT_TRUE(model.numeric());
  EXPECT_EQ(scale(), 0x7C00);
  EXPECT_EQ(quantize(-INFINITY), -127);
  EXPECT_EQ(quantize(NAN), 0);
  EXPECT_TRUE(model.numeric());
  EXPECT_EQ(quantize(127.0f * 65520.0f), 127);  // rounds to FP16 infinity
  EXPECT_TRUE(model.numeric());
  EXPECT_EQ(scale(), 0x7C00);
  EXPECT_EQ(quantize(127.0f * 65504.0f), 127);
  EXPECT_FALSE(model.numeric());
  EXPECT_EQ(scale(), 0x7BFF);
}

// One block of FP32 values in VM to AB as q8_bf16; its scale's bits.
uint16_t QuantizeWithBrainScale(Model* model, const std::vector<float>& x) {
  std::memcpy(model->vm().data(), x.data(), x.size() * 4);
  GtaOp c;
  c.cols = static_cast<uint32_t>(x.size());
  c.out_space = OutSpace::kAb;
  c.out_format = OutFormat::kQ8Bf16;
  model->ClearNumeric();
  const Status status = model->Execute(Encode(c).data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  return static_cast<uint16_t>(model->ab_scale()[0] | model->ab_scale()[1] << 8);
}

TEST(Q8Bf16, ScaleIsTheSmallestBf16ThatCoversTheBlockAndItsRoundingCostsNothing) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  std::mt19937_64 rng(naive::Seed(14));
  std::normal_distribution<float> normal;
  for (int round = 0; round < 20000; ++round) {
    // From where FP16 has nothing left to the end of FP32.
    const float unit = std::ldexp(1.0f, static_cast<int>(rng() % 236) - 110);
    std::vector<float> x(32);
    float amax = 0;
    for (float& v : x) {
      v = std::clamp(normal(rng), -7.9f, 7.9f) * unit;
      amax = std::max(amax, std::fabs(v));
    }
    const uint16_t bits = QuantizeWithBrainScale(&model, x);
    EXPECT_FALSE(model.numeric());
    const float d = naive::F(naive::FromBrain(bits)),
                below = naive::F(naive::FromBrain(static_cast<uint16_t>(bits - 1)));
    ASSERT_GE(d, amax / 127.0f);
    ASSERT_LT(below, amax / 127.0f);
    for (size_t j = 0; j < 32; ++j) {
      const double back = static_cast<double>(static_cast<int8_t>(model.ab()[j])) * d;
      ASSERT_LE(std::fabs(back - static_cast<double>(x[j])), 0.5000001 * static_cast<double>(d))
          << "x = " << x[j] << ", scale " << d;
    }
  }
}

TEST(Q8Bf16, OnlyInfinityAndNanRaiseNumeric) {
  FlatMemory ext(64);
  Model model(Config::Named("nano"), ext);
  std::vector<float> x(32, 0.0f);
  EXPECT_EQ(QuantizeWithBrainScale(&model, x), 0);
  EXPECT_FALSE(model.numeric());
  x[3] = -std::numeric_limits<float>::max();
  // max/127 = 1.0079 * 2^121 lies above the BF16 1.0 * 2^121.
  EXPECT_EQ(QuantizeWithBrainScale(&model, x), 0x7C02);
  EXPECT_FALSE(model.numeric());
  EXPECT_EQ(static_cast<int8_t>(model.ab()[3]), -126);
  x[3] = 127.0f * 0x1p120f;
  EXPECT_EQ(QuantizeWithBrainScale(&model, x), 0x7B80);
  EXPECT_EQ(model.ab()[3], 127);
  x[3] = 0x1p120f * 254.0f;  // a scale whose bits would be infinity in FP16
  EXPECT_EQ(QuantizeWithBrainScale(&model, x), 0x7C00);
  EXPECT_FALSE(model.numeric());
  for (const float odd : {INFINITY, -INFINITY, NAN}) {
    x[3] = odd;
    QuantizeWithBrainScale(&model, x);
    EXPECT_TRUE(model.numeric());
  }
  EXPECT_EQ(model.ab()[3], 0);
}

TEST(Q8, DotProductEqualsGgmlOnRandomAndEdgeBlocks) {
  std::mt19937_64 rng(naive::Seed(13));
  for (const char* name : {"nano", "small", "full"}) {
    FlatMemory ext(64);
    Model model(Config::Named(name), ext);
    const uint32_t rows = model.config().rows, cols = model.config().cols;
    for (int round = 0; round < 30; ++round) {
      const uint32_t kb = 1 + static_cast<uint32_t>(rng() % std::min(64u, model.config().WbSets()));
      const auto random_row = [&] {
        std::vector<BlockQ8> row(kb);
        for (BlockQ8& b : row) {
          // Any finite FP16 scale, subnormal, zero and negative ones too; extreme and random
          // integers.
          do {
            b.d = static_cast<uint16_t>(rng());
          } while ((b.d & 0x7C00) == 0x7C00);
          const uint64_t kind = rng() % 4;
          for (int8_t& q : b.qs)
            q = kind == 0 ? -128 : kind == 1 ? 127 : static_cast<int8_t>(rng());
        }
        return row;
      };
      std::vector<std::vector<BlockQ8>> a, w;
      for (uint32_t r = 0; r < rows; ++r) {
        a.push_back(random_row());
        for (uint32_t k = 0; k < kb; ++k) {
          std::memcpy(&model.ab()[(k * rows + r) * 32], a[r][k].qs, 32);
          std::memcpy(&model.ab_scale()[(k * rows + r) * 2], &a[r][k].d, 2);
        }
      }
      for (uint32_t c = 0; c < cols; ++c) {
        w.push_back(random_row());
        for (uint32_t k = 0; k < kb; ++k) {
          std::memcpy(&model.wb()[(k * cols + c) * 32], w[c][k].qs, 32);
          std::memcpy(&model.wb_scale()[(k * cols + c) * 2], &w[c][k].d, 2);
        }
      }
      MxeGemm g;
      g.rows = rows;
      g.kb = kb;
      g.wb_ks = 1;
      ASSERT_TRUE(model.Execute(Encode(g).data()).ok());
      for (uint32_t r = 0; r < rows; ++r) {
        for (uint32_t c = 0; c < cols; ++c) {
          ASSERT_EQ(model.acc()[r * cols + c], naive::U(DotReference(a[r], w[c])))
              << name << ", row " << r << ", column " << c << ", " << kb
              << " blocks, WREN_SEED=" << naive::Seed(13);
        }
      }
    }
  }
}

}  // namespace
}  // namespace wren::isa
