// The one file that touches Verilated headers. Compiled once per model; the build defines
//   WREN_MODEL       the Verilated class, e.g. Vwren_rtl_nano
//   WREN_MODEL_H     its header, WREN_MODEL_ROOT_H the header of its signals
//   WREN_CONFIG      number of the configuration
//   WREN_TRACE       1 when waves are compiled in
#include WREN_MODEL_H
#include WREN_MODEL_ROOT_H

#include <fmt/format.h>
#include <verilated.h>
#if WREN_TRACE
#include <verilated_fst_c.h>
#endif

#include <cstring>
#include <deque>
#include <utility>

#include "rtl_registry.h"
#include "wren/error.h"
#include "wren/isa/csr.h"

namespace wren::sim {

namespace {

#define CORE(name) (root_->wren_top__DOT__u_core__DOT__##name)

// Bytes of a signal, whatever type Verilator gave it.
template <class Signal>
const uint8_t* Bytes(const Signal& signal) {
  return reinterpret_cast<const uint8_t*>(&signal);
}

// Tells a Verilated model that the clock has fallen, without an evaluation: sets what it remembers of
// the clock for the next search for edges. False when this Verilator gives the variable another name.
template <class Root>
auto FallClock(Root* root, int) -> decltype(root->__Vtrigrprev__TOP__clk_i, true) {  // 5.006
  root->__Vtrigrprev__TOP__clk_i = 0;
  return true;
}
template <class Root>
auto FallClock(Root* root, long)  // NOLINT: the second choice; 5.48
    -> decltype(root->__Vtrigprevexpr___TOP__clk_i__0, true) {
  root->__Vtrigprevexpr___TOP__clk_i__0 = 0;
  return true;
}
template <class Root>
bool FallClock(Root*, ...) {
  return false;
}

class Model final : public RtlCore {
 public:
  explicit Model(const RtlOptions& options)
      : options_(options), memory_(MemoryConfig(options)), bus_(kBus) {
    context_.fatalOnError(false);
    context_.randSeed(static_cast<int>(options.seed & 0x7FFFFFFF) | 1);
#if WREN_TRACE
    if (!options.trace_file.empty()) context_.traceEverOn(true);
#endif
    top_ = std::make_unique<WREN_MODEL>(&context_, "wren");
    root_ = top_->rootp;
#if WREN_TRACE
    if (!options.trace_file.empty()) {
      trace_ = std::make_unique<VerilatedFstC>();
      top_->trace(trace_.get(), 99);
      trace_->open(options.trace_file.c_str());
    }
#endif
    top_->rst_ni = 0;
    top_->s_b_ready_i = top_->s_r_ready_i = 1;
    Run(4);
    top_->rst_ni = 1;
    stale_ = true;
    Run(24);  // the core's own reset lasts a little longer
    shape_ = ReadShape();
  }
  ~Model() override {
#if WREN_TRACE
    if (trace_) trace_->close();
#endif
    top_->final();
  }

  Config config() const override { return static_cast<Config>(WREN_CONFIG); }
  const RtlShape& shape() const override { return shape_; }
  AxiMemory& memory() override { return memory_; }
  uint64_t cycle() const override { return cycle_; }
  bool irq() const override { return top_->irq_o; }
  void SetObserver(WriteObserver* observer) override { observer_ = observer; }

  void Step(uint64_t cycles) override {
    Run(cycles);
    CheckErrors();
  }

  bool RunUntilIrq(uint64_t max_cycles) override {
    for (uint64_t n = 0; n < max_cycles; ++n) {
      if (top_->irq_o) return true;
      Cycle();
      if ((n & 1023) == 0) CheckErrors();
    }
    CheckErrors();
    return top_->irq_o;
  }

  bool RunUntilIdle(uint64_t max_cycles) override {
    Run(3);  // a doorbell just rung reaches the monitor
    for (uint64_t n = 0; n < max_cycles; ++n) {
      if (!CORE(mon_busy_q)) {
        CheckErrors();
        return true;
      }
      Cycle();
      if ((n & 1023) == 0) CheckErrors();
    }
    CheckErrors();
    return !CORE(mon_busy_q);
  }

