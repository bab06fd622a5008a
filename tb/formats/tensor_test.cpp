#include "wren/formats/tensor.h"

#include <cfloat>
#include <cmath>
#include <cstring>
#include <random>

#include "gtest/gtest.h"
#include "test_data.h"
#include "wren/error.h"

namespace wren {
namespace {

// Binary16 by its definition, in double.
double HalfByDefinition(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * INFINITY;
  return sign *
         (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
}

bool SameBits(float a, float b) {
  uint32_t x, y;
  std::memcpy(&x, &a, 4);
  std::memcpy(&y, &b, 4);
  return x == y;
}

TEST(Fp16, ConvertsEveryValueExactly) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const float got = Fp16ToF32(static_cast<uint16_t>(bits));
    const double want = HalfByDefinition(static_cast<uint16_t>(bits));
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(got)) << "bits " << bits;
    } else {
      ASSERT_TRUE(SameBits(got, static_cast<float>(want)))
          << "bits " << bits << ": " << got << ", want " << want;
    }
  }
}

TEST(Q8_0, DequantizesEveryScaleAndValueByTheDefinition) {
  std::vector<uint8_t> block(34);
  float out[32];
  for (uint32_t d = 0; d < 65536; ++d) {
    const double scale = HalfByDefinition(static_cast<uint16_t>(d));
    if (!std::isfinite(scale)) continue;
    block[0] = static_cast<uint8_t>(d);
    block[1] = static_cast<uint8_t>(d >> 8);
    for (int first = -128; first < 128; first += 32) {
      for (int i = 0; i < 32; ++i)
        block[static_cast<size_t>(2 + i)] = static_cast<uint8_t>(first + i);
      DequantizeRow(DType::kQ8_0, block.data(), out, 32);
      for (int i = 0; i < 32; ++i) {
        // The product of 8 and 11 significant bits is exact in FP32; only the sign of zero follows
        // the factors.
        const float want = static_cast<float>(first + i) * static_cast<float>(scale);
        ASSERT_TRUE(SameBits(out[i], want))
            << "d " << d << " q " << first + i << ": " << out[i] << ", want " << want;
        ASSERT_EQ(static_cast<double>(out[i]), (first + i) * scale)
            << "d " << d << " q " << first + i;
      }
    }
  }
}

TEST(Q4_0, DequantizesLowNibblesFirst) {
  std::vector<uint8_t> block = {0x00, 0x40};  // d = 2
  for (int i = 0; i < 16; ++i) block.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
  float out[32];
  DequantizeRow(DType::kQ4_0, block.data(), out, 32);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(out[i], 2.0f * static_cast<float>(i - 8));
    EXPECT_EQ(out[i + 16], 2.0f * static_cast<float>(7 - i));
  }
}

TEST(Iq4Nl, DequantizesThroughTheCodebook) {
  const int codebook[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                            1,    13,   25,  38,  53,  69,  89,  113};
  std::vector<uint8_t> block = {0x00, 0xb8};  // d = -0.5
  for (int i = 0; i < 16; ++i) block.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
  float out[32];
  DequantizeRow(DType::kIQ4_NL, block.data(), out, 32);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(out[i], -0.5f * static_cast<float>(codebook[i]));
    EXPECT_EQ(out[i + 16], -0.5f * static_cast<float>(codebook[15 - i]));
  }
}

// Every code under every shared exponent: E2M1 read as the OCP specification defines it, times
// 2^(e - 127), in double precision.
TEST(Mxfp4, IsE2m1TimesThePowerOfTwo) {
  for (int e = 0; e < 256; ++e) {
    std::vector<uint8_t> block = {static_cast<uint8_t>(e)};
    for (int i = 0; i < 16; ++i) block.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
    float out[32];
    DequantizeRow(DType::kMXFP4, block.data(), out, 32);
    for (int i = 0; i < 32; ++i) {
      const int code = i < 16 ? i : 15 - (i - 16);
      const int exponent = code >> 1 & 3, mantissa = code & 1;
      const double magnitude =
          exponent == 0 ? mantissa * 0.5 : (1 + mantissa * 0.5) * std::ldexp(1.0, exponent - 1);
      double want = (code & 8 ? -magnitude : magnitude) * std::ldexp(1.0, e - 127);
      if (std::fabs(want) > FLT_MAX) want = std::copysign(INFINITY, want);  // e of 254 and more
      ASSERT_EQ(static_cast<double>(out[i]), want) << "e " << e << " code " << code;
    }
  }
  EXPECT_EQ(Tensor::ByteSize(DType::kMXFP4, {3, 64}), 3u * 2u * 17u);
}

TEST(Bf16, IsTheUpperHalfOfFp32) {
  const uint8_t bytes[] = {0x80, 0x3f, 0x20, 0xc1, 0x01, 0x00};
  float out[3];
  DequantizeRow(DType::kBF16, bytes, out, 3);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -10.0f);
  EXPECT_TRUE(SameBits(out[2], std::ldexp(1.0f, -133)));
}

TEST(Tensor, SlicesRowsOfBlocksAndElementsOfVectors) {
  std::vector<uint8_t> bytes(3 * 2 * 34);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7 % 61);
  Tensor tensor;
  tensor.name = "t";
  tensor.shape = {3, 64};
  tensor.dtype = DType::kQ8_0;
  tensor.data = bytes.data();
  tensor.size = bytes.size();
  const std::vector<float> all = tensor.ToF32();
  const Tensor tail = tensor.Slice("tail", 1, 2);
  EXPECT_EQ(tail.shape, (std::vector<int64_t>{2, 64}));
  EXPECT_EQ(tail.ToF32(), std::vector<float>(all.begin() + 64, all.end()));
  EXPECT_EQ(tensor.row(2) - tensor.data, 2 * 68);
  EXPECT_THROW(tensor.Slice("beyond", 2, 2), Error);

  const Tensor vector = Tensor::FromF32("v", {4}, {1, 2, 3, 4});
  EXPECT_EQ(vector.Slice("w", 1, 2).ToF32(), (std::vector<float>{2, 3}));
}

TEST(Tensor, RefusesShapesThatOverflowOrSplitABlock) {
  EXPECT_EQ(Tensor::ByteSize(DType::kQ8_0, {3, 64}), 3u * 2u * 34u);
  EXPECT_EQ(Tensor::ByteSize(DType::kF16, {5}), 10u);
  EXPECT_THROW(Tensor::ByteSize(DType::kQ8_0, {64, 3}), Error);
  EXPECT_THROW(Tensor::ByteSize(DType::kF32, {0}), Error);
  EXPECT_THROW(Tensor::ByteSize(DType::kF32, {-1}), Error);
  EXPECT_THROW(Tensor::ByteSize(DType::kF32, {int64_t{1} << 40, int64_t{1} << 40}), Error);
  EXPECT_THROW(Tensor::ByteSize(DType::kF32, {int64_t{1} << 31, int64_t{1} << 31}), Error);
}

}  // namespace
}  // namespace wren
