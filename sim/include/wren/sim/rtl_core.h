// RtlCore: the Verilated Wren behind one abstract class. Callers see no Verilated header.
//
//   auto rtl = wren::sim::RtlCore::Create(wren::sim::Config::kNano, {});
//   rtl->MemWrite(0x1000, program.data(), program.size());
//   rtl->CsrWrite(kRingLo, 0x1000); ... rtl->CsrWrite(kTail, 12);
//   rtl->RunUntilIrq(1000000);
//
// Each configuration is a library of its own: link wren_rtl_nano, wren_rtl_small, wren_rtl_full
// (one program may hold several), or wren_rtl_<config>_trace for FST waves. Linking registers it.
// wren_rtl_full_host is `full` with the host's arithmetic (RtlOptions::host_arithmetic).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wren/sim/axi_memory.h"

namespace wren::sim {

// The configurations of wren_pkg::config_of, with the same numbers.
enum class Config { kNano = 0, kSmall = 1, kFull = 2 };

// "nano", "small", "full". ParseConfig throws wren::Error for any other name.
const char* ConfigName(Config config);
Config ParseConfig(const std::string& name);

// Engines, with the numbers of spec/isa.yaml's enum `engine`.
enum class Engine { kCtl = 0, kLd = 1, kSt = 2, kMxe = 3, kGta = 4 };

// Memories an LD write can go to, with the numbers of spec/isa.yaml's enum `ld_dst`.
enum class LdSpace { kAb = 0, kAbScale = 1, kWb = 2, kWbScale = 3, kVm = 4, kLut = 5, kL2 = 6 };

// Receives every architectural write and every issue and retire of one core, in the cycle in which
// its monitor register shows it (RtlCore::cycle()). Streams of different engines interleave as they
// happen; inside a stream the order is that of docs/spec-notes.md. Pointers are valid during the
// call.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;

  // A command (64 bytes) has been handed to its engine; index counts as TAIL does. ctl commands are
  // reported when they execute.
  virtual void OnIssue(Engine engine, uint32_t index, const uint8_t* command) = 0;
  // A command has retired: its writes are done, its posts take effect.
  virtual void OnRetire(Engine engine, uint32_t index) = 0;

  // MXE wrote ACC word `word`: rows * cols values, row-major. Bit r of row_mask: row r was written;
  // values of other rows mean nothing.
  virtual void OnAcc(uint32_t word, uint32_t row_mask, const uint32_t* data) = 0;

  // GTA wrote n result bytes at VM byte address `addr`: a beat, that is a whole block or a part of
  // one. The bytes of a row come in ascending order.
  virtual void OnGta(uint32_t addr, const uint8_t* bytes, uint32_t n) = 0;
  // GTA wrote a Q8_0 block's scale (FP16) at VM byte address `addr`.
  virtual void OnGtaScale(uint32_t addr, uint16_t scale) = 0;
  // GTA wrote a reduction at VM byte address `addr`.
  virtual void OnRed(uint32_t addr, uint32_t value) = 0;
  // GTA wrote block (word, lane) of AB: 32 bytes and its scale.
  virtual void OnGtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) = 0;

  // LD wrote one beat: `bytes` bytes at byte address `addr` (beat-aligned) of `space`. Bit i of
  // strb covers bytes [i*granule, (i+1)*granule) of the beat.
  virtual void OnLd(LdSpace space, uint64_t addr, const uint8_t* data, uint32_t bytes,
                    uint64_t strb, uint32_t granule) = 0;
  // ST wrote one beat: to external memory (the AXI W channel; one strobe bit per byte, granule 1)
  // or to L2 (granule 2).
  virtual void OnSt(bool l2, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
                    uint32_t granule) = 0;
};

