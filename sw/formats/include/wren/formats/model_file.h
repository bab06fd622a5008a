// A model from a file: hyperparameters, tensors under canonical names, tokenizer.
//
// Kinds of file, told apart by their first bytes:
//   GGUF v2, v3          language models `llama` and `gpt2`, encoders `bert` and `vit`; F32, F16,
//                        BF16, Q8_0, Q4_0, IQ4_NL and MXFP4 tensors (gguf.h)
//   llama2.c checkpoint  legacy .bin (version 0), tokenizer in a second file (llama2c.h)
//   gpt-nano JSON        minGPT weights as base64 (gpt_nano.h)
//
// Whatever the kind, a loaded ModelFile has been checked: every tensor that the architecture needs
// is there with the shape below, and all bytes are inside the file. Tensors are views into the
// mapped file (do not shorten it meanwhile).
//
// Canonical tensors (llama.cpp's names; {rows, cols}; a matrix maps cols inputs to rows outputs):
//   token_embd.weight          {vocab, dim}
//   output_norm.weight         {dim}
//   output.weight              {vocab, dim}, absent when tied
//   blk.%d.attn_norm.weight    {dim}
//   blk.%d.attn_q.weight       {n_heads * head_dim, dim}
//   blk.%d.attn_k.weight       {n_kv_heads * head_dim, dim}
//   blk.%d.attn_v.weight       {n_kv_heads * head_dim, dim}
//   blk.%d.attn_output.weight  {dim, n_heads * head_dim}
//   blk.%d.ffn_norm.weight     {dim}
//   blk.%d.ffn_gate.weight     {hidden, dim}, llama only
//   blk.%d.ffn_up.weight       {hidden, dim}
//   blk.%d.ffn_down.weight     {dim, hidden}
//
// gpt2 adds position_embd.weight {context, dim}, output_norm.bias {dim}, and a .bias {rows} to
// every norm and matrix of a block. llama may have a .bias {rows} for any matrix of a block, and
// rope_freqs.weight {rope_dim / 2}, which divides the frequencies. A fused attn_qkv is split into
// attn_q, attn_k and attn_v. RoPE rotates the adjacent pairs (2i, 2i+1) of each head.
//
// Encoders (bidirectional attention, GELU MLP) have a .bias {rows} for every norm and matrix of a
// block, and n_kv_heads = n_heads. context counts the positions.
//
// bert normalizes after each sum: blk.%d.attn_output_norm and blk.%d.layer_output_norm stand in the
// place of attn_norm and ffn_norm, there is no output_norm, and there are
//   token_embd.weight          {vocab, dim}
//   token_types.weight         {token types, dim}; only type 0 is used
//   position_embd.weight       {context, dim}
//   token_embd_norm            {dim}, .weight and .bias
//
// vit normalizes before, as gpt2 does, with output_norm.weight and .bias {dim}, and has
//   patch_embd.weight          {dim, channels * patch * patch}, pixels in the order channel, row,
//                              column; .bias {dim}
//   class_embd.weight          {dim}, a token before the patches; only with CLS pooling
//   position_embd.weight       {context, dim}; context = patches (+ 1 with CLS pooling)
//   output.weight              {classes, dim}, .bias {classes}: the classifier
// Its inputs are (pixel / 255 - mean) / std of each channel, patches from left to right, then down.
//
// Limits (beyond them: wren::Error):
//   dim <= 65,536    n_heads * head_dim <= 65,536    hidden <= 2^20      head_dim <= 4,096
//   layers <= 1,024  heads <= 1,024                  vocab <= 2^22       context <= 2^24
//   image <= 4,096   channels <= 16                  classes <= 2^20
//   0 < norm_eps < 1                                 0 < rope_theta <= 1e12
//   JSON file <= 256 MiB
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "wren/formats/tensor.h"
#include "wren/formats/tokenizer.h"

namespace wren {

enum class Architecture {
  kLlama,  // RMSNorm, RoPE on adjacent pairs, grouped-query attention, SwiGLU
  kGpt2,   // LayerNorm with bias, learned positions, biases, tanh-GELU
  kBert,   // encoder of text: LayerNorm after each sum, learned positions, biases, erf-GELU
  kVit,    // encoder of images: LayerNorm before each block, learned positions, biases, erf-GELU
};

// How an encoder makes one vector of a sequence, numbered as GGUF's pooling_type.
enum class Pooling {
  kMean = 1,  // the mean over all tokens
  kCls = 2,   // the first token
};

const char* ArchitectureName(Architecture arch);

inline bool IsEncoder(Architecture arch) {
  return arch == Architecture::kBert || arch == Architecture::kVit;
}

struct Hyperparameters {
  int dim = 0;     // width of the residual stream
  int hidden = 0;  // width inside the MLP
  int n_layers = 0;
  int n_heads = 0;
  int n_kv_heads = 0;  // divides n_heads
  int head_dim = 0;
  int vocab = 0;
  int context = 0;  // longest sequence
  float norm_eps = 0.0f;
  float rope_theta = 0.0f;  // base of the frequencies; 0 for learned positions
  int rope_dim = 0;   // leading elements of a head that rotate (even); 0 for learned positions
  bool tied = false;  // logits use token_embd.weight

  // Encoders.
  Pooling pooling = Pooling::kMean;
  int token_types = 0;  // bert
  // vit: square images of image_size pixels, cut into square patches.
  int image_size = 0;
  int patch_size = 0;
  int channels = 0;
  int classes = 0;
  std::vector<float> image_mean, image_std;  // {channels}, of pixels from 0 to 1

  int patches() const {
    return patch_size > 0 ? (image_size / patch_size) * (image_size / patch_size) : 0;
  }
  int patch_values() const { return channels * patch_size * patch_size; }
  int image_bytes() const { return channels * image_size * image_size; }
};

struct ModelFile {
  Architecture arch = Architecture::kLlama;
  Hyperparameters hp;
  std::map<std::string, Tensor> tensors;
  Tokenizer tokenizer;
  std::vector<std::string> labels;  // names of the classes, or empty
  std::string name;                 // general.name, or the file's stem
  std::string path;

  // nullptr when absent.
  const Tensor* Find(const std::string& tensor_name) const;
  // Throws wren::Error when absent.
  const Tensor& Get(const std::string& tensor_name) const;
  // output.weight, or token_embd.weight when tied.
  const Tensor& OutputWeight() const {
    return Get(hp.tied ? "token_embd.weight" : "output.weight");
  }
};

struct LoadOptions {
  std::string tokenizer_path;  // llama2.c only; empty: no tokenizer
};

// Bytes of a file (mapped read-only) or of a buffer, shared by the tensors that point into it.
struct FileBytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  std::string path;                   // for messages
  std::shared_ptr<const void> owner;  // keeps data alive

  static FileBytes Map(const std::string& path);  // throws wren::Error
  static FileBytes FromBuffer(std::vector<uint8_t> buffer, std::string path);
};

// Loads and checks a model. Throws wren::Error with one line that names the file, the cause and the
// cure.
ModelFile LoadModel(const std::string& path, const LoadOptions& options = {});
// The same from bytes; `tokenizer` is used for llama2.c only and may be null.
ModelFile LoadModel(const FileBytes& bytes, const FileBytes* tokenizer);

// Checks hyperparameters against the limits and every needed tensor against its shape. The loaders
// call it.
void ValidateModel(const ModelFile& model);

}  // namespace wren
