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

// The codebooks of the 4-bit formats (docs/spec-notes.md). E2M1 in halves, so that all are
// integers.
constexpr int8_t kCodebook[][16] = {
    {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7},
    {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113},
    {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12},
};

// cols blocks of 16 bytes to cols blocks of 32 int8.
void Unpack(const uint8_t* packed, WeightFormat format, uint32_t cols, int8_t* out) {
  const int8_t* const codebook = kCodebook[static_cast<size_t>(format) - 1];
  for (uint32_t c = 0; c < cols; ++c, packed += 16, out += 32) {
    for (uint32_t i = 0; i < 16; ++i) {
      out[i] = codebook[packed[i] & 15];
      out[i + 16] = codebook[packed[i] >> 4];
    }
  }
}

// A WB set made ready for many rows: FP32 scales, and, with AVX2 and 8 or more columns, the weights
// as 16-bit pairs with 8 columns side by side, so that no sum has to cross lanes.
struct alignas(64) WeightSet {
  int16_t pairs[4][16][8][2];  // [column / 8][element / 2][column % 8][element % 2]
  float scale[32];
  const int8_t* bytes;
};

#if WREN_MXE_AVX2
inline __m256i Widen(const void* bytes16) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(static_cast<const __m128i*>(bytes16)));
}

// A block of weights as 16-bit integers.
struct Wide {
  __m256i low, high;
};
inline Wide WidenQ8(const int8_t* block) { return {Widen(block), Widen(block + 16)}; }
inline Wide WidenPacked(const int8_t* block, __m128i codebook) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
  const __m128i nibble = _mm_set1_epi8(15);
  const __m128i low = _mm_and_si128(bytes, nibble),
                high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble);
  return {_mm256_cvtepi8_epi16(_mm_shuffle_epi8(codebook, low)),
          _mm256_cvtepi8_epi16(_mm_shuffle_epi8(codebook, high))};
}

// 8 dot products with blocks[c], c < 8: 16-bit products in pairs, so that even -128 * -128 is
// exact.
template <class Blocks>
inline __m256i Dots8(const Wide& a, const Blocks& blocks) {
  __m256i sum[8];
  for (int c = 0; c < 8; ++c) {
    const Wide w = blocks(c);
    sum[c] = _mm256_add_epi32(_mm256_madd_epi16(a.low, w.low), _mm256_madd_epi16(a.high, w.high));
  }
  const __m256i s03 =
      _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
  const __m256i s47 =
      _mm256_hadd_epi32(_mm256_hadd_epi32(sum[4], sum[5]), _mm256_hadd_epi32(sum[6], sum[7]));
  return _mm256_add_epi32(_mm256_permute2x128_si256(s03, s47, 0x20),
                          _mm256_permute2x128_si256(s03, s47, 0x31));
}

inline __m256 Scales8(__m128i bits, ScaleFormat format) {
  return format == ScaleFormat::kF16
             ? _mm256_cvtph_ps(bits)
             : _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}

// sum + float(dots) * (a's scale * w's scales), each operation rounded; NaNs not yet canonical.
inline __m256 Accumulate8(__m256 sum, __m256i dots, __m256 a_scale, __m256 w_scales) {
  const __m256 factor = _mm256_mul_ps(a_scale, w_scales);
  return _mm256_add_ps(sum, _mm256_mul_ps(_mm256_cvtepi32_ps(dots), factor));
}

