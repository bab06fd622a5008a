#include "wren/formats/tensor.h"

#include <cstring>
#include <utility>

#include "wren/error.h"

namespace wren {
namespace {

constexpr int kBlock = 32;

struct DTypeInfo {
  DType dtype;
  const char* name;
  int block_elements;
  int block_bytes;
};

constexpr DTypeInfo kDTypes[] = {
    {DType::kF32, "F32", 1, 4},           {DType::kF16, "F16", 1, 2},
    {DType::kBF16, "BF16", 1, 2},         {DType::kQ8_0, "Q8_0", kBlock, 34},
    {DType::kQ4_0, "Q4_0", kBlock, 18},   {DType::kIQ4_NL, "IQ4_NL", kBlock, 18},
    {DType::kMXFP4, "MXFP4", kBlock, 17},
};

const DTypeInfo& Info(DType dtype) {
  for (const DTypeInfo& info : kDTypes) {
    if (info.dtype == dtype) return info;
  }
  throw Error("tensor type " + std::to_string(static_cast<uint32_t>(dtype)) +
              " is not one that Wren knows");
}

uint16_t Load16(const uint8_t* p) {
  uint16_t value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}

float BitsToF32(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace

const int8_t kIq4NlCodebook[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                   1,    13,   25,  38,  53,  69,  89,  113};
const int8_t kMxfp4Codebook[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

uint16_t Mxfp4Scale(uint8_t e) { return static_cast<uint16_t>(e < 2 ? 0x0020 << e : (e - 1) << 7); }

const char* DTypeName(DType dtype) { return Info(dtype).name; }

bool IsKnownDType(uint32_t type) {
  for (const DTypeInfo& info : kDTypes) {
    if (static_cast<uint32_t>(info.dtype) == type) return true;
  }
  return false;
}

int DTypeBlockElements(DType dtype) { return Info(dtype).block_elements; }
int DTypeBlockBytes(DType dtype) { return Info(dtype).block_bytes; }

float Fp16ToF32(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0x1f) return BitsToF32(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return BitsToF32(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;  // zero and subnormals: exact
  return sign != 0 ? -magnitude : magnitude;
}

void DequantizeRow(DType dtype, const uint8_t* src, float* dst, int64_t n) {
  switch (dtype) {
    case DType::kF32:
      std::memcpy(dst, src, static_cast<size_t>(n) * sizeof(float));
      return;
    case DType::kF16:
      for (int64_t i = 0; i < n; ++i) dst[i] = Fp16ToF32(Load16(src + 2 * i));
      return;
    case DType::kBF16:
      for (int64_t i = 0; i < n; ++i)
        dst[i] = BitsToF32(static_cast<uint32_t>(Load16(src + 2 * i)) << 16);
      return;
    case DType::kQ8_0:
      for (int64_t i = 0; i < n; i += kBlock, src += 34, dst += kBlock) {
        const float d = Fp16ToF32(Load16(src));
        for (int j = 0; j < kBlock; ++j)
          dst[j] = static_cast<float>(static_cast<int8_t>(src[2 + j])) * d;
      }
      return;
    case DType::kQ4_0:
    case DType::kIQ4_NL:
      for (int64_t i = 0; i < n; i += kBlock, src += 18, dst += kBlock) {
        const float d = Fp16ToF32(Load16(src));
        for (int j = 0; j < kBlock; ++j) {
          const int nibble = j < kBlock / 2 ? src[2 + j] & 15 : src[2 + j - kBlock / 2] >> 4;
          const int q = dtype == DType::kQ4_0 ? nibble - 8 : kIq4NlCodebook[nibble];
          dst[j] = static_cast<float>(q) * d;
        }
      }
      return;
    case DType::kMXFP4:
      for (int64_t i = 0; i < n; i += kBlock, src += 17, dst += kBlock) {
        const float d = BitsToF32(static_cast<uint32_t>(Mxfp4Scale(src[0])) << 16);
        for (int j = 0; j < kBlock; ++j) {
          const int nibble = j < kBlock / 2 ? src[1 + j] & 15 : src[1 + j - kBlock / 2] >> 4;
          dst[j] = static_cast<float>(kMxfp4Codebook[nibble]) * d;
        }
      }
      return;
  }
  throw Error("tensor type " + std::to_string(static_cast<uint32_t>(dtype)) +
              " can't be dequantized");
}

int64_t Tensor::elements() const {
  int64_t n = 1;
  for (int64_t extent : shape) n *= extent;
  return n;
}

size_t Tensor::row_bytes() const {
  return static_cast<size_t>(cols() / DTypeBlockElements(dtype)) *
         static_cast<size_t>(DTypeBlockBytes(dtype));
}

std::vector<float> Tensor::ToF32() const {
  std::vector<float> out(static_cast<size_t>(elements()));
  DequantizeRow(dtype, data, out.data(), elements());
  return out;
}

Tensor Tensor::Slice(const std::string& new_name, int64_t first, int64_t count) const {
  const bool one_d = shape.size() < 2;
  const int64_t limit = shape.empty() ? 1 : shape[0];
  if (first < 0 || count < 1 || first > limit - count ||
      (one_d && DTypeBlockElements(dtype) != 1)) {
    throw Error("tensor " + name + ": rows " + std::to_string(first) + " to " +
                std::to_string(first + count) + " can't be cut from " + std::to_string(limit));
  }
  const size_t step = size / static_cast<size_t>(limit);
  Tensor out = *this;
  out.name = new_name;
  out.shape[0] = count;
  out.data = data + static_cast<size_t>(first) * step;
  out.size = static_cast<size_t>(count) * step;
  return out;
}

size_t Tensor::ByteSize(DType dtype, const std::vector<int64_t>& shape) {
  constexpr int64_t kMaxBytes = int64_t{1} << 62;
  const DTypeInfo& info = Info(dtype);
  int64_t elements = 1;
  for (int64_t extent : shape) {
    if (extent < 1) throw Error("a tensor extent is " + std::to_string(extent));
    if (elements > kMaxBytes / extent) throw Error("the tensor's extents multiply beyond 2^62");
    elements *= extent;
  }
  const int64_t cols = shape.empty() ? 1 : shape.back();
  if (cols % info.block_elements != 0) {
    throw Error(std::string("its ") + std::to_string(cols) + " columns are not a multiple of the " +
                std::to_string(info.block_elements) + " elements of a " + info.name + " block");
  }
  const int64_t blocks = elements / info.block_elements;
  if (blocks > kMaxBytes / info.block_bytes)
    throw Error("the tensor's extents multiply beyond 2^62");
  return static_cast<size_t>(blocks * info.block_bytes);
}

Tensor Tensor::FromF32(std::string name, std::vector<int64_t> shape, std::vector<float> values) {
  const size_t size = ByteSize(DType::kF32, shape);
  if (size != values.size() * sizeof(float)) {
    throw Error("tensor " + name + " got " + std::to_string(values.size()) + " values for " +
                std::to_string(size / sizeof(float)) + " elements");
  }
  auto buffer = std::make_shared<const std::vector<float>>(std::move(values));
  Tensor out;
  out.name = std::move(name);
  out.shape = std::move(shape);
  out.data = reinterpret_cast<const uint8_t*>(buffer->data());
  out.size = size;
  out.owner = std::move(buffer);
  return out;
}

}  // namespace wren
