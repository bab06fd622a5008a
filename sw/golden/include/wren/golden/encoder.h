// The golden encoder: text (BERT) or images (ViT) to one vector, in plain FP32.
//
// Every token attends to every other. One block (x is {tokens, dim}):
//   before:  x += attn_out(attention(n(x)));   x += ffn_down(gelu(ffn_up(n'(x))))
//   after:   x = n(x + attn_out(attention(x))); x = n'(x + ffn_down(gelu(ffn_up(x))))
// with n and n' LayerNorm (attn_norm and ffn_norm of golden.h's Layer). Then the final norm (before
// only), the pooling, and the classifier or the division by the vector's length.
//
// Sources: BERT (arXiv 1810.04805), ViT (arXiv 2010.11929), Sentence-BERT (arXiv 1908.10084) for
// the mean over tokens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "wren/golden/golden.h"

namespace wren::golden {

struct EncoderNetwork {
  int dim = 0;
  int hidden = 0;
  int n_layers = 0;
  int n_heads = 0;
  int head_dim = 0;
  int context = 0;  // positions
  float norm_eps = 1e-12f;
  bool norm_after = false;   // BERT
  bool first_token = false;  // pooling: the first token, otherwise the mean

  // Text.
  int vocab = 0;
  std::vector<float> token_embd;  // {vocab, dim}
  std::vector<float> token_type;  // {dim}: of type 0
  Norm embd_norm;
  // Images: patches {n, patch.cols}.
  Linear patch;
  std::vector<float> class_embd;  // {dim}, or empty; a token before the patches

  std::vector<float> position_embd;  // {context, dim}
  std::vector<Layer> layers;
  Norm final_norm;  // norm_after: empty
  Linear output;    // classifier; rows = 0: none, the pooled vector is divided by its length
};

class GoldenEncoder {
 public:
  // Called with every named intermediate, {rows, cols} row-major, valid during the call:
  //   embed, blk.N.q, .k, .v, .attn (heads side by side), .resid1 (with norm_after: normalized),
  //   .ffn_act, .resid2 (likewise), final_norm (not with norm_after), pooled, result
  using Hook =
      std::function<void(const std::string& name, const std::vector<float>& values, int cols)>;

  // Keeps a reference. Throws std::invalid_argument when a size is inconsistent.
  explicit GoldenEncoder(const EncoderNetwork& network);
  explicit GoldenEncoder(EncoderNetwork&& network) = delete;

  void set_hook(Hook hook) { hook_ = std::move(hook); }

  // Logits {classes}, or a vector {dim} of length 1. Throws std::out_of_range when a token is
  // outside the vocabulary or the tokens do not fit the positions.
  std::vector<float> EncodeTokens(const std::vector<int>& tokens);
  // `patches`: {n, patch.cols}; n and the class token must be all positions.
  std::vector<float> EncodePatches(const std::vector<float>& patches);

  const EncoderNetwork& network() const { return network_; }

 private:
  std::vector<float> Blocks(std::vector<float> x);
  void Attention(const std::vector<float>& q, const std::vector<float>& k,
                 const std::vector<float>& v, std::vector<float>* out) const;
  void Emit(int layer, const char* name, const std::vector<float>& values, int cols) const;

  const EncoderNetwork& network_;
  Hook hook_;
};

}  // namespace wren::golden
