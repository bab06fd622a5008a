// Timeline: when each command was issued and retired, as a trace that Perfetto (ui.perfetto.dev)
// and chrome://tracing open. Format: the Trace Event Format's complete events ("ph": "X"); one
// microsecond stands for one cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/sim/rtl_core.h"

namespace wren::runtime {

class Timeline : public sim::WriteObserver {
 public:
  // `next` (may be null) sees every event too: the lockstep checker.
  Timeline(sim::RtlCore* rtl, sim::WriteObserver* next) : rtl_(rtl), next_(next) {}

  // Names for the commands from index `first` on; must outlive its run.
  void SetProgram(const compiler::Program* program, uint32_t first);
  // Throws wren::Error when the file cannot be written.
  void Write(const std::string& path) const;

  void OnIssue(sim::Engine engine, uint32_t index, const uint8_t* command) override;
  void OnRetire(sim::Engine engine, uint32_t index) override;
  void OnAcc(uint32_t word, uint32_t mask, const uint32_t* data) override {
    if (next_ != nullptr) next_->OnAcc(word, mask, data);
  }
  void OnGta(uint32_t addr, const uint8_t* bytes, uint32_t n) override {
    if (next_ != nullptr) next_->OnGta(addr, bytes, n);
  }
  void OnGtaScale(uint32_t addr, uint16_t scale) override {
    if (next_ != nullptr) next_->OnGtaScale(addr, scale);
  }
  void OnRed(uint32_t addr, uint32_t value) override {
    if (next_ != nullptr) next_->OnRed(addr, value);
  }
  void OnGtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) override {
    if (next_ != nullptr) next_->OnGtaAb(word, lane, data, scale);
  }
  void OnLd(sim::LdSpace space, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
            uint32_t granule) override {
    if (next_ != nullptr) next_->OnLd(space, addr, data, bytes, strb, granule);
  }
  void OnSt(bool l2, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
            uint32_t granule) override {
    if (next_ != nullptr) next_->OnSt(l2, addr, data, bytes, strb, granule);
  }

 private:
  struct Event {
    sim::Engine engine;
    uint32_t index;
    uint64_t issued, retired;
    std::string name, command;
  };

  sim::RtlCore* rtl_;
  sim::WriteObserver* next_;
  const compiler::Program* program_ = nullptr;
  uint32_t first_ = 0;
  std::deque<Event> open_[5];
  std::vector<Event> events_;
};

}  // namespace wren::runtime