inline __m256i Canonical8(__m256 x) {
  const __m256 nan = _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(fp::kNan)));
  return _mm256_castps_si256(_mm256_blendv_ps(x, nan, _mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
}

// 2 dot products, in the lower half.
inline __m128i Dots2(__m256i a_low, __m256i a_high, const int8_t* w) {
  const __m256i s0 = _mm256_add_epi32(_mm256_madd_epi16(a_low, Widen(w)),
                                      _mm256_madd_epi16(a_high, Widen(w + 16)));
  const __m256i s1 = _mm256_add_epi32(_mm256_madd_epi16(a_low, Widen(w + 32)),
                                      _mm256_madd_epi16(a_high, Widen(w + 48)));
  const __m256i both = _mm256_hadd_epi32(s0, s1);
  const __m128i half =
      _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
  return _mm_hadd_epi32(half, half);
}

// 8 blocks of 32 bytes to pairs[16][8][2].
void Interleave8(const int8_t* w, int16_t (*pairs)[8][2]) {
  for (int half = 0; half < 2; ++half) {
    __m256i r[8], t[8];
    for (int c = 0; c < 8; ++c) r[c] = Widen(w + 32 * c + 16 * half);  // 8 pairs of column c
    for (int i = 0; i < 8; i += 2) {
      t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
      t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
      r[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
      r[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
      r[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
      r[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
      __m256i* const out = reinterpret_cast<__m256i*>(pairs[8 * half]);
      _mm256_store_si256(out + i, _mm256_permute2x128_si256(r[i], r[i + 4], 0x20));
      _mm256_store_si256(out + 4 + i, _mm256_permute2x128_si256(r[i], r[i + 4], 0x31));
    }
  }
}

// kGroups * 8 dot products with an interleaved set.
template <int kGroups>
inline void InterleavedDots(const int8_t* a, const WeightSet& w, int32_t* out) {
  alignas(32) int32_t pair[16];  // the activations as pairs of 16 bit
  _mm256_store_si256(reinterpret_cast<__m256i*>(pair), Widen(a));
  _mm256_store_si256(reinterpret_cast<__m256i*>(pair + 8), Widen(a + 16));
  __m256i sum[kGroups];
  for (int g = 0; g < kGroups; ++g) sum[g] = _mm256_setzero_si256();
  for (int p = 0; p < 16; ++p) {
    const __m256i both = _mm256_set1_epi32(pair[p]);
    for (int g = 0; g < kGroups; ++g) {
      const __m256i weights = _mm256_load_si256(reinterpret_cast<const __m256i*>(w.pairs[g][p]));
      sum[g] = _mm256_add_epi32(sum[g], _mm256_madd_epi16(both, weights));
    }
  }
  for (int g = 0; g < kGroups; ++g)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8 * g), sum[g]);
}
#endif

// out[c] = sum over i < 32 of a[i] * w[32 * c + i] for c < cols, exact.
void BlockDots(const int8_t* a, const int8_t* w, uint32_t cols, int32_t* out) {
  uint32_t c = 0;
#if WREN_MXE_AVX2
  const Wide wide = WidenQ8(a);
  for (; c + 8 <= cols; c += 8) {
    const auto blocks = [&](int i) { return WidenQ8(w + 32 * (c + static_cast<uint32_t>(i))); };
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + c), Dots8(wide, blocks));
  }
  for (; c + 2 <= cols; c += 2) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + c), Dots2(wide.low, wide.high, w + 32 * c));
  }
#endif
  for (; c < cols; ++c) {
    int32_t sum = 0;
    for (int i = 0; i < 32; ++i) sum += static_cast<int32_t>(a[i]) * w[32 * c + i];
    out[c] = sum;
  }
}

void Prepare(const int8_t* weights, const uint8_t* scales, uint32_t cols, ScaleFormat format,
             bool interleave, WeightSet* set) {
  set->bytes = weights;
  uint32_t c = 0;
#if WREN_MXE_AVX2
  for (; c + 8 <= cols; c += 8) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(scales + 2 * c));
    _mm256_store_ps(set->scale + c, Scales8(bits, format));
  }
#endif
  for (; c < cols; ++c) set->scale[c] = ScaleToF32(Load16(scales + 2 * c), format);
#if WREN_MXE_AVX2
  for (uint32_t g = 0; interleave && g < cols / 8; ++g)
    Interleave8(weights + 256 * g, set->pairs[g]);
#else
  (void)interleave;
#endif
}

void RowDots(const int8_t* a, const WeightSet& set, uint32_t cols, bool interleaved, int32_t* out) {
#if WREN_MXE_AVX2
  if (interleaved && cols == 8) return InterleavedDots<1>(a, set, out);
  if (interleaved && cols == 16) return InterleavedDots<2>(a, set, out);
  if (interleaved && cols == 32) return InterleavedDots<4>(a, set, out);
#else
  (void)interleaved;
#endif
  BlockDots(a, set.bytes, cols, out);
}

// acc = (fresh ? 0 : acc) + float(dot) * (scale * weight scale), each operation rounded.
template <bool kFresh>
inline void AccumulateF32(const int32_t* dots, float scale, const float* weight_scale,
                          uint32_t cols, uint32_t* acc) {
  uint32_t c = 0;
#if WREN_MXE_AVX2
  for (; c + 8 <= cols; c += 8) {
    __m256i* const cell = reinterpret_cast<__m256i*>(acc + c);
    const __m256 old = kFresh ? _mm256_setzero_ps() : _mm256_castsi256_ps(_mm256_loadu_si256(cell));
    const __m256 sum =
        Accumulate8(old, _mm256_load_si256(reinterpret_cast<const __m256i*>(dots + c)),
                    _mm256_set1_ps(scale), _mm256_load_ps(weight_scale + c));
    _mm256_storeu_si256(cell, Canonical8(sum));
  }
#endif
  for (; c < cols; ++c) {
    const float factor = scale * weight_scale[c];
    const float product = static_cast<float>(dots[c]) * factor;
    const float sum = (kFresh ? 0.0f : fp::FromBits(acc[c])) + product;
    acc[c] = fp::Canonical(fp::Bits(sum));
  }
}

