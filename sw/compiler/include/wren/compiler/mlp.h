// A transformer's MLP block from and to L2 or external memory: C = act(X * U^T + u) * D^T + d,
// where act(x) = x * table(x) (GELU: the normal distribution; SiLU: the sigmoid), X and the
// activations between the products Q8_0.
//
// Schedule: the two products of compiler/gemm.h, one behind the other. The GTA takes a finished
// tile of the first through bias, function and quantizer straight to AB while the MXE works on the
// next tile, so that the second finds its rows there.
#pragma once

#include <cstdint>

#include "wren/compiler/gemm.h"

namespace wren::compiler {

struct MlpProblem {
  int m = 0, d = 0, hidden = 0;  // d, hidden: multiples of 32
  bool bias = true;
  uint32_t table = 0;                        // number of the activation's table in the LUT
  ResultFormat result = ResultFormat::kF32;  // row-major
  isa::ExtSpace space = isa::ExtSpace::kL2;  // of all operands and the result
  uint64_t x = 0, x_scale = 0;               // InputBytes(m, d), InputScaleBytes(m, d)
  uint64_t up = 0, down = 0;                 // packed for UpPlan, DownPlan
  uint64_t up_bias = 0, down_bias = 0;       // FP32 {hidden}, {d}
  uint64_t c = 0, c_scale = 0;

  WeightPlan UpPlan(const isa::Config& config) const {
    return PlanWeights(m, hidden, d, isa::WeightFormat::kQ8, config);
  }
  WeightPlan DownPlan(const isa::Config& config) const {
    return PlanWeights(m, d, hidden, isa::WeightFormat::kQ8, config);
  }
};

// Lays everything out from `base` on; returns the first free byte.
uint64_t PlaceMlp(MlpProblem* problem, const isa::Config& config, uint64_t base = 0);

// The program, ending with an interrupt; the table must be in the LUT. Throws wren::Error when the
// problem does not fit: all rows must be one panel (gemm.h), and AB hold X and the activations.
Program BuildMlp(const MlpProblem& problem, const isa::Config& config);

}  // namespace wren::compiler
