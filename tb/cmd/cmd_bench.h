// Drives wren_cmd_tb: the command ring behind the fetch port, the four engines, and the CSRs.
// Checks on the way that engines get their commands in order and that semaphores, kept apart from
// the RTL by its monitors, are never taken below zero.
#ifndef WREN_TB_CMD_CMD_BENCH_H_
#define WREN_TB_CMD_CMD_BENCH_H_

#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#if defined(WREN_CMD_DEEP)
#include "Vwren_cmd_deep.h"
#include "Vwren_cmd_deep___024root.h"
#elif defined(WREN_CMD_COMPACT)
#include "Vwren_cmd_compact.h"
#include "Vwren_cmd_compact___024root.h"
#else
#include "Vwren_cmd_tb.h"
#include "Vwren_cmd_tb___024root.h"
#endif
#include "verilated.h"
#include "wren/isa/csr.h"
#include "wren/isa/isa.h"

namespace wren::cmd {

inline uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

inline constexpr int kEngines = 5;

// The header of a command in its 64 bytes.
inline uint32_t Word(const isa::Bytes& b, int i) {
  uint32_t w;
  std::memcpy(&w, b.data() + 4 * i, 4);
  return w;
}

class Bench {
 public:
  explicit Bench(uint64_t seed) : seed_(seed), rng_(seed) {
    context_->fatalOnError(false);
    context_->assertOn(true);
    dut_ = std::make_unique<Dut>(context_.get());
    Dut& d = *dut_;
    d.rst_ni = 0;
    d.s_b_ready_i = d.s_r_ready_i = 1;
    d.dma_idle_i = 1;
    for (int e = 0; e < kEngines; ++e) d.bucket_i[e] = static_cast<uint8_t>(csr::Bucket::kIdle);
    for (int i = 0; i < 3; ++i) Edge();
    d.rst_ni = 1;
    for (int i = 0; i < 40; ++i) Cycle();
  }
  ~Bench() { dut_->final(); }

#if defined(WREN_CMD_DEEP)
  using Dut = Vwren_cmd_deep;
#elif defined(WREN_CMD_COMPACT)
  using Dut = Vwren_cmd_compact;
#else
  using Dut = Vwren_cmd_tb;
#endif
  Dut& dut() { return *dut_; }
  std::mt19937_64& rng() { return rng_; }
  uint64_t Random(uint64_t n) { return n <= 1 ? 0 : rng_() % n; }
  bool Chance(int percent) { return Random(100) < static_cast<uint64_t>(percent); }

  // Why the bench is not content; only the first fault is kept.
  const std::string& fault() const { return fault_; }
  void Fault(const std::string& text) {
    if (fault_.empty())
      fault_ =
          text + " (cycle " + std::to_string(cycle_) + ", WREN_SEED=" + std::to_string(seed_) + ")";
  }

  // ---------------------------------------------------------------- CSRs
  // The AXI response: 0 OKAY, 2 SLVERR.
  int TryWrite(uint32_t offset, uint32_t value, uint32_t strb = 15) {
    Dut& d = *dut_;
    d.s_aw_addr_i = static_cast<uint16_t>(offset);
    d.s_w_data_i = value;
    d.s_w_strb_i = static_cast<uint8_t>(strb);
    bool aw = false, w = false;
    // Address and data arrive in any order.
    bool aw_on = Chance(70), w_on = !aw_on || Chance(70);
    for (int i = 0; i < 100; ++i) {
      d.s_aw_valid_i = aw_on && !aw;
      d.s_w_valid_i = w_on && !w;
      Low();
      const bool aw_now = d.s_aw_valid_i && d.s_aw_ready_o, w_now = d.s_w_valid_i && d.s_w_ready_o;
      const bool b = d.s_b_valid_o;
      const int resp = d.s_b_resp_o;
      High();
      aw |= aw_now;
      w |= w_now;
      aw_on = w_on = true;
      if (b) {
        d.s_aw_valid_i = d.s_w_valid_i = 0;
        return resp;
      }
    }
    Fault("no write response");
    return -1;
  }
  int TryRead(uint32_t offset, uint32_t* value) {
    Dut& d = *dut_;
    d.s_ar_addr_i = static_cast<uint16_t>(offset);
    d.s_ar_valid_i = 1;
    for (int i = 0; i < 100; ++i) {
      Low();
      const bool ar = d.s_ar_valid_i && d.s_ar_ready_o;
      const bool r = d.s_r_valid_o;
      const int resp = d.s_r_resp_o;
      *value = d.s_r_data_o;
      High();
      if (ar) d.s_ar_valid_i = 0;
      if (r) return resp;
    }
    Fault("no read response");
    return -1;
  }
  void Write(uint32_t offset, uint32_t value) {
    if (TryWrite(offset, value) != 0) Fault("write of CSR " + std::to_string(offset) + " failed");
  }
  uint32_t Read(uint32_t offset) {
    uint32_t value = 0;
    if (TryRead(offset, &value) != 0) Fault("read of CSR " + std::to_string(offset) + " failed");
    return value;
  }
  uint64_t Read64(uint32_t offset) {
    const uint64_t low = Read(offset);
    return low | static_cast<uint64_t>(Read(offset + 4)) << 32;
  }

