#include "wren/golden/golden.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "arithmetic.h"

namespace wren::golden {
namespace {

// Turns the adjacent pairs of every head by an angle proportional to the position.
void Rope(const Network& net, int pos, std::vector<float>* heads) {
  for (int i = 0; i < net.rope_dim / 2; ++i) {
    float frequency =
        std::pow(net.rope_theta, -2.0f * static_cast<float>(i) / static_cast<float>(net.rope_dim));
    if (!net.rope_freqs.empty()) frequency /= net.rope_freqs[i];
    const float angle = static_cast<float>(pos) * frequency;
    const float c = std::cos(angle);
    const float s = std::sin(angle);
    for (size_t head = 0; head < heads->size(); head += net.head_dim) {
      float* pair = heads->data() + head + 2 * i;
      const float a = pair[0];
      const float b = pair[1];
      pair[0] = a * c - b * s;
      pair[1] = a * s + b * c;
    }
  }
}

void Check(const Network& net) {
  Require(net.dim > 0 && net.hidden > 0 && net.n_layers > 0 && net.n_heads > 0 &&
              net.n_kv_heads > 0 && net.head_dim > 0 && net.vocab > 0 && net.context > 0,
          "every size must be positive");
  Require(net.n_heads % net.n_kv_heads == 0, "n_kv_heads must divide n_heads");
  const size_t dim = static_cast<size_t>(net.dim);
  Require(net.token_embd.size() == net.vocab * dim, "token_embd must be vocab x dim");
  Require(net.output.empty() || net.output.size() == net.vocab * dim,
          "output must be vocab x dim or empty");
  if (net.positions == Positions::kLearned) {
    Require(net.position_embd.size() == net.context * dim, "position_embd must be context x dim");
  } else {
    Require(net.rope_dim >= 2 && net.rope_dim % 2 == 0 && net.rope_dim <= net.head_dim,
            "rope_dim must be even, from 2 to head_dim");
    Require(
        net.rope_freqs.empty() || net.rope_freqs.size() == static_cast<size_t>(net.rope_dim / 2),
        "rope_freqs must have rope_dim / 2 elements");
  }
  Require(net.layers.size() == static_cast<size_t>(net.n_layers), "layers must number n_layers");
  const int q_dim = net.n_heads * net.head_dim;
  const int kv_dim = net.n_kv_heads * net.head_dim;
  for (int l = 0; l < net.n_layers; ++l) {
    const Layer& layer = net.layers[l];
    const std::string blk = "blk." + std::to_string(l) + ".";
    CheckNorm(layer.attn_norm, net.dim, blk + "attn_norm");
    CheckLinear(layer.q, q_dim, net.dim, blk + "q");
    CheckLinear(layer.k, kv_dim, net.dim, blk + "k");
    CheckLinear(layer.v, kv_dim, net.dim, blk + "v");
    CheckLinear(layer.attn_out, net.dim, q_dim, blk + "attn_out");
    CheckNorm(layer.ffn_norm, net.dim, blk + "ffn_norm");
    if (net.activation == Activation::kSwiGlu)
      CheckLinear(layer.ffn_gate, net.hidden, net.dim, blk + "ffn_gate");
    CheckLinear(layer.ffn_up, net.hidden, net.dim, blk + "ffn_up");
    CheckLinear(layer.ffn_down, net.dim, net.hidden, blk + "ffn_down");
  }
  CheckNorm(net.final_norm, net.dim, "final_norm");
}

}  // namespace

Golden::Golden(const Network& network) : network_(network) {
  Check(network_);
  keys_.resize(network_.layers.size());
  values_.resize(network_.layers.size());
}

void Golden::Emit(int layer, const char* name, const std::vector<float>& values) const {
  if (!hook_) return;
  const std::string prefix = layer < 0 ? "" : "blk." + std::to_string(layer) + ".";
  hook_(prefix + name, values.data(), static_cast<int>(values.size()));
}

// heads_ = softmax(q k^T / sqrt(head_dim)) v over positions 0 .. pos, head by head.
void Golden::Attention(int layer, int pos) {
  const Network& net = network_;
  const int kv_dim = net.n_kv_heads * net.head_dim;
  const int group = net.n_heads / net.n_kv_heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(net.head_dim));
  heads_.assign(q_.size(), 0.0f);
  scores_.resize(static_cast<size_t>(pos) + 1);
  for (int h = 0; h < net.n_heads; ++h) {
    const size_t kv_offset = static_cast<size_t>(h / group) * net.head_dim;
    const float* q = q_.data() + static_cast<size_t>(h) * net.head_dim;
    float* out = heads_.data() + static_cast<size_t>(h) * net.head_dim;
    for (int t = 0; t <= pos; ++t) {
      scores_[t] =
          Dot(q, keys_[layer].data() + static_cast<size_t>(t) * kv_dim + kv_offset, net.head_dim) *
          scale;
    }
    const float top = *std::max_element(scores_.begin(), scores_.end());
    float sum = 0.0f;
    for (float& score : scores_) sum += (score = std::exp(score - top));
    for (int t = 0; t <= pos; ++t) {
      const float probability = scores_[t] / sum;
      const float* v = values_[layer].data() + static_cast<size_t>(t) * kv_dim + kv_offset;
      for (int i = 0; i < net.head_dim; ++i) out[i] += probability * v[i];
    }
  }
}

