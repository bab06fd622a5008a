// The SystemC platform: a host, the Verilated core, and an external memory behind TLM-2.0 sockets.
//
//   Host ──b_transport──> LiteBridge ══AXI4-Lite pins══> Core ══AXI4 pins══> AxiToTlm
//    │  ^                                                 │                     │ nb_transport
//    │  └────────────────────── irq ──────────────────────┘                     v
//    └──transport_dbg──────────────────────────────────────────────────────> TlmMemory
//
// Time: one clock. While it is low the core's outputs settle; at its rising edge core, AxiToTlm and
// LiteBridge take what they saw. AxiToTlm keeps the AXI4 port with the class AxiPort, TlmMemory is
// MemoryContents and MemoryTiming: the parts that AxiMemory consists of, and both count the same
// clock cycles from time zero, so a program takes the same cycles here and in RtlCore::Create's
// core.
#pragma once

#include <tlm_utils/peq_with_get.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "wren/sim/axi_port.h"
#include "wren/sim/memory_model.h"
#include "wren/sim/rtl_core.h"
#include "wren/sim/rtl_pins.h"

namespace wren::platform {

// Sockets of external memory are 512 bits wide; a beat may be narrower (nano: 128).
constexpr unsigned kBusBits = 512;

// What a beat is on the bus: an ignorable extension of its transaction. A memory may use it to
// merge the narrow beats of a burst.
struct AxiBeatInfo : tlm::tlm_extension<AxiBeatInfo> {
  int id = 0;
  bool first = true, last = true;

  tlm::tlm_extension_base* clone() const override { return new AxiBeatInfo(*this); }
  void copy_from(const tlm::tlm_extension_base& from) override {
    *this = static_cast<const AxiBeatInfo&>(from);
  }
};

// The first exception of a process; the host rethrows it.
class Failure {
 public:
  // Calls f unless there is a failure already.
  template <class F>
  void Guard(const F& f) {
    if (error_) return;
    try {
      f();
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  explicit operator bool() const { return error_ != nullptr; }
  void Rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

// AXI4 slave pins to TLM: every beat is one generic-payload transaction of the bus's width under
// the approximately-timed base protocol. A read burst's beats all begin at its AR handshake, a
// write beat at its W handshake, so many are under way; answers may come in any order and are put
// in that of their IDs. TLM_ADDRESS_ERROR_RESPONSE becomes DECERR, any other error SLVERR.
class AxiToTlm : public sc_core::sc_module, private sim::AxiBackend, private tlm::tlm_mm_interface {
 public:
  sc_core::sc_in<bool> clk;
  tlm_utils::simple_initiator_socket<AxiToTlm, kBusBits> socket;

  // `pins`: what the core drives, stable before the rising edge.
  AxiToTlm(const sc_core::sc_module_name& name, const sim::AxiPortConfig& config,
           const sc_core::sc_time& period, const sim::AxiIn* pins, Failure* failure);
  ~AxiToTlm() override;
  SC_HAS_PROCESS(AxiToTlm);

  const sim::AxiPort& port() const { return port_; }

  struct Stats {
    uint64_t reads = 0, writes = 0;  // transactions
    uint64_t read_errors = 0, write_errors = 0;
    uint64_t read_latency = 0;  // sum over reads, cycles from BEGIN_REQ to BEGIN_RESP
    uint64_t max_read_latency = 0;
    uint64_t max_under_way = 0;  // transactions
  };
  const Stats& stats() const { return stats_; }

 private:
  struct Beat;

  void Tick();
  void StartRead(uint64_t now, sim::AxiReadBurst* burst) override;
  sim::AxiResp ReadBeat(const sim::AxiReadBurst& burst, uint8_t* data) override;
  void WriteBeat(uint64_t now, sim::AxiWriteBurst* burst, const sim::AxiWriteBeat& beat) override;

  tlm::tlm_sync_enum Backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  Beat* Acquire();
  void free(tlm::tlm_generic_payload* payload) override;
  void Send();
  void Answer(Beat* beat, const sc_core::sc_time& delay);

  const sim::AxiPortConfig config_;
  const sc_core::sc_time period_;
  const sim::AxiIn* const pins_;
  Failure* const failure_;
  sim::AxiPort port_;
  std::vector<std::unique_ptr<Beat>> beats_;  // all there are
  std::vector<Beat*> free_;
  std::deque<Beat*> requests_;               // not sent yet
  Beat* requesting_ = nullptr;               // one has no END_REQ yet
  std::array<std::deque<Beat*>, 16> reads_;  // by ID, in the order of the bus
  uint64_t under_way_ = 0;
  Stats stats_;
};

// External memory. Approximately timed: END_REQ comes with the return of nb_transport_fw, so any
// number of requests can be under way; BEGIN_RESP at the falling edge of the clock before the edge
// from which the data can be on the bus. When that is now, the call returns TLM_COMPLETED.
class TlmMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TlmMemory, kBusBits> socket;
  tlm_utils::simple_target_socket<TlmMemory, kBusBits> debug;  // the host's; transport_dbg only

  TlmMemory(const sc_core::sc_module_name& name, const sim::MemoryConfig& config);
  SC_HAS_PROCESS(TlmMemory);

  sim::MemoryContents& contents() { return contents_; }
  const sim::DramModel* dram() const { return timing_.dram(); }

 private:
  tlm::tlm_sync_enum Forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  unsigned Debug(tlm::tlm_generic_payload& payload);
  void Perform(tlm::tlm_generic_payload* payload);
  void Respond();

  const sim::MemoryConfig config_;
  const sc_core::sc_time period_;
  sim::MemoryContents contents_;
  sim::MemoryTiming timing_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> answers_;
  bool responding_ = false;  // a BEGIN_RESP has no END_RESP yet
};

// The Verilated core, clocked.
class Core : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk;
  sc_core::sc_in<bool> rst_n;
  sc_core::sc_out<bool> irq;

  Core(const sc_core::sc_module_name& name, sim::RtlPins* pins, Failure* failure);
  SC_HAS_PROCESS(Core);
  void Connect(const sim::LiteIn* lite, const sim::AxiOut* axi) {
    lite_ = lite;
    axi_ = axi;
  }

  // After each rising edge, when all outputs have their new values.
  const sc_core::sc_event& risen() const { return risen_; }
  // The same for the edge with number `cycle` only, and for a failure.
  const sc_core::sc_event& AlarmAt(uint64_t cycle) {
    alarm_cycle_ = cycle;
    return alarm_;
  }

 private:
  void Fall();
  void Rise();

  sim::RtlPins* const pins_;
  Failure* const failure_;
  const sim::LiteIn* lite_ = nullptr;
  const sim::AxiOut* axi_ = nullptr;
  uint64_t alarm_cycle_ = UINT64_MAX;
  sc_core::sc_event risen_, alarm_;
};

// TLM to AXI4-Lite pins: 32-bit accesses, one at a time, blocking.
class LiteBridge : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<LiteBridge> socket;

