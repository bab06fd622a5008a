// RtlCore on top of RtlPins: clock, AXI4-Lite accesses, external memory.
#include "wren/sim/rtl_core.h"

#include <fmt/format.h>

#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/sim/rtl_pins.h"

namespace wren::sim {

AxiMemoryConfig MemoryConfigOf(const RtlOptions& options, int bus_bytes) {
  const MemoryOptions& m = options.memory;
  AxiMemoryConfig c;
  c.size = m.bytes;
  c.bus_bytes = bus_bytes;
  c.latency_min = m.latency_min;
  c.latency_max = m.latency_max;
  c.stall_percent = m.stall_percent;
  c.interleave = m.interleave;
  c.kind = m.kind;
  c.controller_ps = m.controller_ps;
  c.cycle_ps = m.cycle_ps;
  c.max_reads = m.max_reads;
  c.max_writes = m.max_writes;
  c.procedural = m.procedural;
  c.regions = m.regions;
  c.seed = options.seed;
  return c;
}

void RtlCore::CsrWrite(uint32_t offset, uint32_t value) {
  const int resp = TryCsrWrite(offset, value);
  if (resp != 0) throw Error(fmt::format("CSR write of {:#x} answered {}", offset, resp));
}

uint32_t RtlCore::CsrRead(uint32_t offset) {
  uint32_t value = 0;
  const int resp = TryCsrRead(offset, &value);
  if (resp != 0) throw Error(fmt::format("CSR read of {:#x} answered {}", offset, resp));
  return value;
}

RtlShape RtlCore::ReadShape() {
  RtlShape s{};
  const uint32_t c0 = CsrRead(csr::kConfig0), c1 = CsrRead(csr::kConfig1);
  s.rows = c0 & 255, s.cols = c0 >> 8 & 255, s.lanes = c0 >> 16 & 255, s.bus = c0 >> 24;
  s.tables = c1 & 255, s.sems = c1 >> 8 & 255, s.cores = c1 >> 16 & 255;
  s.ab_bytes = CsrRead(csr::kAbBytes);
  s.wb_bytes = CsrRead(csr::kWbBytes);
  s.vm_bytes = CsrRead(csr::kVmBytes);
  s.acc_bytes = CsrRead(csr::kAccBytes);
  s.l2_bytes = CsrRead(csr::kL2Bytes);
  return s;
}

namespace {

class Core final : public RtlCore {
 public:
  Core(std::unique_ptr<RtlPins> pins, const RtlOptions& options)
      : pins_(std::move(pins)), memory_(MemoryConfigOf(options, pins_->bus_bytes())) {
    Run(kResetCycles);
    rst_n_ = true;
    Run(kAfterResetCycles);
    shape_ = ReadShape();
  }

  Config config() const override { return pins_->config(); }
  const RtlShape& shape() const override { return shape_; }
  AxiMemory& memory() override { return memory_; }
  void MemWrite(uint64_t addr, const void* data, size_t n) override {
    memory_.Write(addr, data, n);
  }
  void MemRead(uint64_t addr, void* data, size_t n) override { memory_.Read(addr, data, n); }
  uint64_t cycle() const override { return pins_->cycle(); }
  bool irq() const override { return pins_->irq(); }
  void SetObserver(WriteObserver* observer) override { pins_->SetObserver(observer); }

  void Step(uint64_t cycles) override {
    Run(cycles);
    pins_->CheckErrors();
  }

  bool RunUntilIrq(uint64_t max_cycles) override {
    const Loop loop(pins_.get());
    for (uint64_t n = 0; n < max_cycles; ++n) {
      if (pins_->irq()) return true;
      Cycle();
      if ((n & 1023) == 0) pins_->CheckErrors();
    }
    pins_->CheckErrors();
    return pins_->irq();
  }

  bool RunUntilIdle(uint64_t max_cycles) override {
    Run(3);  // a doorbell just rung reaches the monitor
    for (uint64_t n = 0; n < max_cycles; ++n) {
      if (!pins_->busy()) {
        pins_->CheckErrors();
        return true;
      }
      Cycle();
      if ((n & 1023) == 0) pins_->CheckErrors();
    }
    pins_->CheckErrors();
    return !pins_->busy();
  }

  int TryCsrWrite(uint32_t offset, uint32_t value) override {
    lite_.aw_addr = static_cast<uint16_t>(offset);
    lite_.w_data = value;
    lite_.aw_valid = lite_.w_valid = true;
    for (int n = 0; n < kCsrCycles; ++n) {
      Cycle();
      const LiteOut& out = pins_->lite();
      if (out.aw_ready) lite_.aw_valid = false;
      if (out.w_ready) lite_.w_valid = false;
      if (out.b_valid) {
        pins_->CheckErrors();
        return out.b_resp;
      }
    }
    throw Error(fmt::format("CSR write of {:#x}: no answer in {} cycles", offset, kCsrCycles));
  }

  int TryCsrRead(uint32_t offset, uint32_t* value) override {
    lite_.ar_addr = static_cast<uint16_t>(offset);
    lite_.ar_valid = true;
    for (int n = 0; n < kCsrCycles; ++n) {
      Cycle();
      const LiteOut& out = pins_->lite();
      if (out.ar_ready) lite_.ar_valid = false;
      *value = out.r_data;
      if (out.r_valid) {
        pins_->CheckErrors();
        return out.r_resp;
      }
    }
    throw Error(fmt::format("CSR read of {:#x}: no answer in {} cycles", offset, kCsrCycles));
  }

  std::string Describe() override {
    std::string text = pins_->Describe();
    if (memory_.reads_outstanding() != 0 || memory_.writes_outstanding() != 0) {
      text += fmt::format("\n  memory: {} reads and {} writes outstanding",
                          memory_.reads_outstanding(), memory_.writes_outstanding());
    }
    return text;
  }

 private:
  struct Loop {
    explicit Loop(RtlPins* the_pins) : pins(the_pins) { pins->BeginLoop(); }
    ~Loop() { pins->EndLoop(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    RtlPins* const pins;
  };

  void Run(uint64_t cycles) {
    for (uint64_t n = 0; n < cycles; ++n) Cycle();
  }

  void Cycle() {
    pins_->Fall(rst_n_, lite_, memory_.out());
    memory_.Tick(pins_->axi());
    pins_->Rise();
  }

  std::unique_ptr<RtlPins> pins_;
  AxiMemory memory_;
  RtlShape shape_{};
  bool rst_n_ = false;
  LiteIn lite_;
};

}  // namespace

std::unique_ptr<RtlCore> RtlCore::Create(Config config, const RtlOptions& options) {
  return std::make_unique<Core>(RtlPins::Create(config, options), options);
}

}  // namespace wren::sim
