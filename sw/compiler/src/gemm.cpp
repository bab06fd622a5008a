#include "wren/compiler/gemm.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::compiler {
namespace {

constexpr int kBlock = 32;
constexpr int kFirstSlice = 4;  // k blocks of the first tile's slices
constexpr int kLastSplit = 4;   // parts of the last tile
constexpr int kLeastPart =
    4;  // row groups of a part: the array loads a set of weights while it works on four

uint32_t U(int value) { return static_cast<uint32_t>(value); }

// Scales move in units of 16 bytes: this many blocks' rows or columns.
int ScaleUnit(int lanes) { return std::max(1, 16 / (lanes * 2)); }

// The data of one operand from L2: `outer` groups of `blocks` k blocks, from a matrix whose groups
// are `stride` blocks apart.
void LoadData(Emitter* emit, isa::LdDst to, uint32_t from, uint32_t first_block, uint32_t to_block,
              int outer, int blocks, int stride, int lanes, const Label& label) {
  isa::LdCopy ld;
  ld.src_space = isa::ExtSpace::kL2;
  ld.dst_space = to;
  ld.src = from + first_block * U(lanes) * kBlock;
  ld.dst = to_block * U(lanes) * kBlock;
  ld.len = U(blocks * lanes) * kBlock;
  ld.n1 = U(outer);
  ld.s1 = ld.t1 = U(stride * lanes) * kBlock;
  emit->Emit(ld, label);
}

// Its scales, likewise.
void LoadScales(Emitter* emit, isa::LdDst to, uint32_t from, uint32_t first_block,
                uint32_t to_block, int outer, int blocks, int stride, int lanes,
                const Label& label) {
  isa::LdCopy ld;
  ld.src_space = isa::ExtSpace::kL2;
  ld.dst_space = to;
  ld.src = from + first_block * U(lanes) * 2;
  ld.dst = to_block * U(lanes) * 2;
  ld.len = U(blocks * lanes) * 2;
  ld.n1 = U(outer);
  ld.s1 = ld.t1 = U(stride * lanes) * 2;
  emit->Emit(ld, {label.tensor + ".scale", label.row, label.col});
}

}  // namespace

uint64_t PlaceGemm(GemmProblem* p) {
  uint64_t next = 0;
  const auto take = [&](uint64_t bytes) {
    const uint64_t at = next;
    next += (bytes + 63) / 64 * 64;
    return static_cast<uint32_t>(at);
  };
  const auto m = static_cast<uint64_t>(p->m), n = static_cast<uint64_t>(p->n),
             k = static_cast<uint64_t>(p->k);
  p->a = take(m * k);
  p->a_scale = take(m * k / 16);
  p->w = take(n * k);
  p->w_scale = take(n * k / 16);
  p->c = take(m * n * 4);
  return next;
}

