// The transformer once more, for tests: whole sequence at once, in double, straight from the
// tensors by name. It shares no code with the golden model.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tiny_models.h"

namespace wren::test {

using Row = std::vector<double>;
using Matrix = std::vector<Row>;

class NaiveTransformer {
 public:
  NaiveTransformer(const TinyModel& model, bool gpt2) : m_(model), gpt2_(gpt2) {}

  // Logits after the last of `tokens`.
  Row Logits(const std::vector<int>& tokens) const {
    const size_t n = tokens.size();
    Matrix x(n);
    for (size_t t = 0; t < n; ++t) {
      x[t] = TableRow("token_embd.weight", tokens[t]);
      if (gpt2_) x[t] = Sum(x[t], TableRow("position_embd.weight", static_cast<int>(t)));
    }
    for (int layer = 0; layer < m_.n_layers; ++layer) {
      const std::string blk = "blk." + std::to_string(layer) + ".";
      Matrix q(n), k(n), v(n);
      for (size_t t = 0; t < n; ++t) {
        const Row normed = Norm(blk + "attn_norm", x[t]);
        if (gpt2_) {
          const Row qkv = Product(blk + "attn_qkv", normed);
          const size_t d = static_cast<size_t>(m_.dim);
          q[t] = Row(qkv.begin(), qkv.begin() + m_.dim);
          k[t] = Row(qkv.begin() + m_.dim, qkv.begin() + 2 * m_.dim);
          v[t] = Row(qkv.begin() + static_cast<std::ptrdiff_t>(2 * d), qkv.end());
        } else {
          q[t] = Rotate(Product(blk + "attn_q", normed), t);
          k[t] = Rotate(Product(blk + "attn_k", normed), t);
          v[t] = Product(blk + "attn_v", normed);
        }
      }
      for (size_t t = 0; t < n; ++t) {
        x[t] = Sum(x[t], Product(blk + "attn_output", Attend(q[t], k, v, t)));
        const Row normed = Norm(blk + "ffn_norm", x[t]);
        Row act = Product(blk + "ffn_up", normed);
        if (gpt2_) {
          for (double& u : act)
            u = u / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (u + 0.044715 * u * u * u)));
        } else {
          const Row gate = Product(blk + "ffn_gate", normed);
          for (size_t i = 0; i < act.size(); ++i) act[i] *= gate[i] / (1 + std::exp(-gate[i]));
        }
        x[t] = Sum(x[t], Product(blk + "ffn_down", act));
      }
    }
    return Product(m_.tied ? "token_embd" : "output", Norm("output_norm", x.back()));
  }

 private:
  const std::vector<float>* Find(const std::string& name) const {
    const auto it = m_.values.find(name);
    return it == m_.values.end() ? nullptr : &it->second;
  }
  Row TableRow(const std::string& name, int row) const {
    const std::vector<float>& table = m_.values.at(name);
    return Row(table.begin() + row * m_.dim, table.begin() + (row + 1) * m_.dim);
  }
  static Row Sum(Row a, const Row& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }
  Row Product(const std::string& name, const Row& x) const {
    const std::vector<float>& w = m_.values.at(name + ".weight");
    const std::vector<float>* bias = Find(name + ".bias");
    Row y(w.size() / x.size());
    for (size_t r = 0; r < y.size(); ++r) {
      y[r] = bias == nullptr ? 0 : (*bias)[r];
      for (size_t c = 0; c < x.size(); ++c) y[r] += w[r * x.size() + c] * x[c];
    }
    return y;
  }
  Row Norm(const std::string& name, const Row& x) const {
    const std::vector<float>& w = m_.values.at(name + ".weight");
    const std::vector<float>* bias = Find(name + ".bias");
    const double n = static_cast<double>(x.size());
    double sum = 0, squares = 0;
    for (double value : x) {
      sum += value;
      squares += value * value;
    }
    const double mean = gpt2_ ? sum / n : 0;
    const double sigma = std::sqrt(squares / n - mean * mean + m_.norm_eps);
    Row y(x.size());
    for (size_t i = 0; i < x.size(); ++i)
      y[i] = (x[i] - mean) / sigma * w[i] + (bias == nullptr ? 0 : (*bias)[i]);
    return y;
  }
  Row Rotate(Row heads, size_t t) const {
    const std::vector<float>* freqs = Find("rope_freqs.weight");
    for (size_t i = 0; i < heads.size(); i += 2) {
      const int j = static_cast<int>(i) % m_.head_dim;
      if (j >= m_.rope_dim) continue;
      double angle = static_cast<double>(t) / std::pow(static_cast<double>(m_.rope_theta),
                                                       static_cast<double>(j) / m_.rope_dim);
      if (freqs != nullptr) angle /= (*freqs)[static_cast<size_t>(j) / 2];
      const double a = heads[i], b = heads[i + 1];
      heads[i] = a * std::cos(angle) - b * std::sin(angle);
      heads[i + 1] = b * std::cos(angle) + a * std::sin(angle);
    }
    return heads;
  }
  // All heads of one query row over keys 0 .. t.
  Row Attend(const Row& q, const Matrix& k, const Matrix& v, size_t t) const {
    const size_t d = static_cast<size_t>(m_.head_dim);
    Row out(q.size());
    for (size_t i = 0; i < q.size(); ++i) {
      const size_t head = i / d;
      const size_t kv = head * static_cast<size_t>(m_.n_kv_heads) / static_cast<size_t>(m_.n_heads);
      double weighted = 0, total = 0;
      for (size_t s = 0; s <= t; ++s) {
        double score = 0;
        for (size_t j = 0; j < d; ++j) score += q[head * d + j] * k[s][kv * d + j];
        const double e = std::exp(score / std::sqrt(static_cast<double>(d)));
        total += e;
        weighted += e * v[s][kv * d + i % d];
      }
      out[i] = weighted / total;
    }
    return out;
  }

  const TinyModel& m_;
  const bool gpt2_;
};

}  // namespace wren::test
