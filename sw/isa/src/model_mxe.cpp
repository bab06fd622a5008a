// MXE of the instruction-set model.
#include <algorithm>
#include <cstring>

#include "model_impl.h"

#if defined(__AVX2__) && defined(__F16C__)
#define WREN_MXE_AVX2 1
#endif

namespace wren::isa {
namespace {

uint16_t Load16(const uint8_t* p) {
  uint16_t v;
  std::memcpy(&v, p, 2);
  return v;
}

float ScaleToF32(uint16_t bits, ScaleFormat format) {
  return format == ScaleFormat::kF16 ? fp::F16ToF32Fast(bits) : fp::Bf16ToF32(bits);
}

#if WREN_MXE_AVX2
// 8 dot products: 16-bit products in pairs, so that even -128 * -128 is exact.
inline __m256i Dots8(__m256i a_low, __m256i a_high, const int8_t* w) {
  __m256i sum[8];
  for (int c = 0; c < 8; ++c) {
    const __m128i* const block = reinterpret_cast<const __m128i*>(w + 32 * c);
    const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128(block));
    const __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128(block + 1));
    sum[c] = _mm256_add_epi32(_mm256_madd_epi16(a_low, low), _mm256_madd_epi16(a_high, high));
  }
  const __m256i s03 =
      _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
  const __m256i s47 =
      _mm256_hadd_epi32(_mm256_hadd_epi32(sum[4], sum[5]), _mm256_hadd_epi32(sum[6], sum[7]));
  return _mm256_add_epi32(_mm256_permute2x128_si256(s03, s47, 0x20),
                          _mm256_permute2x128_si256(s03, s47, 0x31));
}

inline __m256i Widen(const void* bytes16) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(static_cast<const __m128i*>(bytes16)));
}

inline __m256 Scales8(const uint8_t* p, ScaleFormat format) {
  const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  if (format == ScaleFormat::kF16) return _mm256_cvtph_ps(bits);
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));  // subnormals: DAZ
}
#endif

}  // namespace

void BlockDots(const int8_t* a, const int8_t* w, uint32_t cols, int32_t* out) {
  uint32_t c = 0;
#if WREN_MXE_AVX2
  if (cols >= 8) {
    const __m256i low = Widen(a), high = Widen(a + 16);
    for (; c + 8 <= cols; c += 8) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + c), Dots8(low, high, w + 32 * c));
    }
  }
#endif
  for (; c < cols; ++c) {
    int32_t sum = 0;
    for (int i = 0; i < 32; ++i) sum += static_cast<int32_t>(a[i]) * w[32 * c + i];
    out[c] = sum;
  }
}

WREN_NOINLINE void Model::Impl::GemmBySteps(const MxeGemm& c, WriteSink* sink) {
  const Config& cfg = m_.config_;
  const uint32_t groups = CeilDiv(c.rows, cfg.rows);
  const int8_t* const ab = reinterpret_cast<const int8_t*>(m_.ab_.data());
  const int8_t* const wb = reinterpret_cast<const int8_t*>(m_.wb_.data());

  // One step: ACC word (g, n) takes block k.
  const auto step = [&](uint32_t n, uint32_t k, uint32_t g) {
    const uint32_t set = c.wb + n * c.wb_ns + k * c.wb_ks;
    const uint32_t ab_word = c.ab + g * c.ab_gs + k;
    const uint32_t acc_word = c.acc + g * c.acc_gs + n;
    const uint32_t valid = std::min(cfg.rows, c.rows - g * cfg.rows);
    uint32_t* const acc = m_.acc_.data() + size_t{acc_word} * cfg.rows * cfg.cols;
    const bool fresh = k == 0 && c.accumulate == 0;
    float weight_scale[32];
    for (uint32_t col = 0; col < cfg.cols; ++col) {
      weight_scale[col] =
          ScaleToF32(Load16(&m_.wb_scale_[2 * (size_t{set} * cfg.cols + col)]), c.w_scale);
    }
    for (uint32_t r = 0; r < valid; ++r) {
      const size_t block = size_t{ab_word} * cfg.rows + r;
      int32_t dots[32];
      BlockDots(ab + block * 32, wb + size_t{set} * cfg.cols * 32, cfg.cols, dots);
      uint32_t* const row = acc + r * cfg.cols;
      if (c.int_mode != 0) {
        for (uint32_t col = 0; col < cfg.cols; ++col) {
          const int32_t old = fresh ? 0 : static_cast<int32_t>(row[col]);
          int32_t sum;
          if (__builtin_add_overflow(old, dots[col], &sum)) m_.numeric_ = true;
          row[col] = static_cast<uint32_t>(sum);
        }
      } else {
        const float scale = ScaleToF32(Load16(&m_.ab_scale_[2 * block]), c.a_scale);
        for (uint32_t col = 0; col < cfg.cols; ++col) {
          const float old = fresh ? 0.0f : fp::FromBits(row[col]);
          const float factor = scale * weight_scale[col];
          const float product = static_cast<float>(dots[col]) * factor;
          row[col] = fp::Canonical(fp::Bits(old + product));
        }
      }
    }
    if (sink != nullptr) sink->Acc(acc_word, valid == 32 ? ~0u : (1u << valid) - 1, acc);
  };

  if (c.order == LoopOrder::kNOuter) {
    for (uint32_t n = 0; n < c.ncg; ++n) {
      for (uint32_t k = 0; k < c.kb; ++k) {
        for (uint32_t g = 0; g < groups; ++g) step(n, k, g);
      }
    }
  } else {
    for (uint32_t k = 0; k < c.kb; ++k) {
      for (uint32_t n = 0; n < c.ncg; ++n) {
        for (uint32_t g = 0; g < groups; ++g) step(n, k, g);
      }
    }
  }
}

