#include "wren/compiler/norm.h"

#include <fmt/format.h>

#include <algorithm>

#include "place.h"
#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::compiler {
namespace {

constexpr int kMostRows = 32;         // of a tile: their numbers are one block
constexpr uint32_t kStatBytes = 128;  // of one number per row

uint32_t U(int value) { return static_cast<uint32_t>(value); }
uint64_t U64(int value) { return static_cast<uint64_t>(value); }

// What is known of a row: sum, minus the mean, sum of squares, r, minus the mean times r.
enum Stat { kSum, kMinusMean, kSquares, kRsqrt, kShift, kStats };

class NormBuilder {
 public:
  NormBuilder(const NormProblem& p, const isa::Config& cfg) : p_(p), emit_(cfg, 0, 0) {
    if (p.cols % 32 != 0 || p.cols <= 0 || p.rows <= 0)
      throw Error(
          fmt::format("{} rows of {}: there must be some, of a multiple of 32", p.rows, p.cols));
    q8_ = p.result == ResultFormat::kQ80;
    row_ = U(p.cols) * 4;
    out_row_ = q8_ ? U(p.cols) : row_;
    // What a sweep reads and writes together begins in different banks of VM.
    gamma_ = InBank(0, 0);
    beta_ = InBank(gamma_ + row_, 1);
    in_ = InBank(p.layer ? beta_ + row_ : gamma_ + row_, 2);
    inputs_ = p.sweeps() + 1;
    // Input tiles that are in sweeps or arrive, results that leave, and numbers of the rows.
    const auto lay_out = [&] {
      const uint32_t rows = U(tile_);
      stats_ = Padded(in_ + U(inputs_) * rows * row_);
      out_ = InBank(stats_ + U(inputs_) * kStats * kStatBytes, 3);
      scales_ = Padded(out_ + 2 * rows * out_row_);
      return scales_ + (q8_ ? 2 * ScaleBytes(rows) : 0);
    };
    tile_ = std::min(kMostRows, p.rows);
    while (tile_ > 0 && lay_out() > cfg.vm) --tile_;
    if (tile_ == 0)
      throw Error(fmt::format("rows of {} do not fit {} bytes of VM", p.cols, cfg.vm));
  }

  Program Build() {
    Vector(p_.gamma, gamma_, "gamma");
    if (p_.layer) Vector(p_.beta, beta_, "beta");
    const int tiles = (p_.rows + tile_ - 1) / tile_, sweeps = p_.sweeps();
    for (int i = 0; i < tiles + sweeps - 1; ++i) {
      // Sweep s of tile i - s; then what the next sweeps need of each row.
      if (i < tiles) Load(i);
      const int squares = i - (sweeps - 2), last = i - (sweeps - 1);
      if (p_.layer && i < tiles) Sum(i);
      if (squares >= 0 && squares < tiles) Squares(squares);
      if (last >= 0 && last < tiles) Scale(last);
      if (p_.layer && i < tiles) MinusMean(i);
      if (squares >= 0 && squares < tiles) Rsqrt(squares);
    }
    return emit_.Finish();
  }

 private:
  static uint32_t Padded(uint32_t bytes) { return (bytes + 127) / 128 * 128; }
  // The first address from `at` on in this bank: words of 128 bytes take turns.
  static uint32_t InBank(uint32_t at, uint32_t bank) {
    return (at + 511 - bank * 128) / 512 * 512 + bank * 128;
  }
  uint32_t ScaleBytes(uint32_t rows) const { return Padded(rows * U(p_.cols) / 16); }
  int Rows(int tile) const { return std::min(tile_, p_.rows - tile * tile_); }
  uint32_t In(int tile) const { return in_ + U(tile % inputs_) * U(tile_) * row_; }
  uint32_t At(int tile, Stat stat) const {
    return stats_ + (U(tile % inputs_) * kStats + static_cast<uint32_t>(stat)) * kStatBytes;
  }

