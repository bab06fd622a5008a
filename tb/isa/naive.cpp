#include "naive.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace wren::isa::naive {

float F(uint32_t bits) {
  float v;
  std::memcpy(&v, &bits, 4);
  return v;
}

uint32_t U(float value) {
  uint32_t v;
  std::memcpy(&v, &value, 4);
  return v;
}

uint32_t Canon(uint32_t x) {
  if ((x & 0x7FFFFFFF) > 0x7F800000) return 0x7FC00000;
  if ((x & 0x7F800000) == 0) return x & 0x80000000;
  return x;
}

// A double (exact, or rounded from an exact value with 53 bits, which is enough for one more
// rounding) to FP32.
static uint32_t Round(double v) {
  if (std::isnan(v)) return 0x7FC00000;
  if (std::fabs(v) < 0x1p-126) {
    const float r = static_cast<float>(v * 0x1p64);
    if (std::fabs(r) < 0x1p-62f) return std::signbit(v) ? 0x80000000u : 0u;
    return U(std::signbit(v) ? -0x1p-126f : 0x1p-126f);
  }
  return U(static_cast<float>(v));
}

static double D(uint32_t x) { return static_cast<double>(F(Canon(x))); }

uint32_t Mul(uint32_t a, uint32_t b) { return Round(D(a) * D(b)); }
uint32_t Add(uint32_t a, uint32_t b) { return Round(D(a) + D(b)); }
uint32_t Div(uint32_t a, uint32_t b) { return Round(D(a) / D(b)); }
uint32_t FromInt(int64_t v) { return Round(static_cast<double>(v)); }

uint32_t Max(uint32_t a, uint32_t b) {
  a = Canon(a);
  b = Canon(b);
  if (a == 0x7FC00000 || b == 0x7FC00000) return 0x7FC00000;
  if (F(a) != F(b)) return F(a) > F(b) ? a : b;
  return a >> 31 ? b : a;
}

uint32_t FromHalf(uint16_t h) {
  const int exponent = h >> 10 & 31, fraction = h & 1023;
  double v;
  if (exponent == 31) {
    if (fraction != 0) return 0x7FC00000;
    v = INFINITY;
  } else if (exponent == 0) {
    v = std::ldexp(fraction, -24);
  } else {
    v = std::ldexp(1024 + fraction, exponent - 25);
  }
  return U(static_cast<float>(h & 0x8000 ? -v : v));
}

uint32_t FromBrain(uint16_t h) { return Canon(static_cast<uint32_t>(h) << 16); }

uint16_t ToHalf(uint32_t x) {
  x = Canon(x);
  if (x == 0x7FC00000) return 0x7E00;
  const uint16_t sign = x >> 31 ? 0x8000 : 0;
  const double v = std::fabs(D(x));
  // The unit in the last place of the half at v; nearbyint rounds to nearest even.
  int exponent;
  std::frexp(v, &exponent);
  const int ulp = std::max(exponent - 11, -24);
  const double rounded = std::isinf(v) ? v : std::ldexp(std::nearbyint(std::ldexp(v, -ulp)), ulp);
  if (rounded >= 65536.0) return sign | 0x7C00;
  if (rounded < 0x1p-14)
    return static_cast<uint16_t>(sign | static_cast<int>(std::ldexp(rounded, 24)));
  std::frexp(rounded, &exponent);
  return static_cast<uint16_t>(sign | (exponent + 14) << 10 |
                               (static_cast<int>(std::ldexp(rounded, 11 - exponent)) & 1023));
}

uint16_t ToBrain(uint32_t x) {
  x = Canon(x);
  if (x == 0x7FC00000) return 0x7FC0;
  const uint32_t low = x & 0xFFFF, high = x >> 16;
  return static_cast<uint16_t>(low > 0x8000 || (low == 0x8000 && (high & 1)) ? high + 1 : high);
}

