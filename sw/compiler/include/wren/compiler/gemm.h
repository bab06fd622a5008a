// A matrix product from L2 to L2: C = A * W^T with Q8_0 operands, FP32 result.
//
// Layouts in L2 (what LD can copy into AB and WB in long runs; R, C, 32: rows and columns of the
// array, the block):
//   A  data [m/R][k/32][R][32] int8, scales [m/R][k/32][R] FP16
//   W  data [n/C][k/32][C][32] int8, scales [n/C][k/32][C] FP16
//   C  [m][n] FP32
//
// Schedule: column tiles outside (W is read once), row tiles inside; all of A stays in AB when it
// fits, else its tiles are read again for every column tile. Weights and ACC are double-buffered.
// The first tile is multiplied while it arrives, in slices of k, and the last column tile is
// drained in smaller row tiles, so that little of the ends is exposed.
#pragma once

#include <cstdint>

#include "wren/compiler/emitter.h"
#include "wren/isa/model.h"

namespace wren::compiler {

struct GemmProblem {
  int m = 0, n = 0, k = 0;                                 // m a multiple of ROWS; n, k of 32
  uint32_t a = 0, a_scale = 0, w = 0, w_scale = 0, c = 0;  // L2 byte addresses, multiples of 64
};

// L2 bytes that the operands and the result take when laid out one after the other from address 0;
// fills in the addresses.
uint64_t PlaceGemm(GemmProblem* problem);

// The program, ending with an interrupt. Throws wren::Error when the problem does not fit.
Program BuildGemm(const GemmProblem& problem, const isa::Config& config);

}  // namespace wren::compiler
