#include "wren/formats/to_golden.h"

#include <string>
#include <vector>

#include "wren/error.h"

namespace wren::golden {
namespace {

std::vector<float> Values(const ModelFile& model, const std::string& name) {
  return model.Get(name).ToF32();
}

std::vector<float> OptionalValues(const ModelFile& model, const std::string& name) {
  const Tensor* tensor = model.Find(name);
  return tensor == nullptr ? std::vector<float>() : tensor->ToF32();
}

Linear ToLinear(const ModelFile& model, const std::string& name) {
  const Tensor& weight = model.Get(name + ".weight");
  Linear out;
  out.rows = static_cast<int>(weight.rows());
  out.cols = static_cast<int>(weight.cols());
  out.weight = weight.ToF32();
  out.bias = OptionalValues(model, name + ".bias");
  return out;
}

Norm ToNorm(const ModelFile& model, const std::string& name) {
  return {Values(model, name + ".weight"), OptionalValues(model, name + ".bias")};
}

}  // namespace

Network ToGolden(const ModelFile& model) {
  if (IsEncoder(model.arch)) {
    throw Error(model.path + ": an encoder (" + ArchitectureName(model.arch) +
                ") writes no text; see `wren " +
                (model.arch == Architecture::kBert ? "embed`" : "classify`"));
  }
  const Hyperparameters& hp = model.hp;
  const bool llama = model.arch == Architecture::kLlama;
  Network net;
  net.dim = hp.dim;
  net.hidden = hp.hidden;
  net.n_layers = hp.n_layers;
  net.n_heads = hp.n_heads;
  net.n_kv_heads = hp.n_kv_heads;
  net.head_dim = hp.head_dim;
  net.vocab = hp.vocab;
  net.context = hp.context;
  net.norm_eps = hp.norm_eps;
  net.norm = llama ? NormKind::kRms : NormKind::kLayer;
  net.activation = llama ? Activation::kSwiGlu : Activation::kGeluTanh;
  net.positions = llama ? Positions::kRope : Positions::kLearned;
  net.rope_theta = hp.rope_theta;
  net.rope_dim = hp.rope_dim;
  if (llama) net.rope_freqs = OptionalValues(model, "rope_freqs.weight");
  net.token_embd = Values(model, "token_embd.weight");
  if (!llama) net.position_embd = Values(model, "position_embd.weight");
  for (int i = 0; i < hp.n_layers; ++i) {
    const std::string blk = "blk." + std::to_string(i) + ".";
    Layer layer;
    layer.attn_norm = ToNorm(model, blk + "attn_norm");
    layer.q = ToLinear(model, blk + "attn_q");
    layer.k = ToLinear(model, blk + "attn_k");
    layer.v = ToLinear(model, blk + "attn_v");
    layer.attn_out = ToLinear(model, blk + "attn_output");
    layer.ffn_norm = ToNorm(model, blk + "ffn_norm");
    if (llama) layer.ffn_gate = ToLinear(model, blk + "ffn_gate");
    layer.ffn_up = ToLinear(model, blk + "ffn_up");
    layer.ffn_down = ToLinear(model, blk + "ffn_down");
    net.layers.push_back(std::move(layer));
  }
  net.final_norm = ToNorm(model, "output_norm");
  if (!hp.tied) net.output = Values(model, "output.weight");
  return net;
}

EncoderNetwork ToGoldenEncoder(const ModelFile& model) {
  if (!IsEncoder(model.arch)) {
    throw Error(model.path + ": a language model (" + ArchitectureName(model.arch) +
                ") is no encoder; use `wren run`");
  }
  const Hyperparameters& hp = model.hp;
  const bool bert = model.arch == Architecture::kBert;
  EncoderNetwork net;
  net.dim = hp.dim;
  net.hidden = hp.hidden;
  net.n_layers = hp.n_layers;
  net.n_heads = hp.n_heads;
  net.head_dim = hp.head_dim;
  net.context = hp.context;
  net.norm_eps = hp.norm_eps;
  net.norm_after = bert;
  net.first_token = hp.pooling == Pooling::kCls;
  if (bert) {
    net.vocab = hp.vocab;
    net.token_embd = Values(model, "token_embd.weight");
    net.token_type = Values(model, "token_types.weight");
    net.token_type.resize(static_cast<size_t>(hp.dim));
    net.embd_norm = ToNorm(model, "token_embd_norm");
  } else {
    net.patch = ToLinear(model, "patch_embd");
    if (net.first_token) net.class_embd = Values(model, "class_embd.weight");
    net.final_norm = ToNorm(model, "output_norm");
    net.output = ToLinear(model, "output");
  }
  net.position_embd = Values(model, "position_embd.weight");
  for (int i = 0; i < hp.n_layers; ++i) {
    const std::string blk = "blk." + std::to_string(i) + ".";
    Layer layer;
    layer.attn_norm = ToNorm(model, blk + (bert ? "attn_output_norm" : "attn_norm"));
    layer.q = ToLinear(model, blk + "attn_q");
    layer.k = ToLinear(model, blk + "attn_k");
    layer.v = ToLinear(model, blk + "attn_v");
    layer.attn_out = ToLinear(model, blk + "attn_output");
    layer.ffn_norm = ToNorm(model, blk + (bert ? "layer_output_norm" : "ffn_norm"));
    layer.ffn_up = ToLinear(model, blk + "ffn_up");
    layer.ffn_down = ToLinear(model, blk + "ffn_down");
    net.layers.push_back(std::move(layer));
  }
  return net;
}

}  // namespace wren::golden