  // ---------------------------------------------------------------- ring
  void Start(uint64_t base, uint32_t size) {
    base_ = base;
    size_ = size;
    Write(csr::kRingLo, static_cast<uint32_t>(base));
    Write(csr::kRingHi, static_cast<uint32_t>(base >> 32));
    Write(csr::kRingSize, size);
    Write(csr::kCtrl, 1);
  }
  // Puts a command into the ring; the doorbell comes with Doorbell().
  void Put(const isa::Bytes& bytes) {
    ring_[written_ % size_] = bytes;
    commands_.push_back(bytes);
    ++written_;
  }
  bool Full() { return written_ - Read(csr::kHead) >= size_; }
  uint32_t written() const { return written_; }
  void Doorbell() { Write(csr::kTail, written_); }
  void SoftReset() {
    Write(csr::kCtrl, 3);
    for (int i = 0; i < 1000 && (Read(csr::kCtrl) & 2) != 0; ++i) {
    }
    commands_.clear();
    written_ = 0;
    issued_.fill({});
    next_ctl_ = 0;
    sems_.fill(0);
    accepted_.fill({});
    retired_ = 0;
    retire_order_.clear();
    issue_order_.clear();
    fail_.clear();
    for (int e = 0; e < kEngines; ++e) next_[e] = 0;
  }
  // Runs until the core is neither busy nor about to be; false after `limit` cycles.
  bool Drain(long limit = 2000000) {
    for (long i = 0; i < limit && fault_.empty(); ++i) {
      Cycle();
      if (i % 16 == 15 && (Read(csr::kStatus) & 1) == 0) return true;
    }
    return false;
  }

  // ---------------------------------------------------------------- what the engines do
  int ready_percent = 60;
  int latency_max = 40;  // cycles from acceptance to done
  int depth = 3;         // commands an engine holds
  int fetch_latency_max = 40;
  bool dma_busy = false;                 // transfers that do not end
  std::map<uint64_t, int> fetch_faults;  // beat address -> response
  // Commands (by index) that fail instead of finishing.
  struct Failure {
    uint32_t code, info;
    uint64_t addr;
  };
  void Fail(uint32_t index, const Failure& f) { fail_[index] = f; }

  // What happened.
  uint32_t retired() const { return retired_; }
  const std::vector<std::pair<int, uint32_t>>& retire_order() const { return retire_order_; }
  const std::vector<std::pair<int, uint32_t>>& issue_order() const { return issue_order_; }
  const std::array<int, 32>& sems() const { return sems_; }
  const std::vector<isa::Bytes>& commands() const { return commands_; }
  long cycle() const { return cycle_; }
  uint64_t fetch_bytes() const { return fetch_bytes_; }

