// BoardDevice: a Wren core behind a serial line (fpga/soc), with the same driver of its command
// ring as the others.
//
// Memory map: the ring's 4 MiB wander below 8 MiB such that every program begins at 4 MiB. What is
// known to stand there already is not sent again: of a step that differs from the one before in a
// few commands, these few.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wren/link/serial_link.h"
#include "wren/runtime/device.h"

namespace wren::runtime {

struct BoardDeviceOptions {
  // Cycles in which the core is busy and no command retires: report a hang.
  uint64_t max_cycles_idle = 100'000'000;
};

class BoardDevice : public Device {
 public:
  // Resets the core. Throws wren::Error when what answers is not a Wren of configuration `name`, or
  // its memory is smaller than `ext_bytes`. The link must outlive the device.
  BoardDevice(link::SerialLink* link, const std::string& name, uint64_t ext_bytes,
              const BoardDeviceOptions& options = {});

  const isa::Config& config() const override { return config_; }
  void Write(uint64_t addr, const void* data, size_t n) override;
  void Read(uint64_t addr, void* data, size_t n) const override;
  void Run(const compiler::Program& program) override;
  bool TakeNumeric() override;
  const Counters& counters() const override { return counters_; }

  link::SerialLink& link() { return *link_; }

 private:
  void RunPart(const compiler::Program& program, size_t first, size_t count);
  void AddCounters();
  [[noreturn]] void ThrowHalt(const compiler::Program& program, uint32_t base);

  link::SerialLink* link_;
  isa::Config config_;
  BoardDeviceOptions options_;
  std::vector<compiler::CommandBytes> there_;  // what the board holds from kPrograms on
  Counters counters_;
  uint32_t tail_ = 0;
};

}  // namespace wren::runtime