  void Vector(uint64_t from, uint32_t to, const char* name) {
    isa::LdCopy ld;
    ld.src_space = p_.space;
    ld.src = from;
    ld.dst_space = isa::LdDst::kVm;
    ld.dst = to;
    ld.len = row_;
    emit_.Emit(ld, {name});
  }
  void Load(int tile) {
    isa::LdCopy ld;
    ld.src_space = p_.space;
    ld.src = p_.x + U64(tile * tile_) * row_;
    ld.dst_space = isa::LdDst::kVm;
    ld.dst = In(tile);
    ld.len = U(Rows(tile)) * row_;
    emit_.Emit(ld, {"x", tile * tile_});
  }
  isa::GtaOp Rows32(int tile) const {  // over the elements
    isa::GtaOp op;
    op.rows = U(Rows(tile));
    op.cols = U(p_.cols);
    op.x = In(tile);
    op.x_stride = row_;
    return op;
  }
  isa::GtaOp Numbers(int tile, Stat from, Stat to) const {  // over one number per row
    isa::GtaOp op;
    op.rows = 1;
    op.cols = U(Rows(tile));
    op.x = At(tile, from);
    op.x_stride = kStatBytes;
    op.out_space = isa::OutSpace::kVm;
    op.out = At(tile, to);
    op.out_stride = kStatBytes;
    return op;
  }
  void Sum(int tile) {
    isa::GtaOp op = Rows32(tile);
    op.red_op = isa::ReduceOp::kSum;
    op.red = At(tile, kSum);
    op.red_stride = 4;
    emit_.Emit(op, {"sum", tile * tile_});
  }
  void MinusMean(int tile) {
    isa::GtaOp op = Numbers(tile, kSum, kMinusMean);
    op.SetAImm(-1.0f / static_cast<float>(p_.cols));
    emit_.Emit(op, {"minus_mean", tile * tile_});
  }
  void Squares(int tile) {
    isa::GtaOp op = Rows32(tile);
    if (p_.layer) {
      op.b_mode = isa::OperandMode::kRow;
      op.b = At(tile, kMinusMean);
      op.b_stride = 4;
    }
    op.m_mode = isa::OperandMode::kSelf;
    op.red_op = isa::ReduceOp::kSum;
    op.red = At(tile, kSquares);
    op.red_stride = 4;
    emit_.Emit(op, {"squares", tile * tile_});
  }
  void Rsqrt(int tile) {
    isa::GtaOp op = Numbers(tile, kSquares, kRsqrt);
    op.SetAImm(1.0f / static_cast<float>(p_.cols));
    op.SetBImm(p_.eps);
    op.fn = 1;
    op.table = p_.table;
    emit_.Emit(op, {"rsqrt", tile * tile_});
    if (!p_.layer) return;
    isa::GtaOp shift = Numbers(tile, kMinusMean, kShift);
    shift.a_mode = isa::OperandMode::kMat;
    shift.a = At(tile, kRsqrt);
    shift.a_stride = kStatBytes;
    emit_.Emit(shift, {"shift", tile * tile_});
  }
  void Scale(int tile) {
    const uint32_t out = out_ + U(tile % 2) * U(tile_) * out_row_,
                   scales = scales_ + U(tile % 2) * ScaleBytes(U(tile_));
    isa::GtaOp op = Rows32(tile);
    op.a_mode = isa::OperandMode::kRow;
    op.a = At(tile, kRsqrt);
    op.a_stride = 4;
    if (p_.layer) {
      op.b_mode = isa::OperandMode::kRow;
      op.b = At(tile, kShift);
      op.b_stride = 4;
      op.c_mode = isa::OperandMode::kCol;
      op.c = beta_;
    }
    op.m_mode = isa::OperandMode::kCol;
    op.m = gamma_;
    op.out_space = isa::OutSpace::kVm;
    op.out_format = q8_ ? isa::OutFormat::kQ80 : isa::OutFormat::kF32;
    op.out = out;
    op.out_stride = out_row_;
    if (q8_) op.out_scale = scales;
    emit_.Emit(op, {"norm", tile * tile_});
    const auto store = [&](uint32_t from, uint64_t to, uint32_t pitch, const char* name) {
      isa::StCopy st;
      st.dst_space = p_.space;
      st.dst = to + U64(tile * tile_) * pitch;
      st.src = from;
      st.len = U(Rows(tile)) * pitch;
      emit_.Emit(st, {name, tile * tile_});
    };
    store(out, p_.c, out_row_, "norm");
    if (q8_) store(scales, p_.c_scale, out_row_ / 16, "norm.scale");
  }

  NormProblem p_;
  Emitter emit_;
  bool q8_ = false;
  int tile_ = 0, inputs_ = 0;
  uint32_t row_ = 0, out_row_ = 0;  // bytes
  uint32_t gamma_ = 0, beta_ = 0, in_ = 0, stats_ = 0, out_ = 0, scales_ = 0;
};

}  // namespace

uint64_t PlaceNorm(NormProblem* p, uint64_t base) {
  Placer placer(base);
  const auto take = [&](uint64_t bytes) { return placer.Take(p->space, bytes); };
  const uint64_t count = U64(p->rows) * U64(p->cols);
  const bool q8 = p->result == ResultFormat::kQ80;
  p->x = take(count * 4);
  p->gamma = take(U64(p->cols) * 4);
  p->beta = take(U64(p->cols) * 4);
  p->c = take(count * (q8 ? 1 : 4));
  p->c_scale = take(q8 ? count / 16 : 0);
  return placer.next();
}

Program BuildNorm(const NormProblem& problem, const isa::Config& config) {
  return NormBuilder(problem, config).Build();
}

}  // namespace wren::compiler