static uint32_t Word(const uint8_t* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

static uint16_t Half(const uint8_t* p) {
  uint16_t v;
  std::memcpy(&v, p, 2);
  return v;
}

static uint32_t TimesPower(uint32_t x, int n) {
  const double v = D(x);
  if (v == 0 || !std::isfinite(v)) return Canon(x);
  const double r = std::ldexp(v, n);
  if (std::fabs(r) >= 0x1p128) return v < 0 ? 0xFF800000 : 0x7F800000;
  if (std::fabs(r) < 0x1p-126) return v < 0 ? 0x80000000 : 0;
  return U(static_cast<float>(r));
}

uint32_t Table(const uint8_t* table, uint32_t x) {
  x = Canon(x);
  const auto entry = [table](int e, int word) { return Word(table + e * 16 + word * 4); };
  const uint32_t flags = entry(0, 3);
  const int mode = flags & 3, edge_below = flags >> 2 & 3, edge_above = flags >> 4 & 3,
            kind = flags >> 6 & 3;
  const uint32_t lo = entry(1, 3), inv = entry(2, 3), below = Canon(entry(3, 3)),
                 above = Canon(entry(4, 3));
  const auto poly = [&](int k, uint32_t f) {
    return Add(entry(k, 0), Mul(f, Add(entry(k, 1), Mul(f, entry(k, 2)))));
  };
  if (mode != 2) {
    uint32_t t = Mul(Add(x, lo ^ 0x80000000), inv);
    if (t == 0x7FC00000) return t;
    if (mode == 1) {
      double limited = D(t);
      if (limited < -65536.0) limited = -65536.0;
      if (limited > 65535.0) limited = 65535.0;
      t = limited == 0 ? t : U(static_cast<float>(limited));
      const int k = static_cast<int>(std::floor(limited));
      const uint32_t f = Add(t, U(-static_cast<float>(k)));
      return TimesPower(poly(k & 255, f), k >= 0 ? k / 256 : -((-k + 255) / 256));
    }
    int k;
    if (D(t) < 0) {
      if (edge_below == 2) return below;
      if (edge_below == 0) t = 0;
      k = 0;
    } else if (D(t) >= 256) {
      if (edge_above == 2) return above;
      if (edge_above == 0) t = U(256.0f);
      k = 255;
    } else {
      k = static_cast<int>(std::floor(D(t)));
    }
    return poly(k, Add(t, U(-static_cast<float>(k))));
  }
  if (x == 0x7FC00000) return x;
  if (D(x) == 0) return below;
  if (std::isinf(D(x))) return above;
  if (D(x) < 0 && kind != 0) return 0x7FC00000;
  const int e = static_cast<int>(x >> 23 & 255) - 127;
  const uint32_t m = x & 0x7FFFFF;
  if (kind == 0 || kind == 3) {
    const int k = static_cast<int>(m >> 15);
    const uint32_t f = U(static_cast<float>(m & 0x7FFF) / 32768.0f);
    if (kind == 3)
      return Add(Add(FromInt(e), entry(k, 0)), Mul(f, Add(entry(k, 1), Mul(f, entry(k, 2)))));
    return Canon(TimesPower(poly(k, f), -e) ^ (x & 0x80000000));
  }
  const bool odd = e % 2 != 0;
  const int k = (odd ? 128 : 0) + static_cast<int>(m >> 16);
  const uint32_t f = U(static_cast<float>(m & 0xFFFF) / 65536.0f);
  const int half = (e - (odd ? 1 : 0)) / 2;
  return TimesPower(poly(k, f), kind == 1 ? -half : half);
}

bool QuantizeQ8(const uint32_t* y, bool brain, int8_t* q, uint16_t* scale) {
  uint32_t amax = 0;
  bool bad = false;
  for (int i = 0; i < 32; ++i) {
    const uint32_t v = Canon(y[i]);
    uint32_t magnitude = v & 0x7FFFFFFF;
    if (magnitude >= 0x7F800000) {
      bad = true;
      magnitude = 0x7F7FFFFF;
    }
    if (F(magnitude) > F(amax)) amax = magnitude;
  }
  uint32_t d = Div(amax, U(127.0f));
  while (brain && d % 65536 != 0) ++d;
  const uint32_t id = D(d) == 0 ? 0 : Div(U(1.0f), d);
  for (int i = 0; i < 32; ++i) {
    const uint32_t product = Mul(y[i], id);
    double r = D(product);
    if (std::isnan(r)) {
      q[i] = 0;
      continue;
    }
    r = std::round(r);
    q[i] = static_cast<int8_t>(r > 127 ? 127 : r < -127 ? -127 : r);
  }
  *scale = brain ? ToBrain(d) : ToHalf(d);
  return bad || (!brain && *scale == 0x7C00);
}

Machine::Machine(Model& model, FlatMemory& memory)
    : config(model.config()),
      ab(model.ab()),
      ab_scale(model.ab_scale()),
      wb(model.wb()),
      wb_scale(model.wb_scale()),
      vm(model.vm()),
      l2(model.l2()),
      lut(model.lut()),
      ext(memory.bytes()),
      acc(model.acc()),
      numeric(model.numeric()) {}

template <class T>
static std::string FirstDifference(const char* name, const std::vector<T>& naive,
                                   const std::vector<T>& model) {
  for (size_t i = 0; i < naive.size(); ++i) {
    if (naive[i] != model[i]) {
      char text[128];
      std::snprintf(text, sizeof text, "%s[%zu]: naive 0x%x, model 0x%x", name, i,
                    static_cast<unsigned>(naive[i]), static_cast<unsigned>(model[i]));
      return text;
    }
  }
  return "";
}

std::string Machine::Difference(Model& model, FlatMemory& memory) const {
  for (const std::string& text :
       {FirstDifference("ab", ab, model.ab()),
        FirstDifference("ab_scale", ab_scale, model.ab_scale()),
        FirstDifference("wb", wb, model.wb()),
        FirstDifference("wb_scale", wb_scale, model.wb_scale()),
        FirstDifference("vm", vm, model.vm()), FirstDifference("l2", l2, model.l2()),
        FirstDifference("lut", lut, model.lut()), FirstDifference("acc", acc, model.acc()),
        FirstDifference("ext", ext, memory.bytes())}) {
    if (!text.empty()) return text;
  }
  return numeric == model.numeric() ? "" : "NUMERIC";
}

void Machine::Run(const Command& command) {
  if (const auto* c = std::get_if<LdCopy>(&command)) Load(*c, nullptr);
  if (const auto* c = std::get_if<LdGather>(&command)) {
    LdCopy copy;
    copy.src = c->src, copy.src_space = c->src_space, copy.dst_space = c->dst_space,
    copy.dst = c->dst;
    copy.len = c->len, copy.n1 = c->n1, copy.n2 = c->n2, copy.n3 = c->n3;
    copy.s1 = c->s1, copy.s2 = c->s2, copy.s3 = c->s3, copy.t1 = c->t1, copy.t2 = c->t2,
    copy.t3 = c->t3;
    std::vector<uint32_t> index;
    for (uint32_t i = 0; i < c->n1; ++i) index.push_back(Word(&vm[c->idx + 4 * i]));
    Load(copy, index.data());
  }
  if (const auto* c = std::get_if<LdFill>(&command)) Fill(*c);
  if (const auto* c = std::get_if<LdTranspose>(&command)) Transpose(*c);
  if (const auto* c = std::get_if<StCopy>(&command)) Store(*c);
  if (const auto* c = std::get_if<MxeGemm>(&command)) Gemm(*c);
  if (const auto* c = std::get_if<GtaOp>(&command)) Gta(*c);
}

std::vector<uint8_t>& Machine::Destination(LdDst dst) {
  std::vector<uint8_t>* const memories[] = {&ab, &ab_scale, &wb, &wb_scale, &vm, &lut, &l2};
  return *memories[static_cast<int>(dst)];
}

void Machine::Load(const LdCopy& c, const uint32_t* index) {
  std::vector<uint8_t>& from = c.src_space == ExtSpace::kExt ? ext : l2;
  for (uint64_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint64_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint64_t i1 = 0; i1 < c.n1; ++i1) {
        for (uint64_t b = 0; b < c.len; ++b) {
          Destination(c.dst_space).at(c.dst + i1 * c.t1 + i2 * c.t2 + i3 * c.t3 + b) =
              from.at(c.src + (index ? index[i1] : i1) * c.s1 + i2 * c.s2 + i3 * c.s3 + b);
        }
      }
    }
  }
}

