// One product on the RTL, operands and result wherever the problem says, for several lists.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "operands.h"
#include "wren/compiler/gemm.h"

namespace wren::bench {

class GemmRun {
 public:
  // `dram`: kind of the external memory.
  GemmRun(const Options& o, compiler::GemmProblem problem, const std::string& dram, bool lockstep);

  std::string Shape() const;  // "512", or "128x4096x4096"
  // Runs once.
  Cost Run();
  // Compares every element of the result with the definition. Throws wren::Error on a difference.
  void Verify();

  uint64_t macs() const;
  const compiler::GemmProblem& problem() const { return problem_; }
  // Bytes that must move: operands in, result out; through external memory if any of them is there,
  // else through the L2 ports.
  Traffic traffic() const;
  uint64_t weight_bytes() const { return plan_.bytes; }
  runtime::RtlDevice& device() { return *device_; }

 private:
  std::vector<uint8_t> ResultBytes(isa::ExtSpace space, uint64_t address, uint64_t bytes);

  isa::Config config_;
  std::string dram_;
  compiler::GemmProblem problem_;
  compiler::WeightPlan plan_;
  std::unique_ptr<runtime::RtlDevice> device_;
  Blocks a_, w_;
  uint64_t scratch_ = 0;  // external memory for copies from L2
  compiler::Program program_;
};

// The problems of the list gemm whose operands and result are in L2, F32 results; the last one
// keeps the array busiest.
std::vector<compiler::GemmProblem> GemmProblems(const std::string& config);

}  // namespace wren::bench
