// What compiled networks have in common: their constants in external memory, and products whose
// weights come through WB in turns.
//
// A matrix {n, k} is cut into column tiles and these into chunks along k, so that a chunk fits a
// slot of WB and the tile's results a slot of ACC; a chunk is one run of bytes, data then scales,
// as WB takes them. Products take the slots of WB and ACC in turns, so that the next chunk is
// loaded, and the last tile drained, beside the product under way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/formats/model_file.h"
#include "wren/isa/model.h"

namespace wren::compiler {

// Bytes to put into external memory before the first program.
struct Image {
  uint64_t address = 0;
  std::vector<uint8_t> bytes;
  std::string name;
};

class Network {
 public:
  const std::vector<Image>& images() const { return images_; }
  uint64_t ext_end() const { return ext_end_; }

 protected:
  struct Chunk {        // of a column tile
    int first, groups;  // column groups (of COLS)
    int k, blocks;      // k blocks
    uint64_t address;   // of the data; the scales follow
  };
  struct Matrix {  // {n, k} weights
    std::string name;
    int n = 0, k = 0;  // padded
    isa::WeightFormat format = isa::WeightFormat::kQ8;
    int tiles = 0, tile_chunks = 0;  // column tiles, and chunks of each
    std::vector<Chunk> chunks;       // column tile major

    bool packed() const { return format != isa::WeightFormat::kQ8; }
    int block_bytes() const;  // of a block of 32 weights, without its scale
  };
  struct Vector {
    std::string name;
    uint64_t address = 0;
    int n = 0;  // padded
  };
  struct Tile {  // a finished ACC tile
    uint32_t acc;
    int groups;     // ACC words per row group
    int col, cols;  // first column, columns
  };
  // The rows of these tensors, one tensor below the other. Row i of the result is row rows[..][i]
  // of its tensor, or zero where the map says -1; column j likewise (no map: as they are).
  struct Source {
    std::vector<const Tensor*> parts;
    std::vector<std::vector<int>> rows;  // of each part
    std::vector<int> cols;
  };

  Network(const isa::Config& config, const Hyperparameters& hp, Architecture arch)
      : cfg_(config), hp_(hp), arch_(arch) {}

  // Element i of the result is i, or -1 for i >= n.
  static std::vector<int> Identity(int n, int padded);
  // `count` heads of `head_dim` values at distances of `padded`.
  static std::vector<int> Heads(int count, int head_dim, int padded);

  // Sharing out VM (bytes) and AB (words). They may take more than there is: compare vm_next_ and
  // ab_next_ afterwards.
  uint32_t TakeVm(uint64_t bytes);
  uint32_t TakeAb(uint64_t words);

  // Placing constants behind next_.
  uint64_t Place(std::vector<uint8_t> bytes, const std::string& name);
  Vector PlaceVector(const std::vector<float>& values, int padded, const std::string& name);
  // Rows of a tensor in FP32, each padded to `cols` values.
  Vector PlaceRows(const Tensor& tensor, int cols, const std::string& name);
  // How a matrix is cut, without addresses. Tiles are multiples of `quantum` columns.
  Matrix PlanMatrix(int n, int k, isa::WeightFormat format, const std::string& name,
                    int quantum) const;
  // {n, k}: 4-bit tensors of one type as the file has them, anything else as Q8_0.
  Matrix PlaceMatrix(const Source& source, int n, int k, const std::string& name, int quantum);

  // Steps.
  int Groups(int rows) const {
    return (rows + static_cast<int>(cfg_.rows) - 1) / static_cast<int>(cfg_.rows);
  }
  // The next slot of WB: its first set in sets of 8-bit blocks (twice that in sets of 4-bit ones).
  uint32_t NextWb();
  uint32_t NextAcc();  // the next slot of ACC: its first word
  uint32_t LoadVector(const Vector& vector);
  // Column tile `tile` of {rows, k} from `ab` on, `ab_stride` words from row group to row group,
  // times the matrix. `rest`: where the second Q8_0 number of each value lies, which is added.
  Tile EmitTile(const Matrix& matrix, int tile, uint32_t ab, int ab_stride, int rows,
                std::optional<uint32_t> rest = std::nullopt);
  // All of them, each handed to `drain` before the next is begun.
  template <class Drain>
  void EmitGemm(const Matrix& matrix, uint32_t ab, int ab_stride, int rows, Drain drain,
                std::optional<uint32_t> rest = std::nullopt) {
    for (int i = 0; i < matrix.tiles; ++i) drain(EmitTile(matrix, i, ab, ab_stride, rows, rest));
  }

  isa::Config cfg_;
  Hyperparameters hp_;
  Architecture arch_;
  int rows_ = 0;  // that the buffers hold
  int wb_slots_ = 2, wb_slot_sets_ = 0, acc_slot_words_ = 0, tile_cols_ = 0;

  std::vector<Image> images_;
  uint64_t next_ = 0, ext_end_ = 0, constant_begin_ = 0, constant_end_ = 0;
  uint32_t vm_next_ = 0, ab_next_ = 0;
  uint32_t vm_vec_[4] = {};  // where vectors are loaded to, in turns

  std::unique_ptr<Emitter> emit_;
  int wb_turn_ = 0, acc_turn_ = 0, vec_turn_ = 0;

 private:
  // Blocks as WB holds them, row by row, and their scales.
  struct Blocks {
    std::vector<uint8_t> q;
    std::vector<uint16_t> d;
  };
  static Blocks PackedBlocks(const Source& source, int n, int k, isa::WeightFormat format);
  static Blocks Q8Blocks(const Source& source, int n, int k);
};

inline int Pad(int n, int to) { return (n + to - 1) / to * to; }
inline uint64_t Pad64(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

}  // namespace wren::compiler
