// Arithmetic of the machine that simulates, for sim/host's modules and packages; force-included in
// front of the generated C++ of models that use them (HOST of wren_rtl).
//
// FP32 values are words. Results are those of rtl/pkg/wren_fp_whole_pkg.sv: round to nearest even,
// subnormal operands and results become zeros of their sign, every NaN is 7FC00000. The processor
// does the flushing: the caller has FTZ and DAZ set (HostArithmetic in sim/src/rtl_core_model.cpp).
// Both act as the RTL does: DAZ on operands, FTZ on results that are tiny after rounding (Intel 64
// and IA-32 Architectures Software Developer's Manual, vol. 1, 10.2.3 and 4.9.1.5).
#pragma once
#ifdef __cplusplus
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace wren_host {

inline float F(uint32_t x) {
  float f;
  std::memcpy(&f, &x, sizeof f);
  return f;
}
inline uint32_t Bits(float f) {  // NaN to the only one
  uint32_t x;
  std::memcpy(&x, &f, sizeof x);
  return f != f ? 0x7FC00000 : x;
}

inline uint32_t Mul(uint32_t a, uint32_t b) { return Bits(F(a) * F(b)); }
inline uint32_t Add(uint32_t a, uint32_t b) { return Bits(F(a) + F(b)); }
inline uint32_t FromI32(uint32_t x) { return Bits(static_cast<float>(static_cast<int32_t>(x))); }
// 1 / d for d >= 0; d = 0 gives 0.
inline uint32_t Reciprocal(uint32_t d) { return F(d) == 0 ? 0 : Bits(1.0F / F(d)); }

// FP16 in the lower half of x; subnormal halves are exact. In integers and FP32, because compilers
// convert halves one by one.
inline uint32_t FromF16(uint32_t x) {
  const uint32_t exponent = x & 0x7C00, fraction = x & 0x3FF;
  const uint32_t small = Bits(static_cast<float>(static_cast<int32_t>(fraction)) * 0x1p-24F);
  uint32_t r = (exponent << 13 | fraction << 13) + (112U << 23);
  r = exponent == 0 ? small : r;
  r = exponent == 0x7C00 ? 0x7F800000 : r;
  r |= (x & 0x8000) << 16;
  return exponent == 0x7C00 && fraction != 0 ? 0x7FC00000 : r;
}
inline uint32_t ToF16(uint32_t x) {
  const uint32_t magnitude = x & 0x7FFFFFFF;
  // Below 2^-14 the spacing of halves is 2^-24, that of floats from 0.5 on.
  const uint32_t small = Bits(F(magnitude) + 0.5F) - 0x3F000000;
  uint32_t r = (magnitude + 0xFFF + (magnitude >> 13 & 1) - (112U << 23)) >> 13;
  r = magnitude < 0x38800000 ? small : r;
  r = magnitude >= 0x477FF000 ? 0x7C00 : r;  // 65520
  r = magnitude > 0x7F800000 ? 0x7E00 : r;
  return r | (x >> 16 & 0x8000);
}

// s[r][c], the sum over k < 32 of a[r][k] * w[k][c], stays in `dots` until the next call. a: 8
// words of 4 bytes per row; w: [8][Cols] such words. Returns 0.
alignas(64) inline thread_local uint32_t dots[128];

template <int Rows, int Cols>
inline uint32_t Dots(const uint32_t* a, const uint32_t* w) {
  static_assert(Rows * Cols <= 128, "an array larger than that of `full`");
#if defined(__AVX512VNNI__)
  if constexpr (Cols == 16 && Rows % 2 == 0) {
    // vpdpbusd takes one factor without sign: w + 128 for w, and 128 times the sum of a row is
    // taken off, which its sums start with. A word of a row is an operand broadcast from memory.
    const __m512i flip = _mm512_set1_epi32(static_cast<int>(0x80808080));
    alignas(64) uint32_t start[16 * Rows / 2];  // a row in 8 words of which the first counts
    for (int r = 0; r < Rows; r += 2) {
      __m512i sum =
          _mm512_dpbusd_epi32(_mm512_setzero_si512(), flip, _mm512_loadu_si512(a + 8 * r));
      sum = _mm512_add_epi32(sum, _mm512_shuffle_i32x4(sum, sum, 0xB1));
      sum = _mm512_add_epi32(sum, _mm512_shuffle_epi32(sum, _MM_PERM_BADC));
      sum = _mm512_add_epi32(sum, _mm512_shuffle_epi32(sum, _MM_PERM_CDAB));
      _mm512_store_si512(start + 8 * r, _mm512_sub_epi32(_mm512_setzero_si512(), sum));
    }
    __m512i weights[8];
    for (int j = 0; j < 8; ++j) weights[j] = _mm512_xor_si512(_mm512_loadu_si512(w + 16 * j), flip);
    for (int r = 0; r < Rows; ++r) {
      __m512i sum = _mm512_set1_epi32(static_cast<int>(start[8 * r]));
      for (int j = 0; j < 8; ++j) {
        sum =
            _mm512_dpbusd_epi32(sum, weights[j], _mm512_set1_epi32(static_cast<int>(a[8 * r + j])));
      }
      _mm512_store_si512(dots + 16 * r, sum);
    }
    return 0;
  }
#endif
  const auto byte = [](uint32_t word, int at) {
    return int32_t{static_cast<int8_t>(word >> (8 * at))};
  };
  int32_t weights[4][8 * Cols];  // [byte of a word][word], so that the loop over columns runs along
                                 // memory
  for (int i = 0; i < 8 * Cols; ++i) {
    for (int b = 0; b < 4; ++b) weights[b][i] = byte(w[i], b);
  }
  for (int r = 0; r < Rows; ++r) {
    int32_t sums[Cols] = {};
    for (int j = 0; j < 8; ++j) {
      const uint32_t word = a[8 * r + j];
      const int32_t a0 = byte(word, 0), a1 = byte(word, 1), a2 = byte(word, 2), a3 = byte(word, 3);
      for (int c = 0; c < Cols; ++c) {
        sums[c] += a0 * weights[0][j * Cols + c] + a1 * weights[1][j * Cols + c] +
                   a2 * weights[2][j * Cols + c] + a3 * weights[3][j * Cols + c];
      }
    }
    for (int c = 0; c < Cols; ++c) dots[r * Cols + c] = static_cast<uint32_t>(sums[c]);
  }
  return 0;
}

}  // namespace wren_host
#endif
