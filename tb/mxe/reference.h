// What one mxe.gemm does, written down once more for the test of the matrix engine: host floats
// with the FTZ and DAZ modes on are the machine's FP32 arithmetic (docs/spec-notes.md, "MXE
// arithmetic").
#ifndef WREN_TB_MXE_REFERENCE_H_
#define WREN_TB_MXE_REFERENCE_H_

#include <xmmintrin.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace wren::mxe {

struct Shape {
  int rows, cols, bus, ab_bytes, wb_bytes, acc_bytes;
  int AbWords() const { return ab_bytes / (rows * 32); }
  // Sets of 8-bit blocks, or of 4-bit ones.
  int WbSets(int format = 0) const { return wb_bytes / (cols * (format == 0 ? 32 : 16)); }
  int AccWords() const { return acc_bytes / (rows * cols * 4); }
  int LoadCycles() const { return cols > 4 ? 4 : cols; }  // of one weight set
};

struct Gemm {
  int ab = 0, ab_gs = 0, wb = 0, wb_ns = 0, wb_ks = 0, acc = 0, acc_gs = 0, rows = 1, ncg = 1,
      kb = 1;
  int format = 0;  // of the weights: q8, q4_0, iq4_nl, mxfp4
  bool accumulate = false, k_outer = false, int_mode = false, a_bf16 = false, w_bf16 = false;

  int Groups(const Shape& s) const { return (rows + s.rows - 1) / s.rows; }
  long Steps(const Shape& s) const { return long{Groups(s)} * ncg * kb; }

  // The 64 bytes of spec/isa.yaml.
  std::vector<uint32_t> Encode() const {
    std::vector<uint32_t> words(16);
    auto put = [&](int lsb, int width, uint32_t value) {
      for (int i = 0; i < width; ++i)
        words[(lsb + i) / 32] |= ((value >> i) & 1) << ((lsb + i) % 32);
    };
    put(0, 8, 0x30);
    put(128, 16, ab), put(144, 16, ab_gs), put(160, 16, wb), put(176, 16, wb_ns),
        put(192, 16, wb_ks);
    put(208, 16, acc), put(224, 16, acc_gs), put(240, 16, rows), put(256, 16, ncg),
        put(272, 16, kb);
    put(288, 1, accumulate), put(289, 1, k_outer), put(290, 1, int_mode), put(292, 4, format),
        put(296, 2, a_bf16), put(298, 2, w_bf16);
    return words;
  }
};

// One architectural write: the rows of `mask` of ACC word `word`; data is the whole word after it.
struct AccWrite {
  int word = 0;
  uint32_t mask = 0;
  bool last = false, wraps = false;
  std::vector<uint32_t> data;
};

struct Memories {
  explicit Memories(const Shape& s)
      : ab(s.ab_bytes),
        ab_scale(s.ab_bytes / 32),
        wb(s.wb_bytes),
        wb_scale(s.wb_bytes / 16),
        acc(s.acc_bytes / 4) {}
  std::vector<int8_t> ab;
  std::vector<uint16_t> ab_scale;
  std::vector<int8_t> wb;
  std::vector<uint16_t> wb_scale;
  std::vector<uint32_t> acc;
};

inline float Float(uint32_t bits) {
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}
inline uint32_t Bits(float f) {
  uint32_t u;
  std::memcpy(&u, &f, 4);
  return (u & 0x7fffffff) > 0x7f800000 ? 0x7fc00000u : u;  // one NaN only
}

inline float ScaleValue(uint16_t x, bool bf16) {
  if (bf16) return Float(uint32_t{x} << 16);
  int e = (x >> 10) & 31, m = x & 0x3ff;
  float v = e == 31  ? Float(0x7f800000u | (m << 13))
            : e == 0 ? static_cast<float>(m) * 0x1p-24f
                     : Float(static_cast<uint32_t>(e + 112) << 23 | static_cast<uint32_t>(m) << 13);
  return x & 0x8000 ? -v : v;
}

// The 32 weights of block `block` of WB.
inline void Weights(const Memories& mem, int format, size_t block, int8_t* out) {
  static const int8_t kIq4Nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
  static const int8_t kE2m1[] = {0, 1, 2, 3, 4, 6, 8, 12};  // in halves
  if (format == 0) {
    std::memcpy(out, &mem.wb[32 * block], 32);
    return;
  }
  for (size_t i = 0; i < 32; ++i) {
    const int byte = static_cast<uint8_t>(mem.wb[16 * block + i % 16]);
    const int code = i < 16 ? byte & 15 : byte >> 4;
    out[i] = static_cast<int8_t>(format == 1   ? code - 8
                                 : format == 2 ? kIq4Nl[code]
                                 : code < 8    ? kE2m1[code]
                                               : -kE2m1[code - 8]);
  }
}

// Executes a command on `mem`; returns its writes in order.
inline std::vector<AccWrite> Execute(const Shape& s, const Gemm& c, Memories& mem) {
  unsigned csr = _mm_getcsr();
  _mm_setcsr(csr | 0x8040);  // flush subnormal results and inputs
  std::vector<AccWrite> writes;
  int groups = c.Groups(s), cells = s.rows * s.cols;
  int outer_n = c.k_outer ? c.kb : c.ncg, inner_n = c.k_outer ? c.ncg : c.kb;
  for (int o = 0; o < outer_n; ++o) {
    for (int i = 0; i < inner_n; ++i) {
      int n = c.k_outer ? i : o, k = c.k_outer ? o : i;
      int set = c.wb + n * c.wb_ns + k * c.wb_ks;
      for (int g = 0; g < groups; ++g) {
        int word = c.ab + g * c.ab_gs + k;
        AccWrite w;
        w.word = c.acc + g * c.acc_gs + n;
        uint32_t* acc = &mem.acc[size_t{1} * w.word * cells];
        for (int r = 0; r < s.rows && g * s.rows + r < c.rows; ++r) {
          w.mask |= 1u << r;
          const int8_t* a = &mem.ab[(size_t{1} * word * s.rows + r) * 32];
          float fa = ScaleValue(mem.ab_scale[word * s.rows + r], c.a_bf16);
          for (int col = 0; col < s.cols; ++col) {
            int8_t b[32];
            Weights(mem, c.format, size_t{1} * set * s.cols + col, b);
            int dot = 0;
            for (int j = 0; j < 32; ++j) dot += a[j] * b[j];
            uint32_t& cell = acc[r * s.cols + col];
            bool start = k == 0 && !c.accumulate;
            if (c.int_mode) {
              int64_t sum = int64_t{start ? 0 : static_cast<int32_t>(cell)} + dot;
              w.wraps |= sum != static_cast<int32_t>(sum);
              cell = static_cast<uint32_t>(sum);
            } else {
              // volatile: every operation is rounded, and flushed, on its own at run time.
              volatile float scale = fa * ScaleValue(mem.wb_scale[set * s.cols + col], c.w_bf16);
              volatile float product = static_cast<float>(dot) * scale;
              volatile float sum = (start ? 0.0f : Float(cell)) + product;
              cell = Bits(sum);
            }
          }
        }
        w.last = o == outer_n - 1 && i == inner_n - 1 && g == groups - 1;
        w.data.assign(acc, acc + cells);
        writes.push_back(std::move(w));
      }
    }
  }
  _mm_setcsr(csr);
  return writes;
}

}  // namespace wren::mxe

#endif  // WREN_TB_MXE_REFERENCE_H_
