// What the lists of wren-bench share: options, the table of lists, and how a result is counted.
//
// A list is a function that runs problems on the RTL and reports each result, an object with at
// least "name", "config", "cycles", "macs" and "utilization"; Result() fills in everything that a
// device counts. To add a list: a file with its function, a declaration here, a line in main.cpp.
//
// Cycles are the core's own count (PERF_CYCLES: from the doorbell to the last write), so they are
// the same on every machine and every run. `sim_khz` is the speed of the simulation on this machine
// and wobbles with its load. A cycle is a nanosecond: bytes per cycle are GB/s.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wren/isa/model.h"
#include "wren/runtime/device.h"
#include "wren/runtime/timeline.h"

namespace wren::bench {

struct Options {
  std::string list = "gemm";
  std::string config = "full";
  std::string only;  // attention, minilm, sim, train: problems whose name contains this
  std::string out;
  std::string timeline;        // folder, or empty
  std::string dram = "fixed";  // kind of external memory
  uint64_t seed = 1;
  int layers = 0;                   // of the list 7b-token; 0: all
  int repeat = 1;                   // of the list train
  std::string arithmetic = "host";  // who computes sums and products where both models are there

  // The model whose sums and products the host computes, which there is of `full`.
  bool host_arithmetic() const;

  isa::Config shape() const { return isa::Config::Named(config); }
};

using Report = std::function<void(const nlohmann::json&)>;

struct List {
  const char* name;
  const char* help;
  void (*run)(const Options&, const Report&);
};

// The bytes that a problem has to move, and what they move through.
struct Traffic {
  uint64_t in = 0, out = 0;
  double in_peak = 0, out_peak = 0;  // bytes per cycle
  bool one_way = false;              // in and out share in_peak (a DRAM's data bus)

  uint64_t bytes() const { return in + out; }
  // Cycles that they need.
  double bound() const;

  // Through a core's ports into L2, one beat each way per cycle.
  static Traffic L2(const isa::Config& config, uint64_t in, uint64_t out);
  // Through the external memory of the kind `dram`: a DRAM has one peak for both ways.
  static Traffic Ext(const isa::Config& config, const std::string& dram, uint64_t in, uint64_t out);
};

// What running something on a device cost.
struct Cost {
  runtime::Counters counters;
  double seconds = 0;  // of this process
};
Cost Measure(const runtime::Device& device, const std::function<void()>& run);

// MACs per cycle of the array.
double PeakMacs(const isa::Config& config);

// name, config, cycles, macs, utilization (of the array: the share of the cycles that the MACs
// alone need), bytes, bandwidth_share (the same of the bytes), bound_cycles and share_of_bound (of
// the larger of the two), bytes through the external memory and their rate, each engine's buckets,
// sim_khz, arithmetic (of the model: "rtl" or "host").
nlohmann::json Result(const Options& o, const std::string& name, uint64_t macs,
                      const Traffic& traffic, const Cost& cost);

// The ledger of a network's layers, a program (BuildStep's) at a time; the device records a
// timeline.
class LayerLedger {
 public:
  explicit LayerLedger(runtime::RtlDevice* device);
  // Takes what has run since the last call, or since the ledger was made.
  void Step();
  // An object per layer: name, cycles (they add up to the whole), commands, and for each engine the
  // cycles in which it had a command of the layer under way.
  nlohmann::json Json() const;

 private:
  runtime::RtlDevice* device_;
  size_t seen_ = 0;
  uint64_t cycle_ = 0;
  std::vector<runtime::LayerCost> layers_;
};

// Writes `device`'s timeline to <folder>/<name>.json when o.timeline asks for one.
void WriteTimeline(const Options& o, const runtime::RtlDevice& device, const std::string& name);

// The lists.
void Gemm(const Options& o, const Report& report);
void Decode(const Options& o, const Report& report);
void Mlp(const Options& o, const Report& report);
void Norm(const Options& o, const Report& report);
void Token7b(const Options& o, const Report& report);
void Sim(const Options& o, const Report& report);
void Train(const Options& o, const Report& report);
void Text(const Options& o, const Report& report);
void Isa(const Options& o, const Report& report);
void Dram(const Options& o, const Report& report);
void Attention(const Options& o, const Report& report);
void MiniLm(const Options& o, const Report& report);
void Vit(const Options& o, const Report& report);
void AttentionShort(const Options& o, const Report& report);

}  // namespace wren::bench
