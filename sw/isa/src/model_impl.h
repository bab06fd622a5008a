// What the model's sources share: one class with a method per engine.
#pragma once

#include <cstdint>
#include <vector>

#include "wren/fp.h"
#include "wren/isa/model.h"

namespace wren::isa {

inline uint32_t CeilDiv(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

// Bytes of 32 elements.
uint32_t BlockBytes(XFormat format);
uint32_t BlockBytes(OutFormat format);
inline uint32_t ScalarBytes(OperandFormat format) { return format == OperandFormat::kF32 ? 4 : 2; }

// One of the four operands of gta.op.
struct GtaOperand {
  OperandMode mode;
  OperandFormat format;
  uint32_t base, stride;
};

// The header of a LUT table, decoded.
struct TableHeader {
  LutMode mode;
  LutEdge edge_below, edge_above;
  LutKind kind;
  float neg_lo, inv, below, above;
};
TableHeader ReadTableHeader(const uint8_t* table);
// y[i] = table(x[i]) for i < 32; call inside a FlushScope. x: any NaN; y: subnormals flushed.
void TableBlock(const TableHeader& header, const uint8_t* table, const float* x, float* y);

class Model::Impl {
 public:
  explicit Impl(Model& m) : m_(m) {}

  // Operand checks only: alignment (`misaligned`: the static part, one bit per operand) and range.
  Status CheckOperands(const Command& command, uint32_t misaligned) const;

  // Executes a command that has passed every check; enters the flushing mode.
  Status Run(const Command& command, WriteSink* sink);

 private:
  // One engine each.
  Status Load(const LdCopy& c, const uint32_t* index, WriteSink* sink);
  Status Gather(const LdGather& c, WriteSink* sink);
  void Fill(const LdFill& c, WriteSink* sink);
  void Transpose(const LdTranspose& c, WriteSink* sink);
  void Store(const StCopy& c, WriteSink* sink);
  void Gemm(const MxeGemm& c, WriteSink* sink);
  bool GemmInStrips(const MxeGemm& c);
  void Gta(const GtaOp& c, WriteSink* sink);

  void ReadSource(ExtSpace space, uint64_t addr, uint8_t* to, uint32_t n);
  // The memory behind an LD destination.
  std::vector<uint8_t>& Destination(LdDst dst) const;

  Model& m_;
  std::vector<uint8_t> buffer_;  // rows of a transpose
  std::vector<uint32_t> index_;  // of a gather, copied before the first write
};

}  // namespace wren::isa