  void Cycle() {
    Low();
    High();
  }
  void Low() {
    Dut& d = *dut_;
    // Fetch port: beats in order.
    d.dma_idle_i = fetches_.empty() && !dma_busy;
    d.fetch_ar_ready_i = Chance(70) && !d.halt_o;
    d.fetch_r_valid_i = 0;
    d.fetch_bytes_i = 0;
    if (!fetches_.empty() && fetches_.front().due <= cycle_ && Chance(80)) {
      const uint64_t addr = fetches_.front().addr;
      d.fetch_r_valid_i = 1;
      d.fetch_bytes_i = 16;
      fetch_bytes_ += 16;
      const uint64_t at = addr - base_;
      std::memcpy(&d.fetch_r_data_i, ring_[at / 64].data() + at % 64, 16);
      const auto bad = fetch_faults.find(addr);
      d.fetch_r_err_i = bad != fetch_faults.end();
      d.fetch_r_resp_i = d.fetch_r_err_i ? static_cast<uint8_t>(bad->second) : 0;
      fetches_.pop_front();
    }
    // Engines
    if (!d.core_rst_no) accepted_.fill({});
    d.cmd_ready_i = 0;
    d.done_i = 0;
    d.err_valid_i = 0;
    for (int e = 1; e < kEngines; ++e) {
      const bool halted = dut_->halt_o && e <= 2;
      if (!halted && accepted_[e].size() < static_cast<size_t>(depth) && Chance(ready_percent))
        d.cmd_ready_i |= static_cast<uint8_t>(1 << e);
      if (!accepted_[e].empty() && accepted_[e].front().due <= cycle_ &&
          !accepted_[e].front().stuck) {
        const uint32_t index = accepted_[e].front().index;
        const auto failure = fail_.find(index);
        if (failure != fail_.end()) {
          d.err_valid_i |= static_cast<uint8_t>(1 << e);
          d.err_code_i = static_cast<uint8_t>(failure->second.code);
          d.err_info_i = failure->second.info;
          d.err_addr_i = failure->second.addr;
          accepted_[e].front().stuck = true;
        } else if (!halted) {
          d.done_i |= static_cast<uint8_t>(1 << e);
          accepted_[e].pop_front();
        }
      }
      d.bucket_i[e] =
          static_cast<uint8_t>(accepted_[e].empty() ? csr::Bucket::kIdle : csr::Bucket::kWorking);
    }
    d.clk_i = 0;
    d.eval();
    // Sample. The monitors show an issue in the first cycle in which the engine may accept it.
    Monitor();
    if (d.fetch_ar_valid_o && d.fetch_ar_ready_i) {
      if (d.fetch_ar_addr_o / 4096 != (d.fetch_ar_addr_o + 16 * (d.fetch_ar_len_o + 1) - 1) / 4096)
        Fault("a fetch burst crosses 4 KiB");
      for (int i = 0; i <= d.fetch_ar_len_o; ++i) {
        const uint64_t addr = d.fetch_ar_addr_o + 16 * static_cast<uint64_t>(i);
        if (addr < base_ || addr >= base_ + 64 * static_cast<uint64_t>(size_))
          Fault("a fetch outside the ring");
        fetches_.push_back(
            {addr,
             cycle_ + 1 + static_cast<long>(Random(static_cast<uint64_t>(fetch_latency_max)))});
      }
    }
    for (int e = 1; e < kEngines; ++e) {
      if (((d.cmd_valid_o & d.cmd_ready_i) >> e & 1) == 0) continue;
      const void* port = e == 1   ? &d.cmd_ld_o
                         : e == 2 ? &d.cmd_st_o
                         : e == 3 ? &d.cmd_mxe_o
                                  : &d.cmd_gta_o;
      // The next command of this engine in program order.
      uint32_t& next = next_[e];
      while (next < commands_.size() && EngineOf(commands_[next]) != e) ++next;
      if (next >= commands_.size()) {
        Fault("an engine got a command that is not there");
      } else {
        if (std::memcmp(port, commands_[next].data(), 64) != 0)
          Fault("engine " + std::to_string(e) + " got another command than number " +
                std::to_string(next));
        if (issued_[e].empty() || issued_[e].front() != next)
          Fault("command " + std::to_string(next) + " reached its engine without being issued");
        else
          issued_[e].pop_front();
        accepted_[e].push_back(
            {next, cycle_ + 1 + static_cast<long>(Random(static_cast<uint64_t>(latency_max))),
             false});
        ++next;
      }
    }
  }
  void High() {
    Edge();
    if (context_->gotError()) Fault("an RTL assertion failed (see above)");
  }

