#include "wren/compiler/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "place.h"
#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::compiler {
namespace {

constexpr int kBlock = 32;
constexpr int kBanks = 4;      // of ACC
constexpr int kMostUnits = 4;  // of 32 columns in a tile
constexpr int kLastSplit = 4;  // parts of the last tile
constexpr int kFewGroups = 4;  // fewer row groups than this leave the array waiting for weights
constexpr int kShortCommand = 512;  // cycles of the array
constexpr int kShortLoop = 8;       // row groups below which an ACC word would come again too soon

uint32_t U(int value) { return static_cast<uint32_t>(value); }
uint64_t U64(int value) { return static_cast<uint64_t>(value); }
int CeilDiv(int a, int b) { return (a + b - 1) / b; }
uint64_t Pad64(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

// AB scales move in units of 16 bytes: this many words.
int ScaleUnit(const isa::Config& cfg) { return std::max(1, 8 / static_cast<int>(cfg.rows)); }

// Words of a panel in AB; the next one begins at a whole unit of scales.
int PanelWords(int groups, int blocks, const isa::Config& cfg) {
  const int unit = ScaleUnit(cfg);
  return CeilDiv(groups * blocks, unit) * unit;
}

// Whether scales can come with each slice of k.
bool ScalesBySlice(const WeightPlan& plan, const isa::Config& cfg) {
  const int unit = ScaleUnit(cfg);
  bool whole = plan.k / kBlock % unit == 0;
  for (const WeightPlan::Slice& s : plan.stripes[0].slices) whole = whole && s.block % unit == 0;
  return whole;
}

}  // namespace

WeightPlan PlanWeights(int m, int n, int k, isa::WeightFormat format, const isa::Config& cfg) {
  if (n % kBlock != 0 || k % kBlock != 0 || m <= 0 || n <= 0 || k <= 0) {
    throw Error(fmt::format(
        "a product of {} x {} x {}: m must be positive, n and k multiples of 32", m, n, k));
  }
  const auto rows = static_cast<int>(cfg.rows), cols = static_cast<int>(cfg.cols);
  const int unit = kBlock / cols, blocks = k / kBlock, all = CeilDiv(m, rows);
  const int bank = static_cast<int>(cfg.AccWords()) / kBanks,
            ab_words = static_cast<int>(cfg.AbWords());
  WeightPlan plan;
  plan.m = m, plan.n = n, plan.k = k, plan.format = format;

  // Rows of a panel: a tile of 32 columns in a quarter of ACC, or half when W could not stream fast
  // enough for so few rows (34 / 32 bytes and rows / (ROWS * COLS * 32) cycles per weight).
  const int enough = CeilDiv(41 * cols, static_cast<int>(cfg.bus));
  int panel = std::max(1, bank / unit);
  if (panel < enough) panel *= 2;
  panel = std::min(panel, all);
  // All panels of about the same height; several need AB twice.
  const auto fits = [&](int groups) {
    return PanelWords(groups, blocks, cfg) * (groups < all ? 2 : 1) <= ab_words;
  };
  panel = CeilDiv(all, CeilDiv(all, panel));
  while (panel > 1 && !fits(panel)) panel = CeilDiv(panel, 2);
  if (panel < all && blocks % ScaleUnit(cfg) != 0)  // each panel begins at a whole unit of scales
    panel = CeilDiv(panel, ScaleUnit(cfg)) * ScaleUnit(cfg);
  if (!fits(panel)) {
    throw Error(
        fmt::format("{} rows with k = {} do not fit AB ({} bytes)", panel * rows, k, cfg.ab));
  }
  plan.panel = panel;
  const bool few = panel < kFewGroups;

  // Tiles; chunks of W of a quarter of WB, or half where that makes short commands: in a small
  // machine, or when few rows use each weight (then memory is what everything waits for, and fewer
  // commands leave more of it).
  const int quarter = static_cast<int>(cfg.WbSets(format)) / 4;
  const int sets = panel * quarter < kShortCommand ? 2 * quarter : quarter;
  plan.tile = unit * std::clamp(bank / (panel * unit), 1, kMostUnits);
  plan.tile = std::max(unit, std::min({plan.tile, n / cols, sets / unit * unit}));
  if (sets < plan.tile)
    throw Error(fmt::format("32 columns do not fit the weight buffer of {} bytes", cfg.wb));
  plan.banks = CeilDiv(panel * plan.tile, bank);
  const int groups = n / cols;
  // A result of F32 that takes more than half of the time of the array must not begin late.
  const bool deep = U64(k) * cfg.bus >= uint64_t{256} * cfg.rows * cfg.cols;
  const int least = blocks % ScaleUnit(cfg) == 0 ? ScaleUnit(cfg) : 1;  // blocks of a thin slice
  const int wide =
      few || !deep ? 1 : std::max(1, std::min(kBanks / plan.banks, sets / (plan.tile * least)));
  for (int g = 0; g < groups;) {
    WeightPlan::Stripe stripe;
    stripe.group = g;
    stripe.groups = std::min(groups - g, g == 0 ? wide * plan.tile : plan.tile);
    const int most = std::min(blocks, std::max(1, sets / stripe.groups));
    const bool thin = g == 0 && !few;
    const int even = CeilDiv(blocks, CeilDiv(blocks, most));
    for (int b = 0; b < blocks;) {
      // Thin: 1, .. 2, .. 4, ..: a slice arrives while the one before is multiplied, which takes
      // little longer, so they must not grow fast.
      const int slow = std::max(least, b < 8 ? 1 : b < 16 ? 2 : 4);
      const int count = std::min(thin ? std::min(most, slow) : even, blocks - b);
      stripe.slices.push_back({b, count, plan.bytes});
      plan.bytes += U64(stripe.groups) * U64(count) * U64(cols) * U64(plan.block_bytes() + 2);
      b += count;
    }
    g += stripe.groups;
    plan.stripes.push_back(std::move(stripe));
  }
  return plan;
}

std::vector<uint8_t> PackWeights(const WeightPlan& plan, const std::vector<uint8_t>& q,
                                 const std::vector<uint16_t>& d, const isa::Config& cfg) {
  const auto cols = static_cast<size_t>(cfg.cols), size = static_cast<size_t>(plan.block_bytes()),
             blocks = static_cast<size_t>(plan.k / kBlock);
  std::vector<uint8_t> out(plan.bytes);
  for (const WeightPlan::Stripe& stripe : plan.stripes) {
    for (const WeightPlan::Slice& slice : stripe.slices) {
      const size_t count = static_cast<size_t>(stripe.groups * slice.blocks) * cols;
      uint8_t* data = &out[slice.offset];
      uint8_t* scale = data + count * size;
      for (int g = stripe.group; g < stripe.group + stripe.groups; ++g) {
        for (int b = slice.block; b < slice.block + slice.blocks; ++b) {
          for (size_t c = 0; c < cols; ++c, data += size, scale += 2) {
            const size_t from =
                (static_cast<size_t>(g) * cols + c) * blocks + static_cast<size_t>(b);
            std::memcpy(data, &q[from * size], size);
            std::memcpy(scale, &d[from], 2);
          }
        }
      }
    }
  }
  return out;
}

uint64_t InputBytes(int m, int k, const isa::Config& cfg) {
  if (m == 1) return Pad64(U64(k));
  return U64(CeilDiv(m, static_cast<int>(cfg.rows))) * cfg.rows * U64(k);
}

uint64_t InputScaleBytes(int m, int k, const isa::Config& cfg) {
  return Pad64(U64(CeilDiv(m, static_cast<int>(cfg.rows))) * cfg.rows * U64(k) / 16);
}

// ---- Products

int Products::AbWords(const WeightPlan& plan) const {
  const int all = CeilDiv(plan.m, static_cast<int>(cfg_.rows));
  return PanelWords(plan.panel, plan.k / kBlock, cfg_) * (plan.panel < all ? 2 : 1);
}

uint32_t Products::TakeWb(int sets, isa::WeightFormat format) {
  const uint32_t scale = format == isa::WeightFormat::kQ8 ? 2 : 1, size = U(sets) * scale;
  // 16 byte units of scales: whole sets of 32 columns keep them.
  if (wb_next_ + size > cfg_.WbSets(isa::WeightFormat::kQ40)) wb_next_ = 0;
  const uint32_t at = wb_next_ / scale;
  wb_next_ += size;
  return at;
}

uint32_t Products::TakeAcc(int banks) {
  if (acc_next_ + banks > kBanks) acc_next_ = 0;
  const uint32_t at = U(acc_next_) * (cfg_.AccWords() / kBanks);
  acc_next_ += banks;
  return at;
}

// Row groups [group, group + groups) and their blocks [block, block + blocks) to AB; `scales`: of
// these blocks, or of all blocks (with block 0).
void Products::LoadInput(const WeightPlan& plan, const ProductInput& input, int group, int groups,
                         int block, int blocks, bool scales, uint32_t ab, const std::string& name) {
  const auto rows = static_cast<uint32_t>(cfg_.rows);
  const int of_k = plan.k / kBlock;
  const Label label{name + ".input", group * static_cast<int>(rows), block * kBlock};
  const auto first = U64(group) * U64(of_k) + U64(block);
  isa::LdCopy ld;
  ld.src_space = input.space;
  ld.dst_space = isa::LdDst::kAb;
  ld.dst = (ab + U(block)) * rows * kBlock;
  if (plan.m == 1) {  // one lane of each word
    ld.src = input.data + U64(block) * kBlock;
    ld.len = kBlock;
    ld.n1 = U(blocks);
    ld.s1 = kBlock;
    ld.t1 = rows * kBlock;
  } else {
    ld.src = input.data + first * rows * kBlock;
    ld.len = U(blocks) * rows * kBlock;
    ld.n1 = U(groups);
    ld.s1 = ld.t1 = U(of_k) * rows * kBlock;
  }
  emit_->Emit(ld, label);
  if (!scales && block != 0) return;
  isa::LdCopy scale;
  scale.src_space = input.space;
  scale.dst_space = isa::LdDst::kAbScale;
  scale.src = input.scale + first * rows * 2;
  scale.dst = (ab + U(block)) * rows * 2;
  if (scales) {
    scale.len = U(blocks) * rows * 2;
    scale.n1 = U(groups);
    scale.s1 = scale.t1 = U(of_k) * rows * 2;
  } else {
    scale.len = U(PanelWords(groups, of_k, cfg_)) * rows * 2;
  }
  emit_->Emit(scale, {name + ".input.scale", label.row, 0});
}

// A slice to WB; returns its first set.
uint32_t Products::LoadWeights(const WeightPlan& plan, const WeightPlan::Stripe& stripe,
                               const WeightPlan::Slice& slice, isa::ExtSpace space, uint64_t base,
                               const std::string& name) {
  const uint32_t count = U(stripe.groups * slice.blocks) * cfg_.cols;
  const uint32_t wb = TakeWb(stripe.groups * slice.blocks, plan.format);
  const Label label{name + ".weights", stripe.group * static_cast<int>(cfg_.cols),
                    slice.block * kBlock};
  isa::LdCopy data;
  data.src_space = space;
  data.src = base + slice.offset;
  data.dst_space = isa::LdDst::kWb;
  data.dst = wb * cfg_.cols * U(plan.block_bytes());
  data.len = count * U(plan.block_bytes());
  emit_->Emit(data, label);
  isa::LdCopy scale = data;
  scale.src += data.len;
  scale.dst_space = isa::LdDst::kWbScale;
  scale.dst = wb * cfg_.cols * 2;
  scale.len = count * 2;
  emit_->Emit(scale, {label.tensor + ".scale", label.row, label.col});
  return wb;
}

void Products::Emit(const WeightPlan& plan, isa::ExtSpace space, uint64_t base,
                    const ProductInput& input, const std::string& name, const Drain& drain) {
  const auto rows = static_cast<int>(cfg_.rows), cols = static_cast<int>(cfg_.cols);
  const int blocks = plan.k / kBlock, all = CeilDiv(plan.m, rows);
  const int panels = CeilDiv(all, plan.panel);
  const bool by_slice = ScalesBySlice(plan, cfg_);
  const auto stripes = static_cast<int>(plan.stripes.size());
  const auto ab_of = [&](int panel) {
    return input.ab + U(panel % 2) * U(PanelWords(plan.panel, blocks, cfg_));
  };
  for (int panel = 0; panel < panels; ++panel) {
    const int g0 = panel * plan.panel, tall = std::min(plan.panel, all - g0);
    const uint32_t ab = ab_of(panel);
    for (int s = 0; s < stripes; ++s) {
      const WeightPlan::Stripe& stripe = plan.stripes[static_cast<size_t>(s)];
      const int tiles = CeilDiv(stripe.groups, plan.tile);
      std::vector<uint32_t> acc(static_cast<size_t>(tiles));
      for (uint32_t& at : acc) at = TakeAcc(plan.banks);
      // Slices are multiplied as they come; where the rows are there before, as in later panels,
      // some at a time, tile by tile, so that the last tiles of the stripe before have time to
      // leave ACC.
      const int most =
          panel == 0 && input.load ? 0 : static_cast<int>(cfg_.WbSets(plan.format)) / 4;
      const size_t count = stripe.slices.size();
      std::vector<uint32_t> wb(count);
      for (size_t first = 0, end = 0; first < count; first = end) {
        for (int sets = 0; end < count; ++end) {
          sets += stripe.groups * stripe.slices[end].blocks;
          if (end > first && sets > most) break;
          const WeightPlan::Slice& slice = stripe.slices[end];
          if (panel == 0 && s == 0 && input.load)
            LoadInput(plan, input, g0, tall, slice.block, slice.blocks, by_slice, ab, name);
          wb[end] = LoadWeights(plan, stripe, slice, space, base, name);
        }
        for (int t = 0; t < tiles; ++t) {
          const int n0 = t * plan.tile, groups = std::min(plan.tile, stripe.groups - n0);
          for (size_t i = first; i < end; ++i) {
            const WeightPlan::Slice& slice = stripe.slices[i];
            const bool ends = slice.block + slice.blocks == blocks;
            const bool last = ends && panel + 1 == panels && s + 1 == stripes && t + 1 == tiles;
            const int part =
                last ? std::max(CeilDiv(tall, kLastSplit), std::min(kFewGroups, tall)) : tall;
            for (int p0 = 0; p0 < tall; p0 += part) {
              const int height = std::min(part, tall - p0), row = (g0 + p0) * rows;
              const int valid = std::min(height * rows, plan.m - row);
              const int col = (stripe.group + n0) * cols;
              isa::MxeGemm gemm;
              gemm.w_format = plan.format;
              gemm.ab = ab + U(p0 * blocks + slice.block);
              gemm.ab_gs = U(blocks);
              gemm.wb = wb[i] + U(n0 * slice.blocks);
              gemm.wb_ns = U(slice.blocks);
              gemm.wb_ks = 1;
              gemm.acc = acc[static_cast<size_t>(t)] + U(p0 * groups);
              gemm.acc_gs = U(groups);
              gemm.rows = U(valid);
              gemm.ncg = U(groups);
              gemm.kb = U(slice.blocks);
              gemm.accumulate = slice.block > 0 ? 1 : 0;
              gemm.order = height < kShortLoop ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
              emit_->Emit(gemm, {name + ".product", row, col});
              if (ends) drain({gemm.acc, gemm.acc_gs, g0 * rows, row, valid, col, groups * cols});
            }
          }
        }
      }
      if (input.load && panel + 1 < panels) {  // the next panel's share
        const int next = g0 + plan.panel, height = std::min(plan.panel, all - next);
        // Rows can come one by one when their scales are whole units.
        const bool alone = blocks % ScaleUnit(cfg_) == 0;
        const int from = alone    ? height * s / stripes
                         : s == 0 ? 0
                                  : height,
                  to = alone ? height * (s + 1) / stripes : height;
        if (to > from) {
          LoadInput(plan, input, next + from, to - from, 0, blocks, alone,
                    ab_of(panel + 1) + U(from * blocks), name);
        }
      }
    }
  }
}

// ---- Results

ResultStore::ResultStore(const isa::Config& config, Emitter* emitter, const WeightPlan& plan,
                         const ResultPlace& place, uint32_t vm, uint32_t vm_bytes, std::string name)
    : cfg_(config),
      emit_(emitter),
      place_(place),
      vm_(vm),
      half_(vm_bytes / 2 / 128 * 128),
      name_(std::move(name)),
      n_(plan.n) {
  // Stores of several tiles side by side make longer runs. Not the last one, which nothing hides.
  const int tile = plan.tile * static_cast<int>(cfg_.cols);
  const int rows = std::min(plan.m, plan.panel * static_cast<int>(cfg_.rows));
  const int room = static_cast<int>(half_) / (rows * 4) / tile * tile;
  if (room < tile)
    throw Error(fmt::format("{} rows and {} columns do not fit {} bytes of VM", rows, tile, half_));
  width_ = std::min(room, CeilDiv(1024, tile) * tile);
  if (plan.m > 1)
    width_ =
        place_.space == isa::ExtSpace::kL2 ? tile : std::min(width_, CeilDiv(128, tile) * tile);
  last_ = (n_ - 1) / tile * tile;
}

void ResultStore::operator()(const ResultTile& tile) {
  // The columns that go out together with these.
  const int col0 = tile.col >= last_ ? last_ : tile.col / width_ * width_;
  const int end = tile.col >= last_ ? n_ : std::min(col0 + width_, last_);
  const int width = end - col0, first = tile.row - tile.panel_row;
  const bool q8 = place_.format == ResultFormat::kQ80;
  const uint32_t stride = U(width) * (q8 ? 1 : 4), scale_stride = U(width) / 16;
  if (tile.col == col0 && first == 0) turn_ ^= 1;
  const uint32_t buffer = vm_ + U(turn_) * half_, scales = buffer + half_ / 2 / 128 * 128;
  isa::GtaOp op;
  op.rows = U(tile.rows);
  op.cols = U(tile.cols);
  op.x_space = isa::XSpace::kAcc;
  op.x = tile.acc;
  op.x_stride = tile.acc_stride;
  op.out_space = isa::OutSpace::kVm;
  op.out_format = q8 ? isa::OutFormat::kQ80 : isa::OutFormat::kF32;
  op.out = buffer + U(first) * stride + U(tile.col - col0) * (q8 ? 1 : 4);
  op.out_stride = stride;
  if (q8) op.out_scale = scales + U(first) * scale_stride + U(tile.col - col0) / 16;
  if (shape_) shape_(tile, &op);
  emit_->Emit(op, {name_, tile.row, tile.col});
  if (tile.col + tile.cols != end) return;
  const auto store = [&](uint32_t from, uint64_t to, uint32_t run, uint32_t pitch,
                         const std::string& what) {
    isa::StCopy st;
    st.dst_space = place_.space;
    st.dst = to + U64(tile.row) * pitch + U64(col0) * run / U64(width);
    st.src = from + U(first) * run;
    st.len = run;
    st.n1 = U(tile.rows);
    st.s1 = run;
    st.t1 = pitch;
    emit_->Emit(st, {what, tile.row, col0});
  };
  store(buffer, place_.data, stride, U(n_) * (q8 ? 1 : 4), name_);
  if (q8) store(scales, place_.scale, scale_stride, U(n_) / 16, name_ + ".scale");
}

// ---- One product

GemmBytes PlaceGemm(GemmProblem* p, const isa::Config& cfg, uint64_t ext) {
  Placer in_l2(0), in_ext(ext);
  const auto take = [&](isa::ExtSpace space, uint64_t bytes) {
    return (space == isa::ExtSpace::kL2 ? in_l2 : in_ext).Take(space, bytes);
  };
  const uint64_t results = U64(p->m) * U64(p->n);
  const bool q8 = p->result == ResultFormat::kQ80;
  p->a = take(p->a_space, InputBytes(p->m, p->k, cfg));
  p->a_scale = take(p->a_space, InputScaleBytes(p->m, p->k, cfg));
  p->w = take(p->w_space, PlanWeights(p->m, p->n, p->k, p->format, cfg).bytes);
  p->c = take(p->c_space, results * (q8 ? 1 : 4));
  p->c_scale = take(p->c_space, q8 ? results / 16 : 0);
  return {in_l2.next(), in_ext.next()};
}

Program BuildGemm(const GemmProblem& p, const isa::Config& cfg) {
  const WeightPlan plan = PlanWeights(p.m, p.n, p.k, p.format, cfg);
  GemmProblem placed = p;
  if (const uint64_t need = PlaceGemm(&placed, cfg).l2; need > cfg.l2)
    throw Error(fmt::format("the product needs {} bytes of L2 and there are {}", need, cfg.l2));
  Emitter emit(cfg, 0, 0);
  Products products(cfg, &emit);
  ResultStore store(cfg, &emit, plan, {p.c_space, p.result, p.c, p.c_scale}, 0, cfg.vm, "c");
  products.Emit(plan, p.w_space, p.w, {0, true, p.a_space, p.a, p.a_scale}, "gemm",
                [&](const ResultTile& tile) { store(tile); });
  return emit.Finish();
}

}  // namespace wren::compiler
