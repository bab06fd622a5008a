// LanguageModel: a decoder-only transformer (Llama or GPT-2 architecture) as command streams for
// one core.
//
// It owns the memory map: where weights, caches, tables and results lie in external memory, and how
// AB, WB, VM and ACC are shared out. Built once per model and configuration; BuildStep then gives
// the program for the next tokens.
//
// Numerics: weights Q8_0 (files in other formats are quantized here, per row in blocks of 32 along
// k); activations are FP32 in VM and Q8_0 where they enter the MXE; the KV cache is 8-bit (K: Q8_0
// along the head; V: int8 with one FP16 scale per token and head, which is multiplied into the
// probabilities). Extents are padded to multiples of 32 with zeros.
//
// External memory, from `ext_base` on: tables, matrices tiled for the configuration, embeddings and
// vectors in FP32, rotary cosines and sines (all constant); then token ids, KV cache, logits,
// scratch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wren/compiler/attention.h"
#include "wren/compiler/emitter.h"
#include "wren/compiler/network.h"
#include "wren/formats/model_file.h"
#include "wren/isa/model.h"

namespace wren::compiler {

// External memory that a network without weights expects to hold something. A caller chooses what.
struct Hole {
  enum class Content {
    kQuants,     // blocks as WB holds them
    kScales,     // FP16
    kVector,     // FP32: weights of a norm
    kEmbedding,  // FP32 rows
  };
  uint64_t address = 0, bytes = 0;
  Content content = Content::kQuants;
};

struct CompileOptions {
  uint64_t ext_base = 0x800000;  // first byte that the model may use (below: the command ring)
  int max_context = 0;           // tokens of KV cache; 0: the model's context, at most 2,048
  int max_rows = 0;              // rows of one prefill program; 0: as many as fit, at most 64
};

class LanguageModel : public Network {
 public:
  // Throws wren::Error when the model cannot run on the configuration; the message names what does
  // not fit and what would.
  LanguageModel(const ModelFile& model, const isa::Config& config,
                const CompileOptions& options = {});

  // A network of this shape whose weights, in `format`, are nowhere: holes() says where they and
  // the KV cache lie. For measuring what a shape costs. Llama architecture, no biases.
  LanguageModel(const Hyperparameters& shape, isa::WeightFormat format, const isa::Config& config,
                const CompileOptions& options = {});

  const std::vector<Hole>& holes() const { return holes_; }
  // Bytes of matrices in external memory, with scales.
  uint64_t matrix_bytes() const { return matrix_bytes_; }

  int context() const { return context_; }  // tokens that fit the KV cache
  int max_rows() const { return rows_; }    // tokens that one step may take
  int vocab() const { return hp_.vocab; }

  // `exact` takes the attention that no scores upset, and longer: for steps that raised NUMERIC
  // (docs/decisions/0005).
  // The program for `count` (1 .. max_rows) tokens at positions pos .. pos+count-1, whose ids lie
  // at tokens_address() as uint32. Logits of the last token, or of all, are left at
  // logits_address(i) as `vocab` FP32 values.
  Program BuildStep(int pos, int count, bool all_logits, bool exact = false);
  // The same program, for a token at a time much sooner: in one block of 32 positions it is made
  // once and then moved. Holds until the next call.
  const Program& Step(int pos, int count, bool all_logits);
  // The program that loads the tables; once, before the first step.
  Program BuildSetup();
  uint64_t tokens_address() const { return tokens_; }
  // Logits of token `i` of the step (i = 0 when only the last token's were asked for).
  uint64_t logits_address(int i) const {
    return logits_ + static_cast<uint64_t>(i) * static_cast<uint64_t>(vocab_pad_) * 4;
  }

  // Multiply-accumulates that the mathematics needs for one step (no padding), for utilization
  // figures.
  uint64_t UsefulMacs(int pos, int count, bool all_logits) const;

 private:
  struct Layer {
    Vector attn_norm, attn_norm_bias, ffn_norm, ffn_norm_bias, qkv_bias, out_bias, up_bias,
        down_bias;
    Matrix qkv, out, gate, up, down;
    uint64_t k = 0, k_scale = 0, v = 0, v_scale = 0;  // caches, per KV head one after the other
  };
  void ChooseSlots(const CompileOptions& options);
  void ReserveResults();

  // Building the image.
  uint64_t MakeHole(uint64_t bytes, Hole::Content content);
  Matrix MatrixHole(int n, int k, isa::WeightFormat format, const std::string& name);
  Vector VectorHole(int n, Hole::Content content, const std::string& name);
  void PlaceHoles(isa::WeightFormat format);
  void PlaceLayers(const ModelFile& model);
  void PlaceTables();
  void PlaceRotary(const std::vector<float>& factors);
  bool LayOut(int rows);

  // Building a step.
  void EmitTables();
  void EmitEmbedding(int pos, int count);
  void EmitNorm(const Vector& weight, const Vector& bias, uint32_t x, int count,
                const std::string& name);
  void EmitAttention(const Layer& layer, int index, int pos, int count);
  void EmitRotary(const Layer& layer, const std::string& prefix, int pos, int count);
  void EmitCacheStores(const Layer& layer, const std::string& prefix, int pos, int count);
  // The attention of `rows` rows per head; q_ab: first word of the queries.
  AttentionTask Attention(const Layer& layer, int heads, int group, int rows, int total) const;
  AttentionSpace Space() const;
  void EmitHead(const Layer& layer, const std::string& prefix, int kv, uint32_t q_ab, int rows,
                int total, bool causal, int diag, uint32_t out_ab, int out_stride, uint32_t out_vm);
  void EmitResidual(const Tile& tile, int count, bool biased, uint32_t bias,
                    const std::string& name);
  void EmitFfn(const Layer& layer, int index, int count);
  template <class Make>
  void EmitAt(int count, Make make);
  isa::GtaOp FromAcc(const Tile& tile, int rows) const;
  int dim_ = 0, hidden_ = 0, head_ = 0, vocab_pad_ = 0;  // padded to 32
  int q_width_ = 0, kv_width_ = 0;                       // padded heads side by side
  int group_ = 0;                                        // query heads per KV head
  int context_ = 0, context_pad_ = 0;
  int key_tile_ = 0;

  std::vector<Hole> holes_;
  uint64_t matrix_bytes_ = 0;
  uint64_t tokens_ = 0, logits_ = 0, scratch_ext_ = 0, tables_ = 0, cos_ = 0, sin_ = 0;
  Vector embedding_, positions_, final_norm_, final_bias_;
  Matrix output_;
  std::vector<Layer> layers_;

  // VM (bytes) and AB (words) maps.
  uint32_t vm_ids_, vm_x_, vm_stat_[4], vm_q_, vm_k_, vm_v_, vm_t_, vm_cos_, vm_sin_, vm_kq_,
      vm_ks_, vm_vq_, vm_vs_, vm_s_[2], vm_smax_[2], vm_l_[2], vm_vscale_[2], vm_gate_[2],
      vm_logits_[2], vm_o_, vm_scratch_, vm_attention_end_;
  uint32_t vec_bytes_ = 0;
  uint32_t ab_x_, ab_q_, ab_p_[2], ab_o_, ab_h_;

  bool one_pass_ = true;  // attention in one pass fits the configuration
  bool exact_ = false;    // this step takes the other one

  Program step_;        // what Step made last
  int step_from_ = -1;  // the position it was built for; -1: it cannot move
  int head_turn_ = 0, gate_turn_ = 0;
};

}  // namespace wren::compiler
