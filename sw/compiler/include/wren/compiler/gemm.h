// Matrix products at the array's or the memory's rate: C = A * W^T, A {m, k} Q8_0, W {n, k} in any
// format of WB, operands and result in L2 or external memory.
//
// Schedule. Rows go in panels that AB holds twice (or once, when one panel is all), columns in
// tiles that ACC holds a few times; W streams through WB in chunks of a tile by some blocks of k,
// through a ring that the emitter's dependencies guard. A panel passes all of W by; the next
// panel's rows arrive meanwhile. What the ends cost is kept small:
//  - At first nothing is there. The first stripe of columns is several tiles wide (all of ACC) and
//    advances in thin slices of k over all of them, so that the array has as much to do for a
//    slice as its loading takes.
//  - The last tile ends in parts of rows, drained and stored one after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/isa/model.h"

namespace wren::compiler {

// How one W is cut up: stripes of columns, each in slices of k, in the order in which the schedule
// reads them and they lie in memory. A slice is data [groups][blocks][COLS][bytes of a block], then
// scales [groups][blocks][COLS] FP16; its place and size are multiples of 64 bytes.
struct WeightPlan {
  struct Slice {
    int block = 0, blocks = 0;  // of k
    uint64_t offset = 0;        // bytes from the first slice
  };
  struct Stripe {
    int group = 0, groups = 0;  // of COLS columns
    std::vector<Slice> slices;
  };
  int m = 0, n = 0, k = 0;
  isa::WeightFormat format = isa::WeightFormat::kQ8;
  int panel = 0;  // groups of ROWS rows
  int tile = 0;   // column groups of one ACC tile; a stripe holds one or more
  int banks = 0;  // quarters of ACC that a tile of a whole panel takes
  std::vector<Stripe> stripes;
  uint64_t bytes = 0;

  int block_bytes() const { return format == isa::WeightFormat::kQ8 ? 32 : 16; }
};

// m may be any positive number, n and k multiples of 32. Throws wren::Error when k is too large for
// the configuration.
WeightPlan PlanWeights(int m, int n, int k, isa::WeightFormat format, const isa::Config& config);

// The bytes of W in the order of the plan. `q`: blocks as WB takes them, column by column, [n][k /
// 32][block_bytes]; `d`: their scales [n][k / 32].
std::vector<uint8_t> PackWeights(const WeightPlan& plan, const std::vector<uint8_t>& q,
                                 const std::vector<uint16_t>& d, const isa::Config& config);

// Bytes of A {m, k} as Product reads it: data [m/R][k/32][R][32], scales [m/R][k/32][R] (R = ROWS,
// rows above m padded); m = 1: data [k/32][32], scales [k/32][R]. Rounded up to 64.
uint64_t InputBytes(int m, int k, const isa::Config& config);
uint64_t InputScaleBytes(int m, int k, const isa::Config& config);

// A in AB: words [m/R][k/32] from word `ab`.
struct ProductInput {
  uint32_t ab = 0;
  bool load = false;  // from `data`, `scale`; else the rows are there (or will be, from the GTA)
  isa::ExtSpace space = isa::ExtSpace::kL2;
  uint64_t data = 0, scale = 0;  // multiples of 64
};

// A finished part of the result in ACC: rows row .. row+rows-1, columns col .. col+cols-1.
struct ResultTile {
  uint32_t acc = 0, acc_stride = 0;  // GTA fields x, x_stride
  int panel_row = 0;                 // first row of the panel
  int row = 0, rows = 0, col = 0, cols = 0;
};
using Drain = std::function<void(const ResultTile&)>;

// Emits products one after the other; WB and ACC are all its own.
class Products {
 public:
  Products(const isa::Config& config, Emitter* emitter) : cfg_(config), emit_(emitter) {}

  // W at `base` of `space`. AB words that it takes from input.ab on: AbWords(plan).
  void Emit(const WeightPlan& plan, isa::ExtSpace space, uint64_t base, const ProductInput& input,
            const std::string& name, const Drain& drain);
  int AbWords(const WeightPlan& plan) const;

 private:
  uint32_t TakeWb(int sets, isa::WeightFormat format);
  uint32_t TakeAcc(int banks);
  uint32_t LoadWeights(const WeightPlan& plan, const WeightPlan::Stripe& stripe,
                       const WeightPlan::Slice& slice, isa::ExtSpace space, uint64_t base,
                       const std::string& name);
  void LoadInput(const WeightPlan& plan, const ProductInput& input, int group, int groups,
                 int block, int blocks, bool scales, uint32_t ab, const std::string& name);

  isa::Config cfg_;
  Emitter* emit_;
  uint32_t wb_next_ = 0;  // in sets of 4-bit blocks
  int acc_next_ = 0;      // in quarters
};

enum class ResultFormat { kF32, kQ80 };

// Where a result goes: row-major, [m][n] F32, or [m][n] int8 and [m][n/32] FP16 scales.
struct ResultPlace {
  isa::ExtSpace space = isa::ExtSpace::kL2;
  ResultFormat format = ResultFormat::kF32;
  uint64_t data = 0, scale = 0;
};

// Takes tiles through VM to their place. Two buffers of half of VM from `vm` on.
class ResultStore {
 public:
  ResultStore(const isa::Config& config, Emitter* emitter, const WeightPlan& plan,
              const ResultPlace& place, uint32_t vm, uint32_t vm_bytes, std::string name);
  // `shape` (may be null) adds to the command that drains the tile.
  void operator()(const ResultTile& tile);
  void set_shape(std::function<void(const ResultTile&, isa::GtaOp*)> shape) {
    shape_ = std::move(shape);
  }

 private:
  isa::Config cfg_;
  Emitter* emit_;
  ResultPlace place_;
  uint32_t vm_, half_;
  std::string name_;
  int n_, width_, last_;  // columns: of the result, of a store, where the last store begins
  int turn_ = 0;
  std::function<void(const ResultTile&, isa::GtaOp*)> shape_;
};

struct GemmProblem {
  int m = 0, n = 0, k = 0;
  isa::WeightFormat format = isa::WeightFormat::kQ8;
  ResultFormat result = ResultFormat::kF32;
  // Where the operands and the result are.
  isa::ExtSpace a_space = isa::ExtSpace::kL2, w_space = isa::ExtSpace::kL2,
                c_space = isa::ExtSpace::kL2;
  uint64_t a = 0, a_scale = 0, w = 0, c = 0, c_scale = 0;  // multiples of 64
};

// Lays operands and result out one after the other: what is in L2 from L2 address 0, what is in
// external memory from `ext` on. Fills in the addresses.
struct GemmBytes {
  uint64_t l2 = 0, ext = 0;  // first free bytes
};
GemmBytes PlaceGemm(GemmProblem* problem, const isa::Config& config, uint64_t ext = 0);

// The program, ending with an interrupt. Throws wren::Error when the problem does not fit.
Program BuildGemm(const GemmProblem& problem, const isa::Config& config);

}  // namespace wren::compiler
