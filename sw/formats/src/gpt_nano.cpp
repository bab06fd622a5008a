#include "wren/formats/gpt_nano.h"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "reader.h"

namespace wren {
namespace {

using formats_internal::Fail;
using formats_internal::Quote;
using Json = nlohmann::json;

constexpr size_t kMaxJsonBytes = size_t{256} << 20;

int ConfigInt(const Json& config, const char* key, const std::string& path) {
  const auto it = config.find(key);
  if (it == config.end() || !it->is_number_unsigned() || it->get<uint64_t>() > 1u << 24) {
    Fail(path, std::string("not a gpt-nano model: config.") + key + " is missing or not a size");
  }
  return it->get<int>();
}

Tensor ReadTensor(const Json& root, const std::string& key, const std::string& name,
                  const std::string& path) {
  const auto it = root.find(key);
  if (it == root.end()) Fail(path, "tensor " + Quote(key) + " is missing");
  const auto shape_it = it->is_object() ? it->find("shape") : it->end();
  if (!it->is_object() || shape_it == it->end() || !shape_it->is_array() ||
      it->value("dtype", Json()) != "torch.float32" || !it->value("data", Json()).is_string()) {
    Fail(path, "tensor " + Quote(key) + " is not {shape, dtype: torch.float32, data: base64}");
  }
  std::vector<int64_t> shape;
  for (const Json& extent : *shape_it) {
    if (!extent.is_number_unsigned() || extent.get<uint64_t>() > 1u << 30)
      Fail(path, "tensor " + Quote(key) + " has a bad shape");
    shape.push_back(extent.get<int64_t>());
  }
  if (shape.empty() || shape.size() > 4) Fail(path, "tensor " + Quote(key) + " has a bad shape");
  try {
    const std::vector<uint8_t> bytes = DecodeBase64(it->at("data").get_ref<const std::string&>());
    std::vector<float> values(bytes.size() / sizeof(float));
    if (bytes.size() % sizeof(float) != 0)
      throw Error("its data is not a whole number of FP32 values");
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return Tensor::FromF32(name, std::move(shape), std::move(values));
  } catch (const Error& error) {
    Fail(path, "tensor " + Quote(key) + ": " + error.what());
  }
}

}  // namespace

std::vector<uint8_t> DecodeBase64(const std::string& text) {
  static const std::array<int8_t, 256> table = [] {
    std::array<int8_t, 256> out;
    out.fill(-1);
    const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 64; ++i)
      out[static_cast<unsigned char>(digits[i])] = static_cast<int8_t>(i);
    return out;
  }();
  if (text.size() % 4 != 0) throw Error("base64 text is not a multiple of 4 characters long");
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::vector<uint8_t> out;
  out.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int count = 0;
  for (size_t i = 0; i < text.size() - padding; ++i) {
    const int digit = table[static_cast<unsigned char>(text[i])];
    if (digit < 0) throw Error("base64 text has a wrong character at " + std::to_string(i));
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<uint8_t>(bits >> count));
    }
  }
  return out;
}

ModelFile LoadGptNano(const FileBytes& bytes) {
  const std::string& path = bytes.path;
  if (bytes.size > kMaxJsonBytes)
    Fail(path, "the JSON file is larger than 256 MiB; convert the model to GGUF");
  const char* text = reinterpret_cast<const char*>(bytes.data);
  const Json root =
      Json::parse(text, text + bytes.size, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() || !root.contains("config") || !root["config"].is_object()) {
    Fail(path, "truncated, corrupt, or not a gpt-nano model: no JSON object with a `config`");
  }
  const Json& config = root["config"];
  ModelFile model;
  model.arch = Architecture::kGpt2;
  model.path = path;
  const auto type = config.find("model_type");
  if (type != config.end() && type->is_string()) model.name = type->get<std::string>();
  Hyperparameters& hp = model.hp;
  hp.n_layers = ConfigInt(config, "n_layer", path);
  hp.n_heads = ConfigInt(config, "n_head", path);
  hp.dim = ConfigInt(config, "n_embd", path);
  hp.vocab = ConfigInt(config, "vocab_size", path);
  hp.context = ConfigInt(config, "block_size", path);
  if (hp.n_heads < 1 || hp.dim % hp.n_heads != 0 || hp.dim > 1 << 16 || hp.n_layers > 1024) {
    Fail(path, "not a gpt-nano model: n_embd " + std::to_string(hp.dim) + ", n_head " +
                   std::to_string(hp.n_heads) + ", n_layer " + std::to_string(hp.n_layers));
  }
  hp.n_kv_heads = hp.n_heads;
  hp.head_dim = hp.dim / hp.n_heads;
  hp.hidden = 4 * hp.dim;
  hp.norm_eps = 1e-5f;

  const auto read = [&](const std::string& key, const std::string& name) {
    model.tensors[name] = ReadTensor(root, key, name, path);
  };
  read("transformer.wte.weight", "token_embd.weight");
  read("transformer.wpe.weight", "position_embd.weight");
  for (int layer = 0; layer < hp.n_layers; ++layer) {
    const std::string from = "transformer.h." + std::to_string(layer) + ".";
    const std::string to = "blk." + std::to_string(layer) + ".";
    for (const char* suffix : {".weight", ".bias"}) {
      read(from + "ln_1" + suffix, to + "attn_norm" + suffix);
      read(from + "attn.c_proj" + suffix, to + "attn_output" + suffix);
      read(from + "ln_2" + suffix, to + "ffn_norm" + suffix);
      read(from + "mlp.c_fc" + suffix, to + "ffn_up" + suffix);
      read(from + "mlp.c_proj" + suffix, to + "ffn_down" + suffix);
      const Tensor fused =
          ReadTensor(root, from + "attn.c_attn" + suffix, to + "attn_qkv" + suffix, path);
      if (fused.shape[0] != 3 * int64_t{hp.dim})
        Fail(path, "tensor " + Quote(from + "attn.c_attn") + " has a bad shape");
      int part = 0;
      for (const char* which : {"attn_q", "attn_k", "attn_v"}) {
        const std::string name = to + which + suffix;
        model.tensors[name] = fused.Slice(name, int64_t{part++} * hp.dim, hp.dim);
      }
    }
  }
  read("transformer.ln_f.weight", "output_norm.weight");
  read("transformer.ln_f.bias", "output_norm.bias");
  hp.tied = !root.contains("lm_head.weight");
  if (!hp.tied) read("lm_head.weight", "output.weight");
  if (hp.vocab <= 26) {
    model.tokenizer = Tokenizer::Letters(
        std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ").substr(0, static_cast<size_t>(hp.vocab)));
  }
  return model;
}

}  // namespace wren
