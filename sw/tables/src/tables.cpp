#include "wren/tables/tables.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::tables {
namespace {

using Real = long double;
using isa::LutEdge;
using isa::LutKind;
using isa::LutMode;

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Header {
  LutMode mode = LutMode::kUniform;
  LutEdge edge_below = LutEdge::kClamp, edge_above = LutEdge::kClamp;
  LutKind kind = LutKind::kRecip;
  float lo = 0, inv = 0, below = 0, above = 0;
};

struct Quadratic {
  float c0, c1, c2;
};

// g(f) for f in [0, 1] as c0 + f*(c1 + f*c2). Interpolates at the roots of the Chebyshev polynomial
// of degree 3, or, anchored, at 0 and two points that balance the error; then rounds c2, refits,
// rounds c1, refits, rounds c0.
Quadratic Fit(const std::function<Real(Real)>& g, bool anchored) {
  const Real half_root3 = std::sqrt(3.0L) / 2;
  Quadratic q;
  if (anchored) {
    const Real a = half_root3 / (1 + half_root3), b = 2 * a;
    q.c0 = static_cast<float>(g(0));
    const auto slope = [&](Real f) { return (g(f) - q.c0) / f; };
    q.c2 = static_cast<float>((slope(b) - slope(a)) / (b - a));
    q.c1 = static_cast<float>((slope(a) - a * q.c2 + slope(b) - b * q.c2) / 2);
    return q;
  }
  const Real x0 = (1 - half_root3) / 2, x1 = 0.5L, x2 = (1 + half_root3) / 2;
  const Real d01 = (g(x1) - g(x0)) / (x1 - x0), d12 = (g(x2) - g(x1)) / (x2 - x1);
  q.c2 = static_cast<float>((d12 - d01) / (x2 - x0));
  const auto linear = [&](Real f) { return g(f) - f * f * q.c2; };
  q.c1 = static_cast<float>((linear(x2) - linear(x0)) / (x2 - x0));
  const auto constant = [&](Real f) { return linear(f) - f * q.c1; };
  q.c0 = static_cast<float>((constant(x0) + constant(x1) + constant(x2)) / 3);
  return q;
}

void PutWord(std::vector<uint8_t>& table, size_t entry, size_t word, uint32_t value) {
  std::memcpy(table.data() + entry * 16 + word * 4, &value, 4);
}

uint32_t Bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

// `interval(k, f)` is the function at fraction f of entry k.
std::vector<uint8_t> Build(const Header& h, const std::function<Real(int, Real)>& interval,
                           const std::function<bool(int)>& anchored) {
  std::vector<uint8_t> table(kTableBytes);
  for (int k = 0; k < 256; ++k) {
    const Quadratic q = Fit([&](Real f) { return interval(k, f); }, anchored(k));
    PutWord(table, static_cast<size_t>(k), 0, Bits(q.c0));
    PutWord(table, static_cast<size_t>(k), 1, Bits(q.c1));
    PutWord(table, static_cast<size_t>(k), 2, Bits(q.c2));
  }
  const uint32_t flags = static_cast<uint32_t>(h.mode) | static_cast<uint32_t>(h.edge_below) << 2 |
                         static_cast<uint32_t>(h.edge_above) << 4 |
                         static_cast<uint32_t>(h.kind) << 6;
  PutWord(table, 0, 3, flags);
  PutWord(table, 1, 3, Bits(h.lo));
  PutWord(table, 2, 3, Bits(h.inv));
  PutWord(table, 3, 3, Bits(h.below));
  PutWord(table, 4, 3, Bits(h.above));
  return table;
}

// A function on [lo, lo + 256/inv), with constants beyond. lo * inv is an integer, so that x = 0
// starts an entry.
std::vector<uint8_t> BuildUniform(float lo, float inv, float below, float above,
                                  Real (*function)(Real), LutEdge edge = LutEdge::kConstant) {
  Header h;
  h.edge_below = h.edge_above = edge;
  h.lo = lo;
  h.inv = inv;
  h.below = below;
  h.above = above;
  return Build(
      h, [&](int k, Real f) { return function(lo + (k + f) / inv); },
      [&](int k) { return static_cast<float>(k) == -lo * inv; });
}

bool Always(int) { return true; }

// 1 <= m < 2
std::vector<uint8_t> BuildMantissa(LutKind kind, float at_zero, float at_infinity,
                                   Real (*function)(Real)) {
  Header h;
  h.mode = LutMode::kMantissa;
  h.kind = kind;
  h.below = at_zero;
  h.above = at_infinity;
  const bool wide = kind == LutKind::kRecip || kind == LutKind::kLog2;
  return Build(
      h,
      [&](int k, Real f) {
        if (wide) return function(1 + (k + f) / 256);
        const Real m = 1 + (k % 128 + f) / 128;  // the upper half is for odd exponents
        return function(k < 128 ? m : 2 * m);
      },
      Always);
}

Real Sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real Phi(Real x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; }
Real Tanh(Real x) { return std::tanh(x); }
Real GeluTanhGate(Real x) {
  const Real pi = std::acos(-1.0L);
  return Sigmoid(2 * std::sqrt(2 / pi) * (x + 0.044715L * x * x * x));
}

}  // namespace

