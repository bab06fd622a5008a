// A product with its operands in L2 on the RTL, for the lists gemm and sim.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "wren/compiler/gemm.h"

namespace wren::bench {

class GemmRun {
 public:
  GemmRun(const Options& o, compiler::GemmProblem problem, bool lockstep);

  std::string Name() const;
  // Runs once.
  Cost Run();
  // Compares the result in L2 with the definition: acc += float(dot) * (fa * fw), k ascending.
  // Throws wren::Error on a difference.
  void Verify();

  uint64_t macs() const;
  // Bytes that must cross the L2 ports: operands in, result out.
  Traffic traffic() const;
  runtime::RtlDevice& device() { return *device_; }

 private:
  static constexpr uint64_t kImage = 0x800000;

  isa::Config config_;
  compiler::GemmProblem problem_;
  std::unique_ptr<runtime::RtlDevice> device_;
  std::vector<uint8_t> image_;
  compiler::Program program_;
};

// The list's problems; the last one keeps the array busiest.
std::vector<compiler::GemmProblem> GemmProblems(const std::string& config);

}  // namespace wren::bench
