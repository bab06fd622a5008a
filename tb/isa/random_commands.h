// Legal random commands for the model's tests. Operands of one command do not overlap its results.
#pragma once

#include <algorithm>
#include <random>

#include "naive.h"

namespace wren::isa::naive {

// Row lengths that end inside, at and just behind a block.
inline constexpr uint32_t kLengths[] = {1, 2, 3, 5, 7, 31, 32, 33, 64, 95, 128, 1023};

class RandomCommands {
 public:
  RandomCommands(const Config& config, uint64_t ext_bytes, uint64_t seed)
      : config_(config), ext_bytes_(ext_bytes), rng_(seed) {}

  std::mt19937_64& rng() { return rng_; }
  uint32_t Below(uint64_t n) { return static_cast<uint32_t>(rng_() % n); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }

  GtaOp Gta() {
    for (;;) {
      GtaOp c;
      if (TryGta(&c)) return c;
    }
  }

  MxeGemm Gemm() {
    MxeGemm c;
    c.w_format = OneIn(2) ? WeightFormat::kQ8 : static_cast<WeightFormat>(1 + Below(3));
    const uint32_t ab_words = config_.AbWords(), sets = config_.WbSets(c.w_format),
                   acc_words = config_.AccWords();
    c.rows = 1 + Below(3 * config_.rows);
    const uint32_t groups = (c.rows + config_.rows - 1) / config_.rows;
    c.kb = 1 + Below(OneIn(8) ? 20 : 5);
    c.ncg = OneIn(4) ? 8 * (1 + Below(4)) : 1 + Below(5);
    c.ab_gs = OneIn(4) ? Below(5) : c.kb + Below(3);
    c.wb_ks = OneIn(2) ? 1 : c.ncg;
    c.wb_ns = c.wb_ks == 1 ? c.kb : 1;
    c.acc_gs = c.ncg + Below(3);
    const auto place = [&](uint32_t capacity, uint32_t extent, uint32_t* base) {
      if (extent > capacity) return false;
      *base = Below(capacity - extent + 1);
      return true;
    };
    if (!place(ab_words, (groups - 1) * c.ab_gs + c.kb, &c.ab) ||
        !place(sets, (c.ncg - 1) * c.wb_ns + (c.kb - 1) * c.wb_ks + 1, &c.wb) ||
        !place(acc_words, (groups - 1) * c.acc_gs + c.ncg, &c.acc)) {
      return Gemm();
    }
    c.accumulate = Below(2);
    c.order = OneIn(2) ? LoopOrder::kNOuter : LoopOrder::kKOuter;
    c.int_mode = OneIn(4);
    c.a_scale = OneIn(4) ? ScaleFormat::kBf16 : ScaleFormat::kF16;
    c.w_scale = OneIn(4) ? ScaleFormat::kBf16 : ScaleFormat::kF16;
    return c;
  }

  LdCopy Copy() {
    LdCopy c;
    for (;;) {
      c.src_space = OneIn(2) ? ExtSpace::kExt : ExtSpace::kL2;
      c.dst_space = static_cast<LdDst>(Below(c.src_space == ExtSpace::kL2 ? 6 : 7));
      c.len = 16 * (1 + Below(12));
      c.n1 = 1 + Below(5);
      c.n2 = 1 + Below(3);
      c.n3 = 1 + Below(3);
      for (uint32_t* s : {&c.s1, &c.s2, &c.s3, &c.t1, &c.t2, &c.t3}) *s = 16 * Below(40);
      if (OneIn(3)) c.s1 = c.t1 = c.len;
      const uint64_t src = Extent(c.n1, c.s1) + Extent(c.n2, c.s2) + Extent(c.n3, c.s3) + c.len;
      const uint64_t dst = Extent(c.n1, c.t1) + Extent(c.n2, c.t2) + Extent(c.n3, c.t3) + c.len;
      const uint64_t from = c.src_space == ExtSpace::kExt ? ext_bytes_ : config_.l2;
      const uint64_t to = Capacity(c.dst_space);
      if (src > from || dst > to) continue;
      c.src = 16 * (rng_() % ((from - src) / 16 + 1));
      c.dst = static_cast<uint32_t>(16 * (rng_() % ((to - dst) / 16 + 1)));
      return c;
    }
  }

