// GTA of the instruction-set model: each stage works on one block of 32 elements.
#include <algorithm>
#include <cstring>

#include "model_impl.h"

namespace wren::isa {
namespace {

using fp::Bits;
using fp::FromBits;

struct alignas(64) Block {
  float v[32];
};

constexpr uint32_t kMinusInfKey = 0x007FFFFF;  // fp::MaxKey of -infinity
constexpr uint32_t kZeroKey = 0x80000000;      // fp::MaxKey of +0

inline void FromF32(const uint8_t* p, float* out) {
  alignas(64) uint32_t u[32];
  std::memcpy(u, p, sizeof u);
  for (int i = 0; i < 32; ++i) out[i] = FromBits(fp::Canonical(u[i]));
}

inline void FromF16(const uint8_t* p, float* out) {
  alignas(64) uint16_t u[32];
  std::memcpy(u, p, sizeof u);
#if defined(__AVX2__) && defined(__F16C__)
  for (int i = 0; i < 32; i += 8) {
    _mm256_storeu_ps(out + i,
                     _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(u + i))));
  }
  for (int i = 0; i < 32; ++i) out[i] = fp::Canonical(out[i]);
#else
  for (int i = 0; i < 32; ++i) out[i] = fp::F16ToF32(u[i]);
#endif
}

inline void FromBf16(const uint8_t* p, float* out) {
  alignas(64) uint16_t u[32];
  std::memcpy(u, p, sizeof u);
  for (int i = 0; i < 32; ++i) out[i] = fp::Bf16ToF32(u[i]);
}

inline void FromI32(const uint8_t* p, float* out) {
  alignas(64) int32_t u[32];
  std::memcpy(u, p, sizeof u);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(u[i]);
}

inline void FromI8(const uint8_t* p, float* out) {
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(static_cast<int8_t>(p[i]));
}

// Rounds half away from zero, to an integral float.
inline float RoundAway(float y) {
  const float whole = __builtin_truncf(y);
  const float rest = y - whole;
  return whole + (__builtin_fabsf(rest) >= 0.5f ? __builtin_copysignf(1.0f, y) : 0.0f);
}

inline void ToF32(const float* y, uint8_t* p) {
  alignas(64) uint32_t u[32];
  for (int i = 0; i < 32; ++i) u[i] = fp::Canonical(Bits(y[i]));
  std::memcpy(p, u, sizeof u);
}

inline void ToF16(const float* y, uint8_t* p) {
  alignas(64) uint16_t u[32];
#if defined(__AVX2__) && defined(__F16C__)
  Block x;
  for (int i = 0; i < 32; ++i) x.v[i] = fp::Canonical(y[i]);
  for (int i = 0; i < 32; i += 8) {
    _mm_store_si128(reinterpret_cast<__m128i*>(u + i),
                    _mm256_cvtps_ph(_mm256_load_ps(x.v + i), _MM_FROUND_TO_NEAREST_INT));
  }
#else
  for (int i = 0; i < 32; ++i) u[i] = fp::F32ToF16(y[i]);
#endif
  std::memcpy(p, u, sizeof u);
}

inline void ToBf16(const float* y, uint8_t* p) {
  alignas(64) uint16_t u[32];
  for (int i = 0; i < 32; ++i) u[i] = fp::F32ToBf16(y[i]);
  std::memcpy(p, u, sizeof u);
}

// These three return whether NUMERIC is raised.
inline bool ToI32(const float* y, uint8_t* p) {
  alignas(64) int32_t u[32];
  int bad = 0;
  for (int i = 0; i < 32; ++i) {
    const float r = RoundAway(y[i]);
    const bool high = r >= 0x1p31f, low = r < -0x1p31f, nan = r != r;
    const float inside = high || low || nan ? 0.0f : r;
    const int32_t value = static_cast<int32_t>(inside);
    u[i] = high ? INT32_MAX : low ? INT32_MIN : value;
    bad |= high | low | nan;
  }
  std::memcpy(p, u, sizeof u);
  return bad != 0;
}

inline bool ToI8(const float* y, uint8_t* p) {
  int bad = 0;
  for (int i = 0; i < 32; ++i) {
    float r = RoundAway(y[i]);
    const bool high = r > 127.0f, low = r < -127.0f, nan = r != r;
    bad |= high | low | nan;
    r = nan ? 0.0f : r;
    r = high ? 127.0f : r;
    r = low ? -127.0f : r;
    p[i] = static_cast<uint8_t>(static_cast<int32_t>(r));
  }
  return bad != 0;
}

