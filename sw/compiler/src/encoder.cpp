#include "wren/compiler/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "gta_ops.h"
#include "quantize.h"
#include "wren/error.h"
#include "wren/tables/tables.h"

namespace wren::compiler {
namespace {

using namespace gta;  // NOLINT: this file is made of these

// LUT tables in the order of their numbers.
enum TableNumber : uint32_t {
  kPhi = 0,
  kExpOfMinus = 1,
  kReciprocal = 2,
  kRsqrt = 3,
  kTableCount = 4
};

constexpr int kBlock = 32;
constexpr uint64_t kVmAlign = 128;   // bytes of an FP32 block
constexpr int kVector = 4 * kBlock;  // a stride for one-row operations on vectors of scalars
constexpr int kDefaultTokens = 512, kDefaultRows = 256;

uint32_t U(int value) { return static_cast<uint32_t>(value); }
uint64_t U64(int value) { return static_cast<uint64_t>(value); }

}  // namespace

Encoder::Encoder(const ModelFile& model, const isa::Config& config, const EncoderOptions& options)
    : Network(config, model.hp, model.arch), after_(model.arch == Architecture::kBert) {
  if (!IsEncoder(arch_)) {
    throw Error(fmt::format("{}: a language model ({}) is no encoder; use `wren run`", model.path,
                            ArchitectureName(arch_)));
  }
  dim_ = Pad(hp_.dim, kBlock);
  hidden_ = Pad(hp_.hidden, kBlock);
  head_ = Pad(hp_.head_dim, kBlock);
  inner_ = hp_.n_heads * head_;
  patch_ = Pad(hp_.patch_values(), kBlock);
  result_size_ = hp_.classes > 0 ? hp_.classes : hp_.dim;
  result_pad_ = Pad(result_size_, kBlock);
  const auto rows = static_cast<int>(cfg_.rows), cols = static_cast<int>(cfg_.cols);
  row_unit_ = std::max(rows, 4);  // whole row groups, and 16 bytes of token ids
  const bool images = arch_ == Architecture::kVit;
  max_tokens_ = images                   ? hp_.context
                : options.max_tokens > 0 ? std::min(options.max_tokens, hp_.context)
                                         : std::min(hp_.context, kDefaultTokens);
  tokens_pad_ = Pad(max_tokens_, row_unit_);

  const auto sets = static_cast<int>(cfg_.WbSets());
  wb_slots_ = sets > 128 ? 4 : 2;
  wb_slot_sets_ = sets / wb_slots_;
  acc_slot_words_ = static_cast<int>(cfg_.AccWords()) / 2;
  tile_cols_ = cfg_.vm > 65536 ? 256 : 64;
  if (wb_slot_sets_ * cols < head_) {
    throw Error(fmt::format(
        "heads of {} do not fit the weight buffer of {} bytes; use a larger configuration", head_,
        cfg_.wb));
  }
  if (cfg_.tables < kTableCount) throw Error("the configuration has fewer than four tables");
  if (AttentionRows(max_tokens_) == 0) {
    throw Error(fmt::format(
        "the scores of {} tokens do not fit {} bytes of ACC; use a larger configuration or fewer "
        "tokens",
        max_tokens_, cfg_.acc));
  }

  const int unit = std::max(row_unit_, cols);  // chunks of long sequences begin at a WB set
  int most = options.max_rows > 0 ? options.max_rows : kDefaultRows;
  if (options.max_batch > 0) most = std::min(most, options.max_batch * tokens_pad_);
  max_batch_ = options.max_batch;
  rows_ = Pad(most, unit);
  while (rows_ > 0 && !LayOut(rows_)) rows_ -= unit;
  if (rows_ <= 0) {
    throw Error(fmt::format(
        "width {}, hidden {} and {} heads of {} do not fit {} bytes of VM, {} of AB and {} of ACC; "
        "use a larger configuration",
        dim_, hidden_, hp_.n_heads, head_, cfg_.vm, cfg_.ab, cfg_.acc));
  }
  if (max_batch_ == 0) max_batch_ = std::max(1, rows_ / tokens_pad_);

  next_ = options.ext_base;
  constant_begin_ = next_;
  PlaceModel(model);
  constant_end_ = next_;
  next_ = Pad64(next_, 4096);
  const auto reserve = [](uint64_t* next, uint64_t bytes) {
    const uint64_t at = *next;
    *next = Pad64(*next + bytes, 64);
    return at;
  };
  tokens_bytes_ = Pad64(U64(tokens_pad_) * 4, 64);
  patches_bytes_ = U64(tokens_pad_) * U64(patch_) * 4;
  result_bytes_ = U64(result_pad_) * 4;
  tokens_ = reserve(&next_, U64(max_batch_) * tokens_bytes_);
  patches_ = reserve(&next_, U64(max_batch_) * patches_bytes_);
  results_ = reserve(&next_, U64(max_batch_) * result_bytes_);
  scratch_ext_ = reserve(&next_, 64);
  const auto place_scratch = [&](uint64_t next) {
    stream_ = reserve(&next, tokens_pad_ > rows_ ? U64(tokens_pad_) * U64(dim_) * 4 : 0);
    for (int i = 0; i < 2; ++i) {
      keys_[i] = reserve(&next, U64(kv_tokens_) * U64(inner_));
      key_scales_[i] = reserve(&next, U64(kv_tokens_) * U64(inner_) / 16);
      values_[i] = reserve(&next, U64(kv_tokens_) * U64(inner_));
      value_scales_[i] = reserve(&next, U64(kv_tokens_) * U64(hp_.n_heads) * 2);
    }
    return next;
  };
  if (place_scratch(0) > cfg_.l2) {
    scratch_space_ = isa::ExtSpace::kExt;
    next_ = place_scratch(next_);
  }
  ext_end_ = Pad64(next_, 4096);
}

int Encoder::AttentionRows(int tokens) const {
  const int cols = static_cast<int>(cfg_.cols), words = static_cast<int>(cfg_.AccWords());
  const int scores = Pad(tokens, kBlock) / cols, widest = std::max(scores, head_ / cols);
  // Two units under way need four regions; very long sequences take turns in two.
  const int region = scores <= words / 4 ? words / 4 : words / 2;
  return region / widest * static_cast<int>(cfg_.rows);
}

// Shares out VM and AB for passes of `rows` rows; false when they do not fit.
bool Encoder::LayOut(int rows) {
  const uint64_t r = U64(rows), dim = U64(dim_), inner = U64(inner_), heads = U64(hp_.n_heads);
  // Sequences of a pass: images all have the same length, sentences are at least one row unit.
  pool_rows_ = arch_ == Architecture::kVit ? std::max(1, rows / tokens_pad_) : rows / row_unit_;
  if (max_batch_ > 0) pool_rows_ = std::min(pool_rows_, max_batch_);
  kv_tokens_ = Pad(std::max(rows + kBlock * pool_rows_, max_tokens_), kBlock);
  vm_next_ = 0;
  ab_next_ = 0;
  vm_scratch_ = TakeVm(16);
  vm_ids_ = TakeVm(r * 4);
  vm_x_ = TakeVm(r * dim * 4);
  for (uint32_t& stat : vm_stat_) stat = TakeVm(r * 4);
  temp_bytes_ = U(std::min(rows, std::max(row_unit_, 16))) * U(std::max(dim_, patch_)) * 4;
  vm_temp_ = TakeVm(temp_bytes_);
  const uint64_t scalars = r * heads * 4 + heads * kVmAlign;  // every piece begins aligned
  vm_amax_ = TakeVm(scalars);
  vm_inverse_ = TakeVm(scalars);
  vm_vs_ = TakeVm(scalars / 2);
  vm_kq_ = TakeVm(r * std::max(inner, dim));
  vm_ks_ = TakeVm(r * std::max(inner, dim) / 16);
  vm_vq_ = TakeVm(r * inner);
  for (int i = 0; i < kTurns; ++i) {
    vm_max_[i] = TakeVm(r * 4);
    vm_l_[i] = TakeVm(r * 4);
    vm_vscale_[i] = TakeVm(U64(Pad(max_tokens_, kBlock)) * 2);
  }
  vec_bytes_ = U(std::max({dim_, 2 * inner_, hidden_, hp_.classes > 0 ? result_pad_ : 0})) * 4;
  for (uint32_t& vec : vm_vec_) vec = TakeVm(vec_bytes_);
  vm_pool_ = TakeVm(U64(pool_rows_) * dim * 4);
  for (uint32_t& result : vm_result_)
    result = TakeVm(hp_.classes > 0 ? U64(pool_rows_) * U64(tile_cols_) * 4 : 0);

  const uint64_t groups = U64(Groups(rows));
  const int widest_group = std::max(dim_, patch_) / kBlock;
  ab_x_ = TakeAb(std::max(groups, U64(Groups(pool_rows_))) * U64(widest_group));
  ab_q_ = TakeAb(groups * inner / kBlock);
  for (uint32_t& p : ab_p_)
    p = TakeAb(U64(acc_slot_words_) * U64(static_cast<int>(cfg_.cols)) / kBlock);
  ab_o_ = TakeAb(groups * std::max(inner, dim) / kBlock);
  ab_h_ = TakeAb(groups * U64(hidden_) / kBlock);

  const int cols = static_cast<int>(cfg_.cols);
  return vm_next_ <= cfg_.vm && ab_next_ <= cfg_.AbWords() &&
         acc_slot_words_ >= Groups(rows) * (head_ / cols);
}

// ---- Image

Encoder::NormWeights Encoder::PlaceNorm(const ModelFile& model, const std::string& name) {
  return {PlaceVector(model.Get(name + ".weight").ToF32(), dim_, name),
          PlaceVector(model.Get(name + ".bias").ToF32(), dim_, name + ".bias")};
}

// The biases of matrices laid one below the other, each by the same map.
Encoder::Vector Encoder::PlaceBias(const ModelFile& model, const std::vector<std::string>& names,
                                   const std::vector<int>& map) {
  std::vector<float> out;
  for (const std::string& name : names) {
    const std::vector<float> values = model.Get(name + ".bias").ToF32();
    for (const int from : map) out.push_back(from >= 0 ? values[static_cast<size_t>(from)] : 0.0f);
  }
  return PlaceVector(out, static_cast<int>(out.size()), names.back() + ".bias");
}

// Matrices laid one below the other, each by the same maps. Tiles are multiples of `quantum`
// columns.
Network::Matrix Encoder::PlaceWeights(const ModelFile& model, const std::vector<std::string>& names,
                                      const std::vector<int>& row_map,
                                      const std::vector<int>& col_map, int quantum) {
  Source source;
  for (const std::string& name : names) source.parts.push_back(&model.Get(name + ".weight"));
  source.rows.assign(names.size(), row_map);
  source.cols = col_map;
  const int k = col_map.empty() ? Pad(static_cast<int>(source.parts[0]->cols()), kBlock)
                                : static_cast<int>(col_map.size());
  return PlaceMatrix(source, static_cast<int>(names.size() * row_map.size()), k, names.back(),
                     quantum);
}

void Encoder::PlaceModel(const ModelFile& model) {
  using tables::Function;
  std::vector<uint8_t> bytes = tables::BuildTable(Function::kPhi);
  const auto append = [&](std::vector<uint8_t> table) {
    bytes.insert(bytes.end(), table.begin(), table.end());
  };
  std::vector<uint8_t> exp = tables::BuildTable(Function::kExp);
  exp[2 * 16 + 12 + 3] ^= 0x80;  // exp(-x): the inverse step (word 3 of entry 2), sign changed
  append(std::move(exp));
  append(tables::BuildTable(Function::kReciprocalOrZero));
  append(tables::BuildTable(Function::kRsqrt));
  tables_ = Place(std::move(bytes), "tables");

  const std::vector<int> plain, dim_map = Identity(hp_.dim, dim_),
                                hidden_map = Identity(hp_.hidden, hidden_);
  const std::vector<int> head_map = Heads(hp_.n_heads, hp_.head_dim, head_);
  const std::vector<int>&dim_cols = dim_ == hp_.dim ? plain : dim_map,
        &hidden_cols = hidden_ == hp_.hidden ? plain : hidden_map,
        &head_cols = head_ == hp_.head_dim ? plain : head_map;

  // What is added to every token whatever it is: its position, and with text the token type, with
  // images the bias of the patches or the class token. Zero rows follow, for padding.
  const auto dim = static_cast<size_t>(dim_), width = static_cast<size_t>(hp_.dim);
  const std::vector<float> position = model.Get("position_embd.weight").ToF32();
  std::vector<float> added(static_cast<size_t>(max_tokens_ + row_unit_) * dim);
  const auto add_row = [&](size_t row, const std::vector<float>& values, size_t from) {
    for (size_t i = 0; i < width; ++i) added[row * dim + i] += values[from + i];
  };
  for (size_t t = 0; t < static_cast<size_t>(max_tokens_); ++t) add_row(t, position, t * width);
  if (arch_ == Architecture::kBert) {
    const std::vector<float> type = model.Get("token_types.weight").ToF32();
    for (size_t t = 0; t < static_cast<size_t>(max_tokens_); ++t) add_row(t, type, 0);
    embedding_ = PlaceRows(model.Get("token_embd.weight"), dim_, "token_embd");
    embd_norm_ = PlaceNorm(model, "token_embd_norm");
  } else {
    const bool cls = hp_.pooling == Pooling::kCls;
    const std::vector<float> bias = model.Get("patch_embd.bias").ToF32();
    for (size_t t = cls ? 1 : 0; t < static_cast<size_t>(max_tokens_); ++t) add_row(t, bias, 0);
    if (cls) add_row(0, model.Get("class_embd.weight").ToF32(), 0);
    patch_embd_ = PlaceWeights(
        model, {"patch_embd"}, dim_map,
        patch_ == hp_.patch_values() ? plain : Identity(hp_.patch_values(), patch_), kBlock);
    final_norm_ = PlaceNorm(model, "output_norm");
    const std::vector<int> classes = Identity(hp_.classes, result_pad_);
    output_ = PlaceWeights(model, {"output"}, classes, dim_cols, kBlock);
    output_bias_ = PlaceBias(model, {"output"}, classes);
  }
  positions_ = PlaceVector(added, static_cast<int>(added.size()), "position_embd");

  for (int i = 0; i < hp_.n_layers; ++i) {
    const std::string blk = fmt::format("blk.{}.", i);
    Layer layer;
    layer.attn_norm = PlaceNorm(model, blk + (after_ ? "attn_output_norm" : "attn_norm"));
    layer.ffn_norm = PlaceNorm(model, blk + (after_ ? "layer_output_norm" : "ffn_norm"));
    layer.q = PlaceWeights(model, {blk + "attn_q"}, head_map, dim_cols, kBlock);
    layer.q_bias = PlaceBias(model, {blk + "attn_q"}, head_map);
    layer.kv = PlaceWeights(model, {blk + "attn_k", blk + "attn_v"}, head_map, dim_cols, head_);
    layer.kv_bias = PlaceBias(model, {blk + "attn_k", blk + "attn_v"}, head_map);
    layer.out = PlaceWeights(model, {blk + "attn_output"}, dim_map, head_cols, kBlock);
    layer.out_bias = PlaceBias(model, {blk + "attn_output"}, dim_map);
    layer.up = PlaceWeights(model, {blk + "ffn_up"}, hidden_map, dim_cols, kBlock);
    layer.up_bias = PlaceBias(model, {blk + "ffn_up"}, hidden_map);
    layer.down = PlaceWeights(model, {blk + "ffn_down"}, dim_map, hidden_cols, kBlock);
    layer.down_bias = PlaceBias(model, {blk + "ffn_down"}, dim_map);
    layers_.push_back(std::move(layer));
  }
}

// ---- Steps

uint32_t Encoder::NextQuarter() {
  const uint32_t slot = U(quarter_turn_ * (acc_slot_words_ / 2));
  quarter_turn_ = (quarter_turn_ + 1) % 4;
  return slot;
}

Program Encoder::BuildSetup() {
  emit_ = std::make_unique<Emitter>(cfg_, vm_scratch_, scratch_ext_);
  emit_->SetConstant(constant_begin_, constant_end_);
  isa::LdCopy ld;
  ld.src = tables_;
  ld.dst_space = isa::LdDst::kLut;
  ld.len = kTableCount * isa::kTableBytes;
  emit_->Emit(ld, {"tables"});
  return emit_->Finish();
}

Program Encoder::BuildStep(const std::vector<int>& tokens) {
  if (tokens.empty() || tokens.size() > static_cast<size_t>(max_batch_)) {
    throw Error(
        fmt::format("{} sequences do not make a batch of 1 to {}", tokens.size(), max_batch_));
  }
  for (const int n : tokens) {
    if (n < 1 || n > max_tokens_ || (arch_ == Architecture::kVit && n != hp_.context)) {
      throw Error(
          fmt::format("a sequence of {} tokens does not fit a model of {}", n, max_tokens_));
    }
  }
  emit_ = std::make_unique<Emitter>(cfg_, vm_scratch_, scratch_ext_);
  emit_->SetConstant(constant_begin_, constant_end_);
  wb_turn_ = acc_turn_ = quarter_turn_ = vec_turn_ = turn_ = result_turn_ = kv_turn_ = 0;
  Rows pass;
  int row = 0, kv = 0;
  const auto flush = [&] {
    if (!pass.empty()) EmitPass({pass});
    pass.clear();
    row = kv = 0;
  };
  for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
    const int n = tokens[static_cast<size_t>(i)], padded = Pad(n, row_unit_);
    if (row + padded > rows_ || static_cast<int>(pass.size()) == pool_rows_) flush();
    if (padded <= rows_) {
      pass.push_back({i, n, 0, n, row, padded, kv});
      row += padded;
      kv += Pad(n, kBlock);
      continue;
    }
    std::vector<Rows> chunks;
    for (int first = 0; first < n; first += rows_) {
      const int valid = std::min(rows_, n - first);
      chunks.push_back({{i, n, first, valid, 0, Pad(valid, row_unit_), 0}});
    }
    EmitPass(chunks);
  }
  flush();
  return emit_->Finish();
}

