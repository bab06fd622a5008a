// A simulator of synthesized netlists: Yosys' JSON of ECP5 cells (scripts/synth.py), run gate by
// gate in two-valued logic.
//
//   const auto design = wren::sim::NetlistDesign::Load("build/synth/nano.json", "wren_top");
//   wren::sim::NetlistSim sim(design, {});
//   sim.Set(design->Port("rst_ni"), 0); sim.Settle(); sim.Clock(); ...
//   sim.Get(design->Port("irq_o"))
//
// Cells: LUT4, PFUMX, L6MUX21, CCU2C, TRELLIS_FF, TRELLIS_DPR16X4, DP16KD, MULT18X18D; any other,
// and any mode of these that is not modelled (output registers, chip selects, a second clock), is
// an error. The first six follow the Verilog models that come with Yosys; the block RAM and the
// multiplier Lattice's descriptions (ECP5 Memory Usage Guide FPGA-TN-02204, sysDSP Usage Guide
// FPGA-TN-02205):
//   DP16KD      2048 units of 9 bits. A port of 1, 2 or 4 bits addresses the 8 data bits of units,
//   one of 9, 18 or 36 bits whole
//               units; in the last two the lowest address bits enable writes of single units. 36
//               bits: written through port A (DIA the lower, DIB the upper half), read through port
//               B (DOA the lower, DOB the upper half). What one port reads while the other writes
//               it is not defined in the part: here random bits.
//   MULT18X18D  the product of two 18-bit numbers, each signed if its SIGNED pin is 1; without
//   registers.
// Registers and distributed RAM start with random bits, block RAM as INITVAL says, unconnected
// inputs are random constants: a design that depends on them is seen to differ from its RTL.
//
// Only what changes is computed: cells lie in topological order in small groups, a net that changes
// marks the groups that read it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wren::sim {

class NetlistSim;

// What does not change while it runs. Shared by all simulations of it.
class NetlistDesign {
 public:
  struct PortNets {
    std::string name;
    bool input = false;
    std::vector<uint32_t> nets;  // bit 0 first
  };

  // Reads a file of Yosys' write_json and flattens it below `top`. Throws wren::Error for files
  // that are not that, cells that are not modelled, combinational loops and more than one clock.
  static std::shared_ptr<const NetlistDesign> Load(const std::string& file, const std::string& top);
  static std::shared_ptr<const NetlistDesign> Parse(const std::string& json,
                                                    const std::string& top);

  const std::vector<PortNets>& ports() const { return ports_; }
  const PortNets& Port(const std::string& name) const;  // throws wren::Error when there is none

  // How many of each type, by name.
  const std::map<std::string, size_t>& cells() const { return cells_; }
  // LUT4 cells, by their hierarchical names: what can be broken on purpose.
  size_t luts() const { return lut_names_.size(); }
  const std::string& lut_name(size_t lut) const { return lut_names_[lut]; }
  int FindLut(const std::string& name) const;  // -1: none
  // Bit i: whether the constants among the cell's inputs let entry i of its table be read.
  uint16_t reachable(size_t lut) const;

 private:
  friend class NetlistSim;
  friend class NetlistReader;

  enum class Kind : uint8_t { kLut, kCarry, kMult, kRam };
  struct Lut {
    uint32_t in[4], out;
    uint16_t init;
  };
  struct Carry {
    uint32_t in[2][4], cin, sum[2], cout;
    uint16_t init[2];
    bool inject[2];
  };
  struct Mult {
    std::array<uint32_t, 18> a, b;
    std::array<uint32_t, 36> p;
    uint32_t signed_a, signed_b;
  };
  struct Ram {  // TRELLIS_DPR16X4
    std::array<uint32_t, 4> di, wad, rad, dout;
    uint32_t we;
    bool we_invert;
    uint32_t group;  // that reads it
  };
  struct Run {  // consecutive cells of one kind
    Kind kind;
    uint32_t begin, count;
  };
  struct Register {
    uint32_t d, q;
    bool set;
  };
  struct RegisterGroup {
    uint32_t ce, lsr;
    bool ce_invert, lsr_invert, async;
    std::vector<Register> registers;
  };
  enum class WriteMode : uint8_t { kNormal, kThrough, kReadFirst };
  struct BlockPort {
    int width = 0;
    WriteMode mode = WriteMode::kNormal;
    std::array<uint32_t, 14> address;
    std::array<uint32_t, 18> in, out;
    uint32_t ce, we;
    bool read = false;  // somebody uses its output
  };
  struct Block {
    BlockPort port[2];
    bool wide;  // 36 bits: both ports' data
    std::vector<uint16_t> init;
  };