void Machine::Transpose(const LdTranspose& c) {
  std::vector<uint8_t>& from = c.src_space == ExtSpace::kExt ? ext : l2;
  for (uint64_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint64_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint64_t t = 0; t < c.n1; ++t) {
        for (uint64_t d = 0; d < c.len; ++d) {
          wb.at(c.dst + (t / 32) * c.t1 + d * 32 + t % 32 + i2 * c.t2 + i3 * c.t3) =
              from.at(c.src + t * c.s1 + d + i2 * c.s2 + i3 * c.s3);
        }
      }
    }
  }
}

void Machine::Fill(const LdFill& c) {
  for (uint64_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint64_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint64_t i1 = 0; i1 < c.n1; ++i1) {
        for (uint64_t b = 0; b < c.len; ++b) {
          Destination(c.dst_space).at(c.dst + i1 * c.t1 + i2 * c.t2 + i3 * c.t3 + b) =
              static_cast<uint8_t>(c.pattern >> (8 * (b % 4)));
        }
      }
    }
  }
}

void Machine::Store(const StCopy& c) {
  std::vector<uint8_t>& from = c.src_space == StSrc::kVm ? vm : l2;
  std::vector<uint8_t>& to = c.dst_space == ExtSpace::kExt ? ext : l2;
  for (uint64_t i3 = 0; i3 < c.n3; ++i3) {
    for (uint64_t i2 = 0; i2 < c.n2; ++i2) {
      for (uint64_t i1 = 0; i1 < c.n1; ++i1) {
        for (uint64_t b = 0; b < c.len; ++b) {
          to.at(c.dst + i1 * c.t1 + i2 * c.t2 + i3 * c.t3 + b) =
              from.at(c.src + i1 * c.s1 + i2 * c.s2 + i3 * c.s3 + b);
        }
      }
    }
  }
}

