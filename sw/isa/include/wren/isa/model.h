// The instruction-set model: executes Wren commands to the bit, without time.
//
// It is the reference for the RTL: docs/spec-notes.md and the numerics of the architecture are what
// it implements, and every architectural write can be observed in the order the RTL makes it. One
// Model is one core. Not thread-safe; different Models may run on different threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wren/isa/csr.h"
#include "wren/isa/isa.h"

namespace wren::isa {

inline constexpr size_t kTableBytes = 4096;  // one LUT table
inline constexpr uint32_t kSemaphores = 32;
inline constexpr uint32_t kMaxSemaphore = 255;
inline constexpr uint64_t kExtBytes = uint64_t{1} << 40;

// Sizes of one configuration; memories in bytes (rtl/pkg/wren_pkg.sv, config_of).
struct Config {
  uint32_t rows = 0;   // MXE rows
  uint32_t cols = 0;   // MXE columns
  uint32_t lanes = 0;  // GTA lanes (no influence on results)
  uint32_t bus = 0;    // bytes per beat (no influence on results)
  uint32_t ab = 0;     // AB data; its scales take 1/16 of that beside it
  uint32_t wb = 0;     // WB data; its scales, enough for 4-bit blocks, take 1/8 of that beside it
  uint32_t vm = 0;
  uint32_t acc = 0;
  uint32_t l2 = 0;
  uint32_t tables = 0;  // LUT tables of kTableBytes

  // "nano", "small" or "full"; throws wren::Error for other names.
  static Config Named(std::string_view name);

  uint32_t AbWords() const { return ab / (rows * 32); }
  // Sets of COLS weight blocks, which take 32 bytes each, or 16 when packed to 4 bits.
  uint32_t WbSets(WeightFormat format = WeightFormat::kQ8) const {
    return wb / (cols * (format == WeightFormat::kQ8 ? 32 : 16));
  }
  uint32_t WbScaleBytes() const { return wb / 8; }
  uint32_t AccWords() const { return acc / (rows * cols * 4); }
};

// The memories as monitors and the write sink name them.
enum class Space : uint8_t { kExt, kL2, kAb, kAbScale, kWb, kWbScale, kVm, kLut };
const char* Name(Space space);

// Error codes of spec/csr.yaml (enum error).
using Fault = csr::ErrorCode;

// What a command did. With fault != kNone the core would have halted: the fields are those of the
// error record.
struct Status {
  Fault fault = Fault::kNone;
  Engine engine = Engine::kCtl;  // kCtl also for an unknown opcode
  uint32_t info = 0;             // as csr.yaml says for the fault
  uint64_t addr = 0;             // AXI faults: address
  bool ok() const { return fault == Fault::kNone; }
  std::string ToString() const;
};

// Thrown by an ExtMemory for an address that answers with an error; becomes axi_read or axi_write.
struct AxiFault {
  uint64_t addr;
  uint8_t response;  // AXI: SLVERR 2, DECERR 3
};

// External memory as the core's AXI port sees it (byte addresses below 2^40).
class ExtMemory {
 public:
  virtual ~ExtMemory() = default;
  virtual void Read(uint64_t addr, void* data, size_t n) = 0;
  virtual void Write(uint64_t addr, const void* data, size_t n) = 0;
};

// `size` bytes at `base`, zero at first; everything else answers DECERR.
class FlatMemory : public ExtMemory {
 public:
  explicit FlatMemory(size_t size, uint64_t base = 0) : base_(base), bytes_(size) {}
  void Read(uint64_t addr, void* data, size_t n) override;
  void Write(uint64_t addr, const void* data, size_t n) override;
  std::vector<uint8_t>& bytes() { return bytes_; }
  uint64_t base() const { return base_; }