// q8_0, or with `bf16` q8_bf16: its scale is rounded up to BF16 before it divides.
inline bool ToQ8(const float* y, bool bf16, uint8_t* p, uint16_t* scale) {
  uint32_t largest = 0, limited = 0;
  for (int i = 0; i < 32; ++i) {
    const uint32_t magnitude = Bits(y[i]) & fp::kMagnitude;
    largest = std::max(largest, magnitude);
  }
  const bool finite = largest < fp::kInf;
  limited = std::min(largest, 0x7F7FFFFFu);
  const float amax = FromBits(limited);
  const float exact = amax / 127.0f;
  const float d = bf16 ? FromBits((Bits(exact) + 0xFFFF) & 0xFFFF0000) : exact;
  const float id = d == 0.0f ? 0.0f : 1.0f / d;
  for (int i = 0; i < 32; ++i) {
    float r = RoundAway(y[i] * id);
    r = r != r ? 0.0f : r;
    r = r > 127.0f ? 127.0f : r;
    r = r < -127.0f ? -127.0f : r;
    p[i] = static_cast<uint8_t>(static_cast<int32_t>(r));
  }
  *scale = bf16 ? static_cast<uint16_t>(Bits(d) >> 16) : fp::F32ToF16Fast(Bits(d));
  return !finite || (!bf16 && *scale == 0x7C00);
}

// The fixed tree over 32 values.
inline float TreeSum(const float* v) {
  Block s;
  for (int i = 0; i < 16; ++i) s.v[i] = v[i] + v[i + 16];
  for (int i = 0; i < 8; ++i) s.v[i] = s.v[i] + s.v[i + 8];
  for (int i = 0; i < 4; ++i) s.v[i] = s.v[i] + s.v[i + 4];
  for (int i = 0; i < 2; ++i) s.v[i] = s.v[i] + s.v[i + 2];
  return s.v[0] + s.v[1];
}

// Largest of the first n values (or magnitudes), as a key of fp::MaxKey.
inline uint32_t LargestKey(const float* v, uint32_t n, uint32_t start, uint32_t mask) {
  uint32_t key = start;
  if (n == 32) {
    for (int i = 0; i < 32; ++i) key = std::max(key, fp::MaxKey(fp::Canonical(Bits(v[i]) & mask)));
  } else {
    for (uint32_t i = 0; i < n; ++i)
      key = std::max(key, fp::MaxKey(fp::Canonical(Bits(v[i]) & mask)));
  }
  return key;
}

// One of a, b, m, c while a command runs.
class Operand {
 public:
  Operand(const GtaOperand& o, const uint8_t* vm) : o_(o), vm_(vm), size_(ScalarBytes(o.format)) {
    if (o.mode == OperandMode::kImm) Broadcast(FromBits(o.base | o.stride << 20));
  }

  bool used() const { return o_.mode != OperandMode::kNone; }
  bool self() const { return o_.mode == OperandMode::kSelf; }

  void StartRow(uint32_t row) {
    if (o_.mode == OperandMode::kCol) {
      row_ = o_.base;
    } else if (o_.mode != OperandMode::kImm) {
      row_ = o_.base + size_t{row} * o_.stride;
    }
    if (o_.mode == OperandMode::kRow) Broadcast(Scalar(row_));
  }

  // Values of block j.
  const float* At(uint32_t j) {
    switch (o_.mode) {
      case OperandMode::kMat:
      case OperandMode::kCol: {
        const uint8_t* const p = vm_ + row_ + size_t{j} * 32 * size_;
        if (o_.format == OperandFormat::kF32) {
          std::memcpy(values_.v, p, 128);
        } else if (o_.format == OperandFormat::kF16) {
          FromF16(p, values_.v);
        } else {
          FromBf16(p, values_.v);
        }
        break;
      }
      case OperandMode::kBlk:
        Broadcast(Scalar(row_ + size_t{j} * size_));
        break;
      default:
        break;
    }
    return values_.v;
  }

