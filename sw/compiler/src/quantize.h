// Q8_0 on the host, for weights that files hold in another format.
#pragma once

#include <cstdint>

namespace wren::compiler {

// Quantizes 32 values: q = round-half-away(x / d), d = max|x| / 127, stored as FP16 (ggml's
// quantize_row_q8_0_ref).
void QuantizeQ8(const float* x, int8_t* q, uint16_t* d);

}  // namespace wren::compiler
