#include "wren/runtime/capture.h"

#include <algorithm>
#include <cstring>

#include "wren/fp.h"
#include "wren/isa/isa.h"

namespace wren::runtime {
namespace {

// Makes room for element (rows - 1, cols - 1), keeping what is there.
void Grow(Captured* t, int rows, int cols) {
  if (rows <= t->rows && cols <= t->cols) return;
  Captured larger;
  larger.rows = std::max(rows, t->rows);
  larger.cols = std::max(cols, t->cols);
  larger.values.resize(static_cast<size_t>(larger.rows) * static_cast<size_t>(larger.cols));
  for (int r = 0; r < t->rows; ++r)
    std::copy_n(t->row(r), t->cols,
                &larger.values[static_cast<size_t>(r) * static_cast<size_t>(larger.cols)]);
  *t = std::move(larger);
}

}  // namespace

void Capture::operator()(const compiler::CommandBytes& bytes, const compiler::Label& label) {
  if (bytes[0] != static_cast<uint8_t>(isa::Opcode::kGtaOp) || label.tensor.empty()) return;
  const isa::Command command = isa::Decode(bytes);
  const auto& op = std::get<isa::GtaOp>(command);
  const bool vm = op.out_space == isa::OutSpace::kVm && op.out_format == isa::OutFormat::kF32;
  const bool ab = op.out_space == isa::OutSpace::kAb && op.out_format == isa::OutFormat::kQ80;
  if (!vm && !ab) return;
  const auto rows = static_cast<int>(op.rows), cols = static_cast<int>(op.cols);
  Captured& t = tensors_[label.tensor];
  Grow(&t, label.row + rows, label.col + cols);
  isa::Model& model = device_->model();
  const uint32_t lanes = model.config().rows;
  for (int r = 0; r < rows; ++r) {
    float* to = &t.values[static_cast<size_t>(label.row + r) * static_cast<size_t>(t.cols) +
                          static_cast<size_t>(label.col)];
    if (vm) {
      std::memcpy(to, &model.vm()[op.out + static_cast<size_t>(r) * op.out_stride],
                  static_cast<size_t>(cols) * 4);
      continue;
    }
    for (int c = 0; c < cols; ++c) {
      const size_t word =
          op.out + static_cast<uint32_t>(r) / lanes * op.out_stride + static_cast<uint32_t>(c) / 32;
      const size_t block = word * lanes + static_cast<uint32_t>(r) % lanes;
      uint16_t scale;
      std::memcpy(&scale, &model.ab_scale()[block * 2], 2);
      to[c] = static_cast<float>(
                  static_cast<int8_t>(model.ab()[block * 32 + static_cast<size_t>(c) % 32])) *
              fp::F16ToF32(scale);
    }
  }
}

}  // namespace wren::runtime
