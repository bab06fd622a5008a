// A second reading of docs/spec-notes.md: every command element by element, in double arithmetic
// and without any of the model's code, so that agreement means something. Slow and plain on
// purpose.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "wren/isa/isa.h"
#include "wren/isa/model.h"

namespace wren::isa::naive {

// FP32 operations on bit patterns: canonical results, subnormals flushed on both sides, judged
// after rounding.
uint32_t Canon(uint32_t x);
uint32_t Mul(uint32_t a, uint32_t b);
uint32_t Add(uint32_t a, uint32_t b);
uint32_t Div(uint32_t a, uint32_t b);
uint32_t Max(uint32_t a, uint32_t b);  // NaN above all, +0 above -0
uint32_t FromInt(int64_t v);
uint32_t FromHalf(uint16_t h);
uint32_t FromBrain(uint16_t h);
uint16_t ToHalf(uint32_t x);
uint16_t ToBrain(uint32_t x);
float F(uint32_t bits);
uint32_t U(float value);

// The table function on one value (bits).
uint32_t Table(const uint8_t* table, uint32_t x);

// One block through the q8_0 (or with `brain` the q8_bf16) quantizer; returns whether NUMERIC is
// raised.
bool QuantizeQ8(const uint32_t* y, bool brain, int8_t* q, uint16_t* scale);

// The memories of one core, as the model has them.
struct Machine {
  explicit Machine(Model& model, FlatMemory& ext);
  Config config;
  std::vector<uint8_t> ab, ab_scale, wb, wb_scale, vm, l2, lut, ext;
  std::vector<uint32_t> acc;
  bool numeric = false;

  void Run(const Command& command);
  void Load(const LdCopy& c, const uint32_t* index);
  void Transpose(const LdTranspose& c);
  void Fill(const LdFill& c);
  void Store(const StCopy& c);
  int Weight(WeightFormat format, uint32_t w, uint32_t i) const;
  void Gemm(const MxeGemm& c);
  void Gta(const GtaOp& c);
  std::vector<uint8_t>& Destination(LdDst dst);

  // The name of the first memory that differs from the model's, with the offset; empty when all are
  // equal.
  std::string Difference(Model& model, FlatMemory& ext) const;
};

// Random data: `wild` has every bit pattern, otherwise finite values of moderate size.
uint32_t RandomFloat(std::mt19937_64& rng, bool wild);
// A LUT table of any mode with random coefficients.
void RandomTable(std::mt19937_64& rng, uint8_t* table);

// $WREN_SEED or `fallback`; printed by tests when they fail.
uint64_t Seed(uint64_t fallback);

}  // namespace wren::isa::naive
