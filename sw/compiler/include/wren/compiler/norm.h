// LayerNorm (arXiv 1607.06450) and RMSNorm (arXiv 1910.07467) of rows of any number, from and to L2
// or external memory:
//   layer: y = (x - mean) * r * gamma + beta,  r = 1 / sqrt(mean((x - mean)^2) + eps)
//   RMS:   y = x * r * gamma,                  r = 1 / sqrt(mean(x^2) + eps)
//
// Schedule: tiles of rows pass the GTA in two or three sweeps of 32 elements a cycle (sum; sum of
// squares; result). The sweeps of neighbouring tiles alternate, so that the few cycles that a row's
// own numbers take are hidden, while LD brings the next tile and ST takes the last.
#pragma once

#include <cstdint>

#include "wren/compiler/gemm.h"

namespace wren::compiler {

struct NormProblem {
  int rows = 0, cols = 0;  // cols: a multiple of 32
  bool layer = false;      // else RMS
  float eps = 1e-5f;
  uint32_t table = 0;                        // number of the rsqrt table in the LUT
  ResultFormat result = ResultFormat::kF32;  // row-major, as ResultPlace
  isa::ExtSpace space = isa::ExtSpace::kL2;  // of operands and result
  uint64_t x = 0, gamma = 0, beta = 0;       // FP32 {rows, cols}, {cols}, {cols}
  uint64_t c = 0, c_scale = 0;

  int sweeps() const { return layer ? 3 : 2; }
};

// Lays everything out from `base` on; returns the first free byte.
uint64_t PlaceNorm(NormProblem* problem, uint64_t base = 0);

// The program, ending with an interrupt; the table must be in the LUT. Throws wren::Error when rows
// are too wide for VM.
Program BuildNorm(const NormProblem& problem, const isa::Config& config);

}  // namespace wren::compiler