const std::vector<float>& Golden::Forward(int token, int pos) {
  const Network& net = network_;
  if (token < 0 || token >= net.vocab) {
    throw std::out_of_range("golden: token " + std::to_string(token) +
                            " is outside the vocabulary of " + std::to_string(net.vocab));
  }
  if (pos < 0 || pos >= net.context || pos > filled_) {
    throw std::out_of_range("golden: position " + std::to_string(pos) + " is not within the " +
                            std::to_string(filled_) + " filled ones or the next, in a context of " +
                            std::to_string(net.context));
  }
  filled_ = pos + 1;

  const float* row = net.token_embd.data() + static_cast<size_t>(token) * net.dim;
  x_.assign(row, row + net.dim);
  if (net.positions == Positions::kLearned) {
    const float* position = net.position_embd.data() + static_cast<size_t>(pos) * net.dim;
    for (int i = 0; i < net.dim; ++i) x_[i] += position[i];
  }
  Emit(-1, "embed", x_);

  for (int l = 0; l < net.n_layers; ++l) {
    const Layer& layer = net.layers[l];

    // Attention.
    Normalize(net.norm, net.norm_eps, layer.attn_norm, x_, &normed_);
    Emit(l, "attn_norm", normed_);
    Apply(layer.q, normed_, &q_);
    Emit(l, "q", q_);
    Apply(layer.k, normed_, &k_);
    Emit(l, "k", k_);
    Apply(layer.v, normed_, &v_);
    Emit(l, "v", v_);
    if (net.positions == Positions::kRope) {
      Rope(net, pos, &q_);
      Emit(l, "q_rope", q_);
      Rope(net, pos, &k_);
      Emit(l, "k_rope", k_);
    }
    keys_[l].resize(k_.size() * static_cast<size_t>(pos));
    keys_[l].insert(keys_[l].end(), k_.begin(), k_.end());
    values_[l].resize(v_.size() * static_cast<size_t>(pos));
    values_[l].insert(values_[l].end(), v_.begin(), v_.end());
    Attention(l, pos);
    Emit(l, "attn", heads_);
    Apply(layer.attn_out, heads_, &delta_);
    Emit(l, "attn_out", delta_);
    for (int i = 0; i < net.dim; ++i) x_[i] += delta_[i];
    Emit(l, "resid1", x_);

    // MLP.
    Normalize(net.norm, net.norm_eps, layer.ffn_norm, x_, &normed_);
    Emit(l, "ffn_norm", normed_);
    if (net.activation == Activation::kSwiGlu) {
      Apply(layer.ffn_gate, normed_, &gate_);
      Emit(l, "ffn_gate", gate_);
    }
    Apply(layer.ffn_up, normed_, &up_);
    Emit(l, "ffn_up", up_);
    for (int i = 0; i < net.hidden; ++i) {
      switch (net.activation) {
        case Activation::kSwiGlu:
          up_[i] = Silu(gate_[i]) * up_[i];
          break;
        case Activation::kGeluTanh:
          up_[i] = GeluTanh(up_[i]);
          break;
        case Activation::kGelu:
          up_[i] = Gelu(up_[i]);
          break;
      }
    }
    Emit(l, "ffn_act", up_);
    Apply(layer.ffn_down, up_, &delta_);
    Emit(l, "ffn_down", delta_);
    for (int i = 0; i < net.dim; ++i) x_[i] += delta_[i];
    Emit(l, "resid2", x_);
  }

  Normalize(net.norm, net.norm_eps, net.final_norm, x_, &normed_);
  Emit(-1, "final_norm", normed_);
  const std::vector<float>& output = net.output.empty() ? net.token_embd : net.output;
  logits_.resize(static_cast<size_t>(net.vocab));
  for (int t = 0; t < net.vocab; ++t) {
    logits_[t] = Dot(output.data() + static_cast<size_t>(t) * net.dim, normed_.data(), net.dim);
  }
  Emit(-1, "logits", logits_);
  return logits_;
}

