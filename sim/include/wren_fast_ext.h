// Plainer forms of a few Verilator runtime macros, force-included in front of the generated C++.
//
// The values are those of verilated_funcs.h. The forms differ: at widths of 8, 16 and 32 bits they
// are real C++ sign extensions, multiplies and compares, which the compiler can vectorise (the
// signed multiplies of the matrix array run 4 to 5 times faster). Other widths fall through to
// Verilator's own. Simulation only; scripts/verilate.sh includes it into the model, and
// cmake/WrenVerilate.cmake into what uses the model.
#pragma once
#ifdef __cplusplus
#include "verilated.h"
// clang-format off
#define VL_EXTENDS_II(ob, lb, x) \
  ((lb)==8 ? (IData)(int32_t)(int8_t)(x) : (lb)==16 ? (IData)(int32_t)(int16_t)(x) : (lb)==32 ? (IData)(x) : (VL_EXTENDS_II)((ob),(lb),(x)))
#define VL_MULS_III(lb, a, b) ((lb)==32 ? (IData)((int32_t)(a) * (int32_t)(b)) : (VL_MULS_III)((lb),(a),(b)))
#define VL_GTS_III(lb, a, b) ((lb)==32 ? (IData)((int32_t)(a) > (int32_t)(b)) : (VL_GTS_III)((lb),(a),(b)))
#define VL_LTS_III(lb, a, b) ((lb)==32 ? (IData)((int32_t)(a) < (int32_t)(b)) : (VL_LTS_III)((lb),(a),(b)))
#define VL_GTES_III(lb, a, b) ((lb)==32 ? (IData)((int32_t)(a) >= (int32_t)(b)) : (VL_GTES_III)((lb),(a),(b)))
#define VL_LTES_III(lb, a, b) ((lb)==32 ? (IData)((int32_t)(a) <= (int32_t)(b)) : (VL_LTES_III)((lb),(a),(b)))
// 5.006 clears every wide local of the model's functions on each call, used or not: 40 KB a clock in the whole core. It has no other
// use for this macro in generated code, and SystemVerilog gives an automatic variable no value on entry. Members are cleared by
// VL_ZERO_RESET_W.
#if VERILATOR_VERSION_INTEGER + 0 == 5006000  // 5.48 leaves the macro empty
#define VL_ZERO_W(obits, owp) ((void)0)
#endif
// clang-format on

// 5.006 declares a failing assertion likely, so that the compiler lays its report in the middle of
// the code that every clock runs, and the instruction cache is what limits the whole core.
#undef VL_LIKELY
#define VL_LIKELY(x) (!!(x))
void VL_STOP_MT(const char* filename, int linenum, const char* hier, bool maybe)
    __attribute__((cold));

// Which clocks and resets have had an edge. 5.006 keeps a byte for each and tests up to all of them
// in front of every function of a model with many clocks; here they are bits, and a test is one.
#if VERILATOR_VERSION_INTEGER + 0 == 5006000
template <std::size_t N>
class WrenTriggers final {
  static_assert(N <= 32, "a model with more than 32 clocks and resets");

 public:
  struct Bit {
    uint32_t* bits;
    uint32_t mask;
    operator bool() const { return (*bits & mask) != 0; }
    Bit& operator=(uint32_t set) {
      *bits = (*bits & ~mask) | (set != 0 ? mask : 0);
      return *this;
    }
  };
  Bit at(std::size_t index) { return {&bits_, uint32_t{1} << index}; }
  void clear() { bits_ = 0; }
  bool any() const { return bits_ != 0; }
  void set(const WrenTriggers& other) { bits_ |= other.bits_; }
  void andNot(const WrenTriggers& a, const WrenTriggers& b) { bits_ = a.bits_ & ~b.bits_; }
  uint32_t bits() const { return bits_; }
  void assign(uint32_t bits) { bits_ = bits; }

 private:
  uint32_t bits_ = 0;
};
#define VlTriggerVec WrenTriggers
#endif
#endif
