// Timeline: when each command was issued and retired, as a trace that Perfetto (ui.perfetto.dev)
// and chrome://tracing open, and summed up by the layers of a network. Format: the Trace Event
// Format's complete events ("ph": "X"); one microsecond stands for one cycle.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/sim/rtl_core.h"

namespace wren::runtime {

// One command.
struct TimelineEvent {
  sim::Engine engine;
  uint32_t index;
  uint64_t issued, retired;  // cycles
  std::string name, command;
};

// What the commands of one layer took.
struct LayerCost {
  std::string name;
  // Every cycle belongs to the layer of the command that retires next: they add up to the whole.
  uint64_t cycles = 0;
  // Cycles in which the engine (as sim::Engine) had a command of this layer under way that was its
  // oldest. Engines work side by side, so one layer's may be more than its `cycles`.
  std::array<uint64_t, 5> busy = {};
  uint64_t commands = 0;
};

// Adds what one program took to `layers` (in the order in which they first retired): the events
// from number `first` on, which are in the order in which they retired; the program began at cycle
// `begin`. Layer N is what the labels call "blk.N."; "output" what they call output, pooled, logits
// or result; anything else belongs to the layer before, or to "embedding".
void AddLayers(const std::vector<TimelineEvent>& events, size_t first, uint64_t begin,
               std::vector<LayerCost>* layers);

class Timeline : public sim::WriteObserver {
 public:
  // `next` (may be null) sees every event too: the lockstep checker.
  Timeline(sim::RtlCore* rtl, sim::WriteObserver* next) : rtl_(rtl), next_(next) {}

  // Names for the commands from index `first` on; must outlive its run.
  void SetProgram(const compiler::Program* program, uint32_t first);
  // Throws wren::Error when the file cannot be written.
  void Write(const std::string& path) const;
  // Every command so far, in the order in which they retired.
  const std::vector<TimelineEvent>& events() const { return events_; }

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
  sim::RtlCore* rtl_;
  sim::WriteObserver* next_;
  const compiler::Program* program_ = nullptr;
  uint32_t first_ = 0;
  std::deque<TimelineEvent> open_[5];
  std::vector<TimelineEvent> events_;
};

}  // namespace wren::runtime
