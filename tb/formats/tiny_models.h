// Small random models as files in memory, with the values that went into them.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gguf_writer.h"

namespace wren::test {

// A model's FP32 values by tensor name, before any packing.
using Values = std::map<std::string, std::vector<float>>;

struct TinyModel {
  int dim = 32;
  int hidden = 64;
  int n_layers = 2;
  int n_heads = 4;
  int n_kv_heads = 2;
  int head_dim = 8;
  int rope_dim = 8;
  int context = 12;
  int vocab = 0;  // follows from the tokenizer
  float norm_eps = 1e-5f;
  float rope_theta = 10000.0f;
  bool tied = true;
  bool biases = false;      // llama: biases on q, k, v
  bool rope_freqs = false;  // llama
  float matrix_scale = 1;   // factor on the values of the blocks' matrices
  Values values;
};

inline std::vector<float> RandomValues(std::mt19937_64* random, size_t n, float centre,
                                       float spread) {
  std::vector<float> out(n);
  std::uniform_real_distribution<float> uniform(centre - spread, centre + spread);
  for (float& value : out) value = uniform(*random);
  return out;
}

// <unk>, <s>, </s>, 256 byte tokens, then a few pieces whose scores decide merges.
struct SpmVocabulary {
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<int32_t> types;
};

inline SpmVocabulary TinySpm() {
  SpmVocabulary out;
  const auto add = [&](const std::string& text, float score, int type) {
    out.tokens.push_back(text);
    out.scores.push_back(score);
    out.types.push_back(type);
  };
  add("<unk>", 0, 2);
  add("<s>", 0, 3);
  add("</s>", 0, 3);
  const char* hex = "0123456789ABCDEF";
  for (int b = 0; b < 256; ++b) add(std::string("<0x") + hex[b / 16] + hex[b % 16] + ">", 0, 6);
  const char* pieces[] = {"▁", "a", "b", "c", "d", "ab", "bc", "▁a", "cd", "abcd", "aa", "é"};
  for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); ++i)
    add(pieces[i], -static_cast<float>(i), 1);
  return out;
}

// GPT-2's printable byte characters as 256 tokens, then merges' results, then the end-of-text
// token.
struct BpeVocabulary {
  std::vector<std::string> tokens;
  std::vector<std::string> merges;
};

inline BpeVocabulary TinyBpe() {
  BpeVocabulary out;
  int next = 256;
  for (int b = 0; b < 256; ++b) {
    const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    const int code = printable ? b : next++;
    out.tokens.push_back(code < 128 ? std::string(1, static_cast<char>(code))
                                    : std::string{static_cast<char>(0xc0 + code / 64),
                                                  static_cast<char>(0x80 + code % 64)});
  }
  for (const char* merge :
       {"h e", "l l", "he ll", "hell o", "\xc4\xa0 w", "o r", "l d", "or ld", "\xc4\xa0w orld"}) {
    out.merges.push_back(merge);
    std::string joined = merge;
    joined.erase(joined.find(' '), 1);
    out.tokens.push_back(joined);
  }
  out.tokens.push_back("<|endoftext|>");
  return out;
}

inline void AddRandom(TinyModel* model, GgufWriter* writer, std::mt19937_64* random,
                      const std::string& name, std::vector<uint64_t> shape, float centre,
                      float spread) {
  size_t n = 1;
  for (uint64_t extent : shape) n *= extent;
  model->values[name] = RandomValues(random, n, centre, spread);
  writer->TensorF32(name, shape, model->values[name]);
}

