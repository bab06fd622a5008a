#include "wren/compiler/language_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "gta_ops.h"
#include "quantize.h"
#include "wren/error.h"
#include "wren/tables/tables.h"

namespace wren::compiler {

using namespace gta;  // NOLINT: this file is made of these

namespace {

// LUT tables in the order of their numbers.
enum TableNumber : uint32_t {
  kActivation = 0,
  kExpOfMinus = 1,
  kReciprocal = 2,
  kRsqrt = 3,
  kTableCount = 4
};

constexpr int kBlock = 32;
constexpr int kScoreTiles =
    31;  // partial row maxima kept per row (one block, the last is their maximum)
constexpr uint32_t kMaxRowStride = 128;  // bytes from row to row of the partial maxima
constexpr uint32_t kTotalMax = 124;      // offset of the row's maximum

}  // namespace

LanguageModel::LanguageModel(const ModelFile& model, const isa::Config& config,
                             const CompileOptions& options)
    : Network(config, model.hp, model.arch) {
  if (IsEncoder(arch_)) {
    throw Error(fmt::format("{}: an encoder ({}) writes no text; see `wren {}`", model.path,
                            ArchitectureName(arch_),
                            arch_ == Architecture::kBert ? "embed" : "classify"));
  }
  ChooseSlots(options);
  PlaceTables();
  PlaceLayers(model);
  if (hp_.rope_dim > 0) {
    const Tensor* factors = model.Find("rope_freqs.weight");
    PlaceRotary(factors != nullptr ? factors->ToF32() : std::vector<float>());
  }
  ReserveResults();
}

LanguageModel::LanguageModel(const Hyperparameters& shape, isa::WeightFormat format,
                             const isa::Config& config, const CompileOptions& options)
    : Network(config, shape, Architecture::kLlama) {
  if (shape.dim % kBlock != 0 || shape.hidden % kBlock != 0 || shape.head_dim % kBlock != 0 ||
      shape.vocab % kBlock != 0)
    throw Error("the widths of a network without weights must be multiples of 32");
  ChooseSlots(options);
  PlaceTables();
  PlaceHoles(format);
  if (hp_.rope_dim > 0) PlaceRotary({});
  ReserveResults();
  for (const Layer& layer : layers_) {
    const uint64_t cache = static_cast<uint64_t>(hp_.n_kv_heads) *
                           static_cast<uint64_t>(context_pad_) * static_cast<uint64_t>(head_);
    holes_.push_back({layer.k, cache, Hole::Content::kQuants});
    holes_.push_back({layer.k_scale, cache / 16, Hole::Content::kScales});
    holes_.push_back({layer.v, cache, Hole::Content::kQuants});
    holes_.push_back(
        {layer.v_scale, cache / static_cast<uint64_t>(head_) * 2, Hole::Content::kScales});
  }
}

// How the memories are shared out; external memory begins.
void LanguageModel::ChooseSlots(const CompileOptions& options) {
  dim_ = Pad(hp_.dim, kBlock);
  hidden_ = Pad(hp_.hidden, kBlock);
  head_ = Pad(hp_.head_dim, kBlock);
  vocab_pad_ = Pad(hp_.vocab, kBlock);
  q_width_ = hp_.n_heads * head_;
  kv_width_ = hp_.n_kv_heads * head_;
  group_ = hp_.n_heads / hp_.n_kv_heads;
  context_ = options.max_context > 0 ? std::min(options.max_context, hp_.context)
                                     : std::min(hp_.context, 2048);
  context_pad_ = Pad(context_, kBlock);

  const auto sets = static_cast<int>(cfg_.WbSets());
  acc_slot_words_ = static_cast<int>(cfg_.AccWords()) / 2;
  tile_cols_ = cfg_.vm > 65536 ? 256 : 64;
  // As many slots as hold 32 keys each.
  for (const int slots : {sets > 128 ? 4 : 2, 2}) {
    if (key_tile_ >= kBlock) break;
    wb_slots_ = slots;
    wb_slot_sets_ = sets / slots;
    key_tile_ = wb_slot_sets_ * static_cast<int>(cfg_.cols) / (head_ / kBlock) / kBlock * kBlock;
  }
  if (key_tile_ < kBlock) {
    throw Error(fmt::format(
        "heads of {} do not fit the weight buffer of {} bytes; use a larger configuration", head_,
        cfg_.wb));
  }
  if (cfg_.tables < kTableCount) throw Error("the configuration has fewer than four tables");

  const auto lanes_rows = static_cast<int>(cfg_.rows);
  int rows = Pad(std::min(options.max_rows > 0 ? options.max_rows : 64, context_), lanes_rows);
  // Fewer rows until they fit; wide models may leave room for less than one group of ROWS.
  while (rows > 0 && !LayOut(rows))
    rows -= rows > 8 * lanes_rows ? 4 * lanes_rows : rows > lanes_rows ? lanes_rows : 1;
  if (rows <= 0) {
    throw Error(fmt::format(
        "width {}, {} heads of {} and a context of {} do not fit {} bytes of VM and {} of AB; "
        "use a larger configuration or a smaller context",
        dim_, hp_.n_heads, head_, context_, cfg_.vm, cfg_.ab));
  }
  rows_ = rows;
  one_pass_ = AttentionFits(Attention({}, hp_.n_heads, group_, rows, context_), Space(), cfg_) &&
              AttentionFits(Attention({}, hp_.n_kv_heads, 1, group_, context_), Space(), cfg_);

  next_ = options.ext_base;
  constant_begin_ = next_;
}

// What programs write in external memory, behind all constants.
void LanguageModel::ReserveResults() {
  constant_end_ = next_;
  const auto reserve = [&](uint64_t bytes) {
    const uint64_t at = next_;
    next_ = Pad64(next_ + bytes, 4096);
    return at;
  };
  next_ = Pad64(next_, 4096);
  tokens_ = reserve(Pad64(static_cast<uint64_t>(rows_) * 4, 64));
  const uint64_t cache =
      static_cast<uint64_t>(hp_.n_kv_heads) * static_cast<uint64_t>(context_pad_);
  for (Layer& layer : layers_) {
    layer.k = reserve(cache * static_cast<uint64_t>(head_));
    layer.k_scale = reserve(cache * static_cast<uint64_t>(head_) / 16);
    layer.v = reserve(cache * static_cast<uint64_t>(head_));
    layer.v_scale = reserve(cache * 2);
  }
  logits_ = reserve(static_cast<uint64_t>(rows_) * static_cast<uint64_t>(vocab_pad_) * 4);
  scratch_ext_ = reserve(64);
  ext_end_ = next_;
}

// Shares out VM and AB for steps of `rows` rows; false when they do not fit.
bool LanguageModel::LayOut(int rows) {
  const auto r = static_cast<uint64_t>(rows),
             score_rows = static_cast<uint64_t>(std::max(rows, group_));
  const auto dim = static_cast<uint64_t>(dim_), q = static_cast<uint64_t>(q_width_),
             kv = static_cast<uint64_t>(kv_width_);
  const auto head = static_cast<uint64_t>(head_), context = static_cast<uint64_t>(context_pad_);
  vm_next_ = 0;
  ab_next_ = 0;
  vm_scratch_ = TakeVm(16);
  vm_ids_ = TakeVm(r * 4);
  vm_x_ = TakeVm(r * dim * 4);
  for (uint32_t& stat : vm_stat_) stat = TakeVm(r * static_cast<uint64_t>(hp_.n_kv_heads) * 4);
  vm_q_ = TakeVm(r * q * 4);
  vm_k_ = TakeVm(r * kv * 4);
  vm_v_ = TakeVm(r * kv * 4);
  vm_t_ = TakeVm(r * std::max(dim, q + kv) * 4);
  vm_cos_ = TakeVm(r * head * 4);
  vm_sin_ = TakeVm(r * head * 4);
  vm_kq_ = TakeVm(r * kv);
  vm_ks_ = TakeVm(r * kv / 16);
  vm_vq_ = TakeVm(r * kv);
  vm_vs_ = TakeVm(r * static_cast<uint64_t>(hp_.n_kv_heads) * 2);
  for (int i = 0; i < 2; ++i) {
    vm_s_[i] = TakeVm(score_rows * context * 4);
    vm_smax_[i] = TakeVm(score_rows * kMaxRowStride);
    vm_l_[i] = TakeVm(score_rows * 4);
    vm_vscale_[i] = TakeVm(context * 2);
  }
  vm_attention_end_ = vm_next_;
  for (int i = 0; i < 2; ++i) {
    vm_gate_[i] = TakeVm(r * static_cast<uint64_t>(tile_cols_) * 4);
    vm_logits_[i] = TakeVm(r * static_cast<uint64_t>(tile_cols_) * 4);
  }
  vm_o_ = TakeVm(q * 4);
  const int widest =
      arch_ == Architecture::kGpt2 ? std::max(q_width_ + 2 * kv_width_, hidden_) : dim_;
  vec_bytes_ = static_cast<uint32_t>(std::max(widest, dim_)) * 4;
  for (uint32_t& vec : vm_vec_) vec = TakeVm(vec_bytes_);

  const auto groups = static_cast<uint64_t>(Groups(rows)),
             score_groups = static_cast<uint64_t>(Groups(static_cast<int>(score_rows)));
  ab_x_ = TakeAb(groups * dim / kBlock);
  ab_q_ = TakeAb(std::max(groups * static_cast<uint64_t>(hp_.n_heads),
                          static_cast<uint64_t>(Groups(group_) * hp_.n_kv_heads)) *
                 head / kBlock);
  for (uint32_t& p : ab_p_) p = TakeAb(score_groups * context / kBlock);
  ab_o_ = TakeAb(groups * q / kBlock);
  ab_h_ = TakeAb(groups * static_cast<uint64_t>(hidden_) / kBlock);

  const uint64_t unit = kBlock / cfg_.cols;  // ACC words of one GTA block
  return vm_next_ <= cfg_.vm && ab_next_ <= cfg_.AbWords() &&
         static_cast<uint64_t>(acc_slot_words_) >= score_groups * unit;
}

// ---- Networks without weights

uint64_t LanguageModel::MakeHole(uint64_t bytes, Hole::Content content) {
  const uint64_t at = next_;
  next_ = Pad64(next_ + bytes, 64);
  holes_.push_back({at, bytes, content});
  return at;
}

LanguageModel::Vector LanguageModel::VectorHole(int n, Hole::Content content,
                                                const std::string& name) {
  return {name, MakeHole(static_cast<uint64_t>(n) * 4, content), n};
}

LanguageModel::Matrix LanguageModel::MatrixHole(int n, int k, isa::WeightFormat format,
                                                const std::string& name) {
  Matrix m = PlanMatrix(n, k, format, name, kBlock);
  for (Chunk& chunk : m.chunks) {
    const uint64_t blocks = static_cast<uint64_t>(chunk.groups * chunk.blocks) * cfg_.cols,
                   data = blocks * static_cast<uint64_t>(m.block_bytes()), scales = blocks * 2;
    chunk.address = next_;
    holes_.push_back({next_, data, Hole::Content::kQuants});
    holes_.push_back({next_ + data, scales, Hole::Content::kScales});
    next_ = Pad64(next_ + data + scales, 64);
    matrix_bytes_ += data + scales;
  }
  return m;
}

void LanguageModel::PlaceHoles(isa::WeightFormat format) {
  embedding_ = {"token_embd",
                MakeHole(static_cast<uint64_t>(hp_.vocab) * static_cast<uint64_t>(dim_) * 4,
                         Hole::Content::kEmbedding),
                hp_.vocab};
  const auto norm = [&](const std::string& name) {
    return VectorHole(dim_, Hole::Content::kVector, name);
  };
  for (int i = 0; i < hp_.n_layers; ++i) {
    const std::string prefix = fmt::format("blk.{}.", i);
    Layer layer;
    layer.attn_norm = norm(prefix + "attn_norm.weight");
    layer.qkv = MatrixHole(q_width_ + 2 * kv_width_, dim_, format, prefix + "attn_qkv");
    layer.out = MatrixHole(dim_, q_width_, format, prefix + "attn_output");
    layer.ffn_norm = norm(prefix + "ffn_norm.weight");
    layer.gate = MatrixHole(hidden_, dim_, format, prefix + "ffn_gate");
    layer.up = MatrixHole(hidden_, dim_, format, prefix + "ffn_up");
    layer.down = MatrixHole(dim_, hidden_, format, prefix + "ffn_down");
    layers_.push_back(std::move(layer));
  }
  final_norm_ = norm("output_norm.weight");
  output_ = MatrixHole(vocab_pad_, dim_, format, "output");
}

void LanguageModel::PlaceTables() {
  using tables::Function;
  const Function activation =
      arch_ == Architecture::kGpt2 ? Function::kGeluTanhGate : Function::kSigmoid;
  std::vector<uint8_t> bytes = tables::BuildTable(activation);
  const auto append = [&](std::vector<uint8_t> table) {
    bytes.insert(bytes.end(), table.begin(), table.end());
  };
  append(AttentionTables());  // kExpOfMinus, kReciprocal
  append(tables::BuildTable(Function::kRsqrt));
  tables_ = Place(std::move(bytes), "tables");
}

void LanguageModel::PlaceLayers(const ModelFile& model) {
  const auto vector_of = [&](const std::string& name, const std::vector<int>& map) -> Vector {
    const Tensor* tensor = model.Find(name);
    if (tensor == nullptr) return {};
    const std::vector<float> values = tensor->ToF32();
    std::vector<float> padded(map.size());
    for (size_t i = 0; i < map.size(); ++i) {
      if (map[i] >= 0) padded[i] = values[static_cast<size_t>(map[i])];
    }
    return PlaceVector(padded, static_cast<int>(padded.size()), name);
  };
  const auto place = [&](const Source& source, int n, int k, const std::string& name) {
    return PlaceMatrix(source, n, k, name, kBlock);
  };

  const std::vector<int> dim_map = Identity(hp_.dim, dim_),
                         hidden_map = Identity(hp_.hidden, hidden_);
  const std::vector<int> q_map = Heads(hp_.n_heads, hp_.head_dim, head_),
                         kv_map = Heads(hp_.n_kv_heads, hp_.head_dim, head_);
  const std::vector<int> plain;
  const std::vector<int>& dim_cols = dim_ == hp_.dim ? plain : dim_map;
  const std::vector<int>& hidden_cols = hidden_ == hp_.hidden ? plain : hidden_map;
  const std::vector<int>& q_cols = head_ == hp_.head_dim ? plain : q_map;

  embedding_ = PlaceRows(model.Get("token_embd.weight"), dim_, "token_embd");
  if (const Tensor* positions = model.Find("position_embd.weight"))
    positions_ = PlaceRows(*positions, dim_, "position_embd");
  for (int i = 0; i < hp_.n_layers; ++i) {
    const std::string prefix = fmt::format("blk.{}.", i);
    const auto get = [&](const char* name) { return &model.Get(prefix + name); };
    Layer layer;
    layer.attn_norm = vector_of(prefix + "attn_norm.weight", dim_map);
    layer.attn_norm_bias = vector_of(prefix + "attn_norm.bias", dim_map);
    layer.ffn_norm = vector_of(prefix + "ffn_norm.weight", dim_map);
    layer.ffn_norm_bias = vector_of(prefix + "ffn_norm.bias", dim_map);
    layer.qkv = place({{get("attn_q.weight"), get("attn_k.weight"), get("attn_v.weight")},
                       {q_map, kv_map, kv_map},
                       dim_cols},
                      q_width_ + 2 * kv_width_, dim_, prefix + "attn_qkv");
    if (model.Find(prefix + "attn_q.bias") != nullptr) {
      std::vector<float> bias;
      for (const auto& [name, map] :
           {std::pair{"attn_q.bias", &q_map}, {"attn_k.bias", &kv_map}, {"attn_v.bias", &kv_map}}) {
        const Tensor* tensor = model.Find(prefix + name);
        const std::vector<float> values =
            tensor != nullptr ? tensor->ToF32() : std::vector<float>();
        for (const int from : *map)
          bias.push_back(from >= 0 && tensor != nullptr ? values[static_cast<size_t>(from)] : 0.0f);
      }
      layer.qkv_bias = PlaceVector(bias, static_cast<int>(bias.size()), prefix + "attn_qkv.bias");
    }
    layer.out = place({{get("attn_output.weight")}, {dim_map}, q_cols}, dim_, q_width_,
                      prefix + "attn_output");
    layer.out_bias = vector_of(prefix + "attn_output.bias", dim_map);
    if (arch_ == Architecture::kLlama) {
      layer.gate = place({{get("ffn_gate.weight")}, {hidden_map}, dim_cols}, hidden_, dim_,
                         prefix + "ffn_gate");
    }
    layer.up =
        place({{get("ffn_up.weight")}, {hidden_map}, dim_cols}, hidden_, dim_, prefix + "ffn_up");
    layer.up_bias = vector_of(prefix + "ffn_up.bias", hidden_map);
    layer.down = place({{get("ffn_down.weight")}, {dim_map}, hidden_cols}, dim_, hidden_,
                       prefix + "ffn_down");
    layer.down_bias = vector_of(prefix + "ffn_down.bias", dim_map);
    if (arch_ == Architecture::kLlama &&
        (layer.up_bias.n != 0 || model.Find(prefix + "ffn_gate.bias") != nullptr)) {
      throw Error(fmt::format("{}: biases in a gated MLP are not supported", prefix));
    }
    layers_.push_back(std::move(layer));
  }
  final_norm_ = vector_of("output_norm.weight", dim_map);
  final_bias_ = vector_of("output_norm.bias", dim_map);
  output_ = place({{&model.OutputWeight()}, {Identity(hp_.vocab, vocab_pad_)}, dim_cols},
                  vocab_pad_, dim_, "output");
}

// Element pair (2i, 2i+1) of a head turns by pos * theta^(-2i/rope_dim) (RoPE, arXiv 2104.09864);
// stored so that y = x*cos + swap(x)*sin with the sign of the rotation in the sines.
void LanguageModel::PlaceRotary(const std::vector<float>& factors) {
  const size_t count = static_cast<size_t>(context_pad_) * static_cast<size_t>(head_);
  std::vector<float> cosines(count, 1.0f), sines(count, 0.0f);
  for (int pos = 0; pos < context_pad_; ++pos) {
    for (int i = 0; i < hp_.rope_dim / 2; ++i) {
      double angle = pos * std::pow(static_cast<double>(hp_.rope_theta), -2.0 * i / hp_.rope_dim);
      if (!factors.empty()) angle /= static_cast<double>(factors[static_cast<size_t>(i)]);
      const size_t at =
          static_cast<size_t>(pos) * static_cast<size_t>(head_) + static_cast<size_t>(2 * i);
      cosines[at] = cosines[at + 1] = static_cast<float>(std::cos(angle));
      sines[at] = static_cast<float>(-std::sin(angle));
      sines[at + 1] = static_cast<float>(std::sin(angle));
    }
  }
  cos_ = PlaceVector(cosines, static_cast<int>(count), "rope_cos").address;
  sin_ = PlaceVector(sines, static_cast<int>(count), "rope_sin").address;
}

// ---- Steps

isa::GtaOp LanguageModel::FromAcc(const Tile& tile, int rows) const {
  return gta::FromAcc(tile.acc, tile.groups, rows, tile.cols);
}

Program LanguageModel::BuildSetup() {
  emit_ = std::make_unique<Emitter>(cfg_, vm_scratch_, scratch_ext_);
  emit_->SetConstant(constant_begin_, constant_end_);
  isa::LdCopy ld;
  ld.src = tables_;
  ld.dst_space = isa::LdDst::kLut;
  ld.len = kTableCount * isa::kTableBytes;
  emit_->Emit(ld, {"tables"});
  return emit_->Finish();
}

Program LanguageModel::BuildStep(int pos, int count, bool all_logits, bool exact) {
  if (count < 1 || count > rows_ || pos < 0 || pos + count > context_) {
    throw Error(fmt::format("{} tokens at position {} do not fit steps of {} and a context of {}",
                            count, pos, rows_, context_));
  }
  emit_ = std::make_unique<Emitter>(cfg_, vm_scratch_, scratch_ext_);
  emit_->SetConstant(constant_begin_, constant_end_);
  wb_turn_ = acc_turn_ = vec_turn_ = head_turn_ = gate_turn_ = 0;
  exact_ = exact || !one_pass_;
  EmitEmbedding(pos, count);
  for (size_t i = 0; i < layers_.size(); ++i) {
    EmitAttention(layers_[i], static_cast<int>(i), pos, count);
    EmitFfn(layers_[i], static_cast<int>(i), count);
  }
  const int rows = all_logits ? count : 1;
  EmitNorm(final_norm_, final_bias_, vm_x_ + static_cast<uint32_t>((count - rows) * dim_ * 4), rows,
           "final_norm");
  EmitGemm(output_, ab_x_, dim_ / kBlock, rows, [&](const Tile& tile) {
    const uint32_t buffer = vm_logits_[gate_turn_];
    gate_turn_ ^= 1;
    isa::GtaOp op = FromAcc(tile, rows);
    OutVm(&op, buffer, tile_cols_ * 4);
    emit_->Emit(op, {"logits", 0, tile.col});
    isa::StCopy st;
    st.dst = logits_ + static_cast<uint64_t>(tile.col) * 4;
    st.src = buffer;
    st.len = static_cast<uint32_t>(tile.cols) * 4;
    st.n1 = static_cast<uint32_t>(rows);
    st.s1 = static_cast<uint32_t>(tile_cols_) * 4;
    st.t1 = static_cast<uint32_t>(vocab_pad_) * 4;
    emit_->Emit(st, {"logits", 0, tile.col});
  });
  return emit_->Finish();
}

// In one block of 32 positions the same bytes of the cache are loaded, each step stores into them,
// and no command reads or writes another number of blocks: all that moves is in Program::moving.
const Program& LanguageModel::Step(int pos, int count, bool all_logits) {
  const bool moves = count == 1 && one_pass_;
  if (moves && step_from_ >= 0 && pos >= 0 && pos < context_ &&
      pos / kBlock == step_from_ / kBlock) {
    Move(&step_, pos - step_from_);
    return step_;
  }
  step_from_ = -1;
  step_ = BuildStep(pos, count, all_logits);
  if (moves) step_from_ = pos;
  return step_;
}

// A command that moves with a step of one token.
template <class Make>
void LanguageModel::EmitAt(int count, Make make) {
  if (count == 1) {
    emit_->EmitMoving(make);
    return;
  }
  auto [command, label] = make(0);
  emit_->Emit(command, std::move(label));
}

void LanguageModel::EmitEmbedding(int pos, int count) {
  isa::LdCopy ids;
  ids.src = tokens_;
  ids.dst_space = isa::LdDst::kVm;
  ids.dst = vm_ids_;
  ids.len = static_cast<uint32_t>(Pad(count * 4, 16));
  emit_->Emit(ids, {"tokens"});
  isa::LdGather rows;
  rows.idx = vm_ids_;
  rows.src = embedding_.address;
  rows.dst_space = isa::LdDst::kVm;
  rows.dst = vm_x_;
  rows.len = static_cast<uint32_t>(dim_) * 4;
  rows.n1 = static_cast<uint32_t>(count);
  rows.s1 = rows.t1 = rows.len;
  emit_->Emit(rows, {"embed"});
  if (positions_.n == 0) return;
  EmitAt(count, [=, table = positions_.address, row = dim_ * 4, dst = vm_t_](int by) {
    isa::LdCopy where;
    where.src = table + static_cast<uint64_t>(pos + by) * static_cast<uint64_t>(row);
    where.dst_space = isa::LdDst::kVm;
    where.dst = dst;
    where.len = static_cast<uint32_t>(count * row);
    return std::pair(where, Label{"position_embd", pos + by});
  });
  isa::GtaOp sum = FromVm(vm_x_, dim_ * 4, count, dim_);
  Mat(&sum, kB, vm_t_, dim_ * 4);
  OutVm(&sum, vm_x_, dim_ * 4);
  emit_->Emit(sum, {"embed"});
}

// RMSNorm or LayerNorm of `count` rows at `x`, quantized into ab_x_.
void LanguageModel::EmitNorm(const Vector& weight, const Vector& bias, uint32_t x, int count,
                             const std::string& name) {
  const int stride = dim_ * 4;
  const uint32_t gamma = LoadVector(weight);
  uint32_t source = x;
  if (arch_ == Architecture::kGpt2) {
    isa::GtaOp sum = FromVm(x, stride, count, hp_.dim);
    Reduce(&sum, isa::ReduceOp::kSum, vm_stat_[0], 4);
    emit_->Emit(sum, {name + ".sum"});
    isa::GtaOp mean = FromVm(vm_stat_[0], 4 * kBlock, 1, count);
    mean.SetAImm(-1.0f / static_cast<float>(hp_.dim));
    OutVm(&mean, vm_stat_[1], 4 * kBlock);
    emit_->Emit(mean, {name + ".minus_mean"});
    isa::GtaOp centre = FromVm(x, stride, count, hp_.dim);
    Row(&centre, kB, vm_stat_[1], 4);
    OutVm(&centre, vm_t_, stride);
    emit_->Emit(centre, {name + ".centred"});
    source = vm_t_;
  }
  isa::GtaOp squares = FromVm(source, stride, count, hp_.dim);
  squares.m_mode = isa::OperandMode::kSelf;
  Reduce(&squares, isa::ReduceOp::kSum, vm_stat_[2], 4);
  emit_->Emit(squares, {name + ".sum_of_squares"});
  isa::GtaOp root = FromVm(vm_stat_[2], 4 * kBlock, 1, count);
  root.SetAImm(1.0f / static_cast<float>(hp_.dim));
  root.SetBImm(hp_.norm_eps);
  Apply(&root, kRsqrt);
  OutVm(&root, vm_stat_[3], 4 * kBlock);
  emit_->Emit(root, {name + ".rsqrt"});
  isa::GtaOp scale = FromVm(source, stride, count, hp_.dim);
  Row(&scale, kA, vm_stat_[3], 4);
  Col(&scale, kM, gamma);
  if (bias.n != 0) Col(&scale, kC, LoadVector(bias));
  OutAb(&scale, ab_x_, dim_ / kBlock);
  emit_->Emit(scale, {name});
}

void LanguageModel::EmitAttention(const Layer& layer, int index, int pos, int count) {
  const std::string prefix = fmt::format("blk.{}.", index);
  EmitNorm(layer.attn_norm, layer.attn_norm_bias, vm_x_, count, prefix + "attn_norm");

  // Queries, keys and values in one product, each to its own buffer.
  struct Part {
    const char* name;
    int begin, width;
    uint32_t vm;
  };
  const Part parts[] = {{"q", 0, q_width_, vm_q_},
                        {"k", q_width_, kv_width_, vm_k_},
                        {"v", q_width_ + kv_width_, kv_width_, vm_v_}};
  const uint32_t bias = layer.qkv_bias.n != 0 ? LoadVector(layer.qkv_bias) : 0;
  EmitGemm(layer.qkv, ab_x_, dim_ / kBlock, count, [&](const Tile& tile) {
    for (const Part& part : parts) {
      const int begin = std::max(tile.col, part.begin),
                end = std::min(tile.col + tile.cols, part.begin + part.width);
      if (begin >= end) continue;
      Tile piece = tile;
      piece.acc += static_cast<uint32_t>(begin - tile.col) / cfg_.cols;
      piece.cols = end - begin;
      isa::GtaOp op = FromAcc(piece, count);
      if (layer.qkv_bias.n != 0) Col(&op, kC, bias + static_cast<uint32_t>(begin) * 4);
      OutVm(&op, part.vm + static_cast<uint32_t>(begin - part.begin) * 4, part.width * 4);
      emit_->Emit(op, {prefix + part.name, 0, begin - part.begin});
    }
  });
  EmitRotary(layer, prefix, pos, count);
  EmitCacheStores(layer, prefix, pos, count);

  const int total = pos + count, head_blocks = head_ / kBlock, out_stride = q_width_ / kBlock;
  if (count == 1) {
    // Decode: the query heads of one KV head are rows of one product.
    if (!exact_) {
      AttentionTask task = Attention(layer, hp_.n_kv_heads, 1, group_, total);
      task.moving = true;
      task.name = prefix;
      task.to = AttentionTask::Out::kVm;
      task.out_vm = vm_o_;
      compiler::EmitAttention(emit_.get(), task, Space(), cfg_);
    }
    for (int kv = 0; exact_ && kv < hp_.n_kv_heads; ++kv) {
      const uint32_t q = ab_q_ + static_cast<uint32_t>(kv * Groups(group_) * head_blocks);
      EmitHead(layer, fmt::format("{}kv{}.", prefix, kv), kv, q, group_, total, false, 0, 0, 0,
               vm_o_ + static_cast<uint32_t>(kv * group_ * head_) * 4);
    }
    isa::GtaOp op = FromVm(vm_o_, q_width_ * 4, 1, q_width_);
    OutAb(&op, ab_o_, out_stride);
    emit_->Emit(op, {prefix + "attn"});
  } else if (!exact_) {
    AttentionTask task = Attention(layer, hp_.n_heads, group_, count, total);
    task.name = prefix;
    task.causal = true;
    task.diag = pos;
    task.out_ab = ab_o_;
    task.out_ab_stride = static_cast<uint32_t>(out_stride);
    compiler::EmitAttention(emit_.get(), task, Space(), cfg_);
  } else {
    for (int h = 0; h < hp_.n_heads; ++h) {
      const uint32_t q = ab_q_ + static_cast<uint32_t>(h * Groups(count) * head_blocks);
      EmitHead(layer, fmt::format("{}head{}.", prefix, h), h / group_, q, count, total, true, pos,
               ab_o_ + static_cast<uint32_t>(h * head_blocks), out_stride, 0);
    }
  }
  const uint32_t out_bias = layer.out_bias.n != 0 ? LoadVector(layer.out_bias) : 0;
  EmitGemm(layer.out, ab_o_, out_stride, count, [&](const Tile& tile) {
    EmitResidual(tile, count, layer.out_bias.n != 0, out_bias, prefix + "resid1");
  });
}

AttentionTask LanguageModel::Attention(const Layer& layer, int heads, int group, int rows,
                                       int total) const {
  AttentionTask task;
  task.heads = heads, task.group = group, task.rows = rows, task.keys = total, task.head = head_;
  task.capacity = context_pad_;
  task.scale = 1.0f / std::sqrt(static_cast<float>(hp_.head_dim));
  task.k = layer.k, task.k_scale = layer.k_scale, task.v = layer.v, task.v_scale = layer.v_scale;
  task.to = AttentionTask::Out::kAb;
  task.q_in_ab = true;
  task.q_ab = ab_q_;
  task.q_ab_head = static_cast<uint32_t>(Groups(rows) * (head_ / kBlock));
  return task;
}

// What the exact attention uses, and L2.
AttentionSpace LanguageModel::Space() const {
  AttentionSpace space;
  space.ab = ab_p_[0];
  space.ab_words = ab_o_ - ab_p_[0];
  space.vm = vm_s_[0];
  space.vm_bytes = vm_attention_end_ - vm_s_[0];
  space.l2_bytes = cfg_.l2;
  space.exp_of_minus = kExpOfMinus;
  space.reciprocal = kReciprocal;
  return space;
}

// x += tile (+ bias)
void LanguageModel::EmitResidual(const Tile& tile, int count, bool biased, uint32_t bias,
                                 const std::string& name) {
  const auto offset = static_cast<uint32_t>(tile.col) * 4;
  isa::GtaOp op = FromAcc(tile, count);
  Mat(&op, kB, vm_x_ + offset, dim_ * 4);
  if (biased) Col(&op, kC, bias + offset);
  OutVm(&op, vm_x_ + offset, dim_ * 4);
  emit_->Emit(op, {name, 0, tile.col});
}

// Rotates queries and keys where the model does, and quantizes: q to AB, k (Q8_0) and v (int8, one
// scale per head) to VM.
void LanguageModel::EmitRotary(const Layer&, const std::string& prefix, int pos, int count) {
  const int row = head_ * 4, head_blocks = head_ / kBlock;
  const bool rotary = hp_.rope_dim > 0;
  if (rotary) {
    for (const auto& [src, dst, name] :
         {std::tuple{cos_, vm_cos_, "rope_cos"}, {sin_, vm_sin_, "rope_sin"}}) {
      EmitAt(count, [=, src = src, dst = dst, name = name](int by) {
        isa::LdCopy ld;
        ld.src = src + static_cast<uint64_t>(pos + by) * static_cast<uint64_t>(row);
        ld.dst_space = isa::LdDst::kVm;
        ld.dst = dst;
        ld.len = static_cast<uint32_t>(count * row);
        return std::pair(ld, Label{name, pos + by});
      });
    }
  }
  // y = x*cos + swap(x)*sin for `rows` rows; cos and sin are the same for all rows when decoding
  // one token.
  const auto rotate = [&](uint32_t x, int stride, uint32_t t, int rows, auto finish,
                          const std::string& name) {
    isa::GtaOp last = FromVm(x, stride, rows, head_);
    if (rotary) {
      isa::GtaOp first = FromVm(x, stride, rows, head_);
      last.x_swap = 1;
      if (count == 1) {
        Col(&first, kA, vm_cos_);
        Col(&last, kA, vm_sin_);
      } else {
        Mat(&first, kA, vm_cos_, row);
        Mat(&last, kA, vm_sin_, row);
      }
      OutVm(&first, t, row);
      emit_->Emit(first, {name + "_cos"});
      Mat(&last, kB, t, row);
    }
    finish(&last);
    emit_->Emit(last, {name + "_rope"});
  };
  const auto heads = static_cast<uint32_t>(count == 1 ? hp_.n_kv_heads : hp_.n_heads);
  const int q_rows = count == 1 ? group_ : count;
  for (uint32_t h = 0; h < heads; ++h) {
    const auto per_head = static_cast<uint32_t>(q_rows * row);
    const uint32_t x = vm_q_ + (count == 1 ? h * per_head : h * static_cast<uint32_t>(row));
    rotate(
        x, count == 1 ? row : q_width_ * 4, vm_t_ + h * per_head, q_rows,
        [&](isa::GtaOp* op) {
          OutAb(op, ab_q_ + h * static_cast<uint32_t>(Groups(q_rows) * head_blocks), head_blocks);
        },
        fmt::format("{}q{}", prefix, h));
  }
  const uint32_t t = vm_t_ + static_cast<uint32_t>(count * q_width_ * 4);
  const auto keys = [&](uint32_t x, int stride, uint32_t temp, int rows, uint32_t out,
                        int out_stride, uint32_t scale, const std::string& name) {
    rotate(
        x, stride, temp, rows,
        [&](isa::GtaOp* op) {
          OutVm(op, out, out_stride, isa::OutFormat::kQ80);
          op->out_scale = scale;
        },
        name);
  };
  if (count == 1) {
    keys(vm_k_, row, t, hp_.n_kv_heads, vm_kq_, head_, vm_ks_, prefix + "k");
  } else {
    for (uint32_t h = 0; h < static_cast<uint32_t>(hp_.n_kv_heads); ++h) {
      keys(vm_k_ + h * static_cast<uint32_t>(row), kv_width_ * 4,
           t + h * static_cast<uint32_t>(count * row), count,
           vm_kq_ + h * static_cast<uint32_t>(head_), kv_width_,
           vm_ks_ + h * static_cast<uint32_t>(head_blocks) * 2, fmt::format("{}k{}", prefix, h));
    }
  }
  const int v_rows = count * hp_.n_kv_heads;
  isa::GtaOp largest = FromVm(vm_v_, row, v_rows, head_);
  Reduce(&largest, isa::ReduceOp::kAbsmax, vm_stat_[0], 4);
  emit_->Emit(largest, {prefix + "v.absmax"});
  isa::GtaOp scale = FromVm(vm_stat_[0], 4 * kBlock, 1, v_rows);
  scale.SetAImm(1.0f / 127.0f);
  OutVm(&scale, vm_vs_, 2 * kBlock, isa::OutFormat::kF16);
  emit_->Emit(scale, {prefix + "v.scale"});
  isa::GtaOp inverse = FromVm(vm_stat_[0], 4 * kBlock, 1, v_rows);
  Apply(&inverse, kReciprocal);
  inverse.SetMImm(127.0f);
  OutVm(&inverse, vm_stat_[1], 4 * kBlock);
  emit_->Emit(inverse, {prefix + "v.inverse"});
  isa::GtaOp values = FromVm(vm_v_, row, v_rows, head_);
  Row(&values, kA, vm_stat_[1], 4);
  OutVm(&values, vm_vq_, head_, isa::OutFormat::kI8);
  emit_->Emit(values, {prefix + "v.int8"});
}

// Appends the new keys and values to the cache. K lies as WB wants it, [token / COLS][k
// block][token % COLS][32]; V as [token][head].
void LanguageModel::EmitCacheStores(const Layer& layer, const std::string& prefix, int pos,
                                    int count) {
  const auto cols = static_cast<int>(cfg_.cols);
  const auto u = [](int value) { return static_cast<uint32_t>(value); };
  const int head_blocks = head_ / kBlock, heads = hp_.n_kv_heads;
  // Names of their own for what the lambdas keep: a moving command outlives this call.
  const int kv_width = kv_width_, head = head_, capacity = context_pad_;
  for (int first = pos; first < pos + count;) {
    const int n = std::min(pos + count, (first / cols + 1) * cols) - first, m = first - pos;
    // Where a token's first block of 32 is, in units of blocks.
    const auto block = [=](int token) {
      return static_cast<uint64_t>(token / cols) * static_cast<uint64_t>(head_blocks * cols) +
             static_cast<uint64_t>(token % cols);
    };
    EmitAt(count, [=, to = layer.k, from = vm_kq_](int by) {
      isa::StCopy data;
      data.dst = to + block(first + by) * kBlock;
      data.src = from + u(m * kv_width);
      data.len = kBlock;
      data.n1 = u(n), data.s1 = u(kv_width), data.t1 = kBlock;
      data.n2 = u(head_blocks), data.s2 = kBlock, data.t2 = u(cols * kBlock);
      data.n3 = u(heads), data.s3 = u(head), data.t3 = u(capacity * head);
      return std::pair(data, Label{prefix + "k_cache", first + by});
    });
    EmitAt(count, [=, to = layer.k_scale, from = vm_ks_](int by) {
      isa::StCopy scale;
      scale.dst = to + block(first + by) * 2;
      scale.src = from + u(m * kv_width / 16);
      scale.len = 2;
      scale.n1 = u(n), scale.s1 = u(kv_width / 16), scale.t1 = 2;
      scale.n2 = u(head_blocks), scale.s2 = 2, scale.t2 = u(cols * 2);
      scale.n3 = u(heads), scale.s3 = u(head_blocks * 2), scale.t3 = u(capacity * head_blocks * 2);
      return std::pair(scale, Label{prefix + "k_cache.scale", first + by});
    });
    first += n;
  }
  EmitAt(count, [=, to = layer.v, from = vm_vq_](int by) {
    isa::StCopy data;
    data.dst = to + static_cast<uint64_t>(pos + by) * static_cast<uint64_t>(head);
    data.src = from;
    data.len = u(head);
    data.n1 = u(count), data.s1 = u(kv_width), data.t1 = u(head);
    data.n2 = u(heads), data.s2 = u(head), data.t2 = u(capacity * head);
    return std::pair(data, Label{prefix + "v_cache", pos + by});
  });
  EmitAt(count, [=, to = layer.v_scale, from = vm_vs_](int by) {
    isa::StCopy scale;
    scale.dst = to + static_cast<uint64_t>(pos + by) * 2;
    scale.src = from;
    scale.len = 2;
    scale.n1 = u(count), scale.s1 = u(heads * 2), scale.t1 = 2;
    scale.n2 = u(heads), scale.s2 = 2, scale.t2 = u(capacity * 2);
    return std::pair(scale, Label{prefix + "v_cache.scale", pos + by});
  });
}

// softmax(q k / sqrt(head)) v for `rows` rows of queries in AB against `total` cached tokens of one
// KV head.
void LanguageModel::EmitHead(const Layer& layer, const std::string& prefix, int kv, uint32_t q_ab,
                             int rows, int total, bool causal, int diag, uint32_t out_ab,
                             int out_stride, uint32_t out_vm) {
  const auto u = [](int value) { return static_cast<uint32_t>(value); };
  const auto cols = static_cast<int>(cfg_.cols);
  const int turn = head_turn_, head_blocks = head_ / kBlock, s_row = context_pad_ * 4,
            p_stride = context_pad_ / kBlock;
  head_turn_ ^= 1;
  const auto kv_index = static_cast<uint64_t>(kv) * static_cast<uint64_t>(context_pad_);
  const int by_results = acc_slot_words_ / Groups(rows) * cols / kBlock * kBlock;
  const int tile = std::min(key_tile_, by_results), tiles = (total + tile - 1) / tile;
  if (tiles > kScoreTiles)
    throw Error(fmt::format("a context of {} needs {} score tiles; the configuration keeps {}",
                            total, tiles, kScoreTiles));
  const uint32_t s = vm_s_[turn], smax = vm_smax_[turn], l = vm_l_[turn], p_ab = ab_p_[turn];

  for (int i = 0; i < tiles; ++i) {
    const int t0 = i * tile, valid = std::min(tile, total - t0), padded = Pad(valid, kBlock);
    const uint32_t slot = NextWb(), acc = NextAcc();
    isa::LdCopy data;
    data.src = layer.k + (kv_index + static_cast<uint64_t>(t0)) * static_cast<uint64_t>(head_);
    data.dst_space = isa::LdDst::kWb;
    data.dst = slot * cfg_.cols * kBlock;
    data.len = u(padded * head_);
    emit_->Emit(data, {prefix + "keys", t0});
    isa::LdCopy scale;
    scale.src = layer.k_scale +
                (kv_index + static_cast<uint64_t>(t0)) * static_cast<uint64_t>(head_blocks) * 2;
    scale.dst_space = isa::LdDst::kWbScale;
    scale.dst = slot * cfg_.cols * 2;
    scale.len = u(padded * head_blocks * 2);
    emit_->Emit(scale, {prefix + "keys.scale", t0});
    isa::MxeGemm gemm;
    gemm.ab = q_ab;
    gemm.ab_gs = u(head_blocks);
    gemm.wb = slot;
    gemm.wb_ns = u(head_blocks);
    gemm.wb_ks = 1;
    gemm.acc = acc;
    gemm.acc_gs = u(padded / cols);
    gemm.rows = u(rows);
    gemm.ncg = u(padded / cols);
    gemm.kb = u(head_blocks);
    emit_->Emit(gemm, {prefix + "scores.product", 0, t0});
    isa::GtaOp op = FromAcc({acc, padded / cols, t0, valid}, rows);
    op.SetAImm(1.0f / std::sqrt(static_cast<float>(hp_.head_dim)));
    op.causal = causal ? 1 : 0;
    op.diag = causal ? diag - t0 : 0;
    Reduce(&op, isa::ReduceOp::kMax, smax + u(i) * 4, kMaxRowStride);
    OutVm(&op, s + u(t0) * 4, s_row);
    emit_->Emit(op, {prefix + "scores", 0, t0});
  }
  uint32_t row_max = smax;
  if (tiles > 1) {
    row_max = smax + kTotalMax;
    isa::GtaOp op = FromVm(smax, kMaxRowStride, rows, tiles);
    Reduce(&op, isa::ReduceOp::kMax, row_max, kMaxRowStride);
    emit_->Emit(op, {prefix + "max"});
  }
  isa::LdCopy vscale;
  vscale.src = layer.v_scale + kv_index * 2;
  vscale.dst_space = isa::LdDst::kVm;
  vscale.dst = vm_vscale_[turn];
  vscale.len = u(Pad(total, kBlock) * 2);
  emit_->Emit(vscale, {prefix + "values.scale"});
  // exp(score - max) as exp(-(max - score)); the scale of each value is multiplied into the
  // probabilities.
  isa::GtaOp op = FromVm(s, s_row, rows, total);
  op.SetAImm(-1.0f);
  Row(&op, kB, row_max, kMaxRowStride);
  Apply(&op, kExpOfMinus);
  op.causal = causal ? 1 : 0;
  op.diag = causal ? diag : 0;
  Col(&op, kM, vm_vscale_[turn], isa::OperandFormat::kF16);
  Reduce(&op, isa::ReduceOp::kSumFn, l, 4);
  OutAb(&op, p_ab, p_stride);
  emit_->Emit(op, {prefix + "probabilities"});
  isa::GtaOp inverse = FromVm(l, 4 * kBlock, 1, rows);
  Apply(&inverse, kReciprocal);
  OutVm(&inverse, l, 4 * kBlock);
  emit_->Emit(inverse, {prefix + "inverse_sum"});

  const uint32_t acc = NextAcc();
  for (int i = 0; i < tiles; ++i) {
    const int t0 = i * tile, padded = Pad(std::min(tile, total - t0), kBlock);
    const uint32_t slot = NextWb();
    isa::LdTranspose data;
    data.src = layer.v + (kv_index + static_cast<uint64_t>(t0)) * static_cast<uint64_t>(head_);
    data.dst_space = isa::LdDst::kWb;
    data.dst = slot * cfg_.cols * kBlock;
    data.len = u(head_);
    data.n1 = u(padded);
    data.s1 = u(head_);
    data.t1 = u(head_ * kBlock);
    emit_->Emit(data, {prefix + "values", t0});
    isa::LdFill ones;
    ones.pattern = 0x3C003C00;  // FP16 1.0 twice
    ones.dst_space = isa::LdDst::kWbScale;
    ones.dst = slot * cfg_.cols * 2;
    ones.len = u(padded / kBlock * head_ * 2);
    emit_->Emit(ones, {prefix + "values.one"});
    isa::MxeGemm gemm;
    gemm.ab = p_ab + u(t0 / kBlock);
    gemm.ab_gs = u(p_stride);
    gemm.wb = slot;
    gemm.wb_ns = 1;
    gemm.wb_ks = u(head_ / cols);
    gemm.acc = acc;
    gemm.acc_gs = u(head_ / cols);
    gemm.rows = u(rows);
    gemm.ncg = u(head_ / cols);
    gemm.kb = u(padded / kBlock);
    gemm.accumulate = i > 0 ? 1 : 0;
    gemm.order = isa::LoopOrder::kKOuter;
    emit_->Emit(gemm, {prefix + "attn.product"});
  }
  isa::GtaOp result = FromAcc({acc, head_ / cols, 0, head_}, rows);
  Row(&result, kA, l, 4);
  if (out_stride > 0) {
    OutAb(&result, out_ab, out_stride);
  } else {
    OutVm(&result, out_vm, head_ * 4);
  }
  emit_->Emit(result, {prefix + "attn"});
}

void LanguageModel::EmitFfn(const Layer& layer, int index, int count) {
  const std::string prefix = fmt::format("blk.{}.", index);
  EmitNorm(layer.ffn_norm, layer.ffn_norm_bias, vm_x_, count, prefix + "ffn_norm");
  const int x_stride = dim_ / kBlock, h_stride = hidden_ / kBlock;
  if (arch_ == Architecture::kLlama) {
    // silu(gate) * up, a column tile of each in turn.
    for (int i = 0; i < layer.up.tiles; ++i) {
      const uint32_t silu = vm_gate_[gate_turn_];
      gate_turn_ ^= 1;
      const Tile gate = EmitTile(layer.gate, i, ab_x_, x_stride, count);
      isa::GtaOp op = FromAcc(gate, count);
      Apply(&op, kActivation);
      op.m_mode = isa::OperandMode::kSelf;
      OutVm(&op, silu, tile_cols_ * 4);
      emit_->Emit(op, {prefix + "ffn_silu", 0, gate.col});
      const Tile up = EmitTile(layer.up, i, ab_x_, x_stride, count);
      op = FromAcc(up, count);
      Mat(&op, kA, silu, tile_cols_ * 4);
      OutAb(&op, ab_h_ + static_cast<uint32_t>(up.col / kBlock), h_stride);
      emit_->Emit(op, {prefix + "ffn_act", 0, up.col});
    }
  } else {
    const uint32_t bias = layer.up_bias.n != 0 ? LoadVector(layer.up_bias) : 0;
    EmitGemm(layer.up, ab_x_, x_stride, count, [&](const Tile& tile) {
      isa::GtaOp op = FromAcc(tile, count);
      if (layer.up_bias.n != 0) Col(&op, kB, bias + static_cast<uint32_t>(tile.col) * 4);
      Apply(&op, kActivation);
      op.m_mode = isa::OperandMode::kSelf;
      OutAb(&op, ab_h_ + static_cast<uint32_t>(tile.col / kBlock), h_stride);
      emit_->Emit(op, {prefix + "ffn_act", 0, tile.col});
    });
  }
  const uint32_t bias = layer.down_bias.n != 0 ? LoadVector(layer.down_bias) : 0;
  EmitGemm(layer.down, ab_h_, h_stride, count, [&](const Tile& tile) {
    EmitResidual(tile, count, layer.down_bias.n != 0, bias, prefix + "resid2");
  });
}

uint64_t LanguageModel::UsefulMacs(int pos, int count, bool all_logits) const {
  const auto dim = static_cast<uint64_t>(hp_.dim), hidden = static_cast<uint64_t>(hp_.hidden),
             n = static_cast<uint64_t>(count);
  const auto q = static_cast<uint64_t>(hp_.n_heads * hp_.head_dim),
             kv = static_cast<uint64_t>(hp_.n_kv_heads * hp_.head_dim);
  const uint64_t mlp = (arch_ == Architecture::kLlama ? 3 : 2) * dim * hidden;
  uint64_t keys = 0;
  for (int i = 0; i < count; ++i) keys += static_cast<uint64_t>(pos + i + 1);
  const uint64_t layer = n * (dim * (2 * q + 2 * kv) + mlp) + 2 * keys * q;
  return static_cast<uint64_t>(hp_.n_layers) * layer +
         (all_logits ? n : 1) * dim * static_cast<uint64_t>(hp_.vocab);
}

}  // namespace wren::compiler
