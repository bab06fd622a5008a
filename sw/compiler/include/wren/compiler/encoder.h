// Encoder: a bidirectional transformer (BERT or ViT) as command streams for one core.
//
// It takes sequences (the tokens of a sentence, the patches of an image) and gives one vector for
// each: the classifier's logits, or the pooled vector divided by its length. Built once per model
// and configuration; BuildStep then gives the program for a batch of sequences.
//
// Sequences lie one below the other as rows, each padded to whole row groups, so that one product
// serves as many of them as VM holds (rows() rows; a pass). A sequence longer than that goes
// through every layer in several chunks, its residual stream in scratch memory meanwhile.
//
// Attention reads its keys and values from scratch memory (L2 when they fit, otherwise external),
// where the pass has stored them as WB wants them; scores stay in ACC. The products of the next
// head are emitted before the softmax of this one, so that MXE and GTA work side by side; so do
// they in the MLP, a column tile each.
//
// Numerics: weights Q8_0 (other formats are quantized here, per row in blocks of 32 along k);
// activations FP32 in VM and Q8_0 where they enter the MXE; keys Q8_0 along the head, values int8
// with one FP16 scale per token and head, which is multiplied into the probabilities. With norms
// after the sums (BERT) the stream goes to the MXE as two Q8_0 numbers, what the first leaves being
// the second, because short texts average its errors over few tokens. Extents are
// padded to multiples of 32 with zeros.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/compiler/network.h"
#include "wren/formats/model_file.h"
#include "wren/isa/model.h"

namespace wren::compiler {

struct EncoderOptions {
  uint64_t ext_base = 0x800000;  // first byte that the model may use (below: the command ring)
  int max_tokens = 0;            // of a sequence; 0: the model's context, at most 512
  int max_batch = 0;  // sequences of one program; 0: as many longest ones as one pass has
  int max_rows = 0;   // rows of one pass; 0: as many as fit, at most 256
};

class Encoder : public Network {
 public:
  // Throws wren::Error when the model is no encoder or cannot run on the configuration; the message
  // names what does not fit and what would.
  Encoder(const ModelFile& model, const isa::Config& config, const EncoderOptions& options = {});

  int max_tokens() const { return max_tokens_; }
  int max_batch() const { return max_batch_; }
  int rows() const { return rows_; }
  int result_size() const { return result_size_; }  // logits, or the width

  // The program that loads the tables; once, before the first step.
  Program BuildSetup();
  // The program for one sequence per element of `tokens` (1 .. max_batch of 1 .. max_tokens each).
  // Images: every element is context().
  Program BuildStep(const std::vector<int>& tokens);

  // Inputs of sequence i. Text: token ids as uint32.
  uint64_t tokens_address(int i) const { return tokens_ + Size(i) * tokens_bytes_; }
  // Images: FP32 {tokens, patch_stride() / 4}, zero behind the values of a patch; with a class
  // token row 0 is zero.
  uint64_t patches_address(int i) const { return patches_ + Size(i) * patches_bytes_; }
  int patch_stride() const { return patch_ * 4; }  // bytes
  // FP32 {result_size()}.
  uint64_t result_address(int i) const { return results_ + Size(i) * result_bytes_; }

  // Multiply-accumulates that the mathematics needs for one step (no padding).
  uint64_t UsefulMacs(const std::vector<int>& tokens) const;

 private:
  struct NormWeights {
    Vector weight, bias;
  };
  struct Layer {
    NormWeights attn_norm, ffn_norm;
    Vector q_bias, kv_bias, out_bias, up_bias, down_bias;
    Matrix q, kv, out, up, down;
  };
  // Rows of one sequence in a chunk.
  struct Span {
    int sequence;      // in the batch
    int total;         // its tokens
    int first, valid;  // the tokens that are here
    int row, rows;     // where: first row of the chunk, and rows with padding
    int kv;            // its first token in the scratch memory
  };
  using Rows = std::vector<Span>;
  struct Unit {  // attention of some rows of one sequence and head
    Span span;
    int head;
    int row, rows;  // of the chunk
    int turn;       // which of the small buffers
    uint32_t scores, product;
  };

  static uint64_t Size(int n) { return static_cast<uint64_t>(n); }

  // Building the image.
  NormWeights PlaceNorm(const ModelFile& model, const std::string& name);
  Vector PlaceBias(const ModelFile& model, const std::vector<std::string>& names,
                   const std::vector<int>& map);
  Matrix PlaceWeights(const ModelFile& model, const std::vector<std::string>& names,
                      const std::vector<int>& row_map, const std::vector<int>& col_map,
                      int quantum);
  void PlaceModel(const ModelFile& model);
  bool LayOut(int rows);