// Fills model->values and returns a GGUF file of architecture `llama` with F32 tensors.
inline std::vector<uint8_t> TinyLlamaGguf(TinyModel* model, uint64_t seed) {
  std::mt19937_64 random(seed);
  const SpmVocabulary vocabulary = TinySpm();
  model->vocab = static_cast<int>(vocabulary.tokens.size());
  GgufWriter writer;
  writer.String("general.architecture", "llama");
  writer.String("general.name", "tiny-llama");
  writer.Uint32("llama.embedding_length", static_cast<uint32_t>(model->dim));
  writer.Uint32("llama.feed_forward_length", static_cast<uint32_t>(model->hidden));
  writer.Uint32("llama.block_count", static_cast<uint32_t>(model->n_layers));
  writer.Uint32("llama.attention.head_count", static_cast<uint32_t>(model->n_heads));
  writer.Uint32("llama.attention.head_count_kv", static_cast<uint32_t>(model->n_kv_heads));
  writer.Uint32("llama.attention.key_length", static_cast<uint32_t>(model->head_dim));
  writer.Uint32("llama.attention.value_length", static_cast<uint32_t>(model->head_dim));
  writer.Uint32("llama.rope.dimension_count", static_cast<uint32_t>(model->rope_dim));
  writer.Float32("llama.rope.freq_base", model->rope_theta);
  writer.Float32("llama.attention.layer_norm_rms_epsilon", model->norm_eps);
  writer.Uint32("llama.context_length", static_cast<uint32_t>(model->context));
  writer.String("tokenizer.ggml.model", "llama");
  writer.Strings("tokenizer.ggml.tokens", vocabulary.tokens);
  writer.Floats("tokenizer.ggml.scores", vocabulary.scores);
  writer.Ints("tokenizer.ggml.token_type", vocabulary.types);
  writer.Uint32("tokenizer.ggml.bos_token_id", 1);
  writer.Uint32("tokenizer.ggml.eos_token_id", 2);
  const uint64_t dim = static_cast<uint64_t>(model->dim);
  const uint64_t hidden = static_cast<uint64_t>(model->hidden);
  const uint64_t q_dim = static_cast<uint64_t>(model->n_heads * model->head_dim);
  const uint64_t kv_dim = static_cast<uint64_t>(model->n_kv_heads * model->head_dim);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float centre,
                       float spread) {
    if (shape.size() == 2 && name.rfind("blk.", 0) == 0) spread *= model->matrix_scale;
    AddRandom(model, &writer, &random, name, std::move(shape), centre, spread);
  };
  add("token_embd.weight", {static_cast<uint64_t>(model->vocab), dim}, 0, 1);
  for (int layer = 0; layer < model->n_layers; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    add(blk + "attn_norm.weight", {dim}, 1, 0.5f);
    add(blk + "attn_q.weight", {q_dim, dim}, 0, 0.5f);
    add(blk + "attn_k.weight", {kv_dim, dim}, 0, 0.5f);
    add(blk + "attn_v.weight", {kv_dim, dim}, 0, 0.5f);
    if (model->biases) {
      add(blk + "attn_q.bias", {q_dim}, 0, 0.5f);
      add(blk + "attn_k.bias", {kv_dim}, 0, 0.5f);
      add(blk + "attn_v.bias", {kv_dim}, 0, 0.5f);
    }
    add(blk + "attn_output.weight", {dim, q_dim}, 0, 0.3f);
    add(blk + "ffn_norm.weight", {dim}, 1, 0.5f);
    add(blk + "ffn_gate.weight", {hidden, dim}, 0, 0.3f);
    add(blk + "ffn_up.weight", {hidden, dim}, 0, 0.3f);
    add(blk + "ffn_down.weight", {dim, hidden}, 0, 0.3f);
  }
  if (model->rope_freqs)
    add("rope_freqs.weight", {static_cast<uint64_t>(model->rope_dim / 2)}, 2, 1);
  add("output_norm.weight", {dim}, 1, 0.5f);
  if (!model->tied) add("output.weight", {static_cast<uint64_t>(model->vocab), dim}, 0, 0.5f);
  return writer.Build();
}

