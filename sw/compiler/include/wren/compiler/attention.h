// Attention for many rows at the array's rate: O = softmax(scale * Q K^T) V, head by head.
//
// Numerics (docs/decisions/0005): every row has a reference, the largest of its scaled scores of
// the first 32 keys. Per block of 32 keys f = exp(score - reference), its sum by the GTA's tree,
// and f * (the values' scales) quantized as q8_bf16; O accumulates the products of these blocks
// with V in ascending order; the result is O / (sum of the blocks' sums, 32 at a time by the tree).
// Rows that `two_below` names have what that quantization leaves quantized in the same way again,
// and O accumulates a block's two products one after the other: such rows are within 2e-3 of exact
// arithmetic on the same operands in every element (values of variance 1), docs/decisions/0012.
// Scores may lie about 85 above the reference; beyond, exp overflows and NUMERIC is raised or the
// result is not finite, so a wrong result is never finite. Nothing of this depends on the
// configuration or on how the schedule cuts rows and keys: results are bit-identical everywhere.
// Rows that see no key are zero.
//
// Schedule: a tile of rows (128 on `full`) passes over the keys it sees in blocks of 32. The MXE
// takes turns: scores of one block into a ring in ACC, then one piece (32 columns) of an older
// batch's product with V. The GTA turns each score block straight into probabilities in AB. Batches
// have as many blocks as the head has pieces, so a piece of O is finished, drained and started
// again while the others work, and nothing stops at the end of a tile or a head. K and V of a head
// stay in L2 while there are tiles (or heads of its group) that need them again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/isa/model.h"

namespace wren::compiler {

// What to compute, and where it lies. Keys and values are laid out as the language model's cache:
// per KV head K [keys/COLS][head/32][COLS][32] int8 with FP16 scales in the same order, V
// [keys][head] int8 and one FP16 scale per key; `capacity` keys (a multiple of 32, not less than
// `keys`) from one KV head to the next. What lies between `keys` and the next multiple of 32 may be
// anything.
struct AttentionTask {
  int heads = 1, group = 1;          // query heads; of these, how many share a KV head
  int rows = 0, keys = 0, head = 0;  // head: a multiple of 32
  int capacity = 0;
  bool causal = false;
  int diag = 0;     // causal: row r sees keys 0 .. r + diag
  float scale = 0;  // of the scores
  // Rows that see fewer keys than this have their probabilities multiplied as two numbers, all rows
  // when there are fewer keys (rows in groups of 32, by the first of a group). Not with `moving`.
  int two_below = 0;
  uint64_t k = 0, k_scale = 0, v = 0, v_scale = 0;  // external memory

  // Queries, Q8_0: groups of ROWS rows as AB holds them, [rows/ROWS][head/32][ROWS]. In external
  // memory head after head, each padded to whole groups and to 16 bytes of scales, or in AB.
  bool q_in_ab = false;
  uint64_t q = 0, q_scale = 0;
  uint32_t q_ab = 0, q_ab_head = 0;  // first word; words from head to head

  // The result: FP16 to external memory or FP32 to VM, [head][rows][head], or Q8_0 to AB.
  enum class Out { kExt, kVm, kAb };
  Out to = Out::kExt;
  uint64_t out = 0;
  uint32_t out_vm = 0;
  uint32_t out_ab = 0, out_ab_stride = 0;  // first word; words from row group to row group

  // Whether the program may move to where `keys` is another number of the same blocks of 32.
  bool moving = false;
  std::string name;  // before the labels
};

// The parts of a core that the schedule may use. All of WB and ACC besides.
struct AttentionSpace {
  uint32_t ab = 0, ab_words = 0;
  uint32_t vm = 0, vm_bytes = 0;  // vm: a multiple of 128
  uint32_t l2 = 0, l2_bytes = 0;
  uint32_t exp_of_minus = 0,
           reciprocal = 1;  // tables: exp(-x); 1/x with 0 at 0 and NaN at infinity
  uint64_t tables_ext = 0;  // AttentionTables() in external memory, to be loaded; 0: they are there
  uint64_t identity_ext =
      0;  // for `two_below`: the last part of AttentionConstants() there; 0: none
};

// Whether the space suffices.
bool AttentionFits(const AttentionTask& task, const AttentionSpace& space,
                   const isa::Config& config);

// Emits the commands. Throws wren::Error when the space does not suffice.
void EmitAttention(Emitter* emit, const AttentionTask& task, const AttentionSpace& space,
                   const isa::Config& config);

// The tables the schedule needs, one after the other: exp(-x), then the reciprocal.
std::vector<uint8_t> AttentionTables();

// These tables and an identity matrix as WB takes it: what a problem has at `tables`.
std::vector<uint8_t> AttentionConstants();

// A whole problem in external memory, for tests and measurements.
struct AttentionProblem {
  int heads = 1, group = 1, rows = 0, keys = 0, head = 0;
  bool causal = false;
  int diag = 0;
  int two_below = -1;  // AttentionTask's; -1: DefaultTwoBelow
  uint64_t base = 0;   // first byte to use
  // Filled in by PlaceAttention.
  AttentionTask task;
  uint64_t tables = 0, scratch = 0, end = 0;
};

// The `two_below` that leaves long attention its rate: all rows up to 256 keys; from 1,024 keys on
// the causal rows that see less than an eighth of them.
int DefaultTwoBelow(int keys, bool causal);

// Fills in the addresses and what follows from the shape (capacity, scale 1/sqrt(head)).
void PlaceAttention(AttentionProblem* problem, const isa::Config& config);

// The program, ending with an interrupt; it loads the tables itself.
Program BuildAttention(const AttentionProblem& problem, const isa::Config& config);

}  // namespace wren::compiler