  LdFill Fill() {
    const LdCopy c = Copy();
    LdFill f;
    f.pattern = static_cast<uint32_t>(rng_());
    f.dst_space = c.dst_space, f.dst = c.dst, f.len = c.len;
    f.n1 = c.n1, f.n2 = c.n2, f.n3 = c.n3, f.t1 = c.t1, f.t2 = c.t2, f.t3 = c.t3;
    return f;
  }

  // `index_at` in VM gets the indices.
  LdGather Gather(std::vector<uint8_t>* vm) {
    for (;;) {
      const LdCopy c = Copy();
      if (c.dst_space == LdDst::kVm) continue;
      LdGather g;
      g.src_space = c.src_space, g.dst_space = c.dst_space, g.src = c.src, g.dst = c.dst,
      g.len = c.len;
      g.n1 = c.n1, g.n2 = c.n2, g.n3 = c.n3, g.t1 = c.t1, g.t2 = c.t2, g.t3 = c.t3;
      g.s1 = c.s1, g.s2 = c.s2, g.s3 = c.s3;
      g.idx = 4 * Below(config_.vm / 4 - g.n1);
      for (uint32_t i = 0; i < g.n1; ++i) {
        const uint32_t index = Below(c.n1);
        std::memcpy(vm->data() + g.idx + 4 * i, &index, 4);
      }
      return g;
    }
  }

  LdTranspose Transpose() {
    LdTranspose c;
    for (;;) {
      c.src_space = OneIn(2) ? ExtSpace::kExt : ExtSpace::kL2;
      c.len = 32 * (1 + Below(3));
      c.n1 = 32 * (1 + Below(3));
      c.n2 = 1 + Below(2);
      c.n3 = 1 + Below(2);
      c.s1 = c.len + 16 * Below(3);
      c.s2 = 16 * Below(9);
      c.s3 = 16 * Below(9);
      c.t1 = 32 * c.len + 32 * Below(2);
      c.t2 =
          c.t1 * (c.n1 / 32);  // repeats do not overlap: the naive machine writes in another order
      c.t3 = c.t2 * c.n2;
      const uint64_t src = Extent(c.n1, c.s1) + Extent(c.n2, c.s2) + Extent(c.n3, c.s3) + c.len;
      const uint64_t dst =
          Extent(c.n1 / 32, c.t1) + Extent(c.n2, c.t2) + Extent(c.n3, c.t3) + 32 * c.len;
      const uint64_t from = c.src_space == ExtSpace::kExt ? ext_bytes_ : config_.l2;
      if (src > from || dst > config_.wb) continue;
      c.src = 16 * (rng_() % ((from - src) / 16 + 1));
      c.dst = static_cast<uint32_t>(32 * (rng_() % ((config_.wb - dst) / 32 + 1)));
      return c;
    }
  }

  StCopy Store() {
    StCopy c;
    for (;;) {
      c.src_space = OneIn(2) ? StSrc::kVm : StSrc::kL2;
      c.dst_space = c.src_space == StSrc::kL2 || OneIn(2) ? ExtSpace::kExt : ExtSpace::kL2;
      c.len = 2 * (1 + Below(100));
      c.n1 = 1 + Below(5);
      c.n2 = 1 + Below(3);
      c.n3 = 1 + Below(3);
      for (uint32_t* s : {&c.s1, &c.s2, &c.s3, &c.t1, &c.t2, &c.t3}) *s = 2 * Below(300);
      const uint64_t src = Extent(c.n1, c.s1) + Extent(c.n2, c.s2) + Extent(c.n3, c.s3) + c.len;
      const uint64_t dst = Extent(c.n1, c.t1) + Extent(c.n2, c.t2) + Extent(c.n3, c.t3) + c.len;
      const uint64_t from = c.src_space == StSrc::kVm ? config_.vm : config_.l2;
      const uint64_t to = c.dst_space == ExtSpace::kExt ? ext_bytes_ : config_.l2;
      if (src > from || dst > to) continue;
      c.src = static_cast<uint32_t>(2 * (rng_() % ((from - src) / 2 + 1)));
      c.dst = 2 * (rng_() % ((to - dst) / 2 + 1));
      return c;
    }
  }

