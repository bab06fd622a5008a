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

// The clocks that stop while their unit is idle, which nobody drives but this file (wren_clk_idle).
#define WREN_IDLE_CLOCKS(DO) \
  DO(u_cmd_clk)              \
  DO(u_gta_clk)              \
  DO(u_vm_clk)               \
  DO(u_dma__DOT__u_ld_clk)   \
  DO(u_dma__DOT__u_st_clk)

// Tells a Verilated model that the clocks have fallen, without an evaluation: sets what it
// remembers of them for the next search for edges. False when this Verilator gives the variables
// other names.
template <class Root>
auto FallClock(Root* root, int) -> decltype(root->__Vtrigrprev__TOP__clk_i, true) {  // 5.006
  root->__Vtrigrprev__TOP__clk_i = 0;
#define WREN_DO(unit) root->__Vtrigrprev__TOP__wren_top__DOT__u_core__DOT__##unit##__DOT__clk = 0;
  WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
  return true;
}
template <class Root>
auto FallClock(Root* root, long)  // NOLINT: the second choice; 5.48
    -> decltype(root->__Vtrigprevexpr___TOP__clk_i__0, true) {
  root->__Vtrigprevexpr___TOP__clk_i__0 = 0;
#define WREN_DO(unit) \
  root->__Vtrigprevexpr___TOP__wren_top__DOT__u_core__DOT__##unit##__DOT__clk__0 = 0;
  WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
  return true;
}
template <class Root>
bool FallClock(Root*, ...) {
  return false;
}

// Verilator 5.006 begins every evaluation with all logic that depends on inputs, and most of that has
// just been evaluated when only the clock rises. Its functions have no declaration in the headers.
// 5.48 leaves the macro empty.
#if VERILATOR_VERSION_INTEGER + 0 >= 5006000 && VERILATOR_VERSION_INTEGER + 0 < 5007000
#define WREN_JOIN_(a, b) a##b
#define WREN_JOIN(a, b) WREN_JOIN_(a, b)
#define WREN_MODEL_ROOT WREN_JOIN(WREN_MODEL, ___024root)
}  // namespace
}  // namespace wren::sim
void WREN_JOIN(WREN_MODEL_ROOT, ___eval_triggers__act)(WREN_MODEL_ROOT*);
void WREN_JOIN(WREN_MODEL_ROOT, ___eval_nba)(WREN_MODEL_ROOT*);
namespace wren::sim {
namespace {
constexpr bool kClockAlone = true;

// What eval() does behind the inputs, until no edge is left (a reset made by the design is a second
// one). Nothing in the design acts in the active region.
void EvalClock(WREN_MODEL_ROOT* root) {
  for (;;) {
    WREN_JOIN(WREN_MODEL_ROOT, ___eval_triggers__act)(root);
    if (!root->__VactTriggered.any()) return;
    root->__VnbaTriggered.clear();
    root->__VnbaTriggered.set(root->__VactTriggered);
    WREN_JOIN(WREN_MODEL_ROOT, ___eval_nba)(root);
  }
}
#else
constexpr bool kClockAlone = false;
template <class Root>
void EvalClock(Root*) {}
#endif

class Model final : public RtlPins {
 public:
  explicit Model(const RtlOptions& options) : options_(options), bus_(kBus) {
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
  }
  ~Model() override {
#if WREN_TRACE
    if (trace_) trace_->close();
#endif
    top_->final();
    // Verilator takes the model out of the thread's context, which is that of the youngest model.
    Verilated::threadContextp(&context_);
    top_.reset();
    Verilated::threadContextp(nullptr);
  }

  Config config() const override { return static_cast<Config>(WREN_CONFIG); }
  int bus_bytes() const override { return static_cast<int>(kBus); }
  bool irq() const override { return top_->irq_o; }
  bool busy() const override { return CORE(mon_busy_q); }

