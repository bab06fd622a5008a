// What an external memory holds and how long it takes, without a port: both users of it, AxiMemory
// and the SystemC platform's TLM target, are these two classes behind a port of their own, so that
// a program takes the same cycles on either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "wren/sim/axi_port.h"
#include "wren/sim/dram.h"

namespace wren::sim {

// A part of a memory whose never-written words of 32 bits are (hash & keep) | set: with the right
// masks numbers of some format and range.
struct ProceduralRegion {
  uint64_t first = 0, bytes = 0;  // multiples of 8
  uint32_t keep = 0xFFFFFFFFu, set = 0;
};

// What never-written memory holds. Outside the regions: ProceduralByte.
class ProceduralContents {
 public:
  // Throws wren::Error when regions overlap or are not aligned.
  explicit ProceduralContents(std::vector<ProceduralRegion> regions = {});
  void Read(uint64_t address, void* data, size_t bytes) const;

 private:
  std::vector<ProceduralRegion> regions_;  // ascending
};

struct MemoryConfig {
  uint64_t base = 0;         // first byte address
  uint64_t size = 1u << 20;  // bytes; beyond it every access answers DECERR
  int bus_bytes = 64;        // 16, 32 or 64
  int latency_min =
      20;  // cycles from the AR handshake to the first R beat offered, from the last W
  int latency_max = 20;  // (and AW) handshake to B; drawn per burst, 1..
  uint64_t seed = 1;
  MemoryKind kind = MemoryKind::kFixed;  // others: latency_min and latency_max mean nothing
  uint64_t controller_ps = kAxiNever;    // not kFixed: DramTiming::controller, if given
  uint64_t cycle_ps = 1000;              // period of the port's clock
  bool procedural = false;  // a page of 4 KiB reads as ProceduralContents until first written
  std::vector<ProceduralRegion> regions;  // of them
};

// Contents of a memory nobody has written: a hash of the address.
uint8_t ProceduralByte(uint64_t address);

// The bytes, and where accesses fail.
class MemoryContents {
 public:
  // Throws wren::Error when there is not enough host memory (which is used as pages are touched).
  explicit MemoryContents(const MemoryConfig& config);

  // Any bytes, no faults. Throw wren::Error outside the memory.
  void Read(uint64_t address, void* data, size_t bytes) const;
  void Write(uint64_t address, const void* data, size_t bytes);
  // The byte at `base`; throws wren::Error when the contents are procedural.
  uint8_t* data();

  // Beats that touch [first, first + bytes) answer `resp`; writes change nothing there.
  void AddFault(uint64_t first, uint64_t bytes, AxiResp resp, bool reads = true,
                bool writes = true);
  void ClearFaults() { faults_.clear(); }

  // One beat at an address aligned to the bus; bit i of strb: byte i is written. Nothing happens
  // when the response is not kOkay.
  AxiResp ReadBeat(uint64_t address, uint8_t* data) const;
  AxiResp WriteBeat(uint64_t address, const uint8_t* data, uint64_t strb);

 private:
  struct Fault {
    uint64_t first, end;
    AxiResp resp;
    bool reads, writes;
  };
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };

  AxiResp Check(uint64_t address, bool write) const;
  void Load(uint64_t offset, void* data, size_t bytes) const;
  void Touch(uint64_t offset, size_t bytes);

  uint64_t base_, size_;
  int bus_bytes_;
  bool procedural_;
  std::unique_ptr<uint8_t, Free> store_;  // calloc: pages appear when touched
  std::vector<bool> written_;             // pages, when contents are procedural
  ProceduralContents procedural_contents_;
  std::vector<Fault> faults_;
};

// When beats are answered. `now` is the cycle of the handshake and must not decrease; results are
// cycles of AxiPort: from then on the beat (or B) can be offered, to be taken a cycle later.
class MemoryTiming {
 public:
  // Throws wren::Error for a latency that is no range from 1 up.
  explicit MemoryTiming(const MemoryConfig& config);

  // The beats of a burst one after the other, all at its AR handshake. Beats narrower than an
  // access of the DRAM share it.
  uint64_t Read(uint64_t now, uint64_t address, bool first);
  // A beat at its W handshake; B follows the latest of its burst's beats.
  uint64_t Write(uint64_t now, uint64_t address, bool last);

  // Null when the kind is fixed.
  const DramModel* dram() const { return dram_.get(); }

 private:
  uint64_t Latency();
  uint64_t DramDue(uint64_t now, uint64_t address, uint64_t end, bool write);

  const MemoryConfig config_;
  std::unique_ptr<DramModel> dram_;
  uint64_t random_;
  uint64_t read_due_ = 0;  // of the beat before
};

}  // namespace wren::sim