  std::vector<PortNets> ports_;
  std::map<std::string, size_t> cells_;
  std::vector<std::string> lut_names_;
  std::map<std::string, uint32_t> lut_of_;

  uint32_t nets_ = 0;
  std::vector<Lut> luts_;
  std::vector<Carry> carries_;
  std::vector<Mult> mults_;
  std::vector<Ram> rams_;
  std::vector<RegisterGroup> registers_;
  std::vector<Block> blocks_;
  std::vector<Run> runs_;
  std::vector<uint32_t> group_runs_;  // group g: runs [g], [g + 1)
  std::vector<uint32_t> readers_,
      reader_list_;  // net n is read by groups reader_list_[readers_[n] .. readers_[n + 1])
};

struct NetlistOptions {
  uint64_t seed = 1;
  bool random_start =
      true;  // false: registers and distributed RAM start as the part powers up, or with zeros
};

class NetlistSim {
 public:
  NetlistSim(std::shared_ptr<const NetlistDesign> design, const NetlistOptions& options);

  const NetlistDesign& design() const { return *design_; }

  // Inputs take effect, and outputs are valid, at the next Settle. Ports of up to 64 bits, and
  // bytes for any.
  void Set(const NetlistDesign::PortNets& port, uint64_t value);
  void SetBytes(const NetlistDesign::PortNets& port, const uint8_t* bytes);
  uint64_t Get(const NetlistDesign::PortNets& port) const;
  void GetBytes(const NetlistDesign::PortNets& port, uint8_t* bytes) const;

  // Combinational logic and asynchronous resets come to rest.
  void Settle();
  // The rising edge of the one clock, after a Settle.
  void Clock();

  // Flips entries of a LUT's table: a fault. The LUT is one of this simulation only.
  void Break(size_t lut, uint16_t entries);

  // Bit i of [lut]: whether entry i of its table has been read.
  const std::vector<uint16_t>& entries_read() const { return entries_read_; }
  // How much of the netlist has been computed, in groups of cells, since construction; and how many
  // groups there are.
  uint64_t groups_computed() const { return computed_; }
  size_t groups() const { return dirty_groups_; }

 private:
  void Mark(uint32_t net);
  void Put(uint32_t net, uint8_t value) {
    if (value_[net] != value) {
      value_[net] = value;
      Mark(net);
    }
  }
  uint8_t Random() { return static_cast<uint8_t>(Random64() & 1); }
  uint64_t Random64();
  void Compute(uint32_t group);
  void ClockBlock(size_t block);
  uint32_t Address(const NetlistDesign::BlockPort& port) const;

  const std::shared_ptr<const NetlistDesign> design_;
  uint64_t random_;
  std::vector<uint8_t> value_;  // per net
  std::vector<uint16_t> init_;  // per LUT
  std::vector<uint16_t> entries_read_;
  std::vector<std::array<uint8_t, 16>> ram_;
  std::vector<std::vector<uint16_t>> block_;
  std::vector<uint64_t> dirty_;  // a bit per group
  size_t dirty_groups_;
  std::vector<std::pair<uint32_t, uint8_t>> changes_;  // of registers, at an edge
  uint64_t computed_ = 0;
};

}  // namespace wren::sim