  // Building a step. `chunk` rows are in VM at vm_x_.
  void EmitPass(const std::vector<Rows>& chunks);
  void EmitEmbedding(const Rows& chunk);
  void EmitMove(const Rows& chunk, bool load);
  void EmitNorm(const NormWeights& norm, int rows, bool to_vm, bool to_ab, const std::string& name);
  void EmitQuantize(uint32_t x, int rows, const std::string& name);
  void EmitRemainder(int rows, const std::string& name);
  void EmitQueries(const Layer& layer, const std::string& prefix, int rows);
  void EmitKeysAndValues(const Layer& layer, const std::string& prefix, const Rows& chunk);
  void EmitValuePiece(const Tile& tile, uint32_t bias, int head, int heads, int rows,
                      const Rows& chunk, uint32_t* stat, const std::string& prefix);
  void EmitStores(const Rows& chunk, const std::string& prefix);
  // The one place that knows how attention is done: queries in ab_q_ to heads in ab_o_.
  void EmitAttention(const Rows& chunk, const std::string& prefix);
  void EmitScores(Unit* unit, const std::string& prefix);
  void EmitSoftmax(const Unit& unit, const std::string& prefix);
  void EmitProduct(Unit* unit, const std::string& prefix);
  void EmitOutput(const Unit& unit, const std::string& prefix);
  void EmitFfn(const Layer& layer, const std::string& prefix, int rows);
  void EmitResidual(const Tile& tile, int rows, const Vector& bias, uint32_t bias_at,
                    const std::string& name);
  void EmitPooling(const Rows& chunk, bool first);
  void EmitResults(const std::vector<Span>& sequences);
  // The product of the rows in ab_x_ with a matrix: with BERT of both Q8_0 numbers of each value
  // (EmitRemainder).
  template <class Drain>
  void EmitStream(const Matrix& matrix, int rows, Drain drain) {
    EmitGemm(matrix, ab_x_, matrix.k / 32, rows, drain,
             after_ ? std::optional(ab_o_) : std::nullopt);
  }
  uint32_t NextQuarter();
  static int RowsOf(const Rows& chunk) { return chunk.back().row + chunk.back().rows; }
  // Rows that attention takes at once for sequences of so many tokens; 0: none fit.
  int AttentionRows(int tokens) const;

  bool after_ = false;                          // norms after the sums (BERT)
  int dim_ = 0, hidden_ = 0, head_ = 0;         // padded to 32
  int inner_ = 0, patch_ = 0, result_pad_ = 0;  // padded heads side by side; likewise
  int row_unit_ = 0;                            // rows of a sequence are a multiple of this
  int max_tokens_ = 0, max_batch_ = 0, tokens_pad_ = 0, result_size_ = 0;

  uint64_t tables_ = 0, tokens_ = 0, patches_ = 0, results_ = 0, scratch_ext_ = 0;
  uint64_t tokens_bytes_ = 0, patches_bytes_ = 0, result_bytes_ = 0;
  // Keys, values and the residual stream of long sequences.
  isa::ExtSpace scratch_space_ = isa::ExtSpace::kL2;
  uint64_t stream_ = 0, keys_[2], key_scales_[2], values_[2], value_scales_[2];
  int kv_turn_ = 0;
  Vector embedding_, positions_;
  NormWeights embd_norm_, final_norm_;
  Matrix patch_embd_, output_;
  Vector output_bias_;
  std::vector<Layer> layers_;

  // VM (bytes) and AB (words) maps.
  static constexpr int kTurns = 4;
  uint32_t vm_ids_, vm_x_, vm_stat_[4], vm_temp_, vm_amax_, vm_inverse_, vm_kq_, vm_ks_, vm_vq_,
      vm_vs_, vm_max_[kTurns], vm_l_[kTurns], vm_vscale_[kTurns], vm_pool_, vm_result_[2],
      vm_scratch_;
  uint32_t temp_bytes_ = 0, vec_bytes_ = 0;
  int pool_rows_ = 0, kv_tokens_ = 0;
  uint32_t ab_x_, ab_q_, ab_p_[2], ab_o_, ab_h_;

  int quarter_turn_ = 0, turn_ = 0, result_turn_ = 0;
};

}  // namespace wren::compiler
