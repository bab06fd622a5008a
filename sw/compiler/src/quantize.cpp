#include "quantize.h"

#include <cmath>

#include "wren/fp.h"

namespace wren::compiler {

void QuantizeQ8(const float* x, int8_t* q, uint16_t* d) {
  float amax = 0.0f;
  for (int i = 0; i < 32; ++i) amax = std::fmax(amax, std::fabs(x[i]));
  const float scale = amax / 127.0f;
  const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
  for (int i = 0; i < 32; ++i) q[i] = static_cast<int8_t>(std::lround(x[i] * inverse));
  *d = fp::F32ToF16(scale);
}

}  // namespace wren::compiler
