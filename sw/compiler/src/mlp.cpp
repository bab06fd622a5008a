#include "wren/compiler/mlp.h"

#include <fmt/format.h>

#include "place.h"
#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::compiler {
namespace {

constexpr int kBlock = 32;

uint32_t U(int value) { return static_cast<uint32_t>(value); }

}  // namespace

uint64_t PlaceMlp(MlpProblem* p, const isa::Config& cfg, uint64_t base) {
  Placer placer(base);
  const auto take = [&](uint64_t bytes) { return placer.Take(p->space, bytes); };
  const uint64_t results = static_cast<uint64_t>(p->m) * static_cast<uint64_t>(p->d);
  const bool q8 = p->result == ResultFormat::kQ80;
  p->x = take(InputBytes(p->m, p->d, cfg));
  p->x_scale = take(InputScaleBytes(p->m, p->d, cfg));
  p->up = take(p->UpPlan(cfg).bytes);
  p->down = take(p->DownPlan(cfg).bytes);
  p->up_bias = take(static_cast<uint64_t>(p->hidden) * 4);
  p->down_bias = take(static_cast<uint64_t>(p->d) * 4);
  p->c = take(results * (q8 ? 1 : 4));
  p->c_scale = take(q8 ? results / 16 : 0);
  return placer.next();
}

Program BuildMlp(const MlpProblem& p, const isa::Config& cfg) {
  const WeightPlan up = p.UpPlan(cfg), down = p.DownPlan(cfg);
  const auto rows = static_cast<int>(cfg.rows);
  Emitter emit(cfg, 0, 0);
  Products products(cfg, &emit);
  // The next address in AB whose scales are a whole unit of 16 bytes.
  const int hidden_at = (products.AbWords(up) + 7) / 8 * 8;
  if (up.panel * rows < p.m || down.panel * rows < p.m ||
      hidden_at + products.AbWords(down) > static_cast<int>(cfg.AbWords())) {
    throw Error(fmt::format(
        "an MLP of {} rows, {} wide and {} inside, does not fit AB ({} bytes) and ACC at once; use "
        "fewer rows",
        p.m, p.d, p.hidden, cfg.ab));
  }
  const uint32_t up_bias = 0, down_bias = up_bias + U(p.hidden) * 4,
                 vm = p.bias ? (down_bias + U(p.d) * 4 + 127) / 128 * 128 : 0;
  if (vm >= cfg.vm) throw Error(fmt::format("the biases do not fit {} bytes of VM", cfg.vm));
  const auto load_bias = [&](uint64_t from, uint32_t to, int n, const char* name) {
    isa::LdCopy ld;
    ld.src_space = p.space;
    ld.src = from;
    ld.dst_space = isa::LdDst::kVm;
    ld.dst = to;
    ld.len = U(n) * 4;
    emit.Emit(ld, {name});
  };
  bool biased = !p.bias;  // loaded
  const int hidden_blocks = p.hidden / kBlock;
  products.Emit(up, p.space, p.up, {0, true, p.space, p.x, p.x_scale}, "up",
                [&](const ResultTile& tile) {
                  if (!biased) {  // behind the first operands
                    load_bias(p.up_bias, up_bias, p.hidden, "up.bias");
                    load_bias(p.down_bias, down_bias, p.d, "down.bias");
                    biased = true;
                  }
                  isa::GtaOp op;
                  op.rows = U(tile.rows);
                  op.cols = U(tile.cols);
                  op.x_space = isa::XSpace::kAcc;
                  op.x = tile.acc;
                  op.x_stride = tile.acc_stride;
                  if (p.bias) {
                    op.b_mode = isa::OperandMode::kCol;
                    op.b = up_bias + U(tile.col) * 4;
                  }
                  op.fn = 1;
                  op.table = p.table;
                  op.m_mode = isa::OperandMode::kSelf;
                  op.out_space = isa::OutSpace::kAb;
                  op.out_format = isa::OutFormat::kQ80;
                  op.out = U(hidden_at + tile.row / rows * hidden_blocks + tile.col / kBlock);
                  op.out_stride = U(hidden_blocks);
                  emit.Emit(op, {"hidden", tile.row, tile.col});
                });
  ResultStore store(cfg, &emit, down, {p.space, p.result, p.c, p.c_scale}, vm, cfg.vm - vm, "c");
  if (p.bias) {
    store.set_shape([&](const ResultTile& tile, isa::GtaOp* op) {
      op->b_mode = isa::OperandMode::kCol;
      op->b = down_bias + U(tile.col) * 4;
    });
  }
  products.Emit(down, p.space, p.down, {U(hidden_at), false, p.space, 0, 0}, "down",
                [&](const ResultTile& tile) { store(tile); });
  return emit.Finish();
}

}  // namespace wren::compiler