// Fills model->values and returns a GGUF file of architecture `gpt2` with F32 tensors and fused
// attn_qkv.
inline std::vector<uint8_t> TinyGpt2Gguf(TinyModel* model, uint64_t seed) {
  std::mt19937_64 random(seed);
  const BpeVocabulary vocabulary = TinyBpe();
  model->vocab = static_cast<int>(vocabulary.tokens.size());
  model->n_kv_heads = model->n_heads;
  model->head_dim = model->dim / model->n_heads;
  GgufWriter writer(2);
  writer.String("general.architecture", "gpt2");
  writer.Uint32("gpt2.embedding_length", static_cast<uint32_t>(model->dim));
  writer.Uint32("gpt2.feed_forward_length", static_cast<uint32_t>(model->hidden));
  writer.Uint32("gpt2.block_count", static_cast<uint32_t>(model->n_layers));
  writer.Uint32("gpt2.attention.head_count", static_cast<uint32_t>(model->n_heads));
  writer.Float32("gpt2.attention.layer_norm_epsilon", model->norm_eps);
  writer.Uint32("gpt2.context_length", static_cast<uint32_t>(model->context));
  writer.String("tokenizer.ggml.model", "gpt2");
  writer.Strings("tokenizer.ggml.tokens", vocabulary.tokens);
  std::vector<int32_t> types(vocabulary.tokens.size(), 1);
  types.back() = 3;
  writer.Ints("tokenizer.ggml.token_type", types);
  writer.Strings("tokenizer.ggml.merges", vocabulary.merges);
  writer.Uint32("tokenizer.ggml.bos_token_id", static_cast<uint32_t>(model->vocab - 1));
  writer.Uint32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(model->vocab - 1));
  const uint64_t dim = static_cast<uint64_t>(model->dim);
  const uint64_t hidden = static_cast<uint64_t>(model->hidden);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float centre,
                       float spread) {
    if (shape.size() == 2 && name.rfind("blk.", 0) == 0) spread *= model->matrix_scale;
    AddRandom(model, &writer, &random, name, std::move(shape), centre, spread);
  };
  add("token_embd.weight", {static_cast<uint64_t>(model->vocab), dim}, 0, 1);
  add("position_embd.weight", {static_cast<uint64_t>(model->context), dim}, 0, 1);
  for (int layer = 0; layer < model->n_layers; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    const auto linear = [&](const char* name, uint64_t rows, uint64_t cols) {
      add(blk + name + ".weight", {rows, cols}, 0, 0.5f);
      add(blk + name + ".bias", {rows}, 0, 0.5f);
    };
    for (const char* norm : {"attn_norm", "ffn_norm"}) {
      add(blk + norm + ".weight", {dim}, 1, 0.5f);
      add(blk + norm + ".bias", {dim}, 0, 0.5f);
    }
    linear("attn_qkv", 3 * dim, dim);
    linear("attn_output", dim, dim);
    linear("ffn_up", hidden, dim);
    linear("ffn_down", dim, hidden);
  }
  add("output_norm.weight", {dim}, 1, 0.5f);
  add("output_norm.bias", {dim}, 0, 0.5f);
  if (!model->tied) add("output.weight", {static_cast<uint64_t>(model->vocab), dim}, 0, 0.5f);
  return writer.Build();
}

// A small encoder; the fields of TinyModel that it shares mean the same.
struct TinyEncoder : TinyModel {
  TinyEncoder() {
    n_kv_heads = n_heads;
    norm_eps = 1e-6f;
  }
  bool cls = false;  // pooling by the first token
  // Images.
  int image_size = 6;
  int patch_size = 2;
  int channels = 1;
  int classes = 5;
};

inline void AddEncoderBlocks(TinyEncoder* model, GgufWriter* writer, std::mt19937_64* random,
                             const char* attn_norm, const char* ffn_norm) {
  const auto dim = static_cast<uint64_t>(model->dim), hidden = static_cast<uint64_t>(model->hidden),
             inner = static_cast<uint64_t>(model->n_heads * model->head_dim);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float centre,
                       float spread) {
    AddRandom(model, writer, random, name, std::move(shape), centre, spread);
  };
  for (int layer = 0; layer < model->n_layers; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    const auto linear = [&](const char* name, uint64_t rows, uint64_t cols) {
      add(blk + name + ".weight", {rows, cols}, 0, 0.3f * model->matrix_scale);
      add(blk + name + ".bias", {rows}, 0, 0.3f);
    };
    for (const char* norm : {attn_norm, ffn_norm}) {
      add(blk + norm + ".weight", {dim}, 1, 0.5f);
      add(blk + norm + ".bias", {dim}, 0, 0.3f);
    }
    for (const char* name : {"attn_q", "attn_k", "attn_v"}) linear(name, inner, dim);
    linear("attn_output", dim, inner);
    linear("ffn_up", hidden, dim);
    linear("ffn_down", dim, hidden);
  }
}

inline void AddEncoderMetadata(const TinyEncoder& model, const std::string& arch,
                               GgufWriter* writer) {
  writer->String("general.architecture", arch);
  writer->Uint32(arch + ".embedding_length", static_cast<uint32_t>(model.dim));
  writer->Uint32(arch + ".feed_forward_length", static_cast<uint32_t>(model.hidden));
  writer->Uint32(arch + ".block_count", static_cast<uint32_t>(model.n_layers));
  writer->Uint32(arch + ".attention.head_count", static_cast<uint32_t>(model.n_heads));
  writer->Uint32(arch + ".attention.key_length", static_cast<uint32_t>(model.head_dim));
  writer->Uint32(arch + ".attention.value_length", static_cast<uint32_t>(model.head_dim));
  writer->Float32(arch + ".attention.layer_norm_epsilon", model.norm_eps);
  writer->Uint32(arch + ".context_length", static_cast<uint32_t>(model.context));
  writer->Bool(arch + ".attention.causal", false);
  writer->Uint32(arch + ".pooling_type", model.cls ? 2 : 1);
}

