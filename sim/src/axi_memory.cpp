#include "wren/sim/axi_memory.h"

#include <algorithm>

namespace wren::sim {

AxiMemory::AxiMemory(const AxiMemoryConfig& config)
    : AxiPort(config.port(), this), config_(config), contents_(config), timing_(config) {}

void AxiMemory::StartRead(uint64_t now, AxiReadBurst* burst) {
  burst->due = timing_.Read(now, burst->address, true);
  if (timing_.dram() == nullptr) return;
  burst->dues.push_back(burst->due);
  for (int beat = 1; beat < burst->beats; ++beat) {
    burst->dues.push_back(
        timing_.Read(now, burst->address + uint64_t(beat) * config_.bus_bytes, false));
  }
}

AxiResp AxiMemory::ReadBeat(const AxiReadBurst& burst, uint8_t* data) {
  return contents_.ReadBeat(burst.address + uint64_t(burst.sent) * config_.bus_bytes, data);
}

void AxiMemory::WriteBeat(uint64_t now, AxiWriteBurst* burst, const AxiWriteBeat& beat) {
  const AxiResp resp = contents_.WriteBeat(burst->address, beat.data.data(), beat.strb);
  burst->resp = std::max(burst->resp, uint8_t(resp));
  burst->due = std::max(burst->due, timing_.Write(now, burst->address, beat.last));
}

}  // namespace wren::sim
