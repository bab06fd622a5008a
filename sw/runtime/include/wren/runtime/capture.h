// Capture: the tensors of a step on the instruction-set model, as FP32, by the compiler's names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wren/runtime/device.h"

namespace wren::runtime {

// A tensor of one step: rows x cols, row-major. Elements nobody wrote are 0.
struct Captured {
  int rows = 0, cols = 0;
  std::vector<float> values;
  const float* row(int r) const {
    return &values[static_cast<size_t>(r) * static_cast<size_t>(cols)];
  }
};

// Collects what GTA commands write: FP32 results in VM, and Q8_0 blocks in AB (dequantized). Attach
// it with device->set_hook(std::ref(capture)).
class Capture {
 public:
  explicit Capture(IsaDevice* device) : device_(device) {}
  void operator()(const compiler::CommandBytes& bytes, const compiler::Label& label);
  void Clear() { tensors_.clear(); }
  const std::map<std::string, Captured>& tensors() const { return tensors_; }

 private:
  IsaDevice* device_;
  std::map<std::string, Captured> tensors_;
};

}  // namespace wren::runtime
