// The one file that touches Verilated headers. Compiled once per model; the build defines
//   WREN_MODEL       the Verilated class, e.g. Vwren_rtl_nano
//   WREN_MODEL_H     its header, WREN_MODEL_ROOT_H the header of its signals
//   WREN_CONFIG      number of the configuration
//   WREN_TRACE       1 when waves are compiled in
//   WREN_HOST_ARITHMETIC  1 when the model has the modules of sim/host
#include WREN_MODEL_H
#include WREN_MODEL_ROOT_H

#include <fmt/format.h>
#include <verilated.h>
#if WREN_TRACE
#include <verilated_fst_c.h>
#endif
#ifndef WREN_HOST_ARITHMETIC
#define WREN_HOST_ARITHMETIC 0
#endif
#if WREN_HOST_ARITHMETIC
#include "wren/sim/flush.h"
#endif

#include <cstring>
#include <deque>
#include <optional>
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

// The signals behind which only changes go on (wren_quiet); this file makes the edge for a change.
#define WREN_QUIET(DO) \
  DO(u_cmd_ring)       \
  DO(u_cmd_status)

// Tells a Verilated model that the clocks have fallen, without an evaluation: sets what it
// remembers of them for the next search for edges. False when this Verilator gives the variables
// other names.
template <class Root>
auto FallClock(Root* root, int) -> decltype(root->__Vtrigrprev__TOP__clk_i, true) {  // 5.006
  root->__Vtrigrprev__TOP__clk_i = 0;
#define WREN_DO(unit) root->__Vtrigrprev__TOP__wren_top__DOT__u_core__DOT__##unit##__DOT__clk = 0;
  WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
#define WREN_DO(unit) \
  root->__Vtrigrprev__TOP__wren_top__DOT__u_core__DOT__##unit##__DOT__change = 0;
  WREN_QUIET(WREN_DO)
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
#define WREN_DO(unit) \
  root->__Vtrigprevexpr___TOP__wren_top__DOT__u_core__DOT__##unit##__DOT__change__0 = 0;
  WREN_QUIET(WREN_DO)
#undef WREN_DO
  return true;
}
template <class Root>
bool FallClock(Root*, ...) {
  return false;
}

// eval() looks for edges of every clock, twice, and computes all logic behind the inputs first.
// Here it is known what has happened: the clocks rise, or inputs have changed while they are low.
// Which of Verilator's triggers a clock sets is the same at every edge and learned once. The
// functions have no declaration in the headers; 5.48, which leaves the macro empty, does without.
#if VERILATOR_VERSION_INTEGER + 0 >= 5006000 && VERILATOR_VERSION_INTEGER + 0 < 5007000
#define WREN_JOIN_(a, b) a##b
#define WREN_JOIN(a, b) WREN_JOIN_(a, b)
#define WREN_MODEL_ROOT WREN_JOIN(WREN_MODEL, ___024root)
}  // namespace
}  // namespace wren::sim
void WREN_JOIN(WREN_MODEL_ROOT, ___eval_ico)(WREN_MODEL_ROOT*);
void WREN_JOIN(WREN_MODEL_ROOT, ___eval_triggers__act)(WREN_MODEL_ROOT*);
void WREN_JOIN(WREN_MODEL_ROOT, ___eval_nba)(WREN_MODEL_ROOT*);
namespace wren::sim {
namespace {
constexpr bool kDirect = true;

class DirectEval {
 public:
  // The model has been evaluated with its clocks high; they are low afterwards.
  explicit DirectEval(WREN_MODEL_ROOT* root) : root_(root) {
    FallClock(root_, 0);
    root_->clk_i = 0;
#define WREN_DO(unit) CORE(unit##__DOT__clk) = 0;
    WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
    main_ = TriggersOf(&root_->clk_i);
    int at = 0;
#define WREN_DO(unit) idle_[at++] = TriggersOf(&CORE(unit##__DOT__clk));
    WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
    at = 0;
#define WREN_DO(unit) quiet_[at++] = TriggersOf(&CORE(unit##__DOT__change));
    WREN_QUIET(WREN_DO)
#undef WREN_DO
  }

