// Random legal commands that crowd into a small corner of every memory, so that most of them depend
// on others.
#pragma once

#include <cstring>
#include <random>

#include "engines.h"
#include "wren/isa/isa.h"
#include "wren/tables/tables.h"

namespace wren::compiler::test {

constexpr uint32_t kScratchVm = 0;  // the emitter's own
constexpr uint32_t kIndexVm = 64;   // 16 words that are always small numbers (gather's indices)
constexpr uint32_t kVmBegin = 128, kVmEnd = 128 + 6 * 1024;
constexpr uint32_t kL2Bytes = 2048;
constexpr uint64_t kScratchExt = 0;     // the emitter's own
constexpr uint64_t kIndexExt = 64;      // 256 bytes of small numbers
constexpr uint64_t kConstantExt = 512;  // 2 KiB that nobody writes
constexpr uint64_t kExtBegin = 4096, kExtEnd = 8192;
constexpr uint64_t kExtSize = 8192;
constexpr uint32_t kAbWords = 40, kWbSets = 40, kAccWords = 40;

class RandomProgram {
 public:
  RandomProgram(const isa::Config& config, uint64_t seed) : config_(config), random_(seed) {}

  std::mt19937_64& random() { return random_; }
  uint32_t Below(uint64_t n) { return static_cast<uint32_t>(random_() % n); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }

  // Values that stay finite for long: every 16 bits are a moderate FP16, every 32 a moderate FP32.
  void Fill(isa::Model* model, isa::FlatMemory* ext) {
    const auto fill = [&](std::vector<uint8_t>* bytes) {
      for (size_t i = 0; i + 1 < bytes->size(); i += 2) {
        const auto v = static_cast<uint16_t>((random_() & 0x8FFF) | 0x3000);
        std::memcpy(bytes->data() + i, &v, 2);
      }
    };
    for (auto* bytes : {&model->ab(), &model->ab_scale(), &model->wb(), &model->wb_scale(),
                        &model->vm(), &model->l2(), &ext->bytes()})
      fill(bytes);
    for (uint32_t& v : model->acc())
      v = (static_cast<uint32_t>(random_()) & 0x83FFFFFFu) | 0x3C000000u;
    for (uint32_t t = 0; t < config_.tables; ++t) {
      const auto table =
          tables::BuildTable(t % 2 == 0 ? tables::Function::kSigmoid : tables::Function::kExp);
      std::memcpy(model->lut().data() + t * isa::kTableBytes, table.data(), table.size());
    }
    const auto index = [&](uint8_t* at) {
      const uint32_t value = Below(8);
      std::memcpy(at, &value, 4);
    };
    for (uint32_t i = 0; i < 64; i += 4) index(model->vm().data() + kIndexVm + i);
    for (uint64_t i = 0; i < 256; i += 4) index(ext->bytes().data() + kIndexExt + i);
    std::memset(model->vm().data() + kScratchVm, 0, 64);
    std::memset(ext->bytes().data() + kScratchExt, 0, 64);
  }

  CommandBytes Next() {
    switch (Below(12)) {
      case 0:
        return isa::Encode(Indices());
      case 1:
        return isa::Encode(Gather());
      case 2:
        return isa::Encode(FillWords());
      case 3:
        return isa::Encode(Transpose());
      case 4:
      case 5:
        return isa::Encode(Load());
      case 6:
      case 7:
        return isa::Encode(Store());
      case 8:
      case 9:
        return isa::Encode(Gemm());
      default:
        return isa::Encode(Gta());
    }
  }

