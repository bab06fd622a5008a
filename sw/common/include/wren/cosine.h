// How alike the directions of two vectors are.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace wren {

// a . b / (|a| |b|) of n values in double; 0 where one of them is zero.
inline double Cosine(const float* a, const float* b, size_t n) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < n; ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0.0;
}

// Of two vectors of the same length.
inline double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return Cosine(a.data(), b.data(), a.size());
}

}  // namespace wren
