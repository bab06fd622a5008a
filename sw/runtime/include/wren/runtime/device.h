// Device: a Wren core with its external memory, behind one interface. IsaDevice is the
// instruction-set model; RtlDevice the Verilated RTL, optionally with the lockstep checker beside
// it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/isa/model.h"
#include "wren/runtime/lockstep.h"
#include "wren/runtime/timeline.h"
#include "wren/sim/rtl_core.h"

namespace wren::runtime {

constexpr int kBuckets = 6;  // enum bucket of spec/csr.yaml
extern const char* const kBucketNames[kBuckets];
constexpr int kEngines = 4;  // LD, ST, MXE, GTA
extern const char* const kEngineNames[kEngines];

// What programs cost; all zero on devices without time.
struct Counters {
  uint64_t cycles = 0;                                             // while a program ran
  std::array<std::array<uint64_t, kBuckets>, kEngines> engines{};  // each sums to cycles
  uint64_t read_bytes = 0, write_bytes = 0, fetch_bytes = 0;       // AXI
  uint64_t commands = 0;

  Counters& operator+=(const Counters& other);
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const isa::Config& config() const = 0;

  // External memory, between programs.
  virtual void Write(uint64_t addr, const void* data, size_t n) = 0;
  virtual void Read(uint64_t addr, void* data, size_t n) const = 0;

  // Runs a program to its end. Throws wren::Error when the core halts (naming command, cause and
  // tensor), hangs, or when the lockstep checker finds a wrong value.
  virtual void Run(const compiler::Program& program) = 0;

  // Whether NUMERIC was raised since the last call (or the start).
  virtual bool TakeNumeric() = 0;

  // Since construction.
  virtual const Counters& counters() const = 0;
};

class IsaDevice : public Device {
 public:
  // `ext_bytes` of external memory from address 0.
  IsaDevice(const isa::Config& config, uint64_t ext_bytes);

  const isa::Config& config() const override { return model_.config(); }
  void Write(uint64_t addr, const void* data, size_t n) override { memory_.Write(addr, data, n); }
  void Read(uint64_t addr, void* data, size_t n) const override;
  void Run(const compiler::Program& program) override;
  bool TakeNumeric() override;
  const Counters& counters() const override { return counters_; }

  // Called after every command, with the label the compiler gave it.
  using Hook = std::function<void(const compiler::CommandBytes&, const compiler::Label&)>;
  void set_hook(Hook hook) { hook_ = std::move(hook); }
  isa::Model& model() { return model_; }

 private:
  mutable isa::FlatMemory memory_;
  isa::Model model_;
  Hook hook_;
  Counters counters_;
};

struct RtlDeviceOptions {
  sim::RtlOptions rtl;
  bool lockstep = true;               // compare every architectural write as it happens
  bool timeline = false;              // record when commands issue and retire
  uint64_t max_cycles_idle = 200000;  // no command retired for so long: report a hang
  std::string test;                   // how to run this again, for the report of a wrong value
  // Called now and then while a program runs, with the commands retired and the cycles so far.
  std::function<void(uint32_t, uint64_t)> progress;
};

class RtlDevice : public Device {
 public:
  RtlDevice(sim::Config config, uint64_t ext_bytes, const RtlDeviceOptions& options);
  // The same driver on a core that exists already, fresh out of reset (the SystemC platform's);
  // options.rtl.seed and .memory describe it.
  RtlDevice(std::unique_ptr<sim::RtlCore> core, uint64_t ext_bytes,
            const RtlDeviceOptions& options);

  const isa::Config& config() const override { return config_; }
  void Write(uint64_t addr, const void* data, size_t n) override;
  void Read(uint64_t addr, void* data, size_t n) const override;
  void Run(const compiler::Program& program) override;
  bool TakeNumeric() override;
  const Counters& counters() const override { return counters_; }

  sim::RtlCore& rtl() { return *rtl_; }
  const Lockstep* lockstep() const { return lockstep_.get(); }
  const Timeline* timeline() const { return timeline_.get(); }

 private:
  uint64_t Read64(uint32_t offset);
  void ThrowHalt(const compiler::Program& program, uint32_t base);

  isa::Config config_;
  RtlDeviceOptions options_;
  std::unique_ptr<sim::RtlCore> rtl_;
  std::unique_ptr<Lockstep> lockstep_;
  std::unique_ptr<Timeline> timeline_;
  Counters counters_;
  uint32_t tail_ = 0;
};

}  // namespace wren::runtime
