#include "operands.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "wren/compiler/gemm.h"
#include "wren/error.h"
#include "wren/fp.h"

namespace wren::bench {

Blocks RandomBlocks(int rows, int k, isa::WeightFormat format, int exponent,
                    std::mt19937_64* random) {
  Blocks b;
  b.rows = rows, b.k = k, b.format = format;
  const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(k) / 32;
  b.d.resize(count);
  for (uint16_t& d : b.d)
    d = fp::F32ToF16(std::ldexp(1.0f + static_cast<float>((*random)() % 1024) / 1024.0f, exponent));
  b.v.resize(count * 32);
  if (format == isa::WeightFormat::kQ8) {
    b.q.resize(count * 32);
    for (size_t i = 0; i < b.q.size(); ++i) {
      b.v[i] = static_cast<int8_t>(static_cast<int>((*random)() % 255) - 127);
      b.q[i] = static_cast<uint8_t>(b.v[i]);
    }
    return b;
  }
  if (format != isa::WeightFormat::kQ40) throw Error("random blocks are Q8 or Q4_0");
  b.q.resize(count * 16);
  for (size_t i = 0; i < b.q.size(); ++i) {
    b.q[i] = static_cast<uint8_t>((*random)());
    int8_t* const block = &b.v[i / 16 * 32];
    block[i % 16] = static_cast<int8_t>((b.q[i] & 15) - 8);
    block[i % 16 + 16] = static_cast<int8_t>((b.q[i] >> 4) - 8);
  }
  return b;
}

std::vector<uint8_t> PackInput(const Blocks& a, const isa::Config& config) {
  std::vector<uint8_t> out(compiler::InputBytes(a.rows, a.k, config));
  const size_t blocks = static_cast<size_t>(a.k) / 32, lanes = config.rows;
  for (size_t i = 0; i < a.d.size(); ++i) {
    const size_t r = i / blocks, b = i % blocks,
                 to = a.rows == 1 ? b : (r / lanes * blocks + b) * lanes + r % lanes;
    std::memcpy(&out[to * 32], &a.q[i * 32], 32);
  }
  return out;
}

std::vector<uint8_t> PackInputScales(const Blocks& a, const isa::Config& config) {
  std::vector<uint8_t> out(compiler::InputScaleBytes(a.rows, a.k, config));
  const size_t blocks = static_cast<size_t>(a.k) / 32, lanes = config.rows;
  for (size_t i = 0; i < a.d.size(); ++i) {
    const size_t r = i / blocks, b = i % blocks;
    std::memcpy(&out[((r / lanes * blocks + b) * lanes + r % lanes) * 2], &a.d[i], 2);
  }
  return out;
}

WREN_NOINLINE float Product(const Blocks& a, int r, const Blocks& w, int c) {
  const size_t blocks = static_cast<size_t>(a.k) / 32;
  const int8_t* x = &a.v[static_cast<size_t>(r) * blocks * 32];
  const int8_t* y = &w.v[static_cast<size_t>(c) * blocks * 32];
  const uint16_t* dx = &a.d[static_cast<size_t>(r) * blocks];
  const uint16_t* dy = &w.d[static_cast<size_t>(c) * blocks];
  float acc = 0.0f;
  for (size_t b = 0; b < blocks; ++b, x += 32, y += 32) {
    int32_t dot = 0;
    for (int i = 0; i < 32; ++i) dot += x[i] * y[i];
    const float both = fp::F16ToF32Fast(dx[b]) * fp::F16ToF32Fast(dy[b]);
    const float term = static_cast<float>(dot) * both;
    acc = acc + term;
  }
  return acc;
}

WREN_NOINLINE void QuantizeBlock(const float* x, int8_t* q, uint16_t* d) {
  float amax = 0.0f;
  for (int i = 0; i < 32; ++i) amax = std::max(amax, std::fabs(x[i]));
  const float scale = amax / 127.0f, inverse = scale == 0.0f ? 0.0f : 1.0f / scale;
  for (int i = 0; i < 32; ++i)
    q[i] = static_cast<int8_t>(std::clamp(std::round(x[i] * inverse), -127.0f, 127.0f));
  *d = fp::F32ToF16(scale);
}

}  // namespace wren::bench