// The same sums, one output row at a time with k innermost.
WREN_NOINLINE void Model::Impl::GemmFast(const MxeGemm& c) {
  const Config& cfg = m_.config_;
  const uint8_t* const ab_scale = m_.ab_scale_.data();
  const uint8_t* const wb_scale = m_.wb_scale_.data();
  const int8_t* const ab = reinterpret_cast<const int8_t*>(m_.ab_.data());
  const int8_t* const wb = reinterpret_cast<const int8_t*>(m_.wb_.data());
  for (uint32_t n = 0; n < c.ncg; ++n) {
    const size_t set0 = c.wb + size_t{n} * c.wb_ns;
    for (uint32_t row = 0; row < c.rows; ++row) {
      const uint32_t g = row / cfg.rows, lane = row % cfg.rows;
      const size_t word0 = c.ab + size_t{g} * c.ab_gs;
      uint32_t* const out =
          m_.acc_.data() +
          ((size_t{c.acc} + size_t{g} * c.acc_gs + n) * cfg.rows + lane) * cfg.cols;
      uint32_t col = 0;
#if WREN_MXE_AVX2
      for (; col + 8 <= cfg.cols; col += 8) {
        __m256 acc = c.accumulate != 0 ? _mm256_loadu_ps(reinterpret_cast<const float*>(out + col))
                                       : _mm256_setzero_ps();
        for (uint32_t k = 0; k < c.kb; ++k) {
          const size_t block = (word0 + k) * cfg.rows + lane;
          const size_t weights = (set0 + size_t{k} * c.wb_ks) * cfg.cols + col;
          const int8_t* const a = ab + block * 32;
          const __m256 factor =
              _mm256_mul_ps(_mm256_set1_ps(ScaleToF32(Load16(ab_scale + 2 * block), c.a_scale)),
                            Scales8(wb_scale + 2 * weights, c.w_scale));
          const __m256 dots = _mm256_cvtepi32_ps(Dots8(Widen(a), Widen(a + 16), wb + weights * 32));
          acc = _mm256_add_ps(acc, _mm256_mul_ps(dots, factor));
        }
        // NaN payloads only matter now: a NaN stays one through every addition.
        const __m256 nan = _mm256_cmp_ps(acc, acc, _CMP_UNORD_Q);
        acc = _mm256_blendv_ps(
            acc, _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(fp::kNan))), nan);
        _mm256_storeu_ps(reinterpret_cast<float*>(out + col), acc);
      }
#endif
      for (; col < cfg.cols; ++col) {
        float acc = c.accumulate != 0 ? fp::FromBits(out[col]) : 0.0f;
        for (uint32_t k = 0; k < c.kb; ++k) {
          const size_t block = (word0 + k) * cfg.rows + lane;
          const size_t weights = (set0 + size_t{k} * c.wb_ks) * cfg.cols + col;
          int32_t dot;
          BlockDots(ab + block * 32, wb + weights * 32, 1, &dot);
          const float factor = ScaleToF32(Load16(ab_scale + 2 * block), c.a_scale) *
                               ScaleToF32(Load16(wb_scale + 2 * weights), c.w_scale);
          const float product = static_cast<float>(dot) * factor;
          acc += product;
        }
        out[col] = fp::Canonical(fp::Bits(acc));
      }
    }
  }
}

}  // namespace wren::isa