void Encoder::EmitPass(const std::vector<Rows>& chunks) {
  const bool several = chunks.size() > 1;
  for (const Rows& chunk : chunks) {
    EmitEmbedding(chunk);
    if (several) EmitMove(chunk, false);
  }
  for (size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const std::string prefix = fmt::format("blk.{}.", l);
    const bool last = l + 1 == layers_.size();
    kv_turn_ ^= 1;
    // Puts what attention reads into ab_x_.
    const auto input = [&](const Rows& chunk) {
      const int rows = RowsOf(chunk);
      if (several) EmitMove(chunk, true);
      if (!after_) {
        EmitNorm(layer.attn_norm, rows, false, true, prefix + "attn_norm");
      } else if (several) {
        EmitQuantize(vm_x_, rows, prefix + "input");
        EmitRemainder(rows, prefix + "input");
      }
    };
    for (const Rows& chunk : chunks) {
      input(chunk);
      if (!several) EmitQueries(layer, prefix, RowsOf(chunk));
      EmitKeysAndValues(layer, prefix, chunk);
    }
    for (const Rows& chunk : chunks) {
      const int rows = RowsOf(chunk);
      if (several) {
        input(chunk);
        EmitQueries(layer, prefix, rows);
      }
      EmitAttention(chunk, prefix);
      const uint32_t bias = LoadVector(layer.out_bias);
      EmitGemm(layer.out, ab_o_, inner_ / kBlock, rows, [&](const Tile& tile) {
        EmitResidual(tile, rows, layer.out_bias, bias, prefix + "resid1");
      });
      if (after_) {
        EmitNorm(layer.attn_norm, rows, true, true, prefix + "resid1");
      } else {
        EmitNorm(layer.ffn_norm, rows, false, true, prefix + "ffn_norm");
      }
      EmitFfn(layer, prefix, rows);
      if (after_) EmitNorm(layer.ffn_norm, rows, true, !last && !several, prefix + "resid2");
      if (last) {
        if (!after_) EmitNorm(final_norm_, rows, true, false, "final_norm");
        EmitPooling(chunk, chunk[0].first == 0);
      } else if (several) {
        EmitMove(chunk, false);
      }
    }
  }
  EmitResults(chunks[0]);
}

