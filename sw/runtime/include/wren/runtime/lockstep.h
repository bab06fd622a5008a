// Lockstep: compares every architectural write of the RTL, in the cycle it happens, with the
// instruction-set model.
//
// When the RTL hands a command to its engine, the model executes it whole (its operands are final
// then: the semaphores say so) and leaves the expected writes, in order, in a queue per stream;
// each write of the RTL must be the next of its stream, and a command that retires must have made
// all of its. The first difference throws Mismatch.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/error.h"
#include "wren/isa/model.h"
#include "wren/sim/rtl_core.h"

namespace wren::runtime {

// The first wrong write.
struct MismatchInfo {
  uint64_t cycle = 0;
  sim::Engine engine = sim::Engine::kCtl;
  uint32_t index = 0;                // command, counted as TAIL does
  std::string command;               // disassembly
  std::string stream;                // "ACC", "VM", ...
  std::string tensor;                // the compiler's name, or empty
  int row = -1, col = -1;            // element of the tensor, or -1
  std::string place;                 // address in the memory's own terms
  std::string got, want;             // value and bits
  std::vector<std::string> history;  // last commands of the engine, oldest first
  std::string rerun;                 // the line to copy
  std::string ToString() const;      // one screen
};

class Mismatch : public Error {
 public:
  explicit Mismatch(MismatchInfo info) : Error(info.ToString()), info_(std::move(info)) {}
  const MismatchInfo& info() const { return info_; }

 private:
  MismatchInfo info_;
};

class Lockstep : public sim::WriteObserver {
 public:
  // `ext_bytes` of external memory from address 0, a copy of the RTL's. `describe_run` says how to
  // rerun: test, configuration, seed.
  Lockstep(const isa::Config& config, uint64_t ext_bytes, sim::RtlCore* rtl, std::string test,
           uint64_t seed);
  ~Lockstep() override;

  // Names for the commands from index `first` on; the program must outlive its run.
  void SetProgram(const compiler::Program* program, uint32_t first);
  // The host wrote external memory.
  void Write(uint64_t addr, const void* data, size_t n) { memory_.Write(addr, data, n); }
  isa::Model& model() { return model_; }
  // Writes compared so far (an ACC word counts as one).
  uint64_t compared() const { return compared_; }
  // Throws when a write is still expected although everything has retired.
  void CheckDrained() const;

  void OnIssue(sim::Engine engine, uint32_t index, const uint8_t* command) override;
  void OnRetire(sim::Engine engine, uint32_t index) override;
  void OnAcc(uint32_t word, uint32_t row_mask, const uint32_t* data) override;
  void OnGta(uint32_t addr, const uint8_t* bytes, uint32_t n) override;
  void OnGtaScale(uint32_t addr, uint16_t scale) override;
  void OnRed(uint32_t addr, uint32_t value) override;
  void OnGtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) override;
  void OnLd(sim::LdSpace space, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
            uint32_t granule) override;
  void OnSt(bool l2, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
            uint32_t granule) override;

 private:
  class Sink;
  struct Issued {
    uint32_t index;
    compiler::CommandBytes bytes;
  };
  // Expected bytes of one stream: runs of bytes at addresses, each of one command.
  struct Run {
    uint32_t index;
    int space;
    uint64_t addr;
    size_t begin, end;  // in `bytes`
  };
  struct Stream {
    const char* name;
    std::vector<Run> runs;
    std::vector<uint8_t> bytes;
    size_t head = 0;    // first run not yet complete
    size_t offset = 0;  // bytes of it already seen
    void Push(uint32_t index, int space, uint64_t addr, const void* data, size_t n);
    void Compact();
  };
  struct AccStep {
    uint32_t index, word, mask;
  };

  void Expect(Stream* stream, sim::Engine engine, int space, uint64_t addr, const uint8_t* data,
              size_t n);
  [[noreturn]] void Report(sim::Engine engine, const char* stream, uint32_t index, uint64_t addr,
                           std::string place, std::string got, std::string want, int element_bytes);
  [[noreturn]] void Unexpected(sim::Engine engine, const char* stream, std::string place,
                               std::string got);
  const Issued* FindIssued(sim::Engine engine, uint32_t index) const;
  void Locate(const Issued& issued, const char* stream, uint64_t addr, int element_bytes,
              MismatchInfo* info) const;
  uint32_t Newest(sim::Engine engine) const;

  mutable isa::FlatMemory memory_;
  isa::Model model_;
  sim::RtlCore* rtl_;
  std::string test_;
  uint64_t seed_;
  const compiler::Program* program_ = nullptr;
  uint32_t program_first_ = 0;
  std::unique_ptr<Sink> sink_;
  uint32_t current_ = 0;  // command the model executes now
  std::deque<Issued> issued_[5];
  Stream gta_{"VM", {}, {}}, scale_{"VM scale", {}, {}}, red_{"VM reduction", {}, {}},
      gta_ab_{"AB", {}, {}}, ld_{"LD", {}, {}}, st_{"ST", {}, {}};
  std::vector<AccStep> acc_steps_;
  std::vector<uint32_t> acc_data_;
  size_t acc_head_ = 0;
  uint64_t compared_ = 0;
};

}  // namespace wren::runtime
