// A netlist beside the RTL it was made from: RtlPins that drive both with the same inputs and
// compare every output in every cycle. Whoever runs the pins (a memory, a test, wren::runtime) sees
// the RTL.
//
//   const NetlistBeside beside(design, {});      // every core made while it lives gets the netlist
//   beside it auto rtl = RtlCore::Create(Config::kNano, {});
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "wren/error.h"
#include "wren/sim/netlist.h"
#include "wren/sim/rtl_pins.h"

namespace wren::sim {

struct NetlistPinsOptions {
  NetlistOptions netlist;
  std::vector<std::pair<size_t, uint16_t>> broken;  // LUTs and the entries of their tables to flip
};

// What the comparisons of the cores made by a NetlistBeside add up to.
struct NetlistCounts {
  uint64_t cycles = 0;
  uint64_t beats = 0;  // valid payloads compared: of AR, AW, W and the CSRs' answers
  uint64_t groups_computed = 0, groups_total = 0;
  std::vector<uint16_t>
      entries_read;    // of the LUTs' tables, as in NetlistSim; of cores that are gone
  double seconds = 0;  // of processor time, of the netlist alone
};

// Cycle, signal and both values of the first difference.
class NetlistMismatch : public Error {
 public:
  using Error::Error;
};

// Payloads are compared while their valid is high. The first difference throws NetlistMismatch.
std::unique_ptr<RtlPins> PutNetlistBeside(std::unique_ptr<RtlPins> rtl,
                                          std::shared_ptr<const NetlistDesign> design,
                                          const NetlistPinsOptions& options, NetlistCounts* counts);

class NetlistBeside {
 public:
  NetlistBeside(std::shared_ptr<const NetlistDesign> design, const NetlistPinsOptions& options);
  ~NetlistBeside();
  NetlistBeside(const NetlistBeside&) = delete;
  NetlistBeside& operator=(const NetlistBeside&) = delete;
  const NetlistCounts& counts() const { return *counts_; }

 private:
  const std::unique_ptr<NetlistCounts> counts_;
};

}  // namespace wren::sim