Program BuildGemm(const GemmProblem& p, const isa::Config& cfg) {
  const auto rows = static_cast<int>(cfg.rows), cols = static_cast<int>(cfg.cols);
  if (p.m % rows != 0 || p.n % kBlock != 0 || p.k % kBlock != 0 || p.m <= 0 || p.n <= 0 ||
      p.k <= 0) {
    throw Error(fmt::format(
        "a product of {} x {} x {} is not a multiple of {} rows, 32 columns and 32 of k", p.m, p.n,
        p.k, rows));
  }
  GemmProblem placed = p;
  if (const uint64_t need = PlaceGemm(&placed); need > cfg.l2)
    throw Error(fmt::format("the product needs {} bytes of L2 and there are {}", need, cfg.l2));
  const int blocks = p.k / kBlock, unit = kBlock / cols;
  const auto acc_half = static_cast<int>(cfg.AccWords()) / 2,
             wb_half = static_cast<int>(cfg.WbSets()) / 2,
             ab_words = static_cast<int>(cfg.AbWords());

  // Column tile: all of k in half of WB. Row tile: what half of ACC holds.
  const int tile_groups = std::min({wb_half / blocks / unit * unit, p.n / cols, acc_half / 2});
  if (tile_groups < unit)
    throw Error(
        fmt::format("32 columns with k = {} do not fit half of WB ({} bytes)", p.k, cfg.wb));
  const bool resident = p.m / rows * blocks <= ab_words;
  int row_groups = std::min({acc_half / tile_groups, p.m / rows,
                             static_cast<int>(cfg.vm) / 2 / (tile_groups * cols * 4) / rows});
  const int a_unit = ScaleUnit(rows), w_unit = ScaleUnit(cols);
  if (!resident) row_groups = std::min(row_groups, (ab_words / 2 - (a_unit - 1)) / blocks);
  if (row_groups < 1) throw Error("one row group does not fit AB, ACC or VM");

  Emitter emit(cfg, 0, 0);
  const int total_rows = p.m / rows, total_groups = p.n / cols;
  const auto buffer =
      static_cast<uint32_t>(row_groups * rows * tile_groups * cols * 4);  // VM of one drained tile
  int acc_turn = 0, ab_turn = 0, wb_turn = 0;
  for (int n0 = 0; n0 < total_groups; n0 += tile_groups) {
    const int groups = std::min(tile_groups, total_groups - n0);
    const uint32_t wb = U(wb_turn * wb_half);
    wb_turn ^= 1;
    const bool first_column = n0 == 0, last_column = n0 + groups == total_groups;
    // Scales come with each slice of k where 16-byte units allow it, else all at once with the
    // first (they lie one after the other, and what the unit adds at both ends is the neighbours'
    // own).
    const auto load_w = [&](int k0, int count) {
      const Label label{"w", n0 * cols, k0 * kBlock};
      LoadData(&emit, isa::LdDst::kWb, p.w, U(n0 * blocks + k0), wb + U(k0), groups, count, blocks,
               cols, label);
      if (blocks % w_unit == 0) {
        LoadScales(&emit, isa::LdDst::kWbScale, p.w_scale, U(n0 * blocks + k0), wb + U(k0), groups,
                   count, blocks, cols, label);
      } else if (k0 == 0) {
        LoadScales(&emit, isa::LdDst::kWbScale, p.w_scale, U(n0 * blocks), wb, 1, groups * blocks,
                   0, cols, label);
      }
    };
    const auto load_a = [&](int g0, int tall, uint32_t ab, int k0, int count) {
      const Label label{"a", g0 * rows, k0 * kBlock};
      LoadData(&emit, isa::LdDst::kAb, p.a, U(g0 * blocks + k0), ab + U(k0), tall, count, blocks,
               rows, label);
      if (blocks % a_unit == 0) {
        LoadScales(&emit, isa::LdDst::kAbScale, p.a_scale, U(g0 * blocks + k0), ab + U(k0), tall,
                   count, blocks, rows, label);
      } else if (k0 == 0) {
        const int before = g0 * blocks % a_unit,
                  words = (before + tall * blocks + a_unit - 1) / a_unit * a_unit;
        LoadScales(&emit, isa::LdDst::kAbScale, p.a_scale, U(g0 * blocks - before), ab - U(before),
                   1, words, 0, rows, label);
      }
    };
    for (int g0 = 0; g0 < total_rows; g0 += row_groups) {
      const int tall = std::min(row_groups, total_rows - g0);
      const uint32_t ab =
          resident ? U(g0 * blocks) : U(ab_turn * (ab_words / 2) + g0 * blocks % a_unit);
      ab_turn ^= 1;
      const bool loads_a = first_column || !resident;
      const bool first = first_column && g0 == 0;
      const uint32_t acc = U(acc_turn * acc_half), vm = acc_turn == 0 ? 0 : buffer;
      acc_turn ^= 1;
      const bool last = last_column && g0 + tall == total_rows;
      const int slice = first ? std::min(kFirstSlice, blocks) : blocks;
      const int part =
          last ? std::max((tall + kLastSplit - 1) / kLastSplit, std::min(kLeastPart, tall)) : tall;
      const auto multiply = [&](int p0, int height, int k0, int count) {
        isa::MxeGemm gemm;
        gemm.ab = ab + U(p0 * blocks + k0);
        gemm.ab_gs = U(blocks);
        gemm.wb = wb + U(k0);
        gemm.wb_ns = U(blocks);
        gemm.wb_ks = 1;
        gemm.acc = acc + U(p0 * groups);
        gemm.acc_gs = U(groups);
        gemm.rows = U(height * rows);
        gemm.ncg = U(groups);
        gemm.kb = U(count);
        gemm.accumulate = k0 > 0 ? 1 : 0;
        gemm.order = height < 8 ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
        emit.Emit(gemm, {"c.product", (g0 + p0) * rows, n0 * cols});
      };
      const auto drain = [&](int p0, int height) {
        const uint32_t stride = U(groups * cols) * 4, at = vm + U(p0 * rows) * stride;
        isa::GtaOp op;
        op.rows = U(height * rows);
        op.cols = U(groups * cols);
        op.x_space = isa::XSpace::kAcc;
        op.x = acc + U(p0 * groups);
        op.x_stride = U(groups);
        op.out_space = isa::OutSpace::kVm;
        op.out = at;
        op.out_stride = stride;
        emit.Emit(op, {"c", (g0 + p0) * rows, n0 * cols});
        isa::StCopy st;
        st.dst_space = isa::ExtSpace::kL2;
        st.dst = p.c + (U((g0 + p0) * rows) * U(p.n) + U(n0 * cols)) * 4;
        st.src = at;
        st.len = stride;
        st.n1 = U(height * rows);
        st.s1 = stride;
        st.t1 = U(p.n) * 4;
        emit.Emit(st, {"c", (g0 + p0) * rows, n0 * cols});
      };
      for (int k0 = 0; k0 < blocks; k0 += slice) {
        const int count = std::min(slice, blocks - k0);
        if (g0 == 0) load_w(k0, count);
        if (loads_a) load_a(g0, tall, ab, k0, count);
        if (k0 + count < blocks) {
          multiply(0, tall, k0, count);
          continue;
        }
        for (int p0 = 0; p0 < tall; p0 += part) {
          const int height = std::min(part, tall - p0);
          multiply(p0, height, k0, count);
          drain(p0, height);
        }
      }
    }
  }
  return emit.Finish();
}

}  // namespace wren::compiler
