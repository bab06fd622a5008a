#include "wren/golden/encoder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "arithmetic.h"

namespace wren::golden {
namespace {

// y = weight * x + bias for every row of x.
void ApplyRows(const Linear& linear, const std::vector<float>& x, std::vector<float>* y) {
  const size_t rows = x.size() / static_cast<size_t>(linear.cols);
  y->resize(rows * static_cast<size_t>(linear.rows));
  for (size_t t = 0; t < rows; ++t) {
    const float* in = x.data() + t * static_cast<size_t>(linear.cols);
    float* out = y->data() + t * static_cast<size_t>(linear.rows);
    for (int r = 0; r < linear.rows; ++r) {
      out[r] = Dot(linear.weight.data() + static_cast<size_t>(r) * linear.cols, in, linear.cols) +
               (linear.bias.empty() ? 0.0f : linear.bias[r]);
    }
  }
}

void NormalizeRows(float eps, const Norm& norm, const std::vector<float>& x,
                   std::vector<float>* y) {
  const size_t dim = norm.weight.size();
  std::vector<float> in, out;
  y->resize(x.size());
  for (size_t at = 0; at < x.size(); at += dim) {
    in.assign(x.begin() + static_cast<std::ptrdiff_t>(at),
              x.begin() + static_cast<std::ptrdiff_t>(at + dim));
    Normalize(NormKind::kLayer, eps, norm, in, &out);
    std::copy(out.begin(), out.end(), y->begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void Check(const EncoderNetwork& net) {
  Require(net.dim > 0 && net.hidden > 0 && net.n_layers > 0 && net.n_heads > 0 &&
              net.head_dim > 0 && net.context > 0,
          "every size must be positive");
  const auto dim = static_cast<size_t>(net.dim);
  Require(net.position_embd.size() == static_cast<size_t>(net.context) * dim,
          "position_embd must be context x dim");
  if (net.vocab > 0) {
    Require(net.token_embd.size() == static_cast<size_t>(net.vocab) * dim &&
                net.token_type.size() == dim,
            "token_embd must be vocab x dim, token_type dim");
    CheckNorm(net.embd_norm, net.dim, "embd_norm");
  } else {
    CheckLinear(net.patch, net.dim, net.patch.cols, "patch");
    Require(net.class_embd.empty() || net.class_embd.size() == dim, "class_embd must be dim");
  }
  Require(net.layers.size() == static_cast<size_t>(net.n_layers), "layers must number n_layers");
  const int inner = net.n_heads * net.head_dim;
  for (int l = 0; l < net.n_layers; ++l) {
    const Layer& layer = net.layers[l];
    const std::string blk = "blk." + std::to_string(l) + ".";
    CheckNorm(layer.attn_norm, net.dim, blk + "attn_norm");
    CheckLinear(layer.q, inner, net.dim, blk + "q");
    CheckLinear(layer.k, inner, net.dim, blk + "k");
    CheckLinear(layer.v, inner, net.dim, blk + "v");
    CheckLinear(layer.attn_out, net.dim, inner, blk + "attn_out");
    CheckNorm(layer.ffn_norm, net.dim, blk + "ffn_norm");
    CheckLinear(layer.ffn_up, net.hidden, net.dim, blk + "ffn_up");
    CheckLinear(layer.ffn_down, net.dim, net.hidden, blk + "ffn_down");
  }
  if (!net.norm_after) CheckNorm(net.final_norm, net.dim, "final_norm");
  if (net.output.rows > 0) CheckLinear(net.output, net.output.rows, net.dim, "output");
}

void Add(const std::vector<float>& delta, std::vector<float>* x) {
  for (size_t i = 0; i < x->size(); ++i) (*x)[i] += delta[i];
}

}  // namespace

GoldenEncoder::GoldenEncoder(const EncoderNetwork& network) : network_(network) { Check(network_); }

void GoldenEncoder::Emit(int layer, const char* name, const std::vector<float>& values,
                         int cols) const {
  if (!hook_) return;
  hook_((layer < 0 ? "" : "blk." + std::to_string(layer) + ".") + name, values, cols);
}

std::vector<float> GoldenEncoder::EncodeTokens(const std::vector<int>& tokens) {
  const EncoderNetwork& net = network_;
  if (tokens.empty() || tokens.size() > static_cast<size_t>(net.context)) {
    throw std::out_of_range("golden: " + std::to_string(tokens.size()) +
                            " tokens do not fit the context of " + std::to_string(net.context));
  }
  const auto dim = static_cast<size_t>(net.dim);
  std::vector<float> x(tokens.size() * dim), normed;
  for (size_t t = 0; t < tokens.size(); ++t) {
    if (tokens[t] < 0 || tokens[t] >= net.vocab) {
      throw std::out_of_range("golden: token " + std::to_string(tokens[t]) +
                              " is outside the vocabulary of " + std::to_string(net.vocab));
    }
    const float* row = net.token_embd.data() + static_cast<size_t>(tokens[t]) * dim;
    for (size_t i = 0; i < dim; ++i)
      x[t * dim + i] = row[i] + net.token_type[i] + net.position_embd[t * dim + i];
  }
  NormalizeRows(net.norm_eps, net.embd_norm, x, &normed);
  return Blocks(std::move(normed));
}

std::vector<float> GoldenEncoder::EncodePatches(const std::vector<float>& patches) {
  const EncoderNetwork& net = network_;
  const auto dim = static_cast<size_t>(net.dim);
  std::vector<float> embedded, x(net.class_embd);
  ApplyRows(net.patch, patches, &embedded);
  x.insert(x.end(), embedded.begin(), embedded.end());
  if (x.size() != static_cast<size_t>(net.context) * dim) {
    throw std::out_of_range("golden: " + std::to_string(x.size() / dim) + " tokens for " +
                            std::to_string(net.context) + " positions");
  }
  Add(net.position_embd, &x);
  return Blocks(std::move(x));
}

// out = softmax(q k^T / sqrt(head_dim)) v over all tokens, head by head.
void GoldenEncoder::Attention(const std::vector<float>& q, const std::vector<float>& k,
                              const std::vector<float>& v, std::vector<float>* out) const {
  const auto inner = static_cast<size_t>(network_.n_heads * network_.head_dim);
  const size_t tokens = q.size() / inner;
  const float scale = 1.0f / std::sqrt(static_cast<float>(network_.head_dim));
  out->assign(q.size(), 0.0f);
  std::vector<float> scores(tokens);
  for (size_t head = 0; head < inner; head += static_cast<size_t>(network_.head_dim)) {
    for (size_t t = 0; t < tokens; ++t) {
      for (size_t s = 0; s < tokens; ++s) {
        scores[s] = Dot(&q[t * inner + head], &k[s * inner + head], network_.head_dim) * scale;
      }
      const float top = *std::max_element(scores.begin(), scores.end());
      float sum = 0.0f;
      for (float& score : scores) sum += (score = std::exp(score - top));
      float* row = &(*out)[t * inner + head];
      for (size_t s = 0; s < tokens; ++s) {
        const float probability = scores[s] / sum;
        const float* value = &v[s * inner + head];
        for (int i = 0; i < network_.head_dim; ++i) row[i] += probability * value[i];
      }
    }
  }
}

std::vector<float> GoldenEncoder::Blocks(std::vector<float> x) {
  const EncoderNetwork& net = network_;
  const int dim = net.dim, inner = net.n_heads * net.head_dim;
  Emit(-1, "embed", x, dim);
  std::vector<float> normed, q, k, v, heads, delta, up;
  for (int l = 0; l < net.n_layers; ++l) {
    const Layer& layer = net.layers[l];
    // What a part of the block reads; what becomes of its sum with x.
    const auto input = [&](const Norm& norm) -> const std::vector<float>& {
      if (net.norm_after) return x;
      NormalizeRows(net.norm_eps, norm, x, &normed);
      return normed;
    };
    const auto add = [&](const Norm& norm) {
      Add(delta, &x);
      if (!net.norm_after) return;
      NormalizeRows(net.norm_eps, norm, x, &normed);
      x.swap(normed);
    };

    const std::vector<float>& attn_in = input(layer.attn_norm);
    ApplyRows(layer.q, attn_in, &q);
    Emit(l, "q", q, inner);
    ApplyRows(layer.k, attn_in, &k);
    Emit(l, "k", k, inner);
    ApplyRows(layer.v, attn_in, &v);
    Emit(l, "v", v, inner);
    Attention(q, k, v, &heads);
    Emit(l, "attn", heads, inner);
    ApplyRows(layer.attn_out, heads, &delta);
    add(layer.attn_norm);
    Emit(l, "resid1", x, dim);

    ApplyRows(layer.ffn_up, input(layer.ffn_norm), &up);
    for (float& value : up) value = Gelu(value);
    Emit(l, "ffn_act", up, net.hidden);
    ApplyRows(layer.ffn_down, up, &delta);
    add(layer.ffn_norm);
    Emit(l, "resid2", x, dim);
  }
  if (!net.norm_after) {
    NormalizeRows(net.norm_eps, net.final_norm, x, &normed);
    x.swap(normed);
    Emit(-1, "final_norm", x, dim);
  }

  const size_t tokens = x.size() / static_cast<size_t>(dim);
  std::vector<float> pooled(x.begin(), x.begin() + dim);
  if (!net.first_token) {
    for (size_t t = 1; t < tokens; ++t) {
      for (int i = 0; i < dim; ++i) pooled[i] += x[t * static_cast<size_t>(dim) + i];
    }
    for (float& value : pooled) value /= static_cast<float>(tokens);
  }
  Emit(-1, "pooled", pooled, dim);
  std::vector<float> result;
  if (net.output.rows > 0) {
    ApplyRows(net.output, pooled, &result);
  } else {
    const float length = std::sqrt(Dot(pooled.data(), pooled.data(), dim));
    for (const float value : pooled) result.push_back(value / std::max(length, 1e-12f));
  }
  Emit(-1, "result", result, static_cast<int>(result.size()));
  return result;
}

}  // namespace wren::golden