#if WREN_MXE_AVX2
// 8 things at equal distances, in elements of T.
template <class T>
struct Eight {
  T* first;
  size_t stride;
  T& operator[](int i) const { return first[static_cast<size_t>(i) * stride]; }
};

// One row of activations, and 8 neighbouring columns of weights and results. Columns that a command
// counts through (n * COLS + c) are neighbours; distances in elements.
struct Strip {
  const int8_t* a;  // block of k = 0
  const uint16_t* a_scale;
  size_t a_step;  // blocks from one k to the next
  Eight<const int8_t> w;
  Eight<const uint16_t> w_scale;
  size_t w_step, w_scale_step;
  Eight<uint32_t> acc;
};

// All steps of a strip: its sums stay in a register from the first k to the last. A NaN stays one,
// so making it canonical can wait for the end.
template <class Blocks>
inline void GemmStrip(const Strip& s, const MxeGemm& c, const Blocks& blocks) {
  __m256 sum = _mm256_setzero_ps();
  if (c.accumulate != 0) {
    alignas(32) uint32_t old[8];
    for (int i = 0; i < 8; ++i) old[i] = s.acc[i];
    sum = _mm256_load_ps(reinterpret_cast<const float*>(old));
  }
  for (size_t k = 0; k < c.kb; ++k) {
    const Wide a = WidenQ8(s.a + 32 * k * s.a_step);
    const __m128i a_bits = _mm_set1_epi16(static_cast<int16_t>(s.a_scale[k * s.a_step]));
    const Eight<const int8_t> w{s.w.first + k * s.w_step, s.w.stride};
    const Eight<const uint16_t> scale{s.w_scale.first + k * s.w_scale_step, s.w_scale.stride};
    const auto bits = [&](int i) { return static_cast<int16_t>(scale[i]); };
    const __m128i w_bits = scale.stride == 1
                               ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(scale.first))
                               : _mm_setr_epi16(bits(0), bits(1), bits(2), bits(3), bits(4),
                                                bits(5), bits(6), bits(7));
    const __m256i dots = Dots8(a, [&](int i) { return blocks(&w[i]); });
    sum = Accumulate8(sum, dots, Scales8(a_bits, c.a_scale), Scales8(w_bits, c.w_scale));
  }
  alignas(32) uint32_t result[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(result), Canonical8(sum));
  for (int i = 0; i < 8; ++i) s.acc[i] = result[i];
}
#endif

}  // namespace

// The command strip by strip, where nobody watches single steps; false for those it does not take.
bool Model::Impl::GemmInStrips(const MxeGemm& c) {
#if WREN_MXE_AVX2
  const uint32_t rows = m_.config_.rows, cols = m_.config_.cols;
  const uint32_t columns = c.ncg * cols, groups = CeilDiv(c.rows, rows);
  const bool whole = (cols == 1 || cols >= 8) && columns % 8 == 0;
  const bool apart = groups == 1 || c.acc_gs >= c.ncg;  // no word of ACC belongs to two groups
  const bool interleaved_is_faster = cols >= 8 && c.rows >= 3;
  if (!whole || !apart || interleaved_is_faster || c.int_mode != 0) return false;

  const bool packed = c.w_format != WeightFormat::kQ8;
  const size_t block = packed ? 16 : 32;
  const auto* const wb = reinterpret_cast<const int8_t*>(m_.wb_.data());
  const auto* const wb_scale = reinterpret_cast<const uint16_t*>(m_.wb_scale_.data());
  Strip s;
  s.a_step = rows;
  // With one column the neighbour is in the next set, n + 1.
  const size_t column_stride = cols == 1 ? c.wb_ns : 1;
  s.w.stride = column_stride * block;
  s.w_scale.stride = column_stride;
  s.w_step = size_t{c.wb_ks} * cols * block;
  s.w_scale_step = size_t{c.wb_ks} * cols;
  s.acc.stride = cols == 1 ? rows : 1;
  const __m128i codebook = packed ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(
                                        kCodebook[static_cast<size_t>(c.w_format) - 1]))
                                  : _mm_setzero_si128();
  for (uint32_t r = 0; r < c.rows; ++r) {
    const uint32_t g = r / rows, lane = r % rows;
    const size_t a = (size_t{c.ab} + size_t{g} * c.ab_gs) * rows + lane;
    s.a = reinterpret_cast<const int8_t*>(m_.ab_.data()) + 32 * a;
    s.a_scale = reinterpret_cast<const uint16_t*>(m_.ab_scale_.data()) + a;
    for (uint32_t column = 0; column < columns; column += 8) {
      const uint32_t n = column / cols, first = column % cols;
      const size_t w = (size_t{c.wb} + size_t{n} * c.wb_ns) * cols + first;
      const size_t word = size_t{c.acc} + size_t{g} * c.acc_gs + n;
      s.w.first = wb + w * block;
      s.w_scale.first = wb_scale + w;
      s.acc.first = m_.acc_.data() + (word * rows + lane) * cols + first;
      if (packed) {
        GemmStrip(s, c, [&](const int8_t* at) { return WidenPacked(at, codebook); });
      } else {
        GemmStrip(s, c, WidenQ8);
      }
    }
  }
  return true;