void Encoder::EmitEmbedding(const Rows& chunk) {
  const int rows = RowsOf(chunk), stride = dim_ * 4;
  for (const Span& span : chunk) {
    isa::LdCopy where;
    where.src = positions_.address + U64(span.first) * U64(stride);
    where.dst_space = isa::LdDst::kVm;
    where.dst = vm_x_ + U(span.row * stride);
    where.len = U(span.rows * stride);
    emit_->Emit(where, {"position_embd", span.first});
  }
  if (arch_ == Architecture::kVit) {
    // The rows of a chunk lie one behind the other in memory.
    const int patch_stride = patch_ * 4,
              most = static_cast<int>(temp_bytes_) / patch_stride / row_unit_ * row_unit_;
    const uint64_t source =
        patches_address(chunk[0].sequence) + U64(chunk[0].first) * U64(patch_stride);
    for (int row = 0; row < rows; row += most) {
      const int n = std::min(most, rows - row);
      isa::LdCopy ld;
      ld.src = source + U64(row) * U64(patch_stride);
      ld.dst_space = isa::LdDst::kVm;
      ld.dst = vm_temp_;
      ld.len = U(n * patch_stride);
      emit_->Emit(ld, {"patches", row});
      isa::GtaOp op = FromVm(vm_temp_, patch_stride, n, patch_);
      OutAb(&op, ab_x_ + U(Groups(row) * (patch_ / kBlock)), patch_ / kBlock);
      emit_->Emit(op, {"patches", row});
    }
    EmitStream(patch_embd_, rows,
               [&](const Tile& tile) { EmitResidual(tile, rows, {}, 0, "embed"); });
    return;
  }
  const int most = static_cast<int>(temp_bytes_) / stride;
  for (const Span& span : chunk) {
    isa::LdCopy ids;
    ids.src = tokens_address(span.sequence) + U64(span.first) * 4;
    ids.dst_space = isa::LdDst::kVm;
    ids.dst = vm_ids_ + U(span.row) * 4;
    ids.len = U(span.rows) * 4;
    emit_->Emit(ids, {"tokens", span.first});
    for (int done = 0; done < span.valid; done += most) {
      const int n = std::min(most, span.valid - done);
      const uint32_t x = vm_x_ + U((span.row + done) * stride);
      isa::LdGather gather;
      gather.idx = vm_ids_ + U(span.row + done) * 4;
      gather.src = embedding_.address;
      gather.dst_space = isa::LdDst::kVm;
      gather.dst = vm_temp_;
      gather.len = U(stride);
      gather.n1 = U(n);
      gather.s1 = gather.t1 = gather.len;
      emit_->Emit(gather, {"token_embd", span.first + done});
      isa::GtaOp sum = FromVm(x, stride, n, dim_);
      Mat(&sum, kB, vm_temp_, stride);
      OutVm(&sum, x, stride);
      emit_->Emit(sum, {"embed", span.row + done});
    }
  }
  EmitNorm(embd_norm_, rows, true, true, "embed");
}

