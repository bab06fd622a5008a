// RtlPins: the Verilated Wren at its pins, for those who run its clock: RtlCore (rtl_core.h), and
// the core's module of the SystemC platform (sim/platform).
//
//   each cycle:   pins->Fall(rst_n, lite_in, axi_out);   // pins->axi(), pins->lite() are stable
//   now
//                 port.Tick(pins->axi());
//                 pins->Rise();
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "wren/sim/rtl_core.h"

namespace wren::sim {

// The AXI4-Lite port, what its master drives and what the core drives.
struct LiteIn {
  bool aw_valid = false, w_valid = false, b_ready = true, ar_valid = false, r_ready = true;
  uint8_t w_strb = 15;
  uint16_t aw_addr = 0, ar_addr = 0, unused = 0;
  uint32_t w_data = 0;
  bool operator==(const LiteIn& other) const {
    return std::memcmp(this, &other, sizeof other) == 0;
  }
};
static_assert(std::has_unique_object_representations_v<LiteIn>, "compared byte by byte");
struct LiteOut {
  bool aw_ready = false, w_ready = false, b_valid = false, ar_ready = false, r_valid = false;
  uint8_t b_resp = 0, r_resp = 0;
  uint32_t r_data = 0;
};

class RtlPins {
 public:
  // Throws wren::Error when the configuration (with or without tracing, as options.trace_file asks,
  // or with the host's arithmetic) is not linked in. options.memory is not used.
  static std::unique_ptr<RtlPins> Create(Config config, const RtlOptions& options = {});
  virtual ~RtlPins() = default;

  // What Create makes goes through `wrapper` from now on (null: as it is): a second model beside it
  // (netlist_pins.h).
  using Wrapper = std::function<std::unique_ptr<RtlPins>(std::unique_ptr<RtlPins>)>;
  static void Wrap(Wrapper wrapper);

  virtual Config config() const = 0;
  virtual int bus_bytes() const = 0;

  // A loop of cycles begins, or ends: between the two, what a cycle needs of the processor's state
  // may stay as it is.
  virtual void BeginLoop() {}
  virtual void EndLoop() {}

  // The clock is low and these are the inputs: outputs settle, the observer sees what was written.
  virtual void Fall(bool rst_n, const LiteIn& lite, const AxiOut& axi) = 0;
  // The clock rises.
  virtual void Rise() = 0;

  // Outputs before the coming edge, as of the last Fall.
  const AxiIn& axi() const { return axi_; }
  const LiteOut& lite() const { return lite_; }
  // Registers, as of the last edge.
  virtual bool irq() const = 0;
  virtual bool busy() const = 0;  // commands wait, execute or are being fetched
  // Rising edges so far.
  uint64_t cycle() const { return cycle_; }

  // Null: none (and then monitors cost nothing). Not owned.
  void SetObserver(WriteObserver* observer) { observer_ = observer; }
  // Throws wren::Error when an assertion of the RTL has failed.
  virtual void CheckErrors() = 0;
  // What every engine waits for, in words.
  virtual std::string Describe() = 0;

 protected:
  AxiIn axi_;
  LiteOut lite_;
  uint64_t cycle_ = 0;
  WriteObserver* observer_ = nullptr;
};

}  // namespace wren::sim