int Argmax(const std::vector<float>& logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

int Sampler::Sample(const std::vector<float>& logits) {
  if (!(temperature_ > 0.0f)) return Argmax(logits);
  const double top = logits[static_cast<size_t>(Argmax(logits))];
  std::vector<double> weights(logits.size());
  double sum = 0.0;
  for (size_t i = 0; i < logits.size(); ++i)
    sum += (weights[i] = std::exp((logits[i] - top) / temperature_));
  double left = static_cast<double>(random_() >> 11) * 0x1p-53 * sum;
  for (size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0.0) return static_cast<int>(i);
  }
  return Argmax(logits);  // rounding left a crumb
}

double LogProbability(const std::vector<float>& logits, int token) {
  const double top = logits[static_cast<size_t>(Argmax(logits))];
  double sum = 0.0;
  for (float logit : logits) sum += std::exp(logit - top);
  return logits.at(static_cast<size_t>(token)) - top - std::log(sum);
}

double Perplexity(Golden* model, const std::vector<int>& tokens) {
  const size_t context = static_cast<size_t>(model->network().context);
  if (tokens.size() < 2 || tokens.size() > context + 1) {
    throw std::invalid_argument("perplexity needs 2 to " + std::to_string(context + 1) +
                                " tokens, got " + std::to_string(tokens.size()));
  }
  model->Reset();
  double sum = 0.0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    sum -= LogProbability(model->Forward(tokens[i - 1], static_cast<int>(i - 1)), tokens[i]);
  }
  return std::exp(sum / static_cast<double>(tokens.size() - 1));
}

std::vector<int> Greedy(Golden* model, const std::vector<int>& prompt, int count) {
  if (prompt.empty())
    throw std::invalid_argument("greedy continuation needs a prompt of at least one token");
  model->Reset();
  const size_t context = static_cast<size_t>(model->network().context);
  std::vector<int> tokens = prompt;
  const size_t end = prompt.size() + static_cast<size_t>(std::max(count, 0));
  for (size_t pos = 0; pos < context && tokens.size() < end; ++pos) {
    const std::vector<float>& logits = model->Forward(tokens[pos], static_cast<int>(pos));
    if (pos + 1 == tokens.size()) tokens.push_back(Argmax(logits));
  }
  return {tokens.begin() + static_cast<std::ptrdiff_t>(prompt.size()), tokens.end()};
}

}  // namespace wren::golden