 private:
  float Scalar(size_t addr) const {
    if (o_.format == OperandFormat::kF32) {
      uint32_t u;
      std::memcpy(&u, vm_ + addr, 4);
      return FromBits(u);
    }
    uint16_t u;
    std::memcpy(&u, vm_ + addr, 2);
    return o_.format == OperandFormat::kF16 ? fp::F16ToF32Fast(u) : fp::Bf16ToF32(u);
  }
  void Broadcast(float value) { std::fill(values_.v, values_.v + 32, value); }

  GtaOperand o_;
  const uint8_t* vm_;
  uint32_t size_;
  size_t row_ = 0;
  Block values_{};
};

inline void Multiply(float* v, const float* by) {
  for (int i = 0; i < 32; ++i) v[i] = v[i] * by[i];
}
inline void Add(float* v, const float* what) {
  for (int i = 0; i < 32; ++i) v[i] = v[i] + what[i];
}

}  // namespace

WREN_NOINLINE void Model::Impl::Gta(const GtaOp& c, WriteSink* sink) {
  const Config& cfg = m_.config_;
  uint8_t* const vm = m_.vm_.data();
  const uint32_t blocks = CeilDiv(c.cols, 32);
  const uint32_t words_per_block = 32 / cfg.cols;
  const uint32_t x_block = BlockBytes(c.x_format), out_block = BlockBytes(c.out_format);
  const uint8_t* const table = m_.lut_.data() + (c.fn != 0 ? size_t{c.table} * kTableBytes : 0);
  const TableHeader header = ReadTableHeader(table);
  const bool maximum = c.red_op == ReduceOp::kMax || c.red_op == ReduceOp::kAbsmax;
  const uint32_t max_start = c.red_op == ReduceOp::kAbsmax ? kZeroKey : kMinusInfKey;
  const uint32_t max_mask = c.red_op == ReduceOp::kAbsmax ? fp::kMagnitude : ~0u;
  bool numeric = false;

  Operand a({c.a_mode, c.a_format, c.a, c.a_stride}, vm),
      b({c.b_mode, c.b_format, c.b, c.b_stride}, vm);
  Operand m({c.m_mode, c.m_format, c.m, c.m_stride}, vm),
      add({c.c_mode, c.c_format, c.c, c.c_stride}, vm);
  Block p, q, f, y;

  const auto reduce = [&](uint32_t addr, uint32_t bits) {
    const uint32_t value = fp::Canonical(bits);
    std::memcpy(vm + addr, &value, 4);
    if (sink != nullptr) sink->Red(addr, value);
  };

  for (uint32_t r = 0; r < c.rows; ++r) {
    const uint32_t group = r / cfg.rows, lane = r % cfg.rows;
    a.StartRow(r);
    b.StartRow(r);
    m.StartRow(r);
    add.StartRow(r);
    int64_t limit = c.cols;  // columns below it are not masked
    if (c.causal != 0) limit = std::min<int64_t>(limit, int64_t{r} + c.diag + 1);
    float row_sum = 0.0f;
    uint32_t row_key = max_start;

    for (uint32_t j = 0; j < blocks; ++j) {
      const uint32_t valid =
          static_cast<uint32_t>(std::clamp<int64_t>(limit - int64_t{32} * j, 0, 32));
      uint32_t block_key = max_start;

      if (valid == 0) {
        f = y = Block{};
      } else {
        // 1. x
        if (c.x_space == XSpace::kAcc) {
          alignas(64) uint32_t words[32];
          const size_t word =
              size_t{c.x} + size_t{group} * c.x_stride + size_t{j} * words_per_block;
          for (uint32_t w = 0; w < words_per_block; ++w) {
            std::memcpy(words + w * cfg.cols, &m_.acc_[((word + w) * cfg.rows + lane) * cfg.cols],
                        size_t{4} * cfg.cols);
          }
          const uint8_t* const bytes = reinterpret_cast<const uint8_t*>(words);
          c.x_format == XFormat::kI32 ? FromI32(bytes, p.v) : FromF32(bytes, p.v);
        } else {
          const uint8_t* const bytes = vm + c.x + size_t{r} * c.x_stride + size_t{j} * x_block;
          switch (c.x_format) {
            case XFormat::kF32:
              FromF32(bytes, p.v);
              break;
            case XFormat::kF16:
              FromF16(bytes, p.v);
              break;
            case XFormat::kBf16:
              FromBf16(bytes, p.v);
              break;
            case XFormat::kI32:
              FromI32(bytes, p.v);
              break;
            case XFormat::kI8:
              FromI8(bytes, p.v);
              break;
          }
          if (c.x_swap != 0) {
            for (int i = 0; i < 32; i += 2) std::swap(p.v[i], p.v[i + 1]);
          }
        }
        // 2. p = x*a + b
        if (a.used()) Multiply(p.v, a.At(j));
        if (b.used()) Add(p.v, b.At(j));
        // 3. q = p - bm
        const float* stage = p.v;
        if (c.bmax != 0) {
          const float minus =
              FromBits(fp::FromMaxKey(LargestKey(p.v, valid, kMinusInfKey, ~0u)) ^ fp::kSign);
          for (int i = 0; i < 32; ++i) q.v[i] = p.v[i] + minus;
          stage = q.v;
        }
        // 4. f
        if (c.fn != 0) {
          TableBlock(header, table, stage, f.v);
        } else {
          std::memcpy(f.v, stage, sizeof f.v);
        }
        std::fill(f.v + valid, f.v + 32, 0.0f);
        // 5. y = f*m + c
        y = f;
        if (m.used()) Multiply(y.v, m.self() ? p.v : m.At(j));
        if (add.used()) Add(y.v, add.At(j));
        std::fill(y.v + valid, y.v + 32, 0.0f);
        // 6. maximum
        if (maximum) block_key = LargestKey(p.v, valid, max_start, max_mask);
      }

      // 7, 8. results
      uint8_t* out = nullptr;
      uint16_t scale = 0x3C00;
      size_t ab_block = 0;
      if (c.out_space == OutSpace::kVm) {
        out = vm + c.out + size_t{r} * c.out_stride + size_t{j} * out_block;
      } else if (c.out_space == OutSpace::kAb) {
        ab_block = (size_t{c.out} + size_t{group} * c.out_stride + j) * cfg.rows + lane;
        out = m_.ab_.data() + 32 * ab_block;
      }
      if (out != nullptr) {
        switch (c.out_format) {
          case OutFormat::kF32:
            ToF32(y.v, out);
            break;
          case OutFormat::kF16:
            ToF16(y.v, out);
            break;
          case OutFormat::kBf16:
            ToBf16(y.v, out);
            break;
          case OutFormat::kI32:
            numeric |= ToI32(y.v, out);
            break;
          case OutFormat::kI8:
            numeric |= ToI8(y.v, out);
            break;
          case OutFormat::kQ80:
          case OutFormat::kQ8Bf16:
            numeric |= ToQ8(y.v, c.out_format == OutFormat::kQ8Bf16, out, &scale);
            break;
        }
        if (c.out_space == OutSpace::kAb) {
          std::memcpy(&m_.ab_scale_[2 * ab_block], &scale, 2);
          if (sink != nullptr) {
            sink->GtaAb(static_cast<uint32_t>(ab_block / cfg.rows), lane, out, scale);
          }
        } else {
          if (sink != nullptr) sink->Gta(static_cast<uint32_t>(out - vm), out, out_block);
          if (c.out_format == OutFormat::kQ80 || c.out_format == OutFormat::kQ8Bf16) {
            const uint32_t addr = c.out_scale + r * (c.out_stride >> 4) + 2 * j;
            std::memcpy(vm + addr, &scale, 2);
            if (sink != nullptr) sink->GtaScale(addr, scale);
          }
        }
      }

      // 6. reductions
      if (c.red_op != ReduceOp::kNone) {
        const uint32_t addr = c.red + r * c.red_stride + 4 * j;
        if (maximum) {
          row_key = std::max(row_key, block_key);
          if (c.red_blk != 0) reduce(addr, fp::FromMaxKey(block_key));
        } else {
          const float sum = TreeSum(c.red_op == ReduceOp::kSum ? y.v : f.v);
          row_sum = j == 0 ? sum : row_sum + sum;
          if (c.red_blk != 0) reduce(addr, Bits(sum));
        }
      }
    }
    if (c.red_op != ReduceOp::kNone && c.red_blk == 0) {
      reduce(c.red + r * c.red_stride, maximum ? fp::FromMaxKey(row_key) : Bits(row_sum));
    }
  }
  if (numeric) m_.numeric_ = true;
}

}  // namespace wren::isa
