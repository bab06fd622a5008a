#include "wren/compiler/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "gta_ops.h"
#include "place.h"
#include "wren/error.h"
#include "wren/isa/isa.h"
#include "wren/tables/tables.h"

namespace wren::compiler {
namespace {

constexpr int kBlock = 32;
constexpr int kMostRows = 128;         // of a tile: with 70 or more, loads of K and V keep up
constexpr int kWantedBeats = 64;       // of a GTA command, where rows are few
constexpr int kMostHeads = 4;          // KV heads in L2
constexpr int kRoomDelay = 1;          // steps from a command to the load that takes its room
constexpr int kLag = 2;                // chunks from a probability's first number to its second
constexpr int kLead = 2;               // batches that loads are ahead of scores
constexpr float kSumScale = 0x1p-24f;  // keeps the row's sum far from FP32's end
constexpr uint32_t kVmAlign = 128;

int Ceil(int a, int b) { return (a + b - 1) / b; }
int Pad(int n, int to) { return Ceil(n, to) * to; }
uint32_t U(int value) { return static_cast<uint32_t>(value); }
uint64_t U64(int value) { return static_cast<uint64_t>(value); }

// Rows of queries are loaded in multiples of this: their scales move in units of 16 bytes.
int QueryUnit(int lanes, int pieces) { return lanes * 8 / std::gcd(8, lanes * pieces); }

// Rows of a head, from the first on, whose probabilities are two numbers: whole groups of 32 whose
// first row sees fewer than `two_below` keys, wherever the schedule cuts tiles.
int TwoNumberRows(const AttentionTask& t) {
  if (t.moving && t.two_below > 0) throw Error("attention that moves has one number a probability");
  if (t.keys < t.two_below) return t.rows;
  if (!t.causal) return 0;
  return std::clamp(Pad(std::max(0, t.two_below - 1 - t.diag), kBlock), 0, t.rows);
}

// `count` blocks of keys from block `first` on: of one tile, scored by one command from row `start`
// on (a multiple of ROWS; earlier rows see none of them).
struct Chunk {
  int first, count, start;
};
struct Batch {
  int tile, index;    // index: in its tile
  uint32_t slot = 0;  // of K's and of V's part of WB
  bool load = true;   // or the slot still holds its keys
  int after = -1;     // the last batch that used what the slot held before
  std::vector<Chunk> chunks;
  bool last = false;  // of its tile
  int first() const { return chunks.front().first; }
  int blocks() const { return chunks.back().first + chunks.back().count - first(); }
};
struct Tile {
  int head, kv, row, rows;
  std::vector<Chunk> chunks;  // of all its batches
};

class Schedule {
 public:
  Schedule(Emitter* emit, const AttentionTask& task, const AttentionSpace& space,
           const isa::Config& config)
      : emit_(emit), t_(task), s_(space), cfg_(config) {
    lanes_ = static_cast<int>(cfg_.rows);
    cols_ = static_cast<int>(cfg_.cols);
    unit_ = kBlock / cols_;
    pieces_ = t_.head / kBlock;
    row_unit_ = t_.q_in_ab ? lanes_ : QueryUnit(lanes_, std::max(1, pieces_));
    if (t_.rows < 1 || t_.keys < 1 || t_.head < kBlock || t_.head % kBlock != 0 ||
        t_.capacity % kBlock != 0 || t_.capacity < t_.keys || t_.group < 1 ||
        t_.heads % t_.group != 0) {
      throw Error(
          fmt::format("attention of {} rows over {} keys (room for {}), {} heads of {} in groups "
                      "of {}: rows and "
                      "keys must not be 0, the head and the room for keys must be multiples of 32",
                      t_.rows, t_.keys, t_.capacity, t_.heads, t_.head, t_.group));
    }
    two_rows_ = TwoNumberRows(t_);
    by_identity_ = two_rows_ == t_.rows && s_.identity_ext != 0;
    bool fits = PlanTiles();
    if (!fits && by_identity_) {
      by_identity_ = false;
      fits = PlanTiles();
    }
    if (!fits) {
      throw Error(fmt::format(
          "attention with heads of {} over {} keys does not fit ({} bytes of VM, {} words of AB, "
          "{} bytes of WB, {} words of ACC are free); use a larger configuration",
          t_.head, t_.keys, s_.vm_bytes, s_.ab_words, cfg_.wb, cfg_.AccWords()));
    }
    MakeTiles();
  }

  void Emit();

 private:
  struct Ring {
    uint32_t base = 0, size = 0;
    int count = 0;
    uint32_t at(int i) const { return base + size * U(i % count); }
  };

  // ---- what goes where
  bool PlanTiles();
  bool Plan(int groups);
  void MakeTiles();
  void TakeSlots();

  // ---- commands
  void LoadQ(int tile);
  void LoadK(int batch);
  void LoadV(int batch);
  void LoadValueScales(int kv);
  void FillOnes();
  void LoadTables();
  void Stage(int kv, int slice);
  void StageTo(int kv, int slices);
  void Scores(const Batch& batch, const Chunk& chunk);
  void EmitGrowing(const isa::GtaOp& op, const Label& label);
  void Reference(const Batch& batch);
  void Probabilities(const Batch& batch, int index, const Chunk& chunk);
  isa::GtaOp Exponentials(const Batch& batch, const Chunk& chunk, int begin, int end) const;
  void EmitExponentials(const Batch& batch, const Chunk& chunk, const isa::GtaOp& op, int begin);
  void Back(size_t lag);
  void Remainder(size_t lag);
  void Multiply(int index, int piece, int begin, int end, int first, int blocks, bool two);
  void Product(int index, int piece);
  void Sums(int tile);
  void Inverse(int tile);
  void Drain(int tile, int piece);

  // ---- order
  bool Pump();
  void PopProduct();
  void PopStatistic();
  void PopDrain();
  void FinishProducts(int batch);
  void Release(int* used, int before) { released_.push_back({step_ + kRoomDelay, used, before}); }
  bool TakeReleased(bool all);

  uint32_t ScoreBuffer(int chunk) const {
    return score_acc_[static_cast<size_t>(chunk) % score_acc_.size()];
  }
  Label Name(const Tile& tile, const char* what, int row = 0, int col = 0) const {
    return {fmt::format("{}head{}.{}", t_.name, tile.head, what), row, col};
  }
  uint32_t KeysAt(const Batch& batch) const { return k_.at(static_cast<int>(batch.slot)); }
  uint32_t ValuesAt(const Batch& batch) const { return v_.at(static_cast<int>(batch.slot)); }
  const Tile& TileOf(const Batch& batch) const { return tiles_[static_cast<size_t>(batch.tile)]; }
  int KvOf(int batch) const { return TileOf(batches_[static_cast<size_t>(batch)]).kv; }
  // Rows at the beginning of a tile whose probabilities are two numbers.
  int TwoRows(const Tile& tile) const { return std::clamp(two_rows_ - tile.row, 0, tile.rows); }