  int TryCsrWrite(uint32_t offset, uint32_t value) override {
    top_->s_aw_addr_i = static_cast<uint16_t>(offset);
    top_->s_w_data_i = value;
    top_->s_w_strb_i = 15;
    top_->s_aw_valid_i = top_->s_w_valid_i = 1;
    for (int n = 0; n < kCsrCycles; ++n) {
      stale_ = true;
      Low();
      const bool aw = top_->s_aw_valid_i && top_->s_aw_ready_o;
      const bool w = top_->s_w_valid_i && top_->s_w_ready_o;
      const bool b = top_->s_b_valid_o;
      const int resp = top_->s_b_resp_o;
      High();
      stale_ = true;
      if (aw) top_->s_aw_valid_i = 0;
      if (w) top_->s_w_valid_i = 0;
      if (b) {
        CheckErrors();
        return resp;
      }
    }
    throw Error(fmt::format("CSR write of {:#x}: no answer in {} cycles", offset, kCsrCycles));
  }

  int TryCsrRead(uint32_t offset, uint32_t* value) override {
    top_->s_ar_addr_i = static_cast<uint16_t>(offset);
    top_->s_ar_valid_i = 1;
    for (int n = 0; n < kCsrCycles; ++n) {
      stale_ = true;
      Low();
      const bool ar = top_->s_ar_valid_i && top_->s_ar_ready_o;
      const bool r = top_->s_r_valid_o;
      const int resp = top_->s_r_resp_o;
      *value = top_->s_r_data_o;
      High();
      stale_ = true;
      if (ar) top_->s_ar_valid_i = 0;
      if (r) {
        CheckErrors();
        return resp;
      }
    }
    throw Error(fmt::format("CSR read of {:#x}: no answer in {} cycles", offset, kCsrCycles));
  }

  void CsrWrite(uint32_t offset, uint32_t value) override {
    const int resp = TryCsrWrite(offset, value);
    if (resp != 0) throw Error(fmt::format("CSR write of {:#x} answered {}", offset, resp));
  }

  uint32_t CsrRead(uint32_t offset) override {
    uint32_t value = 0;
    const int resp = TryCsrRead(offset, &value);
    if (resp != 0) throw Error(fmt::format("CSR read of {:#x} answered {}", offset, resp));
    return value;
  }

  std::string Describe() override {
    static constexpr const char* kState[] = {"running", "draining before a halt", "freezing",
                                             "halted"};
    static constexpr const char* kEngine[] = {"ctl", "ld", "st", "mxe", "gta"};
    std::string text = fmt::format("cycle {}: {}, {} commands dispatched, {} retired", cycle_,
                                   kState[CORE(u_cmd__DOT__mon_state_q)],
                                   CORE(u_cmd__DOT__mon_head_q), CORE(u_cmd__DOT__mon_retired_q));
    for (int e = 0; e < 5; ++e) {
      const bool waiting = CORE(u_cmd__DOT__mon_waiting_q) >> e & 1;
      const bool flying = CORE(u_cmd__DOT__mon_in_flight_q) >> e & 1;
      if (!waiting && !flying) continue;
      text += fmt::format("\n  {}:", kEngine[e]);
      if (flying)
        text += fmt::format(" executes command {}", CORE(u_cmd__DOT__mon_flight_index_q)[e]);
      if (waiting) {
        text += fmt::format("{} command {} waits", flying ? ";" : "",
                            CORE(u_cmd__DOT__mon_waiting_index_q)[e]);
        if (!(CORE(u_cmd__DOT__mon_hold_q) >> e & 1))
          text += fmt::format(" for semaphore {}", int{CORE(u_cmd__DOT__mon_short_q)[e]});
      }
    }
    if (memory_.reads_outstanding() != 0 || memory_.writes_outstanding() != 0) {
      text += fmt::format("\n  memory: {} reads and {} writes outstanding",
                          memory_.reads_outstanding(), memory_.writes_outstanding());
    }
    return text;
  }