// The residual stream of a chunk from or to scratch memory.
void Encoder::EmitMove(const Rows& chunk, bool load) {
  const Span& span = chunk[0];
  const uint64_t at = stream_ + U64(span.first) * U64(dim_) * 4;
  const uint32_t bytes = U(span.rows * dim_) * 4;
  if (load) {
    isa::LdCopy ld;
    ld.src = at;
    ld.src_space = scratch_space_;
    ld.dst_space = isa::LdDst::kVm;
    ld.dst = vm_x_;
    ld.len = bytes;
    emit_->Emit(ld, {"stream", span.first});
  } else {
    isa::StCopy st;
    st.dst = at;
    st.dst_space = scratch_space_;
    st.src = vm_x_;
    st.len = bytes;
    emit_->Emit(st, {"stream", span.first});
  }
}

// LayerNorm of `rows` rows at vm_x_: in place, or quantized into ab_x_, or both.
//   y = (x / sigma - mean / sigma) * weight + bias
void Encoder::EmitNorm(const NormWeights& norm, int rows, bool to_vm, bool to_ab,
                       const std::string& name) {
  const int stride = dim_ * 4;
  const uint32_t gamma = LoadVector(norm.weight), beta = LoadVector(norm.bias);
  isa::GtaOp sum = FromVm(vm_x_, stride, rows, hp_.dim);
  Reduce(&sum, isa::ReduceOp::kSum, vm_stat_[0], 4);
  emit_->Emit(sum, {name + ".sum"});
  isa::GtaOp mean = FromVm(vm_stat_[0], kVector, 1, rows);
  mean.SetAImm(-1.0f / static_cast<float>(hp_.dim));
  OutVm(&mean, vm_stat_[1], kVector);
  emit_->Emit(mean, {name + ".minus_mean"});
  isa::GtaOp squares = FromVm(vm_x_, stride, rows, hp_.dim);
  Row(&squares, kB, vm_stat_[1], 4);
  squares.m_mode = isa::OperandMode::kSelf;
  Reduce(&squares, isa::ReduceOp::kSum, vm_stat_[2], 4);
  emit_->Emit(squares, {name + ".sum_of_squares"});
  isa::GtaOp root = FromVm(vm_stat_[2], kVector, 1, rows);
  root.SetAImm(1.0f / static_cast<float>(hp_.dim));
  root.SetBImm(hp_.norm_eps);
  Apply(&root, kRsqrt);
  OutVm(&root, vm_stat_[3], kVector);
  emit_->Emit(root, {name + ".rsqrt"});
  isa::GtaOp shift = FromVm(vm_stat_[1], kVector, 1, rows);
  Mat(&shift, kA, vm_stat_[3], kVector);
  OutVm(&shift, vm_stat_[0], kVector);
  emit_->Emit(shift, {name + ".shift"});
  isa::GtaOp scale = FromVm(vm_x_, stride, rows, hp_.dim);
  Row(&scale, kA, vm_stat_[3], 4);
  Row(&scale, kB, vm_stat_[0], 4);
  Col(&scale, kM, gamma);
  Col(&scale, kC, beta);
  if (to_vm) {
    OutVm(&scale, vm_x_, stride);
  } else {
    OutAb(&scale, ab_x_, dim_ / kBlock);
  }
  emit_->Emit(scale, {name});
  if (to_vm && to_ab) {
    EmitQuantize(vm_x_, rows, name);
    if (after_) EmitRemainder(rows, name);
  }
}

