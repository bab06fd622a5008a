// The encoders once more, for tests: in double, straight from the tensors by name, sharing no code
// with the golden model.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tiny_models.h"

namespace wren::test {

class NaiveEncoder {
 public:
  using Row = std::vector<double>;
  using Matrix = std::vector<Row>;

  NaiveEncoder(const TinyEncoder& model, bool bert) : m_(model), bert_(bert) {}

  Row Text(const std::vector<int>& tokens) const {
    Matrix x;
    for (size_t t = 0; t < tokens.size(); ++t) {
      Row row = Line("token_embd.weight", static_cast<size_t>(tokens[t]));
      Add(&row, Line("token_types.weight", 0));
      Add(&row, Line("position_embd.weight", t));
      x.push_back(Norm("token_embd_norm", row));
    }
    return Finish(Blocks(x));
  }

  // One image, pixels {channels, size, size}.
  Row Picture(const std::vector<uint8_t>& pixels) const {
    Matrix x;
    if (m_.cls) x.push_back(Line("class_embd.weight", 0));
    const int size = m_.image_size, p = m_.patch_size;
    for (int y0 = 0; y0 < size; y0 += p) {
      for (int x0 = 0; x0 < size; x0 += p) {
        Row patch;
        for (int i = 0; i < m_.channels * p * p; ++i) {
          const int c = i / (p * p), y = y0 + i / p % p, column = x0 + i % p;
          const double pixel = pixels[static_cast<size_t>((c * size + y) * size + column)];
          patch.push_back((pixel / 255 - 0.4) / 0.25);  // the mean and std of TinyVitGguf
        }
        x.push_back(Product("patch_embd", patch));
      }
    }
    for (size_t t = 0; t < x.size(); ++t) Add(&x[t], Line("position_embd.weight", t));
    return Finish(Blocks(x));
  }

 private:
  const std::vector<float>& Values(const std::string& name) const { return m_.values.at(name); }
  Row Line(const std::string& name, size_t row) const {
    const auto at = Values(name).begin() + static_cast<std::ptrdiff_t>(row) * m_.dim;
    return Row(at, at + m_.dim);
  }
  static void Add(Row* a, const Row& b) {
    for (size_t i = 0; i < a->size(); ++i) (*a)[i] += b[i];
  }
  Row Product(const std::string& name, const Row& x) const {
    const std::vector<float>&w = Values(name + ".weight"), &bias = Values(name + ".bias");
    Row y(bias.begin(), bias.end());
    for (size_t r = 0; r < y.size(); ++r) {
      for (size_t c = 0; c < x.size(); ++c) y[r] += w[r * x.size() + c] * x[c];
    }
    return y;
  }
  Row Norm(const std::string& name, Row x) const {
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = (x[i] - mean) / std::sqrt(variance + m_.norm_eps) * Values(name + ".weight")[i] +
             Values(name + ".bias")[i];
    }
    return x;
  }
  Matrix Attention(const std::string& blk, const Matrix& x) const {
    Matrix q, k, v, out;
    for (const Row& row : x) {
      q.push_back(Product(blk + "attn_q", row));
      k.push_back(Product(blk + "attn_k", row));
      v.push_back(Product(blk + "attn_v", row));
    }
    const size_t head_dim = static_cast<size_t>(m_.head_dim);
    for (const Row& query : q) {
      Row heads(query.size());
      for (size_t h = 0; h < query.size(); h += head_dim) {
        double sum = 0;
        for (size_t s = 0; s < x.size(); ++s) {
          double score = 0;
          for (size_t i = h; i < h + head_dim; ++i) score += query[i] * k[s][i];
          const double e = std::exp(score / std::sqrt(static_cast<double>(head_dim)));
          sum += e;
          for (size_t i = h; i < h + head_dim; ++i) heads[i] += e * v[s][i];
        }
        for (size_t i = h; i < h + head_dim; ++i) heads[i] /= sum;
      }
      out.push_back(Product(blk + "attn_output", heads));
    }
    return out;
  }
  Matrix Blocks(Matrix x) const {
    for (int l = 0; l < m_.n_layers; ++l) {
      const std::string blk = "blk." + std::to_string(l) + ".";
      Matrix in = x;
      if (!bert_) {
        for (Row& row : in) row = Norm(blk + "attn_norm", row);
      }
      const Matrix attention = Attention(blk, in);
      for (size_t t = 0; t < x.size(); ++t) {
        Add(&x[t], attention[t]);
        if (bert_) x[t] = Norm(blk + "attn_output_norm", x[t]);
        Row up = Product(blk + "ffn_up", bert_ ? x[t] : Norm(blk + "ffn_norm", x[t]));
        for (double& u : up) u *= std::erfc(-u / std::sqrt(2.0)) / 2;
        Add(&x[t], Product(blk + "ffn_down", up));
        if (bert_) x[t] = Norm(blk + "layer_output_norm", x[t]);
      }
    }
    if (!bert_) {
      for (Row& row : x) row = Norm("output_norm", row);
    }
    return x;
  }
  Row Finish(const Matrix& x) const {
    Row pooled = x[0];
    if (!m_.cls) {
      for (size_t t = 1; t < x.size(); ++t) Add(&pooled, x[t]);
      for (double& v : pooled) v /= static_cast<double>(x.size());
    }
    if (!bert_) return Product("output", pooled);
    double squares = 0;
    for (const double v : pooled) squares += v * v;
    for (double& v : pooled) v /= std::sqrt(squares);
    return pooled;
  }

  const TinyEncoder& m_;
  const bool bert_;
};

}  // namespace wren::test