 private:
  struct Fetch {
    uint64_t addr;
    long due;
  };
  struct Accepted {
    uint32_t index;
    long due;
    bool stuck;
  };

  static int EngineOf(const isa::Bytes& b) {
    const isa::CommandSpec* spec = isa::SpecOf(b[0]);
    return spec == nullptr ? 0 : static_cast<int>(spec->engine);
  }
  void Edge() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    ++cycle_;
  }
  // Issues and retirements of the last edge. A take and a post of one cycle: the take came from
  // what was there before.
  void Monitor() {
    auto* r = dut_->rootp;
    if (!dut_->core_rst_no) return;
    if (r->wren_cmd_tb__DOT__u_cmd__DOT__mon_issue_valid_q) {
      const int e = r->wren_cmd_tb__DOT__u_cmd__DOT__mon_issue_engine_q;
      const uint32_t index = r->wren_cmd_tb__DOT__u_cmd__DOT__mon_issue_index_q;
      if (index >= commands_.size() || EngineOf(commands_[index]) != e) {
        Fault("issue of a command that is not there: " + std::to_string(index));
      } else {
        const isa::Bytes& b = commands_[index];
        if (std::memcmp(&r->wren_cmd_tb__DOT__u_cmd__DOT__mon_issue_cmd_q, b.data(), 64) != 0)
          Fault("the issue monitor shows another command");
        for (int k = 0; k < 2; ++k) {
          const uint32_t w = Word(b, 2) >> (16 * k);
          int& sem = sems_[w & 31];
          sem -= static_cast<int>(w >> 8 & 255);
          if (sem < 0)
            Fault("semaphore " + std::to_string(w & 31) + " below zero at command " +
                  std::to_string(index));
        }
        if (b[0] == static_cast<uint8_t>(isa::Opcode::kCtlFence) && retired_ != index)
          Fault("a fence ran before command " + std::to_string(retired_) + " had retired");
        if (e == 0 && index < next_ctl_) Fault("ctl commands out of order");
        if (e == 0) next_ctl_ = index + 1;
        issued_[e].push_back(index);
        issue_order_.emplace_back(e, index);
      }
    }
    if (r->wren_cmd_tb__DOT__u_cmd__DOT__mon_retire_valid_q) {
      const int e = r->wren_cmd_tb__DOT__u_cmd__DOT__mon_retire_engine_q;
      const uint32_t index = r->wren_cmd_tb__DOT__u_cmd__DOT__mon_retire_index_q;
      if (index < commands_.size()) {
        for (int k = 0; k < 2; ++k) {
          const uint32_t w = Word(commands_[index], 3) >> (16 * k);
          sems_[w & 31] += static_cast<int>(w >> 8 & 255);
        }
      }
      ++retired_;
      retire_order_.emplace_back(e, index);
    }
  }

  const uint64_t seed_;
  std::mt19937_64 rng_;
  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Dut> dut_;
  std::string fault_;
  long cycle_ = 0;

  uint64_t base_ = 0;
  uint32_t size_ = 1, written_ = 0;
  std::map<uint64_t, isa::Bytes> ring_;
  std::vector<isa::Bytes> commands_;
  std::deque<Fetch> fetches_;
  uint64_t fetch_bytes_ = 0;

  std::array<std::deque<Accepted>, kEngines> accepted_;
  std::array<std::deque<uint32_t>, kEngines> issued_;
  std::array<uint32_t, kEngines> next_{};
  uint32_t next_ctl_ = 0;
  std::map<uint32_t, Failure> fail_;
  std::array<int, 32> sems_{};
  uint32_t retired_ = 0;
  std::vector<std::pair<int, uint32_t>> retire_order_, issue_order_;
};

}  // namespace wren::cmd

#endif  // WREN_TB_CMD_CMD_BENCH_H_