void Encoder::EmitQuantize(uint32_t x, int rows, const std::string& name) {
  isa::GtaOp op = FromVm(x, dim_ * 4, rows, hp_.dim);
  OutAb(&op, ab_x_, dim_ / kBlock);
  emit_->Emit(op, {name + ".q8_0"});
}

// What Q8_0 leaves of x, as Q8_0 in ab_o_, which is free from the output product of one layer to
// the attention of the next.
void Encoder::EmitRemainder(int rows, const std::string& name) {
  isa::GtaOp op = FromVm(vm_x_, dim_ * 4, rows, hp_.dim);
  OutVm(&op, vm_kq_, dim_, isa::OutFormat::kQ80);
  op.out_scale = vm_ks_;
  emit_->Emit(op, {name + ".first"});
  isa::GtaOp rest = FromVm(vm_kq_, dim_, rows, hp_.dim);
  rest.x_format = isa::XFormat::kI8;
  Set(&rest, kA, isa::OperandMode::kBlk, vm_ks_, dim_ / 16, isa::OperandFormat::kF16);
  rest.SetMImm(-1.0f);
  Mat(&rest, kC, vm_x_, dim_ * 4);
  OutAb(&rest, ab_o_, dim_ / kBlock);
  emit_->Emit(rest, {name + ".rest"});
}

// x += tile (+ bias)
void Encoder::EmitResidual(const Tile& tile, int rows, const Vector& bias, uint32_t bias_at,
                           const std::string& name) {
  const uint32_t offset = U(tile.col) * 4;
  isa::GtaOp op = FromAcc(tile.acc, tile.groups, rows, tile.cols);
  Mat(&op, kB, vm_x_ + offset, dim_ * 4);
  if (bias.n != 0) Col(&op, kC, bias_at + offset);
  OutVm(&op, vm_x_ + offset, dim_ * 4);
  emit_->Emit(op, {name, 0, tile.col});
}

void Encoder::EmitQueries(const Layer& layer, const std::string& prefix, int rows) {
  const uint32_t bias = LoadVector(layer.q_bias);
  EmitStream(layer.q, rows, [&](const Tile& tile) {
    isa::GtaOp op = FromAcc(tile.acc, tile.groups, rows, tile.cols);
    Col(&op, kB, bias + U(tile.col) * 4);
    OutAb(&op, ab_q_ + U(tile.col / kBlock), inner_ / kBlock);
    emit_->Emit(op, {prefix + "q", 0, tile.col});
  });
}

// Keys (Q8_0) and values (int8, one scale per token and head), straight from ACC to VM and from
// there to scratch memory.
void Encoder::EmitKeysAndValues(const Layer& layer, const std::string& prefix, const Rows& chunk) {
  const int rows = RowsOf(chunk);
  const uint32_t bias = LoadVector(layer.kv_bias);
  uint32_t stat = 0;
  EmitStream(layer.kv, rows, [&](const Tile& tile) {
    const int keys = std::clamp(inner_ - tile.col, 0, tile.cols);  // columns of them
    if (keys > 0) {
      isa::GtaOp op = FromAcc(tile.acc, tile.groups, rows, keys);
      Col(&op, kB, bias + U(tile.col) * 4);
      OutVm(&op, vm_kq_ + U(tile.col), inner_, isa::OutFormat::kQ80);
      op.out_scale = vm_ks_ + U(tile.col / kBlock) * 2;
      emit_->Emit(op, {prefix + "k", 0, tile.col});
    }
    if (keys == tile.cols) return;
    const Tile piece{tile.acc + U(keys) / cfg_.cols, tile.groups, tile.col + keys - inner_,
                     tile.cols - keys};
    EmitValuePiece(piece, bias + U(inner_ + piece.col) * 4, piece.col / head_, piece.cols / head_,
                   rows, chunk, &stat, prefix);
  });
  EmitStores(chunk, prefix);
}

// `heads` heads of values from `head` on, in one ACC tile.
void Encoder::EmitValuePiece(const Tile& tile, uint32_t bias, int head, int heads, int rows,
                             const Rows& chunk, uint32_t* stat, const std::string& prefix) {
  const uint32_t amax = vm_amax_ + *stat, inverse = vm_inverse_ + *stat,
                 scales = vm_vs_ + *stat / 2;
  *stat += U(Pad(rows * heads * 4, static_cast<int>(kVmAlign)));
  const int stride = heads * 4;
  // One block per head: all heads in one command. Otherwise one after the other.
  const bool at_once = head_ == kBlock;
  const int steps = at_once ? 1 : heads, cols = at_once ? heads * head_ : head_;
  const auto part = [&](int step) {
    isa::GtaOp op = FromAcc(tile.acc + U(step * head_) / cfg_.cols, tile.groups, rows, cols);
    Col(&op, kB, bias + U(step * head_) * 4);
    return op;
  };
  for (int step = 0; step < steps; ++step) {
    isa::GtaOp op = part(step);
    Reduce(&op, isa::ReduceOp::kAbsmax, amax + U(step) * 4, stride);
    op.red_blk = at_once ? 1 : 0;
    emit_->Emit(op, {prefix + "v.absmax", 0, head + step});
  }
  isa::GtaOp scale = FromVm(amax, kVector, 1, rows * heads);
  scale.SetAImm(1.0f / 127.0f);
  OutVm(&scale, scales, 2 * kBlock, isa::OutFormat::kF16);
  emit_->Emit(scale, {prefix + "v.scale", 0, head});
  isa::GtaOp invert = FromVm(amax, kVector, 1, rows * heads);
  Apply(&invert, kReciprocal);
  invert.SetMImm(127.0f);
  OutVm(&invert, inverse, kVector);
  emit_->Emit(invert, {prefix + "v.inverse", 0, head});
  for (int step = 0; step < steps; ++step) {
    isa::GtaOp op = part(step);
    if (at_once) {
      Blk(&op, kM, inverse, stride);
    } else {
      Row(&op, kM, inverse + U(step) * 4, stride);
    }
    OutVm(&op, vm_vq_ + U((head + step) * head_), inner_, isa::OutFormat::kI8);
    emit_->Emit(op, {prefix + "v.int8", 0, (head + step) * head_});
  }
  for (const Span& span : chunk) {
    const int padded = Pad(span.total, kBlock);
    isa::StCopy st;
    st.dst = value_scales_[kv_turn_] +
             (U64(span.kv) * U64(hp_.n_heads) + U64(head * padded + span.first)) * 2;
    st.dst_space = scratch_space_;
    st.src = scales + U(span.row * heads) * 2;
    st.len = 2;
    st.n1 = U(span.valid), st.s1 = U(heads * 2), st.t1 = 2;
    st.n2 = U(heads), st.s2 = 2, st.t2 = U(padded * 2);
    emit_->Emit(st, {prefix + "values.scale", span.first});
  }
}

