// Random operands of products, and what products of them must be.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "wren/isa/isa.h"
#include "wren/isa/model.h"

namespace wren::bench {

// A matrix of blocks of 32 values with an FP16 scale each, row by row: {rows, k}.
struct Blocks {
  int rows = 0, k = 0;
  isa::WeightFormat format = isa::WeightFormat::kQ8;
  std::vector<uint8_t> q;   // as WB or AB hold the blocks
  std::vector<uint16_t> d;  // scales
  std::vector<int8_t> v;    // what q stands for
};

// All values the format has; scales in [1, 2) * 2^exponent.
Blocks RandomBlocks(int rows, int k, isa::WeightFormat format, int exponent,
                    std::mt19937_64* random);

// Data and scales of activations in the order that compiler::Products reads (compiler/gemm.h).
std::vector<uint8_t> PackInput(const Blocks& a, const isa::Config& config);
std::vector<uint8_t> PackInputScales(const Blocks& a, const isa::Config& config);

// Element [r][c] of a * w^T: acc += float(dot) * (fa * fw), k ascending. Call with an
// fp::FlushScope alive.
float Product(const Blocks& a, int r, const Blocks& w, int c);

// 32 values to Q8_0 (architecture numerics 3): d = amax / 127, q = round-half-away(x * (1 / d)).
// Finite values only.
void QuantizeBlock(const float* x, int8_t* q, uint16_t* d);

}  // namespace wren::bench
