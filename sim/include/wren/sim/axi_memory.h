// A memory behind an AXI4 port, for any Verilated top (axi_port.h has the calls of a cycle).
//
//   wren::sim::AxiMemoryConfig config;   config.size = 1 << 20;   wren::sim::AxiMemory
//   memory(config);
//
// A read burst samples each beat when it leaves; a write beat is in the memory when its W handshake
// and its AW handshake have both happened.
//
// Time: with kind `fixed` every burst has a latency of its own and beats then flow at full rate.
// With the other kinds a DramModel decides: a read burst asks for all its data at the AR handshake,
// each beat is offered when its data has come; a write asks when a beat completes an access, and B
// follows when the last byte of the burst is in the DRAM.
#pragma once

#include "wren/sim/axi_port.h"
#include "wren/sim/memory_model.h"

namespace wren::sim {

struct AxiMemoryConfig : MemoryConfig {
  int stall_percent = 0;  // these as in AxiPortConfig
  int max_reads = 256;
  int max_writes = 256;
  bool interleave = false;

  AxiPortConfig port() const {
    return {bus_bytes, stall_percent, max_reads, max_writes, interleave, seed};
  }
};

class AxiMemory final : private AxiBackend, public AxiPort {
 public:
  explicit AxiMemory(const AxiMemoryConfig& config);

  // Backdoor, no time passes; see MemoryContents.
  void Read(uint64_t address, void* data, size_t bytes) const {
    contents_.Read(address, data, bytes);
  }
  void Write(uint64_t address, const void* data, size_t bytes) {
    contents_.Write(address, data, bytes);
  }
  uint8_t* data() { return contents_.data(); }
  void AddFault(uint64_t first, uint64_t bytes, AxiResp resp, bool reads = true,
                bool writes = true) {
    contents_.AddFault(first, bytes, resp, reads, writes);
  }
  void ClearFaults() { contents_.ClearFaults(); }

  const AxiMemoryConfig& config() const { return config_; }
  // Null when the kind is fixed.
  const DramModel* dram() const { return timing_.dram(); }

 private:
  void StartRead(uint64_t now, AxiReadBurst* burst) override;
  AxiResp ReadBeat(const AxiReadBurst& burst, uint8_t* data) override;
  void WriteBeat(uint64_t now, AxiWriteBurst* burst, const AxiWriteBeat& beat) override;

  const AxiMemoryConfig config_;
  MemoryContents contents_;
  MemoryTiming timing_;
};

}  // namespace wren::sim