// Keys as WB wants them, [head][token / COLS][k block][token % COLS][32]; values [head][token][32].
void Encoder::EmitStores(const Rows& chunk, const std::string& prefix) {
  const int cols = static_cast<int>(cfg_.cols), blocks = head_ / kBlock, heads = hp_.n_heads;
  for (const Span& span : chunk) {
    const int padded = Pad(span.total, kBlock);
    const uint64_t base = U64(span.kv) * U64(inner_);
    // Whole groups of COLS tokens, then what is left.
    for (int done = 0; done < span.valid;) {
      const int left = span.valid - done, n = std::min(cols, left),
                groups = std::max(1, left / cols);
      const uint64_t group = U64((span.first + done) / cols * blocks * cols);
      for (int b = 0; b < blocks; ++b) {
        isa::StCopy data;
        data.dst = keys_[kv_turn_] + base + (group + U64(b * cols)) * kBlock;
        data.dst_space = scratch_space_;
        data.src = vm_kq_ + U((span.row + done) * inner_ + b * kBlock);
        data.len = kBlock;
        data.n1 = U(n), data.s1 = U(inner_), data.t1 = kBlock;
        data.n2 = U(groups), data.s2 = U(cols * inner_), data.t2 = U(blocks * cols * kBlock);
        data.n3 = U(heads), data.s3 = U(head_), data.t3 = U(padded * head_);
        emit_->Emit(data, {prefix + "keys", span.first + done});
        isa::StCopy scale;
        scale.dst = key_scales_[kv_turn_] + base / 16 + (group + U64(b * cols)) * 2;
        scale.dst_space = scratch_space_;
        scale.src = vm_ks_ + U((span.row + done) * inner_ / 16 + b * 2);
        scale.len = 2;
        scale.n1 = U(n), scale.s1 = U(inner_ / 16), scale.t1 = 2;
        scale.n2 = U(groups), scale.s2 = U(cols * inner_ / 16), scale.t2 = U(blocks * cols * 2);
        scale.n3 = U(heads), scale.s3 = U(blocks * 2), scale.t3 = U(padded * blocks * 2);
        emit_->Emit(scale, {prefix + "keys.scale", span.first + done});
      }
      done += n == cols ? groups * cols : n;
    }
    isa::StCopy data;
    data.dst = values_[kv_turn_] + base + U64(span.first) * U64(head_);
    data.dst_space = scratch_space_;
    data.src = vm_vq_ + U(span.row * inner_);
    data.len = U(head_);
    data.n1 = U(span.valid), data.s1 = U(inner_), data.t1 = U(head_);
    data.n2 = U(heads), data.s2 = U(head_), data.t2 = U(padded * head_);
    emit_->Emit(data, {prefix + "values", span.first});
  }
}

// ---- Attention

void Encoder::EmitAttention(const Rows& chunk, const std::string& prefix) {
  std::vector<Unit> units;
  bool overlap = true;
  for (const Span& span : chunk) {
    const int rows = AttentionRows(span.total);
    overlap = overlap && Pad(span.total, kBlock) / static_cast<int>(cfg_.cols) <=
                             static_cast<int>(cfg_.AccWords()) / 4;
    for (int h = 0; h < hp_.n_heads; ++h) {
      for (int row = 0; row < span.valid; row += rows) {
        units.push_back({span, h, span.row + row, std::min(rows, span.valid - row), turn_, 0, 0});
        turn_ = (turn_ + 1) % kTurns;
      }
    }
  }
  if (!overlap) {
    for (Unit& unit : units) {
      unit.scores = NextAcc();
      EmitScores(&unit, prefix);
      EmitSoftmax(unit, prefix);
      unit.product = NextAcc();
      EmitProduct(&unit, prefix);
      EmitOutput(unit, prefix);
    }
    return;
  }
  const auto scores = [&](Unit* unit) {
    unit->scores = NextQuarter();
    EmitScores(unit, prefix);
  };
  scores(&units[0]);
  for (size_t i = 0; i < units.size(); ++i) {
    if (i + 1 < units.size()) scores(&units[i + 1]);
    EmitSoftmax(units[i], prefix);
    if (i > 0) EmitOutput(units[i - 1], prefix);
    units[i].product = NextQuarter();
    EmitProduct(&units[i], prefix);
  }
  EmitOutput(units.back(), prefix);
}

namespace {

std::string NameOf(const std::string& prefix, int head) {
  return fmt::format("{}head{}.", prefix, head);
}

}  // namespace

