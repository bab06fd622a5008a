// The golden transformer: a decoder-only language model in plain FP32, one token at a time.
//
// It is the mathematics that the machine approximates: no tiling, no quantization, no tables; the
// host's expf, tanhf and so on. It depends on nothing but the standard library. Dot products keep
// 16 partial sums so that the host's vector unit can help.
//
// One block (x is the residual stream, dim wide):
//   n = norm(x);  x += attn_out(attention(rope(q(n)), rope(k(n)), v(n)))
//   n = norm(x);  x += ffn_down(silu(gate(n)) * up(n))        SwiGLU, or
//                 x += ffn_down(gelu(up(n)))                  GELU
//
// Sources of the formulas: Llama 2 (arXiv 2307.09288) with RMSNorm (arXiv 1910.07467), RoPE
// (arXiv 2104.09864) and SwiGLU (arXiv 2002.05202); GPT-2 with LayerNorm (arXiv 1607.06450) and
// GELU (arXiv 1606.08415).
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace wren::golden {

enum class NormKind {
  kRms,    // x / sqrt(mean(x^2) + eps) * weight
  kLayer,  // (x - mean) / sqrt(variance + eps) * weight + bias
};
enum class Activation {
  kSwiGlu,    // silu(gate) * up
  kGeluTanh,  // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  kGelu,      // 0.5 x (1 + erf(x / sqrt(2)))
};
enum class Positions {
  kRope,     // rotates the adjacent pairs (2i, 2i+1), i < rope_dim/2, of each head of q and k
  kLearned,  // a table added to the token embedding
};

// y = weight * x + bias.
struct Linear {
  int rows = 0;               // outputs
  int cols = 0;               // inputs
  std::vector<float> weight;  // {rows, cols}, cols contiguous
  std::vector<float> bias;    // {rows}, or empty
};

struct Norm {
  std::vector<float> weight;  // {dim}
  std::vector<float> bias;    // {dim}, or empty
};

struct Layer {
  Norm attn_norm;
  Linear q;         // {n_heads * head_dim, dim}
  Linear k;         // {n_kv_heads * head_dim, dim}
  Linear v;         // {n_kv_heads * head_dim, dim}
  Linear attn_out;  // {dim, n_heads * head_dim}
  Norm ffn_norm;
  Linear ffn_gate;  // {hidden, dim}; SwiGLU only
  Linear ffn_up;    // {hidden, dim}
  Linear ffn_down;  // {dim, hidden}
};

struct Network {
  int dim = 0;
  int hidden = 0;
  int n_layers = 0;
  int n_heads = 0;
  int n_kv_heads = 0;  // divides n_heads; head h reads key/value head h / (n_heads / n_kv_heads)
  int head_dim = 0;
  int vocab = 0;
  int context = 0;
  float norm_eps = 1e-5f;
  NormKind norm = NormKind::kRms;
  Activation activation = Activation::kSwiGlu;
  Positions positions = Positions::kRope;
  float rope_theta = 10000.0f;  // pair i turns by pos * rope_theta^(-2i / rope_dim) / rope_freqs[i]
  int rope_dim = 0;
  std::vector<float> rope_freqs;  // {rope_dim / 2}, or empty for all ones

  std::vector<float> token_embd;     // {vocab, dim}
  std::vector<float> position_embd;  // {context, dim}; learned positions only
  std::vector<Layer> layers;
  Norm final_norm;
  std::vector<float> output;  // {vocab, dim}; empty: token_embd is used (tied)
};

class Golden {
 public:
  // Called with every named intermediate as it is computed; the values are valid during the call.
  //   embed
  //   blk.N.attn_norm, blk.N.q, .k, .v, .q_rope *, .k_rope *, .attn (heads side by side),
  //   .attn_out, blk.N.resid1, .ffn_norm, .ffn_gate **, .ffn_up, .ffn_act, .ffn_down, .resid2
  //   final_norm, logits
  // * with RoPE only; ** with SwiGLU only. embed includes a learned position.
  using Hook = std::function<void(const std::string& name, const float* values, int n)>;

  // Keeps a reference: `network` must outlive this object. Throws std::invalid_argument when a size
  // is inconsistent.
  explicit Golden(const Network& network);
  explicit Golden(Network&& network) = delete;

  void set_hook(Hook hook) { hook_ = std::move(hook); }

  // Forgets all positions.
  void Reset() { filled_ = 0; }

  // Runs one token at position `pos` and returns the logits {vocab}, valid until the next call.
  // `pos` is at most the number of positions filled so far (a smaller one goes back and forgets
  // what came later). Throws std::out_of_range when token or pos is outside the vocabulary, the
  // context, or skips a position.
  const std::vector<float>& Forward(int token, int pos);

  const Network& network() const { return network_; }

 private:
  void Attention(int layer, int pos);
  void Emit(int layer, const char* name, const std::vector<float>& values) const;

  const Network& network_;
  Hook hook_;
  int filled_ = 0;                          // positions in the cache
  std::vector<std::vector<float>> keys_;    // per layer, {filled, n_kv_heads * head_dim}
  std::vector<std::vector<float>> values_;  // likewise
  std::vector<float> x_, normed_, q_, k_, v_, heads_, delta_, gate_, up_, scores_, logits_;
};

// Index of the largest logit; the lowest index on a tie.
int Argmax(const std::vector<float>& logits);

// Draws tokens. Temperature 0 is greedy. Otherwise the probabilities are softmax(logits /
// temperature) in double, and one number in [0, 1), the top 53 bits of std::mt19937_64 (whose
// output the C++ standard fixes), picks by cumulative sum in index order: the same seed gives the
// same text everywhere.
class Sampler {
 public:
  Sampler(float temperature, uint64_t seed) : temperature_(temperature), random_(seed) {}
  int Sample(const std::vector<float>& logits);

 private:
  float temperature_;
  std::mt19937_64 random_;
};

// Natural log of the probability of `token` under softmax(logits), computed in double.
double LogProbability(const std::vector<float>& logits, int token);

// exp(mean over i >= 1 of -log p(tokens[i] | tokens[0 .. i-1])). Resets the model; needs 2 or more
// tokens and no more than context + 1; throws std::invalid_argument otherwise.
double Perplexity(Golden* model, const std::vector<int>& tokens);

// Greedy continuation: feeds `prompt` from position 0, then up to `count` tokens (fewer when the
// context is full). Returns the new tokens only.
std::vector<int> Greedy(Golden* model, const std::vector<int>& prompt, int count);

}  // namespace wren::golden