 private:
  static constexpr int kCsrCycles = 1000;
  static constexpr bool kTraced = WREN_TRACE != 0;  // waves show both edges
  static constexpr uint32_t kBus = sizeof(std::declval<WREN_MODEL&>().axi_w_data_o);

  static AxiMemoryConfig MemoryConfig(const RtlOptions& options) {
    AxiMemoryConfig c;
    c.size = options.memory.bytes;
    c.bus_bytes = static_cast<int>(kBus);
    c.latency_min = options.memory.latency_min;
    c.latency_max = options.memory.latency_max;
    c.stall_percent = options.memory.stall_percent;
    c.interleave = options.memory.interleave;
    c.kind = options.memory.kind;
    c.procedural = options.memory.procedural;
    c.regions = options.memory.regions;
    c.seed = options.seed;
    return c;
  }

  RtlShape ReadShape() {
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

  void Run(uint64_t cycles) {
    for (uint64_t n = 0; n < cycles; ++n) Cycle();
  }

  void Cycle() {
    Low();
    High();
  }

  // Everything before the rising edge. Nothing acts on the falling one, so that without new inputs all
  // signals are as the rising edge left them and the evaluation is left out.
  void Low() {
    const AxiOut& out = memory_.out();
    const bool quiet = !out.r_valid && !out.b_valid && !top_->axi_r_valid_i &&
                       !top_->axi_b_valid_i && out.ar_ready == top_->axi_ar_ready_i &&
                       out.aw_ready == top_->axi_aw_ready_i && out.w_ready == top_->axi_w_ready_i;
    if (!quiet || stale_ || kTraced || !FallClock(root_, 0)) {
      top_->clk_i = 0;
      DriveAxi(out, top_.get());
      top_->eval();
      stale_ = false;
    }
    SampleAxi(*top_, &axi_);
    if (observer_ != nullptr) Observe();
    memory_.Tick(axi_);
    Dump(0);
  }

  void High() {
    top_->clk_i = 1;
    top_->eval();
    Dump(1);
    ++cycle_;
  }

  void Dump([[maybe_unused]] int phase) {
#if WREN_TRACE
    if (trace_ && cycle_ >= options_.trace_from && cycle_ <= options_.trace_to)
      trace_->dump(cycle_ * 2 + static_cast<uint64_t>(phase));
#endif
  }

  void CheckErrors() {
    if (context_.gotError()) {
#if WREN_TRACE
      if (trace_) trace_->flush();
#endif
      throw Error(
          fmt::format("an RTL assertion failed before cycle {} (its text is above)", cycle_));
    }
  }

  void Observe() {
    WriteObserver& o = *observer_;
    if (CORE(u_cmd__DOT__mon_issue_valid_q)) {
      o.OnIssue(static_cast<Engine>(CORE(u_cmd__DOT__mon_issue_engine_q)),
                CORE(u_cmd__DOT__mon_issue_index_q), Bytes(CORE(u_cmd__DOT__mon_issue_cmd_q)));
    }
    if (CORE(u_mxe__DOT__u_array__DOT__mon_acc_valid_q)) {
      o.OnAcc(CORE(u_mxe__DOT__u_array__DOT__mon_acc_word_q),
              CORE(u_mxe__DOT__u_array__DOT__mon_acc_rows_q),
              reinterpret_cast<const uint32_t*>(&CORE(u_mxe__DOT__u_array__DOT__mon_acc_data_q)));
    }
    if (CORE(u_gta__DOT__mon_out_valid_q)) ObserveGta();
    if (CORE(u_gta__DOT__mon_osc_valid_q))
      o.OnGtaScale(CORE(u_gta__DOT__mon_osc_addr_q), CORE(u_gta__DOT__mon_osc_data_q));
    if (CORE(u_gta__DOT__mon_red_valid_q))
      o.OnRed(CORE(u_gta__DOT__mon_red_addr_q), CORE(u_gta__DOT__mon_red_data_q));
    if (CORE(u_gta__DOT__mon_ab_valid_q)) {
      o.OnGtaAb(CORE(u_gta__DOT__mon_ab_word_q), CORE(u_gta__DOT__mon_ab_lane_q),
                Bytes(CORE(u_gta__DOT__mon_ab_data_q)), CORE(u_gta__DOT__mon_ab_scale_q));
    }
    if (CORE(u_dma__DOT__u_ld__DOT__mon_ld_valid_q)) {
      o.OnLd(static_cast<LdSpace>(CORE(u_dma__DOT__u_ld__DOT__mon_ld_space_q)),
             CORE(u_dma__DOT__u_ld__DOT__mon_ld_addr_q),
             Bytes(CORE(u_dma__DOT__u_ld__DOT__mon_ld_data_q)), bus_,
             CORE(u_dma__DOT__u_ld__DOT__mon_ld_strb_q), 16);
    }
    if (CORE(u_dma__DOT__u_st__DOT__mon_st_valid_q)) {
      o.OnSt(true, CORE(u_dma__DOT__u_st__DOT__mon_st_addr_q),
             Bytes(CORE(u_dma__DOT__u_st__DOT__mon_st_data_q)), bus_,
             CORE(u_dma__DOT__u_st__DOT__mon_st_strb_q), 2);
    }
    ObserveAxiWrites();
    if (CORE(u_cmd__DOT__mon_retire_valid_q)) {
      o.OnRetire(static_cast<Engine>(CORE(u_cmd__DOT__mon_retire_engine_q)),
                 CORE(u_cmd__DOT__mon_retire_index_q));
    }
  }

  // Each run of strobed bytes of the word.
  void ObserveGta() {
    const uint32_t addr = CORE(u_gta__DOT__mon_out_addr_q);
    const uint64_t strb = CORE(u_gta__DOT__mon_out_strb_q);
    const uint8_t* data = Bytes(CORE(u_gta__DOT__mon_out_data_q));
    const uint32_t halves = shape_.lanes * 2;
    for (uint32_t i = 0; i < halves;) {
      if (!(strb >> i & 1)) {
        ++i;
        continue;
      }
      uint32_t n = 1;
      while (i + n < halves && (strb >> (i + n) & 1)) ++n;
      observer_->OnGta(addr + 2 * i, data + 2 * i, 2 * n);
      i += n;
    }
  }

  // Write beats meet their addresses, which may come before or after them.
  void ObserveAxiWrites() {
    const AxiOut& out = memory_.out();
    if (axi_.aw_valid && out.aw_ready) aw_.push_back({axi_.aw_addr / bus_ * bus_, axi_.aw_len + 1});
    if (axi_.w_valid && out.w_ready) w_.push_back(axi_);
    while (!w_.empty() && !aw_.empty()) {
      observer_->OnSt(false, aw_.front().addr, w_.front().w_data.data(), bus_, w_.front().w_strb,
                      1);
      aw_.front().addr += bus_;
      if (--aw_.front().beats == 0) aw_.pop_front();
      w_.pop_front();
    }
  }

  struct Burst {
    uint64_t addr;
    int beats;
  };

  const RtlOptions options_;
  VerilatedContext context_;
  std::unique_ptr<WREN_MODEL> top_;
  std::remove_reference_t<decltype(*std::declval<WREN_MODEL&>().rootp)>* root_ = nullptr;
#if WREN_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
#endif
  AxiMemory memory_;
  AxiIn axi_;
  const uint32_t bus_;
  RtlShape shape_{};
  uint64_t cycle_ = 0;
  bool stale_ = true;  // inputs other than AXI's have changed since the last evaluation
  WriteObserver* observer_ = nullptr;
  std::deque<Burst> aw_;
  std::deque<AxiIn> w_;
};

const bool kRegistered = [] {
  RegisterRtl(static_cast<Config>(WREN_CONFIG), WREN_TRACE != 0,
              [](const RtlOptions& options) -> std::unique_ptr<RtlCore> {
                return std::make_unique<Model>(options);
              });
  return true;
}();

}  // namespace

}  // namespace wren::sim