// All scores of the unit's rows in one ACC region.
void Encoder::EmitScores(Unit* unit, const std::string& prefix) {
  const std::string name = NameOf(prefix, unit->head);
  const int cols = static_cast<int>(cfg_.cols), blocks = head_ / kBlock, total = unit->span.total,
            padded = Pad(total, kBlock);
  const int tile = wb_slot_sets_ * cols / blocks / kBlock * kBlock;
  const uint64_t first = U64(unit->span.kv) * U64(inner_) + U64(unit->head * padded) * U64(head_);
  for (int t0 = 0; t0 < total; t0 += tile) {
    const int n = std::min(tile, padded - t0);
    const uint32_t slot = NextWb();
    isa::LdCopy data;
    data.src = keys_[kv_turn_] + first + U64(t0) * U64(head_);
    data.src_space = scratch_space_;
    data.dst_space = isa::LdDst::kWb;
    data.dst = slot * cfg_.cols * kBlock;
    data.len = U(n * head_);
    emit_->Emit(data, {name + "keys", t0});
    isa::LdCopy scale = data;
    scale.src = key_scales_[kv_turn_] + (first + U64(t0) * U64(head_)) / 16;
    scale.dst_space = isa::LdDst::kWbScale;
    scale.dst = slot * cfg_.cols * 2;
    scale.len = U(n * blocks * 2);
    emit_->Emit(scale, {name + "keys.scale", t0});
    isa::MxeGemm gemm;
    gemm.ab = ab_q_ + U(Groups(unit->row) * (inner_ / kBlock) + unit->head * blocks);
    gemm.ab_gs = U(inner_ / kBlock);
    gemm.wb = slot;
    gemm.wb_ns = U(blocks);
    gemm.wb_ks = 1;
    gemm.acc = unit->scores + U(t0 / cols);
    gemm.acc_gs = U(padded / cols);
    gemm.rows = U(unit->rows);
    gemm.ncg = U(n / cols);
    gemm.kb = U(blocks);
    emit_->Emit(gemm, {name + "scores.product", unit->row, t0});
  }
}

// exp(score - max) as exp(-(max - score)), times the scale of each value, to AB; and one over the
// sum of the exponentials.
void Encoder::EmitSoftmax(const Unit& unit, const std::string& prefix) {
  const std::string name = NameOf(prefix, unit.head);
  const int total = unit.span.total, padded = Pad(total, kBlock),
            stride = padded / static_cast<int>(cfg_.cols);
  const uint32_t max = vm_max_[unit.turn], l = vm_l_[unit.turn], vscale = vm_vscale_[unit.turn];
  const float scale = 1.0f / std::sqrt(static_cast<float>(hp_.head_dim));
  isa::LdCopy ld;
  ld.src = value_scales_[kv_turn_] +
           (U64(unit.span.kv) * U64(hp_.n_heads) + U64(unit.head * padded)) * 2;
  ld.src_space = scratch_space_;
  ld.dst_space = isa::LdDst::kVm;
  ld.dst = vscale;
  ld.len = U(padded * 2);
  emit_->Emit(ld, {name + "values.scale"});
  isa::GtaOp top = FromAcc(unit.scores, stride, unit.rows, total);
  top.SetAImm(scale);
  Reduce(&top, isa::ReduceOp::kMax, max, 4);
  emit_->Emit(top, {name + "max", unit.row});
  isa::GtaOp op = FromAcc(unit.scores, stride, unit.rows, total);
  op.SetAImm(-scale);
  Row(&op, kB, max, 4);
  Apply(&op, kExpOfMinus);
  Col(&op, kM, vscale, isa::OperandFormat::kF16);
  Reduce(&op, isa::ReduceOp::kSumFn, l, 4);
  OutAb(&op, ab_p_[unit.turn & 1], padded / kBlock);
  emit_->Emit(op, {name + "probabilities", unit.row});
  isa::GtaOp inverse = FromVm(l, kVector, 1, unit.rows);
  Apply(&inverse, kReciprocal);
  OutVm(&inverse, l, kVector);
  emit_->Emit(inverse, {name + "inverse_sum", unit.row});
}

void Encoder::EmitProduct(Unit* unit, const std::string& prefix) {
  const std::string name = NameOf(prefix, unit->head);
  const int cols = static_cast<int>(cfg_.cols), total = unit->span.total,
            padded = Pad(total, kBlock);
  const int tile = wb_slot_sets_ * cols / (head_ / kBlock) / kBlock * kBlock;
  const uint64_t first = U64(unit->span.kv) * U64(inner_) + U64(unit->head * padded) * U64(head_);
  for (int t0 = 0; t0 < total; t0 += tile) {
    const int n = std::min(tile, padded - t0);
    const uint32_t slot = NextWb();
    isa::LdTranspose data;
    data.src = values_[kv_turn_] + first + U64(t0) * U64(head_);
    data.src_space = scratch_space_;
    data.dst_space = isa::LdDst::kWb;
    data.dst = slot * cfg_.cols * kBlock;
    data.len = U(head_);
    data.n1 = U(n);
    data.s1 = U(head_);
    data.t1 = U(head_ * kBlock);
    emit_->Emit(data, {name + "values", t0});
    isa::LdFill ones;
    ones.pattern = 0x3C003C00;  // FP16 1.0 twice
    ones.dst_space = isa::LdDst::kWbScale;
    ones.dst = slot * cfg_.cols * 2;
    ones.len = U(n / kBlock * head_ * 2);
    emit_->Emit(ones, {name + "values.one", t0});
    isa::MxeGemm gemm;
    gemm.ab = ab_p_[unit->turn & 1] + U(t0 / kBlock);
    gemm.ab_gs = U(padded / kBlock);
    gemm.wb = slot;
    gemm.wb_ns = 1;
    gemm.wb_ks = U(head_ / cols);
    gemm.acc = unit->product;
    gemm.acc_gs = U(head_ / cols);
    gemm.rows = U(unit->rows);
    gemm.ncg = U(head_ / cols);
    gemm.kb = U(n / kBlock);
    gemm.accumulate = t0 > 0 ? 1 : 0;
    gemm.order = isa::LoopOrder::kKOuter;
    emit_->Emit(gemm, {name + "attn.product", unit->row, t0});
  }
}

void Encoder::EmitOutput(const Unit& unit, const std::string& prefix) {
  isa::GtaOp op = FromAcc(unit.product, head_ / static_cast<int>(cfg_.cols), unit.rows, head_);
  Row(&op, kA, vm_l_[unit.turn], 4);
  OutAb(&op, ab_o_ + U(Groups(unit.row) * (inner_ / kBlock) + unit.head * (head_ / kBlock)),
        inner_ / kBlock);
  emit_->Emit(op, {prefix + "attn", unit.row, unit.head * head_});
}

// ---- MLP and result

void Encoder::EmitFfn(const Layer& layer, const std::string& prefix, int rows) {
  const uint32_t up_bias = LoadVector(layer.up_bias);
  EmitStream(layer.up, rows, [&](const Tile& tile) {
    isa::GtaOp op = FromAcc(tile.acc, tile.groups, rows, tile.cols);
    Col(&op, kB, up_bias + U(tile.col) * 4);
    Apply(&op, kPhi);  // GELU(x) = x * Phi(x)
    op.m_mode = isa::OperandMode::kSelf;
    OutAb(&op, ab_h_ + U(tile.col / kBlock), hidden_ / kBlock);
    emit_->Emit(op, {prefix + "ffn_act", 0, tile.col});
  });
  const uint32_t down_bias = LoadVector(layer.down_bias);
  EmitGemm(layer.down, ab_h_, hidden_ / kBlock, rows, [&](const Tile& tile) {
    EmitResidual(tile, rows, layer.down_bias, down_bias, prefix + "resid2");
  });
}

