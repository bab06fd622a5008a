#include "wren/compiler/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "quantize.h"

namespace wren::compiler {
namespace {

constexpr int kBlock = 32;
constexpr int kPackedBlock = 16;    // bytes of a block of 4-bit weights
constexpr uint32_t kVmAlign = 128;  // bytes of an FP32 block

uint32_t U(int value) { return static_cast<uint32_t>(value); }
size_t Size(int value) { return static_cast<size_t>(value); }

// How WB takes blocks of this type without a change; kQ8 for types that are quantized anew.
isa::WeightFormat PackedFormat(DType dtype) {
  if (dtype == DType::kQ4_0) return isa::WeightFormat::kQ40;
  if (dtype == DType::kMXFP4) return isa::WeightFormat::kMxfp4;
  return dtype == DType::kIQ4_NL ? isa::WeightFormat::kIq4Nl : isa::WeightFormat::kQ8;
}

}  // namespace

int Network::Matrix::block_bytes() const { return packed() ? kPackedBlock : kBlock; }

std::vector<int> Network::Identity(int n, int padded) {
  std::vector<int> map(Size(padded), -1);
  for (int i = 0; i < n; ++i) map[Size(i)] = i;
  return map;
}

std::vector<int> Network::Heads(int count, int head_dim, int padded) {
  std::vector<int> map(Size(count * padded), -1);
  for (int h = 0; h < count; ++h) {
    for (int i = 0; i < head_dim; ++i) map[Size(h * padded + i)] = h * head_dim + i;
  }
  return map;
}

uint32_t Network::TakeVm(uint64_t bytes) {
  const uint32_t at = vm_next_;
  vm_next_ =
      static_cast<uint32_t>(std::min<uint64_t>(at + Pad64(bytes, kVmAlign), uint64_t{1} << 31));
  return at;
}

uint32_t Network::TakeAb(uint64_t words) {
  const uint32_t at = ab_next_;
  ab_next_ = static_cast<uint32_t>(std::min<uint64_t>(at + words, uint64_t{1} << 31));
  return at;
}

// ---- Image

uint64_t Network::Place(std::vector<uint8_t> bytes, const std::string& name) {
  const uint64_t at = next_;
  next_ = Pad64(next_ + bytes.size(), 64);
  images_.push_back({at, std::move(bytes), name});
  return at;
}

Network::Vector Network::PlaceVector(const std::vector<float>& values, int padded,
                                     const std::string& name) {
  std::vector<uint8_t> bytes(Size(padded) * 4);
  std::memcpy(bytes.data(), values.data(), values.size() * 4);
  return {name, Place(std::move(bytes), name), padded};
}

Network::Vector Network::PlaceRows(const Tensor& tensor, int cols, const std::string& name) {
  std::vector<float> table(static_cast<size_t>(tensor.rows()) * Size(cols));
  for (int64_t r = 0; r < tensor.rows(); ++r) {
    DequantizeRow(tensor.dtype, tensor.row(r), &table[static_cast<size_t>(r) * Size(cols)],
                  tensor.cols());
  }
  return PlaceVector(table, static_cast<int>(table.size()), name);
}

Network::Matrix Network::PlanMatrix(int n, int k, isa::WeightFormat format, const std::string& name,
                                    int quantum) const {
  Matrix m;
  m.name = name;
  m.n = n;
  m.k = k;
  m.format = format;
  const int slot_sets = m.packed() ? 2 * wb_slot_sets_ : wb_slot_sets_;
  const int cols = static_cast<int>(cfg_.cols), unit = quantum / cols;
  const int all = n / cols, blocks = k / kBlock, chunk = std::min(blocks, slot_sets / unit);
  const int by_weights = slot_sets / chunk, by_results = acc_slot_words_ / Groups(rows_),
            by_columns = std::max(tile_cols_, quantum) / cols;
  const int tile = std::min({by_weights, by_results, by_columns, all}) / unit * unit;
  m.tiles = (all + tile - 1) / tile;
  m.tile_chunks = (blocks + chunk - 1) / chunk;
  for (int first = 0; first < all; first += tile) {
    for (int from = 0; from < blocks; from += chunk)
      m.chunks.push_back(
          {first, std::min(tile, all - first), from, std::min(chunk, blocks - from), 0});
  }
  return m;
}

Network::Blocks Network::PackedBlocks(const Source& source, int n, int k,
                                      isa::WeightFormat format) {
  const size_t blocks = Size(k / kBlock), count = Size(n) * blocks;
  Blocks out{std::vector<uint8_t>(count * kPackedBlock),
             std::vector<uint16_t>(count)};  // rows of padding: scale 0
  size_t row = 0;
  for (size_t part = 0; part < source.parts.size(); ++part) {
    for (const int from : source.rows[part]) {
      size_t block = row++ * blocks;
      if (from < 0) continue;
      const uint8_t* bytes = source.parts[part]->row(from);
      for (size_t b = 0; b < blocks; ++b, ++block) {
        if (format == isa::WeightFormat::kMxfp4) {
          out.d[block] = Mxfp4Scale(*bytes);
          bytes += 1;
        } else {
          std::memcpy(&out.d[block], bytes, 2);
          bytes += 2;
        }
        std::memcpy(&out.q[block * kPackedBlock], bytes, kPackedBlock);
        bytes += kPackedBlock;
      }
    }
  }
  return out;
}

Network::Blocks Network::Q8Blocks(const Source& source, int n, int k) {
  const size_t blocks = Size(k / kBlock), count = Size(n) * blocks;
  Blocks out{std::vector<uint8_t>(count * kBlock), std::vector<uint16_t>(count)};
  auto* q = reinterpret_cast<int8_t*>(out.q.data());
  uint16_t* d = out.d.data();
  std::vector<float> line(Size(k)), values;
  for (size_t part = 0; part < source.parts.size(); ++part) {
    const Tensor& tensor = *source.parts[part];
    const bool as_is = tensor.dtype == DType::kQ8_0 && source.cols.empty();
    values.resize(static_cast<size_t>(tensor.cols()));
    for (const int from : source.rows[part]) {
      int8_t* const q_row = std::exchange(q, q + k);
      uint16_t* const d_row = std::exchange(d, d + blocks);
      if (from < 0) continue;
      const uint8_t* bytes = tensor.row(from);
      if (as_is) {
        for (size_t b = 0; b < blocks; ++b, bytes += kBlock + 2) {
          std::memcpy(&d_row[b], bytes, 2);
          std::memcpy(q_row + b * kBlock, bytes + 2, kBlock);
        }
        continue;
      }
      DequantizeRow(tensor.dtype, bytes, values.data(), tensor.cols());
      std::fill(line.begin(), line.end(), 0.0f);
      if (source.cols.empty()) {
        std::copy(values.begin(), values.end(), line.begin());
      } else {
        for (size_t c = 0; c < source.cols.size(); ++c) {
          if (source.cols[c] >= 0) line[c] = values[Size(source.cols[c])];
        }
      }
      for (size_t b = 0; b < blocks; ++b)
        QuantizeQ8(&line[b * kBlock], q_row + b * kBlock, &d_row[b]);
    }
  }
  return out;
}

Network::Matrix Network::PlaceMatrix(const Source& source, int n, int k, const std::string& name,
                                     int quantum) {
  const DType dtype = source.parts[0]->dtype;
  isa::WeightFormat format = source.cols.empty() ? PackedFormat(dtype) : isa::WeightFormat::kQ8;
  for (const Tensor* part : source.parts) {
    if (part->dtype != dtype) format = isa::WeightFormat::kQ8;
  }
  Matrix m = PlanMatrix(n, k, format, name, quantum);
  const Blocks from = m.packed() ? PackedBlocks(source, n, k, format) : Q8Blocks(source, n, k);
  const int cols = static_cast<int>(cfg_.cols);
  const size_t block_bytes = Size(m.block_bytes());
  for (Chunk& chunk : m.chunks) {
    const size_t count = Size(chunk.groups * chunk.blocks * cols);
    std::vector<uint8_t> bytes(count * (block_bytes + 2));
    uint8_t* data = bytes.data();
    uint8_t* scale = data + count * block_bytes;
    for (int g = chunk.first; g < chunk.first + chunk.groups; ++g) {
      for (int kb = chunk.k; kb < chunk.k + chunk.blocks; ++kb) {
        for (int c = 0; c < cols; ++c, data += block_bytes, scale += 2) {
          const size_t block = Size(g * cols + c) * Size(k / kBlock) + Size(kb);
          std::memcpy(data, &from.q[block * block_bytes], block_bytes);
          std::memcpy(scale, &from.d[block], 2);
        }
      }
    }
    chunk.address = Place(std::move(bytes), fmt::format("{} columns {}.. k {}..", name,
                                                        chunk.first * cols, chunk.k * kBlock));
  }
  return m;
}

// ---- Steps

uint32_t Network::NextWb() {
  const uint32_t slot = U(wb_turn_ * wb_slot_sets_);
  wb_turn_ = (wb_turn_ + 1) % wb_slots_;
  return slot;
}

uint32_t Network::NextAcc() {
  const uint32_t slot = U(acc_turn_ * acc_slot_words_);
  acc_turn_ ^= 1;
  return slot;
}

uint32_t Network::LoadVector(const Vector& vector) {
  const uint32_t at = vm_vec_[vec_turn_];
  vec_turn_ = (vec_turn_ + 1) % 4;
  isa::LdCopy ld;
  ld.src = vector.address;
  ld.dst_space = isa::LdDst::kVm;
  ld.dst = at;
  ld.len = U(vector.n) * 4;
  emit_->Emit(ld, {vector.name});
  return at;
}

Network::Tile Network::EmitTile(const Matrix& matrix, int tile, uint32_t ab, int ab_stride,
                                int rows, std::optional<uint32_t> rest) {
  const int cols = static_cast<int>(cfg_.cols);
  const Chunk* const chunks = &matrix.chunks[Size(tile * matrix.tile_chunks)];
  const int first = chunks->first * cols, groups = chunks->groups;
  const uint32_t acc = NextAcc();
  // Every sum adds the first numbers of all of k, then the second ones, also where WB holds a part
  // of k and the weights have to come twice.
  const int numbers = rest ? 2 : 1, passes = rest && matrix.tile_chunks > 1 ? 2 : 1;
  for (int step = 0; step < passes * matrix.tile_chunks; ++step) {
    const int c = step % matrix.tile_chunks, pass = step / matrix.tile_chunks;
    const Chunk& chunk = chunks[c];
    const uint32_t slot = NextWb(), set = matrix.packed() ? 2 * slot : slot;  // in the format's
    const uint32_t count = U(groups * chunk.blocks * cols);
    isa::LdCopy data;
    data.src = chunk.address;
    data.dst_space = isa::LdDst::kWb;
    data.dst = slot * cfg_.cols * kBlock;
    data.len = count * U(matrix.block_bytes());
    emit_->Emit(data, {matrix.name, first, chunk.k * kBlock});
    isa::LdCopy scale = data;
    scale.src += data.len;
    scale.dst_space = isa::LdDst::kWbScale;
    scale.dst = set * cfg_.cols * 2;
    scale.len = count * 2;
    emit_->Emit(scale, {matrix.name + ".scale", first, chunk.k * kBlock});
    isa::MxeGemm gemm;
    gemm.ab_gs = U(ab_stride);
    gemm.w_format = matrix.format;
    if (matrix.format == isa::WeightFormat::kMxfp4) gemm.w_scale = isa::ScaleFormat::kBf16;
    gemm.wb = set;
    gemm.wb_ns = U(chunk.blocks);
    gemm.wb_ks = 1;
    gemm.acc = acc;
    gemm.acc_gs = U(groups);
    gemm.rows = U(rows);
    gemm.ncg = U(groups);
    gemm.kb = U(chunk.blocks);
    gemm.order = Groups(rows) < 4 ? isa::LoopOrder::kKOuter : isa::LoopOrder::kNOuter;
    for (int number = pass; number < (passes > 1 ? pass + 1 : numbers); ++number) {
      gemm.ab = (number > 0 ? *rest : ab) + U(chunk.k);
      gemm.accumulate = step > 0 || number > 0 ? 1 : 0;
      emit_->Emit(gemm, {matrix.name + (number > 0 ? ".product.rest" : ".product"), 0, first});
    }
  }
  return {acc, groups, first, groups * cols};
}

}  // namespace wren::compiler