 private:
  static uint64_t Extent(uint32_t n, uint32_t s) { return uint64_t{n - 1} * s; }

  uint64_t Capacity(LdDst dst) const {
    switch (dst) {
      case LdDst::kAb:
        return config_.ab;
      case LdDst::kAbScale:
        return config_.ab / 16;
      case LdDst::kWb:
        return config_.wb;
      case LdDst::kWbScale:
        return config_.WbScaleBytes();
      case LdDst::kVm:
        return config_.vm;
      case LdDst::kLut:
        return config_.tables * kTableBytes;
      case LdDst::kL2:
        break;
    }
    return config_.l2;
  }

  // A piece of VM; false when VM is used up.
  bool Take(uint64_t bytes, uint32_t align, uint32_t* at) {
    const uint64_t start = (free_ + align - 1) / align * align;
    if (start + bytes > config_.vm) return false;
    *at = static_cast<uint32_t>(start);
    free_ = start + bytes;
    return true;
  }

  bool RandomOperand(const GtaOp& c, bool multiplier, OperandMode* mode, OperandFormat* format,
                     uint32_t* base, uint32_t* stride) {
    const uint32_t blocks = (c.cols + 31) / 32;
    *mode = static_cast<OperandMode>(Below(6));
    *format = static_cast<OperandFormat>(Below(3));
    const uint32_t size = *format == OperandFormat::kF32 ? 4 : 2;
    switch (*mode) {
      case OperandMode::kImm: {
        const uint32_t bits = RandomFloat(rng_, OneIn(8));
        *base = bits & 0xFFFFF;
        *stride = bits >> 20;
        return true;
      }
      case OperandMode::kMat:
        *stride = 32 * size * (blocks + Below(2));
        return Take(uint64_t{c.rows} * *stride, 32 * size, base);
      case OperandMode::kCol:
        *stride = Below(1 << 20);  // ignored
        return Take(32 * size * blocks, 32 * size, base);
      case OperandMode::kRow:
        *stride = size * Below(3);
        return Take(uint64_t{c.rows} * 2 * size, size, base);
      case OperandMode::kBlk:
        *stride = size * (blocks + Below(2));
        return Take(uint64_t{c.rows} * *stride, size, base);
      default:
        if (multiplier && OneIn(2)) *mode = OperandMode::kSelf;
        *base = Below(1 << 20);  // ignored
        *stride = Below(1 << 20);
        return true;
    }
  }

