// Short forms for the fields of GTA commands.
#pragma once

#include <cstdint>

#include "wren/isa/isa.h"

namespace wren::compiler::gta {

// `rows` x `cols` values from VM, `stride` bytes from row to row.
inline isa::GtaOp FromVm(uint32_t address, int stride, int rows, int cols) {
  isa::GtaOp op;
  op.rows = static_cast<uint32_t>(rows);
  op.cols = static_cast<uint32_t>(cols);
  op.x = address;
  op.x_stride = static_cast<uint32_t>(stride);
  return op;
}

// From an ACC tile, `stride` words from row group to row group.
inline isa::GtaOp FromAcc(uint32_t word, int stride, int rows, int cols) {
  isa::GtaOp op = FromVm(word, stride, rows, cols);
  op.x_space = isa::XSpace::kAcc;
  return op;
}

inline void OutVm(isa::GtaOp* op, uint32_t address, int stride,
                  isa::OutFormat format = isa::OutFormat::kF32) {
  op->out_space = isa::OutSpace::kVm;
  op->out_format = format;
  op->out = address;
  op->out_stride = static_cast<uint32_t>(stride);
}

// As Q8_0, `stride` words from row group to row group.
inline void OutAb(isa::GtaOp* op, uint32_t word, int stride) {
  op->out_space = isa::OutSpace::kAb;
  op->out_format = isa::OutFormat::kQ80;
  op->out = word;
  op->out_stride = static_cast<uint32_t>(stride);
}

inline void Reduce(isa::GtaOp* op, isa::ReduceOp reduce, uint32_t address, int stride) {
  op->red_op = reduce;
  op->red = address;
  op->red_stride = static_cast<uint32_t>(stride);
}

inline void Apply(isa::GtaOp* op, uint32_t table) {
  op->fn = 1;
  op->table = table;
}

// The fields of one of the operands a, b, m, c.
struct Operand {
  isa::OperandMode isa::GtaOp::*mode;
  isa::OperandFormat isa::GtaOp::*format;
  uint32_t isa::GtaOp::*at;
  uint32_t isa::GtaOp::*stride;
};
inline constexpr Operand kA{&isa::GtaOp::a_mode, &isa::GtaOp::a_format, &isa::GtaOp::a,
                            &isa::GtaOp::a_stride};
inline constexpr Operand kB{&isa::GtaOp::b_mode, &isa::GtaOp::b_format, &isa::GtaOp::b,
                            &isa::GtaOp::b_stride};
inline constexpr Operand kM{&isa::GtaOp::m_mode, &isa::GtaOp::m_format, &isa::GtaOp::m,
                            &isa::GtaOp::m_stride};
inline constexpr Operand kC{&isa::GtaOp::c_mode, &isa::GtaOp::c_format, &isa::GtaOp::c,
                            &isa::GtaOp::c_stride};

inline void Set(isa::GtaOp* op, const Operand& operand, isa::OperandMode mode, uint32_t address,
                int stride, isa::OperandFormat format = isa::OperandFormat::kF32) {
  op->*operand.mode = mode;
  op->*operand.format = format;
  op->*operand.at = address;
  op->*operand.stride = static_cast<uint32_t>(stride);
}

inline void Mat(isa::GtaOp* op, const Operand& operand, uint32_t address, int stride) {
  Set(op, operand, isa::OperandMode::kMat, address, stride);
}
// The same vector for every row.
inline void Col(isa::GtaOp* op, const Operand& operand, uint32_t address,
                isa::OperandFormat format = isa::OperandFormat::kF32) {
  Set(op, operand, isa::OperandMode::kCol, address, 0, format);
}
// One scalar per row.
inline void Row(isa::GtaOp* op, const Operand& operand, uint32_t address, int stride) {
  Set(op, operand, isa::OperandMode::kRow, address, stride);
}
// One scalar per row and block of 32 columns.
inline void Blk(isa::GtaOp* op, const Operand& operand, uint32_t address, int stride) {
  Set(op, operand, isa::OperandMode::kBlk, address, stride);
}

}  // namespace wren::compiler::gta