  // Nothing acts on the falling edge, so that without new inputs all signals are as the rising edge
  // left them and the evaluation is left out.
  void Fall(bool rst_n, const LiteIn& lite, const AxiOut& axi) override {
    const bool quiet = !axi.r_valid && !axi.b_valid && !top_->axi_r_valid_i &&
                       !top_->axi_b_valid_i && axi.ar_ready == top_->axi_ar_ready_i &&
                       axi.aw_ready == top_->axi_aw_ready_i && axi.w_ready == top_->axi_w_ready_i &&
                       rst_n == top_->rst_ni && SameInputs(lite);
    if (!quiet || kTraced || cycle_ == 0 || !FallClock(root_, 0)) {
      top_->clk_i = 0;
#define WREN_DO(unit) CORE(unit##__DOT__clk) = 0;
      WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
      top_->rst_ni = rst_n;
      top_->s_aw_valid_i = lite.aw_valid;
      top_->s_aw_addr_i = lite.aw_addr;
      top_->s_w_valid_i = lite.w_valid;
      top_->s_w_data_i = lite.w_data;
      top_->s_w_strb_i = lite.w_strb;
      top_->s_b_ready_i = lite.b_ready;
      top_->s_ar_valid_i = lite.ar_valid;
      top_->s_ar_addr_i = lite.ar_addr;
      top_->s_r_ready_i = lite.r_ready;
      DriveAxi(axi, top_.get());
      top_->eval();
    }
    SampleAxi(*top_, &axi_);
    lite_.aw_ready = top_->s_aw_ready_o;
    lite_.w_ready = top_->s_w_ready_o;
    lite_.b_valid = top_->s_b_valid_o;
    lite_.b_resp = top_->s_b_resp_o;
    lite_.ar_ready = top_->s_ar_ready_o;
    lite_.r_valid = top_->s_r_valid_o;
    lite_.r_resp = top_->s_r_resp_o;
    lite_.r_data = top_->s_r_data_o;
    if (observer_ != nullptr) {
      Observe();
      ObserveAxiWrites(axi);
      ObserveRetire();
    }
    Dump(0);
  }

  void Rise() override {
    top_->clk_i = 1;
#define WREN_DO(unit) CORE(unit##__DOT__clk) = CORE(unit##__DOT__awake) | options_.run_idle_clocks;
    WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
    if (kClockAlone && settled_ && !kTraced) {
      EvalClock(root_);
    } else {
      top_->eval();
      settled_ = true;
    }
    Dump(1);
    ++cycle_;
  }

  void CheckErrors() override {
    if (context_.gotError()) {
#if WREN_TRACE
      if (trace_) trace_->flush();
#endif
      throw Error(
          fmt::format("an RTL assertion failed before cycle {} (its text is above)", cycle_));
    }
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
    return text;
  }

 private:
  bool settled_ = false;  // the model has been evaluated with its present inputs
  static constexpr bool kTraced = WREN_TRACE != 0;  // waves show both edges
  static constexpr uint32_t kBus = sizeof(std::declval<WREN_MODEL&>().axi_w_data_o);

  bool SameInputs(const LiteIn& lite) const {
    return lite.aw_valid == top_->s_aw_valid_i && lite.w_valid == top_->s_w_valid_i &&
           lite.ar_valid == top_->s_ar_valid_i && lite.b_ready == top_->s_b_ready_i &&
           lite.r_ready == top_->s_r_ready_i && lite.aw_addr == top_->s_aw_addr_i &&
           lite.ar_addr == top_->s_ar_addr_i && lite.w_data == top_->s_w_data_i &&
           lite.w_strb == top_->s_w_strb_i;
  }

  void Dump([[maybe_unused]] int phase) {
#if WREN_TRACE
    if (trace_ && cycle_ >= options_.trace_from && cycle_ <= options_.trace_to)
      trace_->dump(cycle_ * 2 + static_cast<uint64_t>(phase));
#endif
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
  }

  void ObserveRetire() {
    WriteObserver& o = *observer_;
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
    const uint32_t halves = sizeof(CORE(u_gta__DOT__mon_out_data_q)) / 2;
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
  void ObserveAxiWrites(const AxiOut& out) {
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
  const uint32_t bus_;
  std::deque<Burst> aw_;
  std::deque<AxiIn> w_;
};

const bool kRegistered = [] {
  RegisterRtl(static_cast<Config>(WREN_CONFIG), WREN_TRACE != 0,
              [](const RtlOptions& options) -> std::unique_ptr<RtlPins> {
                return std::make_unique<Model>(options);
              });
  return true;
}();

}  // namespace

}  // namespace wren::sim