  bool TryGta(GtaOp* c) {
    free_ = Below(config_.vm / 4);
    c->rows = 1 + Below(2 * config_.rows + 2);
    c->cols = kLengths[Below(std::size(kLengths))];
    if (c->cols == 1023 && config_.vm < 65536) c->rows = 1;
    const uint32_t blocks = (c->cols + 31) / 32,
                   groups = (c->rows + config_.rows - 1) / config_.rows;
    c->causal = OneIn(3);
    c->diag = static_cast<int32_t>(Below(80)) - 20;
    if (OneIn(16)) c->diag = -32768;
    c->bmax = OneIn(3);
    c->overlap = OneIn(2);
    c->x_space = OneIn(3) ? XSpace::kAcc : XSpace::kVm;
    if (c->x_space == XSpace::kAcc) {
      c->x_format = OneIn(3) ? XFormat::kI32 : XFormat::kF32;
      const uint32_t words = blocks * 32 / config_.cols;
      c->x_stride = words + 2 * Below(3);
      const uint64_t extent = uint64_t{groups - 1} * c->x_stride + words;
      if (extent > config_.AccWords()) return false;
      c->x = 2 * Below((config_.AccWords() - extent) / 2 + 1);
    } else {
      static constexpr uint32_t kBytes[] = {128, 64, 64, 128, 32};
      c->x_format = static_cast<XFormat>(Below(5));
      c->x_swap = OneIn(3);
      const uint32_t block = kBytes[static_cast<int>(c->x_format)];
      c->x_stride = block * (blocks + Below(2));
      if (!Take(uint64_t{c->rows} * c->x_stride, block, &c->x)) return false;
    }
    if (!RandomOperand(*c, false, &c->a_mode, &c->a_format, &c->a, &c->a_stride)) return false;
    if (!RandomOperand(*c, false, &c->b_mode, &c->b_format, &c->b, &c->b_stride)) return false;
    if (!RandomOperand(*c, true, &c->m_mode, &c->m_format, &c->m, &c->m_stride)) return false;
    if (!RandomOperand(*c, false, &c->c_mode, &c->c_format, &c->c, &c->c_stride)) return false;
    c->fn = OneIn(2);
    c->table = Below(config_.tables);
    c->out_space = static_cast<OutSpace>(Below(3));
    if (c->out_space == OutSpace::kVm) {
      static constexpr uint32_t kBytes[] = {128, 64, 64, 128, 32, 32, 32};
      c->out_format = static_cast<OutFormat>(Below(7));
      const uint32_t block = kBytes[static_cast<int>(c->out_format)];
      c->out_stride = block * (blocks + Below(2));
      if (!Take(uint64_t{c->rows} * c->out_stride, block, &c->out)) return false;
      if (c->out_format >= OutFormat::kQ80 &&
          !Take(uint64_t{c->rows} * (c->out_stride / 16) + 2 * blocks, 2, &c->out_scale)) {
        return false;
      }
    } else if (c->out_space == OutSpace::kAb) {
      c->out_format = static_cast<OutFormat>(4 + Below(3));
      c->out_stride = blocks + Below(3);
      const uint64_t extent = uint64_t{groups - 1} * c->out_stride + blocks;
      if (extent > config_.AbWords()) return false;
      c->out = Below(config_.AbWords() - extent + 1);
    }
    c->red_op = static_cast<ReduceOp>(Below(5));
    if (c->red_op != ReduceOp::kNone) {
      c->red_blk = OneIn(2);
      c->red_stride = 4 * ((c->red_blk ? blocks : 1) + Below(3));
      if (!Take(uint64_t{c->rows} * c->red_stride, 4, &c->red)) return false;
    }
    return true;
  }

  Config config_;
  uint64_t ext_bytes_;
  std::mt19937_64 rng_;
  uint64_t free_ = 0;
};

// Fills every memory of the model with random data: bytes, scales and floats that are mostly finite
// unless `wild`.
inline void FillMemories(Model& model, FlatMemory& ext, std::mt19937_64& rng, bool wild) {
  for (auto* bytes : {&model.ab(), &model.wb(), &model.l2(), &ext.bytes()}) {
    for (size_t i = 0; i < bytes->size(); i += 8) {
      const uint64_t v = rng();
      std::memcpy(bytes->data() + i, &v, 8);
    }
  }
  for (auto* scales : {&model.ab_scale(), &model.wb_scale()}) {
    for (size_t i = 0; i < scales->size(); i += 2) {
      const uint16_t h = wild && rng() % 4 == 0 ? static_cast<uint16_t>(rng())
                                                : static_cast<uint16_t>(0x2000 + rng() % 0x1C00);
      std::memcpy(scales->data() + i, &h, 2);
    }
  }
  for (size_t i = 0; i < model.vm().size(); i += 4) {
    const uint32_t v = RandomFloat(rng, wild);
    std::memcpy(model.vm().data() + i, &v, 4);
  }
  for (uint32_t& v : model.acc()) v = RandomFloat(rng, wild);
  for (size_t t = 0; t < model.lut().size(); t += kTableBytes)
    RandomTable(rng, model.lut().data() + t);
}

}  // namespace wren::isa::naive