  Emitter* emit_;  // null: only plans
  const AttentionTask t_;
  const AttentionSpace s_;
  const isa::Config cfg_;
  int lanes_, cols_, unit_, pieces_, row_unit_;

  int two_rows_ = 0;  // of a head, from its first one on
  int tile_rows_ = 0, chunk_blocks_ = 1, batch_blocks_ = 1, sum_stride_ = 0;
  int p_stride_ = 0;  // words of AB from row group to row group
  Ring q_, p_, k_, v_, value_scale_, reference_, sums_, inverse_, result_, heads_;
  Ring exact_;  // VM: probabilities in FP32
  // What their first numbers stand for comes to ACC by a product with the identity in WB, a sweep
  // of the GTA less; where there is no identity or no room for these, or other rows would miss it,
  // the first numbers go to VM too.
  bool by_identity_ = false;
  uint32_t first_acc_ = 0, identity_ = 0;
  Ring first_, first_scale_;
  std::vector<uint32_t> score_acc_, out_acc_;
  bool staged_ = false, again_ = false;
  int fit_ = 0;  // KV heads that fit L2

  std::vector<Tile> tiles_;
  std::vector<Batch> batches_;
  std::vector<int> last_batch_;  // per tile

  int q_next_ = 0, k_next_ = 0, v_next_ = 0, scale_next_ = 0;  // to load
  int q_used_ = 0, k_used_ = 0, v_used_ = 0, scale_used_ = 0;  // no longer needed: before these
  std::vector<int> slices_;                                    // staged, per KV head
  int kv_heads_ = 0, slice_count_ = 0;
  struct Pending {
    int batch, piece, ready;  // ready: the step from which it may go
  };
  std::deque<Pending> products_;
  std::deque<int> statistics_;  // 2 * tile: sums; 2 * tile + 1: the inverse
  std::deque<std::pair<int, int>> drains_;
  struct Rest {
    int batch = -1, row = 0, key = 0;
    isa::MxeGemm back;
    isa::GtaOp op;
    bool is_back = false;
  };
  std::deque<Rest> rests_;  // second numbers that are not emitted yet
  int two_step_ = 0;        // chunks of two numbers before this one
  int step_ = 0, batch_ = 0;
  struct Released {
    int step;
    int* used;
    int before;
  };
  std::deque<Released> released_;
};

// The largest tiles that fit.
bool Schedule::PlanTiles() {
  int groups =
      std::min({Ceil(kMostRows, lanes_), Ceil(t_.rows, lanes_),
                static_cast<int>(cfg_.AccWords()) / ((pieces_ + (by_identity_ ? 3 : 2)) * unit_)});
  groups = Pad(groups, row_unit_ / lanes_);
  while (groups > 0 && !Plan(groups)) groups -= row_unit_ / lanes_;
  return groups > 0;
}

bool Schedule::Plan(int groups) {
  const int rows = std::min(t_.rows, groups * lanes_);
  // Balanced tiles; boundaries at multiples of 32 rows where a tile has as many.
  const int count = Ceil(t_.rows, rows), unit = rows >= kBlock ? kBlock : row_unit_;
  tile_rows_ = std::min(Pad(Ceil(t_.rows, count), unit), groups * lanes_);
  groups = Ceil(tile_rows_, lanes_);
  const int blocks = Ceil(t_.keys, kBlock), acc = static_cast<int>(cfg_.AccWords());

  // WB: a batch of K or V takes batch_blocks_ * pieces_ * unit_ sets.
  const int sets = static_cast<int>(cfg_.WbSets()) - (by_identity_ ? unit_ : 0);
  chunk_blocks_ = std::clamp(kWantedBeats / tile_rows_, 1, 8);
  chunk_blocks_ = two_rows_ > 0 ? 1 : std::min(chunk_blocks_, blocks);
  const int out_words = groups * pieces_ * unit_;
  while (chunk_blocks_ > 1 && out_words + 4 * groups * unit_ * chunk_blocks_ > acc) --chunk_blocks_;
  batch_blocks_ = chunk_blocks_ * std::max(1, pieces_ / chunk_blocks_);
  while (batch_blocks_ > 1 && sets / (batch_blocks_ * pieces_ * unit_) < 4) {
    batch_blocks_ =
        batch_blocks_ > chunk_blocks_ ? batch_blocks_ - chunk_blocks_ : batch_blocks_ - 1;
    chunk_blocks_ = std::min(chunk_blocks_, batch_blocks_);
  }
  batch_blocks_ = std::min(batch_blocks_, blocks);
  const int slot = batch_blocks_ * pieces_ * unit_, slots = sets / slot;
  if (slots < 2) return false;
  k_ = {0, U(slot), slots / 2};
  v_ = {U(slots / 2 * slot), U(slot), slots / 2};
  identity_ = U(sets);

  // ACC: the pieces of O, then a ring of score buffers; neighbours in different banks.
  const auto place = [&](int begin, int end, int size) {
    std::vector<uint32_t> at;
    const int bank = acc / 4;
    for (int a = begin; a + size <= end; a += size) at.push_back(U(a));
    std::stable_sort(at.begin(), at.end(), [&](uint32_t x, uint32_t y) {
      return x % U(bank) / U(size) < y % U(bank) / U(size);
    });
    return at;
  };
  const int piece_words = groups * unit_, score_words = groups * unit_ * chunk_blocks_;
  out_acc_ = place(0, out_words, piece_words);
  const int scores = Pad(out_words, 2);
  score_acc_ = place(scores, acc, score_words);
  if (by_identity_ && !score_acc_.empty()) {
    first_acc_ = score_acc_.back();
    score_acc_.pop_back();
  }
  if (score_acc_.size() < 2) return false;

  // AB: queries, probabilities.
  uint32_t ab = s_.ab;
  const uint32_t ab_end = s_.ab + s_.ab_words;
  if (!t_.q_in_ab) {
    const int words = groups * pieces_;
    q_ = {ab, U(words), U(words) * 16 <= s_.ab_words ? 4 : 2};
    ab += q_.size * U(q_.count);
  }
  p_stride_ = batch_blocks_ * (two_rows_ > 0 ? 2 : 1);
  const uint32_t p_words = U(groups * p_stride_);
  if (ab + p_words > ab_end) return false;
  p_ = {ab, p_words, static_cast<int>(std::min<uint32_t>(6, (ab_end - ab) / p_words))};

  // VM.
  sum_stride_ = Pad(blocks * 4, static_cast<int>(kVmAlign));
  const auto pad = [](int bytes) { return U(Pad(bytes, static_cast<int>(kVmAlign))); };
  const uint32_t per_row = pad(tile_rows_ * 4), value_scales = pad(blocks * kBlock * 2),
                 sums = pad(tile_rows_ * sum_stride_),
                 two = U(std::min(tile_rows_, two_rows_)) * kBlock,
                 result = t_.to != AttentionTask::Out::kExt ? 0 : pad(tile_rows_ * t_.head * 2);
  for (const auto& [sum_slots, result_slots] : {std::pair{2, 2}, {2, 1}, {1, 1}}) {
    uint32_t vm = s_.vm;
    const auto take = [&](uint32_t size, int n) {
      const Ring ring{vm, size, n};
      vm += size * U(n);
      return ring;
    };
    reference_ = take(per_row, 2);
    inverse_ = take(per_row, 2);
    value_scale_ = take(value_scales, 2);
    sums_ = take(sums, sum_slots);
    result_ = take(result, result_slots);
    exact_ = take(two * 4, kLag + 1);
    first_ = take(by_identity_ ? 0 : pad(static_cast<int>(two)), kLag + 1);
    first_scale_ = take(by_identity_ ? 0 : pad(static_cast<int>(two / 16)), kLag + 1);
    if (vm <= s_.vm + s_.vm_bytes) break;
    if (sum_slots + result_slots == 2) return false;
  }

  // L2: whole KV heads.
  kv_heads_ = t_.heads / t_.group;
  slice_count_ = Ceil(blocks, batch_blocks_);
  const uint64_t head_bytes = U64(blocks * kBlock) * U64(t_.head) / 16 * 33;
  fit_ = static_cast<int>(std::min<uint64_t>(U64(kMostHeads), s_.l2_bytes / head_bytes));
  heads_ = {s_.l2, static_cast<uint32_t>(head_bytes), std::max(fit_, 1)};
  return true;
}

void Schedule::MakeTiles() {
  for (int head = 0; head < t_.heads; ++head) {
    // Causal: the even tiles first, then the odd ones, so that short tiles, whose loads and drains
    // are many for their products, do not stand together.
    const int count = Ceil(t_.rows, tile_rows_);
    for (int i = 0; i < count; ++i) {
      const int row = (t_.causal ? (2 * i < count ? 2 * i : (2 * i - count) | 1) : i) * tile_rows_;
      Tile tile{head, head / t_.group, row, std::min(tile_rows_, t_.rows - row), {}};
      int blocks = Ceil(t_.keys, kBlock);
      const int last = row + tile.rows - 1 + t_.diag;  // the last key that the tile sees
      if (t_.causal) blocks = std::clamp(last < 0 ? 1 : last / kBlock + 1, 1, blocks);
      const auto index = static_cast<int>(tiles_.size());
      for (int b0 = 0; b0 < blocks; b0 += batch_blocks_) {
        Batch batch;
        batch.tile = index;
        batch.index = b0 / batch_blocks_;
        const int end = std::min(b0 + batch_blocks_, blocks);
        batch.last = end == blocks;
        for (int c0 = b0; c0 < end; c0 += chunk_blocks_) {
          int start = 0;  // the first row that sees key 32 * c0; all rows must write O once
          if (t_.causal && c0 > 0)
            start = std::max(0, c0 * kBlock - t_.diag - row) / lanes_ * lanes_;
          batch.chunks.push_back({c0, std::min(chunk_blocks_, end - c0), start});
        }
        tile.chunks.insert(tile.chunks.end(), batch.chunks.begin(), batch.chunks.end());
        batches_.push_back(std::move(batch));
      }
      last_batch_.push_back(static_cast<int>(batches_.size()) - 1);
      tiles_.push_back(std::move(tile));
    }
  }
  slices_.assign(U64(kv_heads_), 0);
  TakeSlots();
}

// The slots of WB are a cache of batches of keys (values alike): the one not used for longest makes
// room.
void Schedule::TakeSlots() {
  struct Slot {
    int kv = -1, index = 0, blocks = 0, used = -1;
  };
  std::vector<Slot> slots(U64(k_.count));
  std::vector<bool> seen(U64(kv_heads_ * slice_count_));
  for (size_t i = 0; i < batches_.size(); ++i) {
    Batch& batch = batches_[i];
    const int kv = TileOf(batch).kv;
    auto slot = std::find_if(slots.begin(), slots.end(),
                             [&](const Slot& s) { return s.kv == kv && s.index == batch.index; });
    // A tile's last batch may have fewer keys than the same batch of a later tile.
    batch.load = slot == slots.end() || slot->blocks < batch.blocks();
    if (slot == slots.end()) {
      slot = std::min_element(slots.begin(), slots.end(),
                              [](const Slot& a, const Slot& b) { return a.used < b.used; });
    }
    if (batch.load) {
      batch.after = slot->used;
      again_ = again_ || seen[U64(kv * slice_count_ + batch.index)];
      seen[U64(kv * slice_count_ + batch.index)] = true;
      *slot = {kv, batch.index, batch.blocks(), -1};
    }
    slot->used = static_cast<int>(i);
    batch.slot = static_cast<uint32_t>(slot - slots.begin());
  }
  // With few rows nothing hides the way through L2.
  staged_ = fit_ >= std::min(2, kv_heads_) && (again_ || tile_rows_ >= kBlock);
}

// ---- Loads

void Schedule::LoadQ(int index) {
  const Tile& tile = tiles_[U64(index)];
  const uint64_t groups = U64(Pad(t_.rows, row_unit_) / lanes_),
                 first = U64(tile.head) * groups + U64(tile.row / lanes_),
                 bytes = U64(pieces_ * lanes_ * kBlock);
  isa::LdCopy data;
  data.src = t_.q + first * bytes;
  data.dst_space = isa::LdDst::kAb;
  data.dst = q_.at(index) * U(lanes_ * kBlock);
  data.len = U(Pad(tile.rows, row_unit_) / lanes_) * static_cast<uint32_t>(bytes);
  emit_->Emit(data, Name(tile, "q", tile.row));
  isa::LdCopy scale;
  scale.src = t_.q_scale + first * bytes / 16;
  scale.dst_space = isa::LdDst::kAbScale;
  scale.dst = data.dst / 16;
  scale.len = data.len / 16;
  emit_->Emit(scale, Name(tile, "q.scale", tile.row));
}

// Slice `slice` of a KV head from external memory to L2: values always (the transposer reads single
// rows), keys when they are loaded more than once.
void Schedule::Stage(int kv, int slice) {
  const int blocks = Ceil(t_.keys, kBlock), b0 = slice * batch_blocks_,
            n = std::min(batch_blocks_, blocks - b0);
  const uint64_t head = U64(kv) * U64(t_.capacity) * U64(t_.head),
                 at = U64(b0 * kBlock) * U64(t_.head);
  const uint32_t l2 = heads_.at(kv), all = U(blocks * kBlock * t_.head),
                 len = U(n * kBlock * t_.head);
  const auto copy = [&](uint64_t src, uint32_t dst, uint32_t bytes, const char* what) {
    isa::LdCopy ld;
    ld.src = src;
    ld.dst_space = isa::LdDst::kL2;
    ld.dst = dst;
    ld.len = bytes;
    emit_->Emit(ld, {fmt::format("{}kv{}.{}", t_.name, kv, what), b0 * kBlock});
  };
  if (again_) {
    copy(t_.k + head + at, l2 + static_cast<uint32_t>(at), len, "keys");
    copy(t_.k_scale + (head + at) / 16, l2 + all + static_cast<uint32_t>(at) / 16, len / 16,
         "keys.scale");
  }
  copy(t_.v + head + at, l2 + all / 16 * 17 + static_cast<uint32_t>(at), len, "values");
}

void Schedule::StageTo(int kv, int slices) {
  for (int& done = slices_[U64(kv)]; done < std::min(slices, slice_count_); ++done) Stage(kv, done);
}

void Schedule::LoadK(int index) {
  const Batch& batch = batches_[U64(index)];
  const Tile& tile = TileOf(batch);
  const uint64_t head = U64(tile.kv) * U64(t_.capacity) * U64(t_.head),
                 at = U64(batch.first() * kBlock) * U64(t_.head);
  const uint32_t all = U(Ceil(t_.keys, kBlock) * kBlock * t_.head);
  const bool l2 = staged_ && again_ && index > 0;  // the very first batch comes without a stop
  isa::LdCopy data;
  data.src = l2 ? heads_.at(tile.kv) + at : t_.k + head + at;
  data.src_space = l2 ? isa::ExtSpace::kL2 : isa::ExtSpace::kExt;
  data.dst_space = isa::LdDst::kWb;
  data.dst = KeysAt(batch) * cfg_.cols * kBlock;
  data.len = U(batch.blocks() * kBlock * t_.head);
  emit_->Emit(data, Name(tile, "keys", batch.first() * kBlock));
  isa::LdCopy scale = data;
  scale.src = l2 ? heads_.at(tile.kv) + all + at / 16 : t_.k_scale + (head + at) / 16;
  scale.dst_space = isa::LdDst::kWbScale;
  scale.dst = KeysAt(batch) * cfg_.cols * 2;
  scale.len = data.len / 16;
  emit_->Emit(scale, Name(tile, "keys.scale", batch.first() * kBlock));
}

void Schedule::LoadV(int index) {
  const Batch& batch = batches_[U64(index)];
  const Tile& tile = TileOf(batch);
  const uint64_t head = U64(tile.kv) * U64(t_.capacity) * U64(t_.head),
                 at = U64(batch.first() * kBlock) * U64(t_.head);
  const uint32_t all = U(Ceil(t_.keys, kBlock) * kBlock * t_.head);
  isa::LdTranspose data;
  data.src = staged_ ? heads_.at(tile.kv) + all / 16 * 17 + at : t_.v + head + at;
  data.src_space = staged_ ? isa::ExtSpace::kL2 : isa::ExtSpace::kExt;
  data.dst_space = isa::LdDst::kWb;
  data.dst = ValuesAt(batch) * cfg_.cols * kBlock;
  data.len = U(t_.head);
  data.n1 = U(batch.blocks() * kBlock);
  data.s1 = U(t_.head);
  data.t1 = U(t_.head * kBlock);
  emit_->Emit(data, Name(tile, "values", batch.first() * kBlock));
}

void Schedule::LoadValueScales(int kv) {
  isa::LdCopy ld;
  ld.src = t_.v_scale + U64(kv) * U64(t_.capacity) * 2;
  ld.dst_space = isa::LdDst::kVm;
  ld.dst = value_scale_.at(kv);
  ld.len = U(Pad(t_.keys, kBlock) * 2);
  emit_->Emit(ld, {fmt::format("{}kv{}.values.scale", t_.name, kv)});
}

// ---- Work

void Schedule::Scores(const Batch& batch, const Chunk& chunk) {
  const Tile& tile = TileOf(batch);
  const int words = chunk.count * unit_;
  isa::MxeGemm gemm;
  gemm.ab = t_.q_in_ab ? t_.q_ab + U(tile.head) * t_.q_ab_head + U(tile.row / lanes_ * pieces_)
                       : q_.at(batch.tile);
  gemm.ab += U(chunk.start / lanes_ * pieces_);
  gemm.ab_gs = U(pieces_);
  gemm.wb = KeysAt(batch) + U((chunk.first - batch.first()) * unit_ * pieces_);
  gemm.wb_ns = U(pieces_);
  gemm.wb_ks = 1;
  gemm.acc = ScoreBuffer(step_) + U(chunk.start / lanes_ * words);
  gemm.acc_gs = U(words);
  gemm.rows = U(tile.rows - chunk.start);
  gemm.ncg = U(words);
  gemm.kb = U(pieces_);
  gemm.order =
      tile.rows - chunk.start < 4 * lanes_ ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
  emit_->Emit(gemm, Name(tile, "scores.product", tile.row + chunk.start, chunk.first * kBlock));
}

// A command whose columns end with the keys.
void Schedule::EmitGrowing(const isa::GtaOp& op, const Label& label) {
  emit_->EmitMoving([op, label](int by) {
    isa::GtaOp grown = op;
    grown.cols += static_cast<uint32_t>(by);
    return std::pair(grown, label);
  });
}

// The largest scaled score of the first 32 keys, per row.
void Schedule::Reference(const Batch& batch) {
  const Tile& tile = TileOf(batch);
  const Chunk& chunk = batch.chunks.front();
  isa::GtaOp op;
  op.rows = U(tile.rows);
  op.cols = U(std::min(kBlock, t_.keys));
  op.x_space = isa::XSpace::kAcc;
  op.x = ScoreBuffer(step_);
  op.x_stride = U(chunk.count * unit_);
  op.SetAImm(t_.scale);
  if (t_.causal && tile.row + t_.diag < kBlock - 1) {
    op.causal = 1;
    op.diag = tile.row + t_.diag;
  }
  op.red_op = isa::ReduceOp::kMax;
  op.red = reference_.at(batch.tile);
  op.red_stride = 4;
  const Label label = Name(tile, "reference", tile.row);
  if (t_.moving && t_.keys <= kBlock) {
    EmitGrowing(op, label);
  } else {
    emit_->Emit(op, label);
  }
}

// exp(score - reference) as exp(-(reference - score)), for rows `begin` to `end` of the tile: sums
// per block, and the product with the values' scales.
isa::GtaOp Schedule::Exponentials(const Batch& batch, const Chunk& chunk, int begin,
                                  int end) const {
  const Tile& tile = TileOf(batch);
  const int key = chunk.first * kBlock;
  isa::GtaOp op;
  op.rows = U(end - begin);
  op.cols = U(std::min(chunk.count * kBlock, t_.keys - key));
  op.x_space = isa::XSpace::kAcc;
  op.x = ScoreBuffer(step_) + U(begin / lanes_ * chunk.count * unit_);
  op.x_stride = U(chunk.count * unit_);
  op.SetAImm(-t_.scale);
  op.b_mode = isa::OperandMode::kRow;
  op.b = reference_.at(batch.tile) + U(begin * 4);
  op.b_stride = 4;
  op.fn = 1;
  op.table = s_.exp_of_minus;
  op.m_mode = isa::OperandMode::kCol;
  op.m_format = isa::OperandFormat::kF16;
  op.m = value_scale_.at(tile.kv) + U(key * 2);
  const int diag = tile.row + begin + t_.diag - key;
  if (t_.causal && diag < chunk.count * kBlock - 1) {
    op.causal = 1;
    op.diag = diag;
  }
  op.red_op = isa::ReduceOp::kSumFn;
  op.red_blk = 1;
  op.red = sums_.at(batch.tile) + U(begin * sum_stride_ + chunk.first * 4);
  op.red_stride = U(sum_stride_);
  return op;
}

void Schedule::EmitExponentials(const Batch& batch, const Chunk& chunk, const isa::GtaOp& op,
                                int begin) {
  const Tile& tile = TileOf(batch);
  const int key = chunk.first * kBlock;
  const Label label = Name(tile, "probabilities", tile.row + begin, key);
  if (t_.moving && t_.keys <= key + chunk.count * kBlock) {
    EmitGrowing(op, label);
  } else {
    emit_->Emit(op, label);
  }
}

// Probabilities of one score block to AB, of every row one number or two.
void Schedule::Probabilities(const Batch& batch, int index, const Chunk& chunk) {
  const Tile& tile = TileOf(batch);
  const int two = std::max(TwoRows(tile), chunk.start), block = chunk.first - batch.first();
  const auto to_ab = [&](isa::GtaOp* op, int begin, int word) {
    op->out_space = isa::OutSpace::kAb;
    op->out_format = isa::OutFormat::kQ8Bf16;
    op->out = p_.at(index) + U(begin / lanes_ * p_stride_ + word);
    op->out_stride = U(p_stride_);
  };
  if (chunk.start < two) {
    isa::GtaOp op = Exponentials(batch, chunk, chunk.start, two);
    gta::OutVm(&op, exact_.at(two_step_), kBlock * 4);
    EmitExponentials(batch, chunk, op, chunk.start);
  }
  if (two < tile.rows) {
    isa::GtaOp op = Exponentials(batch, chunk, two, tile.rows);
    to_ab(&op, two, block);
    EmitExponentials(batch, chunk, op, two);
  }
  if (chunk.start >= two) {
    Remainder(0);
    return;
  }
  Remainder(kLag - 1);
  const int rows = two - chunk.start, row = tile.row + chunk.start, key = chunk.first * kBlock,
            cols = std::min(kBlock, t_.keys - key);
  isa::GtaOp first = gta::FromVm(exact_.at(two_step_), kBlock * 4, rows, cols);
  to_ab(&first, chunk.start, 2 * block);
  emit_->Emit(first, Name(tile, "probabilities.first", row, key));
  isa::GtaOp rest;
  isa::MxeGemm back;
  if (by_identity_) {
    rest = gta::FromAcc(first_acc_, unit_, rows, cols);
  } else {
    isa::GtaOp again = first;
    gta::OutVm(&again, first_.at(two_step_), kBlock, isa::OutFormat::kQ8Bf16);
    again.out_scale = first_scale_.at(two_step_);
    emit_->Emit(again, Name(tile, "probabilities.again", row, key));
    rest = gta::FromVm(first_.at(two_step_), kBlock, rows, cols);
    rest.x_format = isa::XFormat::kI8;
    gta::Set(&rest, gta::kA, isa::OperandMode::kBlk, first_scale_.at(two_step_), 2,
             isa::OperandFormat::kBf16);
  }
  back.ab = first.out;
  back.ab_gs = first.out_stride;
  back.wb = identity_;
  back.wb_ns = 1;
  back.acc = first_acc_;
  back.acc_gs = U(unit_);
  back.rows = U(rows);
  back.ncg = U(unit_);
  back.kb = 1;
  back.a_scale = isa::ScaleFormat::kBf16;
  back.order = rows < 4 * lanes_ ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
  rest.SetMImm(-1.0f);
  gta::Mat(&rest, gta::kC, exact_.at(two_step_), kBlock * 4);
  to_ab(&rest, chunk.start, 2 * block + 1);
  rests_.push_back({index, row, key, back, rest});
  ++two_step_;
}

// What the first numbers leave of probabilities, of chunks that are `lag` older than the youngest.
// The GTA does not read AB: the MXE multiplies the first numbers with the identity and so brings
// what they stand for to ACC (Back). Both are emitted steps later, so that neither engine waits for
// the other.
void Schedule::Back(size_t lag) {
  if (!by_identity_ || rests_.size() <= lag || rests_.front().is_back) return;
  Rest& rest = rests_.front();
  emit_->Emit(rest.back,
              Name(TileOf(batches_[U64(rest.batch)]), "probabilities.back", rest.row, rest.key));
  rest.is_back = true;
}

void Schedule::Remainder(size_t lag) {
  if (rests_.size() <= lag) return;
  Back(lag);
  const Rest& rest = rests_.front();
  emit_->Emit(rest.op,
              Name(TileOf(batches_[U64(rest.batch)]), "probabilities.rest", rest.row, rest.key));
  rests_.pop_front();
}

// Piece `piece` of O += probabilities * V, for `blocks` blocks of a batch and rows `begin` to `end`
// of its tile. Of two numbers per probability both are multiplied with the same block of V.
void Schedule::Multiply(int index, int piece, int begin, int end, int first, int blocks, bool two) {
  if (begin >= end) return;
  const Batch& batch = batches_[U64(index)];
  const Tile& tile = TileOf(batch);
  const int group = begin / lanes_;
  isa::MxeGemm gemm;
  gemm.ab = p_.at(index) + U(group * p_stride_ + (two ? 2 : 1) * first);
  gemm.ab_gs = U(p_stride_);
  gemm.wb = ValuesAt(batch) + U(piece * unit_ + first * (t_.head / cols_));
  gemm.wb_ns = 1;
  gemm.wb_ks = two ? 0 : U(t_.head / cols_);
  gemm.acc = out_acc_[U64(piece)] + U(group * unit_);
  gemm.acc_gs = U(unit_);
  gemm.rows = U(end - begin);
  gemm.ncg = U(unit_);
  gemm.kb = two ? 2 : U(blocks);
  gemm.accumulate = batch.index > 0 || first > 0 ? 1 : 0;
  gemm.a_scale = isa::ScaleFormat::kBf16;
  gemm.order = end - begin < 4 * lanes_ ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
  emit_->Emit(gemm, Name(tile, "attn.product", tile.row + begin, piece * kBlock));
}

// Piece `piece` of O += probabilities * V, for one batch. Rows that see fewer of its blocks go
// apart.
void Schedule::Product(int index, int piece) {
  const Batch& batch = batches_[U64(index)];
  const Tile& tile = TileOf(batch);
  while (!rests_.empty() && rests_.front().batch <= index) Remainder(0);
  for (size_t c = 0; c < batch.chunks.size();) {
    const int start = batch.chunks[c].start;
    while (c + 1 < batch.chunks.size() && batch.chunks[c + 1].start == start) ++c;
    const int end = c + 1 < batch.chunks.size() ? batch.chunks[c + 1].start : tile.rows;
    const int blocks = batch.chunks[c].first + batch.chunks[c].count - batch.first();
    ++c;
    const int two = std::clamp(TwoRows(tile), start, std::max(start, end));
    if (start < two) {
      for (int b = 0; b < blocks; ++b) Multiply(index, piece, start, two, b, 1, true);
    }
    Multiply(index, piece, two, end, 0, blocks, false);
  }
}

// The row's sum, scaled so that its inverse is a normal number.
void Schedule::Sums(int index) {
  const Tile& tile = tiles_[U64(index)];
  for (size_t c = 0; c < tile.chunks.size();) {
    const int start = tile.chunks[c].start;
    while (c + 1 < tile.chunks.size() && tile.chunks[c + 1].start == start) ++c;
    const int end = c + 1 < tile.chunks.size() ? tile.chunks[c + 1].start : tile.rows;
    const int blocks = tile.chunks[c].first + tile.chunks[c].count;
    ++c;
    if (start >= end) continue;
    isa::GtaOp op;
    op.rows = U(end - start);
    op.cols = U(blocks);
    op.x = sums_.at(index) + U(start * sum_stride_);
    op.x_stride = U(sum_stride_);
    op.SetAImm(kSumScale);
    op.red_op = isa::ReduceOp::kSum;
    op.red = inverse_.at(index) + U(start * 4);
    op.red_stride = 4;
    emit_->Emit(op, Name(tile, "sum", tile.row + start));
  }
}

void Schedule::Inverse(int index) {
  const Tile& tile = tiles_[U64(index)];
  isa::GtaOp op;
  op.cols = U(tile.rows);
  op.x = inverse_.at(index);
  op.fn = 1;
  op.table = s_.reciprocal;
  op.out_space = isa::OutSpace::kVm;
  op.out = inverse_.at(index);
  emit_->Emit(op, Name(tile, "inverse_sum", 0, tile.row));
}

void Schedule::Drain(int index, int piece) {
  const Tile& tile = tiles_[U64(index)];
  isa::GtaOp op;
  op.rows = U(tile.rows);
  op.cols = kBlock;
  op.x_space = isa::XSpace::kAcc;
  op.x = out_acc_[U64(piece)];
  op.x_stride = U(unit_);
  op.a_mode = isa::OperandMode::kRow;
  op.a = inverse_.at(index);
  op.a_stride = 4;
  op.SetMImm(kSumScale);
  const int col = tile.head * t_.head + piece * kBlock;
  const Label label{t_.name + "attn", tile.row, col};
  if (t_.to == AttentionTask::Out::kAb) {
    op.out_space = isa::OutSpace::kAb;
    op.out_format = isa::OutFormat::kQ80;
    op.out = t_.out_ab + U(tile.row / lanes_) * t_.out_ab_stride + U(col / kBlock);
    op.out_stride = t_.out_ab_stride;
    emit_->Emit(op, label);
    return;
  }
  if (t_.to == AttentionTask::Out::kVm) {
    op.out_space = isa::OutSpace::kVm;
    op.out = t_.out_vm + U(((tile.head * t_.rows + tile.row) * t_.head + piece * kBlock) * 4);
    op.out_stride = U(t_.head * 4);
    emit_->Emit(op, {fmt::format("{}head{}.attn", t_.name, tile.head), tile.row, piece * kBlock});
    return;
  }
  const uint32_t row_bytes = U(t_.head * 2);
  op.out_space = isa::OutSpace::kVm;
  op.out_format = isa::OutFormat::kF16;
  op.out = result_.at(index) + U(piece * kBlock * 2);
  op.out_stride = row_bytes;
  emit_->Emit(op, label);
  if (piece + 1 < pieces_) return;
  isa::StCopy st;
  st.dst = t_.out + (U64(tile.head) * U64(t_.rows) + U64(tile.row)) * row_bytes;
  st.src = result_.at(index);
  st.len = U(tile.rows) * row_bytes;
  emit_->Emit(st, {t_.name + "attn", tile.row, tile.head * t_.head});
}

// The scales of V in WB: its own are in the probabilities.
void Schedule::FillOnes() {
  isa::LdFill ones;
  ones.pattern = 0x3C003C00;  // FP16 1.0 twice
  ones.dst_space = isa::LdDst::kWbScale;
  ones.dst = v_.base * cfg_.cols * 2;
  uint32_t slots = 0;  // in use
  for (const Batch& batch : batches_) slots = std::max(slots, batch.slot + 1);
  ones.len = v_.size * slots * cfg_.cols * 2;
  emit_->Emit(ones, {t_.name + "values.one"});
  if (!by_identity_) return;
  ones.dst = identity_ * cfg_.cols * 2;
  ones.len = kBlock * 2;
  emit_->Emit(ones, {t_.name + "identity.one"});
  isa::LdCopy identity;
  identity.src = s_.identity_ext;
  identity.dst_space = isa::LdDst::kWb;
  identity.dst = identity_ * cfg_.cols * kBlock;
  identity.len = kBlock * kBlock;
  emit_->Emit(identity, {t_.name + "identity"});
}

void Schedule::LoadTables() {
  if (s_.tables_ext == 0) return;
  isa::LdCopy tables;
  tables.src = s_.tables_ext;
  tables.dst_space = isa::LdDst::kLut;
  tables.dst = s_.exp_of_minus * isa::kTableBytes;
  tables.len = 2 * isa::kTableBytes;
  emit_->Emit(tables, {"tables"});
}

// ---- Order

// Emits loads whose place is free, of at most one batch each of K and V: commands are dispatched in
// order, so loads far ahead of their use must not stand before commands that could start. Returns
// whether there was one.
bool Schedule::Pump() {
  const int before = k_next_ + q_next_ + v_next_ + scale_next_;
  const auto batches = static_cast<int>(batches_.size()), tiles = static_cast<int>(tiles_.size());
  // A KV head may come to L2 when nothing has still to be read from the one whose place it takes.
  const auto may_stage = [&](int kv) {
    const int oldest = std::min(k_next_ < batches ? KvOf(k_next_) : kv_heads_,
                                v_next_ < batches ? KvOf(v_next_) : kv_heads_);
    return !staged_ || kv - heads_.count < oldest;
  };
  // One slice more than this batch needs, so that the next one does not wait for its way through
  // L2.
  const auto stage = [&](int batch) {
    if (staged_) StageTo(KvOf(batch), batches_[U64(batch)].index + 2);
  };
  const auto free = [&](int batch, int used) {
    return batch < batches && batch <= batch_ + kLead && batches_[U64(batch)].after < used &&
           may_stage(KvOf(batch));
  };
  const bool first = k_next_ == 0;
  if (!first && !t_.q_in_ab && q_next_ < tiles && q_next_ < q_used_ + q_.count) LoadQ(q_next_++);
  while (k_next_ < batches && !batches_[U64(k_next_)].load) ++k_next_;
  if (free(k_next_, k_used_)) {
    if (again_ && k_next_ > 0) stage(k_next_);
    LoadK(k_next_++);
  }
  if (first && !t_.q_in_ab) LoadQ(q_next_++);
  if (scale_next_ < kv_heads_ && scale_next_ < scale_used_ + value_scale_.count)
    LoadValueScales(scale_next_++);
  if (first) {
    LoadTables();
    FillOnes();
  }
  while (v_next_ < batches && !batches_[U64(v_next_)].load) ++v_next_;
  const bool early = k_next_ < std::min(batches, v_next_ + 2) && free(k_next_, k_used_);
  if (!early && free(v_next_, v_used_)) {
    stage(v_next_);
    LoadV(v_next_++);
  }
  return k_next_ + q_next_ + v_next_ + scale_next_ != before;
}

// Room that commands of `kRoomDelay` steps ago have left: a load that waits stands before others.
bool Schedule::TakeReleased(bool all) {
  bool any = false;
  while (!released_.empty() && (all || released_.front().step <= step_)) {
    *released_.front().used = released_.front().before;
    released_.pop_front();
    any = true;
  }
  return any;
}

void Schedule::PopProduct() {
  const Pending pending = products_.front();
  products_.pop_front();
  const Batch& batch = batches_[U64(pending.batch)];
  if (batch.index == 0) {  // starts O: what it held must be out
    while (!drains_.empty() && drains_.front().first < batch.tile) PopDrain();
  }
  while (v_next_ <= pending.batch) {
    if (!Pump() && !TakeReleased(true))
      throw Error("attention: values wait for room that does not come");
  }
  Product(pending.batch, pending.piece);
  if (batch.last) drains_.emplace_back(batch.tile, pending.piece);
  if (pending.piece + 1 == pieces_) {
    Release(&v_used_, pending.batch + 1);
    Pump();
  }
}

void Schedule::PopStatistic() {
  const int index = statistics_.front() / 2;
  const bool inverse = statistics_.front() % 2 != 0;
  statistics_.pop_front();
  if (!inverse) {
    // Its place for the sum may still scale results of an older tile.
    if (index >= inverse_.count) {
      FinishProducts(last_batch_[U64(index - inverse_.count)]);
      while (!drains_.empty() && drains_.front().first <= index - inverse_.count) PopDrain();
    }
    Sums(index);
  } else {
    Inverse(index);
  }
}

void Schedule::PopDrain() {
  const auto [tile, piece] = drains_.front();
  while (!statistics_.empty() && statistics_.front() <= 2 * tile + 1) PopStatistic();
  drains_.pop_front();
  Drain(tile, piece);
}

// All products of batches up to `batch`.
void Schedule::FinishProducts(int batch) {
  while (!products_.empty() && products_.front().batch <= batch) PopProduct();
}

void Schedule::Emit() {
  // Products wait until their probabilities are surely under way. The MXE is then delay + 1 chunks
  // ahead of the GTA where the GTA is the slower one: these must not share a bank of ACC.
  int delay = std::clamp(static_cast<int>(score_acc_.size()) - 2, 0, 2);
  const uint32_t bank = cfg_.AccWords() / 4;
  while (delay > 0 && score_acc_[0] / bank == ScoreBuffer(delay + 1) / bank) --delay;
  const auto batches = static_cast<int>(batches_.size());
  int kv_steps = 0, kv_step = 0, kv = -1;
  for (int b = 0; b < batches; ++b) {
    const Batch& batch = batches_[U64(b)];
    const Tile& tile = TileOf(batch);
    batch_ = b;
    if (tile.kv != kv) {
      kv = tile.kv;
      kv_step = kv_steps = 0;
      for (int i = b; i < batches && KvOf(i) == kv; ++i)
        kv_steps += static_cast<int>(batches_[U64(i)].chunks.size());
    }
    Pump();
    while (k_next_ <= b || scale_next_ <= tile.kv || (!t_.q_in_ab && q_next_ <= batch.tile)) {
      if (Pump() || TakeReleased(true)) continue;
      if (products_.empty()) throw Error("attention: keys wait for room that does not come");
      PopProduct();  // makes room
    }
    if (b >= p_.count) FinishProducts(b - p_.count);
    if (batch.index == 0 && batch.tile >= sums_.count) {
      while (!statistics_.empty() && statistics_.front() <= 2 * (batch.tile - sums_.count))
        PopStatistic();
    }
    for (size_t c = 0; c < batch.chunks.size(); ++c, ++step_, ++kv_step) {
      const Chunk& chunk = batch.chunks[c];
      Scores(batch, chunk);
      Back(kLag - 1);
      const bool last = c + 1 == batch.chunks.size();
      TakeReleased(false);
      Pump();
      if (last) {
        Release(&k_used_, b + 1);
        if (batch.last) Release(&q_used_, batch.tile + 1);
      }
      // The pieces of an older batch, evenly over the steps of its length.
      if (!products_.empty()) {
        const auto steps = static_cast<int>(batches_[U64(products_.front().batch)].chunks.size());
        for (int i = Ceil(pieces_, steps);
             i > 0 && !products_.empty() && products_.front().ready <= step_; --i)
          PopProduct();
      }
      if (batch.index == 0 && c == 0) Reference(batch);
      Probabilities(batch, b, chunk);
      if (last) {
        for (int piece = 0; piece < pieces_; ++piece)
          products_.push_back({b, piece, step_ + 1 + delay + (TwoRows(tile) > 0 ? kLag - 1 : 0)});
        if (batch.last) {
          statistics_.push_back(2 * batch.tile);
          statistics_.push_back(2 * batch.tile + 1);
        }
        if (b + 1 == batches || KvOf(b + 1) != kv) scale_used_ = kv + 1;
      } else if (!statistics_.empty()) {
        PopStatistic();
      } else if (!drains_.empty()) {
        PopDrain();
      }
      // The next KV head comes to L2 while this one is used.
      if (staged_ && kv + 1 < kv_heads_ && heads_.count > 1 && v_next_ < batches &&
          KvOf(std::min(k_next_, v_next_)) > kv + 1 - heads_.count) {
        const int wanted = slice_count_ * (kv_step + 1) / std::max(1, kv_steps - 2);
        StageTo(kv + 1, wanted);
      }
    }
  }
  FinishProducts(batches);
  while (!drains_.empty()) PopDrain();
}

}  // namespace

bool AttentionFits(const AttentionTask& task, const AttentionSpace& space,
                   const isa::Config& config) {
  try {
    Schedule(nullptr, task, space, config);
  } catch (const Error&) {
    return false;
  }
  return true;
}

void EmitAttention(Emitter* emit, const AttentionTask& task, const AttentionSpace& space,
                   const isa::Config& config) {
  Schedule(emit, task, space, config).Emit();
}

std::vector<uint8_t> AttentionTables() {
  std::vector<uint8_t> bytes = tables::BuildTable(tables::Function::kExp);
  bytes[2 * 16 + 12 + 3] ^= 0x80;  // exp(-x): the inverse step (word 3 of entry 2), sign changed
  std::vector<uint8_t> reciprocal = tables::BuildTable(tables::Function::kReciprocalOrZero);
  // 1/infinity: a sum that overflowed must not give zeros (word 3 of entry 4: the canonical NaN).
  reciprocal[4 * 16 + 12 + 2] = 0xC0;
  reciprocal[4 * 16 + 12 + 3] = 0x7F;
  bytes.insert(bytes.end(), reciprocal.begin(), reciprocal.end());
  return bytes;
}

int DefaultTwoBelow(int keys, bool causal) {
  if (keys <= 256) return keys + 1;
  return causal && keys >= 1024 ? keys / 8 : 0;
}

std::vector<uint8_t> AttentionConstants() {
  std::vector<uint8_t> bytes = AttentionTables();
  for (int i = 0; i < kBlock * kBlock; ++i) bytes.push_back(i % (kBlock + 1) == 0 ? 1 : 0);
  return bytes;
}

void PlaceAttention(AttentionProblem* p, const isa::Config& config) {
  Placer placer(p->base);
  const auto take = [&](uint64_t bytes) { return placer.Take(isa::ExtSpace::kExt, bytes); };
  AttentionTask& t = p->task;
  t = {};
  t.heads = p->heads, t.group = p->group, t.rows = p->rows, t.keys = p->keys, t.head = p->head;
  t.capacity = Pad(p->keys, kBlock);
  t.causal = p->causal, t.diag = p->diag;
  t.two_below = p->two_below >= 0 ? p->two_below : DefaultTwoBelow(p->keys, p->causal);
  t.scale = 1.0f / std::sqrt(static_cast<float>(p->head));
  const uint64_t q = U64(p->heads) *
                     U64(Pad(p->rows, QueryUnit(static_cast<int>(config.rows), p->head / kBlock))) *
                     U64(p->head),
                 kv = U64(p->heads / p->group) * U64(t.capacity) * U64(p->head);
  t.q = take(q), t.q_scale = take(q / 16);
  t.k = take(kv), t.k_scale = take(kv / 16);
  t.v = take(kv), t.v_scale = take(kv / U64(p->head) * 2);
  t.out = take(U64(p->heads) * U64(p->rows) * U64(p->head) * 2);
  p->tables = take(AttentionConstants().size());
  p->scratch = take(64);
  p->end = placer.next();
}

Program BuildAttention(const AttentionProblem& p, const isa::Config& config) {
  Emitter emit(config, 0, p.scratch);
  emit.SetConstant(p.base, p.task.out);
  AttentionSpace space;
  space.tables_ext = p.tables;
  space.identity_ext = p.tables + 2 * isa::kTableBytes;
  space.ab_words = config.AbWords();
  space.vm = kVmAlign;  // below: the emitter's scratch
  space.vm_bytes = config.vm - kVmAlign;
  space.l2_bytes = config.l2;
  space.exp_of_minus = 0, space.reciprocal = 1;
  EmitAttention(&emit, p.task, space, config);
  return emit.Finish();
}

}  // namespace wren::compiler