// One row for each sequence of the chunk, in vm_pool_: the first token, or the mean over the
// tokens. The order of its sums is that of the tokens, wherever a sequence is cut into chunks (at
// multiples of row_unit_): four tokens each as (0 + 2) + (1 + 3), and these sums one after the
// other.
void Encoder::EmitPooling(const Rows& chunk, bool first) {
  const int stride = dim_ * 4;
  const bool cls = hp_.pooling == Pooling::kCls;
  if (cls && !first) return;
  for (size_t begin = 0, end; begin < chunk.size(); begin = end) {
    // Sequences of one length together.
    for (end = begin + 1; end < chunk.size() && chunk[end].valid == chunk[begin].valid; ++end) {
    }
    const Span& span = chunk[begin];
    const int count = static_cast<int>(end - begin), apart = span.rows * stride;
    const uint32_t x = vm_x_ + U(span.row * stride),
                   pool = vm_pool_ + U(static_cast<int>(begin) * stride);
    if (cls) {
      isa::GtaOp op = FromVm(x, apart, count, dim_);
      OutVm(&op, pool, stride);
      emit_->Emit(op, {"pooled", static_cast<int>(begin)});
      continue;
    }
    constexpr int kFold = 4;
    // `rows` rows at `at`, of each of `n` groups `step` bytes apart, plus those `by` rows on.
    const auto add = [&](uint32_t at, int step, int n, int rows, int by) {
      isa::GtaOp op = FromVm(at, step, n, rows * dim_);
      Mat(&op, kB, at + U(by * stride), step);
      OutVm(&op, at, step);
      emit_->Emit(op, {"pooled.fold", by});
    };
    const int whole = span.valid / kFold, left = span.valid % kFold, step = kFold * stride;
    const auto fold = [&](uint32_t at, int n) {
      if (n == 0) return;
      add(at, step, n, 2, 2);
      add(at, step, n, 1, 1);
    };
    if (left == 0) {  // all sequences, and padding
      fold(x, count * span.rows / kFold);
    } else {
      for (int s = 0; s < count; ++s) fold(x + U(s * apart), whole);
    }
    if (left == 3) add(x + U(whole * step), apart, count, 1, 2);
    if (left >= 2) add(x + U(whole * step), apart, count, 1, 1);
    const int groups = whole + (left > 0 ? 1 : 0);
    for (int g = 0; g < groups; ++g) {
      if (g == 0 && first && groups > 1) continue;  // with the next one
      const bool start = first && g == std::min(1, groups - 1);
      isa::GtaOp op = FromVm(x + U(g * step), apart, count, dim_);
      if (!start) {
        Mat(&op, kB, pool, stride);
      } else if (g == 1) {
        Mat(&op, kB, x, apart);
      }
      OutVm(&op, pool, stride);
      emit_->Emit(op, {"pooled.sum", g});
    }
    if (span.first + span.valid < span.total) continue;
    isa::GtaOp mean = FromVm(pool, stride, count, dim_);
    mean.SetAImm(1.0f / static_cast<float>(span.total));
    OutVm(&mean, pool, stride);
    emit_->Emit(mean, {"pooled", static_cast<int>(begin)});
  }
}

void Encoder::EmitResults(const std::vector<Span>& sequences) {
  const int count = static_cast<int>(sequences.size()), stride = dim_ * 4;
  const auto store = [&](uint32_t src, int src_stride, int col, int cols) {
    isa::StCopy st;
    st.dst = result_address(sequences[0].sequence) + U64(col) * 4;
    st.src = src;
    st.len = U(cols) * 4;
    st.n1 = U(count), st.s1 = U(src_stride), st.t1 = static_cast<uint32_t>(result_bytes_);
    emit_->Emit(st, {"result", sequences[0].sequence, col});
  };
  if (hp_.classes == 0) {
    isa::GtaOp squares = FromVm(vm_pool_, stride, count, hp_.dim);
    squares.m_mode = isa::OperandMode::kSelf;
    Reduce(&squares, isa::ReduceOp::kSum, vm_stat_[2], 4);
    emit_->Emit(squares, {"result.sum_of_squares"});
    isa::GtaOp root = FromVm(vm_stat_[2], kVector, 1, count);
    root.SetBImm(1e-24f);  // a vector of zeros stays one
    Apply(&root, kRsqrt);
    OutVm(&root, vm_stat_[3], kVector);
    emit_->Emit(root, {"result.rsqrt"});
    isa::GtaOp scale = FromVm(vm_pool_, stride, count, hp_.dim);
    Row(&scale, kA, vm_stat_[3], 4);
    OutVm(&scale, vm_pool_, stride);
    emit_->Emit(scale, {"result"});
    store(vm_pool_, stride, 0, dim_);
    return;
  }
  EmitQuantize(vm_pool_, count, "pooled");
  const uint32_t bias = LoadVector(output_bias_);
  EmitStream(output_, count, [&](const Tile& tile) {
    const uint32_t buffer = vm_result_[result_turn_];
    result_turn_ ^= 1;
    isa::GtaOp op = FromAcc(tile.acc, tile.groups, count, tile.cols);
    Col(&op, kC, bias + U(tile.col) * 4);
    OutVm(&op, buffer, tile_cols_ * 4);
    emit_->Emit(op, {"result", 0, tile.col});
    store(buffer, tile_cols_ * 4, tile.col, tile.cols);
  });
}

uint64_t Encoder::UsefulMacs(const std::vector<int>& tokens) const {
  const uint64_t dim = U64(hp_.dim), inner = U64(hp_.n_heads * hp_.head_dim);
  uint64_t macs = 0;
  for (const int count : tokens) {
    const uint64_t n = U64(count);
    const uint64_t layer = n * (4 * dim * inner + 2 * dim * U64(hp_.hidden)) + 2 * n * n * inner;
    macs += U64(hp_.n_layers) * layer;
    if (arch_ == Architecture::kVit) {
      macs += dim * U64(hp_.classes) + U64(hp_.patches()) * dim * U64(hp_.patch_values());
    }
  }
  return macs;
}

}  // namespace wren::compiler
