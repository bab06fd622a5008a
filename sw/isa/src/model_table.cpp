// The GTA's table function (docs/spec-notes.md, "Table function").
#include <cstring>

#include "model_impl.h"

namespace wren::isa {
namespace {

using fp::Bits;
using fp::FromBits;
using fp::kInf;
using fp::kMagnitude;
using fp::kNan;
using fp::kSign;

// x * 2^n, exact but for the ends of the range; zero, infinity and NaN pass.
inline uint32_t Scale(uint32_t x, int32_t n) {
  const int32_t exponent = static_cast<int32_t>(x >> 23 & 255);
  const int32_t e = exponent + n;
  uint32_t r = x + (static_cast<uint32_t>(n) << 23);
  r = e >= 255 ? (x & kSign) | kInf : r;
  r = e <= 0 ? x & kSign : r;
  return exponent == 0 || exponent == 255 ? x : r;
}

// c0, c1, c2 of 32 entries: 16-byte loads, transposed four at a time.
inline void Coefficients(const uint8_t* table, const int32_t* k, float* c0, float* c1, float* c2) {
  for (int i = 0; i < 32; i += 4) {
    __m128 r0 = _mm_loadu_ps(reinterpret_cast<const float*>(table + 16 * k[i]));
    __m128 r1 = _mm_loadu_ps(reinterpret_cast<const float*>(table + 16 * k[i + 1]));
    __m128 r2 = _mm_loadu_ps(reinterpret_cast<const float*>(table + 16 * k[i + 2]));
    __m128 r3 = _mm_loadu_ps(reinterpret_cast<const float*>(table + 16 * k[i + 3]));
    _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
    _mm_store_ps(c0 + i, r0);
    _mm_store_ps(c1 + i, r1);
    _mm_store_ps(c2 + i, r2);
  }
}

struct alignas(64) Lanes {
  float v[32];
};

inline void Polynomial(const uint8_t* table, const int32_t* k, const float* f, float* y) {
  Lanes c0, c1, c2;
  Coefficients(table, k, c0.v, c1.v, c2.v);
  for (int i = 0; i < 32; ++i) {
    const float inner = f[i] * c2.v[i];
    const float slope = c1.v[i] + inner;
    const float rise = f[i] * slope;
    y[i] = c0.v[i] + rise;
  }
}

void Uniform(const TableHeader& h, const uint8_t* table, const float* x, float* y) {
  const bool clamp_below = h.edge_below == LutEdge::kClamp,
             clamp_above = h.edge_above == LutEdge::kClamp;
  Lanes t, f;
  alignas(64) int32_t k[32];
  for (int i = 0; i < 32; ++i) {
    const float u = x[i] + h.neg_lo;
    t.v[i] = u * h.inv;
  }
  for (int i = 0; i < 32; ++i) {
    float u = t.v[i];
    u = clamp_below && u < 0.0f ? 0.0f : u;
    u = clamp_above && u >= 256.0f ? 256.0f : u;
    float limited = u > 0.0f ? u : 0.0f;  // also for NaN
    limited = limited < 255.0f ? limited : 255.0f;
    k[i] = static_cast<int32_t>(limited);
    f.v[i] = u - static_cast<float>(k[i]);
  }
  Polynomial(table, k, f.v, y);
  if (h.edge_below == LutEdge::kConstant || h.edge_above == LutEdge::kConstant) {
    const bool below = h.edge_below == LutEdge::kConstant,
               above = h.edge_above == LutEdge::kConstant;
    for (int i = 0; i < 32; ++i) {
      y[i] = below && t.v[i] < 0.0f ? h.below : y[i];
      y[i] = above && t.v[i] >= 256.0f ? h.above : y[i];
    }
  }
}

void Exp2(const TableHeader& h, const uint8_t* table, const float* x, float* y) {
  Lanes t, f, poly;
  alignas(64) int32_t k[32], index[32];
  for (int i = 0; i < 32; ++i) {
    const float u = x[i] + h.neg_lo;
    t.v[i] = u * h.inv;
  }
  for (int i = 0; i < 32; ++i) {
    float u = t.v[i];
    u = u < -65536.0f ? -65536.0f : u;
    u = u > 65535.0f ? 65535.0f : u;
    const float whole = u == u ? __builtin_floorf(u) : 0.0f;
    k[i] = static_cast<int32_t>(whole);
    index[i] = k[i] & 255;
    f.v[i] = u - whole;
  }
  Polynomial(table, index, f.v, poly.v);
  for (int i = 0; i < 32; ++i) y[i] = FromBits(Scale(Bits(poly.v[i]), k[i] >> 8));
}

template <LutKind kKind>
void Mantissa(const TableHeader& h, const uint8_t* table, const float* x, float* y) {
  Lanes f, poly;
  alignas(64) int32_t e[32], index[32];
  constexpr bool kWide = kKind == LutKind::kRecip || kKind == LutKind::kLog2;
  for (int i = 0; i < 32; ++i) {
    const uint32_t u = Bits(x[i]);
    const uint32_t m = u & 0x7FFFFF;
    e[i] = static_cast<int32_t>(u >> 23 & 255) - 127;
    const uint32_t all =
        kWide ? m : (static_cast<uint32_t>(e[i]) & 1) << 22 | m >> 1;  // index on top of 15 bits
    index[i] = static_cast<int32_t>(all >> 15);
    f.v[i] = kWide ? static_cast<float>(static_cast<int32_t>(m & 0x7FFF)) * 0x1p-15f
                   : static_cast<float>(static_cast<int32_t>(m & 0xFFFF)) * 0x1p-16f;
  }
  if (kKind == LutKind::kLog2) {
    Lanes c0, c1, c2;
    Coefficients(table, index, c0.v, c1.v, c2.v);
    for (int i = 0; i < 32; ++i) {
      const float inner = f.v[i] * c2.v[i];
      const float slope = c1.v[i] + inner;
      const float rise = f.v[i] * slope;
      const float base = static_cast<float>(e[i]) + c0.v[i];
      poly.v[i] = base + rise;
    }
  } else {
    Polynomial(table, index, f.v, poly.v);
  }
  for (int i = 0; i < 32; ++i) {
    const uint32_t u = Bits(x[i]);
    const int32_t shift = kKind == LutKind::kRecip  ? -e[i]
                          : kKind == LutKind::kLog2 ? 0
                          : kKind == LutKind::kSqrt ? e[i] >> 1
                                                    : -(e[i] >> 1);
    uint32_t r = Scale(Bits(poly.v[i]), shift);
    r = kKind == LutKind::kRecip ? r ^ (u & kSign) : r;
    r = kKind != LutKind::kRecip && (u & kSign) != 0 ? kNan : r;
    r = (u & kMagnitude) == kInf ? Bits(h.above) : r;
    r = (u & kInf) == 0 ? Bits(h.below) : r;
    r = (u & kMagnitude) > kInf ? kNan : r;
    y[i] = FromBits(r);
  }
}

uint32_t Word3(const uint8_t* table, int entry) {
  uint32_t word;
  std::memcpy(&word, table + 16 * entry + 12, 4);
  return word;
}

WREN_NOINLINE void EvalInScope(const uint8_t* table, const float* x, float* y, size_t n) {
  const TableHeader header = ReadTableHeader(table);
  Lanes in{}, out;
  for (size_t i = 0; i < n; i += 32) {
    const size_t count = n - i < 32 ? n - i : 32;
    for (size_t j = 0; j < count; ++j) in.v[j] = fp::Canonical(x[i + j]);
    TableBlock(header, table, in.v, out.v);
    for (size_t j = 0; j < count; ++j) y[i + j] = fp::Canonical(out.v[j]);
  }
}

}  // namespace

TableHeader ReadTableHeader(const uint8_t* table) {
  const uint32_t flags = Word3(table, 0);
  TableHeader h;
  h.mode = static_cast<LutMode>(flags & 3);
  h.edge_below = static_cast<LutEdge>(flags >> 2 & 3);
  h.edge_above = static_cast<LutEdge>(flags >> 4 & 3);
  h.kind = static_cast<LutKind>(flags >> 6 & 3);
  h.neg_lo = FromBits(Word3(table, 1) ^ kSign);
  h.inv = FromBits(Word3(table, 2));
  h.below = FromBits(fp::Canonical(Word3(table, 3)));
  h.above = FromBits(fp::Canonical(Word3(table, 4)));
  return h;
}

void TableBlock(const TableHeader& header, const uint8_t* table, const float* x, float* y) {
  switch (header.mode) {
    case LutMode::kExp2:
      return Exp2(header, table, x, y);
    case LutMode::kMantissa:
      break;
    default:
      return Uniform(header, table, x, y);
  }
  switch (header.kind) {
    case LutKind::kRecip:
      return Mantissa<LutKind::kRecip>(header, table, x, y);
    case LutKind::kRsqrt:
      return Mantissa<LutKind::kRsqrt>(header, table, x, y);
    case LutKind::kSqrt:
      return Mantissa<LutKind::kSqrt>(header, table, x, y);
    case LutKind::kLog2:
      return Mantissa<LutKind::kLog2>(header, table, x, y);
  }
}

void EvalTable(const uint8_t* table, const float* x, float* y, size_t n) {
  const fp::FlushScope flush;
  EvalInScope(table, x, y, n);
}

}  // namespace wren::isa