// Fills model->values and returns a GGUF file of architecture `vit` with F32 tensors.
inline std::vector<uint8_t> TinyVitGguf(TinyEncoder* model, uint64_t seed) {
  std::mt19937_64 random(seed);
  const int side = model->image_size / model->patch_size;
  model->context = side * side + (model->cls ? 1 : 0);
  GgufWriter writer;
  AddEncoderMetadata(*model, "vit", &writer);
  writer.Uint32("vit.image_size", static_cast<uint32_t>(model->image_size));
  writer.Uint32("vit.patch_size", static_cast<uint32_t>(model->patch_size));
  writer.Uint32("vit.image_channels", static_cast<uint32_t>(model->channels));
  const auto channels = static_cast<size_t>(model->channels);
  writer.Floats("vit.image_mean", std::vector<float>(channels, 0.4f));
  writer.Floats("vit.image_std", std::vector<float>(channels, 0.25f));
  std::vector<std::string> labels;
  for (int c = 0; c < model->classes; ++c) labels.push_back("class " + std::to_string(c));
  writer.Strings("vit.classifier.output_labels", labels);
  const auto dim = static_cast<uint64_t>(model->dim);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float centre,
                       float spread) {
    AddRandom(model, &writer, &random, name, std::move(shape), centre, spread);
  };
  const auto patch = static_cast<uint64_t>(model->channels * model->patch_size * model->patch_size);
  add("patch_embd.weight", {dim, patch}, 0, 0.5f);
  add("patch_embd.bias", {dim}, 0, 0.5f);
  if (model->cls) add("class_embd.weight", {dim}, 0, 1);
  add("position_embd.weight", {static_cast<uint64_t>(model->context), dim}, 0, 1);
  AddEncoderBlocks(model, &writer, &random, "attn_norm", "ffn_norm");
  add("output_norm.weight", {dim}, 1, 0.5f);
  add("output_norm.bias", {dim}, 0, 0.3f);
  add("output.weight", {static_cast<uint64_t>(model->classes), dim}, 0, 0.5f);
  add("output.bias", {static_cast<uint64_t>(model->classes)}, 0, 0.5f);
  return writer.Build();
}

// Fills model->values and returns a GGUF file of architecture `bert` with F32 tensors. With
// `pieces` (as GGUF writes them; [PAD], [UNK], [CLS], [SEP] first) it has that WordPiece
// vocabulary, and keys for the special ones unless not `special_keys`; otherwise no tokenizer.
inline std::vector<uint8_t> TinyBertGguf(TinyEncoder* model, uint64_t seed,
                                         const std::vector<std::string>* pieces = nullptr,
                                         bool special_keys = true) {
  std::mt19937_64 random(seed);
  model->vocab = pieces == nullptr ? 20 : static_cast<int>(pieces->size());
  GgufWriter writer;
  AddEncoderMetadata(*model, "bert", &writer);
  if (pieces != nullptr) {
    writer.String("tokenizer.ggml.model", "bert");
    writer.Strings("tokenizer.ggml.tokens", *pieces);
    if (special_keys) {
      writer.Uint32("tokenizer.ggml.unknown_token_id", 1);
      writer.Uint32("tokenizer.ggml.bos_token_id", 2);
      writer.Uint32("tokenizer.ggml.seperator_token_id", 3);
    }
  }
  const auto dim = static_cast<uint64_t>(model->dim);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float centre,
                       float spread) {
    AddRandom(model, &writer, &random, name, std::move(shape), centre, spread);
  };
  add("token_embd.weight", {static_cast<uint64_t>(model->vocab), dim}, 0, 1);
  add("token_types.weight", {2, dim}, 0, 1);
  add("position_embd.weight", {static_cast<uint64_t>(model->context), dim}, 0, 1);
  add("token_embd_norm.weight", {dim}, 1, 0.5f);
  add("token_embd_norm.bias", {dim}, 0, 0.3f);
  AddEncoderBlocks(model, &writer, &random, "attn_output_norm", "layer_output_norm");
  return writer.Build();
}

}  // namespace wren::test