  isa::LdCopy Load() {
    for (;;) {
      isa::LdCopy c;
      c.len = 16 * (1 + Below(6));
      c.n1 = 1 + Below(3), c.n2 = 1 + Below(2), c.n3 = 1 + Below(2);
      for (uint32_t* s : {&c.s1, &c.s2, &c.s3, &c.t1, &c.t2, &c.t3}) *s = 16 * Below(8);
      c.src_space = OneIn(2) ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
      c.dst_space = static_cast<isa::LdDst>(Below(c.src_space == isa::ExtSpace::kL2 ? 6 : 7));
      const uint64_t from = Extent(c.len, c.n1, c.s1, c.n2, c.s2, c.n3, c.s3),
                     to = Extent(c.len, c.n1, c.t1, c.n2, c.t2, c.n3, c.t3);
      if (!Source(&c.src, c.src_space, from) || !Target(&c.dst, c.dst_space, to)) continue;
      return c;
    }
  }
  isa::LdFill FillWords() {
    const isa::LdCopy c = Load();
    isa::LdFill f;
    f.pattern = (static_cast<uint32_t>(random_()) & 0x8FFF8FFFu) | 0x30003000u;
    f.dst_space = c.dst_space, f.dst = c.dst, f.len = c.len, f.n1 = c.n1, f.n2 = c.n2, f.n3 = c.n3,
    f.t1 = c.t1, f.t2 = c.t2, f.t3 = c.t3;
    return f;
  }
  // New indices for the gathers.
  isa::LdCopy Indices() {
    isa::LdCopy c;
    c.src = kIndexExt + 16 * Below(12);
    c.dst_space = isa::LdDst::kVm;
    c.dst = kIndexVm + 16 * Below(2);
    c.len = 32;
    return c;
  }
  isa::LdGather Gather() {
    for (;;) {
      const isa::LdCopy c = Load();
      isa::LdGather g;
      g.src = c.src, g.src_space = c.src_space, g.dst_space = c.dst_space, g.dst = c.dst,
      g.len = c.len;
      g.n1 = c.n1, g.n2 = c.n2, g.n3 = c.n3, g.s1 = c.s1, g.s2 = c.s2, g.s3 = c.s3, g.t1 = c.t1,
      g.t2 = c.t2, g.t3 = c.t3;
      g.idx = kIndexVm + 4 * Below(16 - g.n1);
      const uint64_t reach = Extent(c.len, 8, c.s1, c.n2, c.s2, c.n3, c.s3);
      const uint64_t end = c.src_space == isa::ExtSpace::kL2 ? kL2Bytes : kExtEnd;
      if (c.src + reach <= end) return g;
    }
  }
  isa::LdTranspose Transpose() {
    for (;;) {
      isa::LdTranspose c;
      c.n1 = 32 * (1 + Below(2));
      c.s1 = 32 + 16 * Below(2);
      c.t1 = 32 * 32;
      c.src_space = OneIn(2) ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
      if (!Source(&c.src, c.src_space, Extent(c.len, c.n1, c.s1, 1, 0, 1, 0))) continue;
      const uint64_t bytes = uint64_t{c.n1} * 32, room = uint64_t{kWbSets} * config_.cols * 32;
      if (bytes > room) continue;
      c.dst = 32 * Below((room - bytes) / 32 + 1);
      return c;
    }
  }
  isa::StCopy Store() {
    for (;;) {
      isa::StCopy c;
      c.len = 2 * (1 + Below(60));
      c.n1 = 1 + Below(3), c.n2 = 1 + Below(2), c.n3 = 1 + Below(2);
      for (uint32_t* s : {&c.s1, &c.s2, &c.s3, &c.t1, &c.t2, &c.t3}) *s = 2 * Below(80);
      c.src_space = OneIn(3) ? isa::StSrc::kL2 : isa::StSrc::kVm;
      c.dst_space =
          c.src_space == isa::StSrc::kL2 || OneIn(2) ? isa::ExtSpace::kExt : isa::ExtSpace::kL2;
      const uint64_t from = Extent(c.len, c.n1, c.s1, c.n2, c.s2, c.n3, c.s3),
                     to = Extent(c.len, c.n1, c.t1, c.n2, c.t2, c.n3, c.t3);
      const uint64_t from_room = c.src_space == isa::StSrc::kVm ? kVmEnd - kVmBegin : kL2Bytes,
                     to_room = c.dst_space == isa::ExtSpace::kExt ? kExtEnd - kExtBegin : kL2Bytes;
      if (from > from_room || to > to_room) continue;
      c.src =
          (c.src_space == isa::StSrc::kVm ? kVmBegin : 0) + 2 * Below((from_room - from) / 2 + 1);
      c.dst =
          (c.dst_space == isa::ExtSpace::kExt ? kExtBegin : 0) + 2 * Below((to_room - to) / 2 + 1);
      return c;
    }
  }
  isa::MxeGemm Gemm() {
    for (;;) {
      isa::MxeGemm c;
      c.rows = 1 + Below(2 * config_.rows + 1);
      c.ncg = 1 + Below(4), c.kb = 1 + Below(4);
      c.ab_gs = c.kb + Below(3);
      if (OneIn(2)) {
        c.wb_ks = 1, c.wb_ns = c.kb + Below(2);
      } else {
        c.wb_ns = 1, c.wb_ks = c.ncg + Below(2);
      }
      c.acc_gs = c.ncg + Below(3);
      c.accumulate = Below(2);
      c.order = OneIn(2) ? isa::LoopOrder::kNOuter : isa::LoopOrder::kKOuter;
      const uint32_t groups = (c.rows + config_.rows - 1) / config_.rows;
      const uint32_t ab = (groups - 1) * c.ab_gs + c.kb,
                     wb = (c.ncg - 1) * c.wb_ns + (c.kb - 1) * c.wb_ks + 1,
                     acc = (groups - 1) * c.acc_gs + c.ncg;
      if (ab > kAbWords || wb > kWbSets || acc > kAccWords) continue;
      c.ab = Below(kAbWords - ab + 1), c.wb = Below(kWbSets - wb + 1),
      c.acc = Below(kAccWords - acc + 1);
      c.w_format = static_cast<isa::WeightFormat>(Below(4));
      return c;
    }
  }
  isa::GtaOp Gta() {
    for (;;) {
      isa::GtaOp c;
      if (TryGta(&c)) return c;
    }
  }

