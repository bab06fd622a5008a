// Builds the LUT tables that make functions of the GTA.
//
// A table is 4 KiB: 256 entries of c0, c1, c2 and a word that carries the header
// (docs/spec-notes.md, "LUT" and "Table function"). Coefficients are fitted per interval in long
// double, near minimax, and rounded to FP32 one after the other so that each makes up for the
// rounding of the one before. Where a function has an exact value at the left end of an interval
// that programs rely on (exp(0) = 1, 1/2^n, tanh(0) = 0), that value is exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wren::tables {

inline constexpr size_t kTableBytes = 4096;

enum class Function {
  kExp,               // e^x; 0 below -87.3, infinity above 88.7
  kReciprocal,        // 1/x; 1/0 is +infinity for both zeros, 1/infinity +0
  kReciprocalOrZero,  // 1/x, but 1/0 = 0: sums of fully masked rows give rows of zeros
  kRsqrt,             // 1/sqrt(x); infinity at 0, NaN below
  kSqrt,              // sqrt(x); NaN below 0
  kLog2,              // log2(x); -infinity at 0, NaN below
  kSigmoid,           // 1/(1 + e^-x); SiLU(x) = x * sigmoid(x)
  kPhi,               // normal distribution; GELU(x) = x * Phi(x)
  kTanh,
  kGeluTanhGate,  // gelu_tanh(x) / x = sigmoid(2 * sqrt(2/pi) * (x + 0.044715 x^3))
  kSin,           // |x| <= 4, so one turn around 0; clamped outside
  kCos,           // as kSin
  kStep,          // 0 below 0, else 1: ReLU(x) = x * step(x)
};

// Every function, in the order of the enum.
const std::vector<Function>& AllFunctions();

// "exp", "reciprocal", "reciprocal_or_zero", "rsqrt", "sqrt", "log2", "sigmoid", "phi", "tanh",
// "gelu_tanh_gate", "sin", "cos", "step".
const char* Name(Function function);
// The inverse; throws wren::Error for other names.
Function FromName(std::string_view name);

// kTableBytes bytes, ready for ld.copy to LUT.
std::vector<uint8_t> BuildTable(Function function);

// The reciprocal with any value for 1/0.
std::vector<uint8_t> BuildReciprocal(float at_zero);

}  // namespace wren::tables
