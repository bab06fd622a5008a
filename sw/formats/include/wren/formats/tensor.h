// Tensors as model files hold them: a shape, an element type and the bytes, not copied.
//
// Shapes are row-major: {rows, cols} with cols contiguous. (ggml writes the same tensor as
// ne0 = cols, ne1 = rows.) Block formats (Q8_0, Q4_0, IQ4_NL, MXFP4) pack blocks of 32 along cols,
// so cols is a multiple of 32 for them.
//
// Source of the element and block layouts: ggml's ggml-common.h and its scalar reference functions
// (dequantize_row_*); the type numbers are those of the GGUF specification. MXFP4: OCP Microscaling
// Formats (MX) Specification 1.0, in the order of ggml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wren {

// Element types, numbered as in GGUF.
enum class DType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  // 18 bytes per 32: fp16 d, then 16 bytes of nibbles (low: elements 0..15, high: 16..31); d*(q-8).
  kQ4_0 = 2,
  // 34 bytes per 32: fp16 d, then 32 int8; d*q.
  kQ8_0 = 8,
  // 18 bytes per 32: as Q4_0, but the nibble indexes a codebook of 16 int8.
  kIQ4_NL = 20,
  kBF16 = 30,
  // 17 bytes per 32: the shared exponent e, then nibbles as in Q4_0; d * codebook[nibble]. The
  // codebook holds E2M1 in halves, so d = 2^(e - 128). ggml takes e = 255 for 2^127 too, where OCP
  // has NaN; Wren does as ggml.
  kMXFP4 = 39,
};

// "F32", "Q8_0", ...
const char* DTypeName(DType dtype);
// True when `type` (a GGUF type number) is one of DType.
bool IsKnownDType(uint32_t type);
// Elements per block (1 or 32), and bytes per block.
int DTypeBlockElements(DType dtype);
int DTypeBlockBytes(DType dtype);

// IEEE binary16 to binary32, exact, subnormals included.
float Fp16ToF32(uint16_t bits);

// The 16 values of IQ4_NL, and of MXFP4 in halves.
extern const int8_t kIq4NlCodebook[16];
extern const int8_t kMxfp4Codebook[16];

// BF16 bits of an MXFP4 block's scale d, exact (subnormal for e < 2).
uint16_t Mxfp4Scale(uint8_t e);

// Dequantizes `n` elements (a multiple of the block) that start at `src` (no alignment needed).
// Each value is float(q) * d with d in FP32: one rounding, the same as ggml's reference.
void DequantizeRow(DType dtype, const uint8_t* src, float* dst, int64_t n);

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;  // every extent >= 1; 1-D for norms and biases
  DType dtype = DType::kF32;
  const uint8_t* data = nullptr;      // byte-aligned only: read elements with memcpy
  size_t size = 0;                    // bytes
  std::shared_ptr<const void> owner;  // keeps `data` alive (a mapped file or a buffer)

  int64_t elements() const;
  int64_t rows() const { return shape.size() < 2 ? 1 : elements() / shape.back(); }
  int64_t cols() const { return shape.empty() ? 1 : shape.back(); }
  // Bytes from one row to the next.
  size_t row_bytes() const;
  const uint8_t* row(int64_t r) const { return data + static_cast<size_t>(r) * row_bytes(); }

  // All elements as FP32 in row-major order.
  std::vector<float> ToF32() const;
  // A view of rows [first, first + count) under a new name; a 1-D tensor is cut by elements.
  Tensor Slice(const std::string& new_name, int64_t first, int64_t count) const;

  // Bytes that a tensor of this type and shape occupies. Throws wren::Error when an extent is < 1,
  // cols is not a multiple of the block, or the product exceeds 2^62.
  static size_t ByteSize(DType dtype, const std::vector<int64_t>& shape);
  // A tensor that owns FP32 values. Throws wren::Error when the count differs from the shape's.
  static Tensor FromF32(std::string name, std::vector<int64_t> shape, std::vector<float> values);
};

}  // namespace wren