 private:
  static uint64_t Extent(uint64_t len, uint64_t n1, uint64_t s1, uint64_t n2, uint64_t s2,
                         uint64_t n3, uint64_t s3) {
    return len + (n1 - 1) * s1 + (n2 - 1) * s2 + (n3 - 1) * s3;
  }
  bool Source(uint64_t* at, isa::ExtSpace space, uint64_t extent) {
    uint64_t begin = 0, end = kL2Bytes;
    if (space == isa::ExtSpace::kExt) {
      begin = kExtBegin, end = kExtEnd;
      if (OneIn(4)) begin = kConstantExt, end = kConstantExt + 2048;
    }
    if (extent > end - begin) return false;
    *at = begin + 16 * Below((end - begin - extent) / 16 + 1);
    return true;
  }
  bool Target(uint32_t* at, isa::LdDst space, uint64_t extent) {
    uint32_t begin = 0, end = kL2Bytes;
    switch (space) {
      case isa::LdDst::kAb:
        end = kAbWords * config_.rows * 32;
        break;
      case isa::LdDst::kAbScale:
        end = kAbWords * config_.rows * 2;
        break;
      case isa::LdDst::kWb:
        end = kWbSets * config_.cols * 32;
        break;
      case isa::LdDst::kWbScale:
        end = kWbSets * config_.cols * 2;
        break;
      case isa::LdDst::kVm:
        begin = kVmBegin, end = kVmEnd;
        break;
      case isa::LdDst::kLut:
        begin = 5 * 16, end = isa::kTableBytes;
        break;  // coefficients only
      case isa::LdDst::kL2:
        break;
    }
    if (extent > end - begin) return false;
    *at = begin + 16 * Below((end - begin - extent) / 16 + 1);
    return true;
  }
  bool Vm(uint64_t extent, uint32_t align, uint32_t* at) {
    if (extent > kVmEnd - kVmBegin) return false;
    const uint32_t first = (kVmBegin + align - 1) / align * align;
    if (first + extent > kVmEnd) return false;
    *at = first + align * Below((kVmEnd - first - extent) / align + 1);
    return true;
  }
  bool Operand(const isa::GtaOp& c, isa::OperandMode* mode, isa::OperandFormat* format,
               uint32_t* base, uint32_t* stride) {
    const uint32_t blocks = (c.cols + 31) / 32;
    if (OneIn(2)) return true;
    *mode = static_cast<isa::OperandMode>(1 + Below(5));
    *format = OneIn(2) ? isa::OperandFormat::kF32 : isa::OperandFormat::kF16;
    const uint32_t size = *format == isa::OperandFormat::kF32 ? 4 : 2;
    switch (*mode) {
      case isa::OperandMode::kImm:
        *base = 0, *stride = 0x3F8;
        return true;  // 1.0
      case isa::OperandMode::kMat:
        *stride = 32 * size * (blocks + Below(2));
        return Vm((c.rows - 1) * *stride + 32 * size * blocks, 32 * size, base);
      case isa::OperandMode::kCol:
        return Vm(32 * size * blocks, 32 * size, base);
      case isa::OperandMode::kRow:
        *stride = size * Below(3);
        return Vm((c.rows - 1) * *stride + size, size, base);
      default:
        *stride = size * (blocks + Below(2));
        return Vm((c.rows - 1) * *stride + size * blocks, size, base);
    }
  }
  bool TryGta(isa::GtaOp* c) {
    c->rows = 1 + Below(2 * config_.rows + 1);
    c->cols = 1 + Below(OneIn(2) ? 32 : 80);
    const uint32_t blocks = (c->cols + 31) / 32,
                   groups = (c->rows + config_.rows - 1) / config_.rows;
    c->causal = OneIn(4), c->diag = static_cast<int32_t>(Below(40));
    c->bmax = OneIn(4);
    if (OneIn(2)) {
      c->x_space = isa::XSpace::kAcc;
      const uint32_t words = blocks * 32 / config_.cols;
      c->x_stride = words + 2 * Below(2);
      const uint32_t extent = (groups - 1) * c->x_stride + words;
      if (extent > kAccWords) return false;
      c->x = 2 * Below((kAccWords - extent) / 2 + 1);
    } else {
      static constexpr uint32_t kBytes[] = {128, 64, 64, 128, 32};
      c->x_format = static_cast<isa::XFormat>(Below(5));
      c->x_swap = OneIn(4);
      const uint32_t block = kBytes[static_cast<size_t>(c->x_format)];
      c->x_stride = block * (blocks + Below(2));
      if (!Vm((c->rows - 1) * c->x_stride + blocks * block, block, &c->x)) return false;
    }
    if (!Operand(*c, &c->a_mode, &c->a_format, &c->a, &c->a_stride) ||
        !Operand(*c, &c->b_mode, &c->b_format, &c->b, &c->b_stride) ||
        !Operand(*c, &c->m_mode, &c->m_format, &c->m, &c->m_stride) ||
        !Operand(*c, &c->c_mode, &c->c_format, &c->c, &c->c_stride)) {
      return false;
    }
    c->fn = OneIn(3);
    c->table = Below(config_.tables);
    c->out_space = static_cast<isa::OutSpace>(Below(3));
    if (c->out_space == isa::OutSpace::kVm) {
      static constexpr uint32_t kBytes[] = {128, 64, 64, 128, 32, 32, 32};
      c->out_format = static_cast<isa::OutFormat>(Below(7));
      const uint32_t block = kBytes[static_cast<size_t>(c->out_format)];
      c->out_stride = block * (blocks + Below(2));
      if (!Vm((c->rows - 1) * c->out_stride + blocks * block, block, &c->out)) return false;
      if (c->out_format >= isa::OutFormat::kQ80 &&
          !Vm((c->rows - 1) * (c->out_stride / 16) + 2 * blocks, 2, &c->out_scale))
        return false;
    } else if (c->out_space == isa::OutSpace::kAb) {
      c->out_format = static_cast<isa::OutFormat>(4 + Below(3));
      c->out_stride = blocks + Below(2);
      const uint32_t extent = (groups - 1) * c->out_stride + blocks;
      if (extent > kAbWords) return false;
      c->out = Below(kAbWords - extent + 1);
    }
    c->red_op = static_cast<isa::ReduceOp>(Below(5));
    if (c->red_op != isa::ReduceOp::kNone) {
      c->red_blk = OneIn(2);
      c->red_stride = 4 * ((c->red_blk != 0 ? blocks : 1) + Below(2));
      if (!Vm((c->rows - 1) * c->red_stride + 4 * (c->red_blk != 0 ? blocks : 1), 4, &c->red))
        return false;
    }
    return true;
  }

  isa::Config config_;
  std::mt19937_64 random_;
};

}  // namespace wren::compiler::test
