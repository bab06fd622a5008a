// Attention of one shape on the RTL, operands and result in external memory, for several lists.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "wren/compiler/attention.h"

namespace wren::bench {

struct AttentionShape {
  int head, rows, heads;
  bool causal;
  int two_below = 0;  // AttentionTask's
  std::string Name() const {
    return fmt::format("attention_d{}_s{}_h{}{}{}", head, rows, heads, causal ? "_causal" : "",
                       two_below > rows ? "_two"
                       : two_below > 0  ? fmt::format("_two{}", two_below)
                                        : "");
  }
};

// `o` with LPDDR5 where --dram does not say otherwise.
Options AttentionOptions(const Options& o);

// A shape that keeps the array of `config` busy.
AttentionShape BusyAttention(const std::string& config);

// Random operands of order 1 (queries, keys and values are what a normal distribution gives,
// quantized), the program, and the result's comparison with double precision.
class AttentionRun {
 public:
  AttentionRun(const Options& o, const AttentionShape& shape);

  Cost Run();
  // The largest error of sampled rows; throws wren::Error when it is more than 8-bit probabilities
  // explain.
  double Verify();
  double rms() const { return rms_; }  // of the errors, after Verify

  uint64_t macs() const;
  Traffic traffic(const Options& o) const;
  runtime::RtlDevice& device() { return *device_; }

 private:
  isa::Config config_;
  AttentionShape shape_;
  compiler::AttentionProblem problem_;
  std::unique_ptr<runtime::RtlDevice> device_;
  std::vector<uint8_t> image_;
  compiler::Program program_;
  double rms_ = 0;
};

}  // namespace wren::bench