  LiteBridge(const sc_core::sc_module_name& name, const Core& core, const sim::LiteOut* pins,
             const Failure& failure);
  const sim::LiteIn& out() const { return out_; }

 private:
  static constexpr int kCycles = 1000;  // an access that takes longer fails
  void Transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const Core& core_;
  const sim::LiteOut* const pins_;
  const Failure& failure_;
  sim::LiteIn out_;
};

// All of it. The host is a process that runs a function with an RtlCore in its hands: the driver of
// the runtime library, unchanged.
class Platform : public sc_core::sc_module {
 public:
  // Options as for RtlCore::Create. poll_interval: cycles between two looks of the host at
  // IRQ_STATUS; 0: it waits for the interrupt.
  Platform(const sc_core::sc_module_name& name, sim::Config config, const sim::RtlOptions& options,
           uint64_t poll_interval = 0);
  ~Platform() override;
  SC_HAS_PROCESS(Platform);

  // Simulates until `host` returns; rethrows what it or any process throws. Once per program:
  // SystemC cannot be started twice.
  void Run(std::function<void(std::unique_ptr<sim::RtlCore>)> host);

  const AxiToTlm& axi() const { return *axi_; }
  TlmMemory& memory() { return *memory_; }
  const TlmMemory& memory() const { return *memory_; }
  uint64_t csr_reads() const { return csr_reads_; }
  uint64_t csr_writes() const { return csr_writes_; }

 private:
  class HostCore;

  void Host();

  const uint64_t memory_bytes_, poll_interval_;
  Failure failure_;
  std::unique_ptr<sim::RtlPins> pins_;
  sc_core::sc_clock clk_;
  sc_core::sc_signal<bool> rst_n_, irq_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<LiteBridge> lite_;
  std::unique_ptr<AxiToTlm> axi_;
  std::unique_ptr<TlmMemory> memory_;
  tlm_utils::simple_initiator_socket<Platform> mmio_;
  tlm_utils::simple_initiator_socket<Platform, kBusBits> debug_;
  std::function<void(std::unique_ptr<sim::RtlCore>)> host_;
  uint64_t csr_reads_ = 0, csr_writes_ = 0;
};

}  // namespace wren::platform