const std::vector<Function>& AllFunctions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> v;
    for (int i = 0; i <= static_cast<int>(Function::kStep); ++i)
      v.push_back(static_cast<Function>(i));
    return v;
  }();
  return all;
}

const char* Name(Function function) {
  static constexpr const char* kNames[] = {
      "exp", "reciprocal", "reciprocal_or_zero", "rsqrt", "sqrt", "log2", "sigmoid",
      "phi", "tanh",       "gelu_tanh_gate",     "sin",   "cos",  "step"};
  return kNames[static_cast<size_t>(function)];
}

Function FromName(std::string_view name) {
  std::string known;
  for (const Function f : AllFunctions()) {
    if (name == Name(f)) return f;
    known += known.empty() ? Name(f) : std::string(", ") + Name(f);
  }
  throw Error("no table for a function '" + std::string(name) + "'; there are " + known);
}

std::vector<uint8_t> BuildReciprocal(float at_zero) {
  return BuildMantissa(LutKind::kRecip, at_zero, 0.0f, [](Real m) { return 1 / m; });
}

std::vector<uint8_t> BuildTable(Function function) {
  switch (function) {
    case Function::kExp: {
      Header h;
      h.mode = LutMode::kExp2;
      h.inv = static_cast<float>(256 / std::log(2.0L));
      return Build(
          h, [](int k, Real f) { return std::exp2((k + f) / 256); }, Always);
    }
    case Function::kReciprocal:
      return BuildReciprocal(kInf);
    case Function::kReciprocalOrZero:
      return BuildReciprocal(0.0f);
    case Function::kRsqrt:
      return BuildMantissa(LutKind::kRsqrt, kInf, 0.0f, [](Real m) { return 1 / std::sqrt(m); });
    case Function::kSqrt:
      return BuildMantissa(LutKind::kSqrt, 0.0f, kInf, [](Real m) { return std::sqrt(m); });
    case Function::kLog2:
      return BuildMantissa(LutKind::kLog2, -kInf, kInf, [](Real m) { return std::log2(m); });
    case Function::kSigmoid:
      return BuildUniform(-16, 8, 0, 1, Sigmoid);
    case Function::kPhi:
      return BuildUniform(-6, 20, 0, 1, Phi);
    case Function::kTanh:
      return BuildUniform(-7, 18, -1, 1, Tanh);
    case Function::kGeluTanhGate:
      return BuildUniform(-6, 20, 0, 1, GeluTanhGate);
    case Function::kSin:
      return BuildUniform(
          -4, 32, 0, 0, [](Real x) { return std::sin(x); }, LutEdge::kClamp);
    case Function::kCos:
      return BuildUniform(
          -4, 32, 0, 0, [](Real x) { return std::cos(x); }, LutEdge::kClamp);
    case Function::kStep:
      return BuildUniform(0, 1, 0, 1, [](Real) { return 1.0L; });
  }
  throw Error("BuildTable: unknown function");
}

}  // namespace wren::tables