#else
  (void)c;
  return false;
#endif
}

WREN_NOINLINE void Model::Impl::Gemm(const MxeGemm& c, WriteSink* sink) {
  if (sink == nullptr && GemmInStrips(c)) return;
  const Config& cfg = m_.config_;
  const uint32_t rows = cfg.rows, cols = cfg.cols;
  const uint32_t groups = CeilDiv(c.rows, rows);
  const int8_t* const ab = reinterpret_cast<const int8_t*>(m_.ab_.data());
  const int8_t* const wb = reinterpret_cast<const int8_t*>(m_.wb_.data());
  const bool interleave = c.rows >= 3 && cols >= 8;  // pays for itself
  WeightSet weights;
  int8_t unpacked[32 * 32];

  // Steps (n, k, g) for all g: the row groups that one WB set meets.
  const auto stream = [&](uint32_t n, uint32_t k) {
    const size_t set = size_t{c.wb} + size_t{n} * c.wb_ns + size_t{k} * c.wb_ks;
    const int8_t* blocks = wb + set * cols * 32;
    if (c.w_format != WeightFormat::kQ8) {
      Unpack(&m_.wb_[set * cols * 16], c.w_format, cols, unpacked);
      blocks = unpacked;
    }
    Prepare(blocks, &m_.wb_scale_[2 * set * cols], cols, c.w_scale, interleave, &weights);
    const bool fresh = k == 0 && c.accumulate == 0;
    for (uint32_t g = 0; g < groups; ++g) {
      const uint32_t valid = std::min(rows, c.rows - g * rows);
      const size_t ab_word = size_t{c.ab} + size_t{g} * c.ab_gs + k;
      const size_t acc_word = size_t{c.acc} + size_t{g} * c.acc_gs + n;
      uint32_t* const acc = m_.acc_.data() + acc_word * rows * cols;
      for (uint32_t r = 0; r < valid; ++r) {
        const size_t block = ab_word * rows + r;
        uint32_t* const row = acc + r * cols;
        alignas(32) int32_t dots[32];
        RowDots(ab + block * 32, weights, cols, interleave, dots);
        if (c.int_mode != 0) {
          for (uint32_t col = 0; col < cols; ++col) {
            const int32_t old = fresh ? 0 : static_cast<int32_t>(row[col]);
            int32_t sum;
            if (__builtin_add_overflow(old, dots[col], &sum)) m_.numeric_ = true;
            row[col] = static_cast<uint32_t>(sum);
          }
        } else {
          const float scale = ScaleToF32(Load16(&m_.ab_scale_[2 * block]), c.a_scale);
          fresh ? AccumulateF32<true>(dots, scale, weights.scale, cols, row)
                : AccumulateF32<false>(dots, scale, weights.scale, cols, row);
        }
      }
      if (sink != nullptr) {
        sink->Acc(static_cast<uint32_t>(acc_word), valid == 32 ? ~0u : (1u << valid) - 1, acc);
      }
    }
  };

  if (c.order == LoopOrder::kNOuter) {
    for (uint32_t n = 0; n < c.ncg; ++n) {
      for (uint32_t k = 0; k < c.kb; ++k) stream(n, k);
    }
  } else {
    for (uint32_t k = 0; k < c.kb; ++k) {
      for (uint32_t n = 0; n < c.ncg; ++n) stream(n, k);
    }
  }
}

}  // namespace wren::isa