 private:
  size_t Offset(uint64_t addr, size_t n) const;
  uint64_t base_;
  std::vector<uint8_t> bytes_;
};

// Receives every architectural write of a command, in the order of docs/spec-notes.md ("Order of
// architectural writes"). Pointers are valid during the call only. The model's own memory already
// holds the value.
class WriteSink {
 public:
  virtual ~WriteSink() = default;
  // One MXE step: bit r of rowmask set: row r of ACC word `word` was written. data[r * COLS + c] is
  // the whole word after the write, so rows outside the mask show what they held.
  virtual void Acc(uint32_t word, uint32_t rowmask, const uint32_t* data) = 0;
  // GTA results to VM: one block of 32 elements (n = 32 * element bytes).
  virtual void Gta(uint32_t addr, const uint8_t* data, uint32_t n) = 0;
  // Scale of a q8_0 or q8_bf16 block to VM (after its data).
  virtual void GtaScale(uint32_t addr, uint16_t scale) = 0;
  // GTA block to AB: 32 bytes and the scale.
  virtual void GtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) = 0;
  // GTA reduction result to VM.
  virtual void Red(uint32_t addr, uint32_t value) = 0;
  // LD write: one whole run (`len` bytes), or one 32-byte block of ld.transpose.
  virtual void Ld(Space space, uint64_t addr, const uint8_t* data, uint32_t n) = 0;
  // ST write: one whole run; space is kExt or kL2.
  virtual void St(Space space, uint64_t addr, const uint8_t* data, uint32_t n) = 0;
};

// Result of running a program in order.
struct RunResult {
  Status status;        // of the first command that faulted
  size_t executed = 0;  // commands that retired; with a fault, the index of the faulting command
};

class Model {
 public:
  // `ext` must outlive the model.
  Model(const Config& config, ExtMemory& ext);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Config& config() const { return config_; }

  // Power-up: memories and semaphores zero, flags clear. External memory is left alone.
  void Reset();
  // CTRL.SOFT_RESET: semaphores and flags only.
  void SoftReset();

  // Checks a command as the dispatcher does, without executing it. Order: opcode; fields
  // (CheckFields of isa.h, then the table number against the configuration); then operands in the
  // order of enum operand, alignment before range. `len` (and ld.transpose's n1) belongs to the
  // first operand the command has: src, or dst for ld.fill.
  Status Check(const uint8_t* command) const;

  // Checks and executes one command without looking at its waits or making its posts: for callers
  // that order commands themselves, such as a lockstep checker that executes when the RTL issues. A
  // fault of the check writes nothing. ld.gather: an index that leads beyond the source memory is
  // kOutOfRange of src when its run is reached.
  Status Execute(const uint8_t* command, WriteSink* sink = nullptr);

  // The same with semaphores: takes both waits, executes, posts. Throws wren::Error when a wait
  // does not hold: in program order it never would. (Two waits on one semaphore need the sum.)
  Status Step(const uint8_t* command, WriteSink* sink = nullptr);

  // Steps through `count` commands of 64 bytes; stops at the first fault.
  // Throws wren::Error, naming the command's index, when a wait can never hold.
  RunResult RunProgram(const uint8_t* commands, size_t count, WriteSink* sink = nullptr);

  // Sticky STATUS.NUMERIC.
  bool numeric() const { return numeric_; }
  void ClearNumeric() { numeric_ = false; }

  // Memories, in the layouts of docs/spec-notes.md. acc()[(word * ROWS + r) * COLS + c] holds bits.
  std::vector<uint8_t>& ab() { return ab_; }
  std::vector<uint8_t>& ab_scale() { return ab_scale_; }
  std::vector<uint8_t>& wb() { return wb_; }
  std::vector<uint8_t>& wb_scale() { return wb_scale_; }
  std::vector<uint8_t>& vm() { return vm_; }
  std::vector<uint32_t>& acc() { return acc_; }
  std::vector<uint8_t>& l2() { return l2_; }
  std::vector<uint8_t>& lut() { return lut_; }
  std::array<uint8_t, kSemaphores>& semaphores() { return semaphores_; }
  ExtMemory& ext() { return ext_; }

 private:
  class Impl;

  Config config_;
  ExtMemory& ext_;
  std::vector<uint8_t> ab_, ab_scale_, wb_, wb_scale_, vm_, l2_, lut_;
  std::vector<uint32_t> acc_;
  std::array<uint8_t, kSemaphores> semaphores_{};
  bool numeric_ = false;
  std::unique_ptr<Impl> impl_;
};

// The GTA's table function on n values, by the code the model itself uses. `table` holds
// kTableBytes. Sets and restores the floating-point mode itself.
void EvalTable(const uint8_t* table, const float* x, float* y, size_t n);

}  // namespace wren::isa