  // The main clock rises, and with it those of units that are awake, or all.
  void Edge(bool all) {
    uint32_t triggers = main_;
    int at = 0;
#define WREN_DO(unit) triggers |= (CORE(unit##__DOT__awake) | all) != 0 ? idle_[at] : 0, ++at;
    WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
    Settle(triggers);
    if (CORE(u_softrst__DOT__core_rst_nq) != WasReset()) ResetEdge();
  }

  // Inputs other than the reset have changed.
  void Inputs() {
    root_->__VicoTriggered.assign(1);
    WREN_JOIN(WREN_MODEL_ROOT, ___eval_ico)(root_);
    if (const uint32_t triggers = Changed(); triggers != 0) Settle(triggers);
  }

 private:
  uint8_t WasReset() const {
    return root_->__Vtrigrprev__TOP__wren_top__DOT__u_core__DOT__u_softrst__DOT__core_rst_nq;
  }
  uint32_t TriggersOf(uint8_t* clock) {
    *clock = 1;
    WREN_JOIN(WREN_MODEL_ROOT, ___eval_triggers__act)(root_);
    *clock = 0;
    FallClock(root_, 0);
    return root_->__VactTriggered.bits();
  }
  uint32_t Changed() const {
    uint32_t triggers = 0;
    int at = 0;
#define WREN_DO(unit)                                                            \
  if (CORE(unit##__DOT__now) != CORE(unit##__DOT__seen)) triggers |= quiet_[at]; \
  ++at;
    WREN_QUIET(WREN_DO)
#undef WREN_DO
    return triggers;
  }
  // What hangs on the triggers, and on changes that it makes.
  void Settle(uint32_t triggers) {
    do {
      root_->__VnbaTriggered.assign(triggers);
      WREN_JOIN(WREN_MODEL_ROOT, ___eval_nba)(root_);
      triggers = Changed();
    } while (triggers != 0);
  }
  // The design's own reset has changed: the clocks' edge is over, look for that of the reset.
  void ResetEdge() {
    WREN_JOIN(WREN_MODEL_ROOT, ___eval_triggers__act)(root_);
    if (root_->__VactTriggered.any()) Settle(root_->__VactTriggered.bits());
  }

  WREN_MODEL_ROOT* const root_;
  uint32_t main_ = 0;
  uint32_t idle_[8]{}, quiet_[8]{};
};
#else
constexpr bool kDirect = false;
class DirectEval {
 public:
  template <class Root>
  explicit DirectEval(Root*) {}
  void Edge(bool) {}
  void Inputs() {}
};
#endif

// What an evaluation needs of the processor's state; nothing when it is set already, or in models
// that compute themselves.
class HostArithmetic {
 public:
#if WREN_HOST_ARITHMETIC
  explicit HostArithmetic(bool set) {
    if (!set) flush_.emplace();
  }

 private:
  std::optional<Flush> flush_;
#else
  explicit HostArithmetic(bool) {}
  ~HostArithmetic() {}
#endif
};

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

  // With an observer, whose own arithmetic is not to flush anything, each evaluation sets it.
  void BeginLoop() override {
    if (WREN_HOST_ARITHMETIC && observer_ == nullptr) loop_.emplace(false);
  }
  void EndLoop() override { loop_.reset(); }

  // Nothing acts on the falling edge, so that without new inputs all signals are as the rising edge
  // left them and the evaluation is left out.
  void Fall(bool rst_n, const LiteIn& lite, const AxiOut& axi) override {
    const bool same_lite = lite == lite_in_;
    const bool same = same_lite && !axi.has_answer() && axi.handshakes() == handshakes_;
    if (direct_ && rst_n == top_->rst_ni) {
      if (!same) {
        Drive(lite, axi);
        const HostArithmetic arithmetic(loop_.has_value());
        direct_->Inputs();
      }
    } else if (kTraced || cycle_ == 0 || !same || rst_n != top_->rst_ni || !FallClock(root_, 0)) {
      top_->clk_i = 0;
#define WREN_DO(unit) CORE(unit##__DOT__clk) = 0;
      WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
      top_->rst_ni = rst_n;
      Drive(lite, axi);
      Evaluate();
    }
    SampleAxi(*top_, &axi_);
    // Without a request or an answer, in this cycle or the last, all of it is as it was.
    const bool answer = (top_->s_b_valid_o | top_->s_r_valid_o) != 0;
    if (lite_busy_ || !same_lite || answer) {
      SampleLite();
      lite_busy_ = lite.aw_valid || lite.w_valid || lite.ar_valid || answer;
    }
    if (observer_ != nullptr) {
      Observe();
      ObserveAxiWrites(axi);
      ObserveRetire();
    }
    Dump(0);
  }

  void Rise() override {
    if (direct_) {
      const HostArithmetic arithmetic(loop_.has_value());
      direct_->Edge(options_.run_idle_clocks);
    } else {
      top_->clk_i = 1;
#define WREN_DO(unit) CORE(unit##__DOT__clk) = CORE(unit##__DOT__awake) | options_.run_idle_clocks;
      WREN_IDLE_CLOCKS(WREN_DO)
#undef WREN_DO
      Evaluate();
      if (kDirect && !kTraced) direct_.emplace(root_);
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
  static constexpr bool kTraced = WREN_TRACE != 0;  // waves show both edges
  static constexpr uint32_t kBus = sizeof(std::declval<WREN_MODEL&>().axi_w_data_o);

  void SampleLite() {
    lite_.aw_ready = top_->s_aw_ready_o;
    lite_.w_ready = top_->s_w_ready_o;
    lite_.b_valid = top_->s_b_valid_o;
    lite_.b_resp = top_->s_b_resp_o;
    lite_.ar_ready = top_->s_ar_ready_o;
    lite_.r_valid = top_->s_r_valid_o;
    lite_.r_resp = top_->s_r_resp_o;
    lite_.r_data = top_->s_r_data_o;
  }

  void Drive(const LiteIn& lite, const AxiOut& axi) {
    lite_in_ = lite;
    handshakes_ = axi.handshakes();
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
  }

  // The whole evaluation, and again while something has changed in front of a wren_quiet.
  void Evaluate() {
    const HostArithmetic arithmetic(loop_.has_value());
    top_->eval();
    for (;;) {
      bool changed = false;
#define WREN_DO(unit)                                                            \
  CORE(unit##__DOT__change) = CORE(unit##__DOT__now) != CORE(unit##__DOT__seen); \
  changed = changed || CORE(unit##__DOT__change);
      WREN_QUIET(WREN_DO)
#undef WREN_DO
      if (!changed) return;
      top_->eval();
#define WREN_DO(unit) CORE(unit##__DOT__change) = 0;
      WREN_QUIET(WREN_DO)
#undef WREN_DO
      top_->eval();
    }
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
  std::optional<HostArithmetic> loop_;  // while a loop of cycles runs
  std::optional<DirectEval> direct_;    // from the first edge on
  LiteIn lite_in_;                      // as driven
  uint64_t handshakes_ = 0;             // of the AXI port, as driven
  bool lite_busy_ = true;               // the AXI4-Lite port was in use in the last cycle
#if WREN_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
#endif
  const uint32_t bus_;
  std::deque<Burst> aw_;
  std::deque<AxiIn> w_;
};

const bool kRegistered = [] {
  RegisterRtl(static_cast<Config>(WREN_CONFIG),
              WREN_TRACE != 0             ? RtlForm::kTrace
              : WREN_HOST_ARITHMETIC != 0 ? RtlForm::kHost
                                          : RtlForm::kPlain,
              [](const RtlOptions& options) -> std::unique_ptr<RtlPins> {
                return std::make_unique<Model>(options);
              });
  return true;
}();

}  // namespace

}  // namespace wren::sim