// Element i of weight block w.
int Machine::Weight(WeightFormat format, uint32_t w, uint32_t i) const {
  if (format == WeightFormat::kQ8) return static_cast<int8_t>(wb.at(w * 32 + i));
  const int byte = wb.at(w * 16 + i % 16), code = i < 16 ? byte % 16 : byte / 16;
  if (format == WeightFormat::kQ40) return code - 8;
  if (format == WeightFormat::kIq4Nl) {
    static const int kValues[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
    return kValues[code];
  }
  // E2M1: sign, exponent (bias 1), one bit of fraction; times 2.
  const int exponent = code / 2 % 4, fraction = code % 2;
  const int magnitude = exponent == 0 ? fraction : (2 + fraction) << (exponent - 1);
  return code >= 8 ? -magnitude : magnitude;
}

void Machine::Gemm(const MxeGemm& c) {
  const uint32_t kRows = config.rows, kCols = config.cols;
  // Element by element; k ascending is all that the loop order must keep while ACC words are
  // distinct.
  for (uint32_t m = 0; m < c.rows; ++m) {
    const uint32_t g = m / kRows, r = m % kRows;
    for (uint32_t n = 0; n < c.ncg; ++n) {
      for (uint32_t col = 0; col < kCols; ++col) {
        uint32_t& cell = acc.at(((c.acc + g * c.acc_gs + n) * kRows + r) * kCols + col);
        for (uint32_t k = 0; k < c.kb; ++k) {
          const uint32_t a = (c.ab + g * c.ab_gs + k) * kRows + r;
          const uint32_t w = (c.wb + n * c.wb_ns + k * c.wb_ks) * kCols + col;
          int64_t dot = 0;
          for (uint32_t i = 0; i < 32; ++i) {
            dot += int64_t{static_cast<int8_t>(ab.at(a * 32 + i))} * Weight(c.w_format, w, i);
          }
          if (k == 0 && !c.accumulate) cell = 0;
          if (c.int_mode) {
            const int64_t sum = int64_t{static_cast<int32_t>(cell)} + dot;
            if (sum != static_cast<int32_t>(sum)) numeric = true;
            cell = static_cast<uint32_t>(sum);
          } else {
            const uint16_t sa = Half(&ab_scale.at(2 * a)), sw = Half(&wb_scale.at(2 * w));
            const uint32_t fa = c.a_scale == ScaleFormat::kF16 ? FromHalf(sa) : FromBrain(sa);
            const uint32_t fw = c.w_scale == ScaleFormat::kF16 ? FromHalf(sw) : FromBrain(sw);
            cell = Add(cell, Mul(FromInt(dot), Mul(fa, fw)));
          }
        }
      }
    }
  }
}

void Machine::Gta(const GtaOp& c) {
  const uint32_t kRows = config.rows, kCols = config.cols;
  const uint32_t blocks = (c.cols + 31) / 32;
  const auto scalar = [&](OperandFormat format, uint64_t at) {
    if (format == OperandFormat::kF32) return Canon(Word(&vm.at(at)));
    return format == OperandFormat::kF16 ? FromHalf(Half(&vm.at(at))) : FromBrain(Half(&vm.at(at)));
  };
  const auto operand = [&](OperandMode mode, OperandFormat format, uint64_t base, uint64_t stride,
                           uint64_t r, uint64_t col) -> uint32_t {
    const uint64_t size = format == OperandFormat::kF32 ? 4 : 2;
    switch (mode) {
      case OperandMode::kImm:
        return Canon(static_cast<uint32_t>(base | stride << 20));
      case OperandMode::kMat:
        return scalar(format, base + r * stride + col * size);
      case OperandMode::kCol:
        return scalar(format, base + col * size);
      case OperandMode::kRow:
        return scalar(format, base + r * stride);
      case OperandMode::kBlk:
        return scalar(format, base + r * stride + col / 32 * size);
      default:
        return 0;
    }
  };
  const auto element = [&](uint64_t r, uint64_t col) -> uint32_t {
    if (c.x_space == XSpace::kAcc) {
      const uint32_t v = acc.at(
          ((c.x + r / kRows * c.x_stride + col / kCols) * kRows + r % kRows) * kCols + col % kCols);
      return c.x_format == XFormat::kI32 ? FromInt(static_cast<int32_t>(v)) : Canon(v);
    }
    const uint64_t row = c.x + r * c.x_stride;
    const uint64_t at = c.x_swap ? col ^ 1 : col;
    switch (c.x_format) {
      case XFormat::kF32:
        return Canon(Word(&vm.at(row + 4 * at)));
      case XFormat::kF16:
        return FromHalf(Half(&vm.at(row + 2 * at)));
      case XFormat::kBf16:
        return FromBrain(Half(&vm.at(row + 2 * at)));
      case XFormat::kI32:
        return FromInt(static_cast<int32_t>(Word(&vm.at(row + 4 * at))));
      default:
        return FromInt(static_cast<int8_t>(vm.at(row + at)));
    }
  };
  const auto tree = [](const uint32_t* v) {
    std::vector<uint32_t> s(v, v + 32);
    for (size_t half = 16; half != 0; half /= 2) {
      for (size_t i = 0; i < half; ++i) s[i] = Add(s[i], s[i + half]);
    }
    return s[0];
  };

  for (uint32_t r = 0; r < c.rows; ++r) {
    uint32_t total = 0;
    for (uint32_t j = 0; j < blocks; ++j) {
      uint32_t p[32], f[32], y[32];
      bool masked[32];
      uint32_t bm = 0xFF800000, largest = c.red_op == ReduceOp::kAbsmax ? 0 : 0xFF800000;
      for (uint32_t i = 0; i < 32; ++i) {
        const uint32_t col = 32 * j + i;
        masked[i] = col >= c.cols || (c.causal && int64_t{col} > int64_t{r} + c.diag);
        p[i] = element(r, col);
        if (c.a_mode != OperandMode::kNone)
          p[i] = Mul(p[i], operand(c.a_mode, c.a_format, c.a, c.a_stride, r, col));
        if (c.b_mode != OperandMode::kNone)
          p[i] = Add(p[i], operand(c.b_mode, c.b_format, c.b, c.b_stride, r, col));
        if (masked[i]) continue;
        bm = Max(bm, p[i]);
        largest =
            Max(largest,
                c.red_op == ReduceOp::kAbsmax && p[i] != 0x7FC00000 ? p[i] & 0x7FFFFFFF : p[i]);
      }
      for (uint32_t i = 0; i < 32; ++i) {
        const uint32_t col = 32 * j + i;
        const uint32_t q = c.bmax ? Add(p[i], bm ^ 0x80000000) : p[i];
        f[i] = c.fn ? Table(&lut[4096 * c.table], q) : q;
        if (masked[i]) f[i] = 0;
        y[i] = f[i];
        if (c.m_mode == OperandMode::kSelf) {
          y[i] = Mul(y[i], p[i]);
        } else if (c.m_mode != OperandMode::kNone) {
          y[i] = Mul(y[i], operand(c.m_mode, c.m_format, c.m, c.m_stride, r, col));
        }
        if (c.c_mode != OperandMode::kNone)
          y[i] = Add(y[i], operand(c.c_mode, c.c_format, c.c, c.c_stride, r, col));
        if (masked[i]) y[i] = 0;
      }

      if (c.out_space != OutSpace::kNone) {
        uint8_t bytes[128];
        uint16_t scale = 0x3C00;
        uint32_t size = 4;
        for (uint32_t i = 0; i < 32; ++i) {
          const double v = std::round(D(y[i]));
          if (c.out_format == OutFormat::kF32) std::memcpy(bytes + 4 * i, &y[i], 4);
          if (c.out_format == OutFormat::kF16 || c.out_format == OutFormat::kBf16) {
            const uint16_t h = c.out_format == OutFormat::kF16 ? ToHalf(y[i]) : ToBrain(y[i]);
            std::memcpy(bytes + 2 * i, &h, 2);
            size = 2;
          }
          if (c.out_format == OutFormat::kI32 || c.out_format == OutFormat::kI8) {
            const bool wide = c.out_format == OutFormat::kI32;
            const double top = wide ? 2147483647.0 : 127.0, bottom = wide ? -2147483648.0 : -127.0;
            if (!(v <= top) || !(v >= bottom)) numeric = true;
            const int32_t integer = std::isnan(v) ? 0
                                                  : static_cast<int32_t>(v > top      ? top
                                                                         : v < bottom ? bottom
                                                                                      : v);
            std::memcpy(bytes + (wide ? 4 : 1) * i, &integer, wide ? 4 : 1);
            size = wide ? 4 : 1;
          }
        }
        const bool q8 = c.out_format == OutFormat::kQ80 || c.out_format == OutFormat::kQ8Bf16;
        if (q8) {
          const bool brain = c.out_format == OutFormat::kQ8Bf16;
          if (QuantizeQ8(y, brain, reinterpret_cast<int8_t*>(bytes), &scale)) numeric = true;
          size = 1;
        }
        if (c.out_space == OutSpace::kVm) {
          std::memcpy(&vm.at(c.out + uint64_t{r} * c.out_stride + 32 * j * size), bytes, 32 * size);
          if (q8) {
            std::memcpy(&vm.at(c.out_scale + r * (c.out_stride / 16) + 2 * j), &scale, 2);
          }
        } else {
          const uint32_t block = (c.out + r / kRows * c.out_stride + j) * kRows + r % kRows;
          std::memcpy(&ab.at(block * 32), bytes, 32);
          std::memcpy(&ab_scale.at(block * 2), &scale, 2);
        }
      }

      if (c.red_op == ReduceOp::kNone) continue;
      const bool sum = c.red_op == ReduceOp::kSum || c.red_op == ReduceOp::kSumFn;
      const uint32_t block = sum ? tree(c.red_op == ReduceOp::kSum ? y : f) : largest;
      total = j == 0 ? block : sum ? Add(total, block) : Max(total, block);
      if (c.red_blk) std::memcpy(&vm.at(c.red + r * c.red_stride + 4 * j), &block, 4);
    }
    if (c.red_op != ReduceOp::kNone && !c.red_blk)
      std::memcpy(&vm.at(c.red + r * c.red_stride), &total, 4);
  }
}

uint32_t RandomFloat(std::mt19937_64& rng, bool wild) {
  const uint64_t v = rng();
  if (wild) {
    switch (v >> 60) {
      case 0: {
        static constexpr uint32_t kSpecial[] = {0,          0x80000000, 0x7F800000, 0xFF800000,
                                                0x7FC00000, 0xFF812345, 0x7F7FFFFF, 0x00800000,
                                                0x807FFFFF, 0x00000001, 0x3F000000, 0xBF000000};
        return kSpecial[(v >> 32) % 12];
      }
      case 1:
      case 2:
      case 3:
        return static_cast<uint32_t>(v);
      default:
        break;
    }
  }
  return (static_cast<uint32_t>(v) & 0x807FFFFF) | (120u + (v >> 40) % 12) << 23;
}

void RandomTable(std::mt19937_64& rng, uint8_t* table) {
  for (uint32_t e = 0; e < 256; ++e) {
    for (int word = 0; word < 4; ++word) {
      const uint32_t v = RandomFloat(rng, rng() % 64 == 0);
      std::memcpy(table + e * 16 + word * 4, &v, 4);
    }
  }
  const uint32_t mode = rng() % 3;
  const uint32_t header[5] = {
      static_cast<uint32_t>(mode | (rng() % 3) << 2 | (rng() % 3) << 4 | (rng() % 4) << 6),
      U(mode == 1 ? 0.0f : -static_cast<float>(rng() % 9)), U(mode == 1 ? 369.33f : 16.0f),
      RandomFloat(rng, true), RandomFloat(rng, true)};
  for (int e = 0; e < 5; ++e) std::memcpy(table + e * 16 + 12, &header[e], 4);
}

uint64_t Seed(uint64_t fallback) {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

}  // namespace wren::isa::naive
