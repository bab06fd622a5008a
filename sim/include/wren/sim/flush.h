// FTZ and DAZ of the processor, for models that leave sums and products to it (sim/host).
#pragma once

#include <xmmintrin.h>

namespace wren::sim {

// While it lives, FP32 operations of this thread flush subnormal operands and results to zero, as
// the RTL's do (Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 1, 10.2.3).
class Flush {
 public:
  Flush() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFtzDaz); }
  ~Flush() { _mm_setcsr(before_); }
  Flush(const Flush&) = delete;
  Flush& operator=(const Flush&) = delete;

 private:
  static constexpr unsigned kFtzDaz = 0x8040;
  const unsigned before_;
};

}  // namespace wren::sim
