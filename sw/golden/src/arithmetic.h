// The arithmetic that the golden models share: plain FP32.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "wren/golden/golden.h"

namespace wren::golden {

inline float Dot(const float* a, const float* b, int n) {
  constexpr int kLanes = 16;
  float lane[kLanes] = {};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int j = 0; j < kLanes; ++j) lane[j] += a[i + j] * b[i + j];
  }
  float sum = 0.0f;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (float partial : lane) sum += partial;
  return sum;
}

inline void Apply(const Linear& linear, const std::vector<float>& x, std::vector<float>* y) {
  y->resize(static_cast<size_t>(linear.rows));
  for (int r = 0; r < linear.rows; ++r) {
    const float* row = linear.weight.data() + static_cast<size_t>(r) * linear.cols;
    (*y)[r] = Dot(row, x.data(), linear.cols) + (linear.bias.empty() ? 0.0f : linear.bias[r]);
  }
}

inline void Normalize(NormKind kind, float eps, const Norm& norm, const std::vector<float>& x,
                      std::vector<float>* y) {
  const int n = static_cast<int>(x.size());
  float mean = 0.0f;
  if (kind == NormKind::kLayer) {
    for (float value : x) mean += value;
    mean /= static_cast<float>(n);
  }
  float variance = 0.0f;  // for RMSNorm the mean square
  for (float value : x) variance += (value - mean) * (value - mean);
  variance /= static_cast<float>(n);
  const float scale = 1.0f / std::sqrt(variance + eps);
  y->resize(x.size());
  for (int i = 0; i < n; ++i) {
    (*y)[i] = (x[i] - mean) * scale * norm.weight[i] + (norm.bias.empty() ? 0.0f : norm.bias[i]);
  }
}

inline float Silu(float x) { return x / (1.0f + std::exp(-x)); }

inline float GeluTanh(float x) {
  constexpr float kSqrt2OverPi = 0.79788456080286535588f;
  return 0.5f * x * (1.0f + std::tanh(kSqrt2OverPi * (x + 0.044715f * x * x * x)));
}

inline float Gelu(float x) { return 0.5f * x * (1.0f + std::erf(x * 0.70710678118654752440f)); }

inline void Require(bool ok, const std::string& what) {
  if (!ok) throw std::invalid_argument("golden network: " + what);
}

inline void CheckLinear(const Linear& linear, int rows, int cols, const std::string& what) {
  Require(linear.rows == rows && linear.cols == cols &&
              linear.weight.size() == static_cast<size_t>(rows) * static_cast<size_t>(cols) &&
              (linear.bias.empty() || linear.bias.size() == static_cast<size_t>(rows)),
          what + " must be " + std::to_string(rows) + " x " + std::to_string(cols));
}

inline void CheckNorm(const Norm& norm, int dim, const std::string& what) {
  const size_t n = static_cast<size_t>(dim);
  Require(norm.weight.size() == n && (norm.bias.empty() || norm.bias.size() == n),
          what + " must have " + std::to_string(dim) + " elements");
}

}  // namespace wren::golden
