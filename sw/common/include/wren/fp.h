// FP32 as Wren computes it, on the host: the one header that owns flushing, NaN and narrow formats.
//
// Wren rounds every operation to nearest even, takes subnormal inputs as zero and turns subnormal
// results into zero (sign kept; tininess judged after rounding), and knows one NaN, 0x7FC00000. x86
// does the first two by itself inside a FlushScope; NaN payloads are the host's own until
// Canonical() or a conversion below. Compile everything that includes this with -ffp-contract=off.
#pragma once

#include <cstdint>
#include <cstring>

#if !defined(__SSE2__)
#error "Wren's host arithmetic needs x86 with SSE2: other FPUs judge tininess before rounding"
#endif
#include <immintrin.h>

namespace wren::fp {

inline constexpr uint32_t kSign = 0x80000000u;
inline constexpr uint32_t kMagnitude = 0x7FFFFFFFu;
inline constexpr uint32_t kInf = 0x7F800000u;
inline constexpr uint32_t kNan = 0x7FC00000u;
inline constexpr uint16_t kNan16 = 0x7E00;    // FP16
inline constexpr uint16_t kNanBf16 = 0x7FC0;  // BF16

inline uint32_t Bits(float x) {
  uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return u;
}

inline float FromBits(uint32_t u) {
  float x;
  std::memcpy(&x, &u, sizeof x);
  return x;
}

// While one lives, this thread's SSE and AVX arithmetic flushes subnormals (MXCSR FTZ and DAZ),
// rounds to nearest even and raises no traps. Compilers do not know that arithmetic depends on it
// and may move or merge operations across its ends: do the arithmetic in functions that work on
// memory and are not inlined into the one that holds the scope (WREN_NOINLINE). Calls of a function
// of values only can still be merged.
class FlushScope {
 public:
  FlushScope() : saved_(Get()) {
    if (saved_ != kMode) Set(kMode);
  }
  ~FlushScope() {
    if (saved_ != kMode) Set(saved_);
  }
  FlushScope(const FlushScope&) = delete;
  FlushScope& operator=(const FlushScope&) = delete;

  static bool Active() { return (Get() & kControl) == (kMode & kControl); }

 private:
  static constexpr uint32_t kMode =
      0x9FC0;  // FTZ, DAZ, nearest even, all exceptions masked, no flags
  static constexpr uint32_t kControl = 0xFFC0;  // without the six sticky exception flags
  static uint32_t Get() {
    uint32_t mode;
    asm volatile("stmxcsr %0" : "=m"(mode)::"memory");
    return mode;
  }
  static void Set(uint32_t mode) { asm volatile("ldmxcsr %0" ::"m"(mode) : "memory"); }
  uint32_t saved_;
};

#define WREN_NOINLINE __attribute__((noinline))

inline bool IsNan(uint32_t bits) { return (bits & kMagnitude) > kInf; }

// Subnormals become signed zero, every NaN 0x7FC00000.
inline uint32_t Canonical(uint32_t bits) {
  const uint32_t flushed = (bits & kInf) == 0 ? bits & kSign : bits;
  return IsNan(bits) ? kNan : flushed;
}
inline float Canonical(float x) { return FromBits(Canonical(Bits(x))); }

// Wren's order of maxima as an order of unsigned integers, for canonical values: a NaN above all,
// +0 above -0.
inline uint32_t MaxKey(uint32_t bits) { return bits ^ (bits >> 31 ? 0xFFFFFFFFu : kSign); }
inline uint32_t FromMaxKey(uint32_t key) { return key ^ (key >> 31 ? kSign : 0xFFFFFFFFu); }

// FP16 to FP32: exact, subnormal halves included; NaN canonical.
inline uint32_t F16ToF32Bits(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 31;
  uint32_t fraction = half & 0x3FF;
  if (exponent == 31) return fraction != 0 ? kNan : sign | kInf;
  if (exponent != 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0) return sign;
  uint32_t e = 113;  // value = fraction * 2^-24; shift the leading one to bit 10
  while ((fraction & 0x400) == 0) {
    fraction <<= 1;
    --e;
  }
  return sign | e << 23 | (fraction & 0x3FF) << 13;
}
inline float F16ToF32(uint16_t half) { return FromBits(F16ToF32Bits(half)); }

// FP32 to FP16: nearest even, overflow to infinity, subnormal halves kept, FP32 subnormals are
// zero, NaN is 0x7E00.
inline uint16_t F32ToF16(uint32_t bits) {
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const uint32_t exponent = (bits >> 23) & 255;
  if (IsNan(bits)) return kNan16;
  if (exponent == 0) return sign;
  if (exponent >= 143) return sign | 0x7C00;
  const uint32_t mantissa = (bits & 0x7FFFFF) | 0x800000;
  uint32_t shift = exponent < 113 ? 126 - exponent : 13;
  if (shift > 25) shift = 25;
  uint32_t rounded = (mantissa + (1u << (shift - 1)) - 1 + ((mantissa >> shift) & 1)) >> shift;
  if (exponent >= 113) rounded += (exponent - 113) << 10;  // the hidden one adds 1 to the exponent
  return sign | static_cast<uint16_t>(rounded > 0x7C00 ? 0x7C00 : rounded);
}
inline uint16_t F32ToF16(float x) { return F32ToF16(Bits(x)); }

// BF16 to FP32: subnormals become zero, NaN canonical.
inline uint32_t Bf16ToF32Bits(uint16_t b) { return Canonical(static_cast<uint32_t>(b) << 16); }
inline float Bf16ToF32(uint16_t b) { return FromBits(Bf16ToF32Bits(b)); }

// FP32 to BF16: nearest even, overflow to infinity, subnormals to zero, NaN is 0x7FC0.
inline uint16_t F32ToBf16(uint32_t bits) {
  const uint32_t x = Canonical(bits);
  if (IsNan(x)) return kNanBf16;
  return static_cast<uint16_t>((x + 0x7FFF + ((x >> 16) & 1)) >> 16);
}
inline uint16_t F32ToBf16(float x) { return F32ToBf16(Bits(x)); }

// The two FP16 conversions by the host's F16C instructions where it has them; the same results.
#if defined(__F16C__)
inline float F16ToF32Fast(uint16_t half) {
  return FromBits(Canonical(static_cast<uint32_t>(
      _mm_cvtsi128_si32(_mm_castps_si128(_mm_cvtph_ps(_mm_cvtsi32_si128(half)))))));
}
inline uint16_t F32ToF16Fast(uint32_t bits) {
  const __m128 x = _mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(Canonical(bits))));
  return static_cast<uint16_t>(_mm_cvtsi128_si32(_mm_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT)) &
                               0xFFFF);
}
#else
inline float F16ToF32Fast(uint16_t half) { return F16ToF32(half); }
inline uint16_t F32ToF16Fast(uint32_t bits) { return F32ToF16(bits); }
#endif

}  // namespace wren::fp