// What the external memory does; the rest of AxiMemoryConfig follows from the configuration.
struct MemoryOptions {
  uint64_t bytes = uint64_t{1} << 30;  // from address 0, zero at first; beyond it: DECERR. Host
                                       // memory is used as pages are touched.
  int latency_min = 60;                // cycles, drawn per burst
  int latency_max = 60;
  int stall_percent = 0;                 // chance per cycle and channel of a stall
  bool interleave = false;               // mix beats of read bursts with different IDs
  MemoryKind kind = MemoryKind::kFixed;  // others: DRAM timing (dram.h) in place of the latency
  bool procedural = false;  // never-written pages read as ProceduralContents, not as zeros
  std::vector<ProceduralRegion> regions;  // of them
  uint64_t controller_ps = kAxiNever;     // as in MemoryConfig
  uint64_t cycle_ps = 1000;
  int max_reads = 256, max_writes = 256;  // bursts the port accepts at a time
};

struct RtlOptions {
  uint64_t seed = 1;  // all randomness of the memory
  MemoryOptions memory;
  std::string trace_file;          // FST; needs the configuration's _trace library
  uint64_t trace_from = 0;         // first cycle in the trace
  uint64_t trace_to = UINT64_MAX;  // last cycle in the trace
  bool run_idle_clocks = false;    // also those of idle units: slower, and all else is the same
  bool host_arithmetic = false;  // the model whose sums and products the host computes: faster, and
                                 // all else is the same; needs the configuration's _host library
};

// The external memory that these options ask for.
AxiMemoryConfig MemoryConfigOf(const RtlOptions& options, int bus_bytes);

// Sizes of a configuration, read from the CSRs.
struct RtlShape {
  uint32_t rows, cols, lanes, bus;
  uint32_t ab_bytes, wb_bytes, vm_bytes, acc_bytes, l2_bytes;
  uint32_t tables, sems, cores;
};

class RtlCore {
 public:
  // A model out of reset, CTRL.ENABLE = 0. Throws wren::Error when the configuration (with or
  // without tracing, as options.trace_file asks, or with the host's arithmetic) is not linked in.
  static std::unique_ptr<RtlCore> Create(Config config, const RtlOptions& options = {});
  virtual ~RtlCore() = default;

  virtual Config config() const = 0;
  virtual const RtlShape& shape() const = 0;

  // External memory: faults (AddFault) and counters. Cores that Create made have one; others, whose
  // memory is behind a bus of their own, throw wren::Error.
  virtual AxiMemory& memory() = 0;
  // Backdoor to its bytes, which takes no simulated time; do not change bytes that a transfer under
  // way covers.
  virtual void MemWrite(uint64_t addr, const void* data, size_t n) = 0;
  virtual void MemRead(uint64_t addr, void* data, size_t n) = 0;

  // One AXI4-Lite access through the real port; takes simulated cycles. The first two throw
  // wren::Error on SLVERR; the Try forms return the response (0 OKAY, 2 SLVERR).
  void CsrWrite(uint32_t offset, uint32_t value);
  uint32_t CsrRead(uint32_t offset);
  virtual int TryCsrWrite(uint32_t offset, uint32_t value) = 0;
  virtual int TryCsrRead(uint32_t offset, uint32_t* value) = 0;

  // Time. A failing RTL assertion throws wren::Error from any of these (in models built with them).
  virtual void Step(uint64_t cycles) = 0;
  // Steps until irq_o is high; false when max_cycles pass first.
  virtual bool RunUntilIrq(uint64_t max_cycles) = 0;
  // Steps until HEAD == TAIL and everything has retired, or the core halted; false when max_cycles
  // pass first. Looks at the core's registered busy signal, not at CSRs.
  virtual bool RunUntilIdle(uint64_t max_cycles) = 0;
  virtual uint64_t cycle() const = 0;
  virtual bool irq() const = 0;

  // Null: none (and then monitors cost nothing). Not owned.
  virtual void SetObserver(WriteObserver* observer) = 0;

  // What every engine waits for, in words: for the report of a hang.
  virtual std::string Describe() = 0;

 protected:
  // How long reset is held and given to take effect after construction, and an access may last.
  static constexpr uint64_t kResetCycles = 4, kAfterResetCycles = 24;
  static constexpr int kCsrCycles = 1000;
  RtlShape ReadShape();
};

}  // namespace wren::sim
