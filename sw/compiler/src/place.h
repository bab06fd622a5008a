// Addresses for the operands of a problem, one behind the other.
#pragma once

#include <cstdint>

#include "wren/isa/isa.h"

namespace wren::compiler {

// In external memory every operand begins at a whole page of a DRAM.
inline constexpr uint64_t kExtUnit = 4096, kL2Unit = 64;

class Placer {
 public:
  explicit Placer(uint64_t first) : next_((first + 63) / 64 * 64) {}
  uint64_t Take(isa::ExtSpace space, uint64_t bytes) {
    const uint64_t at = next_, unit = space == isa::ExtSpace::kL2 ? kL2Unit : kExtUnit;
    next_ = (next_ + bytes + unit - 1) / unit * unit;
    return at;
  }
  uint64_t next() const { return next_; }

 private:
  uint64_t next_;
};

}  // namespace wren::compiler
